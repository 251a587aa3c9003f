package consultations_test

import (
	"testing"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/record"
)

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
