package signin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// SignIn opens a login for whoever knows an account's address and passphrase.
// The login's stage says whether the second step is still due. device is the
// browser's User-Agent. ErrWrong for an unknown address and a wrong passphrase
// alike, after the same work; ErrSuspended only once the passphrase was right;
// ErrTooMany, ErrBusy.
func (s *Service) SignIn(ctx context.Context, email, passphrase, device string) (Started, error) {
	email = people.NormalEmail(email)
	if !readable(passphrase) || len(email) > people.LongestEmail {
		return Started{}, ErrWrong
	}
	if !s.Limits.Allow(SignInByAccount, email) {
		return Started{}, ErrTooMany
	}
	started, err := s.byPassphrase(ctx, email, passphrase, device)
	if errors.Is(err, errChanged) {
		started, err = s.byPassphrase(ctx, email, passphrase, device)
	}
	if errors.Is(err, errChanged) {
		err = ErrWrong
	}
	if err == nil {
		s.Limits.Forget(SignInByAccount, email)
	}
	return started, err
}

// errChanged says that the passphrase was replaced while it was being checked.
var errChanged = errors.New("the passphrase has changed meanwhile")

func (s *Service) byPassphrase(ctx context.Context, email, passphrase, device string) (Started, error) {
	person, err := s.People.ByEmail(ctx, email)
	if err != nil && !errors.Is(err, people.ErrNotFound) {
		return Started{}, err
	}
	right, err := s.Hasher.Check(ctx, person.Passphrase, passphrase)
	if err != nil {
		return Started{}, fmt.Errorf("check passphrase: %w", err)
	}
	if !right {
		return Started{}, ErrWrong
	}
	started, err := s.start(ctx, person.ID, opening{proof: ByPassphrase, device: device, passphrase: person.Passphrase})
	if err == nil && s.Hasher.Outdated(person.Passphrase) {
		s.rehash(ctx, person, passphrase)
	}
	return started, err
}

// rehash keeps a passphrase at today's cost. Failing costs nothing: the next
// time it is known it is tried again.
func (s *Service) rehash(ctx context.Context, p people.Person, passphrase string) {
	fresh, err := s.Hasher.Hash(ctx, passphrase)
	if err == nil {
		err = s.do(ctx, "", p.ID, func(tx *record.Tx) error {
			return tx.DB.Exec("UPDATE people SET passphrase = ? WHERE id = ? AND passphrase = ?", fresh, p.ID, p.Passphrase).Error
		})
	}
	if err != nil {
		s.log().WarnContext(ctx, "a passphrase was not hashed again", slog.Any("error", err))
	}
}

// Start opens a login for a person whom the caller knows for certain: a guest
// who has just joined by a code. An account with a second factor still owes it.
func (s *Service) Start(ctx context.Context, person record.ID, device string) (Started, error) {
	return s.start(ctx, person, opening{proof: ByCode, device: device})
}

// opening is how a login comes about.
type opening struct {
	proof      Proof
	link       record.ID
	device     string
	passphrase string // the stored one that was checked; if it has changed since, nothing opens
}

func (s *Service) start(ctx context.Context, person record.ID, how opening) (Started, error) {
	var started Started
	err := s.do(ctx, "", person, func(tx *record.Tx) error {
		p, err := personIn(tx, person)
		if err != nil {
			return err
		}
		if how.proof == ByPassphrase && p.Passphrase != how.passphrase {
			return errChanged
		}
		started, err = open(tx, p, how)
		return err
	})
	if err != nil {
		return Started{}, err
	}
	return started, nil
}

// open writes a login inside the caller's action.
func open(tx *record.Tx, p people.Person, how opening) (Started, error) {
	token, hash := freshToken()
	login := Login{
		ID: record.NewID(), TokenHash: hash, PersonID: p.ID, Stage: stageOf(p), Proof: how.proof, LinkID: how.link,
		Device: DeviceLabel(how.device), CreatedAt: tx.Now, SeenAt: tx.Now,
	}
	login.ExpiresAt = tx.Now.Add(lifeOf(p, login.Stage))
	if err := tx.DB.Create(&login).Error; err != nil {
		return Started{}, fmt.Errorf("open login: %w", err)
	}
	return Started{token, login}, nil
}

// personIn loads a person who may act, inside an action.
func personIn(tx *record.Tx, id record.ID) (people.Person, error) {
	var p people.Person
	if err := tx.DB.Where("id = ?", id).Limit(1).Find(&p).Error; err != nil {
		return p, fmt.Errorf("load person: %w", err)
	}
	return p, mayAct(p)
}

// mayAct says why a person may not act, if so.
func mayAct(p people.Person) error {
	switch {
	case p.SuspendedAt != nil:
		return ErrSuspended
	case !p.Active():
		return ErrNobody
	}
	return nil
}

// End signs one of the actor's own devices out. One that is signed out already
// is no error.
func (s *Service) End(ctx context.Context, actor people.Actor, login record.ID) error {
	return s.end(ctx, actor.ID(), "person_id = ? AND id = ?", actor.ID(), login)
}

// EndOthers signs every device of the actor out but the one in use.
func (s *Service) EndOthers(ctx context.Context, actor people.Actor) error {
	return s.end(ctx, actor.ID(), "person_id = ? AND id <> ?", actor.ID(), orNone(actor.Login))
}

// EndAll signs a person out everywhere. by is who asked for it: the person, or
// an administrator who suspends them; the caller has checked that.
func (s *Service) EndAll(ctx context.Context, by, person record.ID) error {
	return s.end(ctx, by, "person_id = ?", person)
}

func (s *Service) end(ctx context.Context, by record.ID, where string, args ...any) error {
	var gone []record.ID
	err := s.do(ctx, "", by, func(tx *record.Tx) (err error) {
		gone, err = endIn(tx, where, args...)
		return err
	})
	if err != nil {
		return err
	}
	s.ended(gone)
	return nil
}

// endIn deletes logins inside the caller's action and returns which; the
// caller tells [Service.ended] after the commit.
func endIn(tx *record.Tx, where string, args ...any) ([]record.ID, error) {
	var gone []record.ID
	if err := tx.DB.Model(&Login{}).Where(where, args...).Pluck("id", &gone).Error; err != nil {
		return nil, fmt.Errorf("find logins to end: %w", err)
	}
	if err := tx.DB.Where(where, args...).Delete(&Login{}).Error; err != nil {
		return nil, fmt.Errorf("end logins: %w", err)
	}
	return gone, nil
}

// orNone makes "no login" comparable: nothing is unequal to NULL in SQL.
func orNone(id record.ID) string {
	if id == "" {
		return "none"
	}
	return string(id)
}

// keepUnused is how long after its end a link that nobody used is kept. Used
// ones stay: they say which address was proven by whom.
const keepUnused = 30 * 24 * time.Hour

// Sweep removes logins that are over and links that ran out unused long ago, and
// for whom invitations were that have run out.
// The server calls it once a day.
func (s *Service) Sweep(ctx context.Context) error {
	return s.do(ctx, "", "", func(tx *record.Tx) error {
		if _, err := endIn(tx, "expires_at <= ?", tx.Now); err != nil {
			return err
		}
		if err := tx.DB.Exec("UPDATE links SET note = '' WHERE note <> '' AND expires_at <= ?", tx.Now).Error; err != nil {
			return fmt.Errorf("forget for whom links were: %w", err)
		}
		err := tx.DB.Where("used_at IS NULL AND expires_at < ?", tx.Now.Add(-keepUnused)).Delete(&Link{}).Error
		if err != nil {
			return fmt.Errorf("sweep links: %w", err)
		}
		return nil
	})
}
