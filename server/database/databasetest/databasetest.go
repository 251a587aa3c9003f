// Package databasetest gives each test a database of its own, on both engines:
// SQLite in the test's folder, and PostgreSQL from one server per test process
// that nobody else can reach. It is not a fake: settings, migrations and SQL are
// those of the program. Only tests import it.
//
// Where PostgreSQL is not installed, its half of a test is left out and says so.
package databasetest

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/vcm-forum/forum/server/database"
)

// runner is a *testing.T or a *testing.B.
type runner[T any] interface {
	testing.TB
	Run(name string, run func(T)) bool
}

// Each runs a test or a benchmark twice, as "sqlite" and as "postgres", each on
// a fresh database that is migrated and empty and is closed afterwards:
//
//	databasetest.Each(t, func(t *testing.T, db *database.DB) { … })
func Each[T runner[T]](t T, run func(t T, db *database.DB)) {
	t.Helper()
	t.Run(database.SQLite, func(t T) { run(t, SQLite(t)) })
	t.Run(database.Postgres, func(t T) { run(t, Postgres(t)) })
}

// SQLite opens a fresh migrated database in the test's own folder. The file
// survives until the test ends, so a test may close the database and open
// db.File again.
func SQLite(t testing.TB) *database.DB {
	t.Helper()
	template, err := sqliteTemplate()
	if err != nil {
		t.Fatalf("make the SQLite template: %v", err)
	}
	dir := filepath.Join(t.TempDir(), "data") // the program wants a folder that only its owner reads
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatalf("make a data folder: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, database.FileName), template, 0o600); err != nil {
		t.Fatalf("copy the SQLite template: %v", err)
	}
	return open(t, database.Config{Dir: dir})
}

// Postgres opens a fresh migrated database, or leaves the test out where
// PostgreSQL is not installed.
func Postgres(t testing.TB) *database.DB {
	t.Helper()
	return open(t, database.Config{URL: newPostgres(t, migratedTemplate)})
}

// PostgresURL returns the address of a fresh PostgreSQL database without any
// table, for tests that start the whole program. It is dropped when the test
// ends, whoever is still connected.
func PostgresURL(t testing.TB) string {
	t.Helper()
	return newPostgres(t, emptyTemplate)
}

// open opens a database and closes it when the test ends.
func open(t testing.TB, cfg database.Config) *database.DB {
	t.Helper()
	db, err := database.Open(t.Context(), cfg)
	if err != nil {
		t.Fatalf("open the test's database: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close the test's database: %v", err)
		}
	})
	return db
}

// sqliteTemplate migrates one database and returns the bytes of its file: to
// copy it is ten times quicker than to migrate again.
var sqliteTemplate = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "forum-template-")
	if err != nil {
		return nil, fmt.Errorf("make a folder: %w", err)
	}
	defer os.RemoveAll(dir)
	if err := migrate(database.Config{Dir: dir}); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, database.FileName)) // closing has emptied the write-ahead log into it
})
