package record

import (
	"context"
	"hash/fnv"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"gorm.io/gorm"
)

// Limits of the writer. There is no timer: the commit before is the window in
// which the next batch gathers.
const (
	largestBatch = 512
	waitingRoom  = 4096             // actions that may wait in one lane
	longestBatch = 15 * time.Second // after this a stuck commit is given up
)

// Action is one change that is to be written together with its lines.
type Action struct {
	Room  string // whose sequence it joins; empty: it leaves no line (a heartbeat, a login)
	Actor ID     // who acts
	// Passing makes a new room a passing one: it is told like any other, but its
	// lines are kept apart from the record and go with [Tx.Forget]. It says
	// nothing about a room that has lines already.
	Passing bool
	// Key makes the action happen once however often it is sent: a second one
	// with the same actor, key and Asked gets the first one's receipt. Empty: no such care.
	Key string
	// Asked is the digest of what was asked. The same key with another Asked is ErrKeyReused.
	Asked string
	// Run makes the change through tx and names its lines with tx.Append. An
	// error undoes this action alone. It must not use any other handle.
	Run func(tx *Tx) error
}

// Receipt says where an action stands in its room once it is on disk.
type Receipt struct {
	Room  string `json:"room"`
	Epoch int64  `json:"epoch"`
	Seq   int64  `json:"seq"` // the action's first line; 0 when it changed nothing
	ID    ID     `json:"id"`  // the subject of that line
}

// WriterConfig sets up a Writer.
type WriterConfig struct {
	DB    *gorm.DB                     // the writing handle
	Lanes int                          // how many batches may run at once: 1 for SQLite (zero means 1)
	Now   func() time.Time             // the one clock of the record; must give UTC microseconds
	Bell  func(room string, seq int64) // rung after one or two commits, once per room; must not block; may be nil
	// Notify, when set, runs inside the transaction for each room that grew, so
	// that other nodes hear of it exactly if it commits.
	Notify func(tx *gorm.DB, room string, seq int64) error
	Logger *slog.Logger // nil discards
}

// Writer owns every transaction that changes anything. It takes all actions
// that wait, runs each in its own savepoint and commits them together, so that
// under load one fsync pays for many acknowledgements; an action that fails is
// undone alone and gets its own answer. Nobody is answered before the commit.
type Writer struct {
	cfg   WriterConfig
	lanes []chan *waiting
	stop  chan struct{} // closed when no more is taken
	ended chan struct{} // closed when all that was taken is answered
	once  sync.Once
	done  sync.WaitGroup
	work  struct{ actions, commits, failures, nanos atomic.Int64 }
}

// Stats is what a writer has done since it was made.
type Stats struct {
	Actions  int64         // run, whether they succeeded or were refused
	Commits  int64         // transactions that carried them
	Failures int64         // transactions that failed as a whole
	Busy     time.Duration // spent in transactions, all lanes together
}

// Stats tells what the writer has done.
func (w *Writer) Stats() Stats {
	return Stats{w.work.actions.Load(), w.work.commits.Load(), w.work.failures.Load(), time.Duration(w.work.nanos.Load())}
}

type waiting struct {
	Action
	ctx     context.Context //nolint:containedctx // only asked, before its turn, whether the sender is still there
	receipt Receipt
	err     error
	ready   chan struct{}
}

// NewWriter starts a writer; its goroutines end with [Writer.Stop].
func NewWriter(cfg WriterConfig) *Writer {
	if cfg.Lanes < 1 {
		cfg.Lanes = 1
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	w := &Writer{cfg: cfg, stop: make(chan struct{}), ended: make(chan struct{})}
	for range cfg.Lanes {
		lane := make(chan *waiting, waitingRoom)
		w.lanes = append(w.lanes, lane)
		w.done.Go(func() { w.run(lane) })
	}
	return w
}

// Do runs an action and returns once it is on disk, or was refused, or failed.
// A sender who leaves (ctx) before its turn is not served; one who leaves later
// does not undo what was begun, and learns the outcome by asking again with the
// same key.
func (w *Writer) Do(ctx context.Context, action Action) (Receipt, error) {
	a := &waiting{Action: action, ctx: ctx, ready: make(chan struct{})}
	select {
	case <-w.stop:
		return Receipt{}, ErrStopped
	default:
	}
	select {
	case w.laneOf(action.Room) <- a:
	default:
		return Receipt{}, ErrBusy
	}
	select {
	case <-a.ready:
		return a.receipt, a.err
	case <-ctx.Done():
		return Receipt{}, ctx.Err()
	case <-w.ended:
		return a.afterEnd()
	}
}

// afterEnd answers an action that met the writer's end: served just before it, or not at all.
func (a *waiting) afterEnd() (Receipt, error) {
	select {
	case <-a.ready:
		return a.receipt, a.err
	default:
		return Receipt{}, ErrStopped
	}
}

// Stop lets what waits finish and ends the writer.
func (w *Writer) Stop() {
	w.once.Do(func() {
		close(w.stop)
		w.done.Wait()
		close(w.ended)
	})
	<-w.ended
}

// laneOf keeps a room in one lane, so that its lines are written in order.
func (w *Writer) laneOf(room string) chan *waiting {
	if len(w.lanes) == 1 {
		return w.lanes[0]
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(room))                   // a hash takes everything
	return w.lanes[h.Sum32()%uint32(len(w.lanes))] //nolint:gosec // the number of lanes is small
}

func (w *Writer) run(lane chan *waiting) {
	var held []Head // heads of rooms that grew and whose bell has not rung yet
	for batch := w.first(lane); len(batch) > 0; batch = w.first(lane) {
		for len(batch) > 0 {
			grown := w.commit(batch)
			batch = gather(lane, nil)
			held = w.ring(held, grown, batch)
		}
	}
}

// first waits for an action, and takes whatever else waits already. It takes none
// when the writer has been stopped and nothing waits.
func (w *Writer) first(lane chan *waiting) []*waiting {
	select {
	case a := <-lane:
		return gather(lane, []*waiting{a})
	case <-w.stop:
		return gather(lane, nil)
	}
}

// gather adds to a batch what waits already.
func gather(lane chan *waiting, batch []*waiting) []*waiting {
	for len(batch) < largestBatch {
		select {
		case a := <-lane:
			batch = append(batch, a)
		default:
			return batch
		}
	}
	return batch
}

// ring tells that rooms have grown. A room in which the next batch will act is
// told of after that batch, once for both: whoever follows it reads once instead
// of twice, and each socket is written to once. Nothing that is held is held for
// longer than one commit. It returns what is held.
func (w *Writer) ring(held, grown []Head, next []*waiting) (later []Head) {
	if w.cfg.Bell == nil {
		return nil
	}
	for _, head := range grown {
		ofRoom := func(h Head) bool { return h.Room == head.Room }
		if slices.ContainsFunc(next, func(a *waiting) bool { return a.Room == head.Room }) && !slices.ContainsFunc(held, ofRoom) {
			later = append(later, head)
			continue
		}
		held = append(slices.DeleteFunc(held, ofRoom), head)
	}
	for _, head := range held {
		w.cfg.Bell(head.Room, head.Seq)
	}
	return later
}
