package ledger_test

import (
	"bytes"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
	"github.com/vcm-forum/forum/server/testkit"
)

// many is how many entries a log has after decades.
const many = 100_000

// manyEntries fills a log and seals it.
func manyEntries(b *testing.B, db *database.DB) (*circle, ledger.Sealer) {
	b.Helper()
	c, sealer := newCircle(b, db, 2), newSealer(b)
	newLog(b, db, village)
	for range many / 5000 {
		fill(b, db, village, sealer, 5000)
	}
	must(b, c.Seal(b.Context(), village))
	return c, sealer
}

// BenchmarkLedger measures what was promised of a log with 100,000 entries: an
// append against the same rows without any hash, the bytes of a receipt with a
// signature and two cosignatures, the seconds it takes to verify everything.
func BenchmarkLedger(b *testing.B) {
	databasetest.Each(b, func(b *testing.B, db *database.DB) {
		c, sealer := manyEntries(b, db)
		seconds, size := timeVerify(b, db, c, sealer), largestReceipt(b, db, c, sealer)
		bare := newBare(b, db)
		var ours, base time.Duration
		ourAppend := func(tx *gorm.DB) error {
			_, err := ledger.Append(tx, village, sealer, acts(1))
			return err
		}
		for n := 0; b.Loop(); n++ {
			if n%2 == 0 { // neither always pays for what the other has left to the disk
				base += commit(b, db, bare.append)
			}
			ours += commit(b, db, ourAppend)
			if n%2 == 1 {
				base += commit(b, db, bare.append)
			}
		}
		testkit.AtMost(b, "append/without-hashes", float64(ours), float64(base), 1.3)
		testkit.AtMost(b, "receipt/bytes", float64(size), 2048, 1)
		testkit.AtMost(b, "verify-100000/s", seconds, 5, 1)
	})
}

// timeVerify is how many seconds it takes to verify the whole log, words and all.
func timeVerify(b *testing.B, db *database.DB, c *circle, sealer ledger.Sealer) float64 {
	b.Helper()
	began := time.Now()
	report, err := ledger.Verify(db.Read.WithContext(b.Context()), ledger.Verifying{Open: func(ledger.Head) (ledger.Sealer, error) { return sealer, nil }, Policy: c.policy})
	must(b, err)
	took := time.Since(began)
	if report.Worst() != "" || report.Fields < 2*many {
		b.Errorf("found %v, %d fields fit", report.Findings, report.Fields)
	}
	return took.Seconds()
}

// largestReceipt is the bytes of the larger receipt, of a decision's words and of
// an act deep in the log.
func largestReceipt(b *testing.B, db *database.DB, c *circle, sealer ledger.Sealer) int {
	b.Helper()
	words := ledger.Field{Slot: 1, Name: "decision", Value: bytes.Repeat([]byte("words "), 40)}
	_, err := ledger.Append(db.Write.WithContext(b.Context()), village, sealer, []ledger.Field{acts(1)[0], words})
	must(b, err)
	must(b, c.Seal(b.Context(), village))
	read := db.Read.WithContext(b.Context())
	head, err := ledger.HeadOf(read, village)
	must(b, err)
	receipt, err := ledger.MakeReceipt(read, village, sealer, head.Size-1, 1, c.policy)
	must(b, err)
	deep, err := ledger.MakeReceipt(read, village, sealer, 4711, 0, c.policy)
	must(b, err)
	return max(len(receipt.Text()), len(deep.Text()))
}

// commit measures a transaction of 64 times the same, as the record's writer
// gathers them: the disk's wait for one commit would hide what hashing costs.
func commit(b *testing.B, db *database.DB, do func(*gorm.DB) error) time.Duration {
	b.Helper()
	began := time.Now()
	must(b, db.Write.WithContext(b.Context()).Transaction(func(tx *gorm.DB) error {
		for range 64 {
			if err := do(tx); err != nil {
				return err
			}
		}
		return nil
	}))
	return time.Since(began)
}

// bare writes the rows of an append and computes nothing: rows of the same shape
// in another log, filled with zeros.
type bare struct{ hashes, sealed []byte }

type (
	bareEntry struct {
		Log    string
		Idx    int64
		Slots  []byte
		Hashes []byte
	}
	bareField struct {
		Log    string
		Idx    int64
		Slot   int
		Salt   []byte
		Sealed []byte
	}
)

func (bareEntry) TableName() string { return "ledger_entries" }
func (bareField) TableName() string { return "ledger_fields" }

// newBare copies the log, so that its rows stand in tables just as full.
func newBare(b *testing.B, db *database.DB) *bare {
	b.Helper()
	newLog(b, db, "bare")
	for _, s := range []string{
		"INSERT INTO ledger_entries SELECT 'bare', idx, slots, hashes FROM ledger_entries WHERE log = 'village'",
		"INSERT INTO ledger_fields SELECT 'bare', idx, slot, salt, sealed FROM ledger_fields WHERE log = 'village'",
		"UPDATE ledger_logs SET size = (SELECT size FROM ledger_logs WHERE id = 'village'), frontier = (SELECT frontier FROM ledger_logs WHERE id = 'village') WHERE id = 'bare'",
	} {
		run(b, db, s)
	}
	return &bare{make([]byte, 2*32), make([]byte, 256+28)} // an entry completes two hashes on average
}

// append has to read the log's row too: without its size no entry has a number.
func (r *bare) append(tx *gorm.DB) error {
	var next int64
	var frontier []byte
	if err := tx.Raw("SELECT size, frontier FROM ledger_logs WHERE id = ?", "bare").Row().Scan(&next, &frontier); err != nil {
		return err
	}
	if err := tx.Create(&bareEntry{"bare", next, make([]byte, 256), r.hashes}).Error; err != nil {
		return err
	}
	salt := make([]byte, 32)
	if err := tx.Create(&[]bareField{{"bare", next, 0, salt, r.sealed}, {"bare", next, 3, salt, r.sealed}}).Error; err != nil {
		return err
	}
	return tx.Exec("UPDATE ledger_logs SET size = ?, frontier = ? WHERE id = ? AND size = ?", next+1, frontier, "bare", next).Error
}
