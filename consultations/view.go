package consultations

import (
	"slices"
	"time"

	"github.com/vcm-forum/forum/dialogues/record"
)

// View is what one reader sees of a consultation, and the only thing that pages,
// files, feeds, mail and sockets are made of. What is withheld is not in it: no
// mark, no length, no count says that there was something.
type View struct {
	Community    record.ID        `json:"community"`
	Consultation record.ID        `json:"consultation"`
	AsOf         int64            `json:"as_of_entry"`
	At           time.Time        `json:"as_of"`
	Name         string           `json:"name,omitempty"`
	Proposal     *ProposalView    `json:"proposal,omitempty"`
	Plan         string           `json:"plan,omitempty"`
	PlanEntry    int64            `json:"plan_entry,omitempty"`
	PlanMark     Digest           `json:"plan_mark,omitempty"` // what an agreement to it binds to
	PlanAgreed   []string         `json:"plan_agreed,omitempty"`
	Aspects      []AspectView     `json:"aspects,omitempty"`
	Window       *WindowView      `json:"window,omitempty"`
	Missing      []Topic          `json:"missing,omitempty"`
	Disclosures  []DisclosureView `json:"disclosures,omitempty"`
	Sessions     []SessionView    `json:"sessions,omitempty"`
	Drafts       []DraftView      `json:"drafts,omitempty"`
	Changes      []WordView       `json:"changes,omitempty"`
	Asked        []WordView       `json:"asked,omitempty"` // what the community asks for, and why it opened talks again
	Decisions    []DecisionView   `json:"decisions,omitempty"`
	Contests     []ContestView    `json:"contests,omitempty"`
}

// WindowView is the community's time.
type WindowView struct {
	Opened time.Time `json:"opened"`
	Until  time.Time `json:"until"`
}

// WordView is something that was said on the way.
type WordView struct {
	Move  Move      `json:"move"`
	Words string    `json:"words"`
	At    time.Time `json:"at"`
	Entry int64     `json:"entry"`
}

// DecisionView is a decision as it was made, whatever became of it.
type DecisionView struct {
	ID         record.ID       `json:"id"`
	Type       DecisionType    `json:"type"`
	Aspects    []record.ID     `json:"aspects"`
	Body       string          `json:"institution,omitempty"`
	Language   string          `json:"language,omitempty"`
	Statement  string          `json:"statement,omitempty"`
	Conditions []ConditionView `json:"conditions,omitempty"`
	Dissent    []string        `json:"dissent,omitempty"`
	Via        Via             `json:"via,omitempty"`
	At         time.Time       `json:"at"`
	Asserted   time.Time       `json:"asserted,omitzero"`
	Effective  time.Time       `json:"effective,omitzero"`
	Entry      int64           `json:"entry"`
	Stale      bool            `json:"stale,omitempty"` // never took effect: something that protects was done without its knowing
	Void       bool            `json:"entered_in_error,omitempty"`
	VoidReason string          `json:"entered_in_error_reason,omitempty"`
}

// ContestView is a dispute and how far its ruling is.
type ContestView struct {
	ID       record.ID   `json:"id"`
	Aspects  []record.ID `json:"aspects,omitempty"`
	Body     string      `json:"institution,omitempty"`
	Reason   string      `json:"reason,omitempty"`
	At       time.Time   `json:"at"`
	Entry    int64       `json:"entry"`
	Words    int         `json:"rulings,omitempty"` // holders that have ruled so far
	Resolved bool        `json:"resolved,omitempty"`
}

// ProposalView is what was proposed, in one version.
type ProposalView struct {
	Title   string   `json:"title"`
	Summary string   `json:"summary"`
	Answers string   `json:"answers,omitempty"`
	Version int      `json:"version"`
	Of      int      `json:"of"`
	Content Digest   `json:"content"`
	Files   []Digest `json:"files,omitempty"`
}

// AspectView is how one aspect stands. Conditions and dissent are never apart
// from it.
type AspectView struct {
	ID         record.ID       `json:"id"`
	Number     int             `json:"number"`
	Of         int             `json:"of"`
	Title      string          `json:"title,omitempty"`
	State      State           `json:"state"`
	Since      time.Time       `json:"since,omitzero"`
	Until      time.Time       `json:"until,omitzero"` // when time alone changes it: cooling is over, a review is due, it ends, asking again is possible
	Contested  bool            `json:"contested,omitempty"`
	Decision   record.ID       `json:"decision,omitempty"`
	Entry      int64           `json:"entry,omitempty"`       // in which it was decided
	AsOf       int64           `json:"as_of_entry,omitempty"` // in which it came to stand so
	Statement  string          `json:"statement,omitempty"`
	Language   string          `json:"language,omitempty"`
	Body       string          `json:"institution,omitempty"`
	Via        Via             `json:"via,omitempty"`
	Conditions []ConditionView `json:"conditions,omitempty"`
	Dissent    []string        `json:"dissent,omitempty"`
	History    []PeriodView    `json:"history,omitempty"`
}

// Unagreed tells of a part from which the community withdrew that there had been no
// yes to take back: it ended the talks about it, and nobody may read a consent into that.
func (v AspectView) Unagreed() bool {
	return v.State == Withdrawn && !slices.ContainsFunc(v.History, func(p PeriodView) bool { return p.State.holds() || p.State == Cooling })
}

// ConditionView is a condition and how it stands.
type ConditionView struct {
	ID      record.ID       `json:"id"`
	Words   string          `json:"words"`
	Status  ConditionStatus `json:"status"`
	Finding string          `json:"finding,omitempty"`
}

// PeriodView is a stretch of time in one state.
type PeriodView struct {
	State State     `json:"state"`
	From  time.Time `json:"from"`
	To    time.Time `json:"to,omitzero"`
	Entry int64     `json:"entry"`
	Late  bool      `json:"reported_late,omitempty"`
}

// DisclosureView is one topic as it was told.
type DisclosureView struct {
	ID         record.ID `json:"id"`
	Topic      Topic     `json:"topic"`
	Language   string    `json:"language"`
	Medium     Medium    `json:"medium"`
	Body       string    `json:"body,omitempty"`
	Evidence   Digest    `json:"evidence,omitempty"`
	Translator string    `json:"translator,omitempty"`
	Witness    string    `json:"witness,omitempty"`
	Entry      int64     `json:"entry"`
	Counts     bool      `json:"counts"` // in a language and medium that the community accepts
	Accepted   bool      `json:"accepted"`
	PlayedBack string    `json:"played_back,omitempty"`
	At         time.Time `json:"at"`
}

// SessionView is a meeting.
type SessionView struct {
	ID        record.ID      `json:"id"`
	Kind      SessionKind    `json:"kind"`
	Held      time.Time      `json:"held"`
	Counts    map[string]int `json:"counts,omitempty"`
	Proponent bool           `json:"proponent_present,omitempty"`
	Place     string         `json:"place,omitempty"`
	Entry     int64          `json:"entry"`
	Names     string         `json:"names,omitempty"`
	Notes     string         `json:"notes,omitempty"`
	Evidence  []Digest       `json:"evidence,omitempty"`
}

// DraftView is a decision that is being confirmed.
type DraftView struct {
	ID         record.ID    `json:"id"`
	Revision   int          `json:"revision"`
	Type       DecisionType `json:"type"`
	Aspects    []record.ID  `json:"aspects"`
	Language   string       `json:"language"`
	Statement  string       `json:"statement,omitempty"`
	Conditions []string     `json:"conditions,omitempty"`
	Dissent    []string     `json:"dissent,omitempty"`
	Evidence   []Digest     `json:"evidence,omitempty"`
	ReviewAt   time.Time    `json:"review_at,omitzero"`
	ExpiresAt  time.Time    `json:"expires_at,omitzero"`
	Digest     Digest       `json:"digest"`
	At         time.Time    `json:"at"`
	Entry      int64        `json:"entry"`
	Confirmed  int          `json:"confirmed"` // people whose word counts
	Waiting    int          `json:"waiting"`   // people who still must confirm
	Stale      int          `json:"stale,omitempty"`
}
