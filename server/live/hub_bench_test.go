package live_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/vcm-forum/forum/server/live"
	"github.com/vcm-forum/forum/server/testkit"
)

// BenchmarkFanOut compares the hub with the bare one, on the same machine in the same minute: N messages in flight, the
// next is recorded when one has reached every socket. One operation is one message to all sockets by both hubs.
func BenchmarkFanOut(b *testing.B) {
	for _, sockets := range []int{100, 1000, 5000} {
		ours, bare := newOurs(b), newBare(b)
		b.Run(fmt.Sprintf("sockets=%d", sockets), func(b *testing.B) {
			ours.crowd, bare.crowd = newCrowd(b, ours.address, sockets), newCrowd(b, bare.address, sockets)
			for _, flying := range []int{4, 32} {
				b.Run(fmt.Sprintf("inflight=%d", flying), func(b *testing.B) { race(b, ours, bare, flying) })
			}
		})
	}
}

// rival is a hub in a race.
type rival struct {
	address string
	crowd   *crowd
	publish func()
	elapsed time.Duration
	used    time.Duration // of the processor
}

func newOurs(b *testing.B) *rival {
	record := &ledger{epoch: 1}
	text := long(160)
	payload := []byte(`{"text":"` + text + `"}`)
	record.render = func(int64, string, live.Audience) []byte { return payload }
	hub := live.New(live.Config{Source: record, Beat: time.Hour})
	go func() { _ = hub.Run(b.Context()) }()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("Origin", "http://"+r.Host)
		conn, err := live.Upgrader([]string{"http://" + r.Host}).Upgrade(w, r, nil)
		if err == nil {
			_, head, _ := record.Head(r.Context(), "")
			hub.Serve(conn, live.Subscriber{Room: "1", Epoch: 1, After: head})
		}
	}))
	b.Cleanup(server.Close)
	publish := func() { hub.Ring("1", record.write(text)) }
	return &rival{address: strings.TrimPrefix(server.URL, "http://"), publish: publish}
}

func newBare(b *testing.B) *rival {
	hub := newBareHub()
	server := httptest.NewServer(hub)
	b.Cleanup(server.Close)
	seq := 0
	publish := func() {
		seq++
		hub.publish(b, fmt.Appendf(nil, `{"seq":%d,"text":"%s"}`, seq, long(160)))
	}
	return &rival{address: strings.TrimPrefix(server.URL, "http://"), publish: publish}
}

// race lets the rivals take turns, so that both suffer the same weather.
func race(b *testing.B, ours, bare *rival, flying int) {
	const turn = 400
	for _, r := range []*rival{ours, bare} {
		r.elapsed, r.used = 0, 0
		r.run(b, min(b.N, flying), flying) // warm up
		r.elapsed, r.used = 0, 0
	}
	for left := b.N; left > 0; left -= turn {
		ours.run(b, min(left, turn), flying)
		bare.run(b, min(left, turn), flying)
	}
	deliveries := float64(b.N) * float64(ours.crowd.size)
	testkit.Beside(b, "deliveries/s-hub-alone", deliveries/ours.elapsed.Seconds(), deliveries/bare.elapsed.Seconds())
	testkit.Beside(b, "cpu-us/delivery-hub-alone", float64(ours.used.Microseconds())/deliveries, float64(bare.used.Microseconds())/deliveries)
}

// run publishes n messages, so many at a time.
func (r *rival) run(b *testing.B, n, flying int) {
	begun, used := time.Now(), processorTime()
	for i := range n {
		if i >= flying {
			r.crowd.await(b)
		}
		r.publish()
	}
	for range min(n, flying) {
		r.crowd.await(b)
	}
	r.elapsed += time.Since(begun)
	r.used += processorTime() - used
}

// BenchmarkIdle measures what an open socket costs in memory when nothing happens, once, however many times it is asked.
func BenchmarkIdle(b *testing.B) {
	const sockets = 5000
	empty := inUse()
	ours := newOurs(b)
	ours.crowd = newCrowd(b, ours.address, sockets)
	full := inUse()
	bare := newBare(b)
	bare.crowd = newCrowd(b, bare.address, sockets)
	both := inUse()
	testkit.AtMost(b, "KiB/idle-socket", (full-empty)/sockets/1024, 25, 1)
	testkit.Beside(b, "KiB/idle-socket-against-bare", (full-empty)/sockets/1024, (both-full)/sockets/1024)
}

// inUse is the memory of heap and stacks, after the garbage has gone.
func inUse() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapInuse + m.StackInuse)
}
