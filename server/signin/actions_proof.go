package signin

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// SecondFactor finishes a half login with a code of the person's app. A code
// counts once, within half a minute of its time. The half login bears
// [SecondFactorTries] codes; the last wrong one ends it. The token returned
// replaces the one given. Errors: ErrWrong, ErrTooMany, ErrNobody when there
// is no such half login (any more).
func (s *Service) SecondFactor(ctx context.Context, token, code string) (Started, error) {
	row, err := s.rowOf(ctx, token)
	if err != nil {
		return Started{}, err
	}
	if row.Stage != Half {
		return Started{}, ErrNobody
	}
	if !s.Limits.Allow(SecondByAccount, string(row.ID)) {
		return Started{}, ErrTooMany
	}
	var step secondStep
	err = s.do(ctx, "", row.ID, func(tx *record.Tx) error {
		step = secondStep{tx: tx, login: row.LoginID}
		return step.run(row.ID, code)
	})
	if err != nil {
		return Started{}, err
	}
	if !step.right { // written, not undone: a wrong code must count
		s.ended(step.gone)
		return Started{}, ErrWrong
	}
	s.Limits.Forget(SecondByAccount, string(row.ID))
	return step.started, nil
}

// secondStep is one attempt at the second factor, at work.
type secondStep struct {
	tx      *record.Tx
	login   record.ID
	right   bool
	started Started
	gone    []record.ID
}

func (t *secondStep) run(person record.ID, code string) error {
	login, err := t.count()
	if err != nil {
		return err
	}
	p, err := personIn(t.tx, person)
	if err != nil {
		return err
	}
	t.right, err = spendCode(t.tx, p, code)
	switch {
	case err != nil:
		return err
	case t.right:
		t.started, err = renew(t.tx, login, p)
		return err
	case login.Tries >= SecondFactorTries:
		t.gone, err = endIn(t.tx, "id = ?", login.ID)
		return err
	}
	return nil
}

// count spends one try, in one statement, so that tries at the same moment on
// two nodes are two.
func (t *secondStep) count() (Login, error) {
	result := t.tx.DB.Exec(`UPDATE logins SET tries = tries + 1
		WHERE id = ? AND stage = 'half' AND tries < ? AND expires_at > ?`, t.login, SecondFactorTries, t.tx.Now)
	if result.Error != nil {
		return Login{}, fmt.Errorf("count a try: %w", result.Error)
	}
	if result.RowsAffected == 0 {
		return Login{}, ErrNobody
	}
	var login Login
	if err := t.tx.DB.Where("id = ?", t.login).Take(&login).Error; err != nil {
		return Login{}, fmt.Errorf("load login: %w", err)
	}
	return login, nil
}

// spendCode takes a code of a person's app, once.
func spendCode(tx *record.Tx, p people.Person, code string) (bool, error) {
	step, ok := stepOf(p.TOTPSecret, code, tx.Now, p.TOTPStep)
	if !ok || p.TOTPSecret == "" {
		return false, nil
	}
	result := tx.DB.Exec("UPDATE people SET totp_step = ? WHERE id = ? AND totp_step < ?", step, p.ID, step)
	if result.Error != nil {
		return false, fmt.Errorf("spend a code: %w", result.Error)
	}
	return result.RowsAffected == 1, nil
}

// renew makes a login full under a new token: whoever saw the old one on the
// way here has nothing.
func renew(tx *record.Tx, login Login, p people.Person) (Started, error) {
	token, hash := freshToken()
	login.TokenHash, login.Stage, login.Tries = hash, Full, 0
	login.SeenAt, login.ExpiresAt = tx.Now, tx.Now.Add(lifeOf(p, Full))
	if err := tx.DB.Save(&login).Error; err != nil {
		return Started{}, fmt.Errorf("renew login: %w", err)
	}
	return Started{token, login}, nil
}

// EnableTOTP turns the second factor on, once a code shows that the app has
// the secret, for whoever shows the passphrase, where there is one: else a phone
// that lies open would take the finder's codes for its owner's. Every other device
// is signed out. people.Invalid names the fields "code" and "old"; ErrNotThis for
// guests and where one is on already; ErrTooMany.
func (s *Service) EnableTOTP(ctx context.Context, actor people.Actor, secret, code, old string) error {
	if !soundSecret(secret) {
		return people.Invalid{"code": {Key: "error.code_expired"}}
	}
	p, err := s.People.ByID(ctx, actor.ID())
	if err != nil {
		return err
	}
	login, err := s.loginOf(ctx, actor)
	if err != nil {
		return err
	}
	if p.Passphrase != "" {
		if err := s.showsOld(ctx, p, old); err != nil {
			return err
		}
	}
	return s.alter(ctx, actor, SecondFactorChanged, func(tx *record.Tx, p *people.Person) error {
		if p.Kind != people.Account || p.TOTPSecret != "" {
			return ErrNotThis
		}
		step, ok := stepOf(secret, code, tx.Now, 0)
		if !ok {
			return people.Invalid{"code": {Key: "error.code_wrong"}}
		}
		p.TOTPSecret, p.TOTPStep = secret, step
		if p.Passphrase == "" && s.layOpen(login) {
			tx.Append(record.Entry{Verb: ProofReplaced, Subject: p.ID})
		}
		return nil
	})
}

// DisableTOTP turns the second factor off for whoever shows it once more, or
// the passphrase. Every other device is signed out. Errors: ErrWrong, ErrTooMany.
func (s *Service) DisableTOTP(ctx context.Context, actor people.Actor, proof string) error {
	if !s.Limits.Allow(SecondByAccount, string(actor.ID())) {
		return ErrTooMany
	}
	checked := "" // the stored passphrase that proof has shown to be known
	if normal := normalCode(proof); len(normal) != codeDigits {
		var err error
		if checked, err = s.knows(ctx, actor.ID(), proof); err != nil {
			return err
		}
	}
	err := s.alter(ctx, actor, SecondFactorChanged, func(tx *record.Tx, p *people.Person) error {
		_, shown := stepOf(p.TOTPSecret, proof, tx.Now, p.TOTPStep)
		known := checked != "" && checked == p.Passphrase
		if p.TOTPSecret == "" || (!shown && !known) {
			return ErrWrong
		}
		p.TOTPSecret = "" // the step stays: a code that was spent stays spent
		return nil
	})
	if err == nil {
		s.Limits.Forget(SecondByAccount, string(actor.ID()))
	}
	return err
}

// ClearTOTP is for an administrator who helps somebody that has lost the
// phone. It opens nothing by itself: the passphrase is still asked for. The
// person is signed out everywhere.
func (s *Service) ClearTOTP(ctx context.Context, by people.Actor, person record.ID) error {
	if !by.Person.CanAdminister() || by.ID() == person {
		return people.ErrNotAllowed
	}
	return s.alterFor(ctx, by, person, SecondFactorChanged, func(tx *record.Tx, p *people.Person) error {
		if p.TOTPSecret != "" {
			tx.Append(record.Entry{Verb: ProofReplaced, Subject: p.ID})
		}
		p.TOTPSecret = ""
		return nil
	})
}

// knows checks a passphrase against the stored one and returns what was stored.
func (s *Service) knows(ctx context.Context, person record.ID, passphrase string) (string, error) {
	if !readable(passphrase) {
		return "", ErrWrong
	}
	p, err := s.People.ByID(ctx, person)
	if err != nil {
		return "", err
	}
	right, err := s.Hasher.Check(ctx, p.Passphrase, passphrase)
	if err != nil {
		return "", fmt.Errorf("check passphrase: %w", err)
	}
	if !right {
		return "", ErrWrong
	}
	return p.Passphrase, nil
}

// SetPassphrase gives an account a passphrase. The old one is asked for, if
// there is one, except on a login that a link by mail has just opened: that is
// how one who forgot it gets a new one. Every other device is signed out and
// links by mail that were not used yet die. people.Invalid names the fields
// "passphrase" and "old"; ErrTooMany; ErrNotThis for guests.
func (s *Service) SetPassphrase(ctx context.Context, actor people.Actor, old, fresh string) error {
	p, err := s.People.ByID(ctx, actor.ID())
	if err != nil {
		return err
	}
	if p.Kind != people.Account {
		return ErrNotThis
	}
	v := people.Invalid{}
	CheckNewPassphrase(v, "passphrase", fresh, p.Name, p.Email)
	if err := v.Err(); err != nil {
		return err
	}
	replaces, err := s.mayReplace(ctx, actor, p, old)
	if err != nil {
		return err
	}
	hashed, err := s.Hasher.Hash(ctx, fresh)
	if err != nil {
		return fmt.Errorf("hash passphrase: %w", err)
	}
	return s.alter(ctx, actor, PassphraseChanged, func(tx *record.Tx, now *people.Person) error {
		if now.Passphrase != p.Passphrase {
			return people.Invalid{"old": {Key: "error.passphrase_old"}}
		}
		if replaces {
			tx.Append(record.Entry{Verb: ProofReplaced, Subject: p.ID})
		}
		now.Passphrase = hashed
		return nil
	})
}

// mayReplace asks for the old passphrase where it is due, and tells whether the new
// one comes without a proof of before.
func (s *Service) mayReplace(ctx context.Context, actor people.Actor, p people.Person, old string) (replaces bool, err error) {
	login, err := s.loginOf(ctx, actor)
	switch {
	case err != nil:
		return false, err
	case p.Passphrase == "":
		return s.layOpen(login), nil
	case login.Proof == ByEmail && s.Now().Sub(login.CreatedAt) < FreshProof:
		return true, nil
	}
	return false, s.showsOld(ctx, p, old)
}

// loginOf is the actor's own login; the zero one where they have none.
func (s *Service) loginOf(ctx context.Context, actor people.Actor) (Login, error) {
	var login Login
	err := s.Read.WithContext(ctx).Where("id = ? AND person_id = ? AND stage = ?", orNone(actor.Login), actor.ID(), Full).Limit(1).Find(&login).Error
	if err != nil {
		return login, fmt.Errorf("load login: %w", err)
	}
	return login, nil
}

// layOpen: whoever has this device may not be who opened the login.
func (s *Service) layOpen(login Login) bool {
	return login.ID != "" && s.Now().Sub(login.CreatedAt) >= FreshProof
}

// showsOld asks for the passphrase that stands; the field is "old".
func (s *Service) showsOld(ctx context.Context, p people.Person, old string) (err error) {
	if !s.Limits.Allow(SecondByAccount, string(p.ID)) {
		return ErrTooMany
	}
	right := false
	if readable(old) {
		if right, err = s.Hasher.Check(ctx, p.Passphrase, old); err != nil {
			return fmt.Errorf("check passphrase: %w", err)
		}
	}
	if !right {
		return people.Invalid{"old": {Key: "error.passphrase_old"}}
	}
	s.Limits.Forget(SecondByAccount, string(p.ID))
	return nil
}

// alter changes the actor's own proofs of identity; see alterFor.
func (s *Service) alter(ctx context.Context, actor people.Actor, verb record.Verb, change func(*record.Tx, *people.Person) error) error {
	return s.alterFor(ctx, actor, actor.ID(), verb, change)
}

// alterFor changes a person's proofs of identity and, in the same action, ends
// what the old ones had opened: every login but the actor's own, every link that
// waits to prove who somebody is.
func (s *Service) alterFor(ctx context.Context, by people.Actor, person record.ID, verb record.Verb, change func(*record.Tx, *people.Person) error) error {
	var gone []record.ID
	err := s.do(ctx, record.ForumRoom, by.ID(), func(tx *record.Tx) error {
		p, err := lockedPerson(tx, person)
		if err != nil {
			return err
		}
		if err := change(tx, &p); err != nil {
			return err
		}
		if err := savePerson(tx, &p); err != nil {
			return err
		}
		tx.Append(record.Entry{Verb: verb, Subject: p.ID})
		if err := killProofLinks(tx, p.ID); err != nil {
			return err
		}
		gone, err = endIn(tx, "person_id = ? AND id <> ?", p.ID, orNone(by.Login))
		return err
	})
	if err != nil {
		return err
	}
	s.ended(gone)
	return nil
}

// lockedPerson loads a person who may act and whose row nobody else changes until the commit.
func lockedPerson(tx *record.Tx, id record.ID) (people.Person, error) {
	p, err := people.Lock(tx, id)
	if errors.Is(err, people.ErrNotFound) {
		return p, ErrNobody
	}
	if err != nil {
		return p, fmt.Errorf("load person: %w", err)
	}
	return p, mayAct(p)
}

func savePerson(tx *record.Tx, p *people.Person) error {
	err := tx.DB.Save(p).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return people.ErrEmailTaken
	}
	if err != nil {
		return fmt.Errorf("save person: %w", err)
	}
	return nil
}

// killProofLinks revokes a person's links by mail, and those for a new
// passphrase, that wait to be used.
func killProofLinks(tx *record.Tx, person record.ID) error {
	err := tx.DB.Exec(`UPDATE links SET revoked_at = ? WHERE person_id = ? AND purpose IN ('email', 'address', 'passphrase')
		AND used_at IS NULL AND revoked_at IS NULL`, tx.Now, person).Error
	if err != nil {
		return fmt.Errorf("revoke links that prove: %w", err)
	}
	return nil
}
