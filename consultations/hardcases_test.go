package consultations_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/record"
)

// The hard cases of the model of consultations, by their numbers, as far as they
// are decided without a page. hardcases_kept_test.go has the rest, standing_test.go
// and order_test.go every order of arrival of 2 and 3.

// TestHardCase01 withdrawal after a copy has left. Printed codes, and notices as
// mail, are for the pages' tests.
func TestHardCase01WithdrawalAfterExport(t *testing.T) {
	each(t, func(w *world) {
		w.inForce(consultations.Consent)
		w.release(consultations.ToPublic, consultations.PartStatus)
		var copies []consultations.Taken
		for range 3 {
			copies = append(copies, w.export("Hilda", consultations.ToPublic))
			w.wait(time.Minute)
		}
		size := w.size()
		root, given := w.root(size), w.clock
		w.wait(day)
		if err := w.stop("Horst", consultations.Withdraw, w.aspects[0]); err != nil {
			w.Fatal(err)
		}
		if w.root(size) != root {
			w.Error("what was proved before is not proved any more")
		}
		notices := 0
		for _, e := range w.seat("Hilda").Community.Exports {
			notices += len(e.Noticed)
		}
		if notices != 3 {
			w.Errorf("%d notices, want 3", notices)
		}
		for _, c := range copies {
			status, err := w.ByLink(w.ctx(), c.Token)
			if err != nil || status.Aspects[0].State != consultations.Withdrawn || !status.Changed {
				w.Errorf("the link of an old copy says %+v, %v", status, err)
			}
		}
		if s := w.at(w.aspects[0], given); s.State != consultations.InForce {
			w.Errorf("when the copies left it is said to have been %s", s.State)
		}
		w.lacks(w.shown(consultations.ToPublic), `"state":"in_force","since"`)
	})
}

// TestHardCase02 a yes from a phone meets a no. The phone's yes is kept, marked,
// and enters into force in neither order of arrival.
func TestHardCase02OfflineDecisionSyncedLate(t *testing.T) {
	for _, phoneFirst := range []bool{false, true} {
		each(t, func(w *world) {
			w.ready()
			yes, no := w.draft(consultations.Consent, w.aspects[0]), w.draft(consultations.No, w.aspects[0])
			if err := w.confirm("Hana", yes); err != nil {
				w.Fatal(err)
			}
			base, at := w.size(), w.clock.Add(time.Hour)
			w.wait(3 * time.Hour)
			says := func(name string, draft record.ID, asserted time.Time) {
				w.Helper()
				if _, err := w.Confirm(w.ctx(), w.late(name, base, asserted), w.community, w.consultation, w.wordFor(draft)); err != nil {
					w.Fatalf("%s: %v", name, err)
				}
			}
			phone := func() { says("Hilda", yes, at) }
			others := func() { says("Horst", no, at.Add(time.Hour)); says("Hana", no, at.Add(time.Hour)) }
			if phoneFirst {
				phone()
				w.stands(consultations.InForce)
				others()
			} else {
				others()
				phone()
			}
			w.stands(consultations.Refused)
			x := w.record("Hilda")
			kept := x.Draft(yes).Confirmed
			if stale := slices.ContainsFunc(kept, func(c consultations.Confirmation) bool { return c.Stale }); len(kept) != 2 || stale == phoneFirst {
				w.Errorf("phone first %v: kept are %+v", phoneFirst, kept)
			}
			s := w.at(w.aspects[0], w.clock)
			if phoneFirst != slices.Contains(s.Stale, x.Decisions[0].ID) {
				w.Errorf("phone first %v: never entered into force: %v", phoneFirst, s.Stale)
			}
			for _, p := range s.Periods {
				if p.State == consultations.InForce {
					w.Error("the yes was in force for a while")
				}
			}
		})
	}
}

// TestHardCase03 a withdrawal kept on a phone, and conditions that were met meanwhile.
func TestHardCase03OfflineWithdrawal(t *testing.T) {
	each(t, func(w *world) {
		w.inForce(consultations.ConsentConditions)
		given := w.clock
		w.wait(day)
		base, nine := w.size(), w.clock
		w.wait(time.Hour)
		w.must(w.SetCondition(w.ctx(), w.by("Hana"), w.community, w.consultation, w.record("Hilda").Conditions[0].ID, consultations.ConditionMet, "Cumplida."))
		w.wait(2 * time.Hour)
		if err := w.withdrawLate(w.late("Horst", base, nine), w.aspects[0]); err != nil {
			w.Fatal(err)
		}
		w.stands(consultations.Withdrawn)
		v, _ := w.sees("Hilda", 1)
		history := v.Aspects[0].History
		before, last := history[len(history)-2], history[len(history)-1]
		if before.State != consultations.InForceIf || !before.From.Equal(given) || !before.To.Equal(nine) || !last.From.Equal(nine) || !last.Late {
			w.Errorf("the history ends with %+v, %+v", before, last)
		}
		if s := w.at(w.aspects[0], nine.Add(time.Hour)); s.State != consultations.Withdrawn {
			w.Errorf("between nine and its arrival it was %s", s.State)
		}
	})
}

// TestHardCase04 a representative loses the mandate between writing down and
// confirming, and between doing and arriving.
func TestHardCase04MandateLost(t *testing.T) {
	each(t, func(w *world) {
		w.inForce(consultations.Consent)
		yes := w.draft(consultations.Consent, w.aspects[1])
		base, then := w.size(), w.clock.Add(time.Hour)
		w.wait(2 * time.Hour)
		w.must(w.EndMandate(w.ctx(), w.by("Horst"), w.community, w.mandates["Horst"]))
		w.wait(time.Hour)
		w.appendsNothing("a former holder confirms", func() error { return w.confirm("Horst", yes) })
		w.appendsNothing("a former holder's word of before arrives", func() error {
			_, err := w.Confirm(w.ctx(), w.late("Horst", base, then), w.community, w.consultation, w.wordFor(yes))
			return err
		})
		w.stands(consultations.InForce, consultations.Pending)
		if s := w.at(w.aspects[0], w.clock); s.State != consultations.InForce {
			w.Errorf("what was decided before is %s", s.State)
		}
		early := w.late("Hilda", base, w.clock.Add(-40*day)) // before his mandate counted
		_, err := w.Confirm(w.ctx(), early, w.community, w.consultation, w.wordFor(yes))
		w.invalid(err, "digest")
	})
}

// TestHardCase04 what protects and was done in time is not lost: it is put to the
// institution, and nothing stands until it has ruled.
func TestHardCase04AWithdrawalInTime(t *testing.T) {
	each(t, func(w *world) {
		w.inForce(consultations.Consent)
		w.wait(day)
		base, then := w.size(), w.clock
		w.wait(day)
		w.must(w.EndMandate(w.ctx(), w.by("Horst"), w.community, w.mandates["Horst"]))
		w.wait(day)
		w.appendsNothing("a former holder withdraws now", func() error { return w.stop("Horst", consultations.Withdraw, w.aspects[0]) })
		w.appendsNothing("and claims to have done it after the end", func() error {
			return w.withdrawLate(w.late("Horst", base, w.clock.Add(-time.Hour)), w.aspects[0])
		})
		if err := w.withdrawLate(w.late("Horst", base, then), w.aspects[0]); err != nil {
			w.Fatal(err)
		}
		w.stands(consultations.ContestedState)
	})
}

// TestHardCase05 two factions: both statements stand side by side, nothing is in
// force, and nobody from outside resolves it.
func TestHardCase05TwoFactions(t *testing.T) {
	each(t, func(w *world) {
		w.founded()
		w.protocol(consultations.Rules{Confirmations: 2, DeliberateDays: 30, InternalSessions: 1})
		form := w.mandateForm("Mira")
		form.Institution = w.women
		w.mandates["Mira"] = w.must(w.EnterMandate(w.ctx(), w.by("Fara"), w.community, form))
		for _, name := range []string{"Hilda", "Hana"} {
			w.must(w.Vouch(w.ctx(), w.by(name), w.community, w.mandates["Mira"], ""))
		}
		w.proposed().told().deliberated()
		decide := func(kind consultations.DecisionType, names ...string) {
			id := w.draft(kind, w.aspects[0])
			for _, name := range names {
				if err := w.confirm(name, id); err != nil {
					w.Fatalf("%s: %v", name, err)
				}
			}
		}
		decide(consultations.Consent, "Hilda", "Horst")
		decide(consultations.No, "Hana", "Mira")
		w.stands(consultations.ContestedState)
		x := w.record("Hilda")
		contest := x.Contests[0].ID
		for _, name := range []string{"Fara", "Pablo", "Obi"} {
			_, err := w.RuleOnContest(w.ctx(), w.by(name), w.community, w.consultation, contest, x.Decisions[0].ID)
			w.refused(err, consultations.ErrRefused)
		}
		v, _ := w.sees("Hilda", 1)
		if len(v.Decisions) != 2 || v.Decisions[0].Type != consultations.Consent || v.Decisions[1].Type != consultations.No {
			w.Errorf("side by side are %+v", v.Decisions)
		}
		w.lacks(w.shown(consultations.ToPublic)+w.shown(consultations.ToProponent), "contested")
		w.release(consultations.ToPublic, consultations.PartStatus)
		w.has(w.shown(consultations.ToPublic), `"contested"`)
		for _, name := range []string{"Hilda", "Horst"} {
			w.must(w.RuleOnContest(w.ctx(), w.by(name), w.community, w.consultation, contest, x.Decisions[1].ID))
		}
		w.stands(consultations.Refused)
	})
}

// TestHardCase10 yes to one aspect, no to another: nothing in what is shown says
// anything of the whole. Lists, filters and counts of pages have their own tests.
func TestHardCase10PerAspect(t *testing.T) {
	w := one(t).inForce(consultations.Consent)
	w.decided(consultations.No, w.aspects[2])
	w.stands(consultations.InForce, consultations.Deliberating, consultations.Refused)
	for _, of := range []any{consultations.View{}, consultations.Consultation{}, consultations.Community{}, consultations.ProposalView{}, consultations.CopyStatus{}} {
		for f := range reflect.TypeOf(of).Fields() {
			if f.Type == reflect.TypeFor[consultations.State]() || f.Type == reflect.TypeFor[consultations.DecisionType]() {
				w.Errorf("%T has a %s, %s: there is no state of a whole", of, f.Type, f.Name)
			}
		}
	}
	v, _ := w.sees("Hilda", 1)
	for n, a := range v.Aspects {
		if a.Number != n+1 || a.Of != 3 {
			w.Errorf("aspect %d is shown as %d of %d", n, a.Number, a.Of)
		}
	}
}
