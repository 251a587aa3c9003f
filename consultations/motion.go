package consultations

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/vcm-forum/forum/dialogues/record"
)

// Some things one holder alone must not do: take another's mandate, change the
// rules, give up a condition. Holders say the same one after another, and the last
// word that is needed makes it so. What exactly they say is the motion; another
// content is another motion.

// Word is one holder's word for a motion.
type Word struct {
	Holder  record.ID
	Mandate record.ID
	Entry   int64
}

// Worded is one holder's word for a motion; the last one that was needed carries it.
type Worded struct {
	Motion  string    `json:"motion"`
	Holder  record.ID `json:"holder"`
	Mandate record.ID `json:"mandate"`
	Carried bool      `json:"carried,omitempty"`
}

func (*Worded) kind() Kind { return "motion.worded" }

func (f *Worded) apply(c *Community, e Event) {
	if f.Carried {
		delete(c.Motions, f.Motion)
		c.Moved = slices.DeleteFunc(slices.Clone(c.Moved), func(m MovedProtocol) bool { return m.Motion == f.Motion })
		return
	}
	if c.Motions == nil {
		c.Motions = map[string][]Word{}
	}
	c.Motions[f.Motion] = append(slices.Clone(c.Motions[f.Motion]), Word{f.Holder, f.Mandate, e.Index})
}

// MovedProtocol is a version of the protocol that waits for the words of others.
type MovedProtocol struct {
	Motion    string
	Protocol  Protocol
	Documents []Digest
}

// form is what was moved, as it was sent.
func (m MovedProtocol) form() ProtocolForm {
	return ProtocolForm{
		Institution: m.Protocol.Institution, Rules: m.Protocol.Rules, Rule: m.Protocol.Rule.Body, NotRecorded: m.Protocol.NotRecorded.Body, Documents: m.Documents,
	}
}

// MotionOf names a motion by what is moved.
func MotionOf(what string, in any) string {
	raw, _ := json.Marshal(in) // forms are structs of strings, numbers and times
	return record.Digest("motion", what, string(raw))
}

// Spoken are those who have said a motion so far.
func (c *Community) Spoken(motion string) []Word { return c.Motions[motion] }

// carried adds the caller's word to a motion and tells whether it is carried: by as
// many holders as a decision needs, none of them the one it is about, or by all
// others where there are fewer, but never by one alone.
func (t *turn) carried(what string, in any, about record.ID) (bool, error) {
	c := t.Community
	own, ok := c.HolderWith(t.Actor.ID(), Decide, "", t.Now)
	if !ok || own.Holder == about || c.interested(t.Actor.Person) {
		return false, ErrRefused
	}
	motion := MotionOf(what, in)
	said := []record.ID{own.Holder}
	for _, w := range c.Motions[motion] {
		m, _ := c.Mandate(w.Mandate)
		switch {
		case w.Holder == own.Holder:
			return false, ErrWrongTime
		case m.Valid(Decide, "", t.Now) && !slices.Contains(said, w.Holder):
			said = append(said, w.Holder)
		}
	}
	need := max(2, min(c.Protocol().Rules.Quorum(), c.deciders(about, t)))
	done := len(said) >= need && (about != "" || c.hears(said, t.Now))
	t.emit(&Worded{Motion: motion, Holder: own.Holder, Mandate: own.ID, Carried: done}, nil)
	return done, nil
}

// hears tells whether the bodies that the protocol names are among those who said
// something: nobody is left out of a decision by first changing the rules without them.
func (c *Community) hears(said []record.ID, now time.Time) bool {
	return !slices.ContainsFunc(c.Protocol().Rules.Groups, func(body Body) bool {
		return !slices.ContainsFunc(c.Mandates, func(m Mandate) bool {
			i, _ := c.Institution(m.Institution)
			return i.Kind == body && slices.Contains(said, m.Holder) && m.Valid(Decide, "", now)
		})
	})
}

// deciders counts the holders who may confirm decisions, but for one.
func (c *Community) deciders(but record.ID, t *turn) int {
	var all []record.ID
	for _, m := range c.Mandates {
		if m.Holder != but && m.Valid(Decide, "", t.Now) && !slices.Contains(all, m.Holder) {
			all = append(all, m.Holder)
		}
	}
	return len(all)
}
