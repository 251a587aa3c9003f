package consultations

import (
	"slices"
	"time"

	"github.com/vcm-forum/forum/dialogues/record"
)

// Power is what a mandate lets its holder do.
type Power string

// Powers.
const (
	Receive    Power = "receive"             // say that a disclosure has arrived, ask for more
	Internal   Power = "facilitate_internal" // hold and record sessions among ourselves
	Decide     Power = "confirm_decision"
	Protect    Power = "withdraw" // withdraw, suspend, decline
	ReleaseOf  Power = "release_data"
	Agree      Power = "sign_agreement"
	Receipting Power = "confirm_receipt" // of money and goods
)

// Powers lists them.
func Powers() []Power {
	return []Power{Receive, Internal, Decide, Protect, ReleaseOf, Agree, Receipting}
}

// Mandate says that a person may speak for an institution, in what, from when
// until when. It is the community's act alone: never a proponent's, a
// facilitator's or an operator's (UNDRIP art. 18).
type Mandate struct {
	ID            record.ID
	Holder        record.ID // the person, with or without an account; one person, one holder
	Account       record.ID // "" for a holder without one
	Name          Text
	Institution   record.ID
	Powers        []Power
	Consultation  record.ID // limits it to one; "" for all
	From          time.Time
	Until         time.Time // zero: no end
	Resolved      Text      // the institution's resolution in words
	Resolution    []Digest  // evidence of the institution's resolution, in any medium
	Founding      bool
	Rules         Rules // of the protocol when it was entered: a later one takes no mandate away
	Entered       int64
	EnteredBy     record.ID
	EnteredAt     time.Time
	Need          int          // how many other holders must stand behind it; 0: as many as the rules ask
	Confirmed     []Confirming // who of the institution stands behind it
	Attested      int64        // entry in which an outside witness attested a founding one; 0: nobody yet
	AttestedAt    time.Time
	AttestedBy    record.ID
	Standing      Dispute
	Reason        Text // of the contest
	ContestedAt   time.Time
	ContestedBy   record.ID
	AlsoContested []record.ID // accounts that did so while it was contested
	RuledAt       time.Time
	heldUp        time.Duration // its waiting time stood still while it was contested
	overruled     []record.ID   // who contested it and was not followed: nobody does so twice
	Moving        Moving        // another account is to be theirs
	MovedAt       time.Time     // when it became so
	EndedAt       time.Time
	EndedBy       record.ID
}

// Confirming is one confirmation of a mandate.
type Confirming struct {
	By   record.ID // account of another holder, or of who entered a named person's word
	Name Text
	At   time.Time
}

// Moving is one custodian's word that a holder has another account.
type Moving struct {
	Account record.ID
	By      record.ID
	At      time.Time
}

// Dispute is whether something was contested, and how the institution ruled.
type Dispute string

// States of a dispute.
const (
	Undisputed Dispute = ""
	Disputed   Dispute = "contested"
	Upheld     Dispute = "upheld"
	Rejected   Dispute = "rejected"
)

// Times of a founding mandate and what it takes.
const (
	foundingWait  = 30 * 24 * time.Hour // in which anyone may contest it, before a consent can rest on it
	foundingNames = 2                   // named persons of the institution that stand behind it
)

// Has tells whether the mandate gives a power.
func (m Mandate) Has(p Power) bool { return slices.Contains(m.Powers, p) }

// ReadyAt is when confirmations under the mandate begin to count: after its
// waiting time, and for a founding one 30 days after it was attested. Zero:
// something is still missing.
func (m Mandate) ReadyAt() time.Time {
	switch {
	case m.Founding && (len(m.Confirmed) < foundingNames || m.AttestedAt.IsZero()):
		return time.Time{}
	case m.Founding:
		return latest(m.moved(), latest(m.From, m.AttestedAt.Add(foundingWait+m.heldUp)))
	case len(m.Confirmed) < m.need():
		return time.Time{}
	}
	return latest(m.moved(), latest(m.From, m.Confirmed[m.need()-1].At.Add(m.Rules.MandateWait()+m.heldUp)))
}

// contests tells whether an account contests the mandate now.
func (m Mandate) contests(account record.ID) bool {
	return m.Standing == Disputed && (m.ContestedBy == account || slices.Contains(m.AlsoContested, account))
}

// Overruled tells whether an account has contested the mandate before, and the
// institution did not follow: it is heard once.
func (m Mandate) Overruled(account record.ID) bool { return slices.Contains(m.overruled, account) }

// need is how many other holders must stand behind a mandate that is no founding one.
func (m Mandate) need() int {
	if m.Need > 0 {
		return m.Need
	}
	return m.Rules.Quorum()
}

// moved: a holder with another account waits as a new one does, so that the
// others hear of it before it can confirm anything.
func (m Mandate) moved() time.Time {
	if m.MovedAt.IsZero() {
		return time.Time{}
	}
	return m.MovedAt.Add(m.Rules.MandateWait())
}

// Valid tells whether the mandate holds at a time for a power in a consultation.
// While it is contested it gives only the powers that protect.
func (m Mandate) Valid(p Power, consultation record.ID, t time.Time) bool {
	return m.Holds(p, consultation, t) && (p == Protect || m.Standing != Disputed)
}

// Holds is [Mandate.Valid] whatever is contested: to contest a mandate takes a word of
// anybody, and must not keep a community from saying no or from closing what it
// opened. Powers that protect (withdraw, suspend, decline) need no waiting time:
// leaving is never harder than entering.
func (m Mandate) Holds(p Power, consultation record.ID, t time.Time) bool {
	if !m.Has(p) || m.Standing == Rejected || !m.Within(t) || (m.Consultation != "" && m.Consultation != consultation) {
		return false
	}
	ready := m.ReadyAt()
	waits := p == Decide || p == ReleaseOf
	return !ready.IsZero() && (!waits || !t.Before(ready))
}

// Within tells whether a time lies between the mandate's beginning and end.
func (m Mandate) Within(t time.Time) bool {
	return !t.Before(m.From) && (m.Until.IsZero() || t.Before(m.Until)) && (m.EndedAt.IsZero() || t.Before(m.EndedAt))
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Mandate finds a mandate by its id.
func (c *Community) Mandate(id record.ID) (Mandate, bool) {
	return find(c.Mandates, func(m Mandate) bool { return m.ID == id })
}

// mandatesOf are the mandates of an account.
func (c *Community) mandatesOf(account record.ID) []Mandate {
	var out []Mandate
	for _, m := range c.Mandates {
		if m.Account == account && account != "" {
			out = append(out, m)
		}
	}
	return out
}

// HolderWith finds the mandate by which an account may use a power now.
func (c *Community) HolderWith(account record.ID, p Power, consultation record.ID, now time.Time) (Mandate, bool) {
	rules := c.Protocol().Rules
	return find(c.mandatesOf(account), func(m Mandate) bool {
		return m.Valid(p, consultation, now) || (p == Protect && rules.AnyElder && m.elder(consultation, now))
	})
}

// holderStill is [Community.HolderWith] whatever is contested.
func (c *Community) holderStill(account record.ID, p Power, consultation record.ID, now time.Time) (Mandate, bool) {
	return find(c.mandatesOf(account), func(m Mandate) bool { return m.Holds(p, consultation, now) })
}

// elder: where the protocol says so, whoever holds any mandate may withdraw.
func (m Mandate) elder(consultation record.ID, now time.Time) bool {
	return slices.ContainsFunc(m.Powers, func(p Power) bool { return m.Valid(p, consultation, now) })
}
