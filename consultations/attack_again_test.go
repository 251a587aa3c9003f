package consultations_test

// What an enemy of a community tries after the first hostile reading was answered. Each
// fails while the attack works.

import (
	"testing"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/record"
)

// many makes a community of six holders whose protocol asks for five of them.
func (w *world) many(confirmations int, names ...string) *world {
	w.Helper()
	w.community = w.must(w.Found(w.ctx(), w.by("Fara"), consultations.CommunityForm{Name: nameOf, Identifies: consultations.Indigenous, Languages: []string{tongue}}))
	w.assembly = w.must(w.AddInstitution(w.ctx(), w.by("Fara"), w.community, consultations.InstitutionForm{Kind: consultations.Assembly, Name: "Asamblea"}))
	w.protocol(consultations.Rules{Confirmations: confirmations})
	w.must(w.GiveSeat(w.ctx(), w.by("Fara"), w.community, w.people["Obi"].ID(), consultations.Observer, ""))
	for _, n := range names {
		id := w.must(w.EnterMandate(w.ctx(), w.by("Fara"), w.community, consultations.MandateForm{
			Name: n, Account: w.people[n].ID(), Institution: w.assembly, Powers: consultations.Powers(), Resolution: []consultations.Digest{paper},
		}))
		w.must(w.Vouch(w.ctx(), w.by("Fara"), w.community, id, "Rosa"))
		w.must(w.Vouch(w.ctx(), w.by("Fara"), w.community, id, "Inés"))
		w.mandates[n] = id
	}
	for _, n := range names {
		w.must(w.Attest(w.ctx(), w.by("Obi"), w.community, w.mandates[n]))
	}
	w.wait(31 * day)
	return w
}

// TestVoidsAPaperWithdrawal: an elder without an account withdraws on paper; two void it, and
// the time in which it was withdrawn never was.
func TestVoidsAPaperWithdrawal(t *testing.T) {
	w := one(t).ready()
	w.decided(consultations.Consent, w.aspects[0])
	w.wait(day)
	// the word of a holder with an account, said by radio, is relayed with a recording of it
	id := w.must(w.Stop(w.ctx(), w.by("Fara"), w.community, w.consultation, consultations.StopForm{
		Version: 1, Type: consultations.Withdraw, Aspects: w.aspects[:1], Mandate: w.mandates["Horst"], Via: consultations.Radio, Form: consultations.ByVoice,
		Evidence: paper, Witnesses: []string{"Rosa", "Inés"}, Statement: "No más.",
	}))
	withdrawn := w.clock.Add(time.Hour)
	w.wait(day)
	c := w.seat("Hilda").Community
	if s := c.Standing(c.Consultation(w.consultation), 1, w.aspects[0], withdrawn); s.State != consultations.Withdrawn {
		t.Fatalf("not withdrawn: %s", s.State)
	}
	for _, bribed := range []string{"Hilda", "Hana"} {
		_, err := w.Void(w.ctx(), w.by(bribed), w.community, w.consultation, id, "error")
		t.Log(bribed, err)
	}
	c = w.seat("Hilda").Community
	if s := c.Standing(c.Consultation(w.consultation), 1, w.aspects[0], withdrawn); s.State != consultations.Withdrawn {
		t.Errorf("the withdrawal with a recording never was: %s at the time", s.State)
	}
	if s := c.Standing(c.Consultation(w.consultation), 1, w.aspects[0], w.clock); s.State == consultations.InForce {
		t.Error("a yes is in force again without a new decision")
	}
}

// TestOldBaseHoldsAWithdrawalUp: a phone that kept an old page (or says a low number) takes
// back without naming a version.
func TestOldBaseHoldsAWithdrawalUp(t *testing.T) {
	w := one(t).ready()
	w.decided(consultations.Consent, w.aspects[0])
	for _, base := range []int64{1, 2, 5} {
		_, err := w.Stop(w.ctx(), w.late("Horst", base, w.clock), w.community, w.consultation, consultations.StopForm{Type: consultations.Withdraw})
		t.Log(base, err)
		if err != nil {
			t.Errorf("a withdrawal with the base %d is not taken: %v", base, err)
		}
	}
}

// TestLateDeclineTakesAnOlderYesBack: online a decline of the newest leaves the older yes; late
// and without a version it takes it back.
func TestLateDeclineTakesAnOlderYesBack(t *testing.T) {
	end := func(late bool) consultations.State {
		w := one(t).ready()
		w.decided(consultations.Consent, w.aspects[0])
		in := w.form("Second")
		w.must(w.ChangeProposal(w.ctx(), w.by("Pablo"), w.community, w.consultation, in))
		w.wait(day)
		call := w.by("Horst")
		if late {
			call = w.late("Horst", w.size(), w.clock)
		}
		w.must(w.Stop(w.ctx(), call, w.community, w.consultation, consultations.StopForm{Type: consultations.Declined}))
		c := w.seat("Hilda").Community
		return c.Standing(c.Consultation(w.consultation), 1, w.aspects[0], w.clock.Add(time.Minute)).Path
	}
	online, late := end(false), end(true)
	if online != late {
		t.Errorf("the same button leaves the older yes %s with a line and %s without", online, late)
	}
}

// TestFoundedAnewBehindTheirBack: nobody rules for 30 days; a facilitator and a witness found anew,
// and the new ones alone reject the old.
func TestFoundedAnewBehindTheirBack(t *testing.T) {
	w := one(t).ready()
	for _, h := range []string{"Hilda", "Horst", "Hana"} {
		w.must(w.Contest(w.ctx(), w.by("Fara"), w.community, w.mandates[h], ""))
	}
	w.wait(31 * day)
	var made []record.ID
	for _, n := range []string{"Nadia", "Ulla"} {
		id := w.must(w.EnterMandate(w.ctx(), w.by("Fara"), w.community, consultations.MandateForm{
			Name: n, Account: w.people[n].ID(), Institution: w.assembly, Powers: consultations.Powers(), Resolution: []consultations.Digest{paper},
		}))
		for _, name := range []string{"Ana", "Eva"} {
			w.must(w.Vouch(w.ctx(), w.by("Fara"), w.community, id, name))
		}
		w.must(w.Attest(w.ctx(), w.by("Obi"), w.community, id))
		made = append(made, id)
	}
	w.wait(31 * day)
	for _, h := range []string{"Hilda", "Horst", "Hana"} {
		for _, n := range []string{"Nadia", "Ulla"} {
			_, err := w.RuleOnMandate(w.ctx(), w.by(n), w.community, w.mandates[h], false)
			t.Log(n, "rejects", h, err)
		}
		if m, _ := w.seat("Nadia").Community.Mandate(w.mandates[h]); m.Standing == consultations.Rejected {
			t.Errorf("a facilitator and a witness put %s out", h)
		}
	}
	_ = made
}

// TestOneHolderBarsForEver: one holder writes that nobody may come near; nobody can undo it, and
// what was decided is gone from the way.
func TestOneHolderBarsForEver(t *testing.T) {
	w := one(t).ready()
	w.decided(consultations.Consent, w.aspects[0])
	then := w.clock.Add(time.Hour)
	w.wait(day)
	form := consultations.CommunityForm{Name: nameOf, Identifies: consultations.Indigenous, Languages: []string{tongue}, NoContact: true}
	stands := func(at time.Time, want consultations.State) {
		t.Helper()
		c := w.seat("Hilda").Community
		if s := c.Standing(c.Consultation(w.consultation), 1, w.aspects[0], at); s.State != want {
			t.Errorf("it is %s, want %s", s.State, want)
		}
	}
	say := func(who string, noContact bool) {
		t.Helper()
		form.NoContact = noContact
		w.must(w.Describe(w.ctx(), w.by(who), w.community, form))
	}
	say("Horst", true)
	stands(w.clock, consultations.InForce) // his word alone bars nobody
	say("Hana", true)
	stands(w.clock, consultations.Barred)
	stands(then, consultations.InForce) // what was, was
	w.wait(day)
	say("Horst", false)
	stands(w.clock, consultations.Barred)
	say("Hana", false)
	stands(w.clock, consultations.InForce)
}

// TestContestFirstAndTakeBack: an accomplice contests a bad founding mandate before anybody else can,
// and takes it back when its 30 days are over.
func TestContestFirstAndTakeBack(t *testing.T) {
	w := one(t).many(2, "Hilda", "Horst")
	w.must(w.GiveSeat(w.ctx(), w.by("Hilda"), w.community, w.people["Mira"].ID(), consultations.Member, ""))
	id := w.must(w.EnterMandate(w.ctx(), w.by("Horst"), w.community, consultations.MandateForm{
		Name: "Nadia", Account: w.people["Nadia"].ID(), Institution: w.assembly, Powers: consultations.Powers(), Resolution: []consultations.Digest{paper},
	}))
	for _, n := range []string{"Hilda", "Horst"} {
		w.must(w.Vouch(w.ctx(), w.by(n), w.community, id, ""))
	}
	w.must(w.Contest(w.ctx(), w.by("Horst"), w.community, id, "mine first"))
	_, err := w.Contest(w.ctx(), w.by("Mira"), w.community, id, "they are bought")
	if err != nil {
		t.Errorf("a member's contest is turned away since an accomplice was first: %v", err)
	}
	w.wait(31 * day)
	_, err = w.RuleOnMandate(w.ctx(), w.by("Horst"), w.community, id, true)
	m, _ := w.seat("Hilda").Community.Mandate(id)
	t.Log("taken back:", err, m.Standing, m.Valid(consultations.Decide, "", w.clock))
}

// TestLimitedMandatesLock: those who speak in one consultation alone count as "two who may speak for the
// community", and can neither stand behind a mandate nor carry a motion: nobody can be found any more.
func TestLimitedMandatesLock(t *testing.T) {
	w := one(t).many(2, "Hilda", "Horst")
	w.proposed()
	var limited []record.ID
	for _, n := range []string{"Hana", "Mira"} {
		id := w.must(w.EnterMandate(w.ctx(), w.by("Fara"), w.community, consultations.MandateForm{
			Name: n, Account: w.people[n].ID(), Institution: w.assembly, Powers: consultations.Powers(), Consultation: w.consultation, Resolution: []consultations.Digest{paper},
		}))
		for _, h := range []string{"Hilda", "Horst"} {
			w.must(w.Vouch(w.ctx(), w.by(h), w.community, id, ""))
		}
		limited = append(limited, id)
	}
	w.wait(10 * day)
	for _, h := range []string{"Hilda", "Horst"} {
		w.must(w.EndMandate(w.ctx(), w.by(h), w.community, w.mandates[h]))
	}
	w.wait(time.Hour)
	id := w.must(w.EnterMandate(w.ctx(), w.by("Fara"), w.community, consultations.MandateForm{
		Name: "Nadia", Account: w.people["Nadia"].ID(), Institution: w.assembly, Powers: consultations.Powers(), Resolution: []consultations.Digest{paper},
	}))
	for _, n := range []string{"Hana", "Mira"} {
		_, err := w.Vouch(w.ctx(), w.by(n), w.community, id, "")
		t.Log("vouch", n, err)
		_, err = w.EndMandate(w.ctx(), w.by(n), w.community, limited[1])
		t.Log("end", n, err)
	}
	m, _ := w.seat("Hana").Community.Mandate(id)
	if !m.Founding && m.ReadyAt().IsZero() {
		t.Error("nobody may stand behind a new holder, and the record is not founded anew")
	}
}

// TestMandateOfTheFutureLocks: two mandates that begin in 2099 count as two who may speak.
func TestMandateOfTheFutureLocks(t *testing.T) {
	w := one(t).many(2, "Hilda", "Horst")
	for _, n := range []string{"Hana", "Mira"} {
		id := w.must(w.EnterMandate(w.ctx(), w.by("Fara"), w.community, consultations.MandateForm{
			Name: n, Account: w.people[n].ID(), Institution: w.assembly, Powers: consultations.Powers(), From: w.clock.AddDate(70, 0, 0), Resolution: []consultations.Digest{paper},
		}))
		for _, h := range []string{"Hilda", "Horst"} {
			w.must(w.Vouch(w.ctx(), w.by(h), w.community, id, ""))
		}
	}
	w.wait(10 * day)
	for _, h := range []string{"Hilda", "Horst"} {
		w.must(w.EndMandate(w.ctx(), w.by(h), w.community, w.mandates[h]))
	}
	w.wait(time.Hour)
	id := w.must(w.EnterMandate(w.ctx(), w.by("Fara"), w.community, consultations.MandateForm{
		Name: "Nadia", Account: w.people["Nadia"].ID(), Institution: w.assembly, Powers: consultations.Powers(), Resolution: []consultations.Digest{paper},
	}))
	if m, _ := w.seat("Fara").Community.Mandate(id); !m.Founding {
		t.Error("until 2097 nobody speaks for the community and nobody can be found")
	}
}
