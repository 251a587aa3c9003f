package ledger_test

import (
	"testing"

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
