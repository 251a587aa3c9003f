package signin

import (
	"context"
	"fmt"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// UseForm is somebody who presses the button a link shows.
type UseForm struct {
	Token  string
	Device string       // the browser's User-Agent
	Actor  people.Actor // who is signed in already, if anybody
	// Phone is the token of the cookie that knows this phone again, for sheets.
	// A page that sets it (NewToken) before it shows the button makes a double
	// tap harmless. "" draws one, see Used.
	Phone string
	// Profile makes an account (administrator, invitation) or a guest (sheet).
	Profile    *people.Profile
	Passphrase string // for the account, or the new one (recovery); field "passphrase" of people.Invalid
}

// Used is what a link has opened.
type Used struct {
	Link    Link
	Person  record.ID
	Started Started // the login that was opened; its Token is "" when the actor was signed in already
	Phone   string  // sheet: what the phone's cookie must hold from now on
	// PassphraseGone says that the address was proven for the first time, so
	// that the passphrase somebody had set before was dropped.
	PassphraseGone bool
}

// Use consumes a link and does what it is good for, in one action: of a
// hundred at the same moment one succeeds. Errors: those of [Service.Peek];
// ErrLinkOther when the link was made for somebody else; ErrLinkNeeds when it
// needs somebody signed in or a Profile; people.Invalid; people.ErrEmailTaken;
// dialogues' errors when whoever invited may no longer.
func (s *Service) Use(ctx context.Context, in UseForm) (Used, error) {
	link, err := s.Peek(ctx, in.Token)
	if err != nil {
		return Used{}, err
	}
	account, err := s.accountFor(ctx, link, in)
	if err != nil {
		return Used{}, err
	}
	room := record.ForumRoom
	if link.DialogueID != "" {
		room = string(link.DialogueID)
	}
	var u *using
	err = s.do(ctx, room, in.Actor.ID(), func(tx *record.Tx) error {
		u = &using{tx: tx, in: in, account: account}
		return u.run(link.ID)
	})
	if err != nil {
		return Used{}, err
	}
	s.ended(u.gone)
	return u.used, nil
}

// newAccount is an account that has been checked, with its passphrase hashed.
type newAccount struct {
	people.Profile
	hashed string
}

// accountFor checks the profile for links that may make an account, before
// anything is locked, since hashing takes long.
func (s *Service) accountFor(ctx context.Context, link Link, in UseForm) (newAccount, error) {
	if link.Purpose == Recovery {
		return s.newPassphrase(ctx, link.PersonID, in.Passphrase)
	}
	makes := link.Purpose == Administrator || link.Purpose == Convener || (link.Purpose == Invite && in.Actor.Person.Kind != people.Account)
	if !makes {
		return newAccount{}, nil
	}
	if in.Profile == nil {
		return newAccount{}, ErrLinkNeeds
	}
	profile := *in.Profile
	if link.Email != "" {
		profile.Email = link.Email
	}
	return s.newAccount(ctx, profile, in.Passphrase, link.Purpose != Administrator && s.Mail)
}

func (s *Service) newAccount(ctx context.Context, profile people.Profile, passphrase string, without bool) (newAccount, error) {
	v := profile.Check()
	if profile.Email == "" {
		v.Add("email", "error.required")
	}
	if passphrase != "" || !without {
		CheckNewPassphrase(v, "passphrase", passphrase, profile.Name, profile.Email)
	}
	if err := v.Err(); err != nil || passphrase == "" {
		return newAccount{Profile: profile}, err
	}
	hashed, err := s.Hasher.Hash(ctx, passphrase)
	if err != nil {
		return newAccount{}, fmt.Errorf("hash passphrase: %w", err)
	}
	return newAccount{profile, hashed}, nil
}

// using is one use of a link, at work.
type using struct {
	tx      *record.Tx
	in      UseForm
	account newAccount
	link    Link
	used    Used
	gone    []record.ID
}

func (u *using) run(id record.ID) error {
	if err := u.tx.DB.Where("id = ?", id).Limit(1).Find(&u.link).Error; err != nil {
		return fmt.Errorf("load link: %w", err)
	}
	if err := u.link.Check(u.tx.Now); err != nil {
		return err
	}
	err := u.open()
	u.used.Link = u.link
	return err
}

func (u *using) open() error {
	switch u.link.Purpose {
	case Administrator:
		return u.administrator()
	case Convener:
		return u.convener()
	case Demo:
		return u.demo()
	case Email:
		return u.email()
	case Address:
		return u.address()
	case Invite:
		return u.invite()
	case Sheet:
		return u.sheet()
	case Recovery:
		return u.recovery()
	}
	return ErrLinkUnknown
}

// consume takes the link for a person, in one statement that only one of many
// can win.
func (u *using) consume(person record.ID) error {
	result := u.tx.DB.Exec(`UPDATE links SET used_at = ?, person_id = ?, phone_hash = ?, note = ''
		WHERE id = ? AND used_at IS NULL AND revoked_at IS NULL`, u.tx.Now, person, u.link.PhoneHash, u.link.ID)
	if result.Error != nil {
		return fmt.Errorf("use link: %w", result.Error)
	}
	if result.RowsAffected == 0 {
		return ErrLinkUsed
	}
	u.link.UsedAt, u.link.PersonID, u.used.Person = &u.tx.Now, person, person
	return nil
}

// login opens a login for a person and remembers which link did.
func (u *using) login(p people.Person, proof Proof) (err error) {
	u.used.Person = p.ID
	u.used.Started, err = open(u.tx, p, opening{proof: proof, link: u.link.ID, device: u.in.Device})
	return err
}

// administrator: the first start.
func (u *using) administrator() error {
	if err := noAdministrator(u.tx); err != nil {
		return err
	}
	p, err := u.insertAccount(func(p *people.Person) { p.Administrator, p.Convener = true, true })
	if err != nil {
		return err
	}
	if err := u.consume(p.ID); err != nil {
		return err
	}
	return u.login(p, ByLink)
}

// convener: an account made at an administrator's word.
func (u *using) convener() error {
	if err := mayAdminister(u.tx, u.link.CreatedBy); err != nil {
		return ErrLinkRevoked
	}
	if u.link.Email != "" {
		u.account.Profile.Email = u.link.Email // the address it was sent to, and no other
	}
	p, err := u.insertAccount(func(p *people.Person) { p.Convener = true })
	if err != nil {
		return err
	}
	if err := u.consume(p.ID); err != nil {
		return err
	}
	return u.login(p, ByLink)
}

func (u *using) insertAccount(change func(*people.Person)) (people.Person, error) {
	p, err := people.Insert(u.tx, people.Account, u.account.Profile, func(p *people.Person) {
		p.Passphrase = u.account.hashed
		if change != nil {
			change(p)
		}
	})
	if err != nil {
		return p, fmt.Errorf("make account: %w", err)
	}
	u.tx.Append(record.Entry{Verb: people.PersonCreated, Actor: p.ID, Subject: p.ID})
	return p, nil
}

// demo: anybody who has the link is the demonstration person.
func (u *using) demo() error {
	p, err := personIn(u.tx, u.link.PersonID)
	if err != nil {
		return err
	}
	return u.login(p, ByLink)
}

// email: whoever reads the account's mail may sign in. If nobody had shown
// that before, the account may have been made by somebody else under this
// address: their passphrase goes and their logins end.
func (u *using) email() error {
	p, err := lockedPerson(u.tx, u.link.PersonID)
	if err != nil {
		return err
	}
	if p.Email != u.link.Email {
		return ErrLinkOther
	}
	first, err := u.firstProof(p)
	if err != nil {
		return err
	}
	if err := u.consume(p.ID); err != nil {
		return err
	}
	if err := killProofLinks(u.tx, p.ID); err != nil {
		return err
	}
	if first && p.Passphrase != "" && p.TOTPSecret == "" {
		p.Passphrase, u.used.PassphraseGone = "", true
		if err := savePerson(u.tx, &p); err != nil {
			return err
		}
		u.tx.Append(record.Entry{Verb: ProofReplaced, Actor: p.ID, Subject: p.ID})
		u.tx.Append(record.Entry{Verb: PassphraseChanged, Actor: p.ID, Subject: p.ID})
		if u.gone, err = endIn(u.tx, "person_id = ?", p.ID); err != nil {
			return err
		}
	}
	return u.login(p, ByEmail)
}

// firstProof: no link that went to the person's address was used before.
func (u *using) firstProof(p people.Person) (bool, error) {
	var n int64
	err := u.tx.DB.Model(&Link{}).Where("person_id = ? AND email = ? AND purpose IN ? AND used_at IS NOT NULL",
		p.ID, p.Email, []Purpose{Email, Address, Invite}).Count(&n).Error
	if err != nil {
		return false, fmt.Errorf("look whether the address was proven: %w", err)
	}
	return n == 0, nil
}

// address: the account that asked for it takes the new address. To hold the
// link alone opens nothing: the address may have been mistyped.
func (u *using) address() error {
	if u.in.Actor.ID() == "" {
		return ErrLinkNeeds
	}
	if u.in.Actor.ID() != u.link.PersonID {
		return ErrLinkOther
	}
	p, err := lockedPerson(u.tx, u.link.PersonID)
	if err != nil {
		return err
	}
	if err := u.consume(p.ID); err != nil {
		return err
	}
	p.Email = u.link.Email
	if err := savePerson(u.tx, &p); err != nil {
		return err
	}
	u.tx.Append(record.Entry{Verb: EmailChanged, Subject: p.ID})
	if err := killProofLinks(u.tx, p.ID); err != nil {
		return err
	}
	u.gone, err = endIn(u.tx, "person_id = ? AND id <> ?", p.ID, orNone(u.in.Actor.Login))
	return err
}

// invite: a seat in the dialogue, for the account that is signed in, for the
// guest who becomes one, or for a new one.
func (u *using) invite() error {
	if u.link.PersonID != "" && u.in.Actor.ID() != u.link.PersonID {
		if u.in.Actor.ID() == "" {
			return ErrLinkNeeds
		}
		return ErrLinkOther
	}
	if err := dialogues.MayOffer(u.tx, u.link.DialogueID, u.link.CreatedBy, u.link.needs()); err != nil {
		return err
	}
	p, fresh, err := u.invited()
	if err != nil {
		return err
	}
	if err := u.consume(p.ID); err != nil {
		return err
	}
	if err := dialogues.Admit(u.tx, u.link.DialogueID, p.ID, u.link.Role); err != nil {
		return err
	}
	if fresh {
		return u.login(p, ByLink)
	}
	return nil
}

// invited finds or makes the account that accepts; fresh says that it has no
// login here yet.
func (u *using) invited() (p people.Person, fresh bool, err error) {
	if u.in.Actor.ID() == "" {
		p, err = u.insertAccount(nil)
		return p, true, err
	}
	p, err = lockedPerson(u.tx, u.in.Actor.ID())
	switch {
	case err != nil:
		return p, false, err
	case p.Kind == people.Guest && u.account.Name != "":
		c, err := claimIn(u.tx, p, u.in.Actor.Login, u.account)
		u.used.Started, u.gone = c.started, c.gone
		return c.person, false, err
	case p.Kind != people.Account:
		return p, false, ErrLinkNeeds
	case u.link.Email != "" && p.Email != u.link.Email:
		return p, false, ErrLinkOther
	}
	return p, false, nil
}
