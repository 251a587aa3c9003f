package record_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

func keyed(room string, actor record.ID, key, asked string) record.Action {
	a := keep(room, record.NewID())
	a.Actor, a.Key, a.Asked = actor, key, asked
	return a
}

func TestTheSameKeyHappensOnce(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := newWriter(t, db, nil)
		mustDo(t, w, keep("room", record.NewID()))
		first := mustDo(t, w, keyed("room", "ann", "key", "asked"))
		for range 3 {
			if diff := cmp.Diff(first, mustDo(t, w, keyed("room", "ann", "key", "asked"))); diff != "" {
				t.Errorf("a retry got another receipt (-first +retry):\n%s", diff)
			}
		}
		w.Stop()
		again := newWriter(t, db, nil)
		if diff := cmp.Diff(first, mustDo(t, again, keyed("room", "ann", "key", "asked"))); diff != "" {
			t.Errorf("a retry after a restart got another receipt (-first +retry):\n%s", diff)
		}
		if other := mustDo(t, again, keyed("room", "bob", "key", "asked")); other.Seq != 3 {
			t.Errorf("somebody else's same key got %+v, want line 3", other)
		}
		checkWhole(t, db, "room", 3)
	})
}

func TestAKeyReusedForSomethingElseIsRefused(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := newWriter(t, db, nil)
		mustDo(t, w, keyed("room", "ann", "key", "asked"))
		if _, err := w.Do(t.Context(), keyed("room", "ann", "key", "something else")); !errors.Is(err, record.ErrKeyReused) {
			t.Errorf("Do = %v, want ErrKeyReused", err)
		}
		checkWhole(t, db, "room", 1)
		if kept, answers := count(t, db, "kept"), count(t, db, "record_answers"); kept != 1 || answers != 1 {
			t.Errorf("%d rows and %d answers, want 1 and 1", kept, answers)
		}
	})
}

// Whether fifty retries meet in one batch or in many, they are one action; and
// whoever reuses the key for something else meanwhile is refused.
func TestFiftyRetriesAtOnceAreOneAction(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := newWriter(t, db, nil)
		release := hold(t, w)
		receipts := make([]record.Receipt, 50)
		var wg, ready sync.WaitGroup
		ready.Add(len(receipts))
		for i := range receipts {
			wg.Go(func() {
				ready.Done()
				var err error
				if receipts[i], err = w.Do(t.Context(), keyed("room", "ann", "key", "asked")); err != nil {
					t.Errorf("Do: %v", err)
				}
			})
		}
		ready.Wait()
		release()
		wg.Wait()
		for _, got := range receipts {
			if diff := cmp.Diff(receipts[0], got); diff != "" {
				t.Fatalf("two receipts for one action:\n%s", diff)
			}
		}
		checkWhole(t, db, "room", 1)
	})
}

// A new dialogue is a new room, so retries of its creation meet in different
// rooms, and on PostgreSQL in different lanes.
func TestRetriesInDifferentRoomsAreOneAction(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := newWriter(t, db, nil)
		for range 10 { // the race is not met every time
			key := string(record.NewID())
			receipts := make([]record.Receipt, 8)
			var wg sync.WaitGroup
			start := make(chan struct{})
			for i := range receipts {
				wg.Go(func() {
					<-start
					var err error
					if receipts[i], err = w.Do(t.Context(), keyed(string(record.NewID()), "ann", key, "asked")); err != nil {
						t.Errorf("Do: %v", err)
					}
				})
			}
			close(start)
			wg.Wait()
			for _, got := range receipts {
				if diff := cmp.Diff(receipts[0], got); diff != "" && !t.Failed() {
					t.Errorf("two receipts for one action:\n%s", diff)
				}
			}
		}
		if got := count(t, db, "record_entries"); got != 10 {
			t.Errorf("%d lines, want 10", got)
		}
		if got := count(t, db, "record_heads"); got != 10 {
			t.Errorf("%d heads, want 10: a retry leaves no room behind", got)
		}
	})
}

func TestAQuietActionIsRepeatedByItsKey(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := newWriter(t, db, nil)
		ran := 0
		quiet := record.Action{Actor: "ann", Key: "key", Run: func(*record.Tx) error { ran++; return nil }}
		mustDo(t, w, quiet)
		mustDo(t, w, quiet)
		if ran != 1 {
			t.Errorf("ran %d times, want once", ran)
		}
	})
}

// An answer is repeated for a month; then its key is forgotten, and the line stays.
func TestOldAnswersAreForgotten(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		now := database.Now()
		w := newWriter(t, db, func(c *record.WriterConfig) { c.Now = func() time.Time { return now } })
		first := keep("room", "a")
		first.Key, first.Asked = "key", "a"
		mustDo(t, w, first)
		for _, step := range []struct {
			later time.Duration
			kept  int64
		}{{record.LongestMemory - time.Hour, 1}, {2 * time.Hour, 0}} {
			now = now.Add(step.later)
			mustDo(t, w, record.Action{Run: record.Sweep})
			if n := count(t, db, "record_answers"); n != step.kept {
				t.Errorf("%d answers are kept, want %d", n, step.kept)
			}
		}
		checkWhole(t, db, "room", 1)
	})
}
