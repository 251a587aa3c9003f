package people

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/vcm-forum/forum/dialogues/record"
)

// Verbs of the forum's own room.
const (
	PersonCreated   record.Verb = "person.created"
	PersonChanged   record.Verb = "person.changed"
	PersonSuspended record.Verb = "person.suspended"
	PersonRestored  record.Verb = "person.restored"
	PersonErased    record.Verb = "person.erased"
	PersonMerged    record.Verb = "person.merged"
	RightsChanged   record.Verb = "person.rights_changed"
)

// Longest texts of a profile, in characters.
const (
	LongestName  = 120
	LongestEmail = 254 // RFC 5321, 4.5.3.1.3
)

// Errors of people's actions.
var (
	ErrNotFound   = errors.New("no such person")
	ErrNotAllowed = errors.New("not allowed")
	ErrEmailTaken = errors.New("e-mail address belongs to another account")
	ErrLastAdmin  = errors.New("the last administrator cannot be suspended, demoted or deleted")
)

// Service acts on people.
type Service struct {
	Writer *record.Writer
	Read   *gorm.DB
}

// Profile is what a person says about themselves.
type Profile struct {
	Name             string
	Email            string // "" for none
	StakeholderGroup Group
	Country          string
	Organisation     string // name; found or made
	Language         string
	TimeZone         string
}

// Check brings a profile into stored form or says what is wrong with it.
func (p *Profile) Check() Invalid {
	v := Invalid{}
	p.Name = v.Line("name", p.Name, true, LongestName)
	p.Organisation = v.Line("organisation", p.Organisation, false, LongestName)
	p.Email = NormalEmail(v.Line("email", p.Email, false, LongestEmail))
	if p.Email != "" && !PlausibleEmail(p.Email) {
		v.Add("email", "error.email")
	}
	if !p.StakeholderGroup.Known() {
		v.Add("group", "error.choose_one")
	}
	if p.Country != "" {
		country, ok := CountryByCode(p.Country)
		if !ok {
			v.Add("country", "error.choose_one")
		}
		p.Country = country.Code
	}
	if p.TimeZone != "" && !KnownZone(p.TimeZone) {
		v.Add("time_zone", "error.choose_one")
	}
	if p.Language != "" && !slices.Contains(PageLanguages(), p.Language) {
		v.Add("language", "error.choose_one")
	}
	return v
}

// PlausibleEmail tells whether a line can be an e-mail address and nothing more.
func PlausibleEmail(s string) bool {
	address, err := mail.ParseAddress(s)
	return err == nil && address.Address == s && strings.Contains(s, "@") && !strings.ContainsAny(s, " <>\"\r\n")
}

// Create makes an account. The caller has checked who may (an invitation, an
// administrator, the first start).
func (s *Service) Create(ctx context.Context, by record.ID, in Profile, change func(*Person)) (record.ID, error) {
	if err := in.Check().Err(); err != nil {
		return "", err
	}
	receipt, err := s.Writer.Do(ctx, record.Action{Room: record.ForumRoom, Actor: by, Run: func(tx *record.Tx) error {
		p, err := Insert(tx, Account, in, change)
		if err != nil {
			return err
		}
		tx.Append(record.Entry{Verb: PersonCreated, Subject: p.ID})
		return nil
	}})
	return receipt.ID, err
}

// Insert adds a person inside an action of the caller's; the caller names the line.
func Insert(tx *record.Tx, kind Kind, in Profile, change func(*Person)) (Person, error) {
	p := Person{ID: record.NewID(), Kind: kind, CreatedAt: tx.Now}
	if err := p.fill(tx, in); err != nil {
		return Person{}, err
	}
	if change != nil {
		change(&p)
	}
	return p, storeErr("create person", tx.DB.Create(&p).Error)
}

// fill copies a checked profile field by field.
func (p *Person) fill(tx *record.Tx, in Profile) error {
	organisation, err := organisationByName(tx, in)
	p.Name, p.Folded, p.Email = in.Name, Fold(in.Name), in.Email
	p.StakeholderGroup, p.Country, p.OrganisationID = in.StakeholderGroup, in.Country, organisation
	p.Language, p.TimeZone = in.Language, in.TimeZone
	return err
}

func organisationByName(tx *record.Tx, in Profile) (record.ID, error) {
	if in.Organisation == "" {
		return "", nil
	}
	return EnsureOrganisation(tx, Organisation{Name: in.Organisation, StakeholderGroup: in.StakeholderGroup, Country: in.Country})
}

// EnsureOrganisation finds an organisation by its folded name or makes it.
func EnsureOrganisation(tx *record.Tx, o Organisation) (record.ID, error) {
	o.Folded = Fold(o.Name)
	if o.ID == "" {
		o.ID = record.NewID()
	}
	o.CreatedAt = tx.Now
	// Another room may be making it at this moment: then this waits and finds it.
	if err := tx.DB.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "folded"}}, DoNothing: true}).Create(&o).Error; err != nil {
		return "", fmt.Errorf("create organisation: %w", err)
	}
	var found Organisation
	if err := tx.DB.Where("folded = ?", o.Folded).Take(&found).Error; err != nil {
		return "", fmt.Errorf("find organisation: %w", err)
	}
	return found.ID, nil
}

// Update changes the person's own profile. An address that is new must have
// been proven by the caller before it is passed on.
func (s *Service) Update(ctx context.Context, actor Actor, in Profile) error {
	if err := in.Check().Err(); err != nil {
		return err
	}
	return s.change(ctx, actor.ID(), actor.ID(), PersonChanged, func(tx *record.Tx, p *Person) error {
		if !p.Active() {
			return ErrNotAllowed
		}
		return p.fill(tx, in)
	})
}

// Change alters a person's proofs of identity (passphrase, second factor) on
// behalf of by, who is allowed to; server/signin decides that.
func (s *Service) Change(ctx context.Context, by, id record.ID, alter func(*Person) error) error {
	return s.change(ctx, by, id, PersonChanged, func(_ *record.Tx, p *Person) error { return alter(p) })
}

func (s *Service) change(ctx context.Context, by, id record.ID, verb record.Verb, alter func(*record.Tx, *Person) error) error {
	_, err := s.Writer.Do(ctx, record.Action{Room: record.ForumRoom, Actor: by, Run: func(tx *record.Tx) error {
		p, err := Lock(tx, id)
		if err != nil {
			return err
		}
		if err := alter(tx, &p); err != nil {
			return err
		}
		tx.Append(record.Entry{Verb: verb, Subject: p.ID})
		return storeErr("change person", tx.DB.Save(&p).Error)
	}})
	return err
}

// Lock loads a person, inside an action, whose row nobody else changes until the
// commit. The forum's room alone does not see to that: a guest becomes an account
// in a dialogue's room and a code is spent in none, in another lane or on another
// node, and whoever writes the whole row must have read it after them.
func Lock(tx *record.Tx, id record.ID) (Person, error) {
	if err := tx.DB.Exec("UPDATE people SET totp_step = totp_step WHERE id = ?", id).Error; err != nil {
		return Person{}, fmt.Errorf("lock person: %w", err)
	}
	return one(tx.DB.Where("id = ?", id))
}

// Suspend stops an account; the caller ends its logins and sockets.
func (s *Service) Suspend(ctx context.Context, actor Actor, id record.ID) error {
	return s.administer(ctx, actor, id, PersonSuspended, func(tx *record.Tx, p *Person) error {
		if p.SuspendedAt == nil {
			p.SuspendedAt = &tx.Now
		}
		return lastAdmin(tx, p)
	})
}

// Restore lets a suspended account act again.
func (s *Service) Restore(ctx context.Context, actor Actor, id record.ID) error {
	return s.administer(ctx, actor, id, PersonRestored, func(_ *record.Tx, p *Person) error {
		p.SuspendedAt = nil
		return nil
	})
}

// SetRights says whether an account may convene dialogues and administer the server.
func (s *Service) SetRights(ctx context.Context, actor Actor, id record.ID, convener, administrator bool) error {
	return s.administer(ctx, actor, id, RightsChanged, func(tx *record.Tx, p *Person) error {
		if p.Kind != Account {
			return ErrNotAllowed
		}
		p.Convener, p.Administrator = convener, administrator
		return lastAdmin(tx, p)
	})
}

func (s *Service) administer(ctx context.Context, actor Actor, id record.ID, verb record.Verb, alter func(*record.Tx, *Person) error) error {
	if !actor.Person.CanAdminister() {
		return ErrNotAllowed
	}
	return s.change(ctx, actor.ID(), id, verb, func(tx *record.Tx, p *Person) error {
		if err := StillHolds(tx, actor, Person.CanAdminister); err != nil {
			return err
		}
		return alter(tx, p)
	})
}

// StillHolds reads the actor again inside the action: a right lost a moment ago
// is lost here too.
func StillHolds(tx *record.Tx, actor Actor, right func(Person) bool) error {
	var p Person
	if err := tx.DB.Where("id = ?", actor.ID()).Take(&p).Error; err != nil {
		return notFound(err, "load actor")
	}
	if !right(p) {
		return ErrNotAllowed
	}
	return nil
}

// lastAdmin refuses a change after which nobody could run the server.
func lastAdmin(tx *record.Tx, p *Person) error {
	if p.CanAdminister() {
		return nil
	}
	var others int64
	err := tx.DB.Model(&Person{}).
		Where("administrator = ? AND kind = ? AND id <> ? AND suspended_at IS NULL AND erased_at IS NULL AND merged_into IS NULL", true, Account, p.ID).
		Count(&others).Error
	if err != nil {
		return fmt.Errorf("count administrators: %w", err)
	}
	var before Person
	if err := tx.DB.Where("id = ?", p.ID).Take(&before).Error; err != nil {
		return fmt.Errorf("load person: %w", err)
	}
	if others == 0 && before.CanAdminister() {
		return ErrLastAdmin
	}
	return nil
}

// Erase empties what identifies a person. Their contributions are erased, room
// by room, by dialogues before this is called.
func (s *Service) Erase(ctx context.Context, actor Actor) error {
	return s.change(ctx, actor.ID(), actor.ID(), PersonErased, func(tx *record.Tx, p *Person) error {
		*p = Person{
			ID: p.ID, Kind: p.Kind, StakeholderGroup: p.StakeholderGroup, Language: p.Language,
			CreatedAt: p.CreatedAt, ErasedAt: &tx.Now,
		}
		if err := tx.ForgetAnswers(p.ID); err != nil {
			return err
		}
		return lastAdmin(tx, p)
	})
}

// FormerID is the one person to whom belongs what people said for their group
// only before they left: a placeholder without name, group or day, so that
// whose it was cannot be told.
const FormerID record.ID = "00000000-0000-7000-8000-000000000000"

// Former makes sure of the placeholder, inside an action of the caller's.
func Former(tx *record.Tx) (record.ID, error) {
	err := tx.DB.Clauses(clause.OnConflict{DoNothing: true}).Create(&Person{ID: FormerID, Kind: Imported, CreatedAt: time.Unix(0, 0).UTC()}).Error
	return FormerID, storeErr("make the placeholder of who has left", err)
}

func notFound(err error, doing string) error {
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return ErrNotFound
	}
	return fmt.Errorf("%s: %w", doing, err)
}

func storeErr(doing string, err error) error {
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return ErrEmailTaken
	}
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}
