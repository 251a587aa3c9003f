package signin

import (
	"errors"
	"fmt"
	"slices"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
)

// sheet: the first phone that uses it is its phone. Later it opens the same
// guest on that phone again, and nothing on any other.
func (u *using) sheet() error {
	if err := sessionOpen(u.tx.DB, u.tx.Now, u.link); err != nil {
		return err
	}
	hash, ok := hashToken(u.in.Phone)
	if !ok {
		u.in.Phone, hash = freshToken()
	}
	u.used.Phone = u.in.Phone
	if u.link.UsedAt != nil {
		return u.sheetAgain(hash)
	}
	p, err := u.sheetPerson()
	if err != nil {
		return err
	}
	u.link.PhoneHash = hash
	if err := u.consume(p.ID); err != nil {
		return err
	}
	if err := dialogues.MayOffer(u.tx, u.link.DialogueID, u.link.CreatedBy, u.link.needs()); err != nil {
		return err
	}
	if err := dialogues.Admit(u.tx, u.link.DialogueID, p.ID, u.link.Role); err != nil {
		return err
	}
	return u.sheetLogin(p)
}

// sheetPerson is who a sheet is for: a guest it names, whoever is signed in on
// this phone, or a new guest.
func (u *using) sheetPerson() (people.Person, error) {
	switch {
	case u.link.PersonID != "":
		p, err := personIn(u.tx, u.link.PersonID)
		if errors.Is(err, ErrNobody) || (err == nil && p.Kind != people.Guest) {
			return p, ErrLinkUsed // the guest has an account by now
		}
		return p, err
	case u.in.Actor.ID() != "":
		return personIn(u.tx, u.in.Actor.ID())
	case u.in.Profile == nil:
		return people.Person{}, ErrLinkNeeds
	}
	profile := *u.in.Profile
	profile.Email = "" // a guest has none
	if err := profile.Check().Err(); err != nil {
		return people.Person{}, err
	}
	if err := dialogues.NameFree(u.tx, u.link.DialogueID, profile.Name); err != nil {
		return people.Person{}, err
	}
	p, err := people.Insert(u.tx, people.Guest, profile, nil)
	if err != nil {
		return p, fmt.Errorf("make guest: %w", err)
	}
	return p, nil
}

func (u *using) sheetAgain(phone string) error {
	if u.link.PhoneHash != phone {
		return ErrLinkUsed
	}
	p, err := personIn(u.tx, u.link.PersonID)
	if errors.Is(err, ErrNobody) {
		return ErrLinkUsed
	}
	if err != nil {
		return err
	}
	return u.sheetLogin(p)
}

// sheetLogin opens the one login a sheet has, unless its person is signed in
// here already. It never opens an account.
func (u *using) sheetLogin(p people.Person) error {
	u.used.Person = p.ID
	if u.in.Actor.ID() == p.ID {
		return nil
	}
	if p.Kind != people.Guest {
		return ErrLinkUsed
	}
	gone, err := endIn(u.tx, "link_id = ?", u.link.ID)
	if err != nil {
		return err
	}
	u.gone = slices.Concat(u.gone, gone)
	return u.login(p, ByLink)
}
