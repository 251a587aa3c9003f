package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// newDB is a database where the engine does not matter.
func newDB(t testing.TB) *database.DB {
	t.Helper()
	return databasetest.SQLite(t)
}

func TestALogIsSealedAndSeen(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, sealer := newCircle(t, db, 2), newSealer(t)
		newLog(t, db, village)
		read := db.Read.WithContext(t.Context())
		must(t, c.SealAll(t.Context())) // nothing to seal yet
		for _, n := range []int{1, 4, 3} {
			fill(t, db, village, sealer, n)
			must(t, c.SealAll(t.Context()))
			must(t, c.Seal(t.Context(), village)) // again changes nothing
		}
		fill(t, db, village, sealer, 1)
		signed, err := ledger.Note(read, village, 0)
		must(t, err)
		sealed, err := c.policy.Open(signed)
		if err != nil || sealed.Size != 8 || strings.Count(signed, "— ") != 3 {
			t.Errorf("%+v, %v of %s", sealed, err, signed)
		}
		seals, err := ledger.SealsOf(read, village, 0, c.policy)
		must(t, err)
		seen := []ledger.Seen{{Witness: "ombuds.example/w", At: noon()}, {Witness: "federation.example/w", At: noon()}}
		for index, want := range map[int64]ledger.State{0: {noon(), seen}, 7: {noon(), seen}, 8: {}} {
			if diff := cmp.Diff(want, seals.State(index)); diff != "" {
				t.Errorf("entry %d (-want +got):\n%s", index, diff)
			}
		}
	})
}

func TestAWitnessThatWasAwayCatchesUp(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, sealer := newCircle(t, db, 1), newSealer(t)
		newLog(t, db, village)
		const late = "federation.example/w"
		there := c.witnesses[late]
		for range 3 {
			fill(t, db, village, sealer, 2)
			c.witnesses[late] = unreachable{}
			if err := c.Seal(t.Context(), village); err == nil || !strings.Contains(err.Error(), late) {
				t.Errorf("while it is away: %v", err)
			}
			signed, err := ledger.Note(db.Read.WithContext(t.Context()), village, 0)
			must(t, err)
			if _, err := c.policy.Open(signed); err != nil {
				t.Errorf("the other's word is enough: %v", err)
			}
			c.witnesses[late] = there
		}
		must(t, c.Seal(t.Context(), village))
		signed, err := ledger.Note(db.Read.WithContext(t.Context()), village, 0)
		must(t, err)
		if sealed, err := c.policy.Open(signed); err != nil || len(sealed.Seen) != 2 {
			t.Errorf("%+v, %v", sealed, err)
		}
	})
}

// What the database has forgotten, the signer and the witnesses remember.
func TestALogThatWasSetBackIsNotSealed(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, sealer := newCircle(t, db, 0), newSealer(t)
		newLog(t, db, village)
		fill(t, db, village, sealer, 5)
		must(t, c.Seal(t.Context(), village))
		dropTriggers(t, db)
		rewind(t, db, 3)
		if err := c.Seal(t.Context(), village); !errors.Is(err, ledger.ErrFork) {
			t.Errorf("a shorter log: %v", err)
		}
		fill(t, db, village, sealer, 4)
		if err := c.Seal(t.Context(), village); !errors.Is(err, ledger.ErrFork) {
			t.Errorf("another history: %v", err)
		}
	})
}

func TestAStrangersSignatureIsNotKept(t *testing.T) {
	db := newDB(t)
	c, other := newCircle(t, db, 0), newHand(t)
	newLog(t, db, village)
	fill(t, db, village, newSealer(t), 1)
	c.Sealing.Signer = direct{other.Signer}
	if err := c.Seal(t.Context(), village); !errors.Is(err, ledger.ErrPolicy) {
		t.Errorf("Seal: %v", err)
	}
	if signed, err := ledger.Note(db.Read.WithContext(t.Context()), village, 0); err != nil || signed != "" {
		t.Errorf("kept %q, %v", signed, err)
	}
}

// heard tells when a witness was asked.
type heard struct {
	ledger.Asker
	asked chan string
}

func (h heard) AddCheckpoint(ctx context.Context, body string) (ledger.Answer, error) {
	answer, err := h.Asker.AddCheckpoint(ctx, body)
	h.asked <- body
	return answer, err
}

func TestAFollowerSealsWhatItIsWokenFor(t *testing.T) {
	db := newDB(t)
	c, sealer := newCircle(t, db, 1), newSealer(t)
	newLog(t, db, village)
	const name = "federation.example/w"
	asked := make(chan string)
	c.witnesses[name] = heard{c.witnesses[name], asked}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { c.Run(ctx); close(ended) }()
	for n := 1; n <= 3; n++ {
		fill(t, db, village, sealer, 1)
		c.Wake(village)
		if body := <-asked; !strings.Contains(body, fmt.Sprintf("\n%d\n", n)) {
			t.Errorf("asked with %s", body)
		}
	}
	stop()
	<-ended
	for range 1000 {
		c.Wake(village) // nobody listens any more, and it does not wait
	}
}
