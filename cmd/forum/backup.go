package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/vcm-forum/forum/server/backup"
	"github.com/vcm-forum/forum/server/database"
)

// backupCommand is `forum backup`.
type backupCommand struct {
	shared
	To string `help:"Folder of the backup; it must be new or empty." required:"" placeholder:"DIR" type:"path"`
}

// Run writes a backup and prints up to which line it holds each room. It does
// not migrate: the moment before an update is when backups are made.
func (c *backupCommand) Run(p *program) (err error) {
	db, err := c.existing(p)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	m, err := backup.Write(p.ctx, db, c.To, version)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "backup written to %s: %d rows of %d tables, as of %s\n", c.To, m.Rows(), len(m.Tables), m.TakenAt.Format("2006-01-02 15:04:05 UTC"))
	printRooms(p, m)
	return nil
}

// printRooms tells what a backup holds of the record. What was acknowledged
// later is not in it.
func printRooms(p *program, m backup.Manifest) {
	for _, room := range m.Rooms {
		fmt.Fprintf(p.out, "room %s up to line %d of epoch %d\n", room.Room, room.Seq, room.Epoch)
	}
}

// existing opens a database that is there; a mistyped folder must not become an
// empty forum.
func (s shared) existing(p *program) (*database.DB, error) {
	if s.Database == "" {
		if _, err := os.Stat(filepath.Join(s.Data, database.FileName)); err != nil {
			return nil, fmt.Errorf("there is no forum in this data folder: %w", err)
		}
	}
	return database.Open(p.ctx, database.Config{URL: s.Database, Dir: s.Data, Logger: s.logger(p.err)})
}
