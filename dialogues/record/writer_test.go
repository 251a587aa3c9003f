package record_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"

	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

func TestRoomsAreGapFreeUnderManyWriters(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		const rooms, writers, each = 8, 20, 24
		w := newWriter(t, db, nil)
		other := newWriter(t, db, nil) // a second node on PostgreSQL, a second lane's worth of contention on SQLite
		if db.Dialect == database.SQLite {
			other = w // SQLite has one writing process
		}
		var wg sync.WaitGroup
		for g := range writers {
			wg.Go(func() {
				for n := range each {
					room, via := roomName((g+n)%rooms), w
					if n%2 == 1 {
						via = other
					}
					id := record.NewID()
					receipt, err := via.Do(t.Context(), keep(room, id))
					if err != nil || receipt.ID != id || receipt.Room != room || receipt.Seq < 1 {
						t.Errorf("Do = %+v, %v", receipt, err)
					}
				}
			})
		}
		wg.Wait()
		for i := range rooms {
			checkWhole(t, db, roomName(i), writers*each/rooms)
		}
		if got := count(t, db, "kept"); got != writers*each {
			t.Errorf("%d rows, want %d", got, writers*each)
		}
	})
}

func TestReceiptsNameTheLine(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := newWriter(t, db, nil)
		first := mustDo(t, w, keep("room", "a"))
		var at time.Time
		second := mustDo(t, w, record.Action{Room: "room", Actor: "somebody", Run: func(tx *record.Tx) error {
			at = tx.Now
			tx.Append(record.Entry{Verb: said, Subject: "b", Version: 3, Data: `{"n":1}`, Digest: record.Digest("x")})
			tx.Append(record.Entry{Verb: said, Actor: "guest", Subject: "c"})
			return nil
		}})
		if first.Seq != 1 || second.Seq != 2 || second.ID != "b" || second.Epoch != first.Epoch || first.Epoch == 0 {
			t.Errorf("receipts %+v and %+v", first, second)
		}
		want := []record.Entry{
			{Room: "room", Seq: 2, At: at, Actor: "somebody", Verb: said, Subject: "b", Version: 3, Data: `{"n":1}`, Digest: record.Digest("x")},
			{Room: "room", Seq: 3, At: at, Actor: "guest", Verb: said, Subject: "c"},
		}
		if diff := cmp.Diff(want, lines(t, db, "room")[1:]); diff != "" {
			t.Errorf("lines (-want +got):\n%s", diff)
		}
	})
}

func TestAFailedActionLeavesNoTraceAndSparesItsMates(t *testing.T) {
	refusal := errors.New("refused")
	for _, tt := range []struct {
		name string
		fail func(tx *record.Tx) error
		want string
	}{
		{"an action that returns an error", func(*record.Tx) error { return refusal }, "refused"},
		{"an action that panics", func(*record.Tx) error { panic("broken") }, "panicked"},
		{"an action whose statement fails", func(tx *record.Tx) error { return tx.DB.Exec("INSERT INTO no_such_table VALUES (1)").Error }, "no_such_table"},
		{"an action that hits a unique index", func(tx *record.Tx) error { return tx.DB.Exec("INSERT INTO kept VALUES ('lost', 'room')").Error }, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			databasetest.Each(t, func(t *testing.T, db *database.DB) {
				w := newWriter(t, db, nil)
				release := hold(t, w)
				var wg sync.WaitGroup
				for range 10 {
					wg.Go(func() {
						if _, err := w.Do(t.Context(), keep("room", record.NewID())); err != nil {
							t.Errorf("a mate failed: %v", err)
						}
					})
				}
				wg.Go(func() {
					a := keep("room", "lost")
					a.Key, a.Asked = "key", "asked"
					good := a.Run
					a.Run = func(tx *record.Tx) error { return errors.Join(good(tx), tt.fail(tx)) }
					if receipt, err := w.Do(t.Context(), a); err == nil || !strings.Contains(err.Error(), tt.want) || receipt != (record.Receipt{}) {
						t.Errorf("Do = %+v, %v, want an error about %q", receipt, err, tt.want)
					}
				})
				release()
				wg.Wait()
				checkWhole(t, db, "room", 10)
				if got := count(t, db, "kept"); got != 10 {
					t.Errorf("%d rows, want 10", got)
				}
				retry := keep("room", "lost")
				retry.Key, retry.Asked = "key", "asked"
				if receipt := mustDo(t, w, retry); receipt.Seq != 11 {
					t.Errorf("a retry after a failure got %+v, want line 11", receipt)
				}
			})
		})
	}
}

// PostgreSQL refuses to go on after a failed statement, so an action that hides
// its failure breaks the whole commit there; only that action may suffer.
func TestAnActionThatHidesAFailedStatementSparesItsMates(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := newWriter(t, db, nil)
		release := hold(t, w)
		var wg sync.WaitGroup
		wg.Go(func() {
			_, _ = w.Do(t.Context(), record.Action{Room: "room", Run: func(tx *record.Tx) error {
				_ = tx.DB.Exec("INSERT INTO no_such_table VALUES (1)")
				return nil
			}})
		})
		for range 10 {
			wg.Go(func() {
				if _, err := w.Do(t.Context(), keep("room", record.NewID())); err != nil {
					t.Errorf("a mate failed: %v", err)
				}
			})
		}
		release()
		wg.Wait()
		checkWhole(t, db, "room", 10)
	})
}

func TestARefusedActionInAnUnknownRoomLeavesNoTrace(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := newWriter(t, db, nil)
		for range 3 {
			_, err := w.Do(t.Context(), record.Action{Room: "no such room", Run: func(*record.Tx) error { return errors.New("refused") }})
			if err == nil {
				t.Fatal("the action was not refused")
			}
		}
		if got := count(t, db, "record_heads"); got != 0 {
			t.Errorf("%d heads of rooms in which nothing happened", got)
		}
	})
}

func TestALineNeedsARoom(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := newWriter(t, db, nil)
		if _, err := w.Do(t.Context(), keep("", "a")); err == nil {
			t.Error("an action without a room named a line")
		}
		quiet := record.Action{Run: func(tx *record.Tx) error { return tx.DB.Exec("INSERT INTO kept VALUES ('b', '')").Error }}
		if receipt := mustDo(t, w, quiet); receipt != (record.Receipt{}) {
			t.Errorf("a quiet action got %+v", receipt)
		}
		if got := count(t, db, "kept"); got != 1 {
			t.Errorf("%d rows, want the quiet one", got)
		}
	})
}

func TestTheBellRingsOnlyWhenTheLineCanBeRead(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		var rung atomic.Int64
		w := newWriter(t, db, func(cfg *record.WriterConfig) {
			cfg.Bell = func(room string, seq int64) {
				rung.Add(1)
				found, err := record.After(context.Background(), db.Read, room, seq-1, 1)
				if err != nil || len(found) != 1 || found[0].Seq != seq {
					t.Errorf("bell for line %d of %s, read %v, %v", seq, room, found, err)
				}
			}
		})
		var wg sync.WaitGroup
		for g := range 20 {
			wg.Go(func() {
				for range 5 {
					mustDo(t, w, keep(roomName(g%3), record.NewID()))
				}
			})
		}
		wg.Wait()
		w.Stop()
		before := rung.Load()
		if before == 0 || before > 100 {
			t.Errorf("%d bells for 100 lines", before)
		}
	})
}

func TestTheBellIsSilentWhenNothingWasWritten(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		var rung atomic.Int64
		w := newWriter(t, db, func(cfg *record.WriterConfig) { cfg.Bell = func(string, int64) { rung.Add(1) } })
		_, _ = w.Do(t.Context(), record.Action{Room: "room", Run: func(*record.Tx) error { return errors.New("refused") }})
		mustDo(t, w, record.Action{Room: "room", Run: func(*record.Tx) error { return nil }})
		w.Stop()
		if got := rung.Load(); got != 0 {
			t.Errorf("%d bells, want none", got)
		}
	})
}

func TestNotifyBelongsToTheCommit(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		var broken atomic.Bool
		w := newWriter(t, db, func(cfg *record.WriterConfig) {
			cfg.Notify = func(tx *gorm.DB, room string, seq int64) error {
				if broken.Load() {
					return errors.New("no more notices")
				}
				return tx.Exec("INSERT INTO kept VALUES (?, ?)", fmt.Sprintf("%s@%d", room, seq), "notice").Error
			}
		})
		mustDo(t, w, keep("room", "a"))
		broken.Store(true)
		if _, err := w.Do(t.Context(), keep("room", "b")); err == nil {
			t.Error("acknowledged although the notice failed")
		}
		broken.Store(false)
		mustDo(t, w, keep("room", "c"))
		checkWhole(t, db, "room", 2)
		if got := count(t, db, "kept"); got != 4 {
			t.Errorf("%d rows, want a, c and their notices", got)
		}
	})
}

func TestTimeNeverGoesBackInARoom(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		at := newClock()
		w := newWriter(t, db, func(cfg *record.WriterConfig) { cfg.Now = at.Now })
		for i, step := range []time.Duration{0, time.Second, -time.Hour, time.Minute, -24 * time.Hour, 26 * time.Hour, time.Microsecond} {
			at.move(step)
			a := keep("room", record.NewID())
			good := a.Run
			var told time.Time
			a.Run = func(tx *record.Tx) error { told = tx.Now; return good(tx) }
			mustDo(t, w, a)
			if got := lines(t, db, "room")[i]; !got.At.Equal(told) {
				t.Errorf("line %d carries %s, its action was told %s", i+1, got.At, told)
			}
		}
		checkWhole(t, db, "room", 7)
	})
}

func TestStopAnswersEveryoneExactlyOnce(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := newWriter(t, db, nil)
		var acked, stopped atomic.Int64
		var wg sync.WaitGroup
		begun := make(chan struct{}, 64)
		for range 64 {
			wg.Go(func() {
				for {
					_, err := w.Do(t.Context(), keep("room", record.NewID()))
					switch {
					case err == nil:
						acked.Add(1)
						select {
						case begun <- struct{}{}:
						default:
						}
						continue
					case errors.Is(err, record.ErrStopped):
						stopped.Add(1)
					default:
						t.Errorf("Do: %v", err)
					}
					return
				}
			})
		}
		<-begun
		w.Stop()
		wg.Wait()
		w.Stop() // a second time changes nothing
		if stopped.Load() != 64 {
			t.Errorf("%d of 64 writers were told to stop", stopped.Load())
		}
		checkWhole(t, db, "room", int(acked.Load()))
	})
}

func TestTooManyWaitingActionsAreRefused(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := newWriter(t, db, func(cfg *record.WriterConfig) { cfg.Lanes = 1 })
		release := hold(t, w)
		const sent = 4300
		var ran, done, busy atomic.Int64
		var wg sync.WaitGroup
		refused := make(chan struct{}, sent)
		for range sent {
			wg.Go(func() {
				_, err := w.Do(t.Context(), record.Action{Run: func(*record.Tx) error { ran.Add(1); return nil }})
				switch {
				case err == nil:
					done.Add(1)
				case errors.Is(err, record.ErrBusy):
					busy.Add(1)
					refused <- struct{}{}
				default:
					t.Errorf("Do: %v", err)
				}
			})
		}
		for range sent - 4096 {
			<-refused
		}
		release()
		wg.Wait()
		if done.Load() != 4096 || ran.Load() != 4096 || busy.Load() != sent-4096 {
			t.Errorf("done %d, ran %d, refused %d; want 4096, 4096, %d", done.Load(), ran.Load(), busy.Load(), sent-4096)
		}
	})
}

func TestWhoLeavesBeforeTheirTurnIsNotServed(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := newWriter(t, db, nil)
		release := hold(t, w)
		ctx, leave := context.WithCancel(t.Context())
		left := make(chan error)
		go func() {
			_, err := w.Do(ctx, keep("room", "left"))
			left <- err
		}()
		leave()
		if err := <-left; !errors.Is(err, context.Canceled) {
			t.Errorf("Do = %v, want context.Canceled", err)
		}
		release()
		mustDo(t, w, keep("room", "stayed"))
		checkWhole(t, db, "room", 1)
		if got := lines(t, db, "room")[0].Subject; got != "stayed" {
			t.Errorf("line 1 is about %q", got)
		}
	})
}

func TestWhoLeavesDuringTheirTurnIsServedAndLearnsItByAskingAgain(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := newWriter(t, db, nil)
		ctx, leave := context.WithCancel(t.Context())
		a := keep("room", "mine")
		a.Key, a.Asked = "key", "asked"
		good := a.Run
		a.Run = func(tx *record.Tx) error { leave(); return good(tx) }
		if _, err := w.Do(ctx, a); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatalf("Do: %v", err)
		}
		if receipt := mustDo(t, w, a); receipt.Seq != 1 || receipt.ID != "mine" {
			t.Errorf("asked again, got %+v, want line 1", receipt)
		}
		checkWhole(t, db, "room", 1)
	})
}
