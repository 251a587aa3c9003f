package consultations

import (
	"slices"
	"time"

	"github.com/vcm-forum/forum/dialogues/record"
)

// Consultation is a community and a proposal before each other.
type Consultation struct {
	ID          record.ID
	Proposal    record.ID
	pinned      map[int]int // version → protocol when its plan was agreed: a later one does not change an open round
	Round       int
	Plan        Text
	PlanEntry   int64
	PlanAgreed  map[string]int64 // side ("community", "proponent") → entry in which it agreed to this plan
	Disclosures []Disclosure
	Sessions    []Session
	Windows     []Window
	Drafts      []Draft
	Decisions   []Decision
	Conditions  []Condition
	Changes     []MaterialChange
	Asked       []WordView // reasons that came with steps: what more is asked for, why talks were opened again
	Marks       []Mark     // everything that moves an aspect; see standing.go
	Contests    []Contest
}

// PlanMark is what an agreement to the plan binds to: its words. It says nothing of
// when they were written. "" while there is none.
func (x *Consultation) PlanMark() Digest {
	if x.PlanEntry == 0 {
		return ""
	}
	return Digest(record.Digest("plan", string(x.ID), x.Plan.Body))
}

// Pinned is the version of the protocol by which a version of the proposal is
// talked about; 0 while no plan for it was agreed.
func (x *Consultation) Pinned(version int) int { return x.pinned[version] }

// rules are those by which a version is talked about: pinned with the plan, and
// before there is one those that the community has now.
func (c *Community) rules(x *Consultation, version int) Rules {
	if n := x.Pinned(version); n > 0 {
		return c.ProtocolVersion(n).Rules
	}
	return c.Protocol().Rules
}

// Consultation finds one by its id, nil when there is none.
func (c *Community) Consultation(id record.ID) *Consultation {
	for _, x := range c.Consultations {
		if x.ID == id {
			return x
		}
	}
	return nil
}

// SessionKind is what people met for.
type SessionKind string

// Kinds of session. Internal ones are the community's alone.
const (
	PlanMeeting  SessionKind = "plan"
	Information  SessionKind = "information"
	InternalOnly SessionKind = "internal"
	Negotiation  SessionKind = "negotiation"
	DecisionMeet SessionKind = "decision"
	ReviewMeet   SessionKind = "review"
	Validation   SessionKind = "validation"
)

// SessionKinds lists them.
func SessionKinds() []SessionKind {
	return []SessionKind{PlanMeeting, Information, InternalOnly, Negotiation, DecisionMeet, ReviewMeet, Validation}
}

// Session is a meeting that was held. Of an internal one it may say no more than
// that it was. Who came is counted; names only where the community wrote them.
type Session struct {
	ID               record.ID
	Version          int
	Kind             SessionKind
	Held             time.Time // as claimed
	Counts           map[string]int
	ProponentPresent bool
	Invited          []record.ID // accounts from outside whom the community let in
	Place            Text
	Names            Text
	Notes            Text
	Evidence         []Digest
	Entry            int64
	At               time.Time
	By               record.ID
}

// Window is the time that the community takes for itself once everything was
// told. It may make it longer whenever it likes; nobody else may touch it.
type Window struct {
	Version int
	Opened  time.Time
	Until   time.Time
	Entry   int64
	Closed  int64 // entry that ended it because something new was told; 0: none
}

// window is the open window of a version, ok false when there is none.
func (x *Consultation) window(version int) (Window, bool) {
	for _, w := range slices.Backward(x.Windows) {
		if w.Version == version && w.Closed == 0 {
			return w, true
		}
	}
	return Window{}, false
}

// internalSessions counts the sessions that the community held among itself for a version.
func (x *Consultation) internalSessions(version int) (n int) {
	for _, s := range x.Sessions {
		if s.Version == version && s.Kind == InternalOnly {
			n++
		}
	}
	return n
}

// MaterialChange says that something is no longer as it was told.
type MaterialChange struct {
	ID      record.ID
	Version int
	Aspects []record.ID
	What    Text
	By      record.ID
	At      time.Time
	Entry   int64
}

// Contest is a community's institution (or a body for grievances) saying that
// what stands is disputed. While it lasts nothing new enters into force.
type Contest struct {
	ID          record.ID
	Aspects     []record.ID // none: all
	Institution record.ID
	Reason      Text
	By          record.ID // account that opened it
	Late        bool      // as a former holder, without a line
	At          time.Time
	Entry       int64
	Words       []Ruling
	Against     record.ID // of two decisions that contradict each other the earlier to arrive; ID is the other
	Resolved    int64     // entry in which an institution resolved it; 0: open
	ResolvedAt  time.Time
}

// Ruling is one holder's word on a contest.
type Ruling struct {
	Holder record.ID
	Stands record.ID
	Entry  int64
}
