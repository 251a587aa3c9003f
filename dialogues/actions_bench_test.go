package dialogues_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
	"github.com/vcm-forum/forum/server/testkit"
)

// words are as long as people write: two sentences.
const words = "Registration of a new activity takes two years here, and nobody can tell us why. " +
	"Meanwhile the buyers we had found went elsewhere, and the community lost its trust in the project."

// BenchmarkAddContribution is what a contribution costs until it is on disk: the
// whole action (policy, rules, rows, line of the record, answer to its key) from
// one sender and from 64 at once, beside a bare insert of the same rows, 64 to a
// transaction, by prepared SQL. One operation is one contribution by each.
func BenchmarkAddContribution(b *testing.B) {
	databasetest.Each(b, func(b *testing.B, db *database.DB) {
		f := newSpeakers(b, db)
		var one, many, bare pace
		before := f.writer.Stats()
		const turn = 512
		for left := b.N; left > 0; left -= turn { // they take turns, so that all suffer the same weather
			n := min(turn, left)
			one.run(n, func() { f.speak(b, n, 1) })
			now := f.writer.Stats()
			many.run(n, func() { f.speak(b, n, 64) })
			many.commits += f.writer.Stats().Commits - now.Commits
			bare.run(n, func() { f.insert(b, n) })
		}
		if failed := f.writer.Stats().Failures - before.Failures; failed > 0 {
			b.Errorf("%d batches failed", failed)
		}
		testkit.AtLeast(b, "64-senders/s-against-one", many.rate(), one.rate(), 1.5)
		testkit.AtMost(b, "commits/action", float64(many.commits)/float64(many.done), 1, 0.1)
		testkit.Beside(b, "64-senders/s-against-bare-insert", many.rate(), bare.rate())
	})
}

// pace is how much was done in which time.
type pace struct {
	done    int
	took    time.Duration
	commits int64
}

func (p *pace) run(n int, work func()) {
	began := time.Now()
	work()
	p.took += time.Since(began)
	p.done += n
}

func (p *pace) rate() float64 { return float64(p.done) / p.took.Seconds() }

// speakers are people who speak in one open dialogue.
type speakers struct {
	db       *database.DB
	service  *dialogues.Service
	writer   *record.Writer
	actor    people.Actor
	dialogue record.ID
	question record.ID
	seq      int64 // of the lines that the bare insert writes, in a room of its own
}

func newSpeakers(tb testing.TB, db *database.DB) *speakers {
	tb.Helper()
	lanes := 1
	if db.Dialect == database.Postgres {
		lanes = 4
	}
	w := record.NewWriter(record.WriterConfig{DB: db.Write, Lanes: lanes, Now: database.Now})
	tb.Cleanup(w.Stop)
	f := &speakers{db: db, writer: w, service: &dialogues.Service{Writer: w, Read: db.Read, Now: database.Now}}
	must := func(receipt record.Receipt, err error) record.ID {
		if err != nil {
			tb.Fatal(err)
		}
		return receipt.ID
	}
	folk := &people.Service{Writer: w, Read: db.Read}
	profile := people.Profile{Name: "Amina", StakeholderGroup: people.CivilSociety, Country: "KE", Language: "en"}
	id, err := folk.Create(tb.Context(), "", profile, func(p *people.Person) { p.Convener = true })
	if err != nil {
		tb.Fatal(err)
	}
	person, err := folk.ByID(tb.Context(), id)
	if err != nil {
		tb.Fatal(err)
	}
	f.actor = people.Actor{Person: person}
	f.dialogue = must(f.service.CreateDialogue(tb.Context(), as(f.actor), dialogueForm("Carbon rights", dialogues.Public)))
	f.question = must(f.service.AddQuestion(tb.Context(), as(f.actor), f.dialogue, questionForm("What holds you back?")))
	must(f.service.SetState(tb.Context(), as(f.actor), f.dialogue, dialogues.Open))
	return f
}

// speak adds n contributions, each with its key, from so many senders.
func (f *speakers) speak(tb testing.TB, n, senders int) {
	var begun atomic.Int64
	var all sync.WaitGroup
	for range senders {
		all.Go(func() {
			for begun.Add(1) <= int64(n) {
				by := dialogues.Call{Actor: f.actor, Key: string(record.NewID())}
				if _, err := f.service.AddContribution(tb.Context(), by, f.dialogue, say(f.question, words)); err != nil {
					tb.Errorf("AddContribution: %v", err)
					return
				}
			}
		})
	}
	all.Wait()
}

// insert writes the rows of n contributions, 64 to a transaction, and nothing else.
func (f *speakers) insert(tb testing.TB, n int) {
	pool, err := f.db.Write.DB()
	if err != nil {
		tb.Fatal(err)
	}
	for n > 0 {
		group := min(n, 64)
		if err := f.insertGroup(tb.Context(), pool, group); err != nil {
			tb.Fatalf("bare insert: %v", err)
		}
		n -= group
	}
}

func (f *speakers) insertGroup(ctx context.Context, pool *sql.DB, group int) error {
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after the commit
	var said, texts, lines, answers []any
	now, actor, room := database.Now(), string(f.actor.ID()), "bare"
	for range group {
		f.seq++
		id := string(record.NewID())
		said = append(said, id, string(f.dialogue), string(f.question), nil, nil, nil, actor, "experience", "en", "KE",
			string(people.CivilSociety), "named", "visible", 1, 0, 0, now, now)
		salt := rand.Text()
		texts = append(texts, id, 1, words, people.Fold(words), now, salt)
		lines = append(lines, room, f.seq, now, actor, string(dialogues.ContributionAdded), id, 1,
			`{"question":"`+string(f.question)+`"}`, record.Digest(salt, words))
		answers = append(answers, string(record.NewID()), actor, record.Digest(words), room, 1, f.seq, id, now)
	}
	for table, values := range map[string][]any{"contributions": said, "record_entries": lines, "record_answers": answers} {
		if _, err := tx.ExecContext(ctx, f.manyRows(table, len(values)/group, group), values...); err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
	}
	if _, err := tx.ExecContext(ctx, f.manyRows("contribution_texts", len(texts)/group, group), texts...); err != nil {
		return err
	}
	return tx.Commit()
}

// manyRows is INSERT INTO table VALUES (…), (…) with so many columns and rows.
func (f *speakers) manyRows(table string, columns, rows int) string {
	var b strings.Builder
	b.WriteString("INSERT INTO " + table + " VALUES ")
	for i := range columns * rows {
		switch {
		case i%columns > 0:
			b.WriteByte(',')
		case i > 0:
			b.WriteString("),(")
		default:
			b.WriteByte('(')
		}
		if f.db.Dialect == database.Postgres {
			fmt.Fprintf(&b, "$%d", i+1)
		} else {
			b.WriteByte('?')
		}
	}
	b.WriteByte(')')
	return b.String()
}
