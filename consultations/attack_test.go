package consultations_test

// What an enemy of a community tried in a hostile reading, each as it was tried: an
// outsider with a seat, a proponent, a facilitator, an administrator, a bribed holder.
// The first line says what they were after; none of it works.

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/people"
)

// TestOneWitnessBlocksEveryMandate: one observer contests every mandate; nobody is left who may rule.
func TestOneWitnessBlocksEveryMandate(t *testing.T) {
	w := one(t).ready()
	for _, h := range []string{"Hilda", "Horst", "Hana"} {
		w.must(w.Contest(w.ctx(), w.by("Obi"), w.community, w.mandates[h], ""))
	}
	for _, h := range []string{"Hilda", "Horst"} {
		if _, err := w.RuleOnMandate(w.ctx(), w.by(h), w.community, w.mandates["Hana"], true); err != nil {
			t.Errorf("%s cannot rule any more: %v", h, err)
		}
	}
	d, err := w.Transcribe(w.ctx(), w.by("Hilda"), w.community, w.consultation, w.words(consultations.No, w.aspects[0]))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.confirm("Hilda", d.ID); err != nil {
		t.Errorf("not even a no can be said: %v", err)
	}
}

// TestContestedAgainAfterTheRuling: contested again and again by the same account.
func TestContestedAgainAfterTheRuling(t *testing.T) {
	w := one(t).ready()
	w.must(w.Contest(w.ctx(), w.by("Obi"), w.community, w.mandates["Hana"], ""))
	for _, h := range []string{"Hilda", "Horst"} {
		w.must(w.RuleOnMandate(w.ctx(), w.by(h), w.community, w.mandates["Hana"], true))
	}
	if _, err := w.Contest(w.ctx(), w.by("Obi"), w.community, w.mandates["Hana"], ""); err == nil {
		t.Error("the same account contests at once what was ruled to stand")
	}
}

// TestContestKeepsAReleaseOpen: revoking a release is a protective act.
func TestContestKeepsAReleaseOpen(t *testing.T) {
	w := one(t).ready()
	r := w.must(w.Release(w.ctx(), w.by("Hilda"), w.community, w.consultation, consultations.ReleaseForm{
		Parts: []consultations.Part{consultations.PartStatus}, To: consultations.ToProponent, Purpose: "x",
	}))
	for _, h := range []string{"Hilda", "Horst", "Hana"} {
		w.must(w.Contest(w.ctx(), w.by("Obi"), w.community, w.mandates[h], ""))
	}
	if _, err := w.Revoke(w.ctx(), w.by("Hilda"), w.community, r); err != nil {
		t.Errorf("a release cannot be taken back while mandates are contested: %v", err)
	}
}

// TestFacilitatorAsksForAHundred: a single founding holder can never get a second one.
func TestFacilitatorAsksForAHundred(t *testing.T) {
	w := one(t)
	w.community = w.must(w.Found(w.ctx(), w.by("Fara"), consultations.CommunityForm{Name: nameOf, Identifies: consultations.Indigenous, Languages: []string{tongue}}))
	w.assembly = w.must(w.AddInstitution(w.ctx(), w.by("Fara"), w.community, consultations.InstitutionForm{Kind: consultations.Assembly, Name: "Asamblea"}))
	w.must(w.AdoptProtocol(w.ctx(), w.by("Fara"), w.community, consultations.ProtocolForm{Institution: w.assembly, Rules: consultations.Rules{Confirmations: 100}, Rule: "x"}))
	w.must(w.GiveSeat(w.ctx(), w.by("Fara"), w.community, w.people["Obi"].ID(), consultations.Observer, ""))
	for _, n := range []string{"Hilda", "Horst", "Hana"} {
		w.mandate(n, w.assembly)
	}
	w.wait(31 * day)
	id := w.must(w.EnterMandate(w.ctx(), w.by("Hilda"), w.community, consultations.MandateForm{
		Name: "Nadia", Account: w.people["Nadia"].ID(), Institution: w.assembly, Powers: consultations.Powers(), Resolution: []consultations.Digest{paper},
	}))
	for _, n := range []string{"Hilda", "Horst", "Hana"} {
		w.must(w.Vouch(w.ctx(), w.by(n), w.community, id, ""))
	}
	m, _ := w.seat("Hilda").Community.Mandate(id)
	if m.ReadyAt().IsZero() {
		t.Error("all holders stand behind a new one, and it never counts")
	}
}

// TestLastHolderGone: all founding mandates end; nobody can found anew.
func TestLastHolderGone(t *testing.T) {
	w := one(t).ready()
	for _, h := range []string{"Hilda", "Horst", "Hana"} {
		w.must(w.EndMandate(w.ctx(), w.by(h), w.community, w.mandates[h]))
	}
	w.wait(time.Hour)
	id := w.must(w.EnterMandate(w.ctx(), w.by("Fara"), w.community, consultations.MandateForm{
		Name: "Nadia", Account: w.people["Nadia"].ID(), Institution: w.assembly, Powers: consultations.Powers(), Resolution: []consultations.Digest{paper},
	}))
	c := w.seat("Fara").Community
	m, _ := c.Mandate(id)
	if !m.Founding {
		t.Error("nobody speaks for the community any more, and nobody ever can")
	}
}

// TestDeclineWithoutKnowingRewritesHistory: decline, late, with an old base, wipes a yes that holds from history.
func TestDeclineWithoutKnowingRewritesHistory(t *testing.T) {
	w := one(t).ready()
	w.decided(consultations.Consent, w.aspects[0])
	inForce := w.clock.Add(time.Hour)
	w.wait(30 * day)
	w.must(w.Stop(w.ctx(), w.late("Horst", 2, w.clock), w.community, w.consultation, consultations.StopForm{Version: 1, Type: consultations.Declined, Aspects: w.aspects[:1]}))
	w.stands(consultations.Withdrawn) // it takes the yes back, from then on
	c := w.seat("Hilda").Community
	if s := c.Standing(c.Consultation(w.consultation), 1, w.aspects[0], inForce); s.State != consultations.InForce {
		t.Errorf("what was in force for 30 days never was: %s", s.State)
	}
}

// TestSpoiltForEver: a facilitator gives somebody the proponent's seat for a moment: they can never speak for their people.
func TestSpoiltForEver(t *testing.T) {
	w := one(t).founded()
	w.must(w.GiveSeat(w.ctx(), w.by("Fara"), w.community, w.people["Nadia"].ID(), consultations.Proponent, ""))
	w.must(w.TakeSeat(w.ctx(), w.by("Hilda"), w.community, w.people["Nadia"].ID(), consultations.Proponent))
	if _, err := w.EnterMandate(w.ctx(), w.by("Hilda"), w.community, consultations.MandateForm{
		Name: "Nadia", Account: w.people["Nadia"].ID(), Institution: w.assembly, Powers: consultations.Powers(), Resolution: []consultations.Digest{paper},
	}); err != nil {
		t.Errorf("a facilitator alone keeps Nadia from ever being a holder: %v", err)
	}
}

// TestProponentProbesByTelling: a proponent finds out a hidden no by telling something more.
func TestProponentProbesByTelling(t *testing.T) {
	answers := map[bool]error{}
	for _, refused := range []bool{false, true} {
		w := one(t).ready()
		if refused {
			w.decided(consultations.No, w.aspects...)
		}
		_, answers[refused] = w.Disclose(w.ctx(), w.by("Pablo"), w.community, w.consultation, consultations.DisclosureForm{
			Version: 1, Topic: consultations.Nature, Language: tongue, Medium: consultations.Audio, Evidence: paper, Translator: "Tomás",
		})
	}
	if (answers[false] == nil) != (answers[true] == nil) {
		t.Errorf("deliberating: %v, refused: %v", answers[false], answers[true])
	}
}

// TestProponentProbesByAChange: a proponent finds out a yes by raising a change.
func TestProponentProbesByAChange(t *testing.T) {
	answers := map[bool]error{}
	for _, yes := range []bool{false, true} {
		w := one(t).ready()
		if yes {
			w.decided(consultations.Consent, w.aspects...)
		}
		_, answers[yes] = w.RaiseChange(w.ctx(), w.by("Pablo"), w.community, w.consultation, 1, nil, "x")
	}
	if (answers[false] == nil) != (answers[true] == nil) {
		t.Errorf("deliberating: %v, in force: %v", answers[false], answers[true])
	}
}

// TestProponentProbesByProposing: a proponent learns of a no, and when, by proposing something else.
func TestProponentProbesByProposing(t *testing.T) {
	w := one(t).ready()
	w.decided(consultations.No, w.aspects...)
	form := w.form("Something else")
	_, err := w.Propose(w.ctx(), w.by("Pablo"), w.community, form)
	var b *consultations.Blocked
	if errors.As(err, &b) && !b.Until.IsZero() {
		t.Errorf("the proponent is told by %s until %s, so when the no was said", b.Guard, b.Until)
	}
}

// TestLinkAfterRevocation: the link of a copy goes on telling after the release was taken back.
func TestLinkAfterRevocation(t *testing.T) {
	w := one(t).ready()
	w.must(w.GiveSeat(w.ctx(), w.by("Hilda"), w.community, w.people["Aude"].ID(), consultations.Auditor, ""))
	w.decided(consultations.Consent, w.aspects[0])
	r := w.must(w.Release(w.ctx(), w.by("Hilda"), w.community, w.consultation, consultations.ReleaseForm{
		Parts: []consultations.Part{consultations.PartStatus, consultations.PartStatement}, To: consultations.ToAuditor, Purpose: "audit", Until: w.clock.Add(day),
	}))
	taken, err := w.Export(w.ctx(), w.by("Aude"), w.community, consultations.ExportForm{Consultation: w.consultation, Version: 1, Recipient: "me"})
	if err != nil {
		t.Fatal(err)
	}
	w.must(w.Revoke(w.ctx(), w.by("Hilda"), w.community, r))
	w.wait(2 * day)
	w.must(w.TakeSeat(w.ctx(), w.by("Hilda"), w.community, w.people["Aude"].ID(), consultations.Auditor))
	form := w.words(consultations.No, w.aspects[0])
	form.Statement, form.Dissent = "Se habló de la tumba.", []string{"Pedro quería."}
	d := w.must(w.Transcribe(w.ctx(), w.by("Hilda"), w.community, w.consultation, form))
	_, _ = w.confirm("Hilda", d), w.confirm("Hana", d)
	got, err := w.ByLink(w.ctx(), taken.Token)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range got.Aspects {
		if strings.Contains(a.Statement, "tumba") || len(a.Dissent) > 0 {
			t.Errorf("long after: %s, %q, %v", a.State, a.Statement, a.Dissent)
			break
		}
	}
}

// TestFacilitatorDropsANo: a facilitator rewrites what was confirmed, again and again, a no too.
func TestFacilitatorDropsANo(t *testing.T) {
	w := one(t).ready()
	d := w.must(w.Transcribe(w.ctx(), w.by("Hilda"), w.community, w.consultation, w.words(consultations.No, w.aspects...)))
	if err := w.confirm("Hilda", d); err != nil {
		t.Fatal(err)
	}
	if _, err := w.DropDraft(w.ctx(), w.by("Fara"), w.community, w.consultation, d); err == nil {
		t.Error("the facilitator set aside a no that a holder had written and confirmed")
	}
}

// TestWindowForEver: one slip or one bribed holder: the window is open till the year 9999.
func TestWindowForEver(t *testing.T) {
	w := one(t).founded().proposed().told()
	_, err := w.ExtendWindow(w.ctx(), w.by("Horst"), w.community, w.consultation, 1, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC))
	if err == nil {
		t.Error("one holder made the community wait until 9999, and nothing takes it back")
	}
}

// TestSessionsToCome: sessions of next year count today.
func TestSessionsToCome(t *testing.T) {
	w := one(t).founded().proposed().told()
	_, err := w.WriteSession(w.ctx(), w.by("Hilda"), w.community, w.consultation, consultations.SessionForm{Version: 1, Kind: consultations.InternalOnly, Held: w.clock.Add(aYear)})
	if err == nil {
		t.Error("a meeting of next year was held")
	}
}

// TestAdministratorSpoilsAHolder: an administrator silences a holder by making them administrator.
func TestAdministratorSpoilsAHolder(t *testing.T) {
	w := one(t).ready()
	d := w.draft(consultations.No, w.aspects[0])
	if err := w.db.Write.WithContext(w.ctx()).Model(&people.Person{}).Where("id = ?", w.people["Hilda"].ID()).Update("administrator", true).Error; err != nil {
		t.Fatal(err)
	}
	a := w.people["Hilda"]
	a.Person.Administrator = true
	w.people["Hilda"] = a
	if err := w.confirm("Hilda", d); err != nil {
		t.Errorf("the server's administrator keeps a holder from saying no: %v", err)
	}
}

// TestLimitedMandatesCannotRule: mandates limited to a consultation cannot rule, waive, end.
func TestLimitedMandatesCannotRule(t *testing.T) {
	w := one(t).founded().proposed()
	for _, n := range []string{"Ulla", "Nadia"} {
		id := w.must(w.EnterMandate(w.ctx(), w.by("Hilda"), w.community, consultations.MandateForm{
			Name: n, Account: w.people[n].ID(), Institution: w.assembly, Powers: consultations.Powers(), Consultation: w.consultation, Resolution: []consultations.Digest{paper},
		}))
		for _, h := range []string{"Hilda", "Horst"} {
			w.must(w.Vouch(w.ctx(), w.by(h), w.community, id, ""))
		}
	}
	w.wait(5 * day)
	w.told().deliberated().decided(consultations.ConsentConditions, w.aspects[0])
	if _, err := w.SetCondition(w.ctx(), w.by("Ulla"), w.community, w.consultation, w.record("Hilda").Conditions[0].ID, consultations.ConditionWaived, ""); err != nil {
		t.Errorf("a holder for this consultation cannot waive its condition: %v", err)
	}
}

// TestContestThatNeverEnds: one institution, one holder left: no contest ever ends.
func TestContestThatNeverEnds(t *testing.T) {
	w := one(t).ready()
	w.must(w.EndMandate(w.ctx(), w.by("Horst"), w.community, w.mandates["Horst"]))
	w.wait(time.Hour)
	w.decided(consultations.Consent, w.aspects[0])
	w.must(w.Dispute(w.ctx(), w.by("Hana"), w.community, w.consultation, nil, w.women, ""))
	contest := w.record("Hilda").Contests[0].ID
	w.must(w.RuleOnContest(w.ctx(), w.by("Hilda"), w.community, w.consultation, contest, ""))
	_, err := w.RuleOnContest(w.ctx(), w.by("Hana"), w.community, w.consultation, contest, "")
	if w.record("Hilda").Contests[0].Resolved == 0 {
		t.Errorf("all who speak for the community have ruled, and it never ends: %v", err)
	}
}

// TestTwoMoveNotAllTheOthers: it takes as many to give a holder another account as to decide.
func TestTwoMoveNotAllTheOthers(t *testing.T) {
	w := one(t).founded()
	w.protocol(consultations.Rules{Confirmations: 3, DeliberateDays: 1})
	id := w.must(w.EnterMandate(w.ctx(), w.by("Hilda"), w.community, consultations.MandateForm{
		Name: "Ulla", Account: w.people["Ulla"].ID(), Institution: w.assembly, Powers: consultations.Powers(), Resolution: []consultations.Digest{paper},
	}))
	for _, h := range []string{"Hilda", "Horst", "Hana"} {
		w.must(w.Vouch(w.ctx(), w.by(h), w.community, id, ""))
	}
	w.wait(5 * day)
	account := func() string {
		m, _ := w.seat("Hilda").Community.Mandate(w.mandates["Hana"])
		return string(m.Account)
	}
	for _, h := range []string{"Hilda", "Horst", "Ulla"} {
		if account() != string(w.people["Hana"].ID()) {
			t.Errorf("Hana was moved before %s said so", h)
		}
		w.must(w.MoveAccount(w.ctx(), w.by(h), w.community, w.mandates["Hana"], w.people["Nadia"].ID()))
	}
	if account() != string(w.people["Nadia"].ID()) {
		t.Error("three have said so, and Hana has her lost account still")
	}
}

// TestOnePersonIsNotTwoOnPaper: the same name twice is no quorum.
func TestOnePersonIsNotTwoOnPaper(t *testing.T) {
	w := one(t).founded()
	form := consultations.MandateForm{Name: "Doña María", Institution: w.women, Powers: consultations.Powers(), Resolution: []consultations.Digest{paper}}
	id := w.must(w.EnterMandate(w.ctx(), w.by("Hilda"), w.community, form))
	form.Name = "dona  maria"
	_, err := w.EnterMandate(w.ctx(), w.by("Hilda"), w.community, form)
	w.invalid(err, "name")
	m, _ := w.seat("Hilda").Community.Mandate(id)
	form.Holder = m.Holder
	w.must(w.EnterMandate(w.ctx(), w.by("Hilda"), w.community, form)) // who is known is chosen
}

// TestANewVersionHidesNoYes: taking back reaches what was agreed of an older version.
func TestANewVersionHidesNoYes(t *testing.T) {
	each(t, func(w *world) {
		w.ready().decided(consultations.Consent, w.aspects[0])
		w.must(w.ChangeProposal(w.ctx(), w.by("Pablo"), w.community, w.consultation, w.form("Second")))
		w.move("Fara", consultations.MoveInvite)
		c := w.seat("Hilda").Community
		if got := c.StillAgreed(c.Consultation(w.consultation), w.clock); len(got) != 1 || got[0] != 1 {
			w.Errorf("agreed of versions %v", got)
		}
		w.must(w.Stop(w.ctx(), w.by("Hilda"), w.community, w.consultation, consultations.StopForm{Type: consultations.Withdraw}))
		c = w.seat("Hilda").Community
		if s := c.Standing(c.Consultation(w.consultation), 1, w.aspects[0], w.clock); s.State != consultations.Withdrawn {
			w.Errorf("the yes to version 1 is %s", s.State)
		}
		if s := w.at(w.aspects[0], w.clock); s.State != consultations.Withdrawn {
			w.Errorf("the talks about version 2 are %s", s.State)
		}
	})
}

// TestVoidTakesMoreThanOne: one holder does not undo, as if it never was, what several said.
func TestVoidTakesMoreThanOne(t *testing.T) {
	w := one(t).ready()
	w.decided(consultations.Consent, w.aspects[0])
	w.wait(30 * day)
	w.must(w.Void(w.ctx(), w.by("Horst"), w.community, w.consultation, w.record("Hilda").Decisions[0].ID, "slip"))
	w.stands(consultations.InForce)
}

// TestARelayedWithdrawalNobodySaid counts at once, and can be set aside by those
// whose decision it ended; a holder's own cannot.
func TestARelayedWithdrawalNobodySaid(t *testing.T) {
	w := one(t).ready()
	w.decided(consultations.Consent, w.aspects[0])
	w.must(w.Stop(w.ctx(), w.by("Fara"), w.community, w.consultation, consultations.StopForm{
		Version: 1, Type: consultations.Withdraw, Mandate: w.mandates["Hilda"], Form: consultations.ByVoice, Witnesses: []string{"Nadie Uno", "Nadie Dos"},
	}))
	w.stands(consultations.Withdrawn)
	d := w.record("Hilda").Decisions
	for _, name := range []string{"Hilda", "Hana"} {
		w.must(w.Void(w.ctx(), w.by(name), w.community, w.consultation, d[len(d)-1].ID, "I never said so"))
	}
	w.stands(consultations.Suspended) // it rests, and does not come back by itself
}

// TestAFacilitatorKeepsNoWindow: a copy of somebody who was sent away shows nothing more.
func TestAFacilitatorKeepsNoWindow(t *testing.T) {
	w := one(t).ready()
	form := w.words(consultations.No, w.aspects[0])
	taken, err := w.Export(w.ctx(), w.by("Fara"), w.community, consultations.ExportForm{Consultation: w.consultation, Version: 1, Recipient: "archive"})
	if err != nil {
		t.Fatal(err)
	}
	w.must(w.TakeSeat(w.ctx(), w.by("Hilda"), w.community, w.people["Fara"].ID(), consultations.Facilitator))
	d := w.must(w.Transcribe(w.ctx(), w.by("Hilda"), w.community, w.consultation, form))
	_, _ = w.confirm("Hilda", d), w.confirm("Hana", d)
	got, err := w.ByLink(w.ctx(), taken.Token)
	if err != nil || len(got.Aspects) > 0 || !got.Changed {
		t.Errorf("anybody with a link the facilitator made reads: %+v, %v", got, err)
	}
}

// TestADoubleClickFoundsOneCommunity: the same request gives the same answer.
func TestADoubleClickFoundsOneCommunity(t *testing.T) {
	each(t, func(w *world) {
		call := w.by("Fara")
		call.Key = "0123456789abcdef"
		form := consultations.CommunityForm{Name: nameOf, Identifies: consultations.Indigenous, Languages: []string{tongue}}
		first := w.must(w.Found(w.ctx(), call, form))
		if again := w.must(w.Found(w.ctx(), call, form)); again != first {
			w.Errorf("%s, and then %s", first, again)
		}
		form.Name = "Otra"
		if _, err := w.Found(w.ctx(), call, form); err == nil {
			w.Error("the key of one request founds another community")
		}
	})
}

// TestAloneOneIsNotEnough: where one holder is left, or the others were contested and
// nobody ruled, a new one needs a witness from outside again; while a contest is fresh
// it does not open the record to being founded anew.
func TestAloneOneIsNotEnough(t *testing.T) {
	enter := func(w *world, name string) bool {
		w.Helper()
		id := w.must(w.EnterMandate(w.ctx(), w.by("Hilda"), w.community, consultations.MandateForm{
			Name: name, Account: w.people[name].ID(), Institution: w.assembly, Powers: consultations.Powers(), Resolution: []consultations.Digest{paper},
		}))
		m, _ := w.seat("Hilda").Community.Mandate(id)
		return m.Founding
	}
	each(t, func(w *world) {
		w.founded()
		for _, h := range []string{"Horst", "Hana"} {
			w.must(w.Contest(w.ctx(), w.by("Obi"), w.community, w.mandates[h], ""))
		}
		if enter(w, "Nadia") {
			w.Error("two contests of a moment, and the record can be founded anew")
		}
		w.wait(31 * day)
		if !enter(w, "Ulla") {
			w.Error("nobody has ruled for a month, and nobody can be found to")
		}
	})
	w := one(t).founded()
	for _, h := range []string{"Horst", "Hana"} {
		w.must(w.EndMandate(w.ctx(), w.by(h), w.community, w.mandates[h]))
	}
	w.wait(time.Hour)
	if !enter(w, "Nadia") {
		t.Error("Hilda alone can make holders")
	}
}

// TestContestingTheRestMakesNotTwoEnough: an accomplice contests all but two, who then
// are all that is left to reject them, to change the rules and to move accounts.
func TestContestingTheRestMakesNotTwoEnough(t *testing.T) {
	w := one(t).founded()
	for _, name := range []string{"Ulla", "Nadia"} {
		w.mandates[name] = w.must(w.EnterMandate(w.ctx(), w.by("Hilda"), w.community, consultations.MandateForm{
			Name: name, Account: w.people[name].ID(), Institution: w.assembly, Powers: consultations.Powers(), Resolution: []consultations.Digest{paper},
		}))
		for _, h := range []string{"Horst", "Hana"} {
			w.must(w.Vouch(w.ctx(), w.by(h), w.community, w.mandates[name], ""))
		}
	}
	w.wait(5 * day)
	w.protocol(consultations.Rules{Confirmations: 4, DeliberateDays: 1})
	for _, name := range []string{"Hana", "Ulla", "Nadia"} {
		w.must(w.Contest(w.ctx(), w.by("Obi"), w.community, w.mandates[name], ""))
	}
	both := func(do func(name string)) {
		for _, name := range []string{"Hilda", "Horst"} {
			do(name)
		}
	}
	both(func(name string) {
		w.must(w.RuleOnMandate(w.ctx(), w.by(name), w.community, w.mandates["Hana"], false))
		w.must(w.EndMandate(w.ctx(), w.by(name), w.community, w.mandates["Ulla"]))
		w.must(w.MoveAccount(w.ctx(), w.by(name), w.community, w.mandates["Nadia"], w.people["Mira"].ID()))
	})
	w.protocol2("Hilda", "Horst")
	c := w.seat("Hilda").Community
	hana, _ := c.Mandate(w.mandates["Hana"])
	ulla, _ := c.Mandate(w.mandates["Ulla"])
	nadia, _ := c.Mandate(w.mandates["Nadia"])
	if hana.Standing == consultations.Rejected || !ulla.EndedAt.IsZero() || nadia.Account != w.people["Nadia"].ID() || c.Protocol().Rules.Confirmations != 4 {
		t.Errorf("two of five did it: %s, %v, %s, %d", hana.Standing, ulla.EndedAt, nadia.Account, c.Protocol().Rules.Confirmations)
	}
	for _, name := range []string{"Ulla", "Nadia"} { // and the others are heard
		w.must(w.RuleOnMandate(w.ctx(), w.by(name), w.community, w.mandates["Hana"], true))
	}
}

// protocol2 is a change of the rules to two that some holders send.
func (w *world) protocol2(by ...string) {
	w.Helper()
	for _, name := range by {
		w.must(w.AdoptProtocol(w.ctx(), w.by(name), w.community, consultations.ProtocolForm{Institution: w.assembly, Rules: consultations.Rules{Confirmations: 2}, Rule: "Dos."}))
	}
}
