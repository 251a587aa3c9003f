package signin

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// Purpose is the one thing a link is good for.
type Purpose string

// Purposes of links.
const (
	Administrator Purpose = "administrator" // first start: makes the first administrator's account
	Convener      Purpose = "convener"      // an administrator's: makes an account that may create dialogues
	Demo          Purpose = "demo"          // signs in as the demonstration person, as often as one likes
	Invite        Purpose = "invite"        // a seat in a dialogue, for a new or an existing account
	Email         Purpose = "email"         // signs in whoever reads the account's mail
	Address       Purpose = "address"       // proves a new address, to whoever is signed in already
	Sheet         Purpose = "sheet"         // printed: a guest's way into a session, bound to one phone
	Recovery      Purpose = "passphrase"    // an administrator's, handed over in person: sets a new passphrase
)

// Errors of links. Each is an ErrLink; pages say which, since whoever holds a
// real token may know what became of it. ErrLinkUnknown is all that guessing gets.
var (
	ErrLink        = errors.New("the link opens nothing")
	ErrLinkUnknown = fmt.Errorf("%w: unknown", ErrLink)
	ErrLinkUsed    = fmt.Errorf("%w: used", ErrLink)
	ErrLinkExpired = fmt.Errorf("%w: expired", ErrLink)
	ErrLinkRevoked = fmt.Errorf("%w: revoked", ErrLink)
	ErrLinkOther   = fmt.Errorf("%w: made for somebody else", ErrLink)
	ErrLinkNeeds   = errors.New("the link needs an account to be signed in or a profile")
)

// purposeRules says how long links of a purpose hold: by default, and at most.
type purposeRules struct{ life, most time.Duration }

func rulesOf(p Purpose) (purposeRules, bool) {
	const day = 24 * time.Hour
	switch p {
	case Administrator:
		return purposeRules{day, day}, true
	case Convener:
		return purposeRules{7 * day, 7 * day}, true
	case Demo:
		return purposeRules{7 * day, 90 * day}, true
	case Invite:
		return purposeRules{7 * day, 7 * day}, true
	case Email:
		return purposeRules{10 * time.Minute, 10 * time.Minute}, true
	case Address:
		return purposeRules{time.Hour, time.Hour}, true
	case Recovery: // long enough to be carried on paper to somebody without a signal
		return purposeRules{day, day}, true
	case Sheet: // the end of the session is the real one
		return purposeRules{90 * day, 90 * day}, true
	}
	return purposeRules{}, false
}

// sheetAfter is how long after its session's planned end a sheet still opens,
// as long as nobody has closed the session: meetings run late.
const sheetAfter = 24 * time.Hour

// Link is a proof that waits to be shown. It travels as a token in an address;
// to open the address changes nothing (mail scanners do), only [Service.Use] does.
type Link struct {
	ID         record.ID
	TokenHash  string `json:"-"`
	Purpose    Purpose
	PersonID   record.ID // whom it was made for, or who has used it
	DialogueID record.ID
	SessionID  record.ID
	Role       dialogues.Role
	Email      string    // the address it was sent to; "" when it was handed over
	Note       string    // invitation: for whom it is, in its maker's words, while it waits
	PhoneHash  string    `json:"-"` // sheet: the phone it is bound to
	CreatedBy  record.ID // "" for the server itself
	CreatedAt  time.Time
	ExpiresAt  time.Time
	UsedAt     *time.Time
	RevokedAt  *time.Time
}

// TableName tells gorm where links live.
func (Link) TableName() string { return "links" }

// reusable: a demonstration link by everyone, a sheet by the phone it is bound to.
func (l Link) reusable() bool { return l.Purpose == Demo || l.Purpose == Sheet }

// Check says what has become of a link by a moment; nil while it waits to be used.
func (l Link) Check(now time.Time) error {
	switch {
	case l.ID == "":
		return ErrLinkUnknown
	case l.RevokedAt != nil:
		return ErrLinkRevoked
	case l.UsedAt != nil && !l.reusable():
		return ErrLinkUsed
	case !now.Before(l.ExpiresAt):
		return ErrLinkExpired
	}
	return nil
}

// LinkForm says what link to make. Which fields a purpose needs:
//
//	Administrator  none
//	Convener       By; Email if it goes by mail (only that address may use it)
//	Demo           Person
//	Invite         Dialogue, Role, By; Email if it goes by mail (only that address may use it), Person if it is for one account; Note
//	Email          Person; it goes to Email, the account's address
//	Address        Person; it goes to Email, the new address
//	Recovery       Person, By
//	Sheet          Dialogue, Session, Role, By; Person to give a known guest a new sheet
type LinkForm struct {
	Purpose  Purpose
	Person   record.ID
	Dialogue record.ID
	Session  record.ID
	Role     dialogues.Role
	Email    string
	Note     string
	By       record.ID
	Life     time.Duration // 0 means the purpose's default; more than its most is cut
}

// check refuses a link that lacks what its purpose needs or says more: what is
// not listed is not possible.
func (f *LinkForm) check() error {
	rules, ok := rulesOf(f.Purpose)
	if !ok {
		return ErrNotThis
	}
	f.Email = people.NormalEmail(f.Email)
	if f.Life <= 0 || f.Life > rules.most {
		f.Life = min(rules.life, rules.most)
	}
	person, place, mail := f.Person != "", f.Dialogue != "" && f.By != "", f.Email != ""
	sound := false
	switch f.Purpose {
	case Administrator:
		sound = !person && !place && !mail
	case Convener:
		sound = f.By != "" && !person && f.Dialogue == ""
	case Demo:
		sound = person && !place && !mail
	case Email, Address:
		sound = person && !place && mail
	case Recovery:
		sound = person && f.By != "" && f.Dialogue == "" && !mail
	case Invite:
		sound = place && f.Session == "" && slices.Contains(dialogues.Roles(), f.Role)
	case Sheet:
		sound = place && f.Session != "" && !mail && (f.Role == dialogues.Participant || f.Role == dialogues.Observer)
	}
	if !sound || (f.Note != "" && f.Purpose != Invite) {
		return ErrNotThis
	}
	return nil
}

// needs is the act in its dialogue that a link's maker must be allowed, when
// it is made and still when it is used.
func (l Link) needs() dialogues.Act {
	if l.Purpose == Sheet {
		return dialogues.Prepare
	}
	return dialogues.Staff
}
