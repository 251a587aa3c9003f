package main

import (
	"sync"
	"sync/atomic"
	"time"
)

// ledger holds what was acknowledged against what was heard.
type ledger struct {
	listeners int64
	slots     [1 << 16]slot // by number of the line
	heard     atomic.Int64  // lines, by everyone together
	read      atomic.Int64  // lines that the first listener read, and their bytes
	readBytes atomic.Int64
	gaps      atomic.Int64 // a line that did not follow the one before
	back      atomic.Int64 // connections that had to come back
	lost      atomic.Int64 // histories that could not be continued

	mu     sync.Mutex
	acked  map[int64]string // id by number of the line
	told   map[string]int   // how often the first listener heard of an id
	broken int              // acknowledgements that contradict one another
	newest int64
}

// slot counts who has heard one line.
type slot struct {
	count atomic.Int64
	mu    sync.Mutex
	seq   int64
	first time.Time
	last  time.Time
	done  chan struct{} // closed when all have heard it; nil while nobody waits
}

func newLedger(listeners int) *ledger {
	return &ledger{listeners: int64(listeners), acked: map[int64]string{}, told: map[string]int{}}
}

// hear notes that a listener heard a line.
func (l *ledger) hear(seq int64) {
	l.heard.Add(1)
	s := &l.slots[seq%int64(len(l.slots))]
	n := s.count.Add(1) % l.listeners
	if n > 1 {
		return
	}
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if n == 1 {
		s.first = now
	}
	if n == 0 {
		s.seq, s.last = seq, now
		if l.listeners == 1 {
			s.first = now
		}
		if s.done != nil {
			close(s.done)
			s.done = nil
		}
	}
}

// await returns a channel that is closed when everyone has heard a line.
func (l *ledger) await(seq int64) <-chan struct{} {
	s := &l.slots[seq%int64(len(l.slots))]
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seq == seq {
		over := make(chan struct{})
		close(over)
		return over
	}
	if s.done == nil {
		s.done = make(chan struct{})
	}
	return s.done
}

// times are when the first and the last listener heard a line.
func (l *ledger) times(seq int64) (first, last time.Time) {
	s := &l.slots[seq%int64(len(l.slots))]
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.first, s.last
}

// acknowledge notes an answer. Two lines with one id, two ids in one line or two
// answers to one key contradict one another.
func (l *ledger) acknowledge(r, again receipt) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if id, known := l.acked[r.Seq]; r != again || (known && id != r.ID) {
		l.broken++
	}
	l.acked[r.Seq] = r.ID
	l.newest = max(l.newest, r.Seq)
}

// tell notes what the first listener heard: a line, and the contribution that it
// tells of, if it does.
func (l *ledger) tell(size int, contribution string) {
	l.read.Add(1)
	l.readBytes.Add(int64(size))
	if contribution == "" {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.told[contribution]++
}

// verdict counts acknowledged contributions that were never told, and those that
// were told, or numbered, more than once.
func (l *ledger) verdict() (acked, lost, doubled int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range l.acked {
		switch n := l.told[id]; {
		case n == 0:
			lost++
		case n > 1:
			doubled++
		}
	}
	return len(l.acked), lost, doubled + l.broken
}
