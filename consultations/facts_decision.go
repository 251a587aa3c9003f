package consultations

import (
	"slices"
	"time"

	"github.com/vcm-forum/forum/dialogues/record"
)

// Drafted writes a decision down, or writes it anew: then every confirmation of
// the earlier words is void. Texts: statement, conditions, dissent (lists).
type Drafted struct {
	ID           record.ID    `json:"id"`
	Consultation record.ID    `json:"consultation"`
	Version      int          `json:"version"`
	Aspects      []record.ID  `json:"aspects"`
	Type         DecisionType `json:"type"`
	Language     string       `json:"language"`
	Evidence     []Digest     `json:"evidence,omitempty"`
	ReviewAt     time.Time    `json:"review_at,omitzero"`
	ExpiresAt    time.Time    `json:"expires_at,omitzero"`
	Digest       Digest       `json:"digest"`
	Dropped      bool         `json:"dropped,omitempty"`
}

func (*Drafted) kind() Kind { return "decision.drafted" }

func (f *Drafted) apply(c *Community, e Event) {
	x := c.consultation(f.Consultation)
	d := x.Draft(f.ID)
	if d != nil && f.Dropped {
		d.Dropped = true
		x.mark(e, Mark{Move: MoveDrop, Version: f.Version, Aspects: f.Aspects})
		return
	}
	if d == nil {
		x.Drafts = append(x.Drafts, Draft{ID: f.ID})
		d = &x.Drafts[len(x.Drafts)-1]
	}
	*d = Draft{
		ID: f.ID, Revision: d.Revision + 1, Version: f.Version, Aspects: f.Aspects, Type: f.Type, Language: f.Language,
		Statement: e.text("statement"), Lists: [2]Text{e.text("conditions"), e.text("dissent")}, Evidence: f.Evidence,
		ReviewAt: f.ReviewAt, ExpiresAt: f.ExpiresAt, Digest: f.Digest, By: e.Actor, At: e.At, Entry: e.Index, Dropped: f.Dropped,
	}
	d.Conditions, d.Dissent = list(d.Lists[0]), list(d.Lists[1])
	x.mark(e, Mark{Move: MoveDraft, Version: f.Version, Aspects: f.Aspects})
}

// Confirmed is one holder's word for the exact words of a draft. Texts: witnesses.
type Confirmed struct {
	Consultation record.ID `json:"consultation"`
	Draft        record.ID `json:"draft"`
	Mandate      record.ID `json:"mandate"`
	Holder       record.ID `json:"holder"`
	Digest       Digest    `json:"digest"`
	Form         Form      `json:"form"`
	Evidence     Digest    `json:"evidence,omitempty"`
	Stale        bool      `json:"stale,omitempty"`
}

func (*Confirmed) kind() Kind { return "decision.confirmed" }

func (f *Confirmed) apply(c *Community, e Event) {
	d := c.consultation(f.Consultation).Draft(f.Draft)
	if d == nil {
		return
	}
	d.Confirmed = append(slices.Clone(d.Confirmed), Confirmation{
		Mandate: f.Mandate, Holder: f.Holder, Account: e.Actor, Form: f.Form, Digest: f.Digest, Evidence: f.Evidence,
		Witnesses: e.text("witnesses"), Claim: e.Claim, At: e.At, Entry: e.Index, Stale: f.Stale,
	})
}

// Decided is a decision: enough holders confirmed a draft, or one holder took a
// step that protects. Texts: receipt (the words that its receipt binds),
// statement, conditions, dissent, witnesses.
type Decided struct {
	ID           record.ID    `json:"id"`
	Consultation record.ID    `json:"consultation"`
	Draft        record.ID    `json:"draft,omitempty"`
	Version      int          `json:"version"`
	Aspects      []record.ID  `json:"aspects"`
	Type         DecisionType `json:"type"`
	Language     string       `json:"language,omitempty"`
	Digest       Digest       `json:"digest,omitempty"`
	Evidence     []Digest     `json:"evidence,omitempty"`
	Mandates     []record.ID  `json:"mandates"`
	Base         int64        `json:"base"` // the least that any of those who confirmed had seen
	Effective    time.Time    `json:"effective"`
	ReviewAt     time.Time    `json:"review_at,omitzero"`
	ExpiresAt    time.Time    `json:"expires_at,omitzero"`
	Conditions   []record.ID  `json:"conditions,omitempty"`
	Suspends     bool         `json:"suspends,omitempty"` // a broken condition suspends at once
}

func (*Decided) kind() Kind { return "decision.made" }

func (f *Decided) apply(c *Community, e Event) {
	x := c.consultation(f.Consultation)
	d := Decision{
		ID: f.ID, Draft: f.Draft, Version: f.Version, Aspects: f.Aspects, Type: f.Type, Language: f.Language, Evidence: f.Evidence,
		Statement: e.text("statement"), Dissent: list(e.text("dissent")), Receipt: e.text("receipt"), Witnesses: e.text("witnesses"),
		ReviewAt: f.ReviewAt, ExpiresAt: f.ExpiresAt, Mandates: f.Mandates, Claim: e.Claim, Via: e.Claim.Via, At: e.At, Entry: e.Index,
		Effective: f.Effective,
	}
	for n, id := range f.Conditions {
		x.Conditions = append(x.Conditions, Condition{
			ID: id, Decision: f.ID, Words: e.text("conditions"), N: n, Suspends: f.Suspends, Status: ConditionOpen, Changed: e.Index,
		})
	}
	if draft := x.Draft(f.Draft); draft != nil {
		draft.Decided = f.ID
	}
	x.contradict(c, e, d)
	x.Decisions = append(x.Decisions, d)
	e.Claim.Base = f.Base
	x.mark(e, Mark{
		Move: moveOf(f.Type), Version: f.Version, Aspects: f.Aspects, Decision: f.ID, Done: c.doneAt(e),
		Effective: f.Effective, ReviewAt: f.ReviewAt, ExpiresAt: f.ExpiresAt, If: len(f.Conditions) > 0,
	})
	if f.Type == NotNow {
		x.Round++
	}
}

// doneAt is when something was done, as the community says, within what is known:
// after what its maker had seen and before the server had it.
func (c *Community) doneAt(e Event) time.Time {
	asserted := e.Claim.Asserted
	if asserted.IsZero() || asserted.After(e.At) {
		return e.At
	}
	return latest(asserted, c.timeBefore(e.Claim.Base))
}

// timeBefore is when the newest entry before an index was made.
func (c *Community) timeBefore(index int64) time.Time {
	i, _ := slices.BinarySearchFunc(c.times, index, func(s stamp, n int64) int { return int(s.index - n) })
	if i == 0 {
		return time.Time{}
	}
	return c.times[i-1].at
}

// contradict opens a contest by itself when two institutions of the community
// answer differently: the program shows both and chooses neither. It counts where
// the two meet ([Standing.meets]); what does not stand any more contradicts nothing.
func (x *Consultation) contradict(c *Community, e Event, d Decision) {
	for _, o := range x.Decisions {
		opposed := o.Version == d.Version && o.Voided == 0 && o.Type.answers() && d.Type.answers() && o.Type.yes() != d.Type.yes()
		both := common(o.Aspects, d.Aspects)
		if opposed && len(both) > 0 && !overlap(c.institutionsOf(o), c.institutionsOf(d)) {
			x.Contests = append(x.Contests, Contest{ID: d.ID, Against: o.ID, Aspects: both, At: e.At, Entry: e.Index})
		}
	}
}

// common are the ids that stand in both.
func common(a, b []record.ID) []record.ID {
	return slices.DeleteFunc(slices.Clone(a), func(id record.ID) bool { return !slices.Contains(b, id) })
}

func overlap(a, b []record.ID) bool { return len(common(a, b)) > 0 }

// institutionsOf are those whose holders made a decision.
func (c *Community) institutionsOf(d Decision) []record.ID {
	var all []record.ID
	for _, id := range d.Mandates {
		if m, ok := c.Mandate(id); ok {
			all = append(all, m.Institution)
		}
	}
	return all
}

// ConditionSet says how a condition stands. Broken, it suspends where the
// decision says so. Texts: finding.
type ConditionSet struct {
	Consultation record.ID       `json:"consultation"`
	Condition    record.ID       `json:"condition"`
	Status       ConditionStatus `json:"status"`
}

func (*ConditionSet) kind() Kind { return "condition.set" }

func (f *ConditionSet) apply(c *Community, e Event) {
	x := c.consultation(f.Consultation)
	for i := range x.Conditions {
		k := &x.Conditions[i]
		if k.ID != f.Condition {
			continue
		}
		k.Status, k.Changed, k.Finding = f.Status, e.Index, e.text("finding")
		if d, ok := x.Decision(k.Decision); ok && k.Suspends && f.Status == ConditionBroken {
			x.mark(e, Mark{Move: MoveSuspend, Version: d.Version, Aspects: d.Aspects, Decision: d.ID})
		}
	}
}

// ContestOpened says that what stands is disputed. Texts: reason.
type ContestOpened struct {
	ID           record.ID   `json:"id"`
	Consultation record.ID   `json:"consultation"`
	Aspects      []record.ID `json:"aspects,omitempty"`
	Institution  record.ID   `json:"institution,omitempty"`
}

func (*ContestOpened) kind() Kind { return "contest.opened" }

func (f *ContestOpened) apply(c *Community, e Event) {
	x := c.consultation(f.Consultation)
	x.Contests = append(x.Contests, Contest{
		ID: f.ID, Aspects: f.Aspects, Institution: f.Institution, Reason: e.text("reason"), By: e.Actor, Late: e.Claim.Late, At: e.At, Entry: e.Index,
	})
}

// ContestRuled is a holder's word on which decision stands; with as many as a
// decision needs, of the institution whose protocol it is, the contest ends.
type ContestRuled struct {
	Consultation record.ID `json:"consultation"`
	Contest      record.ID `json:"contest"`
	Stands       record.ID `json:"stands"` // a decision
	Holder       record.ID `json:"holder"`
	Final        bool      `json:"final,omitempty"`
}

func (*ContestRuled) kind() Kind { return "contest.ruled" }

func (f *ContestRuled) apply(c *Community, e Event) {
	x := c.consultation(f.Consultation)
	for i := range x.Contests {
		t := &x.Contests[i]
		if t.ID != f.Contest {
			continue
		}
		t.Words = append(slices.Clone(t.Words), Ruling{Holder: f.Holder, Stands: f.Stands, Entry: e.Index})
		if f.Final {
			t.Resolved, t.ResolvedAt = e.Index, e.At
			x.setAside(*t, f.Stands)
		}
	}
}

// setAside leaves, of the decisions that a contest was about, the one that stands.
func (x *Consultation) setAside(t Contest, stands record.ID) {
	d, ok := x.Decision(stands)
	if !ok || !d.Type.answers() {
		return // it is as it is; what was in force until then was
	}
	for i := range x.Marks {
		m := &x.Marks[i]
		o, _ := x.Decision(m.Decision)
		about := o.ID != "" && o.ID != stands && o.Type.answers() && m.Version == d.Version && m.Entry <= t.Resolved && overlap(m.Aspects, d.Aspects)
		m.Aside = m.Aside || about
	}
}

// Voided says that a decision was entered in error. It stays, and whoever could
// see it still can. Texts: reason.
type Voided struct {
	Consultation record.ID `json:"consultation"`
	Decision     record.ID `json:"decision"`
}

func (*Voided) kind() Kind { return "decision.entered_in_error" }

func (f *Voided) apply(c *Community, e Event) {
	x := c.consultation(f.Consultation)
	for i := range x.Decisions {
		if x.Decisions[i].ID == f.Decision {
			x.Decisions[i].Voided, x.Decisions[i].VoidReason = e.Index, e.text("reason")
		}
	}
	for i := range x.Marks {
		if x.Marks[i].Decision == f.Decision {
			x.Marks[i].Aside = true
		}
	}
	if d, ok := x.Decision(f.Decision); ok && moveOf(d.Type).protects() {
		x.mark(e, Mark{Move: MoveSuspend, Version: d.Version, Aspects: d.Aspects, Decision: x.yesTo(d)})
	}
}

// yesTo is the last yes that a decision could have ended.
func (x *Consultation) yesTo(d Decision) record.ID {
	for _, o := range slices.Backward(x.Decisions) {
		if o.Type.yes() && o.Voided == 0 && o.Version == d.Version && overlap(o.Aspects, d.Aspects) {
			return o.ID
		}
	}
	return ""
}
