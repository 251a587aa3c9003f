package consultations

import (
	"slices"
	"time"

	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/dialogues/record"
)

// CommunityFounded opens a community's log. Texts: name.
type CommunityFounded struct {
	ID         record.ID `json:"id"`
	Identifies Identity  `json:"identifies"`
	Languages  []string  `json:"languages"`
	OralOnly   bool      `json:"oral_only,omitempty"`
	NoContact  bool      `json:"no_contact,omitempty"`
	Enroller   record.ID `json:"enroller"`
}

func (*CommunityFounded) kind() Kind { return "community.founded" }

func (f *CommunityFounded) apply(c *Community, e Event) {
	c.ID, c.Identifies, c.Languages, c.OralOnly, c.NoContact = f.ID, f.Identifies, f.Languages, f.OralOnly, f.NoContact
	c.Enroller, c.Name, c.barredAt = f.Enroller, e.text("name"), e.At
	c.Seats = append(c.Seats, Sitting{Account: f.Enroller, Role: Facilitator, Since: e.At})
}

// CommunityChanged says what a community is, anew. Texts: name.
type CommunityChanged struct {
	Identifies Identity `json:"identifies"`
	Languages  []string `json:"languages"`
	OralOnly   bool     `json:"oral_only,omitempty"`
	NoContact  bool     `json:"no_contact,omitempty"`
	Blackouts  []Span   `json:"blackouts,omitempty"`
}

func (*CommunityChanged) kind() Kind { return "community.changed" }

func (f *CommunityChanged) apply(c *Community, e Event) {
	if f.NoContact && !c.NoContact {
		c.barredAt = e.At
	}
	c.Identifies, c.Languages, c.OralOnly, c.NoContact, c.Blackouts = f.Identifies, f.Languages, f.OralOnly, f.NoContact, f.Blackouts
	c.Name = e.text("name")
}

// InstitutionAdded names one of the community's institutions. Texts: name, about.
type InstitutionAdded struct {
	ID   record.ID `json:"id"`
	Body Body      `json:"body"`
}

func (*InstitutionAdded) kind() Kind { return "institution.added" }

func (f *InstitutionAdded) apply(c *Community, e Event) {
	c.Institutions = append(c.Institutions, Institution{ID: f.ID, Kind: f.Body, Name: e.text("name"), About: e.text("about")})
}

// ProtocolAdopted makes the next version of the protocol. Texts: rule, not-recorded.
type ProtocolAdopted struct {
	Institution record.ID `json:"institution"`
	Rules       Rules     `json:"rules"`
	Documents   []Digest  `json:"documents,omitempty"`
}

func (*ProtocolAdopted) kind() Kind { return "protocol.adopted" }

func (f *ProtocolAdopted) apply(c *Community, e Event) {
	c.Protocols = append(c.Protocols, Protocol{
		Version: len(c.Protocols) + 1, Institution: f.Institution, Rules: f.Rules,
		Rule: e.text("rule"), NotRecorded: e.text("not-recorded"), Adopted: e.Index, At: e.At,
	})
}

// ProtocolMoved is a version of the protocol that a holder wants; it holds once as
// many have said so as a decision takes. Texts: rule, not-recorded.
type ProtocolMoved struct {
	Motion      string    `json:"motion"`
	Institution record.ID `json:"institution"`
	Rules       Rules     `json:"rules"`
	Documents   []Digest  `json:"documents,omitempty"`
}

func (*ProtocolMoved) kind() Kind { return "protocol.moved" }

func (f *ProtocolMoved) apply(c *Community, e Event) {
	c.Moved = append(c.Moved, MovedProtocol{f.Motion, Protocol{
		Institution: f.Institution, Rules: f.Rules, Rule: e.text("rule"), NotRecorded: e.text("not-recorded"), Adopted: e.Index, At: e.At,
	}, f.Documents})
}

// PromptRecorded puts the community's own voice beside a step of the pages.
type PromptRecorded struct {
	Prompt Prompt `json:"prompt"`
}

func (*PromptRecorded) kind() Kind { return "prompt.recorded" }

func (f *PromptRecorded) apply(c *Community, _ Event) {
	c.Prompts = slices.DeleteFunc(slices.Clone(c.Prompts), func(p Prompt) bool {
		return p.Step == f.Prompt.Step && p.Language == f.Prompt.Language
	})
	c.Prompts = append(c.Prompts, f.Prompt)
}

// SeatGiven lets an account from outside, or one of the community's own without a
// mandate, take part.
type SeatGiven struct {
	Account      record.ID `json:"account"`
	Role         Role      `json:"role"`
	Consultation record.ID `json:"consultation,omitempty"`
}

func (*SeatGiven) kind() Kind { return "seat.given" }

func (f *SeatGiven) apply(c *Community, e Event) {
	c.Seats = append(c.Seats, Sitting{Account: f.Account, Role: f.Role, Consultation: f.Consultation, Since: e.At})
}

// SeatTaken ends an account's seats.
type SeatTaken struct {
	Account record.ID `json:"account"`
	Role    Role      `json:"role"`
}

func (*SeatTaken) kind() Kind { return "seat.taken" }

func (f *SeatTaken) apply(c *Community, e Event) {
	for i, s := range c.Seats {
		if s.Account == f.Account && s.Role == f.Role && s.Ended.IsZero() {
			c.Seats[i].Ended = e.At
		}
	}
}

// MandateEntered writes down that an institution lets a person speak. It gives
// nobody a power yet. Texts: name, resolution.
type MandateEntered struct {
	ID           record.ID `json:"id"`
	Holder       record.ID `json:"holder"`
	Account      record.ID `json:"account,omitempty"`
	Institution  record.ID `json:"institution"`
	Powers       []Power   `json:"powers"`
	Consultation record.ID `json:"consultation,omitempty"`
	From         time.Time `json:"from"`
	Until        time.Time `json:"until,omitzero"`
	Resolution   []Digest  `json:"resolution"`
	Founding     bool      `json:"founding,omitempty"`
	Need         int       `json:"need,omitempty"` // other holders who must stand behind it
}

func (*MandateEntered) kind() Kind { return "mandate.entered" }

func (f *MandateEntered) apply(c *Community, e Event) {
	c.Mandates = append(c.Mandates, Mandate{
		ID: f.ID, Holder: f.Holder, Account: f.Account, Name: e.text("name"), Institution: f.Institution, Powers: f.Powers,
		Consultation: f.Consultation, From: f.From, Until: f.Until, Resolved: e.text("resolution"), Resolution: f.Resolution, Founding: f.Founding, Need: f.Need,
		Rules:   c.Protocol().Rules,
		Entered: e.Index, EnteredBy: e.Actor, EnteredAt: e.At,
	})
}

// mandate is a mandate to be changed by a fact, a throw-away one when there is none.
func (c *Community) mandate(id record.ID) *Mandate {
	for i := range c.Mandates {
		if c.Mandates[i].ID == id {
			return &c.Mandates[i]
		}
	}
	return &Mandate{}
}

// MandateConfirmed is the word of one person of the institution for a mandate.
// Texts: name (of a person without an account).
type MandateConfirmed struct {
	Mandate record.ID `json:"mandate"`
}

func (*MandateConfirmed) kind() Kind { return "mandate.confirmed" }

func (f *MandateConfirmed) apply(c *Community, e Event) {
	m := c.mandate(f.Mandate)
	m.Confirmed = append(slices.Clone(m.Confirmed), Confirming{By: e.Actor, Name: e.text("name"), At: e.At})
}

// MandateAttested is an outside witness's word for a founding mandate.
type MandateAttested struct {
	Mandate record.ID `json:"mandate"`
}

func (*MandateAttested) kind() Kind { return "mandate.attested" }

func (f *MandateAttested) apply(c *Community, e Event) {
	if m := c.mandate(f.Mandate); m.AttestedAt.IsZero() {
		m.Attested, m.AttestedAt, m.AttestedBy = e.Index, e.At, e.Actor
	}
}

// MandateContested says that somebody disputes a mandate. Texts: reason.
type MandateContested struct {
	Mandate record.ID `json:"mandate"`
}

func (*MandateContested) kind() Kind { return "mandate.contested" }

func (f *MandateContested) apply(c *Community, e Event) {
	m := c.mandate(f.Mandate)
	if m.Standing == Disputed {
		m.AlsoContested = append(slices.Clone(m.AlsoContested), e.Actor)
		return
	}
	m.Standing, m.Reason, m.ContestedAt, m.ContestedBy, m.RuledAt = Disputed, e.text("reason"), e.At, e.Actor, time.Time{}
}

// MandateRuled is the institution's word on a contested mandate.
type MandateRuled struct {
	Mandate record.ID `json:"mandate"`
	Upheld  bool      `json:"upheld"`
}

func (*MandateRuled) kind() Kind { return "mandate.ruled" }

func (f *MandateRuled) apply(c *Community, e Event) {
	m := c.mandate(f.Mandate)
	m.Standing, m.RuledAt = Rejected, e.At
	m.heldUp += e.At.Sub(m.ContestedAt)
	if f.Upheld {
		m.Standing, m.overruled = Upheld, append(append(slices.Clone(m.overruled), m.ContestedBy), m.AlsoContested...)
	}
	m.AlsoContested = nil
}

// MandateEnded ends a mandate. What was decided under it before stays as it is.
type MandateEnded struct {
	Mandate record.ID `json:"mandate"`
}

func (*MandateEnded) kind() Kind { return "mandate.ended" }

func (f *MandateEnded) apply(c *Community, e Event) {
	m := c.mandate(f.Mandate)
	m.EndedAt, m.EndedBy = e.At, e.Actor
}

// AccountMoved gives a holder another account, after the old one was lost: the
// word of custodians of the community, who have the person before them. Asked
// says that one of them has said so, Carried that enough have; an entry with neither
// is of before there were more than two, when the second one made it so.
type AccountMoved struct {
	Holder  record.ID `json:"holder"`
	Account record.ID `json:"account"`
	Asked   bool      `json:"asked,omitempty"`
	Carried bool      `json:"carried,omitempty"`
}

func (*AccountMoved) kind() Kind { return "mandate.account_moved" }

func (f *AccountMoved) apply(c *Community, e Event) {
	for i := range c.Mandates {
		m := &c.Mandates[i]
		switch {
		case m.Holder != f.Holder:
		case f.Carried || (!f.Asked && m.Moving.Account == f.Account && m.Moving.By != e.Actor):
			m.Account, m.MovedAt, m.Moving = f.Account, e.At, Moving{}
		default:
			m.Moving = Moving{Account: f.Account, By: e.Actor, At: e.At}
		}
	}
}

// Restored says that the log went on from a backup that ended here; see [GoOn].
type Restored struct{ ledger.Restoration }

func (*Restored) kind() Kind { return "log.restored" }

func (f *Restored) apply(c *Community, e Event) { c.Restorations = append(c.Restorations, e.Index) }

// Cover says nothing. One a day hides from those who watch a log's size when
// something happened.
type Cover struct{}

func (*Cover) kind() Kind { return "cover" }

func (*Cover) apply(c *Community, e Event) { c.CoverTo = e.At }
