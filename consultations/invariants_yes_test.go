package consultations_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/record"
)

// Invariants 07–12: what becomes of a yes.

// reached takes the first aspect to a state in which something was agreed once.
func reached() map[consultations.State]func(w *world) {
	yes := func(w *world) { w.inForce(consultations.Consent) }
	dated := func(w *world) {
		w.ready()
		form := w.words(consultations.Consent, w.aspects[0])
		form.ReviewAt, form.ExpiresAt = w.clock.Add(10*day), w.clock.Add(20*day)
		draft := w.must(w.Transcribe(w.ctx(), w.by("Fara"), w.community, w.consultation, form))
		_, _ = w.confirm("Hilda", draft), w.confirm("Hana", draft)
	}
	suspended := func(w *world) {
		yes(w)
		if err := w.stop("Hana", consultations.Suspend, w.aspects[0]); err != nil {
			w.Fatal(err)
		}
	}
	anew := func(w *world) { suspended(w); w.disclose(consultations.Risks) }
	return map[consultations.State]func(w *world){
		consultations.InForce:     yes,
		consultations.InForceIf:   func(w *world) { w.inForce(consultations.ConsentConditions) },
		consultations.Cooling:     func(w *world) { w.cooled().decided(consultations.Consent, w.aspects[0]) },
		consultations.Suspended:   suspended,
		consultations.UnderReview: func(w *world) { dated(w); w.wait(15 * day) },
		consultations.Lapsed:      func(w *world) { dated(w); w.wait(25 * day) },
		consultations.ContestedState: func(w *world) {
			yes(w)
			w.must(w.Dispute(w.ctx(), w.by("Hana"), w.community, w.consultation, nil, w.women, "No fuimos oídas."))
		},
		consultations.Disclosing:   anew,
		consultations.Deliberating: func(w *world) { anew(w); w.move("Hilda", consultations.MoveReceive) },
		consultations.Pending: func(w *world) {
			anew(w)
			w.move("Hilda", consultations.MoveReceive)
			w.deliberated().draft(consultations.Consent, w.aspects[0])
		},
		consultations.Continuing: func(w *world) {
			anew(w)
			w.move("Hilda", consultations.MoveReceive)
			w.deliberated().decided(consultations.NotNow, w.aspects[0])
		},
	}
}

// TestInvariant07 "Withdrawal and suspension are always available, need no reason,
// are never queued behind review, validation, payment, or network." The state
// after it may be shown as contested; what counts is that nothing is in force.
func TestInvariant07WithdrawalIsAlwaysPossible(t *testing.T) {
	for state, reach := range reached() {
		t.Run(string(state), func(t *testing.T) {
			w := one(t)
			reach(w)
			w.stands(state)
			w.must(w.Contest(w.ctx(), w.by("Obi"), w.community, w.mandates["Horst"], "")) // not even this stops him
			if err := w.stop("Horst", consultations.Withdraw, w.aspects[0]); err != nil {
				w.Fatalf("withdraw: %v", err)
			}
			if s := w.at(w.aspects[0], w.clock); s.Path != consultations.Withdrawn || s.State != consultations.Withdrawn || !s.Since.Equal(w.clock) {
				w.Errorf("it is %s (%s) since %v, want withdrawn since %v", s.State, s.Path, s.Since, w.clock)
			}
		})
	}
	each(t, func(w *world) { // entered by another: what a holder said by radio to two who were there
		w.inForce(consultations.Consent)
		form := consultations.StopForm{
			Version: 1, Type: consultations.Withdraw, Mandate: w.mandates["Horst"], Via: consultations.Radio, Form: consultations.ByVoice, Witnesses: []string{"Rosa", "Inés"},
		}
		_, err := w.Stop(w.ctx(), w.by("Pablo"), w.community, w.consultation, form)
		w.refused(err, consultations.ErrRefused)
		w.must(w.Stop(w.ctx(), w.by("Fara"), w.community, w.consultation, form))
		w.stands(consultations.Withdrawn)
		if d := w.record("Hilda").Decisions[1]; d.Via != consultations.Radio {
			w.Errorf("it is not marked as entered by another: %q", d.Via)
		}
	})
}

// TestInvariant07 where the protocol says so, any elder may.
func TestInvariant07AnyElder(t *testing.T) {
	w := one(t)
	w.founded()
	form := w.mandateForm("Mira")
	form.Powers = []consultations.Power{consultations.Receipting}
	mira := w.must(w.EnterMandate(w.ctx(), w.by("Hilda"), w.community, form))
	for _, name := range []string{"Hilda", "Horst"} {
		w.must(w.Vouch(w.ctx(), w.by(name), w.community, mira, ""))
	}
	w.proposed().told().deliberated().decided(consultations.Consent, w.aspects[0])
	w.refused(w.stop("Mira", consultations.Withdraw, w.aspects[0]), consultations.ErrRefused)
	w.protocol(consultations.Rules{Confirmations: 2, AnyElder: true})
	if err := w.stop("Mira", consultations.Withdraw, w.aspects[0]); err != nil {
		w.Errorf("any elder: %v", err)
	}
	w.stands(consultations.Withdrawn)
}

// TestInvariant08 "No stops re-asking until cool-off and new content and the
// community's invitation": each of the three alone is not enough.
func TestInvariant08NoStopsAsking(t *testing.T) {
	each(t, func(w *world) {
		w.ready().decided(consultations.No, w.aspects...)
		invite := func(version int) error {
			_, err := w.Move(w.ctx(), w.by("Fara"), w.community, w.consultation, version, consultations.MoveInvite, "")
			return err
		}
		w.refused(invite(1), consultations.ErrWrongTime)
		for _, name := range []string{"Pablo", "Fara"} {
			_, err := w.Move(w.ctx(), w.by(name), w.community, w.consultation, 1, consultations.MoveReopen, "")
			w.refused(err, consultations.ErrRefused)
		}
		w.must(w.ChangeProposal(w.ctx(), w.by("Pablo"), w.community, w.consultation, w.form("Second")))
		w.blockedBy(invite(2), consultations.GuardCoolOff)
		w.wait(91 * day)
		w.blockedBy(invite(2), consultations.GuardAskedBack)
		w.must(w.Move(w.ctx(), w.by("Hilda"), w.community, w.consultation, 1, consultations.MoveReopen, "Vuelvan a explicarnos."))
		w.blockedBy(invite(1), consultations.GuardNewVersion)
		if err := invite(2); err != nil {
			w.Errorf("with all three: %v", err)
		}
	})
}

// TestInvariant09 "Append-only: correction is a superseding event; entered in
// error keeps the original visible to those who could see it".
func TestInvariant09NothingGoes(t *testing.T) {
	each(t, func(w *world) {
		w.inForce(consultations.Consent)
		size := w.size()
		root := w.root(size)
		before, _ := w.sees("Hilda", 1)
		decision := w.record("Hilda").Decisions[0].ID
		_, err := w.Void(w.ctx(), w.by("Fara"), w.community, w.consultation, decision, "otra fecha")
		w.refused(err, consultations.ErrRefused)
		for _, name := range []string{"Hilda", "Hana"} { // what several said, several take back
			if w.at(w.aspects[0], w.clock).State != consultations.InForce {
				w.Error("one holder alone undid it")
			}
			w.must(w.Void(w.ctx(), w.by(name), w.community, w.consultation, decision, "otra fecha"))
		}
		if w.at(w.aspects[0], w.clock).State == consultations.InForce {
			w.Error("what was entered in error is in force")
		}
		after, _ := w.sees("Hilda", 1)
		if len(after.Decisions) != 1 || !after.Decisions[0].Void || after.Decisions[0].VoidReason != "otra fecha" {
			w.Fatalf("the original is not shown as entered in error: %+v", after.Decisions)
		}
		if after.Decisions[0].Statement != before.Decisions[0].Statement || len(after.Decisions[0].Dissent) != 1 {
			w.Error("the original has lost words")
		}
		w.decided(consultations.No, w.aspects[1])
		_, err = w.Void(w.ctx(), w.by("Hilda"), w.community, w.consultation, w.record("Hilda").Decisions[1].ID, "x")
		w.refused(err, consultations.ErrWrongTime) // what protects is not voided: a new decision comes after it
		if w.size() <= size || w.root(size) != root {
			w.Error("the log was not only added to")
		}
	})
}

// TestInvariant10 "Dissent and conditions travel with the decision in every view
// and export where the decision appears; a conditional yes is never rendered as
// consent given." Channels that pages add are tested with them.
func TestInvariant10ConditionsAndDissentTravel(t *testing.T) {
	each(t, func(w *world) {
		w.inForce(consultations.ConsentConditions)
		for _, to := range consultations.Audiences() {
			if text := w.shown(to); text != "" {
				w.lacks(text, "Nadie entra", "Julia", string(consultations.InForceIf))
			}
			w.release(to, consultations.PartStatus)
			w.has(w.shown(to), "Nadie entra al cerro.", "Julia no está de acuerdo.", string(consultations.InForceIf))
			w.lacks(w.shown(to), `"in_force"`, `"consent"`)
		}
		copied := w.export("Hilda", consultations.ToPublic)
		w.has(string(copied.Bytes), "Nadie entra al cerro.", "Julia no está de acuerdo.", string(consultations.InForceIf))
		status, err := w.ByLink(w.ctx(), copied.Token)
		if err != nil {
			w.Fatal(err)
		}
		w.has(asJSON(w, status), "Nadie entra al cerro.", "Julia no está de acuerdo.", string(consultations.InForceIf))
		_, err = w.Transcribe(w.ctx(), w.by("Fara"), w.community, w.consultation, consultations.DraftForm{
			Version: 1, Aspects: w.aspects[1:2], Type: consultations.Consent, Language: tongue, Statement: "Sí.", Conditions: []string{"Pero no."},
		})
		w.invalid(err, "type")
	})
}

// TestInvariant10 a renewal drops no condition in silence.
func TestInvariant10ARenewalKeepsConditions(t *testing.T) {
	w := one(t).inForce(consultations.ConsentConditions)
	if err := w.stop("Hana", consultations.Suspend, w.aspects[0]); err != nil {
		w.Fatal(err)
	}
	w.decided(consultations.Renew, w.aspects[0])
	w.stands(consultations.InForceIf)
	v, _ := w.sees("Hilda", 1)
	if len(v.Aspects[0].Conditions) != 1 || v.Aspects[0].Conditions[0].Words != "Nadie entra al cerro." {
		w.Errorf("the renewed yes has the conditions %v", v.Aspects[0].Conditions)
	}
}

// TestInvariant11 "Contested mandate ⇒ overlay; nothing new enters force until the
// institution resolves it (not the admin)".
func TestInvariant11WhatIsContestedWaits(t *testing.T) {
	each(t, func(w *world) {
		w.inForce(consultations.Consent)
		w.seated("Ulla", consultations.Ombudsman)
		contest := w.must(w.Dispute(w.ctx(), w.by("Ulla"), w.community, w.consultation, nil, w.women, "No fuimos oídas."))
		w.stands(consultations.ContestedState, consultations.ContestedState)
		_, err := w.Transcribe(w.ctx(), w.by("Fara"), w.community, w.consultation, w.words(consultations.Consent, w.aspects[1]))
		w.blockedBy(err, consultations.GuardContest)
		stands := w.record("Hilda").Decisions[0].ID
		rule := func(name string) error {
			_, err := w.RuleOnContest(w.ctx(), w.by(name), w.community, w.consultation, contest, stands)
			return err
		}
		for _, name := range []string{"Pablo", "Fara", "Ulla", "Obi", "Hana"} { // Hana is of another institution than the protocol's
			w.refused(rule(name), consultations.ErrRefused)
		}
		w.refused(rule("Admin"), consultations.ErrHidden)
		for range 2 {
			if err := rule("Hilda"); err != nil {
				w.Fatal(err)
			}
			w.stands(consultations.ContestedState) // one person twice is one person
		}
		if err := rule("Horst"); err != nil {
			w.Fatal(err)
		}
		w.stands(consultations.InForce, consultations.Deliberating)
	})
}

// TestInvariant11 of mandates: under a contested one nobody confirms.
func TestInvariant11AContestedHolderConfirmsNothing(t *testing.T) {
	each(t, func(w *world) {
		w.ready()
		draft := w.draft(consultations.Consent, w.aspects[0])
		w.must(w.Contest(w.ctx(), w.by("Obi"), w.community, w.mandates["Hilda"], "no la elegimos"))
		w.refused(w.confirm("Hilda", draft), consultations.ErrRefused)
		for _, name := range []string{"Fara", "Pablo", "Obi", "Hilda"} {
			_, err := w.RuleOnMandate(w.ctx(), w.by(name), w.community, w.mandates["Hilda"], true)
			w.refused(err, consultations.ErrRefused)
		}
		_, err := w.RuleOnMandate(w.ctx(), w.by("Admin"), w.community, w.mandates["Hilda"], true)
		w.refused(err, consultations.ErrHidden)
		for _, name := range []string{"Hana", "Horst"} {
			w.refused(w.confirm("Hilda", draft), consultations.ErrRefused)
			w.must(w.RuleOnMandate(w.ctx(), w.by(name), w.community, w.mandates["Hilda"], true))
		}
		if err := w.confirm("Hilda", draft); err != nil {
			w.Errorf("after the ruling: %v", err)
		}
	})
}

// TestInvariant12 "Every status shown carries 'as of time, log index'; historic
// truth ('in force from T1 to T2') is preserved".
func TestInvariant12HistoryStays(t *testing.T) {
	each(t, func(w *world) {
		w.inForce(consultations.Consent)
		given := w.clock
		w.wait(40 * day)
		during := w.clock
		w.wait(40 * day)
		taken := w.clock
		if err := w.stop("Horst", consultations.Withdraw, w.aspects[0]); err != nil {
			w.Fatal(err)
		}
		w.wait(aYear)
		if s := w.at(w.aspects[0], during); s.State != consultations.InForce {
			w.Errorf("then it is said to have been %s", s.State)
		}
		v, _ := w.sees("Hilda", 1)
		if v.AsOf != w.seat("Hilda").Community.Size || !v.At.Equal(w.clock) {
			w.Errorf("as of %d, %v", v.AsOf, v.At)
		}
		history := v.Aspects[0].History
		last := history[len(history)-2:]
		if last[0].State != consultations.InForce || !last[0].From.Equal(given) || !last[0].To.Equal(taken) || last[1].State != consultations.Withdrawn || !last[1].From.Equal(taken) {
			w.Errorf("the history ends with %+v", last)
		}
		if a := v.Aspects[0]; a.AsOf == 0 || !a.Since.Equal(taken) {
			w.Errorf("withdrawn since %v as of entry %d", a.Since, a.AsOf)
		}
	})
}

// TestInvariant12Property: what was shown at a time is what history says of that
// time ever after, as long as nothing arrives late.
func TestInvariant12Property(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := talking(consultations.Rules{}).tell()
		type look struct {
			at    time.Time
			state consultations.State
		}
		var looks []look
		for n := range rapid.IntRange(1, 8).Draw(rt, "steps") {
			id := record.ID(rune('A' + n))
			kind := rapid.SampledFrom(consultations.DecisionTypes()).Draw(rt, "answer")
			d := decisionOf(id, kind, int64(len(s.events)), firstAspect)
			d.Effective = s.clock.Add(time.Duration(rapid.IntRange(0, 60).Draw(rt, "cooling")) * day)
			if rapid.Bool().Draw(rt, "dated") {
				d.ReviewAt = d.Effective.Add(time.Duration(rapid.IntRange(1, 60).Draw(rt, "review")) * day)
				d.ExpiresAt = d.Effective.Add(time.Duration(rapid.IntRange(1, 60).Draw(rt, "end")) * day)
			}
			s.add(d)
			s.wait(time.Duration(rapid.IntRange(1, 100).Draw(rt, "wait")) * 12 * time.Hour)
			looks = append(looks, look{s.clock, s.state(firstAspect, s.clock).State})
			s.wait(time.Minute)
		}
		end := s.state(firstAspect, s.clock.Add(10*aYear))
		for _, l := range looks {
			var said consultations.State
			for _, p := range end.Periods {
				if !p.From.After(l.at) && (p.To.IsZero() || p.To.After(l.at)) {
					said = p.State
				}
			}
			if said != l.state {
				rt.Fatalf("at %v it was shown as %s, history says %s", l.at, l.state, said)
			}
		}
	})
}
