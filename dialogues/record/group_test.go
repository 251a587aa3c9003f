package record_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// The bell of one room rings once per commit, which counts them.
func TestGroupCommitGroups(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		const producers, each = 64, 30
		var commits atomic.Int64
		w := newWriter(t, db, func(cfg *record.WriterConfig) { cfg.Bell = func(string, int64) { commits.Add(1) } })
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
		t.Logf("%d commits for %d actions", commits.Load(), producers*each)
		if got := commits.Load(); got*5 > producers*each {
			t.Errorf("%d commits for %d actions, want at most a fifth", got, producers*each)
		}
	})
}
