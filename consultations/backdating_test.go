package consultations_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/vcm-forum/forum/consultations"
)

// Back-dating: whatever date is claimed, on a form, a phone or a paper, the time
// of the record is the server's, and what is claimed is shown as claimed. (Clocks
// in headers and files of an import do not reach this package.)

// TestThePhonesClockMovesNothing: two logs that differ in nothing but what the
// phones' clocks said give the same of everything.
func TestThePhonesClockMovesNothing(t *testing.T) {
	names := slices.Sorted(maps.Keys(stages()))
	rapid.Check(t, func(rt *rapid.T) {
		stage := rapid.SampledFrom(names).Draw(rt, "upon")
		words := rapid.SliceOfN(rapid.Custom(drawWord), 1, 5).Draw(rt, "words")
		order := make([]int, len(words))
		for i := range order {
			order[i] = i
		}
		tell := func() *story {
			s := talking(consultations.Rules{CoolingDays: 3}).tell()
			stages()[stage](s)
			s.arrive(words, order, true)
			return s
		}
		honest, crooked := tell(), tell()
		for i := range crooked.events {
			crooked.events[i].Claim.Device = time.Unix(rapid.Int64Range(-1<<35, 1<<36).Draw(rt, "device"), 0)
		}
		for _, later := range []time.Duration{0, 2 * day, aYear} {
			for _, a := range aspectIDs() {
				one, other := honest.state(a, honest.clock.Add(later)), crooked.state(a, honest.clock.Add(later))
				if one.State != other.State || !one.Since.Equal(other.Since) || len(one.Periods) != len(other.Periods) || one.Decision != other.Decision {
					rt.Fatalf("the phones' clocks make %s of %s", other.State, one.State)
				}
			}
		}
	})
}

// TestAnAssertedTimeMakesNoYes: with any asserted times nothing is in force at a
// moment at which it was not by the times of the record alone, before it arrived.
func TestAnAssertedTimeMakesNoYes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := talking(consultations.Rules{}).tell()
		told := s.clock
		s.wait(10 * day)
		base := int64(len(s.events))
		kind := rapid.SampledFrom([]consultations.DecisionType{consultations.Consent, consultations.ConsentConditions}).Draw(rt, "yes")
		d := decisionOf("yes", kind, base, firstAspect)
		d.Effective = s.clock
		arrived := s.clock
		asserted := told.Add(time.Duration(rapid.IntRange(-50_000, 50_000).Draw(rt, "minutes")) * time.Minute)
		s.claimed(d, consultations.Claim{Late: true, Base: base, Asserted: asserted, Device: asserted}, nil)
		at := told.Add(time.Duration(rapid.IntRange(0, int(arrived.Sub(told)/time.Minute)-1).Draw(rt, "looked at")) * time.Minute)
		if st := s.state(firstAspect, at); st.State == consultations.InForce || st.State == consultations.InForceIf {
			rt.Fatalf("in force at %v, and it arrived at %v", at, arrived)
		}
	})
}

// TestTheRecordsTimeIsTheServers: every step with every claim that a form may make.
func TestTheRecordsTimeIsTheServers(t *testing.T) {
	each(t, func(w *world) {
		w.inForce(consultations.Consent)
		w.wait(day)
		longAgo := w.late("Hana", w.size(), w.clock.Add(-20*day))
		w.must(w.WriteSession(w.ctx(), longAgo, w.community, w.consultation, consultations.SessionForm{
			Version: 1, Kind: consultations.DecisionMeet, Held: w.clock.Add(-300 * day),
		}))
		w.must(w.RaiseChange(w.ctx(), longAgo, w.community, w.consultation, 1, w.aspects[:1], "Otro precio."))
		draft := w.must(w.Transcribe(w.ctx(), w.late("Fara", 1, w.clock.Add(-20*day)), w.community, w.consultation, w.words(consultations.No, w.aspects[1])))
		x := w.record("Hilda")
		session := x.Sessions[len(x.Sessions)-1]
		for what, at := range map[string]time.Time{"the session": session.At, "the change": x.Changes[0].At, "the draft": x.Draft(draft).At} {
			if !at.Equal(w.clock) {
				w.Errorf("%s was entered at %v, the record says %v", what, w.clock, at)
			}
		}
		if !session.Held.Equal(w.clock.Add(-300 * day)) {
			w.Errorf("what was claimed of the session is lost: %v", session.Held)
		}
		if s := w.at(w.aspects[0], w.clock.Add(-time.Hour)); s.State != consultations.InForce {
			w.Errorf("an hour before the change was raised it was %s", s.State)
		}
	})
}

// TestAPaperOfLastMonth: a decision that was taken on paper and is entered now has
// the time of its entry, and opens nothing earlier.
func TestAPaperOfLastMonth(t *testing.T) {
	each(t, func(w *world) {
		w.ready()
		draft := w.draft(consultations.Consent, w.aspects[0])
		month := w.clock.Add(-25 * day)
		for _, name := range []string{"Hilda", "Hana"} {
			call := w.by(name)
			call.Claim = consultations.Claim{Asserted: month, Device: month} // a date on a form, not kept by a phone
			if _, err := w.Confirm(w.ctx(), call, w.community, w.consultation, w.wordFor(draft)); err != nil {
				w.Fatal(err)
			}
		}
		w.stands(consultations.InForce)
		if s := w.at(w.aspects[0], w.clock); !s.Since.Equal(w.clock) {
			w.Errorf("in force since %v, and it was entered at %v", s.Since, w.clock)
		}
		if s := w.at(w.aspects[0], month.Add(day)); s.State == consultations.InForce {
			w.Error("it is said to have been in force last month")
		}
	})
}

// TestNoDateShortensAWait: not the window, not the mandate, not the time after a no.
func TestNoDateShortensAWait(t *testing.T) {
	w := one(t).founded().proposed().told()
	_, err := w.WriteSession(w.ctx(), w.by("Hilda"), w.community, w.consultation, consultations.SessionForm{
		Version: 1, Kind: consultations.InternalOnly, Held: w.clock.Add(aYear),
	})
	w.invalid(err, "held") // a meeting of next year was not held
	w.must(w.WriteSession(w.ctx(), w.by("Hilda"), w.community, w.consultation, consultations.SessionForm{
		Version: 1, Kind: consultations.InternalOnly, Held: w.clock,
	}))
	_, err = w.Transcribe(w.ctx(), w.late("Fara", w.size(), w.clock.Add(aYear)), w.community, w.consultation, w.words(consultations.Consent, w.aspects[0]))
	w.blockedBy(err, consultations.GuardWindow)
	w.wait(31 * day)
	draft := w.draft(consultations.Consent, w.aspects[0])
	base := w.size()
	for _, asserted := range []time.Time{w.clock.Add(-40 * day), w.clock.Add(-aYear)} { // before the mandate counted
		_, err = w.Confirm(w.ctx(), w.late("Hilda", base, asserted), w.community, w.consultation, w.wordFor(draft))
		w.invalid(err, "digest")
	}
	for _, bad := range []int64{0, -1, base + 1, 1} { // knew nothing, knew what is not there yet, had not seen the draft
		_, err = w.Confirm(w.ctx(), w.late("Hilda", bad, w.clock), w.community, w.consultation, w.wordFor(draft))
		if err == nil {
			t.Errorf("a late word that had seen %d of %d entries counts", bad, base)
		}
	}
	w.decided(consultations.No, w.aspects...)
	w.must(w.ChangeProposal(w.ctx(), w.by("Pablo"), w.community, w.consultation, w.form("Second")))
	w.must(w.Move(w.ctx(), w.by("Hilda"), w.community, w.consultation, 1, consultations.MoveReopen, ""))
	_, err = w.Move(w.ctx(), w.late("Fara", w.size(), w.clock.Add(aYear)), w.community, w.consultation, 2, consultations.MoveInvite, "")
	w.blockedBy(err, consultations.GuardCoolOff)
}
