package database_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

func TestPostgreSQLSettingsThatLoseWritesAreRefused(t *testing.T) {
	address := databasetest.PostgresURL(t)
	for _, tt := range []struct{ name, options, want string }{
		{"acknowledging before the write is on disk", "-c synchronous_commit=off", "synchronous_commit"},
		{"a connection that only reads", "-c default_transaction_read_only=on", "transaction_read_only"},
		{"acknowledging once the local disk has it", "-c synchronous_commit=local", ""},
		{"the settings of an ordinary installation", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			url := address + "&options=" + strings.NewReplacer(" ", "%20", "=", "%3D").Replace(tt.options)
			db, err := database.Open(t.Context(), database.Config{URL: url})
			if tt.want == "" {
				if err != nil {
					t.Fatalf("Open: %v", err)
				}
				t.Cleanup(func() { _ = db.Close() })
				return
			}
			if !errors.Is(err, database.ErrUnsafe) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Open = %v, want ErrUnsafe about %s", err, tt.want)
			}
		})
	}
}

func TestSQLiteForcesEveryCommitToDisk(t *testing.T) {
	db := databasetest.SQLite(t)
	for _, tt := range []struct{ name, pragma, want string }{
		{"the write-ahead log is used", "journal_mode", "wal"},
		{"each commit waits for the disk", "synchronous", "2"},
		{"references are checked", "foreign_keys", "1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for range 3 { // more than one connection of the pool
				for handle, from := range map[string]*database.DB{"write": {Write: db.Write}, "read": {Write: db.Read}} {
					var got string
					if err := from.Write.WithContext(t.Context()).Raw("PRAGMA " + tt.pragma).Scan(&got).Error; err != nil || got != tt.want {
						t.Errorf("PRAGMA %s of the %s handle = %q, %v, want %q", tt.pragma, handle, got, err, tt.want)
					}
				}
			}
		})
	}
}

func TestTheReadingHandleOfSQLiteCannotWrite(t *testing.T) {
	db := databasetest.SQLite(t)
	for _, statement := range []string{"INSERT INTO record_probe VALUES (1, '')", "CREATE TABLE x (a TEXT)", "DROP TABLE record_heads"} {
		if err := db.Read.WithContext(t.Context()).Exec(statement).Error; err == nil {
			t.Errorf("the reading handle ran %s", statement)
		}
	}
}

func TestDataFolder(t *testing.T) {
	for _, tt := range []struct {
		name string
		mode os.FileMode
		want error
	}{
		{"a folder that its owner alone reads is taken", 0o700, nil},
		{"a folder that everyone reads is refused", 0o755, database.ErrUnsafe},
		{"a folder that the group may enter is refused", 0o710, database.ErrUnsafe},
		{"a folder that others may write into is refused", 0o702, database.ErrUnsafe},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(dir, tt.mode); err != nil {
				t.Fatal(err)
			}
			db, err := database.Open(t.Context(), database.Config{Dir: dir})
			if !errors.Is(err, tt.want) {
				t.Errorf("Open = %v, want %v", err, tt.want)
			}
			if err != nil && !strings.Contains(err.Error(), "chmod 700") {
				t.Errorf("%q does not name the cure", err)
			}
			if db != nil {
				t.Cleanup(func() { _ = db.Close() })
			}
			if _, statErr := os.Stat(filepath.Join(dir, database.FileName)); (statErr == nil) != (tt.want == nil) {
				t.Errorf("the database file: %v", statErr)
			}
		})
	}
}

// People name folders as they like; the file must lie in the folder they named.
func TestDataFolderMayHaveAnyName(t *testing.T) {
	for _, name := range []string{"new", "with blank", "Ñandú é", "100%", "%41", "a?b", "a#b", "a&_pragma=synchronous(0)", "a;b"} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), name)
			db, err := database.Open(t.Context(), database.Config{Dir: dir})
			if err != nil {
				t.Fatalf("Open: %v", err)
			}
			t.Cleanup(func() { _ = db.Close() })
			if err := db.Migrate(t.Context()); err != nil {
				t.Fatalf("Migrate: %v", err)
			}
			if _, err := os.Stat(filepath.Join(dir, database.FileName)); err != nil {
				t.Errorf("the database is elsewhere: %v", err)
			}
			if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
				t.Errorf("the folder: %v, %v, want mode 0700", info, err)
			}
		})
	}
}

func TestOtherAddressesAreRefused(t *testing.T) {
	for _, url := range []string{"mysql://x", "sqlite://x", "host=localhost", "/var/lib/forum", "postgres:/x"} {
		if _, err := database.Open(t.Context(), database.Config{URL: url}); err == nil || !strings.Contains(err.Error(), "postgres://") {
			t.Errorf("Open(%q) = %v, want a refusal that says what an address looks like", url, err)
		}
	}
}

func TestPasswordIsNotInTheError(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for _, url := range []string{
		"postgres://forum:s3cret@127.0.0.1:1/forum?connect_timeout=2",
		"postgres://forum:s3cret@127.0.0.1:1/forum?sslmode=nonsense",
		"postgres://forum:s3cret@127.0.0.1:port/forum",
	} {
		if _, err := database.Open(ctx, database.Config{URL: url}); err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("Open = %v, want an error without the password", err)
		}
	}
}

func TestVersionsAreComparedNumberByNumber(t *testing.T) {
	for _, tt := range []struct {
		name, version, than string
		want                bool
	}{
		{"the same", "3.51.3", "3.51.3", false},
		{"a smaller last number", "3.51.2", "3.51.3", true},
		{"a larger last number", "3.51.10", "3.51.3", false},
		{"ten is more than nine", "3.9.9", "3.10.0", true},
		{"a larger middle number", "3.53.0", "3.51.3", false},
		{"a smaller middle number with a larger last", "3.50.7", "3.51.3", true},
		{"a larger first number", "4.0.0", "3.51.3", false},
		{"a part that is missing counts as nought", "3.51", "3.51.3", true},
		{"a fourth part is not looked at", "3.51.3.1", "3.51.3", false},
		{"no version is old", "", "3.51.3", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := database.Older(tt.version, tt.than); got != tt.want {
				t.Errorf("older(%q, %q) = %v", tt.version, tt.than, got)
			}
		})
	}
}

func TestANewerDatabaseIsRefused(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		status, err := db.MigrationStatus(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		err = db.Write.WithContext(t.Context()).Exec("INSERT INTO goose_db_version (version_id, is_applied, tstamp) VALUES (?, ?, ?)",
			status.Newest+1, true, database.Now()).Error
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Migrate(t.Context()); !errors.Is(err, database.ErrNewer) {
			t.Errorf("Migrate = %v, want ErrNewer", err)
		}
	})
}

func TestMigratingTwiceAndAtOnceIsHarmless(t *testing.T) {
	address := databasetest.PostgresURL(t)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			db, err := database.Open(t.Context(), database.Config{URL: address})
			if err != nil {
				t.Errorf("Open: %v", err)
				return
			}
			defer func() { _ = db.Close() }()
			for range 2 {
				if err := db.Migrate(t.Context()); err != nil {
					t.Errorf("Migrate: %v", err)
				}
			}
		})
	}
	wg.Wait()
}

func TestTimesComeBackAsTheyWere(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		type probe struct {
			ID int64
			At time.Time
		}
		times := []time.Time{
			database.Now(), time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), time.Date(2026, 1, 2, 3, 4, 5, 100000, time.UTC),
			time.Date(2026, 1, 2, 3, 4, 5, 120000, time.UTC), time.Date(2038, 1, 19, 3, 14, 8, 999999000, time.UTC),
		}
		for i, at := range times {
			row := probe{int64(i + 1), at}
			if err := db.Write.WithContext(t.Context()).Table("record_probe").Create(&row).Error; err != nil {
				t.Fatal(err)
			}
			var got probe
			if err := db.Read.WithContext(t.Context()).Table("record_probe").Where("at = ?", at).Take(&got).Error; err != nil {
				t.Errorf("%s is not found by itself: %v", at, err)
			}
			if !got.At.Equal(at) || got.At.Location() != time.UTC {
				t.Errorf("stored %s, read %s", at, got.At)
			}
		}
		var earlier []probe
		err := db.Read.WithContext(t.Context()).Table("record_probe").Where("at < ?", times[3]).Order("at").Find(&earlier).Error
		if err != nil || len(earlier) != 2 || !earlier[0].At.Equal(times[1]) {
			t.Errorf("before %s: %v, %v", times[3], earlier, err)
		}
	})
}
