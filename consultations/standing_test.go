package consultations_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/record"
)

// The people and things of a log that is written by hand.
const (
	theTalk   = record.ID("talk")
	theAspect = record.ID("aspect")
)

var nine = time.Date(2027, 5, 1, 9, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // never changed

// begun is a log up to the moment at which an answer can be given: 9 o'clock.
func begun() []consultations.Event {
	facts := []consultations.Fact{
		&consultations.CommunityFounded{ID: "community"},
		&consultations.ProtocolAdopted{Rules: consultations.Rules{Confirmations: 2}},
		&consultations.ProposalVersioned{Proposal: "proposal", Aspects: []record.ID{theAspect}},
		&consultations.ConsultationMoved{ID: theTalk, Proposal: "proposal", Version: 1, Move: consultations.MoveIdentify},
		&consultations.ConsultationMoved{ID: theTalk, Version: 1, Move: consultations.MoveInvite},
		&consultations.PlanWritten{Consultation: theTalk},
		&consultations.PlanAccepted{Consultation: theTalk, Version: 1, Side: consultations.SideCommunity, Plan: 5},
		&consultations.PlanAccepted{Consultation: theTalk, Version: 1, Side: consultations.SideProponent, Plan: 5},
		&consultations.Disclosed{Consultation: theTalk, Version: 1},
		&consultations.ConsultationMoved{ID: theTalk, Version: 1, Move: consultations.MoveReceive},
	}
	var out []consultations.Event
	for i, f := range facts {
		at := nine.Add(time.Duration(i-len(facts)) * time.Hour)
		out = append(out, consultations.Event{Index: int64(i), At: at, Claim: consultations.Claim{Base: int64(i)}, Fact: f, Texts: consultations.Texts{}})
	}
	return out
}

// step is something that was done without a line: when, by what its maker knew.
type step struct {
	kind consultations.DecisionType
	done time.Time
	base int64
}

// deliver adds the steps to a log in an order of arrival, one an hour from noon on.
func deliver(log []consultations.Event, steps []step, order []int) []consultations.Event {
	out := slices.Clone(log)
	for n, i := range order {
		s := steps[i]
		at := nine.Add(time.Duration(3+n) * time.Hour)
		out = append(out, consultations.Event{
			Index: int64(len(out)), At: at, Claim: consultations.Claim{Base: s.base, Asserted: s.done, Late: true}, Texts: consultations.Texts{},
			Fact: &consultations.Decided{
				ID: record.ID(fmt.Sprintf("step %d", i)), Consultation: theTalk, Version: 1, Aspects: []record.ID{theAspect}, Type: s.kind, Base: s.base, Effective: s.done,
			},
		})
	}
	return out
}

// seen is what can be said of an aspect: its state, what it rests on, and what
// was in force at each half hour.
type seen struct {
	State    consultations.State
	Decision record.ID
	Force    []bool
	Stale    []record.ID
}

func look(log []consultations.Event, from, now time.Time) seen {
	c := consultations.Fold(log)
	x := c.Consultation(theTalk)
	s := c.Standing(x, 1, theAspect, now)
	out := seen{State: s.Path, Decision: s.Decision, Stale: slices.Clone(s.Stale)}
	slices.Sort(out.Stale)
	for t := from; t.Before(now); t = t.Add(30 * time.Minute) {
		out.Force = append(out.Force, c.InForce(x, 1, theAspect, t))
	}
	return out
}

// Whatever was done without a line counts the same, in whichever order it arrives
// (hard cases 2 and 3).
func TestLateStepsCountTheSameInEveryOrderOfArrival(t *testing.T) {
	log := begun()
	base := int64(len(log))
	kinds := []consultations.DecisionType{
		consultations.Consent, consultations.ConsentConditions, consultations.No, consultations.NotNow, consultations.Declined,
		consultations.Withdraw, consultations.Suspend, consultations.Renew,
	}
	rapid.Check(t, func(t *rapid.T) {
		steps := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
			return step{
				kind: rapid.SampledFrom(kinds).Draw(t, "kind"), base: base,
				done: nine.Add(time.Duration(rapid.IntRange(1, 170).Draw(t, "minutes")) * time.Minute),
			}
		}), 1, 5).Draw(t, "steps")
		order := make([]int, len(steps))
		for i := range order {
			order[i] = i
		}
		other := rapid.Permutation(order).Draw(t, "order")
		arrived, now := nine.Add(9*time.Hour), nine.Add(24*time.Hour)
		if diff := cmp.Diff(look(deliver(log, steps, order), arrived, now), look(deliver(log, steps, other), arrived, now)); diff != "" {
			t.Fatalf("the order of arrival makes a difference (-one +other):\n%s", diff)
		}
	})
}

// A yes that was given without knowing of a no never was in force, however late or
// early it arrives; it is kept, and put to the institution.
func TestHardCase02AYesThatDidNotKnowOfANo(t *testing.T) {
	log := begun()
	steps := []step{
		{consultations.Consent, nine.Add(time.Hour), int64(len(log))},
		{consultations.No, nine.Add(2 * time.Hour), int64(len(log))},
	}
	for _, order := range [][]int{{0, 1}, {1, 0}} {
		got := look(deliver(log, steps, order), nine, nine.Add(12*time.Hour))
		if got.State != consultations.Refused || slices.Contains(got.Force, true) || !slices.Contains(got.Stale, record.ID("step 0")) {
			t.Errorf("arriving as %v: %+v", order, got)
		}
	}
}

// A withdrawal at 9:30 without a line, reported at noon: it holds from 9:30, and
// says that it came late.
func TestHardCase03AWithdrawalReportedLate(t *testing.T) {
	log := begun()
	yes := deliver(log, []step{{consultations.Consent, time.Time{}, int64(len(log))}}, []int{0}) // in force from noon
	late := deliver(yes, []step{{}, {consultations.Withdraw, nine.Add(3*time.Hour + 30*time.Minute), int64(len(yes))}}, []int{1})
	late[len(late)-1].At = nine.Add(6 * time.Hour)
	c := consultations.Fold(late)
	x := c.Consultation(theTalk)
	for at, want := range map[time.Duration]bool{3*time.Hour + time.Minute: true, 3*time.Hour + 29*time.Minute: true, 3*time.Hour + 31*time.Minute: false, 8 * time.Hour: false} {
		if got := c.InForce(x, 1, theAspect, nine.Add(at)); got != want {
			t.Errorf("in force %s after nine: %v", at, got)
		}
	}
	s := c.Standing(x, 1, theAspect, nine.Add(8*time.Hour))
	last := s.Periods[len(s.Periods)-1]
	if s.State != consultations.Withdrawn || !last.Mark.Late || !last.Known.Equal(nine.Add(6*time.Hour)) {
		t.Errorf("standing: %+v", s)
	}
}

// No clock of a phone moves anything out of what is known: a step is not taken to
// be before what its maker had seen, nor after it arrived (invariant 19).
func TestAClaimedTimeStaysWithinWhatIsKnown(t *testing.T) {
	log := begun()
	yes := deliver(log, []step{{consultations.Consent, time.Time{}, int64(len(log))}}, []int{0})
	for name, claimed := range map[string]time.Time{"a year ago": nine.AddDate(-1, 0, 0), "in a year": nine.AddDate(1, 0, 0)} {
		late := deliver(yes, []step{{}, {consultations.Withdraw, claimed, int64(len(yes))}}, []int{1})
		late[len(late)-1].At = nine.Add(6 * time.Hour)
		c := consultations.Fold(late)
		x := c.Consultation(theTalk)
		since := c.Standing(x, 1, theAspect, nine.Add(8*time.Hour)).Since
		if since.Before(nine.Add(3*time.Hour)) || since.After(nine.Add(6*time.Hour)) {
			t.Errorf("claimed %s: it counts from %s", name, since)
		}
	}
}

// Nothing becomes a yes by waiting (invariant 5).
func TestTimeNeverMakesAYes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		log := begun()
		log = log[:rapid.IntRange(1, len(log)).Draw(t, "entries")]
		c := consultations.Fold(log)
		x := c.Consultation(theTalk)
		if x == nil {
			return
		}
		after := time.Duration(rapid.IntRange(0, 100_000).Draw(t, "hours")) * time.Hour
		if c.InForce(x, 1, theAspect, nine.Add(after)) {
			t.Fatalf("in force after %s, and nobody decided anything", after)
		}
	})
}
