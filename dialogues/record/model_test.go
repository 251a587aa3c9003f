package record_test

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// model is what the record promises, kept in memory.
type model struct {
	rooms   map[string][]record.ID     // subjects, in order
	answers map[[2]string]givenReceipt // by actor and key
}

type givenReceipt struct {
	asked   string
	receipt record.Receipt
}

// step is one thing a random sequence does.
type step struct {
	room, actor, key, asked string
	lines                   int
	outcome                 string
}

var errRefused = errors.New("refused")

func drawStep(rt *rapid.T) step {
	return step{
		room:    rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "room"),
		actor:   rapid.SampledFrom([]string{"ann", "bob", ""}).Draw(rt, "actor"),
		key:     rapid.SampledFrom([]string{"", "", "k1", "k2", "k3"}).Draw(rt, "key"),
		asked:   rapid.SampledFrom([]string{"x", "x", "x", "y"}).Draw(rt, "asked"),
		lines:   rapid.IntRange(0, 3).Draw(rt, "lines"),
		outcome: rapid.SampledFrom([]string{"ok", "ok", "ok", "ok", "error", "panic"}).Draw(rt, "outcome"),
	}
}

// apply says what the step must answer and remembers what it must change.
func (m *model) apply(s step, subjects []record.ID, epoch int64) (record.Receipt, error) {
	given, answered := m.answers[[2]string{s.actor, s.key}]
	if s.key != "" && answered {
		if given.asked != s.asked {
			return record.Receipt{}, record.ErrKeyReused
		}
		return given.receipt, nil
	}
	if s.outcome != "ok" {
		return record.Receipt{}, errRefused
	}
	receipt := record.Receipt{Room: s.room, Epoch: epoch}
	if s.lines > 0 {
		receipt.Seq, receipt.ID = int64(len(m.rooms[s.room])+1), subjects[0]
	}
	m.rooms[s.room] = append(m.rooms[s.room], subjects[:s.lines]...)
	if s.key != "" {
		m.answers[[2]string{s.actor, s.key}] = givenReceipt{s.asked, receipt}
	}
	return receipt, nil
}

// Every random sequence of actions, retries, refusals, panics, restarts and
// steps of the clock leaves exactly what the model says.
func TestRandomSequencesFollowTheModel(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		at := newClock()
		start := func(cfg *record.WriterConfig) { cfg.Now = at.Now }
		w := newWriter(t, db, start)
		var runs atomic.Int64
		rapid.Check(t, func(rt *rapid.T) {
			prefix := fmt.Sprintf("%d-", runs.Add(1)) // rooms and keys of this run alone
			m := &model{rooms: map[string][]record.ID{}, answers: map[[2]string]givenReceipt{}}
			for range rapid.IntRange(1, 12).Draw(rt, "steps") {
				switch rapid.IntRange(0, 11).Draw(rt, "what") {
				case 0:
					w.Stop()
					w = newWriter(t, db, start)
				case 1:
					at.move(time.Duration(rapid.Int64Range(-7200, 7200).Draw(rt, "seconds")) * time.Second)
				default:
					takeStep(t, rt, w, m, prefix, drawStep(rt))
				}
			}
			compare(t, rt, db, m)
		})
	})
}

func takeStep(t *testing.T, rt *rapid.T, w *record.Writer, m *model, prefix string, s step) {
	s.room = prefix + s.room
	if s.key != "" {
		s.key = prefix + s.key
	}
	subjects := []record.ID{record.NewID(), record.NewID(), record.NewID()}
	got, err := w.Do(t.Context(), record.Action{
		Room: s.room, Actor: record.ID(s.actor), Key: s.key, Asked: s.asked,
		Run: func(tx *record.Tx) error {
			for _, id := range subjects[:s.lines] {
				tx.Append(record.Entry{Verb: said, Subject: id})
				if err := tx.DB.Exec("INSERT INTO kept VALUES (?, ?)", id, s.room).Error; err != nil {
					return err
				}
			}
			switch s.outcome {
			case "panic":
				panic("broken")
			case "error":
				return errRefused
			}
			return nil
		},
	})
	want, wantErr := m.apply(s, subjects, got.Epoch)
	switch {
	case wantErr == nil && err != nil, wantErr != nil && err == nil:
		rt.Fatalf("%+v: Do = %v, want %v", s, err, wantErr)
	case errors.Is(wantErr, record.ErrKeyReused) && !errors.Is(err, record.ErrKeyReused):
		rt.Fatalf("%+v: Do = %v, want ErrKeyReused", s, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		rt.Fatalf("%+v: receipt (-want +got):\n%s", s, diff)
	}
}

// compare reads every room the model knows.
func compare(t *testing.T, rt *rapid.T, db *database.DB, m *model) {
	for room, want := range m.rooms {
		checkWhole(t, db, room, len(want))
		var subjects, rows []record.ID
		for _, e := range lines(t, db, room) {
			subjects = append(subjects, e.Subject)
		}
		if diff := cmp.Diff(want, subjects); diff != "" && len(want)+len(subjects) > 0 {
			rt.Fatalf("lines of %s (-want +got):\n%s", room, diff)
		}
		err := db.Read.WithContext(t.Context()).Raw("SELECT id FROM kept WHERE room = ? ORDER BY id", room).Scan(&rows).Error
		if err != nil || len(rows) != len(want) {
			rt.Fatalf("%d rows in %s (%v), want %d", len(rows), room, err, len(want))
		}
	}
}
