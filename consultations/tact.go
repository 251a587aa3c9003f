package consultations

import (
	"slices"
	"time"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// What a guest may try must not tell them what the community keeps to itself. Whoever
// is not told how things stand is answered from what they know: the last state that
// both sides made together, and what was told. A step that is possible by that is
// taken and kept; it moves nothing where the talks are elsewhere by now. Only an
// invitation is turned away then, and a new proposal, in one sentence whatever the
// reason is: a no, a harvest, a silence.

// Informed tells whether a seat is told how a consultation stands.
func (s Seat) Informed(x *Consultation) bool {
	eye := s.sees(x)
	return eye.all() || eye.parts(PartStatus)
}

// known is the state of an aspect as far as a seat knows it.
func (s Seat) known(x *Consultation, version int, aspect record.ID) State {
	st := s.Community.Standing(x, version, aspect, s.At)
	switch {
	case s.Informed(x):
		return st.Path
	case s.sees(x).proposes:
		together, _ := st.lastTogether()
		return together
	}
	return Withheld
}

// May tells whether a seat may take a step of a version, by all it may know: nil when
// one of the aspects, or of those named, can take it, ErrWrongTime, or what blocks it.
func (s Seat) May(m Move, x *Consultation, version int, aspects ...record.ID) error {
	p, _ := s.Community.Proposal(x.Proposal)
	v, ok := p.Version(version)
	if !ok {
		return ErrNotFound
	}
	err := ErrWrongTime
	for _, a := range v.Aspects {
		if len(aspects) > 0 && !slices.Contains(aspects, a.ID) {
			continue
		}
		one := s.mayOne(m, Case{Consultation: x, Version: version, Aspect: a.ID, Now: s.At})
		if one == nil {
			return nil
		}
		if _, blocked := one.(*Blocked); blocked { //nolint:errorlint // made by May itself
			err = one
		}
	}
	return err
}

// mayOne is [Seat.May] of one aspect.
func (s Seat) mayOne(m Move, x Case) error {
	if s.Informed(x.Consultation) {
		return s.Community.May(m, x)
	}
	step, ok := stepFor(m, s.known(x.Consultation, x.Version, x.Aspect))
	if !ok {
		return ErrWrongTime
	}
	for _, g := range step.Guards {
		if b := s.Community.blocks(g, x); b != nil && g.open() {
			return b
		}
	}
	return nil
}

// open tells whether what a guard asks is known to both sides.
func (g Guard) open() bool { return g == GuardContact || g == GuardProtocol || g == GuardDisclosed }

// moot tells whether a step that a seat may take by what it knows moves nothing.
func (s Seat) moot(m Move, x *Consultation, version int, aspects ...record.ID) bool {
	p, _ := s.Community.Proposal(x.Proposal)
	v, _ := p.Version(version)
	return !slices.ContainsFunc(v.Aspects, func(a Aspect) bool {
		named := len(aspects) == 0 || slices.Contains(aspects, a.ID)
		return named && s.Community.May(m, Case{Consultation: x, Version: version, Aspect: a.ID, Now: s.At}) == nil
	})
}

// asked tells whether the community was asked about a consultation and has not opened
// it again by itself since. A guest who is told nothing asks once: whether they may
// ask again would tell them that it has ended.
func (x *Consultation) asked() bool {
	invited, reopened := int64(-1), int64(-1)
	for _, m := range x.Marks {
		switch m.Move { //nolint:exhaustive // the two that count
		case MoveInvite:
			invited = m.Entry
		case MoveReopen:
			reopened = m.Entry
		}
	}
	return invited > reopened
}

// turnedAway is what a guest is told who is not told why.
func (s Seat) turnedAway(why *Blocked) error {
	if why.Guard.open() || s.Is("", Facilitator, Holder, Member) {
		return why
	}
	return &Blocked{Guard: GuardNotNow}
}

// seenBy is a seat of an account that may have left since.
func (c *Community) seenBy(account record.ID, now time.Time) Seat {
	s := Seat{Community: c, At: now}
	s.Actor.Person.ID, s.Actor.Person.Kind = account, people.Account
	return s
}
