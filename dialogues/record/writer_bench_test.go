package record_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
	"github.com/vcm-forum/forum/server/testkit"
)

// BenchmarkWriter is the writer with the smallest action there is, one row and
// one line, from one sender and from 64 at once in one room: what the machinery
// of savepoints, keys and numbers costs before any rule is asked. Beside it
// stand the commits each action needed.
func BenchmarkWriter(b *testing.B) {
	databasetest.Each(b, func(b *testing.B, db *database.DB) {
		if err := db.Write.WithContext(b.Context()).Exec("CREATE TABLE kept (id TEXT PRIMARY KEY, room TEXT NOT NULL)").Error; err != nil {
			b.Fatal(err)
		}
		w := record.NewWriter(record.WriterConfig{DB: db.Write, Lanes: lanesOf(db), Now: database.Now})
		b.Cleanup(w.Stop)
		var took [2]time.Duration
		var commits int64
		const turn = 1024
		for left := b.N; left > 0; left -= turn {
			n := min(turn, left)
			took[0] += keepMany(b, w, n, 1)
			before := w.Stats().Commits
			took[1] += keepMany(b, w, n, 64)
			commits += w.Stats().Commits - before
		}
		one, many := float64(b.N)/took[0].Seconds(), float64(b.N)/took[1].Seconds()
		testkit.AtLeast(b, "64-senders/s-against-one", many, one, 1.5)
		testkit.AtMost(b, "commits/action", float64(commits)/float64(b.N), 1, 0.1)
	})
}

// keepMany writes n rows from so many senders.
func keepMany(b *testing.B, w *record.Writer, n, senders int) time.Duration {
	b.Helper()
	began := time.Now()
	var begun atomic.Int64
	var all sync.WaitGroup
	for range senders {
		all.Go(func() {
			for begun.Add(1) <= int64(n) {
				id := record.NewID()
				action := keep("room", id)
				action.Key, action.Asked = string(id), string(id)
				if _, err := w.Do(b.Context(), action); err != nil {
					b.Errorf("Do: %v", err)
					return
				}
			}
		})
	}
	all.Wait()
	return time.Since(began)
}
