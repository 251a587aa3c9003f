package main

import (
	"errors"
	"fmt"

	"github.com/vcm-forum/forum/server/backup"
	"github.com/vcm-forum/forum/server/database"
)

// restoreCommand is `forum restore`.
type restoreCommand struct {
	shared
	From     string `help:"Folder of the backup." required:"" placeholder:"DIR" type:"path"`
	Evidence string `help:"Folder for the files of evidence; without it, evidence in the data folder." env:"FORUM_EVIDENCE" type:"path"`
}

// Run makes a forum from a backup. Logins are restored with it: who was signed
// in is signed in again.
func (c *restoreCommand) Run(p *program) (err error) {
	db, err := database.Open(p.ctx, database.Config{URL: c.Database, Dir: c.Data, Logger: c.logger(p.err)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	m, err := backup.Restore(p.ctx, backup.Target{DB: db, Evidence: consultFlags{Evidence: c.Evidence}.evidenceOf(c.Data)}, c.From)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "restored %d rows of %d tables and %d files of evidence, as of %s; every room begins a new epoch\n", m.Rows(), len(m.Tables), len(m.Evidence), m.TakenAt.Format("2006-01-02 15:04:05 UTC"))
	printRooms(p, m)
	return nil
}
