package databasetest

import (
	"context"
	"errors"
	"fmt"

	"github.com/vcm-forum/forum/server/database"
)

// migrate opens a database, brings it to the newest shape and closes it. It
// takes no context: templates outlive the test that happened to need them first.
func migrate(cfg database.Config) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	db, err := database.Open(ctx, cfg)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return db.Migrate(ctx)
}
