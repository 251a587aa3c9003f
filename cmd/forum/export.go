package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server"
	"github.com/vcm-forum/forum/server/i18n"
)

// exportCommand is `forum export`.
type exportCommand struct {
	shared
	Dialogue string `help:"Id of the dialogue, as in its address." required:""`
	Out      string `help:"ZIP file to write; it must not exist." required:"" type:"path"`
	Language string `help:"Language of headings in the minutes." enum:"en,es,fr,pt,id" default:"en"`
}

// Run writes the archive.
func (c *exportCommand) Run(p *program) (err error) {
	id, ok := record.ParseID(c.Dialogue)
	if !ok {
		return fmt.Errorf("%q is not the id of a dialogue", c.Dialogue)
	}
	db, err := c.open(p)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	srv, err := server.New(server.Config{DB: db, BaseURL: "http://127.0.0.1:8080", Logger: c.logger(p.err)})
	if err != nil {
		return err
	}
	raw, err := srv.Archive(p.ctx, id, i18n.Language(c.Language))
	if err != nil {
		return err
	}
	return writeNew(c.Out, raw)
}

// writeNew writes a file that only its owner reads, and never over another.
func writeNew(name string, body []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the operator's own choice of file
	if err != nil {
		return fmt.Errorf("write archive: %w", err)
	}
	if _, err := f.Write(body); err != nil {
		return errors.Join(fmt.Errorf("write archive: %w", err), f.Close())
	}
	return errors.Join(f.Sync(), f.Close())
}
