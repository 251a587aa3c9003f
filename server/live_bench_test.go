package server_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
	"github.com/vcm-forum/forum/server/testkit"
)

// Everybody hears everything that was acknowledged, once and in order: the load
// driver's own ledger says so.
func TestTheLoadDriverFindsNothingBroken(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		a := newArena(t, db)
		l := newLoad(t, a.web.URL, a.session.Code, 20)
		for _, o := range []order{{Messages: 60, InFlight: 6}, {Messages: 40, Rate: 50}} {
			r := l.order(t, o)
			if r.Heard < o.Messages*20 || r.Lost+r.Doubled+int(r.Gaps)+r.Reloads > 0 {
				t.Errorf("%+v went %+v", o, r)
			}
		}
	})
}

// BenchmarkLive is the whole path as people get it: guests on real sockets, in a
// process of their own (cmd/forumload), send contributions as forms; each is on
// disk before it is answered and told. N are in flight: the next is sent when one
// has reached everybody. The rival answers the same forms without keeping
// anything, renders nothing, and sends frames of the same size. They take turns.
// One operation is one contribution to all by both.
func BenchmarkLive(b *testing.B) {
	databasetest.Each(b, func(b *testing.B, db *database.DB) {
		for _, sockets := range []int{1000, 5000} {
			b.Run(fmt.Sprintf("sockets=%d", sockets), func(b *testing.B) {
				a, rival := newArena(b, db), newBareForum(b)
				ours := newLoad(b, a.web.URL, a.session.Code, sockets)
				bare := newLoad(b, rival.web.URL, "BARE", sockets)
				b.Run("inflight=4", func(b *testing.B) { race(b, ours, bare, rival, 4, 1.0) })
				b.Run("inflight=32", func(b *testing.B) { race(b, ours, bare, rival, 32, 1.5) })
				if sockets == 1000 {
					b.Run("rate=10", ours.calm)
				}
			})
		}
	})
}

// race lets both send b.N contributions, in turns.
func race(b *testing.B, ours, bare *load, rival *bareForum, flying int, goal float64) {
	const turn = 128
	ours.reset()
	bare.reset()
	warm := ours.order(b, order{Messages: flying, InFlight: flying})
	for left := b.N; left > 0; left -= turn {
		o := order{Messages: min(turn, left), InFlight: flying}
		warm = ours.run(b, o)
		rival.frame.Store(int64(warm.FrameBytes))
		bare.run(b, o)
	}
	testkit.AtLeast(b, "deliveries/s", ours.rate(), bare.rate(), goal)
	testkit.AtMost(b, "cpu-us/delivery", ours.cost(), bare.cost(), 0.8)
	testkit.AtMost(b, "lost-doubled-gaps+1", float64(1+warm.Lost+warm.Doubled+int(warm.Gaps)+warm.Reloads), 1, 1)
	b.ReportMetric(warm.FrameBytes, "bytes/frame")
	b.ReportMetric(warm.LastP99, "ms-p99-to-last")
}

// calm is a session as it is on a good day: ten contributions a second. What
// counts is how long the last listener waits after the acknowledgement.
func (l *load) calm(b *testing.B) {
	r := l.order(b, order{Messages: max(50, b.N), Rate: 10})
	testkit.AtMost(b, "p99-ms-ack-to-last", r.LastP99, 250, 1)
	testkit.AtMost(b, "lost-doubled-gaps+1", float64(1+r.Lost+r.Doubled+int(r.Gaps)+r.Reloads), 1, 1)
	b.ReportMetric(r.LastP50, "ms-p50-ack-to-last")
	b.ReportMetric(r.AckP99, "ms-p99-sent-to-ack")
}

// order and result are the words of cmd/forumload.
type order struct {
	Messages int     `json:"messages"`
	InFlight int     `json:"in_flight"`
	Rate     float64 `json:"rate"`
}

type result struct {
	Guests, Lost, Doubled, Reloads, Heard int
	Gaps                                  int64
	Seconds                               float64
	AckP99                                float64 `json:"ack_p99"`
	LastP50                               float64 `json:"last_p50"`
	LastP99                               float64 `json:"last_p99"`
	FrameBytes                            float64 `json:"frame_bytes"`
}

// load is the process of the guests of one server, and what their orders cost that server.
type load struct {
	orders  io.WriteCloser
	results *json.Decoder
	heard   int
	took    time.Duration
	used    time.Duration // of the processor, by the server
}

func newLoad(b testing.TB, url, code string, guests int) *load {
	b.Helper()
	program := filepath.Join(b.TempDir(), "forumload")
	if out, err := exec.CommandContext(b.Context(), "go", "build", "-o", program, "../cmd/forumload").CombinedOutput(); err != nil {
		b.Fatalf("build forumload: %v\n%s", err, out)
	}
	command := exec.Command(program, "--url", url, "--code", code, "--guests", strconv.Itoa(guests), "--orders")
	command.Stderr = os.Stderr
	orders, err := command.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { // the guests go when there are no more orders
		_ = orders.Close()
		_ = command.Wait()
	})
	l := &load{orders: orders, results: json.NewDecoder(bufio.NewReader(out))}
	if here := l.answer(b); here.Guests != guests {
		b.Fatalf("%d guests came, want %d", here.Guests, guests)
	}
	return l
}

func (l *load) answer(b testing.TB) result {
	b.Helper()
	var r result
	if err := l.results.Decode(&r); err != nil {
		b.Fatalf("the guests have gone: %v", err)
	}
	return r
}

// order has the guests do something and waits for the result.
func (l *load) order(b testing.TB, o order) result {
	b.Helper()
	if err := json.NewEncoder(l.orders).Encode(o); err != nil {
		b.Fatalf("the guests have gone: %v", err)
	}
	return l.answer(b)
}

// run is an order that counts.
func (l *load) run(b *testing.B, o order) result {
	b.Helper()
	used := processorTime()
	r := l.order(b, o)
	l.used += processorTime() - used
	l.heard += r.Heard
	l.took += time.Duration(r.Seconds * float64(time.Second))
	return r
}

func (l *load) reset() { l.heard, l.took, l.used = 0, 0, 0 }

func (l *load) rate() float64 { return float64(l.heard) / l.took.Seconds() }

func (l *load) cost() float64 { return float64(l.used.Microseconds()) / float64(l.heard) }

// newBareForum starts a server that only looks like a forum.
func newBareForum(b testing.TB) *bareForum {
	h := &bareForum{keys: map[string]int64{}}
	h.frame.Store(1000)
	h.web = httptest.NewServer(h.routes())
	b.Cleanup(h.web.Close)
	return h
}
