package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
)

// importCommand is `forum import`.
type importCommand struct {
	Polis polisCommand `cmd:"" help:"Make a dialogue from the folder of a Polis export (comments.csv and summary.csv)."`
	NDC   ndcCommand   `cmd:"" name:"ndc" help:"Bring the NDC documents of all Parties to what the UNFCCC's registry lists. The same file again changes nothing."`
}

// polisCommand is `forum import polis`.
type polisCommand struct {
	shared
	Dir         string `arg:"" help:"Folder of the export." type:"path"`
	Facilitator string `help:"E-mail address of the account that will facilitate; without it the administrator who is here longest." placeholder:"EMAIL"`
	Language    string `help:"Language of the statements, a code of those that dialogues are held in." default:"en"`
}

// Run reads the export whole before anything is written, and prints the
// dialogue's id on standard output.
func (c *polisCommand) Run(p *program) (err error) {
	export, err := readPolis(os.DirFS(c.Dir))
	if err != nil {
		return err
	}
	if !slices.Contains(dialogues.Languages(), c.Language) {
		return fmt.Errorf("language %q: want one of %s", c.Language, strings.Join(dialogues.Languages(), ", "))
	}
	db, err := c.open(p)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	facilitator, err := c.facilitator(p.ctx, db)
	if err != nil {
		return err
	}
	form := export.form()
	form.Facilitator, form.Language = facilitator, c.Language
	receipt, err := importDialogue(p.ctx, db, form)
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	fmt.Fprintf(p.out, "dialogue %s\n", receipt.Room)
	fmt.Fprintln(p.err, told(form))
	return nil
}

// told is the import in one sentence.
func told(form dialogues.ImportForm) string {
	out := 0
	for _, c := range form.Contributions {
		if c.Moderated {
			out++
		}
	}
	lead := "with a facilitator"
	if form.Facilitator == "" {
		lead = "without a facilitator: an administrator can take the chair"
	}
	return fmt.Sprintf("imported %d contributions by %d authors, %d of them moderated out, %s", len(form.Contributions), len(form.Authors), out, lead)
}

// form makes the dialogue's form. Polis knows authors by numbers alone.
func (e polisExport) form() dialogues.ImportForm {
	form := dialogues.ImportForm{Title: e.Topic, Description: e.Description, Source: e.URL}
	places := map[int64]int{}
	for _, c := range e.Comments {
		place, known := places[c.Author]
		if !known {
			place = len(form.Authors)
			places[c.Author] = place
			form.Authors = append(form.Authors, "Polis "+strconv.FormatInt(c.Author, 10))
		}
		form.Contributions = append(form.Contributions, dialogues.ImportedContribution{Author: place, At: c.At, Body: c.Body, Moderated: c.Out})
	}
	return form
}

// facilitator finds who will lead the dialogue: the account that was named, or
// else the oldest administrator, or nobody.
func (c *polisCommand) facilitator(ctx context.Context, db *database.DB) (record.ID, error) {
	if c.Facilitator != "" {
		person, err := (&people.Service{Read: db.Read}).ByEmail(ctx, c.Facilitator)
		if err == nil && !person.Active() {
			err = people.ErrNotAllowed
		}
		if err != nil {
			return "", fmt.Errorf("find the facilitator's account: %w", err)
		}
		return person.ID, nil
	}
	var person people.Person
	err := db.Read.WithContext(ctx).
		Where("administrator = ? AND kind = ? AND suspended_at IS NULL AND erased_at IS NULL AND merged_into IS NULL", true, people.Account).
		Order("created_at, id").Take(&person).Error
	if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
		return "", fmt.Errorf("find an administrator: %w", err)
	}
	return person.ID, nil
}

// importDialogue acts as the system: whoever sits at the server's command line.
func importDialogue(ctx context.Context, db *database.DB, form dialogues.ImportForm) (record.Receipt, error) {
	writer := writerOf(db) //nolint:contextcheck // a batch belongs to all who are in it, not to one context
	defer writer.Stop()
	service := &dialogues.Service{Writer: writer, Read: db.Read, Now: database.Now}
	return service.ImportDialogue(ctx, dialogues.Call{}, form)
}

// writerOf is the one writer of a command that has the database to itself, or
// shares it with a server: other nodes hear of what it writes.
func writerOf(db *database.DB) *record.Writer {
	cfg := record.WriterConfig{DB: db.Write, Now: database.Now}
	if db.Dialect == database.Postgres {
		cfg.Notify = db.Notify
	}
	return record.NewWriter(cfg)
}
