package consultations

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/dialogues/record"
)

// A copy that left may say what does not hold any more. Whoever has it is told: by its
// link, which anybody can ask, and by mail where its recipient gave an address. What
// is to be told and what was stands in the community's log alone, so that a program
// that ends in between tells it once it runs again: at least once, and always under
// the same number.

// NoticeSent says that a recipient was told by mail, or cannot be.
type NoticeSent struct {
	Export  record.ID `json:"export"`
	Because int64     `json:"because"` // the newest change that it told of
	Failed  bool      `json:"failed,omitempty"`
}

func (*NoticeSent) kind() Kind { return "export.told" }

func (f *NoticeSent) apply(c *Community, _ Event) {
	for i := range c.Exports {
		if x := &c.Exports[i]; x.ID == f.Export {
			x.Told, x.Unreached = max(x.Told, f.Because), f.Failed
		}
	}
}

// Letter is a mail to the recipient of a copy. It says nothing but that the copy may
// not tell how things stand, and where to look.
type Letter struct {
	Community record.ID
	Export    record.ID
	Because   int64
	To        string
	Language  string
	Token     string // of the copy's link
}

// Number is the same for the same letter, whoever sends it again.
func (l Letter) Number() string {
	return uuid.NewSHA1(uuid.Nil, fmt.Appendf(nil, "%s %s %d", l.Community, l.Export, l.Because)).String()
}

// untold tells whether a copy's recipient is to be told by mail, and of which change.
func (e Export) untold() (because int64, ok bool) {
	if e.Address.Body == "" || e.Link.Body == "" || len(e.Noticed) == 0 {
		return 0, false
	}
	because = slices.Max(e.Noticed)
	return because, because > e.Told
}

// Outbox are the letters that are to be sent.
func (s *Service) Outbox(ctx context.Context) ([]Letter, error) {
	db := s.Read.WithContext(ctx)
	heads, err := ledger.Heads(db)
	if err != nil {
		return nil, fmt.Errorf("list the logs: %w", err)
	}
	var out []Letter
	for _, h := range heads {
		c, _, err := s.load(db, record.ID(h.ID), true)
		if err != nil {
			return nil, err
		}
		for _, e := range c.Exports {
			if because, ok := e.untold(); ok {
				out = append(out, Letter{c.ID, e.ID, because, e.Address.Body, e.Language, e.Link.Body})
			}
		}
	}
	return out, nil
}

// ErrTold says that a letter is not to be sent any more: somebody has sent it, or its
// address was erased.
var ErrTold = errors.New("the recipient was told")

// StillUntold is asked right before a letter goes: nil, or [ErrTold].
func (s *Service) StillUntold(ctx context.Context, l Letter) error {
	c, _, err := s.load(s.Read.WithContext(ctx), l.Community, true)
	if err != nil {
		return err
	}
	e, ok := find(c.Exports, func(e Export) bool { return e.ID == l.Export })
	if because, waits := e.untold(); !ok || !waits || because != l.Because {
		return ErrTold
	}
	return nil
}

// Told enters that a letter was sent, or (failed) that its address takes none.
func (s *Service) Told(ctx context.Context, l Letter, failed bool) error {
	return s.enter(ctx, l.Community, &NoticeSent{Export: l.Export, Because: l.Because, Failed: failed})
}

// enter adds an event of the server itself.
func (s *Service) enter(ctx context.Context, community record.ID, f Fact) error {
	_, err := s.Writer.Do(ctx, record.Action{Room: string(community), Run: func(tx *record.Tx) error {
		c, head, err := s.load(tx.DB, community, false)
		if err != nil {
			return err
		}
		t := &turn{Tx: tx, Seat: Seat{Community: c, At: tx.Now}, s: s, log: head, claim: Claim{Base: c.Size}}
		t.emit(f, nil)
		return t.finish("")
	}})
	return err
}

// linkReadAgain is how long a link that was looked at is not entered anew: whoever has
// it could fill the log by asking.
const linkReadAgain = 10 * time.Minute

// readByLink enters, before anything is shown, that somebody with the link looked.
func (s *Service) readByLink(ctx context.Context, community, export record.ID) error {
	now := s.Now()
	s.mu.Lock()
	if s.linkRead == nil {
		s.linkRead = map[record.ID]time.Time{}
	}
	recent := now.Before(s.linkRead[export].Add(linkReadAgain))
	s.mu.Unlock()
	if recent {
		return nil
	}
	if err := s.enter(ctx, community, &Read{What: "link", Subject: export, As: Outsider}); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.linkRead[export] = now
	return nil
}
