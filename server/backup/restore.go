package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pressly/goose/v3"
	"gorm.io/gorm"

	"github.com/vcm-forum/forum/migrations"
	"github.com/vcm-forum/forum/server/database"
)

// Restore makes a forum from a backup in a database without people and without
// a record, on whichever engine, and brings it to this program's shape. The
// backup is read from end to end before anything is written, and everything is
// written in one transaction: killed at any moment, the target holds either
// nothing or all of it.
//
// Files of evidence come first, since the record may not speak of what is not on
// disk; a restore that was killed finds them in place the next time.
//
// Every room gets a later epoch and one more line, [Restored], because what was
// acknowledged after the backup is gone: whoever remembers it must be told to
// start afresh, even where the numbers fit.
func Restore(ctx context.Context, to Target, dir string) (m Manifest, err error) {
	if m, err = Verify(dir); err != nil {
		return Manifest{}, err
	}
	if err := prepare(ctx, to.DB, m); err != nil {
		return Manifest{}, err
	}
	undo, err := m.putEvidence(ctx, filepath.Join(dir, evidenceDir), to.Evidence)
	if err != nil {
		return Manifest{}, errors.Join(err, undo())
	}
	err = to.DB.Write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		if err := load(tx, m, dir); err != nil || to.Finish == nil {
			return err
		}
		return to.Finish(tx, m)
	})
	if err != nil {
		return Manifest{}, errors.Join(err, undo())
	}
	return m, to.DB.Migrate(ctx)
}

// Target is where a backup is restored.
type Target struct {
	DB       *database.DB
	Evidence string // folder of the files of evidence
	// Finish looks at what was restored and adds to it, in the same transaction and in
	// the backup's own shape; what it refuses is not restored. nil for nothing.
	Finish func(tx *gorm.DB, m Manifest) error
}

// prepare gives the target the shape that the backup was written in; data are
// loaded into that and then migrated like any older forum.
func prepare(ctx context.Context, db *database.DB, m Manifest) error {
	status, err := db.MigrationStatus(ctx)
	if err != nil {
		return err
	}
	if m.Migration > status.Newest {
		return fmt.Errorf("%w (the backup has version %d, this program knows %d)", database.ErrNewer, m.Migration, status.Newest)
	}
	if status.Version > m.Migration {
		return fmt.Errorf("%w (the target has version %d, the backup %d)", ErrTooNew, status.Version, m.Migration)
	}
	shapes, err := catalog(db.Read.WithContext(ctx))
	if err != nil {
		return err
	}
	if err := checkEmpty(db.Read.WithContext(ctx), shapes); err != nil {
		return err
	}
	return migrateTo(ctx, db, m.Migration)
}

// migrateTo brings an empty database to one version.
func migrateTo(ctx context.Context, db *database.DB, version int64) error {
	pool, err := db.Write.DB()
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	dialect := goose.DialectSQLite3
	if db.Dialect == database.Postgres {
		dialect = goose.DialectPostgres
	}
	provider, err := goose.NewProvider(dialect, pool, migrations.For(db.Dialect), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if _, err := provider.UpTo(ctx, version); err != nil {
		return fmt.Errorf("migrate to version %d: %w", version, err)
	}
	return nil
}

// load fills the tables inside the one transaction.
func load(tx *gorm.DB, m Manifest, dir string) error {
	shapes, err := catalog(tx)
	if err != nil {
		return err
	}
	if err := m.fits(shapes); err != nil {
		return err
	}
	if err := lock(tx, shapes); err != nil {
		return err
	}
	if err := checkEmpty(tx, shapes); err != nil {
		return err
	}
	if err := clear(tx, shapes); err != nil {
		return err
	}
	for _, s := range shapes {
		if err := loadTable(tx, m.table(s.name), dir); err != nil {
			return fmt.Errorf("restore table %s: %w", s.name, err)
		}
	}
	if err := checkRooms(tx, m); err != nil {
		return err
	}
	if err := reopenRooms(tx, m); err != nil {
		return err
	}
	return settle(tx)
}

func (m Manifest) table(name string) Table {
	return m.Tables[slices.IndexFunc(m.Tables, func(t Table) bool { return t.Name == name })]
}

// fits compares the backup's tables and columns with the target's: the same
// version has the same ones, on either engine, in whatever order.
func (m Manifest) fits(shapes []shape) error {
	var here, there []string
	for _, s := range shapes {
		here = append(here, columnsOf(s.name, s.columns)...)
	}
	for _, t := range m.Tables {
		there = append(there, columnsOf(t.Name, t.Columns)...)
	}
	slices.Sort(here)
	slices.Sort(there)
	for i := range max(len(here), len(there)) {
		if i >= len(here) || i >= len(there) || here[i] != there[i] {
			return fmt.Errorf("%w: its tables are not those of version %d; first difference: %s", ErrBroken, m.Migration,
				strings.Join(append(here[min(i, len(here)):min(i+1, len(here))], there[min(i, len(there)):min(i+1, len(there))]...), " / "))
		}
	}
	return nil
}

func columnsOf(table string, columns []Column) []string {
	all := make([]string, len(columns))
	for i, c := range columns {
		all[i] = table + "." + c.Name + " " + string(c.Kind)
	}
	return all
}

// lock keeps everybody else out until the commit and lets rows point to rows
// that come later. SQLite's writing transaction is alone already.
func lock(tx *gorm.DB, shapes []shape) error {
	statements := []string{"PRAGMA defer_foreign_keys = ON"}
	if tx.Name() == database.Postgres {
		statements = []string{"LOCK TABLE " + quoted(names(shapes)...) + " IN ACCESS EXCLUSIVE MODE", "SET CONSTRAINTS ALL DEFERRED"}
	}
	for _, statement := range statements {
		if err := tx.Exec(statement).Error; err != nil {
			return fmt.Errorf("lock the target: %w", err)
		}
	}
	return nil
}

// settle looks whether every row that is pointed to is there. It must not be
// left to the commit: one that fails leaves SQLite inside the transaction.
func settle(tx *gorm.DB) error {
	if tx.Name() == database.Postgres {
		if err := tx.Exec("SET CONSTRAINTS ALL IMMEDIATE").Error; err != nil {
			return fmt.Errorf("%w: %w", ErrBroken, err)
		}
		return nil
	}
	var loose []struct{ Table, Parent string }
	if err := tx.Raw(`SELECT "table", parent FROM pragma_foreign_key_check LIMIT 1`).Scan(&loose).Error; err != nil {
		return fmt.Errorf("check what points where: %w", err)
	}
	if len(loose) > 0 {
		return fmt.Errorf("%w: a row of %s points to a row of %s that is not there", ErrBroken, loose[0].Table, loose[0].Parent)
	}
	return nil
}

// Tables that tell whether a forum has begun to be used.
const (
	peopleTable  = "people"
	entriesTable = "record_entries"
	passingTable = "record_passing_entries"
)

// checkEmpty refuses a target in which anybody is or anything has happened.
func checkEmpty(tx *gorm.DB, shapes []shape) error {
	for _, table := range []string{peopleTable, entriesTable} {
		if !slices.Contains(names(shapes), table) {
			continue // not migrated that far
		}
		var n int64
		if err := tx.Raw("SELECT count(*) FROM (SELECT 1 FROM " + quoted(table) + " LIMIT 1) AS one").Scan(&n).Error; err != nil {
			return fmt.Errorf("look into the target: %w", err)
		}
		if n > 0 {
			return fmt.Errorf("%w: it has rows in %s", ErrNotEmpty, table)
		}
	}
	return nil
}

// clear takes away what a server leaves in a forum that nobody has used yet:
// the probe of /readyz, and the first administrator's link, which must not open
// the forum that takes its place.
func clear(tx *gorm.DB, shapes []shape) error {
	for _, s := range slices.Backward(shapes) {
		if s.name == entriesTable {
			continue // known to be empty, and nothing is ever deleted from it
		}
		if err := tx.Exec("DELETE FROM " + quoted(s.name)).Error; err != nil {
			return fmt.Errorf("clear table %s of the target: %w", s.name, err)
		}
	}
	return nil
}

func loadTable(tx *gorm.DB, t Table, dir string) (err error) {
	rows, err := openTable(filepath.Join(dir, t.File), t.Columns)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.close()) }()
	var n int64
	for {
		values, count, err := rows.next(perStatement(len(t.Columns)))
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("%w: row %d: %w", ErrBroken, n+int64(count)+1, err)
		}
		if count == 0 {
			break
		}
		if err := tx.Exec(insert(t, count), values...).Error; err != nil {
			return fmt.Errorf("rows after %d: %w", n, err)
		}
		n += int64(count)
	}
	if n != t.Rows {
		return fmt.Errorf("%w: %d rows, the manifest says %d", ErrBroken, n, t.Rows)
	}
	return nil
}

// perStatement is how many rows one statement carries: many, since each costs a
// round trip, but far below the 32,766 values that SQLite takes.
func perStatement(columns int) int { return max(1, 1000/columns) }

func insert(t Table, rows int) string {
	row := "(" + strings.TrimSuffix(strings.Repeat("?, ", len(t.Columns)), ", ") + ")"
	return "INSERT INTO " + quoted(t.Name) + " (" + quoted(columnNames(t.Columns)...) + ") VALUES " +
		strings.TrimSuffix(strings.Repeat(row+", ", rows), ", ")
}
