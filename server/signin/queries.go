package signin

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// loginRow is a login beside its person; both have an id and a time of making.
type loginRow struct {
	people.Person
	LoginID, LinkID         record.ID
	Stage                   Stage
	Proof                   Proof
	Tries                   int64
	Device                  string
	LoginAt, SeenAt, EndsAt time.Time
}

func (r loginRow) login() Login {
	return Login{
		ID: r.LoginID, PersonID: r.ID, Stage: r.Stage, Proof: r.Proof, LinkID: r.LinkID, Tries: r.Tries,
		Device: r.Device, CreatedAt: r.LoginAt, SeenAt: r.SeenAt, ExpiresAt: r.EndsAt,
	}
}

// Who says who holds a token, in one query and without memory of the last
// answer: what was ended a moment ago is nobody now. ErrNobody for a token
// that is unknown or over and for a person who may no longer act; ErrHalf,
// which is an ErrNobody too, while the second step is missing.
func (s *Service) Who(ctx context.Context, token string) (Presence, error) {
	row, err := s.rowOf(ctx, token)
	if err != nil {
		return Presence{}, err
	}
	if row.Stage != Full {
		return Presence{}, ErrHalf
	}
	login := row.login()
	s.see(ctx, login)
	p := Presence{Login: login, HasPassphrase: row.Passphrase != "", HasTOTP: row.TOTPSecret != ""}
	p.Actor = people.Actor{Person: row.Person, Login: login.ID}
	p.Actor.Person.Passphrase, p.Actor.Person.TOTPSecret = "", ""
	return p, nil
}

// rowOf reads the login of a token, in either stage, that still holds.
func (s *Service) rowOf(ctx context.Context, token string) (loginRow, error) {
	hash, ok := hashToken(token)
	if !ok {
		return loginRow{}, ErrNobody
	}
	var row loginRow
	err := s.Read.WithContext(ctx).Raw(`SELECT p.*, l.id AS login_id, l.link_id, l.stage, l.proof, l.tries, l.device,
		l.created_at AS login_at, l.seen_at, l.expires_at AS ends_at
		FROM logins l JOIN people p ON p.id = l.person_id WHERE l.token_hash = ?`, hash).Scan(&row).Error
	if err != nil {
		return loginRow{}, fmt.Errorf("look up login: %w", err)
	}
	if !row.Active() || !s.Now().Before(row.EndsAt) {
		return loginRow{}, ErrNobody
	}
	return row, nil
}

// see notes that a login is in use, beside the request and at most every five minutes.
func (s *Service) see(ctx context.Context, login Login) {
	now := s.Now()
	if now.Sub(login.SeenAt) < seenEvery {
		return
	}
	if _, busy := s.seeing.LoadOrStore(login.ID, true); busy {
		return
	}
	beside := context.WithoutCancel(ctx)
	s.waiting.Go(func() {
		defer s.seeing.Delete(login.ID)
		ctx, cancel := context.WithTimeout(beside, 30*time.Second)
		defer cancel()
		err := s.do(ctx, "", login.PersonID, func(tx *record.Tx) error {
			return tx.DB.Exec("UPDATE logins SET seen_at = ? WHERE id = ?", now, login.ID).Error
		})
		if err != nil {
			s.log().WarnContext(ctx, "a login's last use was not noted", slog.Any("error", err))
		}
	})
}

// List returns the devices a person is signed in on, the one used last first.
func (s *Service) List(ctx context.Context, person record.ID) ([]Login, error) {
	var logins []Login
	err := s.Read.WithContext(ctx).Where("person_id = ? AND stage = ?", person, Full).Order("seen_at DESC, id").Find(&logins).Error
	if err != nil {
		return nil, fmt.Errorf("list logins: %w", err)
	}
	now := s.Now()
	return slices.DeleteFunc(logins, func(l Login) bool { return !now.Before(l.ExpiresAt) }), nil
}

// mostIDs is how many ids one query names.
const mostIDs = 500

// Ended returns those of the logins that no longer hold: signed out, expired,
// or of a person who may no longer act. Each node asks it about its open
// sockets every second, because the end may have come from another node.
func (s *Service) Ended(ctx context.Context, logins []record.ID) ([]record.ID, error) {
	hold := make(map[record.ID]bool, len(logins))
	now := s.Now()
	for ids := range slices.Chunk(logins, mostIDs) {
		var found []struct {
			ID        record.ID
			ExpiresAt time.Time
		}
		err := s.Read.WithContext(ctx).Raw(`SELECT l.id, l.expires_at FROM logins l JOIN people p ON p.id = l.person_id
			WHERE l.id IN ? AND l.stage = 'full' AND p.suspended_at IS NULL AND p.erased_at IS NULL
			AND p.merged_into IS NULL AND p.kind <> 'imported'`, ids).Scan(&found).Error
		if err != nil {
			return nil, fmt.Errorf("look which logins hold: %w", err)
		}
		for _, f := range found {
			hold[f.ID] = now.Before(f.ExpiresAt)
		}
	}
	return slices.DeleteFunc(slices.Clone(logins), func(id record.ID) bool { return hold[id] }), nil
}

// Replaced tells of which of some accounts a proof was replaced without the one
// before, after a time, and when last; see [ProofReplaced].
func (s *Service) Replaced(ctx context.Context, after time.Time, persons ...record.ID) (map[record.ID]time.Time, error) {
	out := map[record.ID]time.Time{}
	for ids := range slices.Chunk(persons, mostIDs) {
		var lines []record.Entry
		err := s.Read.WithContext(ctx).Where("subject IN ? AND verb = ? AND at > ?", ids, ProofReplaced, after).Order("seq").Find(&lines).Error
		if err != nil {
			return nil, fmt.Errorf("look for replaced proofs: %w", err)
		}
		for _, line := range lines {
			out[line.Subject] = line.At
		}
	}
	return out, nil
}
