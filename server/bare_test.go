package server_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"

	"github.com/gorilla/websocket"
)

// bareForum is the rival of the whole path: it speaks as much of the protocol as
// the load driver needs, keeps nothing, renders nothing, and tells everybody with
// gorilla's chat example at its best: prepared messages, one goroutine and channel
// per connection.
type bareForum struct {
	web   *httptest.Server
	frame atomic.Int64 // bytes of a frame
	mu    sync.Mutex
	seq   int64
	keys  map[string]int64
	sends []chan *websocket.PreparedMessage
}

const (
	bareDoor = `<input name="csrf" value="x">`
	barePage = `<body data-room="bare" data-csrf="x" data-epoch="1" data-after="0">
<select name="question"><option value="00000000-0000-0000-0000-000000000000"></select>`
)

func (h *bareForum) routes() http.Handler {
	mux := http.NewServeMux()
	say := func(answer string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(answer)) }
	}
	mux.HandleFunc("GET /join/{code}", say(bareDoor))
	mux.HandleFunc("POST /join/{code}", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/sessions/bare", http.StatusSeeOther)
	})
	mux.HandleFunc("GET /sessions/bare", say(barePage))
	mux.HandleFunc("POST /live/ticket", say(`{"ticket":"x"}`))
	mux.HandleFunc("POST /sessions/bare/contributions", h.contribute)
	mux.HandleFunc("GET /live", h.follow)
	return mux
}

// contribute tells everybody, and answers; a key that is known gets its answer again.
func (h *bareForum) contribute(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm() // as the forum does
	h.mu.Lock()
	seq, again := h.keys[r.Header.Get("Idempotency-Key")]
	if !again {
		seq = h.tell(r.Header.Get("Idempotency-Key"))
	}
	h.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"room":"bare","epoch":1,"seq":%d,"id":"%d"}`, seq, seq)
}

// tell sends the next line. The caller holds h.mu.
func (h *bareForum) tell(key string) (seq int64) {
	h.seq++
	seq = h.seq
	h.keys[key] = seq
	line := fmt.Appendf(nil, `{"seq":%d,"verb":"contribution.added","id":"%d","html":"`, seq, seq)
	line = append(line, bytes.Repeat([]byte{'.'}, max(0, int(h.frame.Load())-len(line)-2))...)
	message, err := websocket.NewPreparedMessage(websocket.TextMessage, append(line, `"}`...))
	if err == nil {
		for _, send := range h.sends {
			send <- message
		}
	}
	return seq
}

func (h *bareForum) follow(w http.ResponseWriter, r *http.Request) {
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	send := make(chan *websocket.PreparedMessage, 256)
	h.mu.Lock()
	h.sends = append(h.sends, send)
	h.mu.Unlock()
	go func() { // ends with the process: nobody leaves during a race
		for message := range send {
			if conn.WritePreparedMessage(message) != nil {
				return
			}
		}
	}()
	go func() {
		for {
			if _, _, err := conn.NextReader(); err != nil {
				return
			}
		}
	}()
}
