// Package migrations holds the shape of every table as numbered SQL and
// nothing else; server/database applies it.
//
// A version is one plain file, NNNN_what.sql, written in the SQL that SQLite
// and PostgreSQL share. Where the two truly differ (append-only triggers, for
// example) the version is a pair, NNNN_what.sqlite.sql and
// NNNN_what.postgres.sql, and each engine sees only its own.
package migrations

import (
	"embed"
	"io/fs"
	"slices"
	"strings"
)

//go:embed *.sql
var files embed.FS

// Dialects are the engines a paired version must be written for.
func Dialects() []string { return []string{"postgres", "sqlite"} }

// For returns the migrations as one engine sees them: plain files, and its own
// half of each pair.
func For(dialect string) fs.FS { return view{files, dialect} }

// view hides the files of the other engine from whoever lists the folder.
type view struct {
	fs.FS
	dialect string
}

func (v view) ReadDir(name string) ([]fs.DirEntry, error) {
	all, err := fs.ReadDir(v.FS, name)
	return slices.DeleteFunc(all, func(e fs.DirEntry) bool { return !v.shows(e.Name()) }), err
}

func (v view) Glob(pattern string) ([]string, error) {
	all, err := fs.Glob(v.FS, pattern)
	return slices.DeleteFunc(all, func(name string) bool { return !v.shows(name) }), err
}

func (v view) shows(name string) bool {
	for _, dialect := range Dialects() {
		if strings.HasSuffix(name, "."+dialect+".sql") {
			return dialect == v.dialect
		}
	}
	return true
}
