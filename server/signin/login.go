package signin

import (
	"strings"
	"time"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// Stage is how far a login has come.
type Stage string

// Stages. A half login is good for its second step and for nothing else.
const (
	Half Stage = "half"
	Full Stage = "full"
)

// Proof says what opened a login.
type Proof string

// Proofs.
const (
	ByPassphrase Proof = "passphrase"
	ByEmail      Proof = "email" // a link that was sent to the account's address
	ByLink       Proof = "link"  // any other link: first start, demonstration, invitation, sheet
	ByCode       Proof = "code"  // a guest who joined with a session's code
)

// How long logins last, from the moment they were opened. They do not grow
// with use, so that a forgotten phone is forgotten here too.
const (
	HalfLife    = 10 * time.Minute
	GuestLife   = 30 * 24 * time.Hour
	AccountLife = 180 * 24 * time.Hour
)

// SecondFactorTries is how many codes one half login may try.
const SecondFactorTries = 5

// FreshProof is how long a link by mail stands in for the old passphrase.
const FreshProof = 10 * time.Minute

// seenEvery is how exact "last seen" is.
const seenEvery = 5 * time.Minute

// Login is one device of one person.
type Login struct {
	ID        record.ID
	TokenHash string `json:"-"`
	PersonID  record.ID
	Stage     Stage
	Proof     Proof
	LinkID    record.ID // the link that opened it; "" for none
	Tries     int64     // codes tried so far, while it is half
	Device    string    // "Firefox/Android", see DeviceLabel
	CreatedAt time.Time
	SeenAt    time.Time // within five minutes
	ExpiresAt time.Time
}

// TableName tells gorm where logins live.
func (Login) TableName() string { return "logins" }

// Browser and System name the device, each "" when unknown.
func (l Login) Browser() string { browser, _, _ := strings.Cut(l.Device, "/"); return browser }

// System is the device's operating system; see [Login.Browser].
func (l Login) System() string { _, system, _ := strings.Cut(l.Device, "/"); return system }

// Started is a login that has just been opened or renewed, with the token for
// the device's cookie. Nobody can ask for the token again.
type Started struct {
	Token string
	Login Login
}

// Presence is who a request comes from.
type Presence struct {
	Actor         people.Actor // without passphrase and second factor: pages need neither
	Login         Login
	HasPassphrase bool
	HasTOTP       bool
}

// lifeOf says how long a login of a person lasts.
func lifeOf(p people.Person, stage Stage) time.Duration {
	switch {
	case stage == Half:
		return HalfLife
	case p.Kind == people.Account:
		return AccountLife
	default:
		return GuestLife
	}
}

// stageOf: whoever has a second factor owes it, whatever came first.
func stageOf(p people.Person) Stage {
	if p.TOTPSecret != "" {
		return Half
	}
	return Full
}
