package consultations

import (
	"context"
	"slices"
	"time"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// ProposalForm is a proposal, or its next version.
type ProposalForm struct {
	Proponent record.ID // the account that answers for it
	Title     string
	Summary   string
	Answers   string // what it answers to the reasons of an earlier no
	Aspects   []string
	Files     []Digest
}

func (f ProposalForm) check() (ProposalForm, error) {
	v := people.Invalid{}
	f.Title = v.Line("title", f.Title, true, longestName)
	f.Summary = v.Text("summary", f.Summary, true, longestText)
	f.Answers = v.Text("answers", f.Answers, false, longestText)
	f.Aspects = lines(v, "aspects", f.Aspects, true)
	return f, v.Err()
}

// lines checks a list of single lines and leaves out the empty ones.
func lines(v people.Invalid, field string, in []string, required bool) []string {
	var out []string
	for _, line := range in {
		if line = v.Line(field, line, false, longestLine); line != "" {
			out = append(out, line)
		}
	}
	if required && len(out) == 0 {
		v.Add(field, "error.required")
	}
	if len(out) > mostInList {
		v.Add(field, "consult.error.too_many", "max", mostInList)
	}
	return out
}

// Propose puts a proposal before a community, and identifies a consultation
// about it. The community is not asked anything yet.
func (s *Service) Propose(ctx context.Context, by Call, community record.ID, in ProposalForm) (record.Receipt, error) {
	in, err := in.check()
	if err != nil {
		return record.Receipt{}, err
	}
	return s.act(ctx, by, community, Propose, "", in, func(t *turn) (record.ID, error) {
		if t.Community.NoContact {
			return "", &Blocked{Guard: GuardContact}
		}
		if err := t.proponent(in.Proponent); err != nil {
			return "", err
		}
		if err := t.asksAgain(in); err != nil {
			return "", err
		}
		if err := t.tires(in.Proponent); err != nil {
			return "", err
		}
		proposal, consultation := newID(), newID()
		t.version(proposal, in, make([]Aspect, 0))
		t.emit(&ConsultationMoved{ID: consultation, Proposal: proposal, Version: 1, Move: MoveIdentify}, nil)
		if !t.Community.sits(in.Proponent, Proponent, "") {
			t.emit(&SeatGiven{Account: in.Proponent, Role: Proponent, Consultation: consultation}, nil)
		}
		return consultation, t.seat(in.Proponent)
	})
}

// asksAgain: a no is not gone round by putting the same thing as a new proposal, nor
// another one before the community has opened talks with this proponent again.
func (t *turn) asksAgain(in ProposalForm) error {
	content := contentOf(in.Title, in.Summary, in.Answers, in.Aspects, in.Files)
	for _, x := range t.Community.Consultations {
		p, _ := t.Community.Proposal(x.Proposal)
		same := slices.ContainsFunc(p.Versions, func(v ProposalVersion) bool { return v.Content == content })
		if same && slices.ContainsFunc(x.Marks, func(m Mark) bool { return m.Move.ends() }) {
			return t.turnedAway(&Blocked{Guard: GuardNewVersion})
		}
		if p.Proponent != in.Proponent {
			continue
		}
		if !t.Informed(x) && x.asked() {
			return &Blocked{Guard: GuardNotNow}
		}
		if until, running := t.Community.coolOff(Case{Consultation: x, Now: t.Now}); running {
			return t.turnedAway(&Blocked{Guard: GuardCoolOff, Until: until})
		}
		if !x.askedBack(0) {
			return t.turnedAway(&Blocked{Guard: GuardAskedBack})
		}
	}
	return nil
}

// mostPut is how often in a month one proponent is listened to, new versions among them.
const (
	mostPut   = 5
	putWithin = 30 * 24 * time.Hour
)

// tires: a community that is asked and asked again is worn down. It may have put before
// it what it wants; nobody else may, for this proponent, before the month is over.
func (t *turn) tires(proponent record.ID) error {
	put := 0
	for _, p := range t.Community.Proposals {
		for _, v := range p.Versions {
			if p.Proponent == proponent && v.At.After(t.Now.Add(-putWithin)) {
				put++
			}
		}
	}
	if put < mostPut || t.Is("", Holder) {
		return nil
	}
	return &Blocked{Guard: GuardNotNow}
}

// proponent: an account that does not speak for the community. A proponent acts
// for themselves alone.
func (t *turn) proponent(id record.ID) error {
	if _, err := t.account(id); err != nil || !t.Community.onOneSide(id, Proponent) {
		return people.Invalid{"proponent": {Key: "consult.error.no_account"}}
	}
	if t.Is("", Proponent) && !t.Is("", Facilitator) && id != t.Actor.ID() {
		return ErrRefused
	}
	return nil
}

// version adds the event of a version. An aspect whose title stays keeps its id,
// so that people see what is the same; consent is by version all the same.
func (t *turn) version(proposal record.ID, in ProposalForm, before []Aspect) {
	var ids []record.ID
	for _, title := range in.Aspects {
		id := newID()
		if old, ok := find(before, func(a Aspect) bool { return a.Title.Body == title }); ok {
			id = old.ID
		}
		ids = append(ids, id)
	}
	t.emit(&ProposalVersioned{
		Proposal: proposal, Proponent: in.Proponent, Aspects: ids, Files: in.Files,
		Content: contentOf(in.Title, in.Summary, in.Answers, in.Aspects, in.Files),
	}, Texts{"title": in.Title, "summary": in.Summary, "answers": in.Answers, "aspects": asList(in.Aspects)})
}

// ChangeProposal makes the next version. It inherits nothing: each of its aspects
// begins anew, and what was agreed of the version before stands for that one alone.
func (s *Service) ChangeProposal(ctx context.Context, by Call, community, consultation record.ID, in ProposalForm) (record.Receipt, error) {
	in, err := in.check()
	if err != nil {
		return record.Receipt{}, err
	}
	return s.act(ctx, by, community, Propose, consultation, in, func(t *turn) (record.ID, error) {
		x, err := t.consultation(consultation)
		if err != nil {
			return "", err
		}
		p, _ := t.Community.Proposal(x.Proposal)
		in.Proponent = p.Proponent
		if err := t.proponent(in.Proponent); err != nil {
			return "", err
		}
		newest := p.Newest()
		if newest.Content == contentOf(in.Title, in.Summary, in.Answers, in.Aspects, in.Files) {
			return "", people.Invalid{"summary": {Key: "consult.error.same_version"}}
		}
		if err := t.tires(p.Proponent); err != nil {
			return "", err
		}
		t.version(p.ID, in, newest.Aspects)
		t.emit(&ConsultationMoved{ID: x.ID, Version: newest.Number + 1, Move: MoveIdentify}, nil)
		return x.ID, nil
	})
}

// Move takes a step that is no decision: invite, receive, ask for more, reopen.
func (s *Service) Move(ctx context.Context, by Call, community, consultation record.ID, version int, m Move, reason string) (record.Receipt, error) {
	act, ok := map[Move]Act{MoveInvite: Approach, MoveReceive: Hear, MoveAskMore: Hear, MoveReopen: Confirm}[m]
	if !ok {
		return record.Receipt{}, ErrNotFound
	}
	v := people.Invalid{}
	reason = v.Text("reason", reason, false, longestText)
	if err := v.Err(); err != nil {
		return record.Receipt{}, err
	}
	return s.act(ctx, by, community, act, consultation, []any{version, m, reason}, func(t *turn) (record.ID, error) {
		x, err := t.consultation(consultation)
		if err != nil {
			return "", err
		}
		if err := t.May(m, x, version); err != nil {
			return "", err
		}
		if t.moot(m, x, version) || (m == MoveInvite && !t.Informed(x) && x.asked()) {
			return "", &Blocked{Guard: GuardNotNow}
		}
		if _, ok := t.Community.HolderWith(t.Actor.ID(), Decide, x.ID, t.Now); m == MoveReopen && !ok {
			return "", &Blocked{Guard: GuardContest} // a contested mandate closes, it does not open
		}
		t.emit(&ConsultationMoved{ID: x.ID, Version: version, Move: m}, Texts{"reason": reason})
		return x.ID, nil
	})
}

// WritePlan says how the two sides want to talk. Both agree to it anew.
func (s *Service) WritePlan(ctx context.Context, by Call, community, consultation record.ID, plan string) (record.Receipt, error) {
	v := people.Invalid{}
	plan = v.Text("plan", plan, true, longestText)
	if err := v.Err(); err != nil {
		return record.Receipt{}, err
	}
	return s.act(ctx, by, community, Plan, consultation, plan, func(t *turn) (record.ID, error) {
		x, err := t.consultation(consultation)
		if err != nil {
			return "", err
		}
		p, _ := t.Community.Proposal(x.Proposal)
		if err := t.May(MovePlan, x, p.Newest().Number); err != nil {
			return "", err
		}
		t.emit(&PlanWritten{Consultation: x.ID}, Texts{"plan": plan})
		return x.ID, nil
	})
}

// AgreePlan is one side's agreement to the plan whose mark they were shown; see
// [Consultation.PlanMark].
func (s *Service) AgreePlan(ctx context.Context, by Call, community, consultation record.ID, plan Digest) (record.Receipt, error) {
	return s.act(ctx, by, community, Know, consultation, plan, func(t *turn) (record.ID, error) {
		x, err := t.consultation(consultation)
		if err != nil {
			return "", err
		}
		side := SideProponent
		if _, ok := t.Community.HolderWith(t.Actor.ID(), Agree, consultation, t.Now); ok {
			side = SideCommunity
		} else if p, _ := t.Community.Proposal(x.Proposal); p.Proponent != t.Actor.ID() {
			return "", ErrRefused
		}
		p, _ := t.Community.Proposal(x.Proposal)
		version := p.Newest().Number
		if err := t.May(MovePlan, x, version); err != nil {
			return "", err
		}
		if x.PlanEntry == 0 || x.PlanAgreed[string(side)] != 0 {
			return "", ErrWrongTime
		}
		if x.PlanMark() != plan {
			return "", people.Invalid{"plan": {Key: "consult.error.words_changed"}}
		}
		t.emit(&PlanAccepted{Consultation: x.ID, Version: version, Side: side, Plan: x.PlanEntry}, nil)
		return x.ID, nil
	})
}

// DisclosureForm tells one topic.
type DisclosureForm struct {
	Version    int
	Topic      Topic
	Language   string
	Medium     Medium
	Body       string
	Evidence   Digest
	Empty      bool // of a recording: of no length, or without a sound
	Translator string
	Witness    string
}

// Disclose tells one topic of a version in one language by one medium.
func (s *Service) Disclose(ctx context.Context, by Call, community, consultation record.ID, in DisclosureForm) (record.Receipt, error) {
	v := people.Invalid{}
	in.Body = v.Text("body", in.Body, in.Medium == Written, longestText)
	in.Translator = v.Line("translator", in.Translator, false, longestName)
	in.Witness = v.Line("witness", in.Witness, in.Medium == Oral, longestName)
	if !slices.Contains(Topics(), in.Topic) {
		v.Add("topic", "error.choose_one")
	}
	if !slices.Contains(Media(), in.Medium) {
		v.Add("medium", "error.choose_one")
	}
	if in.Evidence == "" && slices.Contains([]Medium{Audio, Video, Image}, in.Medium) {
		v.Add("file", "consult.error.file")
	}
	if tag := tags(v, "language", []string{in.Language}, true); len(tag) == 1 {
		in.Language = tag[0]
	}
	if err := v.Err(); err != nil {
		return record.Receipt{}, err
	}
	return s.act(ctx, by, community, Tell, consultation, in, func(t *turn) (record.ID, error) {
		x, err := t.consultation(consultation)
		if err != nil {
			return "", err
		}
		if err := t.May(MoveDisclose, x, in.Version); err != nil && !t.telling(x, in.Version) {
			return "", err
		}
		if err := t.handedIn(in.Evidence); err != nil {
			return "", err
		}
		if h, known := t.Community.File(in.Evidence); known {
			in.Empty = h.Silent
		}
		id := newID()
		t.emit(&Disclosed{
			ID: id, Consultation: x.ID, Version: in.Version, Topic: in.Topic, Language: in.Language, Medium: in.Medium, Evidence: in.Evidence, Empty: in.Empty,
		}, Texts{"body": in.Body, "translator": in.Translator, "witness": in.Witness})
		return id, nil
	})
}

// telling: while it is being told, as far as the one who tells knows, more can be.
func (t *turn) telling(x *Consultation, version int) bool {
	p, _ := t.Community.Proposal(x.Proposal)
	v, _ := p.Version(version)
	return slices.ContainsFunc(v.Aspects, func(a Aspect) bool { return t.known(x, version, a.ID) == Disclosing })
}

// AcceptDisclosure says that the community takes an item: its language, who
// translated it, and what it told back of it in its own words.
func (s *Service) AcceptDisclosure(ctx context.Context, by Call, community, consultation, item record.ID, playedBack string) (record.Receipt, error) {
	v := people.Invalid{}
	playedBack = v.Text("played_back", playedBack, false, longestText)
	if err := v.Err(); err != nil {
		return record.Receipt{}, err
	}
	return s.act(ctx, by, community, Hear, consultation, []any{item, playedBack}, func(t *turn) (record.ID, error) {
		x, err := t.consultation(consultation)
		if err != nil {
			return "", err
		}
		if _, ok := find(x.Disclosures, func(d Disclosure) bool { return d.ID == item }); !ok {
			return "", ErrNotFound
		}
		t.emit(&DisclosureAccepted{Consultation: x.ID, Item: item}, Texts{"played-back": playedBack})
		return item, nil
	})
}

// longestExtension is how far ahead a window is made longer at a time. Nothing makes it
// shorter again, so that a slip in the year must not last.
const longestExtension = 366 * 24 * time.Hour

// ExtendWindow gives the community more time. It can be done as long as the
// window is open, and only to make it longer: a year ahead at the most, as often as
// it likes.
func (s *Service) ExtendWindow(ctx context.Context, by Call, community, consultation record.ID, version int, until time.Time) (record.Receipt, error) {
	return s.act(ctx, by, community, Hear, consultation, []any{version, until}, func(t *turn) (record.ID, error) {
		x, err := t.consultation(consultation)
		if err != nil {
			return "", err
		}
		w, open := x.window(version)
		if !open {
			return "", ErrWrongTime
		}
		if !until.After(w.Until) {
			return "", people.Invalid{"until": {Key: "consult.error.only_longer"}}
		}
		if until.After(t.Now.Add(longestExtension)) {
			return "", people.Invalid{"until": {Key: "consult.error.too_long"}}
		}
		t.emit(&WindowExtended{Consultation: x.ID, Version: version, Until: until}, nil)
		return x.ID, nil
	})
}

// aDay: a day is typed without a zone, and may have begun elsewhere.
const aDay = 24 * time.Hour

// SessionForm writes down a meeting.
type SessionForm struct {
	Version          int
	Kind             SessionKind
	Held             time.Time
	Counts           map[string]int
	ProponentPresent bool
	Invited          []record.ID
	Place            string
	Names            string
	Notes            string
	Evidence         []Digest
}

// WriteSession writes down that people met. Internal ones are the community's to write.
func (s *Service) WriteSession(ctx context.Context, by Call, community, consultation record.ID, in SessionForm) (record.Receipt, error) {
	v := people.Invalid{}
	in.Place = v.Line("place", in.Place, false, longestName)
	in.Names = v.Text("names", in.Names, false, longestText)
	in.Notes = v.Text("notes", in.Notes, false, longestText)
	if !slices.Contains(SessionKinds(), in.Kind) {
		v.Add("kind", "error.choose_one")
	}
	if in.Held.IsZero() {
		v.Add("held", "error.required")
	}
	if in.Kind == InternalOnly && in.ProponentPresent {
		v.Add("proponent_present", "consult.error.internal")
	}
	if err := v.Err(); err != nil {
		return record.Receipt{}, err
	}
	return s.act(ctx, by, community, Convene, consultation, in, func(t *turn) (record.ID, error) {
		x, err := t.consultation(consultation)
		if err != nil {
			return "", err
		}
		if in.Kind == InternalOnly && !t.Inside() {
			return "", ErrRefused
		}
		if in.Held.After(t.Now.Add(aDay)) {
			return "", people.Invalid{"held": {Key: "consult.error.not_yet_held"}}
		}
		p, _ := t.Community.Proposal(x.Proposal)
		if _, ok := p.Version(in.Version); !ok {
			return "", ErrNotFound
		}
		outside := func(id record.ID) bool {
			return id == p.Proponent || slices.ContainsFunc(t.Community.Seats, func(o Sitting) bool { return o.Account == id && o.Role == Proponent })
		}
		if slices.ContainsFunc(in.Invited, outside) && in.Kind == InternalOnly {
			return "", people.Invalid{"invited": {Key: "consult.error.internal"}}
		}
		id := newID()
		t.emit(&SessionHeld{
			ID: id, Consultation: x.ID, Version: in.Version, Session: in.Kind, Held: in.Held, Counts: in.Counts,
			ProponentPresent: in.ProponentPresent, Invited: in.Invited, Evidence: in.Evidence,
		}, Texts{"place": in.Place, "names": in.Names, "notes": in.Notes})
		return id, nil
	})
}

// RaiseChange says that something is not as it was told. Consent to what it
// touches is under review from this moment. Who is not told whether there is one
// can say it all the same, and learns nothing by it.
func (s *Service) RaiseChange(ctx context.Context, by Call, community, consultation record.ID, version int, aspects []record.ID, what string) (record.Receipt, error) {
	v := people.Invalid{}
	what = v.Text("what", what, true, longestText)
	if err := v.Err(); err != nil {
		return record.Receipt{}, err
	}
	return s.act(ctx, by, community, RaiseChange, consultation, []any{version, aspects, what}, func(t *turn) (record.ID, error) {
		x, err := t.consultation(consultation)
		if err != nil {
			return "", err
		}
		if p, _ := t.Community.Proposal(x.Proposal); version < 1 || version > len(p.Versions) {
			return "", ErrNotFound
		}
		if err := t.May(MoveChange, x, version, aspects...); err != nil && t.Informed(x) {
			return "", err
		}
		id := newID()
		moot := t.moot(MoveChange, x, version, aspects...)
		t.emit(&ChangeRaised{ID: id, Consultation: x.ID, Version: version, Aspects: aspects, Moot: moot}, Texts{"what": what})
		if !moot {
			t.notice(x)
		}
		return id, nil
	})
}
