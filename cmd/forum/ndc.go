package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/vcm-forum/forum/dialogues/gaps"
	"github.com/vcm-forum/forum/dialogues/sheet"
)

// ndcCommand is `forum import ndc`.
type ndcCommand struct {
	shared
	File     string `arg:"" help:"The registry as a table, such as ndcs.csv of github.com/openclimatedata/ndcs." type:"path"`
	Explorer string `help:"Sheet of the NDC Explorer (github.com/openclimatedata/ndc-assessments): its figures on market mechanisms and capacity building, with their source." placeholder:"FILE" type:"path"`
}

// Run reads both files before a database is opened, and prints what was done.
func (c *ndcCommand) Run(p *program) (err error) {
	files, err := c.files()
	if err != nil {
		return err
	}
	db, err := c.open(p)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	writer := writerOf(db)
	defer writer.Stop()
	out, err := (&gaps.Service{Writer: writer, Read: db.Read}).Import(p.ctx, files)
	if err != nil {
		return fmt.Errorf("nothing was imported:\n%w", err)
	}
	fmt.Fprintf(p.out, "added %d, changed %d, left as they were %d, no longer listed %d\n", out.Added, out.Changed, out.Left, out.Unlisted)
	if c.Explorer != "" {
		fmt.Fprintf(p.out, "new figures for %d Parties\n", out.Figures)
	}
	return nil
}

func (c *ndcCommand) files() (in gaps.Files, err error) {
	if in.Registry, err = sheetOf(c.File); err != nil || c.Explorer == "" {
		return in, err
	}
	in.Explorer, err = sheetOf(c.Explorer)
	return in, err
}

func sheetOf(path string) (sheet.File, error) {
	raw, err := os.ReadFile(path) //nolint:gosec // the operator names the file
	if err != nil {
		return sheet.File{}, fmt.Errorf("read the table: %w", err)
	}
	return sheet.File{Name: filepath.Base(path), Raw: raw}, nil
}
