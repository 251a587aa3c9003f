package dialogues

import (
	"crypto/rand"
	"time"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// ContributionKind says what a contribution is meant as.
type ContributionKind string

// Kinds of contribution.
const (
	Experience ContributionKind = "experience"
	ProblemOf  ContributionKind = "problem"
	Challenge  ContributionKind = "challenge"
	Solution   ContributionKind = "solution"
	Risk       ContributionKind = "risk"
	Lesson     ContributionKind = "lesson"
	Asking     ContributionKind = "question"
)

// ContributionKinds lists the kinds in the order forms show them.
func ContributionKinds() []ContributionKind {
	return []ContributionKind{Experience, ProblemOf, Challenge, Solution, Risk, Lesson, Asking}
}

// Attribution says under which name a contribution is shown.
type Attribution string

// Attributions.
const (
	Named     Attribution = "named" // name, group and country
	GroupOnly Attribution = "group" // the stakeholder group alone, for everyone but the author
)

// Attributions lists the attributions.
func Attributions() []Attribution { return []Attribution{Named, GroupOnly} }

// ContributionState is whether the text can still be read. Nothing disappears:
// the place in the dialogue stays, and the record says what happened to it.
type ContributionState string

// States of a contribution.
const (
	Visible   ContributionState = "visible"
	Withdrawn ContributionState = "withdrawn" // by its author
	Moderated ContributionState = "moderated" // hidden by a facilitator, or out already where it was imported from
	Erased    ContributionState = "erased"    // its author left and took the words along
)

// Contribution is something somebody said, in writing, to a question: before,
// during or after a session. A reply is a contribution to a contribution, one
// level deep. Its words are in versions; the newest is shown, the earlier ones
// can be looked at.
type Contribution struct {
	ID               record.ID
	DialogueID       record.ID
	QuestionID       record.ID
	SessionID        record.ID // said during this session; "" before or after
	ItemID           record.ID // agenda item that was current
	ParentID         record.ID // what it replies to
	AuthorID         record.ID
	Kind             ContributionKind
	Language         string
	Country          string       // the author's, when it was said
	StakeholderGroup people.Group // the author's, when it was said
	Attribution      Attribution
	State            ContributionState
	Version          int64 // of the text, from 1
	Supports         int64 // how many say "I see this too"
	Replies          int64
	CreatedAt        time.Time
	ChangedAt        time.Time
}

// TableName tells gorm where contributions live.
func (Contribution) TableName() string { return "contributions" }

// ContributionText is one version of what was said. The record keeps its digest
// for ever; the salt, which goes together with the words, is what keeps others
// from guessing words and comparing digests.
type ContributionText struct {
	ContributionID record.ID
	Version        int64
	Body           string
	Folded         string
	Salt           string // "" for texts from before salts
	CreatedAt      time.Time
}

// TableName tells gorm where texts live.
func (ContributionText) TableName() string { return "contribution_texts" }

// newText is a version of what was said, with a salt of its own.
func newText(c Contribution, body string, at time.Time) ContributionText {
	return ContributionText{c.ID, c.Version, body, people.Fold(body), rand.Text(), at}
}

// Digest is what the record says of the text.
func (t ContributionText) Digest() string {
	if t.Salt == "" {
		return record.Digest(t.Body)
	}
	return record.Digest(t.Salt, t.Body)
}

// Support is one person's "I see this too".
type Support struct {
	ContributionID record.ID
	PersonID       record.ID
	CreatedAt      time.Time
}

// TableName tells gorm where supports live.
func (Support) TableName() string { return "supports" }

// ContributionForm is a contribution as a participant fills it in. A reply
// names its Parent and inherits question and session from it.
type ContributionForm struct {
	Question    record.ID
	Session     record.ID
	Parent      record.ID
	Kind        ContributionKind
	Language    string
	Attribution Attribution
	Body        string
}

func (f *ContributionForm) check() people.Invalid {
	v := people.Invalid{}
	f.Body = v.Text("body", f.Body, true, LongestContribution)
	choose(v, "language", f.Language, Languages())
	choose(v, "attribution", f.Attribution, Attributions())
	if f.Parent == "" {
		choose(v, "kind", f.Kind, ContributionKinds())
	} else {
		f.Kind = Experience // a reply is shown without its kind
	}
	return v
}
