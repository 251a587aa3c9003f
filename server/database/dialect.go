package database

import (
	"database/sql"
	"errors"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/callbacks"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/logger"
	"gorm.io/gorm/schema"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// sqliteDialect is how gorm speaks to SQLite. It is as small as it can be
// because tables are made by migrations and never by gorm.
type sqliteDialect struct{ dsn string }

// Name tells gorm which engine it is.
func (sqliteDialect) Name() string { return SQLite }

// Initialize connects gorm to the driver.
func (d sqliteDialect) Initialize(db *gorm.DB) error {
	connector, err := sqlite.NewConnector(d.dsn)
	if err != nil {
		return err
	}
	db.ConnPool = sql.OpenDB(keepingConnector{connector})
	callbacks.RegisterDefaultCallbacks(db, &callbacks.Config{
		CreateClauses:        []string{"INSERT", "VALUES", "ON CONFLICT", "RETURNING"},
		UpdateClauses:        []string{"UPDATE", "SET", "FROM", "WHERE", "RETURNING"},
		DeleteClauses:        []string{"DELETE", "FROM", "WHERE", "RETURNING"},
		LastInsertIDReversed: true,
	})
	return nil
}

// Migrator is for AutoMigrate, which is not used.
func (sqliteDialect) Migrator(*gorm.DB) gorm.Migrator { return nil }

// DataTypeOf is for AutoMigrate, which is not used.
func (sqliteDialect) DataTypeOf(field *schema.Field) string { return string(field.DataType) }

// DefaultValueOf stands in an insert of several rows for a value that is left to the database.
func (sqliteDialect) DefaultValueOf(*schema.Field) clause.Expression { return clause.Expr{SQL: "NULL"} }

// BindVarTo writes the place of a value.
func (sqliteDialect) BindVarTo(w clause.Writer, _ *gorm.Statement, _ any) {
	_ = w.WriteByte('?') // into memory
}

// QuoteTo writes a name, part by part. Backquotes, because SQLite takes a name in
// double quotes that it does not know for a text.
func (sqliteDialect) QuoteTo(w clause.Writer, name string) {
	dot := ""
	for part := range strings.SplitSeq(name, ".") {
		_, _ = w.WriteString(dot + "`" + strings.ReplaceAll(part, "`", "``") + "`") // into memory
		dot = "."
	}
}

// Explain is for gorm's log, which is off.
func (sqliteDialect) Explain(query string, vars ...any) string {
	return logger.ExplainSQL(query, nil, `"`, vars...)
}

// Translate names the errors that callers tell apart.
func (sqliteDialect) Translate(err error) error {
	failed, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return err
	}
	switch failed.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return gorm.ErrDuplicatedKey
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return gorm.ErrForeignKeyViolated
	}
	return err
}
