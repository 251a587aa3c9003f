package live_test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/gorilla/websocket"
)

// bareHub is what everyone writes first, at its best: gorilla's chat example with prepared messages and without a
// record. One goroutine and channel per connection write, another goroutine reads, the handler returns.
type bareHub struct {
	mu    sync.Mutex
	sends map[chan *websocket.PreparedMessage]struct{}
}

func (h *bareHub) publish(tb testing.TB, body []byte) {
	message, err := websocket.NewPreparedMessage(websocket.TextMessage, body)
	if err != nil {
		tb.Fatal(err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for send := range h.sends {
		send <- message
	}
}

func (h *bareHub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	send := make(chan *websocket.PreparedMessage, 256)
	h.mu.Lock()
	h.sends[send] = struct{}{}
	h.mu.Unlock()
	gone := make(chan struct{})
	go bareWrite(conn, send, gone)
	go func() {
		defer close(gone)
		defer h.leave(send)
		for {
			if _, _, err := conn.NextReader(); err != nil {
				return
			}
		}
	}()
}

func (h *bareHub) leave(send chan *websocket.PreparedMessage) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.sends, send)
}

func bareWrite(conn *websocket.Conn, send <-chan *websocket.PreparedMessage, gone <-chan struct{}) {
	defer func() { _ = conn.Close() }()
	for {
		select {
		case <-gone:
			return
		case message := <-send:
			if err := conn.WritePreparedMessage(message); err != nil {
				return
			}
		}
	}
}

func newBareHub() *bareHub {
	return &bareHub{sends: map[chan *websocket.PreparedMessage]struct{}{}}
}
