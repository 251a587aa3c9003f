package record_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// ledger is what the killed processes said: the account that the record is
// held against.
type ledger struct {
	room map[string]string // of every id that was sent
	seq  map[string]int64  // of every id that was acknowledged
	open map[string]bool   // sent, answer lost
}

// Ten times a process that writes as fast as it can is killed in the middle, in
// the manner of kill -9; the next one first asks again for what was not
// answered. Nothing acknowledged may be missing or move, nothing may be there
// twice, and the numbers have no gap.
func TestNothingAcknowledgedIsLostWhenKilled(t *testing.T) {
	if isChild(t) {
		return
	}
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		run(t, db, "CREATE TABLE kept (id TEXT PRIMARY KEY, room TEXT NOT NULL)")
		l := &ledger{room: map[string]string{}, seq: map[string]int64{}, open: map[string]bool{}}
		for cycle := range 10 {
			l.killAfter(t, child(t, db, fmt.Sprintf("c%d", cycle), 16, 0), 1+rand.IntN(200))
		}
		l.check(t, db)
	})
}

// killAfter runs a writing process and kills it after some acknowledgements.
// What it had said by then, it had said.
func (l *ledger) killAfter(t *testing.T, cmd *exec.Cmd, acks int) {
	t.Helper()
	var lost strings.Builder
	for id := range l.open {
		fmt.Fprintf(&lost, "%s %s\n", id, l.room[id])
	}
	cmd.Stdin = strings.NewReader(lost.String())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewScanner(out)
	for said.Scan() {
		if l.hear(t, said.Text()) {
			acks--
		}
		if acks == 0 {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); acks > 0 {
		t.Fatalf("the process ended by itself: %v", err)
	}
}

// hear notes one line and tells whether it was an acknowledgement.
func (l *ledger) hear(t *testing.T, line string) bool {
	t.Helper()
	var id, room string
	var seq int64
	if n, _ := fmt.Sscanf(line, "send %s %s", &id, &room); n == 2 {
		l.room[id], l.open[id] = room, true
		return false
	}
	if n, _ := fmt.Sscanf(line, "ack %s %s %d", &id, &room, &seq); n != 3 {
		t.Errorf("the process said %q", line)
		return false
	}
	l.seq[id] = seq
	delete(l.open, id)
	return true
}

func (l *ledger) check(t *testing.T, db *database.DB) {
	t.Helper()
	found := map[string]int{}
	for i := range 4 {
		all := lines(t, db, roomName(i))
		checkWhole(t, db, roomName(i), len(all))
		for _, e := range all {
			id := string(e.Subject)
			found[id]++
			if acked, ok := l.seq[id]; ok && (acked != e.Seq || l.room[id] != e.Room) {
				t.Errorf("MOVED: %s was acknowledged as line %d of %s, is line %d of %s", id, acked, l.room[id], e.Seq, e.Room)
			}
			if _, sent := l.room[id]; !sent {
				t.Errorf("PHANTOM: %s was never sent", id)
			}
			if found[id] > 1 {
				t.Errorf("DOUBLE: %s is there %d times", id, found[id])
			}
		}
	}
	for id := range l.seq {
		if found[id] == 0 {
			t.Errorf("LOST: %s was acknowledged as line %d of %s", id, l.seq[id], l.room[id])
		}
	}
	if rows := count(t, db, "kept"); rows != int64(len(found)) {
		t.Errorf("%d rows for %d lines", rows, len(found))
	}
	t.Logf("%d sent, %d acknowledged, %d on disk", len(l.room), len(l.seq), len(found))
}
