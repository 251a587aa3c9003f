package consultations

import (
	"slices"
	"time"

	"github.com/vcm-forum/forum/dialogues/record"
)

// Audience is to whom something is released.
type Audience string

// Audiences.
const (
	ToPublic    Audience = "public"
	ToProponent Audience = "proponent"
	ToAuditor   Audience = "auditor"
	ToObserver  Audience = "observer"
)

// Audiences lists them.
func Audiences() []Audience { return []Audience{ToProponent, ToAuditor, ToObserver, ToPublic} }

// Part is what can be released of a consultation, field by field.
type Part string

// Parts. A decision's conditions and dissent are not parts of their own: they
// go wherever the decision goes.
const (
	PartStatus      Part = "status"      // how each aspect stands, with conditions and dissent
	PartStatement   Part = "statement"   // the words of decisions
	PartName        Part = "name"        // the community's name
	PartProposal    Part = "proposal"    // what was proposed
	PartDisclosure  Part = "disclosure"  // what was told
	PartSessions    Part = "sessions"    // that people met, and how many
	PartAttendance  Part = "attendance"  // names of who was there
	PartInstitution Part = "institution" // which institution decided
	PartReasons     Part = "reasons"
)

// Parts lists them.
func Parts() []Part {
	return []Part{PartStatus, PartStatement, PartName, PartProposal, PartDisclosure, PartSessions, PartAttendance, PartInstitution, PartReasons}
}

// Release is a holder's act that lets somebody see parts of a consultation, for a
// purpose, until a time.
type Release struct {
	ID           record.ID
	Consultation record.ID
	Parts        []Part
	To           Audience
	Account      record.ID // one account alone; "" for the whole audience
	Purpose      Text
	Until        time.Time // zero: until revoked
	Mandate      record.ID
	At           time.Time
	Entry        int64
	Revoked      int64
}

// Lets tells whether the release shows a part at a time.
func (r Release) Lets(p Part, now time.Time) bool {
	return r.Revoked == 0 && slices.Contains(r.Parts, p) && (r.Until.IsZero() || now.Before(r.Until))
}

// Export is a copy that left: who has it, of what, as of when.
type Export struct {
	ID           record.ID
	Consultation record.ID
	Version      int
	Recipient    Text
	Account      record.ID
	For          Audience // that its recipient belongs to; "" for who took it as they saw it
	Parts        []Part
	View         Digest // of the bytes that left
	AsOf         int64
	At           time.Time
	Entry        int64
	Noticed      []int64 // entries that changed what it says
	Address      Text    // of its recipient, for mail; "" for none
	Link         Text    // the token of its link, kept for the mail
	Language     string  // of the mail
	Told         int64   // the newest of Noticed that its recipient was told of by mail
	Unreached    bool    // the address takes no mail
}

// Released lets an audience see parts. Texts: purpose.
type Released struct {
	ID           record.ID `json:"id"`
	Consultation record.ID `json:"consultation"`
	Parts        []Part    `json:"parts"`
	To           Audience  `json:"to"`
	Account      record.ID `json:"account,omitempty"`
	Until        time.Time `json:"until,omitzero"`
	Mandate      record.ID `json:"mandate"`
}

func (*Released) kind() Kind { return "release.given" }

func (f *Released) apply(c *Community, e Event) {
	c.Releases = append(c.Releases, Release{
		ID: f.ID, Consultation: f.Consultation, Parts: f.Parts, To: f.To, Account: f.Account, Purpose: e.text("purpose"),
		Until: f.Until, Mandate: f.Mandate, At: e.At, Entry: e.Index,
	})
}

// ReleaseRevoked takes a release back.
type ReleaseRevoked struct {
	ID record.ID `json:"id"`
}

func (*ReleaseRevoked) kind() Kind { return "release.revoked" }

func (f *ReleaseRevoked) apply(c *Community, e Event) {
	for i := range c.Releases {
		if r := &c.Releases[i]; r.ID == f.ID && r.Revoked == 0 {
			r.Revoked = e.Index
		}
	}
}

// Exported registers a copy before its bytes leave. Texts: recipient; and where they
// are to be told by mail, address and link.
type Exported struct {
	ID           record.ID `json:"id"`
	Consultation record.ID `json:"consultation"`
	Version      int       `json:"version"`
	Account      record.ID `json:"account,omitempty"`
	For          Audience  `json:"for,omitempty"`
	Parts        []Part    `json:"parts"`
	View         Digest    `json:"view"`
	AsOf         int64     `json:"as_of"`
	Language     string    `json:"language,omitempty"`
}

func (*Exported) kind() Kind { return "export.made" }

func (f *Exported) apply(c *Community, e Event) {
	c.Exports = append(c.Exports, Export{
		ID: f.ID, Consultation: f.Consultation, Version: f.Version, Recipient: e.text("recipient"), Account: f.Account, For: f.For, Parts: f.Parts,
		View: f.View, AsOf: f.AsOf, At: e.At, Entry: e.Index, Address: e.text("address"), Link: e.text("link"), Language: f.Language,
	})
}

// Noticed says that a copy no longer tells how things stand, as its link says from
// then on; see [NoticeSent] for the mail.
type Noticed struct {
	Export  record.ID   `json:"export,omitempty"` // in entries of before there was a list
	Exports []record.ID `json:"exports,omitempty"`
	Because int64       `json:"because"` // the entry that changed it
}

func (*Noticed) kind() Kind { return "export.noticed" }

func (f *Noticed) apply(c *Community, _ Event) {
	for i := range c.Exports {
		if x := &c.Exports[i]; x.ID == f.Export || slices.Contains(f.Exports, x.ID) {
			x.Noticed = append(slices.Clone(x.Noticed), f.Because)
		}
	}
}

// Read says who read what, as what. It is entered before the bytes leave, and it
// is not folded: the community reads it in its log.
type Read struct {
	What    string    `json:"what"` // page, file, export …, a code of this program
	Subject record.ID `json:"subject,omitempty"`
	As      Role      `json:"as"`
}

func (*Read) kind() Kind { return "record.read" }

func (*Read) apply(*Community, Event) {}

// Redacted says that words of an entry were destroyed, and by which mandate.
type Redacted struct {
	Entry   int64     `json:"entry"`
	Fields  []string  `json:"fields"`
	Files   []Digest  `json:"files,omitempty"` // whose bytes went with them; see [EvidenceField]
	Mandate record.ID `json:"mandate"`
}

func (*Redacted) kind() Kind { return "words.erased" }

func (f *Redacted) apply(c *Community, _ Event) { c.loseFiles(f.Files) }
