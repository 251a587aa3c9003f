package ledger

import (
	"encoding/json"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// A backup is an older log than the one that was signed, and what is restored
// from it goes on otherwise: a fork by nature. It is not hidden, and the signer is
// not made to forget. The log goes on under a new origin; its tree keeps all that
// was restored, and the first entry after that is a [Restoration]. So whoever holds
// a checkpoint or a receipt of the old origin finds their entries at the same
// places, or finds that these are lost, and how many.

// Restoration is what that entry's act says, as its "fact".
type Restoration struct {
	Origin string    `json:"origin"` // of the log until then
	Size   int64     `json:"size"`   // entries that were restored; this entry has the index
	Root   tlog.Hash `json:"root"`   // of the tree of these
	// Signed is the last checkpoint that was signed of the origin, "" where no signature
	// of it is remembered.
	Signed string `json:"signed"`
}

// ErrLost says of a checkpoint that some of its entries were lost: the log went on
// from a backup.
var ErrLost = errors.New("entries that were signed are lost: the log was restored from a backup")

// Restored returns the checkpoint of what was restored.
func (r Restoration) Restored() Checkpoint { return Checkpoint{r.Origin, r.Size, r.Root} }

// Lost is how many entries were signed that were not restored; known is false where
// nobody remembers what was signed.
func (r Restoration) Lost() (n int64, known bool) {
	last, err := Claimed(r.Signed)
	if err != nil {
		return 0, false
	}
	return max(0, last.Size-r.Size), true
}

// restorationOf reads the act of an entry.
func restorationOf(act []byte) (Restoration, error) {
	var a struct {
		Fact Restoration `json:"fact"`
	}
	if err := json.Unmarshal(act, &a); err != nil {
		return Restoration{}, fmt.Errorf("read a restoration: %w", err)
	}
	return a.Fact, nil
}

// originRow says from which entry on a log has an origin.
type originRow struct {
	Log    string
	First  int64
	Origin string
	Signed string // of the origin before
}

func (originRow) TableName() string { return "ledger_origins" }

// origins are those that a log has had, the oldest first.
type origins []originRow

// at is the origin that the commitments of an entry are bound to.
func (o origins) at(index int64) string {
	found := ""
	for _, row := range o {
		if row.First <= index {
			found = row.Origin
		}
	}
	return found
}

// next is where the origin after the i-th begins, and what was signed of the i-th;
// ok is false for the newest.
func (o origins) next(i int) (row originRow, ok bool) {
	if i+1 >= len(o) {
		return originRow{}, false
	}
	return o[i+1], true
}
