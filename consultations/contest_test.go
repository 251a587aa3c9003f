package consultations_test

import (
	"testing"

	"github.com/vcm-forum/forum/consultations"
)

// TestAContestDoesNotReachBack: what was in force until somebody disputed it was
// in force until then.
func TestAContestDoesNotReachBack(t *testing.T) {
	contests := map[string]func(w *world){
		"of a decision": func(w *world) {
			w.must(w.Dispute(w.ctx(), w.by("Hana"), w.community, w.consultation, nil, w.women, ""))
		},
		"of a mandate": func(w *world) { w.must(w.Contest(w.ctx(), w.by("Obi"), w.community, w.mandates["Horst"], "")) },
	}
	for what, contest := range contests {
		w := one(t).ready()
		draft := w.draft(consultations.Consent, w.aspects[0])
		_, _ = w.confirm("Horst", draft), w.confirm("Hana", draft)
		w.wait(day)
		during := w.clock
		w.wait(day)
		contest(w)
		w.stands(consultations.ContestedState)
		if s := w.at(w.aspects[0], during); s.State != consultations.InForce {
			t.Errorf("contest %s: the day before it was %s", what, s.State)
		}
	}
}

// TestTheLinkOfACopyTellsOfAContest, and of its end.
func TestTheLinkOfACopyTellsOfAContest(t *testing.T) {
	w := one(t).inForce(consultations.Consent)
	copied := w.export("Hilda", "")
	says := func(changed bool, state consultations.State) {
		t.Helper()
		status, err := w.ByLink(w.ctx(), copied.Token)
		if err != nil || status.Changed != changed || status.Aspects[0].State != state {
			t.Errorf("the link says changed %v, %s (%v), want %v, %s", status.Changed, status.Aspects[0].State, err, changed, state)
		}
	}
	says(false, consultations.InForce)
	w.wait(day)
	contest := w.must(w.Dispute(w.ctx(), w.by("Hana"), w.community, w.consultation, nil, w.women, ""))
	says(true, consultations.ContestedState)
	w.wait(day)
	for _, name := range []string{"Hilda", "Horst"} {
		w.must(w.RuleOnContest(w.ctx(), w.by(name), w.community, w.consultation, contest, w.record("Hilda").Decisions[0].ID))
	}
	says(false, consultations.InForce)
}

// TestTheRulesAreChangedByAllWhoAreHeard: nobody who must be heard in a decision is
// left out by first changing the rules without them.
func TestTheRulesAreChangedByAllWhoAreHeard(t *testing.T) {
	w := one(t).founded()
	form := consultations.ProtocolForm{Institution: w.assembly, Rules: consultations.Rules{Confirmations: 2}, Rule: "Sin las mujeres."}
	for _, name := range []string{"Hilda", "Horst"} {
		_, _ = w.AdoptProtocol(w.ctx(), w.by(name), w.community, form) // a word each, or refused
	}
	if c := w.seat("Hilda").Community; len(c.Protocol().Rules.Groups) == 0 {
		t.Error("the assembly changed the protocol without the women's body, whom it names")
	}
}

// TestOnlyTheCommunityMakesMembers: nobody from outside is let in among those who
// see what the community says among itself, not even before it has holders.
func TestOnlyTheCommunityMakesMembers(t *testing.T) {
	w := one(t)
	w.community = w.must(w.Found(w.ctx(), w.by("Fara"), consultations.CommunityForm{Name: nameOf, Identifies: consultations.Indigenous, Languages: []string{tongue}}))
	for _, name := range []string{"Fara", "Ulla"} {
		w.appendsNothing("the facilitator makes a member of "+name, func() error {
			_, err := w.GiveSeat(w.ctx(), w.by("Fara"), w.community, w.people[name].ID(), consultations.Member, "")
			return err
		})
	}
}

// TestContestsInAnyOrder: what is contested does not depend on the order of arrival.
func TestContestsInAnyOrder(t *testing.T) {
	anyOrder(t, func(st consultations.Standing) consultations.State { return st.State })
}

// TestDatesOfAYesComeAfterIt: a review or an end before the yes takes effect is a
// slip of the pen, and would make its history run backwards.
func TestDatesOfAYesComeAfterIt(t *testing.T) {
	w := one(t).cooled() // for ten days
	for field, change := range map[string]func(*consultations.DraftForm){
		"review_at":  func(f *consultations.DraftForm) { f.ReviewAt = w.clock.Add(9 * day) },
		"expires_at": func(f *consultations.DraftForm) { f.ExpiresAt = w.clock.Add(-day) },
	} {
		form := w.words(consultations.Consent, w.aspects[0])
		change(&form)
		_, err := w.Transcribe(w.ctx(), w.by("Fara"), w.community, w.consultation, form)
		w.invalid(err, field)
	}
}
