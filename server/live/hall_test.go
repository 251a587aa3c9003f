package live_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/vcm-forum/forum/server/live"
)

// patience is how long a test waits for what must happen.
const patience = 20 * time.Second

// hall is a running hub behind a real server.
type hall struct {
	hub    *live.Hub
	record *ledger
	server *httptest.Server
	next   chan live.Subscriber // who the next connection is; Room "1" of epoch 1 by default
	stop   func()               // stops the hub and waits for it
}

// openHall fails the test unless, at its end, every goroutine begun in it has stopped.
func openHall(t *testing.T, config live.Config) *hall {
	t.Helper()
	return openHallOn(t, config, (*httptest.Server).Start)
}

func openHallOn(t *testing.T, config live.Config, start func(*httptest.Server)) *hall {
	t.Helper()
	before := runtime.NumGoroutine()
	record, ok := config.Source.(*ledger)
	if !ok {
		record = &ledger{epoch: 1}
		config.Source = record
	}
	h := &hall{hub: live.New(config), record: record, next: make(chan live.Subscriber, 1)}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.hub.Run(ctx) }()
	h.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
		ended <- nil
	}
	h.server = httptest.NewUnstartedServer(http.HandlerFunc(h.upgrade))
	start(h.server)
	t.Cleanup(func() {
		h.stop()
		h.server.Close()
		eventually(t, "all goroutines stop", func() bool { return runtime.NumGoroutine() <= before })
	})
	return h
}

func (h *hall) upgrade(w http.ResponseWriter, r *http.Request) {
	conn, err := live.Upgrader([]string{h.server.URL}).Upgrade(w, r, nil)
	if err == nil {
		h.hub.Serve(conn, <-h.next)
	}
}

// write commits one line after another and rings after each.
func (h *hall) write(texts ...string) {
	for _, text := range texts {
		h.hub.Ring("1", h.record.write(text))
	}
}

// listener is one browser.
type listener struct {
	*websocket.Conn
	t *testing.T
}

func (h *hall) dial(s live.Subscriber) (*websocket.Conn, error) {
	if s.Room == "" {
		s.Room = "1"
	}
	dialer := websocket.Dialer{}
	if h.server.TLS != nil {
		dialer.TLSClientConfig = h.server.Client().Transport.(*http.Transport).TLSClientConfig
	}
	h.next <- s
	conn, response, err := dialer.Dial("ws"+strings.TrimPrefix(h.server.URL, "http"), http.Header{"Origin": {h.server.URL}})
	if response != nil {
		_ = response.Body.Close()
	}
	return conn, err
}

func (h *hall) join(t *testing.T, s live.Subscriber) *listener {
	t.Helper()
	conn, err := h.dial(s)
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &listener{conn, t}
}

// enter joins, and takes the hello.
func (h *hall) enter(t *testing.T, s live.Subscriber) (*listener, hello) {
	t.Helper()
	l := h.join(t, s)
	m := l.hear()
	if m.Hello == nil {
		t.Fatalf("first frame = %+v, want a hello", m)
	}
	return l, *m.Hello
}

type hello struct {
	Room      string
	Epoch     int64
	Seq       int64
	Recovered bool
	Now       int64
}

// message is anything the server says.
type message struct {
	Hello    *hello
	Seq      int64
	Text     string
	To       string
	Now      int64
	Presence map[string]int
	Total    int
}

func (l *listener) hear() message {
	l.t.Helper()
	m, err := receive(l.Conn)
	if err != nil {
		l.t.Fatalf("hear: %v", err)
	}
	return m
}

func receive(conn *websocket.Conn) (message, error) {
	var m message
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	_, body, err := conn.ReadMessage()
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(body, &m)
}

// hearLine skips what has no number.
func (l *listener) hearLine() message {
	l.t.Helper()
	for {
		if m := l.hear(); m.Seq > 0 {
			return m
		}
	}
}

// wantLines hears the lines from first to last.
func (l *listener) wantLines(first, last int64) {
	l.t.Helper()
	for seq := first; seq <= last; seq++ {
		if m := l.hearLine(); m.Seq != seq {
			l.t.Fatalf("line %d, want %d", m.Seq, seq)
		}
	}
}

// ending hears everything and returns the close code.
func (l *listener) ending() int {
	l.t.Helper()
	for {
		_, err := receive(l.Conn)
		if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
			return closed.Code
		}
		if err != nil {
			l.t.Fatalf("the connection broke: %v", err)
		}
	}
}

// eventually waits for what no channel tells.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	look := time.NewTicker(2 * time.Millisecond)
	defer look.Stop()
	for deadline := time.Now().Add(patience); !ok(); <-look.C {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<16)
			t.Fatalf("waited in vain: %s\n%s", what, stacks[:runtime.Stack(stacks, true)])
		}
	}
}

// reset ends a connection as a broken network does.
func reset(conn *websocket.Conn) {
	if tcp, ok := conn.NetConn().(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
