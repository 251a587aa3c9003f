package consultations_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/vcm-forum/forum/consultations/evidence"
)

// A file that is in the record stays; an upload that nobody came back to goes, and so
// does a file whose uploader was cut off before it came into the record.
func TestSweepingKeepsWhatIsInTheRecord(t *testing.T) {
	each(t, func(w *world) {
		store, err := evidence.New(t.TempDir(), evidence.Limits{File: 1000, Community: 10_000})
		if err != nil {
			t.Fatal(err)
		}
		w.Files = store
		w.founded()
		seat, err := w.SeatOf(w.ctx(), w.people["Hilda"], w.community)
		if err != nil {
			t.Fatal(err)
		}
		folder, err := w.Folder(w.ctx(), seat)
		if err != nil {
			t.Fatal(err)
		}
		take := func(words string) string {
			id, err := folder.Take(strings.NewReader(words), 100)
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		kept, _, err := w.HandIn(w.ctx(), w.by("Hilda"), seat, take("what the assembly said"))
		if err != nil {
			t.Fatalf("hand in: %v", err)
		}
		lost, err := folder.Finish(take("what never came into the record"))
		if err != nil {
			t.Fatal(err)
		}
		left := take("half")
		for _, away := range []time.Duration{0, 8 * 24 * time.Hour} {
			w.clock = time.Now().Add(away) // files have the time of the disk
			if err := w.SweepFiles(w.ctx()); err != nil {
				t.Fatalf("sweep: %v", err)
			}
			if err := folder.Verify(kept.Digest); err != nil {
				t.Errorf("what is in the record: %v", err)
			}
			var wantFile, wantUpload error
			if away > 0 {
				wantFile, wantUpload = evidence.ErrNoFile, evidence.ErrNoUpload
			}
			if err := folder.Verify(lost.Digest); !errors.Is(err, wantFile) {
				t.Errorf("what is not: %v, want %v", err, wantFile)
			}
			if _, err := folder.Have(left); !errors.Is(err, wantUpload) {
				t.Errorf("an upload: %v, want %v", err, wantUpload)
			}
		}
	})
}
