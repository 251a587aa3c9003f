package migrations_test

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pressly/goose/v3"
	"gorm.io/gorm/schema"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/gaps"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/migrations"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

var fileName = regexp.MustCompile(`^(\d{4})_[a-z0-9_]+(?:\.(sqlite|postgres))?\.sql$`)

// sqlFiles lists what one engine sees; an engine nobody knows sees the plain files alone.
func sqlFiles(t *testing.T, dialect string) []string {
	t.Helper()
	found, err := fs.Glob(migrations.For(dialect), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestEveryVersionIsOnePlainFileOrOnePair(t *testing.T) {
	halves := map[string][]string{}
	for _, dialect := range append(migrations.Dialects(), "no such engine") {
		for _, name := range sqlFiles(t, dialect) {
			parts := fileName.FindStringSubmatch(name)
			if parts == nil {
				t.Errorf("%s is not named NNNN_what.sql", name)
				continue
			}
			if !slices.Contains(halves[parts[1]], parts[2]) {
				halves[parts[1]] = append(halves[parts[1]], parts[2])
			}
		}
	}
	for version, of := range halves {
		slices.Sort(of)
		if !slices.Equal(of, []string{""}) && !slices.Equal(of, migrations.Dialects()) {
			t.Errorf("version %s is written for %q, want one plain file or one for each engine", version, of)
		}
	}
	for n := range len(halves) {
		if _, ok := halves[fmt.Sprintf("%04d", n+1)]; !ok {
			t.Errorf("version %04d is missing", n+1)
		}
	}
}

func TestEachEngineSeesEachVersionOnce(t *testing.T) {
	var versions [][]string
	for _, dialect := range migrations.Dialects() {
		var own []string
		for _, name := range sqlFiles(t, dialect) {
			own = append(own, name[:4])
		}
		listed, err := fs.ReadDir(migrations.For(dialect), ".")
		if err != nil {
			t.Fatal(err)
		}
		if len(listed) != len(own) {
			t.Errorf("%s: ReadDir shows %d files, Glob %d", dialect, len(listed), len(own))
		}
		if !slices.IsSorted(own) || len(slices.Compact(slices.Clone(own))) != len(own) {
			t.Errorf("%s sees versions %v", dialect, own)
		}
		versions = append(versions, own)
	}
	if diff := cmp.Diff(versions[0], versions[1]); diff != "" {
		t.Errorf("the engines see different versions:\n%s", diff)
	}
}

func provider(t *testing.T, db *database.DB) *goose.Provider {
	t.Helper()
	pool, err := db.Write.DB()
	if err != nil {
		t.Fatal(err)
	}
	dialect := goose.DialectSQLite3
	if db.Dialect == database.Postgres {
		dialect = goose.DialectPostgres
	}
	p, err := goose.NewProvider(dialect, pool, migrations.For(db.Dialect), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestEachVersionGoesDownAndUpAgain(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		p, full := provider(t, db), columns(t, db)
		newest, err := p.GetDBVersion(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		shapes := map[int64][]column{newest: full}
		for v := newest - 1; v >= 0; v-- {
			if _, err := p.DownTo(t.Context(), v); err != nil {
				t.Fatalf("down to %d: %v", v, err)
			}
			shapes[v] = columns(t, db)
		}
		if len(shapes[0]) > 0 {
			t.Errorf("left after the way down: %v", shapes[0])
		}
		for v := range newest {
			if _, err := p.UpTo(t.Context(), v+1); err != nil {
				t.Fatalf("up to %d: %v", v+1, err)
			}
			if diff := cmp.Diff(shapes[v+1], columns(t, db)); diff != "" {
				t.Errorf("version %d has another shape on the way up (-down +up):\n%s", v+1, diff)
			}
		}
		if db.Dialect == database.Postgres {
			var functions []string
			err := db.Read.WithContext(t.Context()).Raw(`SELECT proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
				WHERE n.nspname = 'public'`).Scan(&functions).Error
			if diff := cmp.Diff([]string{"record_is_append_only"}, functions); err != nil || diff != "" {
				t.Errorf("functions (-want +got), %v:\n%s", err, diff)
			}
		}
	})
}

// column is one column of a table as a database sees it.
type column struct {
	Table, Name string
	Required    bool
}

// columns lists all tables but goose's own.
func columns(t *testing.T, db *database.DB) []column {
	t.Helper()
	query := `SELECT m.name AS "table", c.name, (c."notnull" OR c.pk > 0) AS required
		FROM sqlite_master m JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'goose%' AND m.name NOT LIKE 'sqlite%' ORDER BY 1, 2`
	if db.Dialect == database.Postgres {
		query = `SELECT table_name AS "table", column_name AS name, is_nullable = 'NO' AS required FROM information_schema.columns
			WHERE table_schema = 'public' AND table_name NOT LIKE 'goose%' ORDER BY table_name COLLATE "C", column_name COLLATE "C"`
	}
	var found []column
	if err := db.Write.WithContext(t.Context()).Raw(query).Scan(&found).Error; err != nil {
		t.Fatal(err)
	}
	return found
}

func indexes(t *testing.T, db *database.DB) []string {
	t.Helper()
	query := `SELECT name FROM sqlite_master WHERE type = 'index' AND name NOT LIKE 'sqlite_autoindex%' ORDER BY 1`
	if db.Dialect == database.Postgres {
		query = `SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
			LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid
			WHERE n.nspname = 'public' AND k.oid IS NULL AND c.relname NOT LIKE 'goose%' ORDER BY c.relname COLLATE "C"`
	}
	var found []string
	if err := db.Write.WithContext(t.Context()).Raw(query).Scan(&found).Error; err != nil {
		t.Fatal(err)
	}
	return found
}

func TestBothEnginesHaveTheSameShape(t *testing.T) {
	postgres := databasetest.Postgres(t)
	sqlite := databasetest.SQLite(t)
	if diff := cmp.Diff(columns(t, sqlite), columns(t, postgres)); diff != "" {
		t.Errorf("columns (-sqlite +postgres):\n%s", diff)
	}
	if diff := cmp.Diff(indexes(t, sqlite), indexes(t, postgres)); diff != "" {
		t.Errorf("indexes (-sqlite +postgres):\n%s", diff)
	}
}

// models are all exported rows; each must match its table column by column.
func models() []any {
	return []any{
		record.Entry{},
		record.Head{},
		people.Person{},
		people.Organisation{},
		dialogues.Dialogue{},
		dialogues.Membership{},
		dialogues.CountryGroup{},
		dialogues.Question{},
		dialogues.Contribution{},
		dialogues.ContributionText{},
		dialogues.Support{},
		dialogues.Session{},
		dialogues.AgendaItem{},
		dialogues.Stretch{},
		dialogues.Attendance{},
		dialogues.Hand{},
		gaps.Party{},
		gaps.Document{},
	}
}

func TestEveryModelMatchesItsTable(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		tables := map[string][]string{}
		for _, c := range columns(t, db) {
			tables[c.Table] = append(tables[c.Table], c.Name)
		}
		for _, model := range models() {
			parsed, err := schema.Parse(model, &sync.Map{}, schema.NamingStrategy{})
			if err != nil {
				t.Fatalf("read %T: %v", model, err)
			}
			fields := slices.Clone(parsed.DBNames)
			slices.Sort(fields)
			if diff := cmp.Diff(tables[parsed.Table], fields); diff != "" {
				t.Errorf("%T and table %s (-table +model):\n%s", model, parsed.Table, diff)
			}
		}
	})
}

func TestEveryVersionSaysHowItGoesUpAndDown(t *testing.T) {
	for _, dialect := range migrations.Dialects() {
		for _, name := range sqlFiles(t, dialect) {
			raw, err := fs.ReadFile(migrations.For(dialect), name)
			if err != nil {
				t.Fatal(err)
			}
			up, down := strings.Count(string(raw), "-- +goose Up\n"), strings.Count(string(raw), "-- +goose Down\n")
			if up != 1 || down != 1 || strings.Contains(string(raw), "NO TRANSACTION") {
				t.Errorf("%s: %d ways up, %d ways down, want one each, in a transaction", name, up, down)
			}
			if _, err := strconv.Atoi(name[:4]); err != nil {
				t.Errorf("%s has no number", name)
			}
		}
	}
}
