package record

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"gorm.io/gorm"
)

// Tx is what an action works with: the batch's transaction, the time of the
// record, and the lines it adds to its room.
type Tx struct {
	DB      *gorm.DB  // inside the batch's transaction and the action's savepoint
	Now     time.Time // the time its lines will carry
	room    string
	actor   ID
	entries []Entry
	forget  bool
}

// Forget takes a passing room away with all its lines when the action has
// succeeded. The caller removes what the room was about. In any other room the
// batch fails: the record forgets nothing.
func (tx *Tx) Forget() { tx.forget = true }

// Append names one line. It is numbered when the action has succeeded. The
// actor is the action's unless the entry names one (a guest who is made by the
// very action).
func (tx *Tx) Append(e Entry) {
	e.Room, e.At = tx.room, tx.Now
	if e.Actor == "" {
		e.Actor = tx.actor
	}
	tx.entries = append(tx.entries, e)
}

// AppendUnsigned names a line that says what happened and not who did it, for
// what its author may leave without a trace to them.
func (tx *Tx) AppendUnsigned(e Entry) {
	e.Room, e.At, e.Actor = tx.room, tx.Now, ""
	tx.entries = append(tx.entries, e)
}

// ForgetAnswers removes the answers that were kept for an actor's keys: they say
// which lines the actor wrote. It is for an actor who is leaving, since without
// them a retry is a new request.
func (tx *Tx) ForgetAnswers(actor ID) error {
	if err := tx.DB.Where("actor = ?", string(actor)).Delete(&answer{}).Error; err != nil {
		return fmt.Errorf("forget answers: %w", err)
	}
	return nil
}

// Room is the room the action joins.
func (tx *Tx) Room() string { return tx.room }

// answer is the receipt kept for an idempotency key.
type answer struct {
	Key     string
	Actor   string
	Digest  string
	Room    string
	Epoch   int64
	Seq     int64
	Subject ID
	At      time.Time
}

func (answer) TableName() string { return "record_answers" }

func (a answer) receipt() Receipt {
	return Receipt{Room: a.Room, Epoch: a.Epoch, Seq: a.Seq, ID: a.Subject}
}

// page is one room's part of a batch: its head, locked until the commit, and
// what will be written below it.
type page struct {
	head    Head
	entries []Entry
	known   map[answerKey]answer // answers given before, and in this batch
	answers []answer
	forget  bool
}

type answerKey struct{ key, actor string }

// commit writes a batch and answers everyone in it. If the batch as a whole
// fails (a full disk, a lost connection, a key raced from another node), each
// action is tried once more alone, so that one cannot fail the others. It
// returns the heads that moved.
func (w *Writer) commit(batch []*waiting) (grown []Head) {
	// Rooms are locked in the order of their names by every node: no deadlock.
	slices.SortStableFunc(batch, func(a, b *waiting) int { return cmp.Compare(a.Room, b.Room) })
	grown, err := w.write(batch)
	if err != nil && len(batch) > 1 {
		w.cfg.Logger.Warn("batch failed, trying each action alone", slog.Int("actions", len(batch)), slog.String("error", err.Error()))
		grown = nil
		for _, a := range batch {
			grown = append(grown, w.commit([]*waiting{a})...)
		}
		return grown
	}
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		grown, err = w.write(batch) // its key was answered from another lane or node meanwhile: now it is found
	}
	for _, a := range batch {
		if err != nil && a.err == nil {
			a.receipt, a.err = Receipt{}, fmt.Errorf("write to the record: %w", err)
		}
		close(a.ready)
	}
	if err != nil {
		return nil
	}
	return grown
}

// write runs the batch in one transaction and returns the heads that moved.
func (w *Writer) write(batch []*waiting) (heads []Head, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), longestBatch)
	defer cancel()
	defer w.count(time.Now(), len(batch), &err)
	var moved []Head
	err = w.cfg.DB.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		for len(batch) > 0 {
			n := sameRoom(batch)
			head, grew, err := w.writeRoom(tx, batch[:n])
			if err != nil {
				return err
			}
			if grew {
				moved = append(moved, head)
			}
			batch = batch[n:]
		}
		return nil
	})
	return moved, err
}

// count keeps the writer's figures.
func (w *Writer) count(began time.Time, actions int, err *error) {
	w.work.commits.Add(1)
	w.work.actions.Add(int64(actions))
	w.work.nanos.Add(int64(time.Since(began)))
	if *err != nil {
		w.work.failures.Add(1)
	}
}

func sameRoom(batch []*waiting) int {
	n := 1
	for n < len(batch) && batch[n].Room == batch[0].Room {
		n++
	}
	return n
}

// writeRoom runs the actions of one room below its locked head.
func (w *Writer) writeRoom(tx *gorm.DB, actions []*waiting) (Head, bool, error) {
	p, err := w.openPage(tx, actions)
	if err != nil {
		return Head{}, false, err
	}
	for _, a := range actions {
		a.receipt, a.err = w.runOne(tx, p, a)
		if errors.Is(a.err, errSavepoint) {
			return Head{}, false, a.err
		}
	}
	return p.head, len(p.entries) > 0 && !p.forget, w.closePage(tx, p)
}

// openPage locks the room's head until the commit, which makes its numbers
// gap-free and its actions one after another on every node.
func (w *Writer) openPage(tx *gorm.DB, actions []*waiting) (*page, error) {
	p := &page{known: map[answerKey]answer{}}
	room := actions[0].Room
	now := w.cfg.Now()
	p.head = Head{Room: room, At: now}
	if room != "" {
		err := tx.Raw(`INSERT INTO record_heads (room, epoch, seq, at, passing) VALUES (?, ?, 0, ?, ?)
			ON CONFLICT (room) DO UPDATE SET seq = record_heads.seq RETURNING room, epoch, seq, at, passing`,
			room, now.UnixMilli(), now, actions[0].Passing).Scan(&p.head).Error
		if err != nil {
			return nil, fmt.Errorf("lock head of %s: %w", room, err)
		}
	}
	return p, p.recall(tx, actions)
}

// recall looks up which keys of the batch were answered before.
func (p *page) recall(tx *gorm.DB, actions []*waiting) error {
	var keys []string
	for _, a := range actions {
		if a.Key != "" {
			keys = append(keys, a.Key)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	var found []answer
	if err := tx.Where("key IN ?", keys).Find(&found).Error; err != nil {
		return fmt.Errorf("look up answers: %w", err)
	}
	for _, f := range found {
		p.known[answerKey{f.Key, f.Actor}] = f
	}
	return nil
}

// errSavepoint says that the transaction itself is broken, not the action.
var errSavepoint = errors.New("savepoint failed")

// runOne runs an action in its own savepoint, or repeats its earlier answer.
func (w *Writer) runOne(tx *gorm.DB, p *page, a *waiting) (Receipt, error) {
	if err := a.ctx.Err(); err != nil {
		return Receipt{}, err // the sender left before its turn
	}
	earlier, answered := p.known[answerKey{a.Key, string(a.Actor)}]
	if answered && a.Key != "" {
		if earlier.Digest != a.Asked {
			return Receipt{}, ErrKeyReused
		}
		return earlier.receipt(), nil
	}
	if err := tx.Exec("SAVEPOINT action").Error; err != nil {
		return Receipt{}, errors.Join(errSavepoint, err)
	}
	act := &Tx{DB: tx, Now: latest(w.cfg.Now(), p.head.At), room: a.Room, actor: a.Actor}
	runErr := safely(a.Run, act)
	if runErr != nil {
		if err := tx.Exec("ROLLBACK TO SAVEPOINT action").Error; err != nil {
			return Receipt{}, errors.Join(errSavepoint, runErr, err)
		}
	}
	if err := tx.Exec("RELEASE SAVEPOINT action").Error; err != nil {
		return Receipt{}, errors.Join(errSavepoint, runErr, err)
	}
	if runErr != nil {
		return Receipt{}, runErr
	}
	p.forget = p.forget || act.forget
	return p.number(a, act), nil
}

// number gives the action's lines their places.
func (p *page) number(a *waiting, act *Tx) Receipt {
	receipt := Receipt{Room: a.Room, Epoch: p.head.Epoch}
	for i, e := range act.entries {
		p.head.Seq++
		p.head.At = e.At
		e.Seq = p.head.Seq
		p.entries = append(p.entries, e)
		if i == 0 {
			receipt.Seq, receipt.ID = e.Seq, e.Subject
		}
	}
	if a.Key != "" {
		kept := answer{a.Key, string(a.Actor), a.Asked, a.Room, receipt.Epoch, receipt.Seq, receipt.ID, act.Now}
		p.answers = append(p.answers, kept)
		p.known[answerKey{a.Key, string(a.Actor)}] = kept
	}
	return receipt
}

// closePage writes the room's new lines, head and answers.
func (w *Writer) closePage(tx *gorm.DB, p *page) error {
	if p.forget {
		return forget(tx, p.head)
	}
	if len(p.answers) > 0 {
		if err := tx.CreateInBatches(p.answers, 128).Error; err != nil {
			return fmt.Errorf("keep answers: %w", err)
		}
	}
	if len(p.entries) == 0 {
		return forgetUnused(tx, p.head)
	}
	if p.head.Room == "" {
		return errors.New("an action without a room named a line")
	}
	if err := tx.Table(p.head.entries()).CreateInBatches(p.entries, 128).Error; err != nil {
		return fmt.Errorf("append to %s: %w", p.head.Room, err)
	}
	err := tx.Exec("UPDATE record_heads SET seq = ?, at = ? WHERE room = ?", p.head.Seq, p.head.At, p.head.Room).Error
	if err != nil {
		return fmt.Errorf("move head of %s: %w", p.head.Room, err)
	}
	if w.cfg.Notify != nil {
		return w.cfg.Notify(tx, p.head.Room, p.head.Seq)
	}
	return nil
}

// entries is the table that a room's lines are written to.
func (h Head) entries() string {
	if h.Passing {
		return passingEntries
	}
	return Entry{}.TableName()
}

// forget takes a passing room away, with its lines and the answers given in it.
// What else the batch did there goes too: it came after the end.
func forget(tx *gorm.DB, head Head) error {
	if !head.Passing {
		return fmt.Errorf("forget %s: %w", head.Room, errNotPassing)
	}
	for _, table := range []string{passingEntries, "record_answers", "record_heads"} {
		if err := tx.Exec("DELETE FROM "+table+" WHERE room = ?", head.Room).Error; err != nil {
			return fmt.Errorf("forget %s: %w", head.Room, err)
		}
	}
	return nil
}

// errNotPassing keeps a mistake of ours from taking lines off the record.
var errNotPassing = errors.New("the room is on the record")

// forgetUnused takes away the head that was made to lock a room in which, after
// all, nothing has ever happened: what is refused leaves no trace.
func forgetUnused(tx *gorm.DB, head Head) error {
	if head.Room == "" || head.Seq > 0 {
		return nil
	}
	if err := tx.Exec("DELETE FROM record_heads WHERE room = ? AND seq = 0", head.Room).Error; err != nil {
		return fmt.Errorf("forget head of %s: %w", head.Room, err)
	}
	return nil
}

// safely turns a panic of one action into its error, so that it cannot take
// the writer, and everyone who waits, with it.
func safely(run func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("action panicked: %v", r)
		}
	}()
	return run(tx)
}

func latest(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// LongestMemory is how long the answer to a key is kept: a browser that was
// closed over the holidays may still send its form again.
const LongestMemory = 30 * 24 * time.Hour

// Sweep is an action that forgets answers older than [LongestMemory]. The lines
// they speak of stay.
func Sweep(tx *Tx) error {
	if err := tx.DB.Exec("DELETE FROM record_answers WHERE at < ?", tx.Now.Add(-LongestMemory)).Error; err != nil {
		return fmt.Errorf("forget old answers: %w", err)
	}
	return nil
}

// Probe is an action that writes one row and nothing to the record: it tells
// whether the disk takes writes.
func Probe(tx *Tx) error {
	err := tx.DB.Exec(`INSERT INTO record_probe (id, at) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET at = excluded.at`, tx.Now).Error
	if err != nil {
		return fmt.Errorf("probe: %w", err)
	}
	return nil
}
