// Package database opens the one database of the forum, SQLite or PostgreSQL,
// and refuses settings under which an acknowledged write could be lost. It
// knows no table: shapes are in migrations, queries in the domain packages.
package database

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// Engines, as DB.Dialect names them.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// ErrUnsafe says that the database is set up so that it could lose a write
// after saying it was kept. The message names the setting and its cure.
var ErrUnsafe = errors.New("unsafe database setting")

// Config says which database to open.
type Config struct {
	URL    string       // postgres://…; empty means SQLite in Dir
	Dir    string       // data folder of SQLite; created with mode 0700
	Logger *slog.Logger // nil discards
}

// DB is an open database. On SQLite Write is the single writing connection and
// Read a pool that cannot write; on PostgreSQL both are the same pool.
type DB struct {
	Write   *gorm.DB
	Read    *gorm.DB
	Dialect string
	URL     string // PostgreSQL: where to connect for LISTEN
	File    string // SQLite: path of the database file
	node    string // PostgreSQL: tells this node's notices from others'
}

// Open connects and checks; it changes no table (see [DB.Migrate]).
func Open(ctx context.Context, cfg Config) (*DB, error) {
	switch {
	case strings.HasPrefix(cfg.URL, "postgres://"), strings.HasPrefix(cfg.URL, "postgresql://"):
		return openPostgres(ctx, cfg)
	case cfg.URL == "":
		return openSQLite(ctx, cfg)
	default:
		return nil, fmt.Errorf("database address must begin with postgres:// (leave it out for SQLite in the data folder)")
	}
}

// Close closes every connection.
func (db *DB) Close() error {
	var errs []error
	for _, handle := range []*gorm.DB{db.Read, db.Write} {
		if handle == nil {
			continue
		}
		pool, err := handle.DB()
		if err == nil {
			err = pool.Close()
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Now is the clock of every stored time: UTC, in microseconds, because
// PostgreSQL keeps no finer and SQLite compares times as text.
func Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// gormConfig leaves keeping compiled statements to the drivers' connections.
func gormConfig() *gorm.Config {
	return &gorm.Config{
		Logger:                 logger.Discard, // errors are returned; SQL with values in a log would leak texts
		NowFunc:                Now,
		TranslateError:         true,
		SkipDefaultTransaction: true,
	}
}
