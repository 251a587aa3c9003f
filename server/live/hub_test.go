package live_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	"github.com/vcm-forum/forum/server/live"
)

func here() live.Subscriber { return live.Subscriber{Epoch: 1} }

// TestNothingIsLost is the promise of the package: whoever is cut at random and comes back with the last line seen
// hears every line once and in order, while many people write and the bell tells lies.
func TestNothingIsLost(t *testing.T) {
	const writers, each, readers = 8, 150, 16
	h := openHall(t, live.Config{Tick: 20 * time.Millisecond, Chunk: 16, PerPerson: 1000})
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for range each {
				seq := h.record.write("said")
				h.hub.Ring("1", seq+rand.Int64N(5))
				h.hub.Ring("another", 3)
			}
		})
	}
	for range readers {
		all.Go(func() {
			for after := int64(0); after < writers*each; {
				after = listenUntilCut(t, h, after, writers*each)
			}
		})
	}
	all.Wait()
}

// listenUntilCut listens for a random while and returns the last line heard.
func listenUntilCut(t *testing.T, h *hall, after, last int64) int64 {
	conn, err := h.dial(live.Subscriber{Epoch: 1, After: after, Person: "p"})
	if err != nil {
		t.Errorf("connect: %v", err)
		return last
	}
	if rand.IntN(2) == 0 {
		defer reset(conn)
	} else {
		defer func() { _ = conn.Close() }()
	}
	for range 1 + rand.IntN(200) {
		m, err := receive(conn)
		if err != nil {
			t.Errorf("after line %d: %v", after, err)
			return last
		}
		if m.Hello != nil && (!m.Hello.Recovered || m.Hello.Seq < after) {
			t.Errorf("hello %+v after line %d", *m.Hello, after)
		}
		if m.Seq == 0 {
			continue
		}
		if m.Seq != after+1 {
			t.Errorf("line %d after line %d", m.Seq, after)
			return last
		}
		if after = m.Seq; after == last {
			return after
		}
	}
	return after
}

func TestHello(t *testing.T) {
	h := openHall(t, live.Config{CatchUp: 5, Now: func() time.Time { return time.UnixMilli(1790000000000) }})
	h.write("1", "2", "3", "4", "5", "6", "7", "8")
	for _, row := range []struct {
		name         string
		epoch, after int64
		recovered    bool
	}{
		{"a page that shows the newest line continues", 1, 8, true},
		{"a page that lacks one line continues", 1, 7, true},
		{"a page that lacks as many as are repeated continues", 1, 3, true},
		{"a page that lacks one more must reload", 1, 2, false},
		{"a page of another epoch must reload", 2, 8, false},
		{"a page of no epoch must reload", 0, 8, false},
		{"a page from the future must reload", 1, 9, false},
		{"a page from before the beginning must reload", 1, -1, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			l, got := h.enter(t, live.Subscriber{Epoch: row.epoch, After: row.after})
			want := hello{Room: "1", Epoch: 1, Seq: 8, Recovered: row.recovered, Now: 1790000000000}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("hello (-want +got):\n%s", diff)
			}
			if row.recovered {
				l.wantLines(row.after+1, 8)
			}
		})
	}
}

func TestAStreamThatCannotContinueStartsAtTheHead(t *testing.T) {
	h := openHall(t, live.Config{})
	h.write("1", "2", "3")
	l, got := h.enter(t, live.Subscriber{Epoch: 7, After: 1})
	if got.Seq != 3 || got.Recovered {
		t.Errorf("hello = %+v, want seq 3 and not recovered", got)
	}
	h.write("4")
	l.wantLines(4, 4)
}

func TestEveryAudienceHearsItsOwnRendering(t *testing.T) {
	record := &ledger{epoch: 1}
	record.render = func(_ int64, text string, to live.Audience) []byte {
		switch to.Sight {
		case "nothing":
			return nil
		case "empty":
			return []byte(`{}`)
		case "nonsense":
			return []byte(`<p>`)
		}
		return fmt.Appendf(nil, `{"text":%q,"to":%q}`, text, to.Language)
	}
	h := openHall(t, live.Config{Source: record})
	texts := []string{"short", long(200), long(70_000)}
	for _, row := range []struct {
		name string
		to   live.Audience
		want func(seq int64, text string) message
	}{
		{"in English", live.Audience{Language: "en"}, func(seq int64, text string) message { return message{Seq: seq, Text: text, To: "en"} }},
		{"in French", live.Audience{Language: "fr"}, func(seq int64, text string) message { return message{Seq: seq, Text: text, To: "fr"} }},
		{"the number only, without a rendering", live.Audience{Sight: "nothing"}, func(seq int64, _ string) message { return message{Seq: seq} }},
		{"the number only, for an empty one", live.Audience{Sight: "empty"}, func(seq int64, _ string) message { return message{Seq: seq} }},
		{"the number only, for what is no object", live.Audience{Sight: "nonsense"}, func(seq int64, _ string) message { return message{Seq: seq} }},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, seq, _ := h.record.Head(t.Context(), "")
			l, _ := h.enter(t, live.Subscriber{Epoch: 1, After: seq, Audience: row.to})
			h.write(texts...)
			for i, text := range texts {
				if diff := cmp.Diff(row.want(seq+1+int64(i), text), l.hearLine()); diff != "" {
					t.Errorf("line (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestALongAbsenceIsRepeatedAsFastAsItIsTaken(t *testing.T) {
	const lines = 5000
	h := openHall(t, live.Config{QueueBytes: 1})
	for range lines {
		h.record.write(long(1000))
	}
	var all sync.WaitGroup
	for i := range 10 {
		all.Go(func() {
			l, _ := h.enter(t, live.Subscriber{Epoch: 1, After: int64(i) * 100})
			l.wantLines(int64(i)*100+1, lines)
		})
	}
	all.Wait()
	if got := h.hub.Stats().Drops; got != 0 {
		t.Errorf("%d connections were dropped, want none: the queue must not fill with what is repeated", got)
	}
}

func TestRevoke(t *testing.T) {
	h := openHall(t, live.Config{})
	mine := func() live.Subscriber { return live.Subscriber{Epoch: 1, Login: "mine"} }
	first, _ := h.enter(t, mine())
	second, _ := h.enter(t, mine())
	stuck, _ := h.enter(t, mine())
	other, _ := h.enter(t, live.Subscriber{Epoch: 1, Login: "other"})
	for i := range int64(64) { // until stuck has frames waiting
		h.write(long(32 << 10))
		first.wantLines(i+1, i+1)
		second.wantLines(i+1, i+1)
		other.wantLines(i+1, i+1)
		if h.hub.Stats().Drops > 0 {
			break
		}
	}
	begun := time.Now()
	h.hub.Revoke(func(s live.Subscriber) bool { return s.Login == "mine" })
	h.write("secret")
	for _, l := range []*listener{first, second} {
		if m, err := receive(l.Conn); !websocket.IsCloseError(err, live.CloseRevoked) {
			t.Errorf("heard %+v, error %v, want nothing but close code 4002", m, err)
		}
	}
	eventually(t, "the others leave", func() bool { return h.hub.Stats().Sockets == 1 })
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("it took %v, want at most 2 s", took)
	}
	for {
		m, err := receive(stuck.Conn)
		if err != nil {
			break
		}
		if m.Text == "secret" {
			t.Error("a revoked connection heard what was said afterwards")
		}
	}
	if m := other.hearLine(); m.Text != "secret" {
		t.Errorf("the other heard %+v, want the line", m)
	}
}

func TestARightEndsByItself(t *testing.T) {
	h := openHall(t, live.Config{Tick: time.Millisecond})
	l, _ := h.enter(t, live.Subscriber{Epoch: 1, Until: time.Now().Add(30 * time.Millisecond)})
	if code := l.ending(); code != live.CloseRevoked {
		t.Errorf("close code %d, want 4002", code)
	}
}

func TestDrain(t *testing.T) {
	h := openHall(t, live.Config{DrainOver: 50 * time.Millisecond})
	var all sync.WaitGroup
	for range 20 {
		l, _ := h.enter(t, here())
		all.Go(func() {
			if code := l.ending(); code != websocket.CloseServiceRestart {
				t.Errorf("close code %d, want 1012", code)
			}
		})
	}
	h.enter(t, here()) // does not listen
	h.hub.Drain(t.Context())
	all.Wait()
	if got := h.hub.Stats(); got.Sockets != 0 || got.Rooms != 0 {
		t.Errorf("Stats = %+v, want nobody", got)
	}
	if code := h.join(t, here()).ending(); code != websocket.CloseServiceRestart {
		t.Errorf("who comes late gets close code %d, want 1012", code)
	}
}

func TestDrainEndsWithItsContext(t *testing.T) {
	h := openHall(t, live.Config{DrainOver: time.Hour})
	var all []*listener
	for range 5 {
		l, _ := h.enter(t, here())
		all = append(all, l)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	h.hub.Drain(ctx)
	for _, l := range all {
		if code := l.ending(); code != websocket.CloseServiceRestart {
			t.Errorf("close code %d, want 1012", code)
		}
	}
}

func TestRunEndsEverything(t *testing.T) {
	h := openHall(t, live.Config{})
	l, _ := h.enter(t, here())
	h.enter(t, live.Subscriber{Epoch: 1, Room: "2"})
	if err := h.hub.Run(t.Context()); err == nil {
		t.Error("a second Run = nil, want an error")
	}
	h.stop()
	if code := l.ending(); code != websocket.CloseServiceRestart {
		t.Errorf("close code %d, want 1012", code)
	}
}

func TestAReplacedRecordMakesPagesReload(t *testing.T) {
	h := openHall(t, live.Config{Tick: 2 * time.Millisecond, Poll: 10 * time.Millisecond})
	h.write("1", "2")
	l, _ := h.enter(t, live.Subscriber{Epoch: 1, After: 2})
	h.record.change(func(r *ledger) { r.epoch, r.lines = 2, nil })
	if code := l.ending(); code != live.CloseReload {
		t.Errorf("close code %d, want 4003", code)
	}
	again, got := h.enter(t, live.Subscriber{Epoch: 2})
	if !got.Recovered {
		t.Errorf("hello = %+v, want recovered", got)
	}
	h.write("new")
	again.wantLines(1, 1)
}

func TestRoomsAreApart(t *testing.T) {
	h := openHall(t, live.Config{})
	one, _ := h.enter(t, here())
	two, got := h.enter(t, live.Subscriber{Epoch: 1, Room: "2"})
	if got.Room != "2" {
		t.Errorf("hello = %+v, want room 2", got)
	}
	h.write("1")
	one.wantLines(1, 1)
	h.hub.Ring("2", 1)
	two.wantLines(1, 1)
	eventually(t, "2 rooms, 2 sockets and 2 frames are counted", func() bool {
		s := h.hub.Stats()
		return s.Rooms == 2 && s.Sockets == 2 && s.Frames == 2
	})
}

func TestEncryptedConnectionsHearTheSame(t *testing.T) {
	h := openHallOn(t, live.Config{}, (*httptest.Server).StartTLS)
	for range 2000 {
		h.record.write(long(500))
	}
	l, _ := h.enter(t, live.Subscriber{Epoch: 1, Login: "a"})
	l.wantLines(1, 2000)
	h.write(strings.Split(strings.Repeat("x", 100), "")...)
	l.wantLines(2001, 2100)
	h.hub.Revoke(func(s live.Subscriber) bool { return s.Login == "a" })
	if code := l.ending(); code != live.CloseRevoked {
		t.Errorf("close code %d, want 4002", code)
	}
}

func TestOnePersonHasOnlySoManySockets(t *testing.T) {
	h := openHall(t, live.Config{PerPerson: 2})
	person := live.Subscriber{Epoch: 1, Person: "p"}
	first, _ := h.enter(t, person)
	h.enter(t, person)
	if code := h.join(t, person).ending(); code != websocket.ClosePolicyViolation {
		t.Errorf("close code %d, want 1008", code)
	}
	_ = first.Close()
	eventually(t, "the first leaves", func() bool { return h.hub.Stats().Sockets == 1 })
	h.enter(t, person)
}

func TestPresence(t *testing.T) {
	h := openHall(t, live.Config{Tick: time.Millisecond})
	person := func(name, group string) live.Subscriber {
		return live.Subscriber{Epoch: 1, Person: name, Group: group}
	}
	watcher, _ := h.enter(t, here())
	expect := func(want map[string]int, total int) {
		t.Helper()
		for {
			m := watcher.hear()
			if cmp.Equal(m.Presence, want) && m.Total == total {
				return
			}
		}
	}
	expect(map[string]int{}, 0)
	h.enter(t, person("ana", "IP"))
	h.enter(t, person("ben", "IP"))
	expect(map[string]int{"IP": 2}, 2)
	h.enter(t, person("cem", ""))
	expect(map[string]int{"IP": 2}, 3)
	tab, _ := h.enter(t, person("dia", "NG"))
	other, _ := h.enter(t, person("dia", "NG"))
	expect(map[string]int{"IP": 2, "NG": 1}, 4)
	for m := other.hear(); m.Presence == nil; m = other.hear() {
		continue // who comes second is told, too
	}
	if diff := cmp.Diff(map[string]int{"IP": 2, "NG": 1, "": 1}, h.hub.Presence("1")); diff != "" {
		t.Errorf("Presence (-want +got):\n%s", diff)
	}
	_ = tab.Close()
	_ = other.Close()
	expect(map[string]int{"IP": 2}, 3)
	if got := h.hub.Presence("nowhere"); len(got) != 0 {
		t.Errorf("Presence of an empty room = %v, want nobody", got)
	}
}
