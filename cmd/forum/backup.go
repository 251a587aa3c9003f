package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/server/backup"
	"github.com/vcm-forum/forum/server/database"
)

// backupCommand is `forum backup`.
type backupCommand struct {
	shared
	To       string `help:"Folder of the backup; it must be new or empty. Evidence that a backup beside it holds already is shared with it, not copied." required:"" placeholder:"DIR" type:"path"`
	Evidence string `help:"Folder of the files of evidence; without it, evidence in the data folder." env:"FORUM_EVIDENCE" type:"path"`
}

// Run writes a backup and prints up to which line it holds each room. It does
// not migrate: the moment before an update is when backups are made.
func (c *backupCommand) Run(p *program) (err error) {
	db, err := c.existing(p)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	m, err := backup.Write(p.ctx, backup.Source{DB: db, Evidence: consultFlags{Evidence: c.Evidence}.evidenceOf(c.Data), Program: version}, c.To)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "backup written to %s: %d rows of %d tables and %d files of evidence, as of %s\n",
		c.To, m.Rows(), len(m.Tables), len(m.Evidence), m.TakenAt.Format("2006-01-02 15:04:05 UTC"))
	printRooms(p, m)
	logs, err := ledger.Heads(db.Read.WithContext(p.ctx))
	if err == nil && len(logs) > 0 { // a forum that was not migrated yet has none
		fmt.Fprintln(p.out, notInIt)
	}
	return nil
}

// notInIt: a backup that carried the keys beside what they lock would lock nothing.
const notInIt = `not in it, and to be kept apart from it and from each other:
the keys of consultations (vault), without which nobody can read their records or the evidence;
the signer's key and memory (signer; copy it with: forum signer --keys DIR --backup COPY), without which nobody can tell what is missing`

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
