package record_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// Many who write at once share their commits, and the bell rings no more often than those.
func TestGroupCommitGroups(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		const producers, each = 64, 30
		var rung atomic.Int64
		w := newWriter(t, db, func(cfg *record.WriterConfig) { cfg.Bell = func(string, int64) { rung.Add(1) } })
		var wg sync.WaitGroup
		for range producers {
			wg.Go(func() {
				for range each {
					mustDo(t, w, keep("room", record.NewID()))
				}
			})
		}
		wg.Wait()
		w.Stop()
		checkWhole(t, db, "room", producers*each)
		commits := w.Stats().Commits
		t.Logf("%d commits for %d actions, the bell rang %d times", commits, producers*each, rung.Load())
		if commits*5 > producers*each {
			t.Errorf("%d commits for %d actions, want at most a fifth", commits, producers*each)
		}
		if rung.Load() < 1 || rung.Load() > commits {
			t.Errorf("the bell rang %d times for %d commits", rung.Load(), commits)
		}
	})
}

// impatient is the context of a sender who is served but does not wait for the answer.
type impatient struct{ context.Context }

func (impatient) Done() <-chan struct{} {
	gone := make(chan struct{})
	close(gone)
	return gone
}

// The bell waits for those who wait already, and for nobody after them.
func TestTheBellRingsForWhoWaitsToo(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		var rung []int64
		w := newWriter(t, db, func(cfg *record.WriterConfig) {
			cfg.Bell = func(room string, seq int64) {
				if room == "room" { // which stays in one lane
					rung = append(rung, seq)
				}
			}
		})
		// While an action runs, the next one of its chain begins to wait.
		last := make(chan struct{})
		var chain func(then int) record.Action
		chain = func(then int) record.Action {
			action := keep("room", record.NewID())
			run := action.Run
			action.Run = func(tx *record.Tx) error {
				if then == 0 {
					close(last)
					return run(tx)
				}
				_, _ = w.Do(impatient{t.Context()}, chain(then-1))
				return run(tx)
			}
			return action
		}
		mustDo(t, w, chain(4))
		<-last
		w.Stop()
		checkWhole(t, db, "room", 5)
		if diff := cmp.Diff([]int64{2, 4, 5}, rung); diff != "" {
			t.Errorf("bells (-want +got):\n%s", diff)
		}
	})
}
