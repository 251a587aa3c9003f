package live

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// Hub holds every open socket. Make one with New, call Run once, and give it each upgraded connection with Serve.
type Hub struct {
	config Config
	work   sync.WaitGroup // every goroutine of the hub
	opened chan struct{}  // there are fresh rooms
	left   chan struct{}  // someone left
	counts counts

	// mu is taken before a room's, which is taken before a client's. None is held across anything that can block.
	mu      sync.Mutex
	rooms   map[string]*room
	fresh   []*room        // opened, and without goroutines yet
	seats   map[string]int // open sockets by person
	sockets int
	running bool
	closing bool
}

type counts struct{ frames, bytes, drops, revoked, offences atomic.Int64 }

// count notes why a connection ends.
func (c *counts) count(code int) {
	switch code {
	case CloseSlow:
		c.drops.Add(1)
	case CloseRevoked:
		c.revoked.Add(1)
	case websocket.CloseProtocolError, websocket.CloseInvalidFramePayloadData,
		websocket.ClosePolicyViolation, websocket.CloseMessageTooBig:
		c.offences.Add(1)
	}
}

// New makes a hub that is ready to Serve; those it serves are greeted once it runs.
func New(config Config) *Hub {
	return &Hub{
		config: config.withDefaults(),
		opened: make(chan struct{}, 1),
		left:   make(chan struct{}, 1),
		rooms:  map[string]*room{},
		seats:  map[string]int{},
	}
}

// Run opens rooms and keeps the clocks until ctx ends. It then says 1012 to whoever is still there, and returns when every goroutine of
// the hub has stopped, which takes little longer than Config.CloseWait. A hub runs once.
func (h *Hub) Run(ctx context.Context) error {
	h.mu.Lock()
	again := h.running
	h.running = true
	h.mu.Unlock()
	if again {
		return errors.New("live: the hub runs already")
	}
	h.attend(ctx)
	h.close()
	for _, c := range h.everyone() {
		c.end(websocket.CloseServiceRestart)
	}
	h.work.Wait()
	return nil
}

// attend opens rooms and ticks until ctx ends.
func (h *Hub) attend(ctx context.Context) {
	tick := time.NewTicker(h.config.Tick)
	defer tick.Stop()
	report := reporter{logger: h.config.Logger}
	polled := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.opened:
			h.open(ctx)
		case now := <-tick.C:
			poll := now.Sub(polled) >= h.config.Poll
			if poll {
				polled = now
			}
			h.tick(now, poll)
			report.maybe(ctx, now, h.Stats())
		}
	}
}

func (h *Hub) tick(now time.Time, poll bool) {
	beat := beatFrames(h.config.Now())
	for _, r := range h.allRooms() {
		r.tick(now, beat)
		if poll {
			r.doubt.Store(true)
			ring(r.bell)
		}
	}
}

// Serve takes over an upgraded connection and returns at once, so that the handler can. The hub closes the connection.
// A right that is withdrawn while the handler is at work is not seen by Revoke if Serve has not been called yet: check
// it once more afterwards, and Revoke if it is gone.
func (h *Hub) Serve(conn *websocket.Conn, s Subscriber) {
	if code := h.admit(newClient(h, conn.NetConn(), s)); code != 0 {
		goodbye := websocket.FormatCloseMessage(code, "")
		_ = conn.WriteControl(websocket.CloseMessage, goodbye, time.Now().Add(h.config.CloseWait)) // it is closed anyway
		_ = conn.Close()
	}
}

// admit gives a connection its place, or says with which code to refuse it.
func (h *Hub) admit(c *client) (refusal int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closing {
		return websocket.CloseServiceRestart
	}
	if c.Person != "" && h.seats[c.Person] >= h.config.PerPerson {
		h.counts.offences.Add(1)
		return websocket.ClosePolicyViolation
	}
	h.seats[c.Person]++
	h.sockets++
	c.room = h.room(c.Room)
	c.room.add(c)
	h.work.Go(c.read) // stops when the connection does
	ring(c.room.doors)
	return 0
}

// room finds or makes a room. The caller holds h.mu.
func (h *Hub) room(name string) *room {
	r := h.rooms[name]
	if r == nil {
		r = newRoom(h, name)
		h.rooms[name] = r
		h.fresh = append(h.fresh, r)
		ring(h.opened)
	}
	return r
}

// open gives the fresh rooms their two goroutines, which stop when the last one leaves the room, or with ctx.
func (h *Hub) open(ctx context.Context) {
	h.mu.Lock()
	fresh := h.fresh
	h.fresh = nil
	h.mu.Unlock()
	for _, r := range fresh {
		h.work.Go(func() { r.heed(ctx, r.bell, r.follow) })
		h.work.Go(func() { r.heed(ctx, r.doors, r.usher) })
	}
}

// remove forgets a connection, and closes the room behind the last one.
func (h *Hub) remove(c *client) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sockets--
	if h.seats[c.Person]--; h.seats[c.Person] == 0 {
		delete(h.seats, c.Person)
	}
	if c.room.remove(c) {
		close(c.room.gone)
		delete(h.rooms, c.room.name)
	}
	ring(h.left)
}

// Ring says that line seq of a room has been committed. It never blocks, and many rings may become one look. Nothing is
// believed: a ring about a line that was told already is no news, and on any other the hub reads the record and tells
// what it finds there, if anything. A seq of 0 means: look. A ring that is lost costs no line, only time, until
// Config.Poll.
func (h *Hub) Ring(room string, seq int64) {
	h.mu.Lock()
	r := h.rooms[room]
	h.mu.Unlock()
	if r == nil || seq > 0 && seq <= r.told.Load() {
		return
	}
	ring(r.bell)
}

// ring wakes whoever waits at the bell; a bell that rings already need not ring twice.
func ring(bell chan<- struct{}) {
	select {
	case bell <- struct{}{}:
	default:
	}
}

// Revoke ends every connection that match accepts, with code 4002. Nothing is sent on them afterwards; one that does
// not take the news is cut after Config.CloseWait.
func (h *Hub) Revoke(match func(Subscriber) bool) {
	for _, c := range h.everyone() {
		if match(c.Subscriber) {
			c.end(CloseRevoked)
		}
	}
}

// Presence counts the distinct people in a room by stakeholder group; those without one are under the empty code.
func (h *Hub) Presence(room string) map[string]int {
	h.mu.Lock()
	r := h.rooms[room]
	h.mu.Unlock()
	if r == nil {
		return map[string]int{}
	}
	return r.presence()
}

// Drain lets no one in any more and says 1012 to one after the other, spread over Config.DrainOver so that they do not
// all come back at once. It returns when all have left, or with ctx, on whose end the rest are told together.
func (h *Hub) Drain(ctx context.Context) {
	h.close()
	clients := h.everyone()
	begun := time.Now()
	for i, c := range clients {
		due := begun.Add(h.config.DrainOver * time.Duration(i) / time.Duration(len(clients)))
		waitUntil(ctx, due)
		c.end(websocket.CloseServiceRestart)
	}
	for h.Stats().Sockets > 0 {
		select {
		case <-h.left:
		case <-ctx.Done():
			return
		}
	}
}

// waitUntil waits, and says whether it was allowed to.
func waitUntil(ctx context.Context, due time.Time) bool {
	wait := time.Until(due)
	if wait <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// close lets no one in any more.
func (h *Hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closing = true
}

// Stats returns the counters.
func (h *Hub) Stats() Stats {
	h.mu.Lock()
	defer h.mu.Unlock()
	return Stats{
		Sockets: h.sockets, Rooms: len(h.rooms),
		Frames: h.counts.frames.Load(), Bytes: h.counts.bytes.Load(),
		Drops: h.counts.drops.Load(), Revoked: h.counts.revoked.Load(), Offences: h.counts.offences.Load(),
	}
}

func (h *Hub) allRooms() []*room {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Collect(maps.Values(h.rooms))
}

func (h *Hub) everyone() []*client {
	var all []*client
	for _, r := range h.allRooms() {
		all = append(all, r.choose(func(*client) bool { return true })...)
	}
	return all
}
