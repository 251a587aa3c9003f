package main

import (
	"errors"
	"fmt"

	"github.com/vcm-forum/forum/server/database"
)

// migrateCommand is `forum migrate`.
type migrateCommand struct {
	shared
	Status bool `help:"Only tell how far the database is."`
}

// Run migrates, or tells the status.
func (c *migrateCommand) Run(p *program) (err error) {
	db, err := database.Open(p.ctx, database.Config{URL: c.Database, Dir: c.Data, Logger: c.logger(p.err)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if !c.Status {
		if err := db.Migrate(p.ctx); err != nil {
			return err
		}
	}
	status, err := db.MigrationStatus(p.ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "database at version %d, this program knows %d\n", status.Version, status.Newest)
	return nil
}

// versionCommand is `forum version`.
type versionCommand struct{ shared }

// Run prints the version.
func (versionCommand) Run(p *program) error {
	_, err := fmt.Fprintln(p.out, "forum", version)
	return err
}
