package consultations

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// DraftForm writes a decision down as it was taken.
type DraftForm struct {
	ID         record.ID // of an earlier draft to be rewritten; "" for a new one
	Version    int
	Aspects    []record.ID
	Type       DecisionType
	Language   string
	Statement  string
	Conditions []string
	Dissent    []string
	Evidence   []Digest
	ReviewAt   time.Time
	ExpiresAt  time.Time
}

func (f DraftForm) check() (DraftForm, error) {
	v := people.Invalid{}
	f.Statement = v.Text("statement", f.Statement, len(f.Evidence) == 0, longestText)
	f.Conditions = lines(v, "conditions", f.Conditions, f.Type == ConsentConditions)
	f.Dissent = lines(v, "dissent", f.Dissent, false)
	if !slices.Contains(Draftable(), f.Type) {
		v.Add("type", "error.choose_one")
	}
	if f.Type == Consent && len(f.Conditions) > 0 {
		v.Add("type", "consult.error.conditional") // a yes with conditions is never written as a plain one
	}
	if len(f.Aspects) == 0 {
		v.Add("aspects", "error.choose_one")
	}
	if tag := tags(v, "language", []string{f.Language}, true); len(tag) == 1 {
		f.Language = tag[0]
	}
	return f, v.Err()
}

// Transcribe writes a decision down, or writes it anew. It decides nothing: it is
// read back, and holders confirm these exact words. Written anew, every
// confirmation is void.
func (s *Service) Transcribe(ctx context.Context, by Call, community, consultation record.ID, in DraftForm) (record.Receipt, error) {
	in, err := in.check()
	if err != nil {
		return record.Receipt{}, err
	}
	return s.act(ctx, by, community, Transcribe, consultation, in, func(t *turn) (record.ID, error) {
		x, err := t.consultation(consultation)
		if err != nil {
			return "", err
		}
		if err := errors.Join(t.handedIn(in.Evidence...), t.draftable(x, in)); err != nil {
			return "", err
		}
		if err := t.dates(x, in); err != nil {
			return "", err
		}
		if in.Type == Renew {
			in.Conditions = x.carried(in)
		}
		d := Draft{
			ID: in.ID, Version: in.Version, Aspects: in.Aspects, Type: in.Type, Language: in.Language,
			Conditions: in.Conditions, Dissent: in.Dissent, Evidence: in.Evidence, ReviewAt: in.ReviewAt, ExpiresAt: in.ExpiresAt,
		}
		if d.ID == "" {
			d.ID = newID()
		}
		t.emit(&Drafted{
			ID: d.ID, Consultation: x.ID, Version: d.Version, Aspects: d.Aspects, Type: d.Type, Language: d.Language, Evidence: d.Evidence,
			ReviewAt: d.ReviewAt, ExpiresAt: d.ExpiresAt, Digest: d.digestOf(in.Statement, t.contentOf(x, in.Version), x.told(in.Version)),
		}, Texts{"statement": in.Statement, "conditions": asList(in.Conditions), "dissent": asList(in.Dissent)})
		return d.ID, nil
	})
}

// contentOf is the digest of a version's content.
func (t *turn) contentOf(x *Consultation, version int) Digest {
	p, _ := t.Community.Proposal(x.Proposal)
	v, _ := p.Version(version)
	return v.Content
}

// dates: a review and an end come after the yes has taken effect.
func (t *turn) dates(x *Consultation, in DraftForm) error {
	v := people.Invalid{}
	effective := t.Now.AddDate(0, 0, t.Community.rules(x, in.Version).CoolingDays)
	for field, at := range map[string]time.Time{"review_at": in.ReviewAt, "expires_at": in.ExpiresAt} {
		if in.Type.yes() && !at.IsZero() && !at.After(effective) {
			v.Add(field, "error.past")
		}
	}
	return v.Err()
}

// carried are the conditions of a renewed yes: those of the one it renews that
// the community has not waived, and what it adds. A renewal drops none in silence.
func (x *Consultation) carried(in DraftForm) []string {
	var out []string
	for _, k := range x.Conditions {
		d, ok := x.Decision(k.Decision)
		words := list(k.Words)
		if ok && d.Version == in.Version && overlap(d.Aspects, in.Aspects) && k.Status != ConditionWaived && k.N < len(words) && !slices.Contains(out, words[k.N]) {
			out = append(out, words[k.N])
		}
	}
	for _, line := range in.Conditions {
		if !slices.Contains(out, line) {
			out = append(out, line)
		}
	}
	return out
}

// draftable: every aspect must be one of the version whose state lets this answer
// be written. What says yes also waits for disclosure, window and sessions, so
// that nobody reads back a yes that could not be given.
func (t *turn) draftable(x *Consultation, in DraftForm) error {
	p, _ := t.Community.Proposal(x.Proposal)
	v, ok := p.Version(in.Version)
	if !ok {
		return ErrNotFound
	}
	if in.ID != "" {
		old := x.Draft(in.ID)
		if old == nil || old.Decided != "" || old.Dropped || old.Version != in.Version {
			return ErrWrongTime
		}
		if t.settled(x, old) {
			return ErrRefused
		}
	}
	for _, a := range in.Aspects {
		if !v.Has(a) {
			return people.Invalid{"aspects": {Key: "error.choose_one"}}
		}
		if in.Type == Renew && !x.agreed(in.Version, a) {
			return ErrWrongTime // there is nothing to renew
		}
		if err := t.Community.May(moveOf(in.Type), Case{Consultation: x, Version: in.Version, Aspect: a, Now: t.Now}); err != nil {
			return err
		}
	}
	return nil
}

// agreed tells whether a yes to an aspect was ever given that still stands in the record.
func (x *Consultation) agreed(version int, aspect record.ID) bool {
	return slices.ContainsFunc(x.marksOf(version, aspect), Mark.yes)
}

// settled tells whether a holder stands behind a draft already. From then on it is
// theirs: who helps does not write it anew or set it aside, and writes another.
func (t *turn) settled(x *Consultation, d *Draft) bool {
	return len(d.Counted()) > 0 && !t.Is(x.ID, Holder)
}

// DropDraft sets a draft aside: it was not what was decided.
func (s *Service) DropDraft(ctx context.Context, by Call, community, consultation, draft record.ID) (record.Receipt, error) {
	return s.act(ctx, by, community, Transcribe, consultation, []any{"drop", draft}, func(t *turn) (record.ID, error) {
		x, err := t.consultation(consultation)
		if err != nil {
			return "", err
		}
		d := x.Draft(draft)
		if d == nil {
			return "", ErrNotFound
		}
		if d.Decided != "" || d.Dropped {
			return "", ErrWrongTime
		}
		if t.settled(x, d) {
			return "", ErrRefused
		}
		t.emit(&Drafted{
			ID: d.ID, Consultation: x.ID, Version: d.Version, Aspects: d.Aspects, Type: d.Type, Language: d.Language, Evidence: d.Evidence,
			ReviewAt: d.ReviewAt, ExpiresAt: d.ExpiresAt, Digest: d.Digest, Dropped: true,
		}, nil)
		return d.ID, nil
	})
}

// ConfirmForm is a holder's word for a draft. Mandate is empty for the caller's
// own; entered for somebody else it names theirs, in what form they gave their
// word, and two who were there.
type ConfirmForm struct {
	Draft     record.ID
	Digest    Digest // of what was read or played back
	Mandate   record.ID
	Form      Form
	Evidence  Digest
	Witnesses []string
}

// Confirm says that a draft is what was decided. It binds the exact words: a
// draft that was rewritten meanwhile is not confirmed. With the last word that the
// protocol asks for it becomes the decision.
func (s *Service) Confirm(ctx context.Context, by Call, community, consultation record.ID, in ConfirmForm) (record.Receipt, error) {
	v := people.Invalid{}
	in.Witnesses = lines(v, "witnesses", in.Witnesses, false)
	if err := v.Err(); err != nil {
		return record.Receipt{}, err
	}
	act := Confirm
	if in.Mandate != "" {
		act = Relay
	}
	return s.act(ctx, by, community, act, consultation, in, func(t *turn) (record.ID, error) {
		x, err := t.consultation(consultation)
		if err != nil {
			return "", err
		}
		d := x.Draft(in.Draft)
		if d == nil {
			return "", ErrNotFound
		}
		if d.Decided != "" || d.Dropped {
			return "", ErrWrongTime
		}
		if in.Digest != d.Digest || d.erased() || t.handedIn(d.Evidence...) != nil || (t.claim.Late && t.claim.Base <= d.Entry) {
			return "", people.Invalid{"digest": {Key: "consult.error.words_changed"}}
		}
		return t.confirm(x, d, in)
	})
}

func (t *turn) confirm(x *Consultation, d *Draft, in ConfirmForm) (record.ID, error) {
	m, err := t.speaker(x, powerFor(d.Type), &in.Mandate, in.Form, in.Evidence, in.Witnesses)
	if err != nil {
		return "", err
	}
	if in.Form == "" {
		in.Form = ByAccount
	}
	rules := t.Community.rules(x, d.Version)
	if !rules.Accepts(in.Form) {
		return "", people.Invalid{"form": {Key: "consult.error.form"}}
	}
	if !t.claim.Asserted.IsZero() && !m.Valid(Decide, x.ID, t.claim.Asserted) {
		return "", people.Invalid{"digest": {Key: "consult.error.mandate_then"}} // valid when it was done, too
	}
	if slices.ContainsFunc(d.Counted(), func(o Confirmation) bool { return o.Holder == m.Holder }) {
		return "", people.Invalid{"digest": {Key: "consult.error.confirmed_already"}}
	}
	stale := d.Type.yes() && t.overtaken(x, d)
	t.emit(&Confirmed{
		Consultation: x.ID, Draft: d.ID, Mandate: m.ID, Holder: m.Holder, Digest: in.Digest, Form: in.Form, Evidence: in.Evidence, Stale: stale,
	}, Texts{"witnesses": asList(in.Witnesses)})
	counted := append(d.Counted(), Confirmation{Mandate: m.ID, Holder: m.Holder, Account: t.Actor.ID(), Digest: in.Digest, Claim: t.claim, Stale: stale})
	if stale || !t.Community.quorate(rules, counted) {
		return d.ID, nil
	}
	return t.decide(x, d, rules, counted)
}

// overtaken: since the state that the confirmation was made on, something was
// recorded for one of the aspects that protects. The confirmation is kept, and
// put to the institution; it does not count.
func (t *turn) overtaken(x *Consultation, d *Draft) bool {
	return slices.ContainsFunc(x.Marks, func(m Mark) bool {
		return m.Version == d.Version && m.Move.protects() && !m.Aside && m.Entry >= t.claim.Base && (len(m.Aspects) == 0 || overlap(m.Aspects, d.Aspects))
	})
}

// asking is what a mandate must say for a step: the power, and whether the step lets
// something happen. One that does not is open to whoever's mandate is contested, and
// to whom somebody has made an administrator: neither keeps a holder from a no.
type asking struct {
	Power
	allows bool
}

// powerFor is what it takes to confirm an answer.
func powerFor(d DecisionType) asking { return asking{Decide, d.yes()} }

// met tells whether a mandate says what is asked.
func (a asking) met(c *Community, m Mandate, consultation record.ID, now time.Time) bool {
	elder := a.Power == Protect && c.Protocol().Rules.AnyElder && m.elder(consultation, now)
	return elder || m.Valid(a.Power, consultation, now) || (!a.allows && m.Holds(a.Power, consultation, now))
}

// speaker finds the mandate by which somebody speaks: the caller's own, or that
// of a holder whose word is entered by another. The one who enters it is neither
// the holder nor one of the two who were there.
func (t *turn) speaker(x *Consultation, ask asking, mandate *record.ID, form Form, evidence Digest, witnesses []string) (Mandate, error) {
	c, p := t.Community, ask.Power
	if *mandate == "" {
		m, ok := find(c.mandatesOf(t.Actor.ID()), func(m Mandate) bool { return ask.met(c, m, x.ID, t.Now) })
		if !ok || (ask.allows && c.interested(t.Actor.Person)) {
			return Mandate{}, ErrRefused
		}
		*mandate = m.ID
		return m, nil
	}
	m, ok := c.Mandate(*mandate)
	if !ok {
		return Mandate{}, ErrNotFound
	}
	if p == Decide && m.Account != "" {
		return Mandate{}, people.Invalid{"mandate": {Key: "consult.error.has_account"}} // they say it themselves
	}
	if !ask.met(c, m, x.ID, t.Now) {
		return Mandate{}, people.Invalid{"mandate": {Key: "consult.error.mandate"}}
	}
	if t.Is(x.ID, Proponent) {
		return Mandate{}, ErrRefused
	}
	if err := t.handedIn(evidence); err != nil {
		return Mandate{}, err
	}
	v := people.Invalid{}
	if len(distinct(witnesses, m.Name.Body, t.Actor.Person.Name)) < 2 {
		v.Add("witnesses", "consult.error.two_witnesses")
	}
	if form == ByAccount || form == "" {
		v.Add("form", "error.choose_one")
	}
	if p == Decide && evidence == "" {
		v.Add("file", "consult.error.file") // the recording, or the paper
	}
	return m, v.Err()
}

// distinct are the names that are different people, other than those named.
func distinct(names []string, others ...string) []string {
	var seen, out []string
	for _, o := range others {
		seen = append(seen, people.Fold(o))
	}
	for _, n := range names {
		if f := people.Fold(n); f != "" && !slices.Contains(seen, f) {
			seen, out = append(seen, f), append(out, n)
		}
	}
	return out
}

// decide makes the decision out of a draft that enough have confirmed. The
// guards are asked once more: time has passed since it was written.
func (t *turn) decide(x *Consultation, d *Draft, rules Rules, counted []Confirmation) (record.ID, error) {
	for _, a := range d.Aspects {
		if err := t.Community.May(moveOf(d.Type), Case{Consultation: x, Version: d.Version, Aspect: a, Now: t.Now}); err != nil {
			return "", err
		}
	}
	for _, o := range counted {
		if m, _ := t.Community.Mandate(o.Mandate); m.Standing == Rejected || (m.Standing == Disputed && d.Type.yes()) {
			return "", &Blocked{Guard: GuardContest}
		}
	}
	made := &Decided{
		ID: newID(), Consultation: x.ID, Draft: d.ID, Version: d.Version, Aspects: d.Aspects, Type: d.Type, Language: d.Language,
		Digest: d.Digest, Evidence: d.Evidence, Base: t.Community.Size, Effective: t.Now, ReviewAt: d.ReviewAt, ExpiresAt: d.ExpiresAt, Suspends: true,
	}
	for _, o := range counted {
		made.Mandates = append(made.Mandates, o.Mandate)
		if o.Claim.Base < made.Base && o.Claim.Late {
			made.Base = o.Claim.Base
		}
	}
	if d.Type.yes() {
		made.Effective = t.Now.AddDate(0, 0, rules.CoolingDays)
		if made.ReviewAt.IsZero() && rules.ReviewDays > 0 {
			made.ReviewAt = made.Effective.AddDate(0, 0, rules.ReviewDays)
		}
	}
	for range d.Conditions {
		made.Conditions = append(made.Conditions, newID())
	}
	t.emit(made, Texts{
		"statement": d.Statement.Body, "conditions": d.Lists[0].Body, "dissent": d.Lists[1].Body, "receipt": t.s.words(d.Language, *made, t.Now),
	})
	t.notice(x)
	return made.ID, nil
}

// words are what a receipt binds.
func (s *Service) words(language string, d Decided, at time.Time) string {
	if s.Words == nil {
		return string(d.Type)
	}
	return s.Words(language, d, at)
}
