package consultations_test

import (
	"strings"
	"testing"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/people"
)

func TestAbuseOneAccountDecidesAlone(t *testing.T) {
	for _, who := range []string{"Fara", "Hilda"} {
		t.Run(who, func(t *testing.T) {
			w := one(t).ready()
			d := w.draft(consultations.Consent, w.aspects[0])
			for _, h := range []string{"Hilda", "Hana"} {
				if h == who {
					t.Log(w.confirm(who, d))
				} else {
					t.Log(w.relayed(who, h, d))
				}
			}
			if s := w.standing().states[0]; s == consultations.InForce {
				t.Errorf("one account alone (%s) made a yes", who)
			}
		})
	}
}

func TestAbuseOneHolderTakesAnothersMandate(t *testing.T) {
	w := one(t).ready()
	w.must(w.EndMandate(w.ctx(), w.by("Hilda"), w.community, w.mandates["Hana"]))
	if m, _ := w.seat("Hilda").Community.Mandate(w.mandates["Hana"]); !m.Within(w.clock) {
		t.Error("Hilda alone ended Hana's mandate at once")
	}
	_, err := w.EndMandate(w.ctx(), w.by("Hilda"), w.community, w.mandates["Hana"])
	w.refused(err, consultations.ErrWrongTime)
	w.must(w.EndMandate(w.ctx(), w.by("Horst"), w.community, w.mandates["Hana"]))
	w.wait(time.Second)
	if m, _ := w.seat("Hilda").Community.Mandate(w.mandates["Hana"]); m.Within(w.clock) {
		t.Error("two of them cannot end it")
	}
}

func TestAbuseOneHolderContestsAndRejects(t *testing.T) {
	w := one(t).ready()
	w.must(w.Contest(w.ctx(), w.by("Hilda"), w.community, w.mandates["Hana"], ""))
	_, err := w.RuleOnMandate(w.ctx(), w.by("Hilda"), w.community, w.mandates["Hana"], false)
	if err == nil {
		t.Error("Hilda alone contested and rejected Hana's mandate")
	}
}

func TestAbuseOneHolderChangesTheProtocol(t *testing.T) {
	w := one(t).ready()
	before := w.seat("Hilda").Community.Protocol().Version
	w.must(w.AdoptProtocol(w.ctx(), w.by("Hilda"), w.community, consultations.ProtocolForm{Institution: w.assembly, Rule: "x"}))
	if w.seat("Hilda").Community.Protocol().Version != before {
		t.Error("one holder alone adopted a protocol without the women's body")
	}
}

func TestAbuseSelfVouch(t *testing.T) {
	w := one(t).ready()
	c := w.seat("Hilda").Community
	m, _ := c.Mandate(w.mandates["Hilda"])
	id, err := w.EnterMandate(w.ctx(), w.by("Fara"), w.community, consultations.MandateForm{
		Name: "Hilda", Holder: m.Holder, Institution: w.women, Powers: consultations.Powers(), Resolution: []consultations.Digest{paper},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Vouch(w.ctx(), w.by("Hilda"), w.community, id.ID, "")
	if err == nil {
		t.Error("Hilda vouched for her own second mandate")
	}
}

func TestAbuseTwoAccountsOfOneHolder(t *testing.T) {
	w := one(t).ready()
	m, _ := w.seat("Hilda").Community.Mandate(w.mandates["Hilda"])
	_, err := w.EnterMandate(w.ctx(), w.by("Fara"), w.community, consultations.MandateForm{
		Name: "Hilda", Holder: m.Holder, Account: w.people["Nadia"].ID(), Institution: w.assembly, Powers: consultations.Powers(), Resolution: []consultations.Digest{paper},
	})
	if err == nil {
		t.Error("one holder with two accounts")
	}
}

func TestAbuseProponentReadsForAuditor(t *testing.T) {
	w := one(t).ready()
	w.decided(consultations.No, w.aspects[0])
	w.must(w.Release(w.ctx(), w.by("Hilda"), w.community, w.consultation, consultations.ReleaseForm{
		Parts: []consultations.Part{consultations.PartStatus, consultations.PartStatement}, To: consultations.ToAuditor, Purpose: "audit",
	}))
	taken, err := w.Export(w.ctx(), w.by("Pablo"), w.community, consultations.ExportForm{
		Consultation: w.consultation, Version: 1, Recipient: "me", For: consultations.ToAuditor,
	})
	if err == nil && strings.Contains(string(taken.Bytes), "refused") {
		t.Error("the proponent took the auditors' view")
	}
}

func TestAbuseLinkTellsTheProponent(t *testing.T) {
	w := one(t).founded().proposed().told().deliberated()
	taken, err := w.Export(w.ctx(), w.by("Pablo"), w.community, consultations.ExportForm{Consultation: w.consultation, Version: 1, Recipient: "me"})
	if err != nil {
		t.Fatal(err)
	}
	before, _ := w.ByLink(w.ctx(), taken.Token)
	w.decided(consultations.No, w.aspects[0])
	after, _ := w.ByLink(w.ctx(), taken.Token)
	if before.Changed != after.Changed {
		t.Errorf("the link of the proponent's own copy says when the community decided: %v %v", before.Changed, after.Changed)
	}
}

func TestAbuseInternalSessionsPublic(t *testing.T) {
	w := one(t).ready()
	for _, to := range []consultations.Audience{consultations.ToPublic, consultations.ToProponent} {
		w.must(w.Release(w.ctx(), w.by("Hilda"), w.community, w.consultation, consultations.ReleaseForm{
			Parts: []consultations.Part{consultations.PartSessions}, To: to, Purpose: "show",
		}))
	}
	w.must(w.GiveSeat(w.ctx(), w.by("Fara"), w.community, w.people["Ulla"].ID(), consultations.Proponent, w.consultation))
	for name, seat := range map[string]consultations.Seat{
		"public": w.seat("Fara").Community.Audience(consultations.ToPublic, w.record("Hilda"), w.clock), "staff": w.seat("Ulla"), "proponent": w.seat("Pablo"),
	} {
		v, _ := seat.See(w.record("Hilda"), 1)
		if len(v.Sessions) > 0 {
			t.Errorf("%s sees the internal session: %+v", name, v.Sessions)
		}
	}
}

func TestAbuseProponentWhoFacilitates(t *testing.T) {
	w := one(t).founded()
	form := w.form("mine")
	form.Proponent = w.people["Fara"].ID()
	if _, err := w.Propose(w.ctx(), w.by("Fara"), w.community, form); err == nil {
		t.Error("the facilitator is the proponent")
	}
	w.proposed()
	if _, err := w.GiveSeat(w.ctx(), w.by("Hilda"), w.community, w.people["Pablo"].ID(), consultations.Facilitator, ""); err == nil {
		t.Error("the proponent is facilitator, and sees all")
	}
}

func TestAbuseReask(t *testing.T) {
	w := one(t).ready()
	w.decided(consultations.No, w.aspects...)
	_, err := w.Propose(w.ctx(), w.by("Pablo"), w.community, w.form("First"))
	if err == nil {
		t.Error("the same proposal was put again as a new one after a no")
	}
}

func TestAbuseFormerHolderWithdrawsLate(t *testing.T) {
	w := one(t).ready()
	w.decided(consultations.Consent, w.aspects[0])
	w.wait(time.Hour)
	base, asserted := w.size(), w.clock
	w.wait(time.Hour)
	w.must(w.EndMandate(w.ctx(), w.by("Horst"), w.community, w.mandates["Horst"]))
	w.wait(time.Hour)
	_, err := w.Stop(w.ctx(), w.late("Horst", base, asserted), w.community, w.consultation, consultations.StopForm{Version: 1, Type: consultations.Withdraw})
	if err != nil {
		t.Errorf("a withdrawal made while the mandate lasted is lost: %v", err)
	}
}

func TestAbuseOutsiderWipesAYes(t *testing.T) {
	w := one(t).ready()
	w.decided(consultations.Consent, w.aspects[0])
	inForce := w.clock.Add(time.Hour)
	w.wait(30 * day)
	w.must(w.RaiseChange(w.ctx(), w.late("Pablo", 1, time.Time{}), w.community, w.consultation, 1, nil, "other price"))
	c := w.seat("Hilda").Community
	if s := c.Standing(c.Consultation(w.consultation), 1, w.aspects[0], inForce); s.State != consultations.InForce {
		t.Errorf("the proponent made what was in force never so: %s, stale %v", s.State, s.Stale)
	}
	w.stands(consultations.UnderReview)
}

func TestAbuseAuditorWipesAYes(t *testing.T) {
	w := one(t).ready()
	w.decided(consultations.ConsentConditions, w.aspects[0])
	w.must(w.GiveSeat(w.ctx(), w.by("Hilda"), w.community, w.people["Aude"].ID(), consultations.Auditor, ""))
	w.wait(30 * day)
	w.must(w.SetCondition(w.ctx(), w.late("Aude", 1, time.Time{}), w.community, w.consultation, w.record("Hilda").Conditions[0].ID, consultations.ConditionBroken, ""))
	w.stands(consultations.Suspended)
}

func TestAbuseWithdrawWithoutKnowingRewritesHistory(t *testing.T) {
	w := one(t).ready()
	w.decided(consultations.Consent, w.aspects[0])
	inForce := w.clock.Add(time.Hour)
	w.wait(30 * day)
	w.must(w.Stop(w.ctx(), w.late("Horst", 2, w.clock), w.community, w.consultation, consultations.StopForm{Version: 1, Type: consultations.Withdraw, Aspects: w.aspects[:1]}))
	c := w.seat("Hilda").Community
	s := c.Standing(c.Consultation(w.consultation), 1, w.aspects[0], inForce)
	if s.State != consultations.InForce {
		t.Errorf("history: %s", s.State)
	}
	w.stands(consultations.Withdrawn)
}

func TestAbuseContestedMandate(t *testing.T) {
	w := one(t)
	w.founded()
	w.protocol(consultations.Rules{Confirmations: 2, DeliberateDays: 1, InternalSessions: 1, CoolingDays: 10})
	w.proposed().told().deliberated()
	d := w.draft(consultations.Consent, w.aspects[0])
	if err := w.confirm("Hilda", d); err != nil {
		t.Fatal(err)
	}
	w.must(w.Contest(w.ctx(), w.by("Obi"), w.community, w.mandates["Hilda"], ""))
	if err := w.confirm("Hana", d); err == nil && len(w.record("Hana").Decisions) > 0 {
		t.Error("decided with the word of a contested holder")
	}
	if _, err := w.Release(w.ctx(), w.by("Hilda"), w.community, w.consultation, consultations.ReleaseForm{
		Parts: consultations.Parts(), To: consultations.ToPublic, Purpose: "x",
	}); err == nil {
		t.Error("a contested holder released everything to everybody")
	}
}

func TestAbuseContestedMandateWhileCooling(t *testing.T) {
	w := one(t)
	w.founded()
	w.protocol(consultations.Rules{Confirmations: 2, DeliberateDays: 1, InternalSessions: 1, CoolingDays: 10})
	w.proposed().told().deliberated()
	w.decided(consultations.Consent, w.aspects[0])
	w.stands(consultations.Cooling)
	w.must(w.Contest(w.ctx(), w.by("Obi"), w.community, w.mandates["Hilda"], ""))
	w.wait(20 * day)
	if s := w.standing().states[0]; s == consultations.InForce {
		t.Error("entered force on the word of a contested holder")
	}
}

func TestAbuseWithdrawAfterSuspension(t *testing.T) {
	w := one(t).ready()
	w.decided(consultations.Consent, w.aspects[0])
	if err := w.stop("Hilda", consultations.Suspend, w.aspects[0]); err != nil {
		t.Fatal(err)
	}
	d := w.draft(consultations.Renew, w.aspects[0])
	w.must(w.DropDraft(w.ctx(), w.by("Fara"), w.community, w.consultation, d))
	t.Log(w.standing().states)
	if err := w.stop("Hilda", consultations.Withdraw, w.aspects[0]); err != nil {
		t.Errorf("withdraw: %v", err)
	}
}

func TestAbuseExpiryHidesTheReview(t *testing.T) {
	w := one(t).ready()
	form := w.words(consultations.Consent, w.aspects[0])
	form.ReviewAt, form.ExpiresAt = w.clock.Add(10*day), w.clock.Add(20*day)
	d := w.must(w.Transcribe(w.ctx(), w.by("Fara"), w.community, w.consultation, form))
	_, _ = w.confirm("Hilda", d), w.confirm("Hana", d)
	c := w.seat("Hilda").Community
	x := c.Consultation(w.consultation)
	then := w.clock.Add(15 * day)
	mid := c.Standing(x, 1, w.aspects[0], then)
	for _, p := range c.Standing(x, 1, w.aspects[0], w.clock.Add(30*day)).Periods {
		if !p.From.After(then) && (p.To.IsZero() || p.To.After(then)) && p.State != mid.State {
			t.Errorf("on day 15 it was shown as %s, afterwards the history says %s", mid.State, p.State)
		}
	}
}

func TestAbuseRepinnedProtocol(t *testing.T) {
	w := one(t).ready() // pinned: two confirmations, women among them
	d := w.draft(consultations.Consent, w.aspects[0])
	w.protocol(consultations.Rules{Confirmations: 2})
	w.must(w.ChangeProposal(w.ctx(), w.by("Pablo"), w.community, w.consultation, w.form("Second")))
	w.move("Fara", consultations.MoveInvite)
	w.must(w.WritePlan(w.ctx(), w.by("Hilda"), w.community, w.consultation, "another"))
	w.agreePlan()
	t.Log(w.confirm("Hilda", d), w.confirm("Horst", d))
	c := w.seat("Hilda").Community
	if s := c.Standing(c.Consultation(w.consultation), 1, w.aspects[0], w.clock); s.State == consultations.InForce {
		t.Error("version 1 was decided by the protocol of version 2, without the women")
	}
}

func TestAbuseWaiveAlone(t *testing.T) {
	w := one(t).ready()
	w.decided(consultations.ConsentConditions, w.aspects[0])
	condition := func() consultations.Condition { return w.record("Hilda").Conditions[0] }
	for name, want := range map[string]consultations.ConditionStatus{"Hilda": consultations.ConditionOpen} {
		w.must(w.SetCondition(w.ctx(), w.by(name), w.community, w.consultation, condition().ID, consultations.ConditionWaived, ""))
		if condition().Status != want {
			t.Error("one holder waived a condition of the community")
		}
	}
	w.must(w.SetCondition(w.ctx(), w.by("Hana"), w.community, w.consultation, condition().ID, consultations.ConditionWaived, ""))
	if condition().Status != consultations.ConditionWaived {
		t.Error("two of them cannot waive it")
	}
}

func TestAbuseCoolOffShortened(t *testing.T) {
	w := one(t).ready()
	w.decided(consultations.No, w.aspects...)
	w.protocol(consultations.Rules{Confirmations: 2})
	w.move("Hilda", consultations.MoveReopen)
	w.must(w.ChangeProposal(w.ctx(), w.by("Pablo"), w.community, w.consultation, w.form("Second")))
	_, err := w.Move(w.ctx(), w.by("Fara"), w.community, w.consultation, 2, consultations.MoveInvite, "")
	w.blockedBy(err, consultations.GuardCoolOff)
}

func TestAbuseSeatOfNobody(t *testing.T) {
	w := one(t).ready()
	w.must(w.EndMandate(w.ctx(), w.by("Horst"), w.community, w.mandates["Horst"]))
	if _, err := w.SeatOf(w.ctx(), w.people["Horst"], w.community); err == nil {
		t.Error("a former holder still gets the community")
	}
}

func TestAbuseProponentSeesTheTurn(t *testing.T) {
	w := one(t).founded().proposed()
	w.move("Fara", consultations.MoveInvite)
	w.must(w.WritePlan(w.ctx(), w.by("Hilda"), w.community, w.consultation, planned))
	w.agreePlan()
	for _, topic := range consultations.Topics() {
		w.disclose(topic)
	}
	see := func() consultations.AspectView {
		v, _ := w.seat("Pablo").See(w.record("Hilda"), 1)
		return v.Aspects[0]
	}
	before := see()
	w.move("Hilda", consultations.MoveReceive)
	if after := see(); before.State != after.State {
		t.Errorf("the proponent sees when deliberation begins: %s → %s", before.State, after.State)
	}
}

func TestAbuseNoticeOnEveryTurn(t *testing.T) {
	w := one(t).ready()
	w.decided(consultations.Consent, w.aspects[0])
	if _, err := w.Export(w.ctx(), w.by("Hilda"), w.community, consultations.ExportForm{Consultation: w.consultation, Version: 1, Recipient: "registry"}); err != nil {
		t.Fatal(err)
	}
	n := func() int { return len(w.seat("Hilda").Community.Exports[0].Noticed) }
	w.must(w.RaiseChange(w.ctx(), w.by("Hilda"), w.community, w.consultation, 1, nil, "x"))
	if n() != 1 {
		t.Errorf("review: %d notices", n())
	}
	w.must(w.Dispute(w.ctx(), w.by("Hilda"), w.community, w.consultation, nil, w.assembly, ""))
	if n() != 2 {
		t.Errorf("contest: %d notices", n())
	}
	for _, name := range []string{"Hilda", "Hana"} {
		w.must(w.Void(w.ctx(), w.by(name), w.community, w.consultation, w.record("Hilda").Decisions[0].ID, "slip"))
	}
	if n() != 3 {
		t.Errorf("void: %d notices", n())
	}
}

func TestAbuseFormerFacilitatorSpeaks(t *testing.T) {
	w := one(t).ready()
	w.must(w.TakeSeat(w.ctx(), w.by("Hilda"), w.community, w.people["Fara"].ID(), consultations.Facilitator))
	_, err := w.EnterMandate(w.ctx(), w.by("Hilda"), w.community, consultations.MandateForm{
		Name: "Fara", Account: w.people["Fara"].ID(), Institution: w.assembly, Powers: consultations.Powers(), Resolution: []consultations.Digest{paper},
	})
	if err == nil {
		t.Error("the enroller and facilitator of yesterday may speak for the community in the same consultation")
	}
}

func TestAbuseHolderMadeAdministratorIsRelayed(t *testing.T) {
	w := one(t).ready()
	d := w.draft(consultations.Consent, w.aspects[0])
	if err := w.db.Write.WithContext(w.ctx()).Model(&people.Person{}).Where("id = ?", w.people["Hilda"].ID()).Update("administrator", true).Error; err != nil {
		t.Fatal(err)
	}
	if err := w.relayed("Fara", "Hilda", d); err == nil {
		t.Error("an administrator's word counts when somebody else enters it")
	}
}
