package backup_test

import (
	"fmt"
	"maps"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/backup"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// ledger is up to which line of each room somebody was told "it is kept".
type ledger struct {
	mu    sync.Mutex
	acked map[string]int64
	n     atomic.Int64
}

func (l *ledger) note(r record.Receipt) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.acked[r.Room] = max(l.acked[r.Room], r.Seq)
	l.n.Add(1)
}

func (l *ledger) now() map[string]int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.acked)
}

// Backups are made again and again while many people write in several
// dialogues. Each of them, restored, holds of every room a beginning without
// holes in which nothing is missing that was acknowledged before it began, and
// the rows are those of its lines, no fewer and no more.
func TestBackupsOfAForumInUse(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newForum(t, db)
		talks := []*talk{f.talk("one"), f.talk("two"), f.talk("three")}
		for _, k := range talks {
			f.must(f.s.OpenSession(t.Context(), k.lead, k.id, k.session))
		}
		l := &ledger{acked: map[string]int64{}}
		var stop atomic.Bool
		var writers sync.WaitGroup
		for i := range 12 {
			writers.Go(func() { l.talkOn(talks[i%3], i, &stop) })
		}
		dirs, promised := []string{}, []map[string]int64{}
		for range 6 {
			before := l.now()
			dir, _ := backUp(t, db)
			dirs, promised = append(dirs, dir), append(promised, before)
		}
		stop.Store(true)
		writers.Wait()
		t.Logf("%d actions acknowledged meanwhile", l.n.Load())
		for i, dir := range dirs {
			to := engines[[]string{database.SQLite, database.Postgres}[i%2]](t)
			checkPrefix(t, db, to, restore(t, to, dir), promised[i])
		}
	})
}

// talkOn writes until it is told to stop: contributions, replies, supports.
func (l *ledger) talkOn(k *talk, writer int, stop *atomic.Bool) {
	var last record.ID
	for n := 0; !stop.Load(); n++ {
		var receipt record.Receipt
		var err error
		switch n % 4 {
		case 0, 1:
			receipt, err = k.say(k.lead, fmt.Sprintf("words %d of %d", n, writer), "")
			last = receipt.ID
		case 2:
			receipt, err = k.say(k.lead, "reply", last)
		case 3:
			receipt, err = k.s.Support(k.t.Context(), k.lead, k.id, last, true)
		}
		if err != nil {
			k.t.Errorf("writer %d: %v", writer, err)
			return
		}
		l.note(receipt)
	}
}

func checkPrefix(t *testing.T, from, to *database.DB, m backup.Manifest, promised map[string]int64) {
	t.Helper()
	for _, room := range m.Rooms {
		if room.Seq < promised[room.Room] {
			t.Errorf("LOST: room %s holds %d lines, line %d was acknowledged before", room.Room, room.Seq, promised[room.Room])
		}
		want, err := record.After(t.Context(), from.Read, room.Room, 0, int(room.Seq))
		must(t, err)
		got, err := record.After(t.Context(), to.Read, room.Room, 0, int(room.Seq))
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" || len(got) != int(room.Seq) || got[len(got)-1].Seq != room.Seq {
			t.Errorf("room %s up to line %d:\n%s", room.Room, room.Seq, diff)
		}
	}
	for verb, rows := range map[string]string{"contribution.added": "contributions", "support.given": "supports"} {
		if lines, n := count(t, to, "record_entries WHERE verb = ?", verb), count(t, to, rows); lines != n {
			t.Errorf("%d lines %s, %d rows of %s", lines, verb, n, rows)
		}
	}
	if lines := count(t, to, "record_entries WHERE verb = ?", backup.Restored); lines != int64(len(m.Rooms)) {
		t.Errorf("%d rooms were told of the restore, want %d", lines, len(m.Rooms))
	}
}
