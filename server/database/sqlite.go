package database

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"gorm.io/gorm"
)

// FileName is the name of the SQLite file in the data folder.
const FileName = "forum.db"

// oldestSQLite is the first release without the WAL-reset race that could lose
// committed writes (https://www.sqlite.org/wal.html#walresetbug).
const oldestSQLite = "3.51.3"

// readers is how many queries may read at once; SQLite readers never block the writer.
const readers = 8

func openSQLite(ctx context.Context, cfg Config) (*DB, error) {
	if err := privateFolder(cfg.Dir); err != nil {
		return nil, err
	}
	db := &DB{Dialect: SQLite, File: filepath.Join(cfg.Dir, FileName)}
	var err error
	if db.Write, err = openSQLiteHandle(db.File, 1, "_txlock", "immediate"); err != nil {
		return nil, err
	}
	if err := checkSQLite(ctx, db.Write); err != nil {
		return nil, closeAfter(db, err)
	}
	if db.Read, err = openSQLiteHandle(db.File, readers, "_pragma", "query_only(1)"); err != nil {
		return nil, closeAfter(db, err)
	}
	return db, nil
}

func closeAfter(db *DB, err error) error {
	_ = db.Close() // the first error is the one that matters
	return err
}

// privateFolder creates the data folder, or refuses one that others can read.
func privateFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("create data folder: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("look at data folder: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("%w: data folder %s can be read by others (mode %04o); run: chmod 700 %s",
			ErrUnsafe, dir, info.Mode().Perm(), dir)
	}
	return nil
}

func openSQLiteHandle(file string, conns int, extraKey, extraValue string) (*gorm.DB, error) {
	query := url.Values{"_pragma": {
		"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)",
		"cache_size(-32768)", "temp_store(MEMORY)", "secure_delete(1)",
	}}
	query.Set("_time_format", "sqlite") // 2026-11-25 14:30:00.123456+00:00
	query.Set("_timezone", "UTC")
	query.Add(extraKey, extraValue)
	// SQLite reads the path as part of a URI: what a folder may be called is escaped.
	dsn := "file:" + (&url.URL{Path: file}).EscapedPath() + "?" + query.Encode()
	handle, err := gorm.Open(sqliteDialect{dsn}, gormConfig())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", file, err)
	}
	pool, err := handle.DB()
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", file, err)
	}
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	return handle, nil
}

// checkSQLite reads the settings back instead of trusting the address.
func checkSQLite(ctx context.Context, db *gorm.DB) error {
	var version string
	if err := db.WithContext(ctx).Raw("SELECT sqlite_version()").Scan(&version).Error; err != nil {
		return fmt.Errorf("ask SQLite for its version: %w", err)
	}
	if older(version, oldestSQLite) {
		return fmt.Errorf("%w: SQLite %s can lose committed writes; build with %s or newer", ErrUnsafe, version, oldestSQLite)
	}
	for _, want := range []struct{ pragma, value, cure string }{
		{"journal_mode", "wal", "put the data folder on a local disk that supports WAL"},
		{"synchronous", "2", "synchronous must be FULL"},
		{"foreign_keys", "1", "foreign keys must be on"},
		{"secure_delete", "1", "what is erased must be overwritten"},
	} {
		var got string
		if err := db.WithContext(ctx).Raw("PRAGMA " + want.pragma).Scan(&got).Error; err != nil {
			return fmt.Errorf("read PRAGMA %s: %w", want.pragma, err)
		}
		if got != want.value {
			return fmt.Errorf("%w: SQLite %s is %q: %s", ErrUnsafe, want.pragma, got, want.cure)
		}
	}
	return nil
}

// older compares dotted versions number by number.
func older(version, than string) bool {
	var a, b [3]int
	_, _ = fmt.Sscanf(version, "%d.%d.%d", &a[0], &a[1], &a[2]) // a part that is missing counts as 0
	_, _ = fmt.Sscanf(than, "%d.%d.%d", &b[0], &b[1], &b[2])
	for i := range a {
		if a[i] != b[i] {
			return a[i] < b[i]
		}
	}
	return false
}
