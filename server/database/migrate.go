package database

import (
	"context"
	"errors"
	"fmt"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/vcm-forum/forum/migrations"
)

// ErrNewer says that the database was written by a newer program.
var ErrNewer = errors.New("the database is newer than this program: install the newer forum")

// Status tells how far a database is migrated.
type Status struct{ Version, Newest int64 }

// Migrate brings every table to the shape this program expects. Each version is
// one transaction; two programs that start at once on PostgreSQL take turns.
func (db *DB) Migrate(ctx context.Context) error {
	provider, err := db.provider()
	if err != nil {
		return err
	}
	status, err := statusOf(ctx, provider)
	if err != nil {
		return err
	}
	if status.Version > status.Newest {
		return ErrNewer
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// MigrationStatus tells the database's version and the newest this program knows.
func (db *DB) MigrationStatus(ctx context.Context) (Status, error) {
	provider, err := db.provider()
	if err != nil {
		return Status{}, err
	}
	return statusOf(ctx, provider)
}

func statusOf(ctx context.Context, provider *goose.Provider) (Status, error) {
	version, err := provider.GetDBVersion(ctx)
	if err != nil {
		return Status{}, fmt.Errorf("read the database's version: %w", err)
	}
	sources := provider.ListSources()
	return Status{Version: version, Newest: sources[len(sources)-1].Version}, nil
}

func (db *DB) provider() (*goose.Provider, error) {
	pool, err := db.Write.DB()
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	dialect := goose.DialectSQLite3
	options := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true)}
	if db.Dialect == Postgres {
		dialect = goose.DialectPostgres
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300), lock.WithUnlockTimeout(1, 300)) // seconds between tries, tries
		if err != nil {
			return nil, fmt.Errorf("migrate: %w", err)
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	provider, err := goose.NewProvider(dialect, pool, migrations.For(db.Dialect), options...)
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return provider, nil
}
