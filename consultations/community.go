package consultations

import (
	"slices"
	"time"

	"github.com/vcm-forum/forum/dialogues/record"
)

// Community is what stands after all events of a community's log.
type Community struct {
	ID     record.ID
	Size   int64     // how many events there are; "as of entry Size"
	Latest time.Time // when the newest was entered

	Name          Text
	Identifies    Identity
	Languages     []string  // BCP 47; x-… for languages without a code
	OralOnly      bool      // its languages are spoken, not written
	NoContact     bool      // lives in isolation: not being in contact is its answer
	barredAt      time.Time // since when
	Blackouts     []Span    // times at which nobody may come: planting, harvest, mourning
	Enroller      record.ID
	Institutions  []Institution
	Protocols     []Protocol // versions; the last is in force
	Mandates      []Mandate
	Seats         []Sitting
	Prompts       []Prompt
	Proposals     []Proposal
	Consultations []*Consultation
	Releases      []Release
	Exports       []Export
	Restorations  []int64 // entries at which the log went on from a backup
	Files         []Handed
	erased        []Digest // of files that were handed in and are no more
	Sealers       []string // keys that sign the log's checkpoints
	CoverTo       time.Time
	Altered       bool // the log is not what was sealed: nothing new may be agreed on it
	times         []stamp
	answers       map[string]record.ID // to requests, by their marks
	Motions       map[string][]Word    // what holders have said so far about what several must say
	Moved         []MovedProtocol      // protocols that wait for the words of others
}

// stamp is when an entry was made.
type stamp struct {
	index int64
	at    time.Time
}

// Text is words of one event: where they stand, and what they are unless they
// were erased.
type Text struct {
	Entry  int64
	Field  string
	Body   string
	Erased bool
}

// text is a field of an event as a [Text].
func (e Event) text(field string) Text {
	body, ok := e.Texts[field]
	return Text{Entry: e.Index, Field: field, Body: body, Erased: !ok && slices.Contains(e.Had, field)}
}

// Identity is how a community describes itself.
type Identity string

// How communities describe themselves.
const (
	Indigenous     Identity = "indigenous"
	LocalCommunity Identity = "local_community"
	AfroDescendant Identity = "afro_descendant"
	OtherCommunity Identity = "other"
)

// Identities lists them.
func Identities() []Identity {
	return []Identity{Indigenous, LocalCommunity, AfroDescendant, OtherCommunity}
}

// Span is a time from its first to before its last moment. Yearly ones repeat:
// only month and day of both count, and one may run over the end of a year; from a
// day to the same day it is the whole year.
type Span struct {
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Yearly bool      `json:"yearly,omitempty"`
}

// Contains tells whether a moment lies in the span, days counted in UTC.
func (s Span) Contains(t time.Time) bool {
	if !s.Yearly {
		return !t.Before(s.From) && t.Before(s.To)
	}
	from, to, day := dayOfYear(s.From), dayOfYear(s.To), dayOfYear(t)
	if from < to {
		return from <= day && day < to
	}
	return day >= from || day < to
}

// dayOfYear orders days without regard to leap years: 1 March is 301 always.
func dayOfYear(t time.Time) int { return int(t.UTC().Month())*100 + t.UTC().Day() }

// Body is the kind of an institution.
type Body string

// Kinds of institution.
const (
	Assembly   Body = "assembly"
	Council    Body = "council"
	Customary  Body = "customary_authority"
	Women      Body = "womens_body"
	Youth      Body = "youth"
	Federation Body = "federation"
)

// Bodies lists them.
func Bodies() []Body { return []Body{Assembly, Council, Customary, Women, Youth, Federation} }

// Institution is one of the community's own ways of deciding and speaking.
type Institution struct {
	ID    record.ID
	Kind  Body
	Name  Text
	About Text
}

// Protocol is a version of the community's own rules, in its own words and with
// the few figures that the program keeps for it.
type Protocol struct {
	Version     int
	Institution record.ID // that adopted it
	Rules       Rules
	Rule        Text // how it decides, in its own words
	NotRecorded Text // what must not be written down
	Adopted     int64
	At          time.Time
}

// Rules are the figures of a protocol.
type Rules struct {
	Kind             string   `json:"kind,omitempty"`   // consensus, consensus_then_majority, council, other
	Confirmations    int      `json:"confirmations"`    // mandate holders that must confirm a decision
	Groups           []Body   `json:"groups,omitempty"` // institutions of these kinds must be among them
	DeliberateDays   int      `json:"deliberate_days"`
	InternalSessions int      `json:"internal_sessions"`
	CoolingDays      int      `json:"cooling_days"`        // between a yes and its effect
	MandateHours     int      `json:"mandate_hours"`       // before a new holder may confirm; at least 72 hours
	CoolOffDays      int      `json:"cool_off_days"`       // after a no, before anyone may ask again
	ReviewDays       int      `json:"review_days"`         // a yes is looked at again after these; 0 never
	Forms            []Form   `json:"forms,omitempty"`     // how a holder may confirm
	Languages        []string `json:"languages,omitempty"` // in which it wants to be told
	Media            []Medium `json:"media,omitempty"`     // by which it wants to be told
	AnyElder         bool     `json:"any_elder,omitempty"` // any holder of any mandate may withdraw
}

// shortestMandateWait is the least that a new holder waits before confirming, so
// that the others hear of it first (security: nobody slips in before a decision).
const shortestMandateWait = 72 * time.Hour

// MandateWait is how long a new holder waits before a confirmation of theirs counts.
func (r Rules) MandateWait() time.Duration {
	return max(shortestMandateWait, time.Duration(r.MandateHours)*time.Hour)
}

// Quorum is how many must confirm: two people at the least.
func (r Rules) Quorum() int { return max(2, r.Confirmations) }

// Accepts tells whether a holder may confirm in this form. A protocol that names
// none takes them all.
func (r Rules) Accepts(f Form) bool { return len(r.Forms) == 0 || slices.Contains(r.Forms, f) }

// Prompt is the community's own voice for a step of the pages.
type Prompt struct {
	Step     string
	Language string
	Evidence Digest
}

// Protocol is the version in force, the zero Protocol when none was adopted.
func (c *Community) Protocol() Protocol {
	if len(c.Protocols) == 0 {
		return Protocol{}
	}
	return c.Protocols[len(c.Protocols)-1]
}

// ProtocolVersion is one version of the protocol; 0 means none.
func (c *Community) ProtocolVersion(v int) Protocol {
	if v < 1 || v > len(c.Protocols) {
		return Protocol{}
	}
	return c.Protocols[v-1]
}

// Institution finds an institution by its id.
func (c *Community) Institution(id record.ID) (Institution, bool) {
	return find(c.Institutions, func(i Institution) bool { return i.ID == id })
}

// InBlackout tells whether nobody may come at this time.
func (c *Community) InBlackout(t time.Time) bool {
	return slices.ContainsFunc(c.Blackouts, func(s Span) bool { return s.Contains(t) })
}

func find[T any](in []T, is func(T) bool) (T, bool) {
	if i := slices.IndexFunc(in, is); i >= 0 {
		return in[i], true
	}
	var none T
	return none, false
}
