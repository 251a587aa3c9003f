package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// crowd is everyone who joined, and the ledger of what they heard.
type crowd struct {
	guests []*guest
	ledger *ledger
	said   atomic.Int64
}

// groups are the stakeholder groups that the guests take in turn.
func groups() []string {
	return []string{"iplc", "civil_society", "project_developer", "national_government", "buyer_investor", "research"}
}

// join lets everyone in, and opens their sockets when all are seated.
func join(ctx context.Context, base, code string, n int) (*crowd, error) {
	if n < 1 {
		return nil, errors.New("there must be at least one guest")
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}
	c := &crowd{guests: make([]*guest, n), ledger: newLedger(n)}
	err := c.each(func(i int) (err error) {
		if c.guests[i], err = newGuest(base, transport); err != nil {
			return err
		}
		return c.guests[i].enter(ctx, code, "Guest "+strconv.Itoa(i+1), groups()[i%len(groups())])
	})
	if err != nil {
		return nil, fmt.Errorf("join: %w", err)
	}
	err = c.each(func(i int) error {
		g := c.guests[i]
		if err := g.open(ctx); err != nil {
			return err
		}
		conn, err := g.socket(ctx, g.after)
		if err == nil {
			go c.listen(ctx, g, conn, i == 0) // stops with ctx
		}
		return err
	})
	return c, err
}

// each does something for every guest, a few at a time.
func (c *crowd) each(do func(i int) error) error {
	var next atomic.Int64
	var all sync.WaitGroup
	errs := make([]error, 16)
	for w := range errs {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(c.guests) && errs[w] == nil; i = int(next.Add(1)) - 1 {
				errs[w] = do(i)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// listen hears the socket out, and comes back when the line breaks.
func (c *crowd) listen(ctx context.Context, g *guest, conn *websocket.Conn, first bool) {
	context.AfterFunc(ctx, func() { _ = conn.Close() })
	last := c.hearOut(conn, g.after, first)
	for pause := time.NewTicker(200 * time.Millisecond); ctx.Err() == nil; {
		select {
		case <-ctx.Done():
		case <-pause.C:
			back, err := g.socket(ctx, last)
			if err != nil {
				continue
			}
			c.ledger.back.Add(1)
			context.AfterFunc(ctx, func() { _ = back.Close() })
			last = c.hearOut(back, last, first)
		}
	}
}

// hearOut reads lines until the connection ends, and returns the last one. Only
// the beginning of a line is looked at; the first listener also notes its id.
func (c *crowd) hearOut(conn *websocket.Conn, last int64, first bool) int64 {
	defer func() { _ = conn.Close() }()
	var beginning [96]byte
	for {
		_, frame, err := conn.NextReader()
		if err != nil {
			return last
		}
		n, _ := io.ReadFull(frame, beginning[:]) // shorter frames are whole
		head := beginning[:n]
		if bytes.HasPrefix(head, []byte(`{"hello"`)) && bytes.Contains(head, []byte(`"recovered":false`)) {
			c.ledger.lost.Add(1)
		}
		seq, ok := lineNumber(head)
		if !ok {
			continue
		}
		if seq != last+1 {
			c.ledger.gaps.Add(1)
		}
		last = seq
		if first {
			c.readLine(head, frame)
		}
		c.ledger.hear(seq)
	}
}

// lineNumber reads the number of a line, which it begins with.
func lineNumber(head []byte) (seq int64, ok bool) {
	rest, ok := bytes.CutPrefix(head, []byte(`{"seq":`))
	for i := 0; ok && i < len(rest) && rest[i] >= '0' && rest[i] <= '9'; i++ {
		seq = seq*10 + int64(rest[i]-'0')
	}
	return seq, ok && seq > 0
}

// readLine reads a whole line, for the ledger.
func (c *crowd) readLine(head []byte, rest io.Reader) {
	body, err := io.ReadAll(io.MultiReader(bytes.NewReader(head), rest))
	if err != nil {
		return
	}
	var line struct{ Verb, ID string }
	if json.Unmarshal(body, &line) != nil || line.Verb != "contribution.added" {
		line.ID = ""
	}
	c.ledger.tell(len(body), line.ID)
}

// carryOut does what an order says and returns how it went.
func (c *crowd) carryOut(ctx context.Context, o order) (result, error) {
	t := timings{began: time.Now(), heard: c.ledger.heard.Load(), read: c.ledger.read.Load(), readBytes: c.ledger.readBytes.Load()}
	var err error
	if o.InFlight > 0 {
		err = c.keepInFlight(ctx, o, &t)
	} else {
		err = c.keepRate(ctx, o, &t)
	}
	return c.result(o, &t), err
}

// keepInFlight has so many contributions under way until all are heard.
func (c *crowd) keepInFlight(ctx context.Context, o order, t *timings) error {
	var begun atomic.Int64
	var all sync.WaitGroup
	errs := make([]error, o.InFlight)
	for w := range errs {
		all.Go(func() {
			for begun.Add(1) <= int64(o.Messages) && errs[w] == nil {
				errs[w] = c.sayOne(ctx, t)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// keepRate sends by the clock, whatever has become of the ones before.
func (c *crowd) keepRate(ctx context.Context, o order, t *timings) error {
	if o.Rate <= 0 {
		return errors.New("an order needs a rate or a number in flight")
	}
	tick := time.NewTicker(time.Duration(float64(time.Second) / o.Rate))
	defer tick.Stop()
	var all sync.WaitGroup
	errs := make([]error, o.Messages)
	for i := range errs {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		all.Go(func() { errs[i] = c.sayOne(ctx, t) })
	}
	all.Wait()
	return errors.Join(errs...)
}

// sayOne says something, again with the same key until it is answered, and waits
// until everyone has heard it. Every twentieth is sent twice: the second answer
// must be the first.
func (c *crowd) sayOne(ctx context.Context, t *timings) error {
	n := c.said.Add(1)
	g := c.guests[int(n)%len(c.guests)]
	key, text := rand.Text(), fmt.Sprintf("Contribution %d: registration takes two years here, and nobody can tell us why.", n)
	sent := time.Now()
	r, err := g.say(ctx, key, text)
	for tries := 0; err != nil && tries < 20; tries++ {
		t.again.Add(1)
		if !pause(ctx, 500*time.Millisecond) {
			return ctx.Err()
		}
		r, err = g.say(ctx, key, text)
	}
	if err != nil {
		return err
	}
	acked := time.Now()
	twice := r
	if n%20 == 0 {
		if twice, err = g.say(ctx, key, text); err != nil {
			return err
		}
	}
	c.ledger.acknowledge(r, twice)
	select {
	case <-c.ledger.await(r.Seq):
	case <-time.After(time.Minute):
		return fmt.Errorf("after a minute line %d has not reached everyone", r.Seq)
	case <-ctx.Done():
		return ctx.Err()
	}
	first, last := c.ledger.times(r.Seq)
	t.add(acked.Sub(sent), max(0, first.Sub(acked)), max(0, last.Sub(acked)))
	return nil
}

func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// timings are what everybody waited in one run, and where the ledger stood before.
type timings struct {
	began            time.Time
	heard            int64
	read, readBytes  int64
	mu               sync.Mutex
	ack, first, last []time.Duration
	again            atomic.Int64
}

func (t *timings) add(ack, first, last time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ack, t.first, t.last = append(t.ack, ack), append(t.first, first), append(t.last, last)
}

// at is the quantile q of times, in milliseconds.
func at(times []time.Duration, q float64) float64 {
	if len(times) == 0 {
		return 0
	}
	slices.Sort(times)
	return float64(times[int(q*float64(len(times)-1)+0.5)].Microseconds()) / 1000
}
