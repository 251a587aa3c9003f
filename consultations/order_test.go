package consultations_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/record"
)

// Orders of arrival (hard cases 2 and 3): standing_test.go begins where an answer
// can be given; here steps arrive late upon all that can stand already, from
// people of two institutions, with different knowledge, between other events.

// word is a step that somebody took without a line.
type word struct {
	kind    consultations.DecisionType
	done    time.Duration // after the moment at which it could be taken at the earliest
	older   bool          // its maker had not seen the newest step of the log
	women   bool          // of the other institution
	aspects []record.ID
}

// stages are logs upon which late steps arrive, by what stands of the first aspect.
func stages() map[string]func(*story) {
	yes := func(s *story) { s.yes("first", firstAspect, secondAspect) }
	return map[string]func(*story){
		"deliberating": func(*story) {},
		"in force":     yes,
		"under review": func(s *story) {
			yes(s)
			s.add(&consultations.ChangeRaised{ID: "change", Consultation: xID, Version: 1})
		},
		"suspended": func(s *story) {
			yes(s)
			s.add(decisionOf("pause", consultations.Suspend, int64(len(s.events)), firstAspect))
		},
		"cooling": func(s *story) {
			d := decisionOf("first", consultations.Consent, int64(len(s.events)), firstAspect)
			d.Effective = s.clock.Add(aYear)
			s.add(d)
		},
		"refused": func(s *story) { s.add(decisionOf("first", consultations.No, int64(len(s.events)), firstAspect)) },
		"withdrawn": func(s *story) {
			yes(s)
			s.add(decisionOf("back", consultations.Withdraw, int64(len(s.events)), firstAspect))
		},
	}
}

// arrive lets words arrive in an order, an hour after another, and something else
// happen in between that all know of.
func (s *story) arrive(words []word, order []int, between bool) {
	base, from := int64(len(s.events)), s.clock
	s.wait(100 * time.Hour)
	for _, i := range order {
		w := words[i]
		d := decisionOf(record.ID(rune('A'+i)), w.kind, base, w.aspects...)
		if w.older {
			d.Base--
		}
		if w.women {
			d.Mandates = []record.ID{"m-hana"}
		}
		d.Effective = s.clock
		s.claimed(d, consultations.Claim{Late: true, Base: d.Base, Asserted: from.Add(w.done)}, nil)
		s.wait(time.Hour)
		if between {
			s.add(&consultations.SessionHeld{ID: "s", Consultation: xID, Version: 1, Session: consultations.InternalOnly})
			s.add(&consultations.Cover{})
		}
	}
}

func drawWord(rt *rapid.T) word {
	return word{
		kind: rapid.SampledFrom(consultations.DecisionTypes()).Draw(rt, "answer"), done: time.Duration(rapid.IntRange(1, 5000).Draw(rt, "minutes")) * time.Minute,
		older: rapid.Bool().Draw(rt, "older"), women: rapid.Bool().Draw(rt, "women"),
		aspects: rapid.SliceOfNDistinct(rapid.SampledFrom(aspectIDs()), 1, 3, rapid.ID).Draw(rt, "aspects"),
	}
}

// outcome is what stands of each aspect in the end, by what is shown of it.
func (s *story) outcome(shown func(consultations.Standing) consultations.State) []string {
	c, x := s.fold()
	var out []string
	for _, a := range aspectIDs() {
		st := c.Standing(x, 1, a, s.clock.Add(aYear/2))
		stale := slices.Sorted(slices.Values(st.Stale))
		line := string(a) + " " + string(shown(st)) + " by " + string(st.Decision) + ", never in force"
		for _, id := range stale {
			line += " " + string(id)
		}
		out = append(out, line)
	}
	return out
}

// TestArrivalInAnyOrder: the same steps bring every aspect to the same place, on
// the same decision, with the same ones put aside, in whichever order they arrive.
func TestArrivalInAnyOrder(t *testing.T) {
	anyOrder(t, func(st consultations.Standing) consultations.State { return st.Path })
}

// anyOrder compares two orders of arrival of random steps by what is shown.
func anyOrder(t *testing.T, shown func(consultations.Standing) consultations.State) {
	t.Helper()
	names := slices.Sorted(maps.Keys(stages()))
	rapid.Check(t, func(rt *rapid.T) {
		stage := rapid.SampledFrom(names).Draw(rt, "upon")
		words := rapid.SliceOfN(rapid.Custom(drawWord), 1, 4).Draw(rt, "words")
		order := make([]int, len(words))
		for i := range order {
			order[i] = i
		}
		tell := func(order []int, between bool) []string {
			s := talking(consultations.Rules{}).tell()
			stages()[stage](s)
			s.arrive(words, order, between)
			return s.outcome(shown)
		}
		one := tell(order, false)
		other := tell(rapid.Permutation(order).Draw(rt, "order"), rapid.Bool().Draw(rt, "between"))
		if !slices.Equal(one, other) {
			rt.Fatalf("upon %s, the order of arrival makes a difference:\n%s\n%s", stage, one, other)
		}
	})
}

// TestArrivalOfWhatProtects: whatever else arrives, once a withdrawal or a no of
// somebody who knew of the yes is there, nothing is in force.
func TestArrivalOfWhatProtects(t *testing.T) {
	names := slices.Sorted(maps.Keys(stages()))
	rapid.Check(t, func(rt *rapid.T) {
		s := talking(consultations.Rules{}).tell()
		stages()[rapid.SampledFrom(names).Draw(rt, "upon")](s)
		words := rapid.SliceOfN(rapid.Custom(drawWord), 0, 3).Draw(rt, "words")
		stop := word{kind: rapid.SampledFrom([]consultations.DecisionType{consultations.Withdraw, consultations.No}).Draw(rt, "stop"), aspects: aspectIDs(), done: time.Hour}
		words = append(words, stop)
		order := make([]int, len(words))
		for i := range order {
			order[i] = i
		}
		s.arrive(words, rapid.Permutation(order).Draw(rt, "order"), false)
		c, x := s.fold()
		for _, a := range aspectIDs() {
			if c.InForce(x, 1, a, s.clock) {
				rt.Fatalf("%s is in force", a)
			}
		}
	})
}
