package live

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// room is everyone who listens to one record.
type room struct {
	hub   *Hub
	name  string
	gone  chan struct{} // closed when the last one has left
	bell  chan struct{} // wakes the follower
	doors chan struct{} // wakes the usher
	told  atomic.Int64  // newest line the follower has told
	doubt atomic.Bool   // the follower should ask for the epoch again

	mu      sync.Mutex
	clients []*client
	known   bool // epoch is known
	epoch   int64
	people  map[string]*attendee
	version int // of people, counted from 1

	crowdVersion int // of the people that crowdFrame tells of
	crowdFrame   []byte
}

// A client passes through these stages; only the usher moves it on.
const (
	waiting   int32 = iota // not greeted yet
	catching               // greeted, and still behind the head: served by the usher
	following              // served by the follower
)

func newRoom(h *Hub, name string) *room {
	return &room{
		hub: h, name: name, gone: make(chan struct{}),
		bell: make(chan struct{}, 1), doors: make(chan struct{}, 1),
		people: map[string]*attendee{}, version: 1,
	}
}

func (r *room) add(c *client) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c.place = len(r.clients)
	r.clients = append(r.clients, c)
	r.arrive(c.Person, c.Group)
}

// remove says whether the room is empty now.
func (r *room) remove(c *client) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	last := len(r.clients) - 1
	r.clients[c.place] = r.clients[last]
	r.clients[c.place].place = c.place
	r.clients[last] = nil
	r.clients = r.clients[:last]
	r.depart(c.Person)
	return last == 0
}

// choose lists the clients that are wanted.
func (r *room) choose(wanted func(*client) bool) []*client {
	r.mu.Lock()
	defer r.mu.Unlock()
	chosen := make([]*client, 0, len(r.clients))
	for _, c := range r.clients {
		if wanted(c) {
			chosen = append(chosen, c)
		}
	}
	return chosen
}

// heed looks each time the bell rings, until the room is empty or ctx ends. When looking fails it pauses, longer each time, and looks again.
func (r *room) heed(ctx context.Context, bell <-chan struct{}, look func(context.Context) error) {
	const shortest, longest = 100 * time.Millisecond, 5 * time.Second
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.gone:
			return
		case <-bell:
		}
		pause := shortest
		for err := look(ctx); err != nil && ctx.Err() == nil; err = look(ctx) {
			r.hub.config.Logger.LogAttrs(ctx, slog.LevelError, "reading the record failed",
				slog.String("room", r.name), slog.Any("error", err))
			if !waitUntil(ctx, time.Now().Add(pause)) {
				return
			}
			pause = min(2*pause, longest)
		}
	}
}

// follow tells those who follow everything they have not been told.
func (r *room) follow(ctx context.Context) error {
	for {
		clients := r.choose(func(c *client) bool { return c.at(following) })
		if len(clients) == 0 {
			return nil
		}
		if err := r.confirm(ctx); err != nil {
			return err
		}
		slowest := slices.MinFunc(clients, func(a, b *client) int { return int(a.seq - b.seq) })
		last, more, err := r.advance(ctx, clients, slowest.seq)
		if err != nil {
			return err
		}
		r.told.Store(last)
		if !more {
			return nil
		}
	}
}

// usher greets those who wait, and repeats what is missing to those who can take it. Each round serves the neighbourhood
// of one of them, chosen by lot, so that nobody who is far behind can hold up the others.
func (r *room) usher(ctx context.Context) error {
	for {
		if err := r.greet(ctx); err != nil {
			return err
		}
		behind := r.choose(func(c *client) bool { return c.at(catching) && c.idle() })
		if len(behind) == 0 {
			return nil
		}
		last, more, err := r.advance(ctx, behind, behind[lot(len(behind))].seq)
		if err != nil {
			return err
		}
		if !more {
			r.promote(behind, last)
		}
	}
}

// promote hands those who have the newest line the usher saw to the follower, who reads on from there. Who has much
// waiting stays behind until it is gone, so as not to be taken for slow when the next line comes.
func (r *room) promote(clients []*client, head int64) {
	for _, c := range clients {
		if c.seq >= head && c.light() {
			c.stage.Store(following)
		}
	}
	ring(r.bell)
}

// greet sends the hello. Who lacks nothing, or too much, follows from the head.
func (r *room) greet(ctx context.Context) error {
	arrived := r.choose(func(c *client) bool { return c.at(waiting) })
	if len(arrived) == 0 {
		return nil
	}
	epoch, head, err := r.head(ctx)
	if err != nil {
		return err
	}
	now := r.hub.config.Now()
	yes, no := helloFrame(r.name, epoch, head, true, now), helloFrame(r.name, epoch, head, false, now)
	try := newTryer()
	for _, c := range arrived {
		c.seq = c.After
		hello := yes
		if c.Epoch != epoch || c.After < 0 || c.After > head || head-c.After > r.hub.config.CatchUp {
			c.seq, hello = head, no
		}
		c.send(hello, try)
		c.stage.Store(catching)
	}
	r.hub.counts.bytes.Add(try.bytes)
	r.promote(arrived, head)
	return nil
}

// head asks where the record stands. A new epoch means that the record was replaced under everyone's feet: they reload.
func (r *room) head(ctx context.Context) (epoch, seq int64, err error) {
	epoch, seq, err = r.hub.config.Source.Head(ctx, r.name)
	if err != nil {
		return 0, 0, fmt.Errorf("head of the record: %w", err)
	}
	if r.renewed(epoch) {
		r.told.Store(0)
		for _, c := range r.choose(func(c *client) bool { return !c.at(waiting) }) {
			c.end(CloseReload)
		}
	}
	return epoch, seq, nil
}

// confirm asks for the epoch if it is time to.
func (r *room) confirm(ctx context.Context) error {
	if !r.doubt.Load() {
		return nil
	}
	_, _, err := r.head(ctx)
	r.doubt.Store(err != nil)
	return err
}

func (r *room) renewed(epoch int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	renewed := r.known && epoch != r.epoch
	r.known, r.epoch = true, epoch
	return renewed
}

// tick ends what has run out, sends heartbeats that are due and, to who has not got it, who is present. A socket that
// still has to take what it was sent before is left alone: it is watched by the deadline of that write.
func (r *room) tick(now time.Time, beat []byte) {
	crowd, version := r.crowd()
	rightNow := r.hub.config.Now()
	try := newTryer()
	for _, c := range r.choose(func(*client) bool { return true }) {
		if !c.Until.IsZero() && !rightNow.Before(c.Until) {
			c.end(CloseRevoked)
		}
		if c.at(waiting) || !c.idle() {
			continue
		}
		if c.crowd != version {
			c.crowd = version
			c.send(crowd, try)
		}
		c.beat(now, beat, try)
	}
	r.hub.counts.bytes.Add(try.bytes)
}
