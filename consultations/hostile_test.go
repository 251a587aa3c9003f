package consultations_test

import (
	"testing"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/record"
)

// Somebody who wants something else of the community, with a seat for all it is asked,
// is not told what it answers to this one.
func TestHostileCompetitorReadsForTheProponent(t *testing.T) {
	w := one(t).ready()
	w.must(w.GiveSeat(w.ctx(), w.by("Fara"), w.community, w.people["Ulla"].ID(), consultations.Proponent, ""))
	w.must(w.GiveSeat(w.ctx(), w.by("Fara"), w.community, w.people["Nadia"].ID(), consultations.Proponent, w.consultation))
	w.decided(consultations.No, w.aspects[0])
	w.must(w.Release(w.ctx(), w.by("Hilda"), w.community, w.consultation, consultations.ReleaseForm{
		Parts: []consultations.Part{consultations.PartStatus, consultations.PartProposal}, To: consultations.ToProponent, Purpose: "to answer",
	}))
	for name, want := range map[string]bool{"Pablo": true, "Nadia": true, "Ulla": false} {
		if v, ok := w.seat(name).See(w.record("Hilda"), 1); ok != want {
			t.Errorf("%s: %v, %+v", name, ok, v)
		}
	}
}

// barely is a community that Fara has opened and Ulla helps; Fara has left.
func (w *world) barely() *world {
	w.Helper()
	w.community = w.must(w.Found(w.ctx(), w.by("Fara"), consultations.CommunityForm{Name: nameOf, Identifies: consultations.Indigenous, Languages: []string{tongue}}))
	w.assembly = w.must(w.AddInstitution(w.ctx(), w.by("Fara"), w.community, consultations.InstitutionForm{Kind: consultations.Assembly, Name: "Asamblea"}))
	w.must(w.GiveSeat(w.ctx(), w.by("Fara"), w.community, w.people["Ulla"].ID(), consultations.Facilitator, ""))
	w.must(w.GiveSeat(w.ctx(), w.by("Fara"), w.community, w.people["Fara"].ID(), consultations.Observer, ""))
	w.must(w.TakeSeat(w.ctx(), w.by("Fara"), w.community, w.people["Fara"].ID(), consultations.Facilitator))
	return w
}

// Who has written a community's record down is neither the one who wants something
// of it nor the witness from outside, having left or not.
func TestHostileEnrollerChangesSides(t *testing.T) {
	w := one(t).barely()
	id := w.must(w.EnterMandate(w.ctx(), w.by("Ulla"), w.community, consultations.MandateForm{
		Name: "Hilda", Account: w.people["Hilda"].ID(), Institution: w.assembly, Powers: consultations.Powers(), Resolution: []consultations.Digest{paper},
	}))
	for _, name := range []string{"Rosa", "Inés"} {
		w.must(w.Vouch(w.ctx(), w.by("Ulla"), w.community, id, name))
	}
	_, err := w.Attest(w.ctx(), w.by("Fara"), w.community, id)
	w.refused(err, consultations.ErrRefused)
	w.must(w.TakeSeat(w.ctx(), w.by("Ulla"), w.community, w.people["Fara"].ID(), consultations.Observer))
	form := w.form("mine")
	form.Proponent = w.people["Fara"].ID()
	_, err = w.Propose(w.ctx(), w.by("Ulla"), w.community, form)
	w.invalid(err, "proponent")
	_, err = w.GiveSeat(w.ctx(), w.by("Ulla"), w.community, w.people["Fara"].ID(), consultations.Proponent, "")
	w.refused(err, consultations.ErrRefused)
}

// Whose mandate has ended since they ruled has not ruled.
func TestHostileRulingOfAFormerHolder(t *testing.T) {
	w := one(t).ready()
	w.decided(consultations.Consent, w.aspects[0])
	w.must(w.Dispute(w.ctx(), w.by("Hana"), w.community, w.consultation, nil, w.women, ""))
	contest := w.record("Hilda").Contests[0].ID
	w.must(w.RuleOnContest(w.ctx(), w.by("Horst"), w.community, w.consultation, contest, ""))
	w.must(w.EndMandate(w.ctx(), w.by("Horst"), w.community, w.mandates["Horst"]))
	w.wait(time.Hour)
	w.must(w.RuleOnContest(w.ctx(), w.by("Hilda"), w.community, w.consultation, contest, ""))
	if w.record("Hilda").Contests[0].Resolved != 0 {
		t.Error("the word of one holder, and of one who was, made the ruling")
	}
}

// Conditions that were read back and erased before the last word are not gone round.
func TestHostileConditionsErasedBetweenTwoWords(t *testing.T) {
	for _, fields := range [][]string{{"conditions"}, {"dissent"}, {"statement"}} {
		for _, kind := range []consultations.DecisionType{consultations.ConsentConditions, consultations.Renew} {
			w := one(t).ready()
			if kind == consultations.Renew {
				w.decided(consultations.ConsentConditions, w.aspects[0])
				if err := w.stop("Hilda", consultations.Suspend, w.aspects[0]); err != nil {
					t.Fatal(err)
				}
			}
			d := w.draft(kind, w.aspects[0])
			if err := w.confirm("Hilda", d); err != nil {
				t.Fatal(err)
			}
			w.must(w.Erase(w.ctx(), w.by("Hana"), w.community, w.record("Hana").Draft(d).Entry, fields))
			w.invalid(w.confirm("Hana", d), "digest")
			if got := w.standing().states[0]; got == consultations.InForce || got == consultations.InForceIf {
				t.Errorf("%s without %v: %s", kind, fields, got)
			}
		}
	}
}

// A file belongs to everybody who has handed it in.
func TestHostileOneFileOfTwo(t *testing.T) {
	file := record.Digest("a file")
	c := consultations.Fold([]consultations.Event{
		{Index: 0, Actor: "hilda", Fact: &consultations.FileHanded{Digest: consultations.Digest(file)}},
		{Index: 1, Actor: "obi", Fact: &consultations.FileHanded{Digest: consultations.Digest(file)}},
		{Index: 2, Actor: "obi", Fact: &consultations.FileHanded{Digest: consultations.Digest(file)}},
	})
	if len(c.Files) != 2 {
		t.Errorf("%d, want one for each", len(c.Files))
	}
}
