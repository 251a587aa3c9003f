package ledger_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/server/database"
)

// dropTriggers does what whoever owns the database can: take its guards away.
func dropTriggers(t testing.TB, db *database.DB) {
	t.Helper()
	query := "SELECT 'DROP TRIGGER ' || name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'ledger%'"
	if db.Dialect == database.Postgres {
		query = `SELECT 'ALTER TABLE ' || c.relname || ' DISABLE TRIGGER ALL' FROM pg_class c WHERE c.relkind = 'r' AND c.relname LIKE 'ledger%'`
	} else {
		run(t, db, "PRAGMA foreign_keys = OFF")
	}
	var drops []string
	must(t, db.Write.WithContext(t.Context()).Raw(query).Scan(&drops).Error)
	for _, drop := range drops {
		run(t, db, drop)
	}
}

// rewind sets a log back to its first size entries, checkpoints too, as a
// restored database would stand.
func rewind(t testing.TB, db *database.DB, size int64) {
	t.Helper()
	const log = village
	var kept [][]byte
	must(t, db.Write.WithContext(t.Context()).Raw("SELECT hashes FROM ledger_entries WHERE log = ? AND idx < ? ORDER BY idx", log, size).Scan(&kept).Error)
	for _, table := range []string{"ledger_fields", "ledger_entries"} {
		run(t, db, "DELETE FROM "+table+" WHERE log = ? AND idx >= ?", log, size)
	}
	run(t, db, "DELETE FROM ledger_checkpoints WHERE log = ? AND size > ?", log, size)
	run(t, db, "UPDATE ledger_logs SET size = ?, frontier = ? WHERE id = ?", size, edgeOf(kept), log)
}

// edgeOf is the frontier of a tree whose entries keep these hashes.
func edgeOf(kept [][]byte) []byte {
	var edge []byte
	size := int64(len(kept))
	for level := 62; level >= 0; level-- {
		if size>>level&1 == 1 {
			end := size >> level << level
			edge = append(edge, kept[end-1][level*32:level*32+32]...)
		}
	}
	return edge
}

// forget gives a signer the memory of an older note.
func forget(t testing.TB, s hand, note string) {
	t.Helper()
	c, err := ledger.Claimed(note)
	must(t, err)
	name := sha256.Sum256([]byte(c.Origin))
	must(t, os.WriteFile(filepath.Join(s.dir, "memory", hex.EncodeToString(name[:])), []byte(note), 0o600))
}
