package ledger

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
	"gorm.io/gorm"
)

// Asker carries a request of add-checkpoint to a signer or a witness and brings
// the answer; an error says that it could not be reached. server/sealing is one.
type Asker interface {
	AddCheckpoint(ctx context.Context, body string) (Answer, error)
}

// Sealing follows the logs: after commits it has their checkpoints signed, then
// asks the witnesses, and keeps what they answer. Nothing waits for it; what
// fails is tried again at the next turn.
type Sealing struct {
	DB     *gorm.DB // may write
	Signer Asker
	Policy *Policy // whose signatures are taken
	Ask    func(PolicyWitness) Asker
	Now    func() time.Time
	Logger *slog.Logger
	Every  time.Duration // how often all logs are looked at again

	woken chan string
	one   *sync.Mutex // one log at a time: two that ask the signer at once get in each other's way
}

// NewSealing makes a follower ready to be woken.
func NewSealing(s Sealing) *Sealing {
	s.woken, s.one = make(chan string, 256), new(sync.Mutex)
	return &s
}

// Wake says after a commit that a log has grown. It never waits: a full queue
// is made up for by the next turn through all logs.
func (s *Sealing) Wake(log string) {
	select {
	case s.woken <- log:
	default:
	}
}

// Run seals logs until the context ends.
func (s *Sealing) Run(ctx context.Context) {
	turn := time.NewTicker(s.Every)
	defer turn.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case log := <-s.woken:
			s.report(s.Seal(ctx, log))
		case <-turn.C:
			s.report(s.SealAll(ctx))
		}
	}
}

func (s *Sealing) report(err error) {
	if err != nil && !errors.Is(err, context.Canceled) {
		s.Logger.Warn("a log could not be sealed", slog.String("error", err.Error()))
	}
}

// SealAll seals every log; one that fails does not keep the others.
func (s *Sealing) SealAll(ctx context.Context) error {
	heads, err := Heads(s.DB.WithContext(ctx))
	if err != nil {
		return err
	}
	var errs []error
	for _, head := range heads {
		errs = append(errs, s.Seal(ctx, head.ID))
	}
	return errors.Join(errs...)
}

// Seal has the newest checkpoint of a log signed by its signer and, if it is,
// cosigned by the witnesses that have not seen it. It returns [ErrFork] when one
// of them remembers another history.
func (s *Sealing) Seal(ctx context.Context, log string) error {
	s.one.Lock()
	defer s.one.Unlock()
	db := s.DB.WithContext(ctx)
	head, err := HeadOf(db, log)
	if err != nil || head.Size == 0 {
		return err
	}
	kept, err := newestCheckpoint(db, log)
	if err != nil {
		return err
	}
	if kept.Size < head.Size {
		if kept, err = s.sign(ctx, head, kept.Size); err != nil {
			return fmt.Errorf("have log %s signed: %w", log, err)
		}
	}
	return s.cosign(ctx, kept)
}

// sign asks the signer and keeps the note.
func (s *Sealing) sign(ctx context.Context, head Head, old int64) (checkpointRow, error) {
	text := head.Checkpoint().Text()
	lines, err := s.ask(ctx, s.Signer, head.ID, old, head.Size, text+"\n")
	if err != nil {
		return checkpointRow{}, err
	}
	signed := text + "\n" + lines
	if sealed, _, err := s.Policy.look(signed); err != nil || !sealed.ByLog {
		return checkpointRow{}, fmt.Errorf("%w: the signer's key is not the policy's", ErrPolicy)
	}
	row := checkpointRow{head.ID, head.Size, signed, s.Now()}
	return row, keepCheckpoint(s.DB.WithContext(ctx), row)
}

// cosign asks the witnesses that are missing under a note, all of them even if
// one fails: a quorum may come from the others.
func (s *Sealing) cosign(ctx context.Context, kept checkpointRow) error {
	var errs []error
	for _, w := range s.Policy.Witnesses {
		if w.URL == "" || strings.Contains(kept.Note, "\n— "+w.name+" ") {
			continue
		}
		old, err := s.lastSeen(ctx, kept, w)
		if err == nil {
			err = s.cosignBy(ctx, kept, w, old)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("witness %s: %w", w.name, err))
		}
	}
	return errors.Join(errs...)
}

func (s *Sealing) cosignBy(ctx context.Context, kept checkpointRow, w PolicyWitness, old int64) error {
	lines, err := s.ask(ctx, s.Ask(w), kept.Log, old, kept.Size, kept.Note)
	if err != nil {
		return err
	}
	for line := range strings.Lines(lines) {
		text, _, _ := strings.Cut(kept.Note, "\n\n")
		if _, err := note.Open([]byte(text+"\n\n"+line), note.VerifierList(w.publicKey)); err == nil {
			return addCosignature(s.DB.WithContext(ctx), kept.Log, kept.Size, line)
		}
	}
	return fmt.Errorf("%w: it answered with no signature of its own", ErrAltered)
}

// ask sends a checkpoint and returns the signature lines. Where the other side
// remembers another size than we thought, it is asked once more from there.
func (s *Sealing) ask(ctx context.Context, to Asker, log string, old, size int64, signed string) (string, error) {
	for range 2 {
		proof, err := ProveGrowth(s.DB.WithContext(ctx), log, old, size)
		if err != nil {
			return "", err
		}
		answer, err := to.AddCheckpoint(ctx, Ask(old, proof, signed))
		if err != nil {
			return "", err
		}
		switch answer.Status {
		case Signed:
			return answer.Body, nil
		case NoExtension:
			return "", fmt.Errorf("%w: what was signed at %d does not continue to %d", ErrFork, old, size)
		case OtherSize:
			old, err = strconv.ParseInt(strings.TrimSuffix(answer.Body, "\n"), 10, 64)
			if err != nil || old < 0 {
				return "", fmt.Errorf("%w: it remembers the size %q", ErrAltered, answer.Body)
			}
			if old > size {
				return "", fmt.Errorf("%w: %d entries were signed, there are %d", ErrFork, old, size)
			}
		default:
			return "", fmt.Errorf("it answered with status %d: %.200s", answer.Status, answer.Body)
		}
	}
	return "", errors.New("what it remembers changed while it was asked")
}

// lastSeen is the size that a witness cosigned last, as far as we know.
func (s *Sealing) lastSeen(ctx context.Context, kept checkpointRow, w PolicyWitness) (int64, error) {
	var sizes []int64
	err := s.DB.WithContext(ctx).Model(&checkpointRow{}).Where("log = ? AND size < ? AND replace(note, ?, '') <> note", kept.Log, kept.Size, "\n— "+w.name+" ").
		Order("size DESC").Limit(1).Pluck("size", &sizes).Error
	if err != nil {
		return 0, fmt.Errorf("find what was cosigned last of log %s: %w", kept.Log, err)
	}
	return slices.Concat(sizes, []int64{0})[0], nil
}
