package consultations_test

import (
	"errors"
	"testing"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/record"
)

// Guards, each against a log in which nothing else stops the step.

// may asks for a step of the first aspect now.
func (s *story) may(m consultations.Move) error {
	c, x := s.fold()
	return c.May(m, consultations.Case{Consultation: x, Version: 1, Aspect: firstAspect, Now: s.clock})
}

// blocked is the guard that an error names, "" for another error or none.
func blocked(err error) consultations.Guard {
	if b, ok := errors.AsType[*consultations.Blocked](err); ok {
		return b.Guard
	}
	return ""
}

func (s *story) blockedBy(t *testing.T, m consultations.Move, guard consultations.Guard) {
	t.Helper()
	if err := s.may(m); blocked(err) != guard {
		t.Errorf("%s: %v, want to be blocked by %q", m, err, guard)
	}
}

func (s *story) passes(t *testing.T, m consultations.Move) {
	t.Helper()
	if err := s.may(m); err != nil {
		t.Errorf("%s: %v", m, err)
	}
}

// identified is a story before anybody was asked.
func identified(r consultations.Rules) *story {
	s := talking(r)
	for i, e := range s.events {
		if f, ok := e.Fact.(*consultations.ConsultationMoved); ok && f.Move == consultations.MoveInvite {
			s.events = s.events[:i]
			break
		}
	}
	return s
}

// reopened lets the community open the talks again.
func (s *story) reopened() {
	s.add(&consultations.ConsultationMoved{ID: xID, Version: 1, Move: consultations.MoveReopen})
}

// TestNobodyComesInABlackout: planting, harvest, mourning; also over the end of a
// year, and on its last and first day.
func TestNobodyComesInABlackout(t *testing.T) {
	date := func(year int, month time.Month, day int) time.Time {
		return time.Date(year, month, day, 12, 0, 0, 0, time.UTC)
	}
	harvest := consultations.Span{From: date(2020, 11, 15), To: date(2020, 2, 1), Yearly: true}
	mourning := consultations.Span{From: date(2028, 3, 1), To: date(2028, 3, 20)}
	s := identified(consultations.Rules{})
	s.add(&consultations.CommunityChanged{Languages: []string{tongue}, Blackouts: []consultations.Span{harvest, mourning}})
	for at, stops := range map[time.Time]bool{
		date(2027, 11, 14): false, date(2027, 11, 15): true, date(2027, 12, 31): true, date(2028, 1, 1): true, date(2028, 1, 31): true, date(2028, 2, 1): false,
		date(2028, 2, 29): false, date(2028, 3, 1): true, date(2028, 3, 19): true, date(2028, 3, 20): false, date(2029, 3, 10): false, date(2032, 12, 1): true,
	} {
		s.clock = at
		if err := s.may(consultations.MoveInvite); (blocked(err) == consultations.GuardBlackout) != stops {
			t.Errorf("on %s: %v, want blocked %v", at.Format(time.DateOnly), err, stops)
		}
	}
}

// TestNothingGoesOnWithWhoLivesInIsolation: every step of every row, whatever stood before.
func TestNothingGoesOnWithWhoLivesInIsolation(t *testing.T) {
	for name, stage := range stages() {
		s := talking(consultations.Rules{}).tell()
		stage(s)
		s.add(&consultations.CommunityChanged{NoContact: true})
		for _, row := range consultations.Machine() {
			if err := s.may(row.Move); err == nil {
				t.Errorf("%s, then no contact: %s is possible", name, row.Move)
			}
		}
		if st := s.state(firstAspect, s.clock); st.State != consultations.Barred {
			t.Errorf("%s, then no contact: %s", name, st.State)
		}
	}
	w := one(t)
	w.community = w.must(w.Found(w.ctx(), w.by("Fara"), consultations.CommunityForm{
		Name: nameOf, Identifies: consultations.Indigenous, Languages: []string{tongue}, NoContact: true,
	}))
	_, err := w.Propose(w.ctx(), w.by("Fara"), w.community, w.form("First"))
	w.blockedBy(err, consultations.GuardContact)
	w.appendsNothing("the mark is taken off", func() error {
		_, err := w.Describe(w.ctx(), w.by("Fara"), w.community, consultations.CommunityForm{Name: nameOf, Identifies: consultations.Indigenous, Languages: []string{tongue}})
		return err
	})
}

// TestNoPlanWithoutAProtocol: first the community says how it decides.
func TestNoPlanWithoutAProtocol(t *testing.T) {
	s := &story{clock: time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)}
	s.add(&consultations.CommunityFounded{ID: "c"})
	s.add(&consultations.ProposalVersioned{Proposal: "p", Proponent: storyProponent, Aspects: aspectIDs()})
	s.add(&consultations.ConsultationMoved{ID: xID, Proposal: "p", Version: 1, Move: consultations.MoveIdentify})
	s.add(&consultations.ConsultationMoved{ID: xID, Version: 1, Move: consultations.MoveInvite})
	s.blockedBy(t, consultations.MovePlan, consultations.GuardProtocol)
	s.add(&consultations.ProtocolAdopted{})
	s.passes(t, consultations.MovePlan)
}

// TestEveryEndStopsAsking: not a no alone, a withdrawal and a refusal to talk, too.
// Each starts the community's time anew, and needs its own invitation.
func TestEveryEndStopsAsking(t *testing.T) {
	for _, kind := range []consultations.DecisionType{consultations.No, consultations.Withdraw, consultations.Declined} {
		s := talking(consultations.Rules{CoolOffDays: 90}).tell()
		end := func() {
			s.yes("yes", firstAspect)
			if kind == consultations.Declined {
				s.events = s.events[:len(s.events)-1] // who agreed withdraws
			}
			s.add(decisionOf(record.ID("end "+string(kind)), kind, int64(len(s.events)), firstAspect))
		}
		asked := func(when string, guard consultations.Guard) {
			t.Helper()
			c, x := s.fold()
			err := c.May(consultations.MoveInvite, consultations.Case{Consultation: x, Version: 2, Aspect: firstAspect, Now: s.clock})
			if blocked(err) != guard || (guard == "" && err != nil) {
				t.Errorf("%s, %s: %v, want to be blocked by %q", kind, when, err, guard)
			}
		}
		end()
		s.add(&consultations.ProposalVersioned{Proposal: "p", Proponent: storyProponent, Aspects: aspectIDs()})
		s.add(&consultations.ConsultationMoved{ID: xID, Version: 2, Move: consultations.MoveIdentify})
		asked("at once", consultations.GuardCoolOff)
		s.reopened()
		asked("opened again before its time", consultations.GuardCoolOff)
		s.wait(91 * day)
		asked("opened again, in its time", "")
		s.add(&consultations.ConsultationMoved{ID: xID, Version: 1, Move: consultations.MoveInvite})
		s.add(decisionOf("second", consultations.No, int64(len(s.events)), secondAspect))
		s.wait(91 * day)
		asked("after a second end, that was not opened again", consultations.GuardAskedBack)
	}
}

// TestARenewalNeedsWhatAYesNeeds: after a change that was told it is not renewed
// before the community has taken its time.
func TestARenewalNeedsWhatAYesNeeds(t *testing.T) {
	s := talking(consultations.Rules{DeliberateDays: 10, InternalSessions: 1}).tell()
	s.add(&consultations.SessionHeld{ID: "s", Consultation: xID, Version: 1, Session: consultations.InternalOnly})
	s.wait(11 * day)
	s.yes("yes", firstAspect)
	s.add(decisionOf("pause", consultations.Suspend, int64(len(s.events)), firstAspect))
	s.passes(t, consultations.MoveRenew)
	s.add(&consultations.ContestOpened{ID: "contest", Consultation: xID})
	s.blockedBy(t, consultations.MoveRenew, consultations.GuardContest)
	s.add(&consultations.ContestRuled{Consultation: xID, Contest: "contest", Final: true})
	s.passes(t, consultations.MoveRenew)
	s.add(&consultations.ChangeRaised{ID: "change", Consultation: xID, Version: 1, Aspects: []record.ID{firstAspect}})
	s.blockedBy(t, consultations.MoveRenew, consultations.GuardWindow)
}

// TestAContestCoversItsAspects, or all of them when it names none.
func TestAContestCoversItsAspects(t *testing.T) {
	s := talking(consultations.Rules{}).tell()
	s.add(&consultations.ContestOpened{ID: "contest", Consultation: xID, Aspects: []record.ID{secondAspect}})
	s.passes(t, consultations.MoveConsent)
	s.add(&consultations.ContestOpened{ID: "all", Consultation: xID})
	s.blockedBy(t, consultations.MoveConsent, consultations.GuardContest)
	s.passes(t, consultations.MoveRefuse)
	s.add(&consultations.ContestRuled{Consultation: xID, Contest: "all", Final: true})
	s.passes(t, consultations.MoveConsent)
}

// TestAClosedWindowIsNone: what closed it must be heard first.
func TestAClosedWindowIsNone(t *testing.T) {
	s := talking(consultations.Rules{DeliberateDays: 10}).tell().wait(11 * day)
	s.passes(t, consultations.MoveConsent)
	closed := &story{events: s.events, clock: s.clock}
	closed.add(&consultations.ChangeRaised{ID: "change", Consultation: xID, Version: 1}) // no yes stands, so that it moves nothing
	closed.blockedBy(t, consultations.MoveConsent, consultations.GuardWindow)
}
