package consultations

import (
	"slices"
	"time"

	"github.com/vcm-forum/forum/dialogues/record"
)

// ProposalVersioned makes a version of a proposal, the first one the proposal
// itself. Texts: title, summary, answers, aspects (a list, in the order of the ids).
type ProposalVersioned struct {
	Proposal  record.ID   `json:"proposal"`
	Proponent record.ID   `json:"proponent"`
	Aspects   []record.ID `json:"aspects"`
	Files     []Digest    `json:"files,omitempty"`
	Content   Digest      `json:"content"`
}

func (*ProposalVersioned) kind() Kind { return "proposal.versioned" }

func (f *ProposalVersioned) apply(c *Community, e Event) {
	i := slices.IndexFunc(c.Proposals, func(p Proposal) bool { return p.ID == f.Proposal })
	if i < 0 {
		i = len(c.Proposals)
		c.Proposals = append(c.Proposals, Proposal{ID: f.Proposal, Proponent: f.Proponent})
	}
	p := &c.Proposals[i]
	v := ProposalVersion{
		Number: len(p.Versions) + 1, Entry: e.Index, At: e.At, By: e.Actor, Title: e.text("title"), Summary: e.text("summary"), Answers: e.text("answers"),
		Files: f.Files, Content: f.Content,
	}
	titles := list(e.text("aspects"))
	for n, id := range f.Aspects {
		a := Aspect{ID: id, Title: Text{Entry: e.Index, Field: "aspects", Erased: e.text("aspects").Erased}}
		if n < len(titles) {
			a.Title.Body = titles[n]
		}
		v.Aspects = append(v.Aspects, a)
	}
	p.Versions = append(p.Versions, v)
}

// consultation is one to be changed by a fact, a throw-away one when there is none.
func (c *Community) consultation(id record.ID) *Consultation {
	if x := c.Consultation(id); x != nil {
		return x
	}
	return &Consultation{}
}

// mark notes what moves aspects.
func (x *Consultation) mark(e Event, m Mark) {
	m.Entry, m.Base, m.At, m.Late = e.Index, e.Claim.Base, e.At, e.Claim.Late
	if m.Done.IsZero() {
		m.Done = e.At
	}
	if m.Since = e.At; m.Move.protects() {
		m.Since = m.Done
	}
	x.Marks = append(x.Marks, m)
}

// ConsultationMoved takes one of the steps that are no decision: identify, invite,
// receive, ask more, reopen. Texts: reason.
type ConsultationMoved struct {
	ID       record.ID `json:"id"`
	Proposal record.ID `json:"proposal,omitempty"` // with identify
	Version  int       `json:"version"`
	Move     Move      `json:"move"`
}

func (*ConsultationMoved) kind() Kind { return "consultation.moved" }

func (f *ConsultationMoved) apply(c *Community, e Event) {
	if f.Move == MoveIdentify && c.Consultation(f.ID) == nil {
		c.Consultations = append(c.Consultations, &Consultation{ID: f.ID, Proposal: f.Proposal, Round: 1})
	}
	x := c.consultation(f.ID)
	switch f.Move { //nolint:exhaustive // the others only leave their mark
	case MoveReceive:
		days := c.ProtocolVersion(x.Pinned(f.Version)).Rules.DeliberateDays
		x.Windows = append(x.Windows, Window{Version: f.Version, Opened: e.At, Until: e.At.AddDate(0, 0, days), Entry: e.Index})
	case MoveAskMore:
		x.closeWindow(f.Version, e.Index)
	case MoveReopen:
		x.Round++
	}
	if reason := e.text("reason"); reason.Body != "" {
		x.Asked = append(x.Asked, WordView{f.Move, reason.Body, e.At, e.Index})
	}
	x.mark(e, Mark{Move: f.Move, Version: f.Version})
}

func (x *Consultation) closeWindow(version int, entry int64) {
	for i := range x.Windows {
		if x.Windows[i].Version == version && x.Windows[i].Closed == 0 {
			x.Windows[i].Closed = entry
		}
	}
}

// PlanWritten says how the two sides want to talk. A new plan needs both anew.
// Texts: plan.
type PlanWritten struct {
	Consultation record.ID `json:"consultation"`
}

func (*PlanWritten) kind() Kind { return "plan.written" }

func (f *PlanWritten) apply(c *Community, e Event) {
	x := c.consultation(f.Consultation)
	x.Plan, x.PlanEntry, x.PlanAgreed = e.text("plan"), e.Index, nil
}

// PlanAccepted is one side's agreement to the plan. With the second, the protocol
// of that moment is pinned.
type PlanAccepted struct {
	Consultation record.ID `json:"consultation"`
	Version      int       `json:"version"`
	Side         Side      `json:"side"`
	Plan         int64     `json:"plan"` // entry of the plan that was agreed to
}

func (*PlanAccepted) kind() Kind { return "plan.accepted" }

func (f *PlanAccepted) apply(c *Community, e Event) {
	x := c.consultation(f.Consultation)
	if x.PlanEntry != f.Plan {
		return
	}
	if x.PlanAgreed == nil {
		x.PlanAgreed = map[string]int64{}
	}
	x.PlanAgreed[string(f.Side)] = e.Index
	if len(x.PlanAgreed) == 2 {
		if x.pinned == nil {
			x.pinned = map[int]int{}
		}
		x.pinned[f.Version] = c.Protocol().Version
		x.mark(e, Mark{Move: MovePlan, Version: f.Version})
	}
}

// Disclosed tells one topic in one language by one medium. Told while the
// community deliberates, it closes the window: they hear it first. Texts: body,
// translator, witness.
type Disclosed struct {
	ID           record.ID `json:"id"`
	Consultation record.ID `json:"consultation"`
	Version      int       `json:"version"`
	Topic        Topic     `json:"topic"`
	Language     string    `json:"language"`
	Medium       Medium    `json:"medium"`
	Evidence     Digest    `json:"evidence,omitempty"`
	Empty        bool      `json:"empty,omitempty"`
}

func (*Disclosed) kind() Kind { return "disclosure.added" }

func (f *Disclosed) apply(c *Community, e Event) {
	x := c.consultation(f.Consultation)
	x.Disclosures = append(x.Disclosures, Disclosure{
		ID: f.ID, Version: f.Version, Topic: f.Topic, Language: f.Language, Medium: f.Medium, Evidence: f.Evidence, Empty: f.Empty,
		Body: e.text("body"), Translator: e.text("translator"), Witness: e.text("witness"), By: e.Actor, At: e.At, Entry: e.Index,
	})
	x.closeWindow(f.Version, e.Index)
	x.dropDrafts(f.Version)
	x.mark(e, Mark{Move: MoveDisclose, Version: f.Version})
}

// dropDrafts sets aside what was read back before something new was told.
func (x *Consultation) dropDrafts(version int) {
	for i := range x.Drafts {
		if d := &x.Drafts[i]; d.Version == version && d.Decided == "" && d.Type.yes() {
			d.Dropped = true
		}
	}
}

// DisclosureAccepted says that the community takes an item: its language, its
// translator, and what it told back of it. Texts: played-back.
type DisclosureAccepted struct {
	Consultation record.ID `json:"consultation"`
	Item         record.ID `json:"item"`
}

func (*DisclosureAccepted) kind() Kind { return "disclosure.accepted" }

func (f *DisclosureAccepted) apply(c *Community, e Event) {
	x := c.consultation(f.Consultation)
	for i := range x.Disclosures {
		if x.Disclosures[i].ID == f.Item {
			x.Disclosures[i].Accepted, x.Disclosures[i].PlayedBack = e.Index, e.text("played-back")
		}
	}
}

// SessionHeld says that people met. Texts: place, names, notes.
type SessionHeld struct {
	ID               record.ID      `json:"id"`
	Consultation     record.ID      `json:"consultation"`
	Version          int            `json:"version"`
	Session          SessionKind    `json:"session"`
	Held             time.Time      `json:"held"`
	Counts           map[string]int `json:"counts,omitempty"`
	ProponentPresent bool           `json:"proponent_present,omitempty"`
	Invited          []record.ID    `json:"invited,omitempty"`
	Evidence         []Digest       `json:"evidence,omitempty"`
}

func (*SessionHeld) kind() Kind { return "session.held" }

func (f *SessionHeld) apply(c *Community, e Event) {
	x := c.consultation(f.Consultation)
	x.Sessions = append(x.Sessions, Session{
		ID: f.ID, Version: f.Version, Kind: f.Session, Held: f.Held, Counts: f.Counts, ProponentPresent: f.ProponentPresent,
		Invited: f.Invited, Place: e.text("place"), Names: e.text("names"), Notes: e.text("notes"), Evidence: f.Evidence,
		Entry: e.Index, At: e.At, By: e.Actor,
	})
}

// WindowExtended gives the community more time. There is no fact that takes some away.
type WindowExtended struct {
	Consultation record.ID `json:"consultation"`
	Version      int       `json:"version"`
	Until        time.Time `json:"until"`
}

func (*WindowExtended) kind() Kind { return "window.extended" }

func (f *WindowExtended) apply(c *Community, _ Event) {
	x := c.consultation(f.Consultation)
	for i := range x.Windows {
		if w := &x.Windows[i]; w.Version == f.Version && w.Closed == 0 {
			w.Until = latest(w.Until, f.Until)
		}
	}
}

// ChangeRaised says that something is not as it was told any more. Texts: what.
type ChangeRaised struct {
	ID           record.ID   `json:"id"`
	Consultation record.ID   `json:"consultation"`
	Version      int         `json:"version"`
	Aspects      []record.ID `json:"aspects,omitempty"`
	Moot         bool        `json:"moot,omitempty"` // nothing was agreed that it could put under review
}

func (*ChangeRaised) kind() Kind { return "change.raised" }

func (f *ChangeRaised) apply(c *Community, e Event) {
	x := c.consultation(f.Consultation)
	x.Changes = append(x.Changes, MaterialChange{
		ID: f.ID, Version: f.Version, Aspects: f.Aspects, What: e.text("what"), By: e.Actor, At: e.At, Entry: e.Index,
	})
	if f.Moot {
		return
	}
	x.closeWindow(f.Version, e.Index)
	x.mark(e, Mark{Move: MoveChange, Version: f.Version, Aspects: f.Aspects})
}
