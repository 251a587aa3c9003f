package backup

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"github.com/vcm-forum/forum/server/database"
)

// ledger is the table in which goose keeps how far a database is migrated. It
// belongs to the database, not to the forum, and stays out of backups.
const ledger = "goose_db_version"

// shape is a table as the database describes it.
type shape struct {
	name    string
	columns []Column
	key     []string // the primary key's columns, in order
	needs   []string // other tables that its foreign keys point to
}

// What a catalog is asked. Each query returns the columns of a description.
const (
	sqliteColumns = `SELECT t.name AS table_name, c.name AS column_name, c.type AS declared, c.pk AS key_place
		FROM pragma_table_list t JOIN pragma_table_info(t.name) c
		WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite\_%' ESCAPE '\'
		ORDER BY t.name, c.cid`
	sqliteNeeds = `SELECT DISTINCT t.name AS table_name, f."table" AS needs
		FROM pragma_table_list t JOIN pragma_foreign_key_list(t.name) f
		WHERE t.schema = 'main' AND t.type = 'table' ORDER BY 1, 2`
	postgresColumns = `SELECT c.table_name, c.column_name, c.data_type AS declared,
			coalesce(array_position(i.indkey::int[], c.ordinal_position::int), -1) + 1 AS key_place
		FROM information_schema.columns c
		JOIN pg_class r ON r.relname = c.table_name AND r.relnamespace = current_schema()::regnamespace AND r.relkind IN ('r', 'p')
		LEFT JOIN pg_index i ON i.indrelid = r.oid AND i.indisprimary
		WHERE c.table_schema = current_schema()
		ORDER BY c.table_name, c.ordinal_position`
	postgresNeeds = `SELECT DISTINCT r.relname AS table_name, f.relname AS needs
		FROM pg_constraint k JOIN pg_class r ON r.oid = k.conrelid JOIN pg_class f ON f.oid = k.confrelid
		WHERE k.contype = 'f' AND r.relnamespace = current_schema()::regnamespace ORDER BY 1, 2`
)

// description is one line of a catalog.
type description struct {
	TableName, ColumnName, Declared, Needs string
	KeyPlace                               int
}

// catalog reads the tables from the database, each after those it points to.
func catalog(tx *gorm.DB) ([]shape, error) {
	columns, needs := sqliteColumns, sqliteNeeds
	if tx.Name() == database.Postgres {
		columns, needs = postgresColumns, postgresNeeds
	}
	var described, pointed []description
	if err := tx.Raw(columns).Scan(&described).Error; err != nil {
		return nil, fmt.Errorf("read the catalog: %w", err)
	}
	if err := tx.Raw(needs).Scan(&pointed).Error; err != nil {
		return nil, fmt.Errorf("read the catalog: %w", err)
	}
	shapes, err := shapesOf(described)
	if err != nil {
		return nil, err
	}
	for i, s := range shapes {
		for _, p := range pointed {
			if p.TableName == s.name && p.Needs != s.name {
				shapes[i].needs = append(shapes[i].needs, p.Needs)
			}
		}
	}
	return inOrder(shapes)
}

func shapesOf(described []description) ([]shape, error) {
	var shapes []shape
	keys := map[string]map[int]string{}
	for _, d := range described {
		if d.TableName == ledger {
			continue
		}
		kind, err := kindOf(d.Declared)
		if err != nil {
			return nil, fmt.Errorf("column %s of table %s: %w", d.ColumnName, d.TableName, err)
		}
		if len(shapes) == 0 || shapes[len(shapes)-1].name != d.TableName {
			shapes = append(shapes, shape{name: d.TableName})
			keys[d.TableName] = map[int]string{}
		}
		last := &shapes[len(shapes)-1]
		last.columns = append(last.columns, Column{d.ColumnName, kind})
		keys[d.TableName][d.KeyPlace] = d.ColumnName
	}
	for i, s := range shapes {
		for place := 1; keys[s.name][place] != ""; place++ {
			shapes[i].key = append(shapes[i].key, keys[s.name][place])
		}
	}
	return shapes, nil
}

// inOrder puts every table after those that it points to. Tables that point to
// each other in a circle cannot be loaded one after the other.
func inOrder(shapes []shape) ([]shape, error) {
	var ordered []shape
	done := map[string]bool{}
	for len(shapes) > 0 {
		i := slices.IndexFunc(shapes, func(s shape) bool {
			return !slices.ContainsFunc(s.needs, func(other string) bool { return !done[other] })
		})
		if i < 0 {
			return nil, errors.New("tables point to each other in a circle: " + strings.Join(names(shapes), ", "))
		}
		done[shapes[i].name] = true
		ordered = append(ordered, shapes[i])
		shapes = slices.Delete(shapes, i, i+1)
	}
	return ordered, nil
}

func names(shapes []shape) []string {
	all := make([]string, len(shapes))
	for i, s := range shapes {
		all[i] = s.name
	}
	return all
}

// quoted is a name or a list of names as SQL.
func quoted(names ...string) string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
	}
	return strings.Join(all, ", ")
}

func columnNames(columns []Column) []string {
	all := make([]string, len(columns))
	for i, c := range columns {
		all[i] = c.Name
	}
	return all
}
