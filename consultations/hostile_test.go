package consultations_test

import (
	"testing"

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
