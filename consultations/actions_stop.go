package consultations

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// StopForm withdraws, suspends or declines. It asks for no reason.
type StopForm struct {
	Version   int         // 0: every version that the step can reach, so that no newer one hides what was agreed of an older
	Aspects   []record.ID // none: all
	Type      DecisionType
	Mandate   record.ID // "" for the caller's own; else of the holder whose word is entered
	Via       Via
	Form      Form
	Evidence  Digest
	Witnesses []string
	Statement string
	Language  string
}

// Stop takes effect at once, by the word of one holder: it needs no reason, no
// second person, no waiting and no line. It is possible whatever is contested,
// under review or being confirmed.
func (s *Service) Stop(ctx context.Context, by Call, community, consultation record.ID, in StopForm) (record.Receipt, error) {
	v := people.Invalid{}
	in.Statement = v.Text("statement", in.Statement, false, longestText)
	in.Witnesses = lines(v, "witnesses", in.Witnesses, false)
	if !slices.Contains([]DecisionType{Withdraw, Suspend, Declined}, in.Type) {
		v.Add("type", "error.choose_one")
	}
	if err := v.Err(); err != nil {
		return record.Receipt{}, err
	}
	act := Know // whether they may is asked of their mandate
	if in.Mandate != "" {
		act = Relay
	}
	return s.act(ctx, by, community, act, consultation, in, func(t *turn) (record.ID, error) {
		x, err := t.consultation(consultation)
		if err != nil {
			return "", err
		}
		t.claim.Via = in.via()
		if m, was := t.formerHolder(x); was && in.Mandate == "" {
			return t.putToInstitution(x, in, m), nil
		}
		m, err := t.speaker(x, asking{Power: Protect}, &in.Mandate, in.Form, in.Evidence, in.Witnesses)
		if err != nil {
			return "", err
		}
		return t.stop(x, in, m)
	})
}

// via is how a step came: one that another enters is never the person's own.
func (f StopForm) via() Via {
	switch {
	case f.Mandate == "":
		return Self
	case f.Via == Self && f.Form == ByVoice:
		return Voice
	case f.Via == Self:
		return Paper
	}
	return f.Via
}

// stop enters a step that protects, once for each version that it reaches.
func (t *turn) stop(x *Consultation, in StopForm, m Mandate) (record.ID, error) {
	var last record.ID
	for _, version := range t.versions(x, in) {
		aspects, err := t.stoppable(x, version, in)
		if errors.Is(err, ErrWrongTime) {
			continue
		}
		if err != nil {
			return "", err
		}
		made := &Decided{
			ID: newID(), Consultation: x.ID, Version: version, Aspects: aspects, Type: in.Type, Language: in.Language,
			Mandates: []record.ID{m.ID}, Base: t.claim.Base, Effective: t.Now,
		}
		if in.Evidence != "" {
			made.Evidence = []Digest{in.Evidence}
		}
		t.emit(made, Texts{"statement": in.Statement, "witnesses": asList(in.Witnesses), "receipt": t.s.words(in.Language, *made, t.Now)})
		last = made.ID
	}
	if last != "" {
		t.notice(x)
		return last, nil
	}
	if versions := t.versions(x, in); t.claim.Late && in.Version == 0 {
		in.Version = versions[len(versions)-1] // kept, whatever happened since
		return t.stop(x, in, m)
	}
	return "", ErrWrongTime
}

// versions are those that a step is about: the one it names, or all of them.
func (t *turn) versions(x *Consultation, in StopForm) []int {
	if in.Version != 0 {
		return []int{in.Version}
	}
	var out []int
	p, _ := t.Community.Proposal(x.Proposal)
	for _, v := range p.Versions {
		out = append(out, v.Number)
	}
	return out
}

// formerHolder finds a mandate that gave the power when a late step was taken and
// does not any more.
func (t *turn) formerHolder(x *Consultation) (Mandate, bool) {
	c := t.Community
	if _, now := c.HolderWith(t.Actor.ID(), Protect, x.ID, t.Now); now || !t.claim.Late || t.claim.Asserted.IsZero() {
		return Mandate{}, false
	}
	m, was := c.HolderWith(t.Actor.ID(), Protect, x.ID, t.claim.Asserted)
	heard := slices.ContainsFunc(x.Contests, func(o Contest) bool { return o.By == t.Actor.ID() && o.Late })
	return m, was && !heard && t.Now.Before(t.claim.Asserted.Add(longestOffline))
}

// longestOffline is how long after somebody stopped something without a line it is
// still heard when they are no holder any more. It is heard once.
const longestOffline = 365 * 24 * time.Hour

// putToInstitution: a withdrawal that was kept on a phone by somebody who was
// a holder then and is none now is not lost and not simply believed. What it
// reaches is contested until the institution has ruled.
func (t *turn) putToInstitution(x *Consultation, in StopForm, m Mandate) record.ID {
	id := newID()
	t.emit(&ContestOpened{ID: id, Consultation: x.ID, Aspects: in.Aspects, Institution: m.Institution}, Texts{"reason": in.Statement})
	t.notice(x)
	return id
}

// notice tells everyone whose copy says how things stand, and who may still know, that
// it may not any more. Which way it changed is not in the notice.
func (t *turn) notice(x *Consultation) {
	t.noticeTo(x, func(e Export) bool { return t.Community.stillShown(x, e, t.Now)(PartStatus) })
}

func (t *turn) noticeTo(x *Consultation, whom func(Export) bool) {
	var all []record.ID
	for _, e := range t.Community.Exports {
		if e.Consultation == x.ID && slices.Contains(e.Parts, PartStatus) && whom(e) {
			all = append(all, e.ID)
		}
	}
	if because := t.Community.Size + int64(len(t.events)) - 1; len(all) > 0 {
		t.emit(&Noticed{Exports: all, Because: because}, nil)
	}
}

// stoppable are the aspects that the step reaches: those named, or all of the
// version. One that was done without a line is taken whatever happened since.
func (t *turn) stoppable(x *Consultation, version int, in StopForm) ([]record.ID, error) {
	p, _ := t.Community.Proposal(x.Proposal)
	v, ok := p.Version(version)
	if !ok {
		return nil, ErrNotFound
	}
	var out []record.ID
	for _, a := range v.Aspects {
		if len(in.Aspects) > 0 && !slices.Contains(in.Aspects, a.ID) {
			continue
		}
		err := t.Community.May(moveOf(in.Type), Case{Consultation: x, Version: version, Aspect: a.ID, Now: t.Now})
		if err == nil || (t.claim.Late && in.Version != 0) {
			out = append(out, a.ID)
		}
	}
	if len(out) == 0 {
		return nil, ErrWrongTime
	}
	return out, nil
}
