package databasetest_test

import (
	"path/filepath"
	"testing"

	"gorm.io/gorm"

	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

func TestEachGivesAFreshMigratedDatabase(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		status, err := db.MigrationStatus(t.Context())
		if err != nil || status.Version != status.Newest || status.Newest == 0 {
			t.Errorf("MigrationStatus() = %+v, %v, want the newest version", status, err)
		}
		if want := "TestEachGivesAFreshMigratedDatabase/" + db.Dialect; t.Name() != want {
			t.Errorf("sub-test %s on %s, want %s", t.Name(), db.Dialect, want)
		}
		if got := count(t, db.Read, "goose_db_version"); got < 2 {
			t.Errorf("%d migrations through the reader, want all", got)
		}
	})
}

func TestOneTestDoesNotSeeAnother(t *testing.T) {
	for _, name := range []string{"first", "second"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			databasetest.Each(t, func(t *testing.T, db *database.DB) {
				run(t, db.Write, "CREATE TABLE only_here (name TEXT PRIMARY KEY)")
				run(t, db.Write, "INSERT INTO only_here VALUES ('a')")
				if got := count(t, db.Read, "only_here"); got != 1 {
					t.Errorf("%d rows, want 1", got)
				}
			})
		})
	}
}

func TestSQLiteFileCanBeOpenedAgain(t *testing.T) {
	db := databasetest.SQLite(t)
	run(t, db.Write, "CREATE TABLE kept (name TEXT PRIMARY KEY)")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := database.Open(t.Context(), database.Config{Dir: filepath.Dir(db.File)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = again.Close() }) // nothing depends on it
	if got := count(t, again.Read, "kept"); got != 0 {
		t.Errorf("%d rows, want 0", got)
	}
}

func TestPostgresURLIsAnEmptyDatabase(t *testing.T) {
	url := databasetest.PostgresURL(t)
	db, err := database.Open(t.Context(), database.Config{URL: url})
	if err != nil {
		t.Fatalf("Open(%q): %v", url, err)
	}
	t.Cleanup(func() { _ = db.Close() }) // nothing depends on it
	if got := count(t, db.Read, "pg_tables WHERE schemaname = 'public'"); got != 0 {
		t.Errorf("%d tables, want none", got)
	}
	if err := db.Migrate(t.Context()); err != nil {
		t.Errorf("Migrate: %v", err)
	}
}

func BenchmarkFresh(b *testing.B) {
	databasetest.Each(b, func(b *testing.B, db *database.DB) {
		fresh := databasetest.SQLite
		if db.Dialect == database.Postgres {
			fresh = databasetest.Postgres
		}
		for b.Loop() {
			fresh(b)
		}
	})
}

func run(t testing.TB, db *gorm.DB, statement string) {
	t.Helper()
	if err := db.WithContext(t.Context()).Exec(statement).Error; err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func count(t testing.TB, db *gorm.DB, from string) int {
	t.Helper()
	var n int
	if err := db.WithContext(t.Context()).Raw("SELECT count(*) FROM " + from).Scan(&n).Error; err != nil {
		t.Fatalf("count %s: %v", from, err)
	}
	return n
}
