package signin

import (
	"context"
	"fmt"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// A recovery link is the way back for somebody who has forgotten the passphrase
// where no mail can be sent. An administrator makes it and hands it over in
// person, having looked whom they have before them; the record says who made it
// for whom, and the account's owner sees it. It replaces the passphrase alone: a
// second factor is still owed.

// recoverable: another's account that signs in by an address. Of several links
// for one person the newest alone holds.
func recoverable(tx *record.Tx, l Link) error {
	if err := mayAdminister(tx, l.CreatedBy); err != nil {
		return err
	}
	p, err := personIn(tx, l.PersonID)
	if err != nil {
		return err
	}
	if p.Kind != people.Account || p.Email == "" || p.ID == l.CreatedBy {
		return ErrNotThis
	}
	err = tx.DB.Exec("UPDATE links SET revoked_at = ? WHERE purpose = ? AND person_id = ? AND used_at IS NULL AND revoked_at IS NULL", tx.Now, Recovery, p.ID).Error
	if err != nil {
		return fmt.Errorf("revoke earlier links: %w", err)
	}
	return nil
}

// newPassphrase checks and hashes a new passphrase for a person.
func (s *Service) newPassphrase(ctx context.Context, person record.ID, passphrase string) (newAccount, error) {
	p, err := s.People.ByID(ctx, person)
	if err != nil {
		return newAccount{}, err
	}
	v := people.Invalid{}
	CheckNewPassphrase(v, "passphrase", passphrase, p.Name, p.Email)
	if err := v.Err(); err != nil {
		return newAccount{}, err
	}
	hashed, err := s.Hasher.Hash(ctx, passphrase)
	if err != nil {
		return newAccount{}, fmt.Errorf("hash passphrase: %w", err)
	}
	return newAccount{hashed: hashed}, nil
}

// recovery: whoever holds the link has a new passphrase and is signed in, here
// alone.
func (u *using) recovery() error {
	if err := mayAdminister(u.tx, u.link.CreatedBy); err != nil {
		return ErrLinkRevoked
	}
	p, err := lockedPerson(u.tx, u.link.PersonID)
	if err != nil {
		return err
	}
	if err := u.consume(p.ID); err != nil {
		return err
	}
	p.Passphrase = u.account.hashed
	if err := savePerson(u.tx, &p); err != nil {
		return err
	}
	u.tx.Append(record.Entry{Verb: ProofReplaced, Actor: p.ID, Subject: p.ID})
	u.tx.Append(record.Entry{Verb: PassphraseChanged, Actor: p.ID, Subject: p.ID})
	if err := killProofLinks(u.tx, p.ID); err != nil {
		return err
	}
	if u.gone, err = endIn(u.tx, "person_id = ?", p.ID); err != nil {
		return err
	}
	return u.login(p, ByLink)
}

// Recoveries returns the links for a new passphrase that were made for a person,
// the newest first.
func (s *Service) Recoveries(ctx context.Context, person record.ID) ([]Link, error) {
	var links []Link
	err := s.Read.WithContext(ctx).Omit("token_hash").Where("person_id = ? AND purpose = ?", person, Recovery).
		Order("created_at DESC, id DESC").Limit(5).Find(&links).Error
	if err != nil {
		return nil, fmt.Errorf("list recoveries: %w", err)
	}
	return links, nil
}
