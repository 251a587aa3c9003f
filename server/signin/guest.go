package signin

import (
	"context"
	"fmt"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// Claim makes the guest of this phone an account, in place: what was said, the
// seats and the hands are the account's because they are the same person's.
// The login goes on under the token returned; the old one and the guest's other
// devices are out. people.Invalid; people.ErrEmailTaken when the address has an
// account already: then its owner signs in and the two are merged (see
// [Service.Merge]); ErrNotThis for anybody but a guest.
func (s *Service) Claim(ctx context.Context, guest people.Actor, profile people.Profile, passphrase string) (Started, error) {
	if guest.Person.Kind != people.Guest || guest.Login == "" {
		return Started{}, ErrNotThis
	}
	account, err := s.newAccount(ctx, profile, passphrase, s.Mail)
	if err != nil {
		return Started{}, err
	}
	var c claimed
	err = s.do(ctx, record.ForumRoom, guest.ID(), func(tx *record.Tx) error {
		p, err := lockedPerson(tx, guest.ID())
		if err != nil {
			return err
		}
		c, err = claimIn(tx, p, guest.Login, account)
		return err
	})
	if err != nil {
		return Started{}, err
	}
	s.ended(c.gone)
	return c.started, nil
}

// claimed is a guest who has become an account.
type claimed struct {
	person  people.Person
	started Started
	gone    []record.ID // the guest's other logins
}

// claimIn turns a guest's row into an account's and renews the login it came by.
func claimIn(tx *record.Tx, p people.Person, login record.ID, a newAccount) (claimed, error) {
	if p.Kind != people.Guest {
		return claimed{}, ErrNotThis
	}
	var kept Login
	if err := tx.DB.Where("id = ? AND person_id = ? AND stage = ?", orNone(login), p.ID, Full).Limit(1).Find(&kept).Error; err != nil {
		return claimed{}, fmt.Errorf("load login: %w", err)
	}
	if kept.ID == "" {
		return claimed{}, ErrNobody
	}
	if err := fill(tx, &p, a); err != nil {
		return claimed{}, err
	}
	if err := savePerson(tx, &p); err != nil {
		return claimed{}, err
	}
	tx.Append(record.Entry{Verb: people.PersonCreated, Actor: p.ID, Subject: p.ID})
	gone, err := endIn(tx, "person_id = ? AND id <> ?", p.ID, kept.ID)
	if err != nil {
		return claimed{}, err
	}
	started, err := renew(tx, kept, p)
	return claimed{p, started, gone}, err
}

// fill copies a checked account into a guest's row, field by field.
func fill(tx *record.Tx, p *people.Person, a newAccount) error {
	p.Kind, p.Name, p.Folded, p.Email, p.Passphrase = people.Account, a.Name, people.Fold(a.Name), a.Email, a.hashed
	p.StakeholderGroup, p.Country, p.Language, p.TimeZone = a.StakeholderGroup, a.Country, a.Language, a.TimeZone
	if a.Organisation == "" {
		return nil
	}
	var err error
	p.OrganisationID, err = people.EnsureOrganisation(tx, people.Organisation{
		Name: a.Organisation, StakeholderGroup: a.StakeholderGroup, Country: a.Country,
	})
	if err != nil {
		return fmt.Errorf("find organisation: %w", err)
	}
	return nil
}

// Merge gives everything the guest of this phone said and did to the account
// that has signed in on it, and signs the guest out everywhere. guest is the
// token of the guest's cookie: to hold it is the proof that the guest is ours
// to give away. ErrNobody for any other token; ErrNotThis when it is no guest.
func (s *Service) Merge(ctx context.Context, d *dialogues.Service, guest string, into people.Actor) error {
	from, err := s.Who(ctx, guest)
	if err != nil {
		return err
	}
	if from.Actor.Person.Kind != people.Guest || into.Person.Kind != people.Account {
		return ErrNotThis
	}
	if err := d.MergePerson(ctx, dialogues.Call{Actor: into}, from.Actor.ID(), into.ID()); err != nil {
		return fmt.Errorf("merge guest: %w", err)
	}
	return s.EndAll(ctx, into.ID(), from.Actor.ID())
}
