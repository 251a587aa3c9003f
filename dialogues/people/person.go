// Package people says who takes part: persons, organisations, the stakeholder
// groups they speak for, the countries they come from, and what anyone may do
// regardless of a dialogue. How a person proves who they are is not here (see
// server/signin), and what a role allows inside a dialogue is not either (see
// dialogues).
package people

import (
	"strings"
	"time"

	"github.com/vcm-forum/forum/dialogues/record"
)

// Kind says how a person came to be known.
type Kind string

// Kinds of person.
const (
	Account  Kind = "account"  // signs in, keeps a profile
	Guest    Kind = "guest"    // joined a session by its code from one phone
	Imported Kind = "imported" // author of material from elsewhere; can never sign in
)

// Person is somebody who takes part. A guest who later makes an account either
// becomes it (the row changes kind) or, if the account existed, is merged into
// it; what the guest said then belongs to the account.
type Person struct {
	ID               record.ID
	Kind             Kind
	Name             string // shown to others; "" once erased
	Folded           string // Name folded for search
	Email            string // lower case; "" for none
	Passphrase       string // argon2id in PHC form; "" for none
	TOTPSecret       string `gorm:"column:totp_secret"` // base32; "" for none
	TOTPStep         int64  `gorm:"column:totp_step"`   // last time step that was accepted, so that no code counts twice
	StakeholderGroup Group
	Country          string // ISO 3166-1 alpha-2; "" unsaid
	OrganisationID   record.ID
	Language         string // of pages and mail
	TimeZone         string // IANA name; "" means the server's
	Administrator    bool   // may run the server: people, settings, backups; reads no private dialogue by right
	Convener         bool   // may create dialogues
	SuspendedAt      *time.Time
	ErasedAt         *time.Time
	MergedInto       record.ID
	CreatedAt        time.Time
}

// TableName tells gorm where persons live.
func (Person) TableName() string { return "people" }

// Active tells whether the person may still do anything at all.
func (p Person) Active() bool {
	return p.ID != "" && p.SuspendedAt == nil && p.ErasedAt == nil && p.MergedInto == "" && p.Kind != Imported
}

// CanConvene tells: an account that an administrator has made a convener, and every
// administrator, may create dialogues.
func (p Person) CanConvene() bool {
	return p.Active() && p.Kind == Account && (p.Convener || p.Administrator)
}

// CanAdminister tells: an active account marked as administrator may run the server.
func (p Person) CanAdminister() bool {
	return p.Active() && p.Kind == Account && p.Administrator
}

// Actor is whoever asks for something: a person on one of their devices, or
// nobody in particular (the zero Actor).
type Actor struct {
	Person Person
	Login  record.ID // the device's login; "" for none
}

// IsKnown tells whether the actor is a person who may act.
func (a Actor) IsKnown() bool { return a.Person.Active() }

// ID is the person's id, "" for nobody.
func (a Actor) ID() record.ID { return a.Person.ID }

// NormalEmail brings an address to the one form under which it is stored and looked up.
// Bytes that no address has and no database takes go.
func NormalEmail(s string) string {
	return strings.ToLower(strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "")))
}

// PageLanguages are the languages of pages and mail, one of which a person may
// choose as theirs; "" leaves it to the browser.
func PageLanguages() []string { return []string{"en", "es", "fr", "pt", "id"} }
