package backup_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/pressly/goose/v3"

	"github.com/vcm-forum/forum/migrations"
	"github.com/vcm-forum/forum/server/backup"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// older opens a database of the shape that it had one version ago.
func older(t *testing.T, dialect string) *database.DB {
	t.Helper()
	db := fresh(t, dialect)
	status, err := db.MigrationStatus(t.Context())
	must(t, err)
	pool, err := db.Write.DB()
	must(t, err)
	provider, err := goose.NewProvider(map[string]goose.Dialect{
		database.SQLite: goose.DialectSQLite3, database.Postgres: goose.DialectPostgres,
	}[dialect], pool, migrations.For(dialect), goose.WithDisableGlobalRegistry(true))
	must(t, err)
	_, err = provider.UpTo(t.Context(), status.Newest-1)
	must(t, err)
	return db
}

// fresh opens a database without any table.
func fresh(t *testing.T, dialect string) *database.DB {
	t.Helper()
	cfg := database.Config{Dir: filepath.Join(t.TempDir(), "data")}
	if dialect == database.Postgres {
		cfg = database.Config{URL: databasetest.PostgresURL(t)}
	}
	db, err := database.Open(t.Context(), cfg)
	must(t, err)
	t.Cleanup(func() { _ = db.Close() }) // nothing depends on it
	return db
}

// A backup of an older program is restored in its own shape and then migrated,
// so that what a migration does to rows is done to these too.
func TestABackupOfAnOlderProgramIsRestoredAndMigrated(t *testing.T) {
	for _, from := range []string{database.SQLite, database.Postgres} {
		for _, to := range []string{database.SQLite, database.Postgres} {
			t.Run(from+" to "+to, func(t *testing.T) {
				db := older(t, from)
				run(t, db, "INSERT INTO record_probe VALUES (1, ?)", database.Now())
				dir, m := backUp(t, db)
				target := fresh(t, to)
				restore(t, target, dir)
				status, err := target.MigrationStatus(t.Context())
				if err != nil || status.Version != status.Newest || status.Version != m.Migration+1 {
					t.Errorf("status %+v, %v after a backup of version %d", status, err, m.Migration)
				}
				if count(t, target, "record_probe") != 1 {
					t.Error("the row is lost")
				}
				if _, err := backup.Restore(t.Context(), backup.Target{DB: target}, dir); !errors.Is(err, backup.ErrTooNew) {
					t.Errorf("Restore into a newer shape = %v, want ErrTooNew", err)
				}
			})
		}
	}
}
