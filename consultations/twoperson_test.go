package consultations_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// The rule of two people: every way by which one of them might do the work of
// two. In every one of them nothing is decided. What is refused before anything
// is entered is among the hard cases; here somebody tries to be two.

// undecided checks that no yes came of it.
func (w *world) undecided() {
	w.Helper()
	if s := w.at(w.aspects[0], w.clock); s.State != consultations.Pending {
		w.Errorf("it is %s, want %s", s.State, consultations.Pending)
	}
	for _, d := range w.record("Hilda").Decisions {
		if d.Type == consultations.Consent {
			w.Errorf("decided is %s by %v", d.ID, d.Mandates)
		}
	}
}

// pair is a consultation under a protocol that asks for any two people.
func (w *world) pair() *world {
	w.Helper()
	w.founded()
	w.protocol(consultations.Rules{Confirmations: 2, DeliberateDays: 30, InternalSessions: 1})
	return w.proposed().told().deliberated()
}

// TestOneAccountIsOnePerson: the same account again, from two devices, with the
// same key and with another, and a hundred times at once.
func TestOneAccountIsOnePerson(t *testing.T) {
	each(t, func(w *world) {
		w.pair()
		draft := w.draft(consultations.Consent, w.aspects[0])
		word, before := w.wordFor(draft), w.size()
		var all sync.WaitGroup
		for n := range 100 {
			all.Go(func() {
				call := w.by("Hilda")
				call.Actor.Login = record.NewID() // another device
				call.Key = []string{"", strings.Repeat("a", 22), strings.Repeat("b", 22)}[n%3]
				_, _ = w.Confirm(w.ctx(), call, w.community, w.consultation, word) // one of them is taken
			})
		}
		all.Wait()
		if n := w.size() - before; n != 1 {
			w.Errorf("%d words were entered, want 1", n)
		}
		w.undecided()
	})
}

// TestAHundredWordsAtOnceMakeOneDecision: two people who press a hundred times.
func TestAHundredWordsAtOnceMakeOneDecision(t *testing.T) {
	each(t, func(w *world) {
		w.pair()
		draft := w.draft(consultations.Consent, w.aspects[0])
		word := w.wordFor(draft)
		var all sync.WaitGroup
		for n := range 100 {
			name := []string{"Hilda", "Horst", "Fara", "Pablo"}[n%4]
			all.Go(func() { _, _ = w.Confirm(w.ctx(), w.by(name), w.community, w.consultation, word) }) // two of them are taken
		}
		all.Wait()
		x := w.record("Hilda")
		if len(x.Draft(draft).Confirmed) != 2 || len(x.Decisions) != 1 {
			w.Errorf("%d words, %d decisions", len(x.Draft(draft).Confirmed), len(x.Decisions))
		}
		w.stands(consultations.InForce)
	})
}

// TestOneAccountDecidesNothingAlone: one's own word and another's that one says to
// have heard; and two words heard by one who has none.
func TestOneAccountDecidesNothingAlone(t *testing.T) {
	for _, who := range []string{"Hilda", "Fara"} {
		w := one(t).pair()
		draft := w.draft(consultations.Consent, w.aspects[0])
		for _, holder := range []string{"Hilda", "Horst"} {
			if holder == who {
				_ = w.confirm(who, draft)
			} else {
				_ = w.relayed(who, holder, draft)
			}
		}
		w.undecided()
	}
}

// TestTwoMandatesAreOnePerson: who speaks for two institutions is one of two.
func TestTwoMandatesAreOnePerson(t *testing.T) {
	each(t, func(w *world) {
		w.founded()
		m, _ := w.seat("Hilda").Community.Mandate(w.mandates["Hilda"])
		form := w.mandateForm("Hilda")
		form.Holder, form.Institution = m.Holder, w.women
		second := w.must(w.EnterMandate(w.ctx(), w.by("Fara"), w.community, form))
		w.appendsNothing("she stands behind herself", func() error { _, err := w.Vouch(w.ctx(), w.by("Hilda"), w.community, second, ""); return err })
		for _, name := range []string{"Horst", "Hana"} {
			w.must(w.Vouch(w.ctx(), w.by(name), w.community, second, ""))
		}
		w.wait(4 * day)
		w.protocol(consultations.Rules{Confirmations: 2, DeliberateDays: 30, InternalSessions: 1})
		w.proposed().told().deliberated()
		draft := w.draft(consultations.Consent, w.aspects[0])
		if err := w.confirm("Hilda", draft); err != nil {
			w.Fatal(err)
		}
		w.mandates["Hilda"] = second
		_ = w.relayed("Fara", "Hilda", draft)
		_ = w.confirm("Hilda", draft)
		w.undecided()
	})
}

// TestAnotherAccountOfTheSamePerson: nobody becomes two by a second account, nor
// stands behind their own mandate with it.
func TestAnotherAccountOfTheSamePerson(t *testing.T) {
	w := one(t).pair()
	m, _ := w.seat("Hilda").Community.Mandate(w.mandates["Hilda"])
	for _, account := range []record.ID{w.people["Nadia"].ID(), ""} {
		form := w.mandateForm("Hilda")
		form.Holder, form.Account = m.Holder, account
		receipt, err := w.EnterMandate(w.ctx(), w.by("Fara"), w.community, form)
		if err != nil {
			continue // refused at once: even better
		}
		w.appendsNothing("she stands behind herself", func() error {
			_, err := w.Vouch(w.ctx(), w.by("Hilda"), w.community, receipt.ID, "")
			return err
		})
	}
	form := w.mandateForm("Hilda")
	form.Name = "Otra"
	_, err := w.EnterMandate(w.ctx(), w.by("Horst"), w.community, form)
	w.invalid(err, "account") // and no account becomes another person's
}

// TestANewRepresentativeWaits: not before 72 hours, whatever the protocol says and
// whatever date stands on the paper; and the others see it meanwhile.
func TestANewRepresentativeWaits(t *testing.T) {
	each(t, func(w *world) {
		w.pair()
		form := w.mandateForm("Mira")
		form.From = w.clock.Add(-aYear)
		id := w.must(w.EnterMandate(w.ctx(), w.by("Fara"), w.community, form))
		draft := w.draft(consultations.Consent, w.aspects[0])
		w.refused(w.confirm("Mira", draft), consultations.ErrHidden) // nobody stands behind it
		w.must(w.Vouch(w.ctx(), w.by("Hilda"), w.community, id, ""))
		w.appendsNothing("twice", func() error { _, err := w.Vouch(w.ctx(), w.by("Hilda"), w.community, id, ""); return err })
		w.refused(w.confirm("Mira", draft), consultations.ErrHidden) // one does
		for _, name := range []string{"Fara", "Pablo", "Obi", "Mira"} {
			w.appendsNothing(name+" stands behind it", func() error { _, err := w.Vouch(w.ctx(), w.by(name), w.community, id, "Rosa"); return err })
		}
		w.must(w.Vouch(w.ctx(), w.by("Horst"), w.community, id, ""))
		w.wait(72*time.Hour - time.Second)
		w.refused(w.confirm("Mira", draft), consultations.ErrRefused)
		if m, ok := w.seat("Hana").Community.Mandate(id); !ok || m.ReadyAt().IsZero() {
			t.Error("the others do not see the new mandate")
		}
		w.wait(time.Second)
		if err := w.confirm("Mira", draft); err != nil {
			w.Errorf("after 72 hours: %v", err)
		}
		w.undecided()
	})
}

// TestTheSecondWhoseMandateHasEnded, or is contested, or was never of this consultation.
func TestTheSecondWhoseMandateDoesNotHold(t *testing.T) {
	ends := map[string]func(w *world){
		"ended":     func(w *world) { w.must(w.EndMandate(w.ctx(), w.by("Horst"), w.community, w.mandates["Horst"])) },
		"contested": func(w *world) { w.must(w.Contest(w.ctx(), w.by("Obi"), w.community, w.mandates["Horst"], "")) },
		"rejected": func(w *world) {
			w.must(w.Contest(w.ctx(), w.by("Obi"), w.community, w.mandates["Horst"], ""))
			for _, name := range []string{"Hana", "Hilda"} {
				w.must(w.RuleOnMandate(w.ctx(), w.by(name), w.community, w.mandates["Horst"], false))
			}
		},
	}
	for what, end := range ends {
		w := one(t).pair()
		draft := w.draft(consultations.Consent, w.aspects[0])
		if err := w.confirm("Hilda", draft); err != nil {
			t.Fatal(err)
		}
		end(w)
		w.appendsNothing(what+": confirms", func() error { return w.confirm("Horst", draft) })
		w.appendsNothing(what+": is heard", func() error { return w.relayed("Fara", "Horst", draft) })
		w.undecided()
	}
}

// TestAMandateOfAnotherConsultation, or that has run out, or has not begun.
func TestAMandateElsewhereOrElsewhen(t *testing.T) {
	w := one(t).founded()
	for name, change := range map[string]func(*consultations.MandateForm){
		"Mira":  func(f *consultations.MandateForm) { f.Consultation = record.NewID() },
		"Nadia": func(f *consultations.MandateForm) { f.Until = w.clock.Add(10 * day) },
		"Ulla":  func(f *consultations.MandateForm) { f.From = w.clock.Add(10 * aYear) },
		"Aude": func(f *consultations.MandateForm) {
			f.Powers = []consultations.Power{consultations.Protect, consultations.Receive}
		},
	} {
		form := w.mandateForm(name)
		change(&form)
		id := w.must(w.EnterMandate(w.ctx(), w.by("Fara"), w.community, form))
		for _, other := range []string{"Hilda", "Horst"} {
			w.must(w.Vouch(w.ctx(), w.by(other), w.community, id, ""))
		}
		w.mandates[name] = id
	}
	w.proposed().told().deliberated()
	draft := w.draft(consultations.Consent, w.aspects[0])
	for _, name := range []string{"Mira", "Nadia", "Ulla", "Aude"} {
		w.appendsNothing(name+" confirms", func() error { return w.confirm(name, draft) })
		w.appendsNothing(name+" is heard", func() error { return w.relayed("Fara", name, draft) })
	}
	w.undecided()
}

// TestAnAdministratorIsNoRepresentative: nor are the proponent, the facilitator and
// an auditor; not by another holder's hand, and not by becoming one later.
func TestAnAdministratorIsNoRepresentative(t *testing.T) {
	w := one(t).pair()
	w.seated("Aude", consultations.Auditor)
	for _, name := range []string{"Admin", "Pablo", "Fara", "Aude", "Obi"} {
		_, err := w.EnterMandate(w.ctx(), w.by("Hilda"), w.community, w.mandateForm(name))
		w.invalid(err, "account")
		_, err = w.MoveAccount(w.ctx(), w.by("Hilda"), w.community, w.mandates["Horst"], w.people[name].ID())
		w.invalid(err, "account")
	}
	draft := w.draft(consultations.Consent, w.aspects[0])
	if err := w.db.Write.WithContext(w.ctx()).Model(&people.Person{}).Where("id = ?", w.people["Horst"].ID()).Update("administrator", true).Error; err != nil {
		t.Fatal(err)
	}
	horst := w.people["Horst"]
	horst.Person.Administrator = true
	w.people["Horst"] = horst
	w.appendsNothing("who runs the server confirms", func() error { return w.confirm("Horst", draft) })
	if err := w.stop("Horst", consultations.Declined, w.aspects[1]); err != nil {
		t.Errorf("and may not even stop: %v", err)
	}
	for _, role := range []consultations.Role{consultations.Facilitator, consultations.Observer, consultations.Proponent, consultations.Auditor, consultations.Ombudsman} {
		w.appendsNothing("a holder sits elsewhere, too", func() error {
			_, err := w.GiveSeat(w.ctx(), w.by("Hana"), w.community, w.people["Hilda"].ID(), role, "")
			return err
		})
	}
	w.undecided()
}

// TestAnAccountMovesByTwo: a lost account is replaced by two custodians, who are
// two people; the old one is out at once, and the new one waits.
func TestAnAccountMovesByTwo(t *testing.T) {
	each(t, func(w *world) {
		w.pair()
		draft := w.draft(consultations.Consent, w.aspects[0])
		move := func(name string) error {
			_, err := w.MoveAccount(w.ctx(), w.by(name), w.community, w.mandates["Horst"], w.people["Nadia"].ID())
			return err
		}
		for _, name := range []string{"Horst", "Fara", "Pablo", "Obi"} {
			w.appendsNothing(name+" moves it", func() error { return move(name) })
		}
		if err := move("Hilda"); err != nil {
			w.Fatal(err)
		}
		w.appendsNothing("the same custodian again", func() error { return move("Hilda") })
		w.refused(w.confirm("Nadia", draft), consultations.ErrHidden)
		if err := move("Hana"); err != nil {
			w.Fatal(err)
		}
		w.refused(w.confirm("Horst", draft), consultations.ErrHidden)
		w.refused(w.confirm("Nadia", draft), consultations.ErrRefused)
		w.wait(72 * time.Hour)
		if err := w.confirm("Nadia", draft); err != nil {
			w.Errorf("after 72 hours: %v", err)
		}
		w.undecided()
	})
}

// TestConfirmThenEdit: a word for other words, other aspects or another version is none.
func TestConfirmThenEdit(t *testing.T) {
	w := one(t).pair()
	draft := w.draft(consultations.Consent, w.aspects[0])
	word := w.wordFor(draft)
	if err := w.confirm("Hilda", draft); err != nil {
		t.Fatal(err)
	}
	for _, change := range []func(*consultations.DraftForm){
		func(f *consultations.DraftForm) { f.Aspects = w.aspects },
		func(f *consultations.DraftForm) { f.Statement = "Sí a todo." },
		func(f *consultations.DraftForm) { f.Dissent = nil },
		func(*consultations.DraftForm) {}, // and back again
	} {
		form := w.words(consultations.Consent, w.aspects[0])
		form.ID = draft
		change(&form)
		w.must(w.Transcribe(w.ctx(), w.by("Horst"), w.community, w.consultation, form))
		if n := len(w.record("Hilda").Draft(draft).Counted()); n != 0 {
			t.Errorf("%d words count after an edit", n)
		}
	}
	other := word
	other.Draft = w.draft(consultations.Consent, w.aspects[1])
	_, err := w.Confirm(w.ctx(), w.by("Horst"), w.community, w.consultation, other)
	w.invalid(err, "digest")
	if err := w.confirm("Horst", draft); err != nil { // the same words again: one word, not two
		t.Fatal(err)
	}
	w.undecided()
}

// TestAWordIsNotReplayed: the same request again is answered as the first was, and
// the same key with another request is refused.
func TestAWordIsNotReplayed(t *testing.T) {
	each(t, func(w *world) {
		w.pair()
		draft := w.draft(consultations.Consent, w.aspects[0])
		other := w.draft(consultations.Consent, w.aspects[1])
		call := w.by("Hilda")
		call.Key = strings.Repeat("k", 22)
		for range 3 {
			if _, err := w.Confirm(w.ctx(), call, w.community, w.consultation, w.wordFor(draft)); err != nil {
				w.Fatal(err)
			}
		}
		_, err := w.Confirm(w.ctx(), call, w.community, w.consultation, w.wordFor(other))
		w.refused(err, record.ErrKeyReused)
		replayed := call
		replayed.Actor = w.people["Horst"] // somebody else's key is not theirs
		if _, err := w.Confirm(w.ctx(), replayed, w.community, w.consultation, w.wordFor(other)); err != nil {
			w.Errorf("another person with the same key: %v", err)
		}
		if n := len(w.record("Hilda").Draft(draft).Confirmed); n != 1 {
			w.Errorf("%d words, want 1", n)
		}
		w.undecided()
	})
}
