package record_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
)

// said is the verb of every line these tests write.
const said record.Verb = "test.said"

// lanesOf is how many lanes the program gives each engine.
func lanesOf(db *database.DB) int {
	if db.Dialect == database.SQLite {
		return 1
	}
	return 8
}

// newWriter starts a writer as the program does and stops it with the test. The
// table "kept" stands for whatever an action changes beside the record.
func newWriter(t *testing.T, db *database.DB, change func(*record.WriterConfig)) *record.Writer {
	t.Helper()
	run(t, db, "CREATE TABLE IF NOT EXISTS kept (id TEXT PRIMARY KEY, room TEXT NOT NULL)")
	cfg := record.WriterConfig{DB: db.Write, Lanes: lanesOf(db), Now: database.Now}
	if change != nil {
		change(&cfg)
	}
	w := record.NewWriter(cfg)
	t.Cleanup(w.Stop)
	return w
}

func run(t *testing.T, db *database.DB, statement string, args ...any) {
	t.Helper()
	if err := db.Write.WithContext(t.Context()).Exec(statement, args...).Error; err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// keep is an action that writes one row and one line.
func keep(room string, id record.ID) record.Action {
	return record.Action{Room: room, Run: func(tx *record.Tx) error {
		if err := tx.DB.Exec("INSERT INTO kept (id, room) VALUES (?, ?)", id, room).Error; err != nil {
			return err
		}
		tx.Append(record.Entry{Verb: said, Subject: id})
		return nil
	}}
}

func mustDo(t *testing.T, w *record.Writer, a record.Action) record.Receipt {
	t.Helper()
	receipt, err := w.Do(t.Context(), a)
	if err != nil {
		t.Fatalf("Do: %v", err)
	}
	return receipt
}

// lines reads a whole room.
func lines(t *testing.T, db *database.DB, room string) []record.Entry {
	t.Helper()
	found, err := record.After(t.Context(), db.Read, room, 0, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func count(t *testing.T, db *database.DB, table string) int64 {
	t.Helper()
	var n int64
	if err := db.Read.WithContext(t.Context()).Table(table).Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}

// checkWhole fails unless a room's lines are 1, 2, 3 … up to its head, in time.
func checkWhole(t *testing.T, db *database.DB, room string, want int) {
	t.Helper()
	all := lines(t, db, room)
	if len(all) != want {
		t.Errorf("room %s has %d lines, want %d", room, len(all), want)
	}
	for i, e := range all {
		if e.Seq != int64(i+1) {
			t.Fatalf("line %d of room %s has number %d", i+1, room, e.Seq)
		}
		if i > 0 && e.At.Before(all[i-1].At) {
			t.Errorf("line %d of room %s is earlier (%s) than the line above (%s)", e.Seq, room, e.At, all[i-1].At)
		}
	}
	head, err := record.HeadOf(t.Context(), db.Read, room)
	if err != nil || head.Seq != int64(want) {
		t.Errorf("HeadOf(%s) = %+v, %v, want seq %d", room, head, err, want)
	}
}

// hold keeps the lane of "room" busy until release is called, so that what is sent
// meanwhile waits.
func hold(t *testing.T, w *record.Writer) (release func()) {
	t.Helper()
	begun, over := make(chan struct{}), make(chan struct{})
	release = sync.OnceFunc(func() { close(over) })
	t.Cleanup(release)
	var held sync.WaitGroup
	held.Go(func() {
		_, _ = w.Do(t.Context(), record.Action{Room: "room", Run: func(*record.Tx) error {
			close(begun)
			<-over
			return nil
		}})
	})
	t.Cleanup(held.Wait)
	t.Cleanup(release)
	<-begun
	return release
}

// clock is a clock that a test sets.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2031, 3, 4, 5, 6, 7, 8000, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func roomName(i int) string { return fmt.Sprintf("room-%d", i) }
