// Package signin is how people prove who they are: passphrases, second factors,
// links by mail and on paper, and the logins these open on a device. It also
// turns a guest into an account.
//
// It is not about who people are (see dialogues/people), decides nothing about
// dialogues beyond asking them whether an invitation still holds, and knows no
// page, route or cookie: it hands out tokens, and pages carry them.
//
// Every token holds 256 random bits and is shown once; the database keeps its
// SHA-256 alone. Nothing here is cached: what is revoked is revoked for the
// next request.
package signin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"gorm.io/gorm"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// Verbs of the forum's own room that proofs of identity leave.
const (
	PassphraseChanged   record.Verb = "person.passphrase_changed"
	SecondFactorChanged record.Verb = "person.second_factor_changed"
	// ProofReplaced: who holds the account now has not shown what proved it before.
	// They came by a link from an administrator or by mail, an administrator took the
	// second factor away, or the first proof was set on a phone that lay open.
	ProofReplaced   record.Verb = "person.proof_replaced"
	EmailChanged    record.Verb = "person.email_changed"
	RecoveryOffered record.Verb = "person.recovery_offered"
	LinkCreated     record.Verb = "link.created"
	LinkRevoked     record.Verb = "link.revoked"
)

// Errors of signing in. ErrWrong is the one answer to an unknown address, a
// wrong passphrase and a wrong code, so that nobody learns which accounts exist.
var (
	ErrNobody    = errors.New("nobody is signed in")
	ErrWrong     = errors.New("address or proof is wrong")
	ErrSuspended = errors.New("the account is suspended")
	ErrTooMany   = errors.New("too many attempts")
	ErrBusy      = errors.New("too many passphrases wait to be checked")
	ErrNotThis   = errors.New("not possible for this person")
)

// ErrHalf says that the passphrase was right and the second step is missing.
// It is an [ErrNobody] too: whoever looks only for that treats a half login as
// nobody, which is what it is good for.
var ErrHalf = fmt.Errorf("%w: the second step is missing", ErrNobody)

// Service signs people in and out.
type Service struct {
	Writer *record.Writer
	Read   *gorm.DB
	People *people.Service
	Now    func() time.Time // UTC, microseconds
	Hasher *Hasher
	Limits *Limiter // by account; nil does not limit. Limits by address are the pages'.
	// Mail says that people can be sent links, so that an account can do
	// without a passphrase.
	Mail bool
	// OnEnd is told which logins have ended, after the commit, so that open
	// sockets can be cut; nil tells nobody. It must not block. Other nodes ask
	// [Service.Ended].
	OnEnd  func(logins []record.ID)
	Logger *slog.Logger // nil discards

	seeing  sync.Map       // logins whose seen_at is being written
	waiting sync.WaitGroup // those writes
}

// Wait returns when what was begun beside requests is written; the server
// calls it before it stops the writer.
func (s *Service) Wait() { s.waiting.Wait() }

// ended tells the server which logins are over.
func (s *Service) ended(logins []record.ID) {
	if s.OnEnd != nil && len(logins) > 0 {
		s.OnEnd(logins)
	}
}

func (s *Service) log() *slog.Logger {
	if s.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return s.Logger
}

// do runs an action that is the caller's alone and leaves its lines to run.
// Whatever run hands out through captured variables may be read only when do
// returned nil: after a cancelled request run may still be at work.
func (s *Service) do(ctx context.Context, room string, by record.ID, run func(tx *record.Tx) error) error {
	_, err := s.Writer.Do(ctx, record.Action{Room: room, Actor: by, Run: run})
	return err
}
