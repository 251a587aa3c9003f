package live_test

import (
	"io"
	"net"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/vcm-forum/forum/server/live"
)

func TestASlowReaderIsDroppedAndOthersAreUnharmed(t *testing.T) {
	h := openHall(t, live.Config{QueueBytes: 256 << 10, CloseWait: patience})
	slow, _ := h.enter(t, here())
	quick, _ := h.enter(t, here())
	var lines int64
	for h.hub.Stats().Drops == 0 {
		h.write(long(32 << 10))
		lines++
		if m := quick.hearLine(); m.Seq != lines {
			t.Fatalf("line %d, want %d", m.Seq, lines)
		}
	}
	var after int64
	for {
		m, err := receive(slow.Conn)
		if websocket.IsCloseError(err, live.CloseSlow) {
			break
		}
		if err != nil || m.Seq > 0 && m.Seq != after+1 {
			t.Fatalf("line %d after line %d, error %v", m.Seq, after, err)
		}
		after = max(after, m.Seq)
	}
	again, _ := h.enter(t, live.Subscriber{Epoch: 1, After: after})
	again.wantLines(after+1, lines)
}

func TestWhoIsStillCatchingUpIsNotTakenForSlow(t *testing.T) {
	h := openHall(t, live.Config{QueueBytes: 1 << 10, WriteWait: patience, Tick: time.Millisecond})
	const missed, more = 250, 10
	for range missed { // one chunk: more than the sockets hold, far more than the queue
		h.record.write(long(16 << 10))
	}
	l, _ := h.enter(t, here())
	watcher, _ := h.enter(t, live.Subscriber{Epoch: 1, After: missed, Person: "p"})
	h.enter(t, live.Subscriber{Epoch: 1, Person: "q"})
	for m := watcher.hear(); m.Total < 2; m = watcher.hear() {
		continue // until presence has been told to everyone who can take it
	}
	for range more {
		h.write("said")
	}
	watcher.wantLines(missed+1, missed+more)
	l.wantLines(1, missed+more)
	if got := h.hub.Stats().Drops; got != 0 {
		t.Errorf("%d connections were dropped, want none", got)
	}
}

func TestAReaderThatTakesNothingIsCut(t *testing.T) {
	h := openHall(t, live.Config{WriteWait: 50 * time.Millisecond})
	h.enter(t, here())
	for range 512 { // more than the sockets hold, less than the queue
		h.record.write(long(16 << 10))
	}
	h.hub.Ring("1", 0)
	eventually(t, "the connection ends", func() bool { s := h.hub.Stats(); return s.Sockets == 0 && s.Drops == 1 })
}

func TestSilence(t *testing.T) {
	h := openHall(t, live.Config{Tick: 5 * time.Millisecond, Beat: 50 * time.Millisecond, CloseWait: 50 * time.Millisecond})
	h.enter(t, here()) // does not read, hence does not answer
	alive, _ := h.enter(t, here())
	for beats := 0; beats < 10 || h.hub.Stats().Sockets > 1; {
		if m := alive.hear(); m.Now > 0 {
			beats++
		}
	}
	if got := h.hub.Stats(); got.Drops != 1 || got.Sockets != 1 {
		t.Errorf("Stats = %+v, want one dropped and one left", got)
	}
}

// TestNothingLeaks connects and vanishes in every way the network knows.
func TestNothingLeaks(t *testing.T) {
	const each = 100
	h := openHall(t, live.Config{Tick: 5 * time.Millisecond, Beat: 20 * time.Millisecond, CloseWait: 20 * time.Millisecond})
	before, working := openFiles(), runtime.NumGoroutine()
	for _, row := range []struct {
		name   string
		vanish func(t *testing.T)
	}{
		{"with a proper end", func(t *testing.T) { l, _ := h.enter(t, here()); _ = l.Close() }},
		{"with a reset", func(t *testing.T) { l, _ := h.enter(t, here()); reset(l.Conn) }},
		{"without a word", func(t *testing.T) { h.enter(t, here()) }},
		{"before the hello", func(t *testing.T) { reset(h.join(t, here()).Conn) }},
		{"during the upgrade", func(t *testing.T) { h.vanishDuringUpgrade(t) }},
	} {
		t.Run(row.name, func(t *testing.T) {
			for range each {
				row.vanish(t)
			}
			eventually(t, "nobody is left", func() bool { s := h.hub.Stats(); return s.Sockets == 0 && s.Rooms == 0 })
		})
	}
	eventually(t, "all files are closed", func() bool { return openFiles() <= before })
	eventually(t, "all goroutines stop", func() bool { return runtime.NumGoroutine() <= working })
}

func (h *hall) vanishDuringUpgrade(t *testing.T) {
	conn, err := net.Dial("tcp", h.server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"); err != nil {
		t.Fatal(err)
	}
}

// openFiles counts this process's, where the system tells.
func openFiles() int {
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(files)
}
