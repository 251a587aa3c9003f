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

// motion is what is moved: by whose hands, and how many of them it takes.
type motion struct {
	what         string
	in           any
	about        record.ID   // the holder it is about, who has no word in it; "" for none
	consultation record.ID   // in which it is moved: mandates for this one alone count too
	voters       []record.ID // holders whose words count
	need         int
	hears        bool      // the bodies that the protocol names must be among them
	must         record.ID // a holder who must be among them; "" for none
}

// motion is one that as many holders carry as a decision needs, none of them the one
// it is about, or all others where there are fewer, but never one alone. Those whose
// mandate is contested have no word, and count among the others all the same: nobody
// makes two enough by contesting the rest.
func (t *turn) motion(what string, in any, about, consultation record.ID) motion {
	need := t.quorum(len(t.deciders(consultation, Mandate.Holds, about)))
	return motion{what: what, in: in, about: about, consultation: consultation, voters: t.deciders(consultation, Mandate.Valid, about), need: need, hears: about == ""}
}

// quorum is how many of n holders it takes.
func (t *turn) quorum(n int) int { return max(2, min(t.Community.Protocol().Rules.Quorum(), n)) }

// wordLasts is how long a word for a motion counts: whoever adds the last one must
// not find that of another year.
const wordLasts = 90 * 24 * time.Hour

// carried adds the caller's word to a motion and tells whether that carries it.
func (t *turn) carried(m motion) (bool, error) {
	c := t.Community
	own, ok := find(c.mandatesOf(t.Actor.ID()), func(o Mandate) bool {
		return o.Holds(Decide, m.consultation, t.Now) && slices.Contains(m.voters, o.Holder)
	})
	if !ok || c.interested(t.Actor.Person) {
		return false, ErrRefused
	}
	name := MotionOf(m.what, m.in)
	said := []record.ID{own.Holder}
	for _, w := range c.Motions[name] {
		lasts := t.Now.Before(c.timeBefore(w.Entry + 1).Add(wordLasts))
		switch {
		case !lasts, !slices.Contains(m.voters, w.Holder):
		case w.Holder == own.Holder:
			return false, ErrWrongTime
		case !slices.Contains(said, w.Holder):
			said = append(said, w.Holder)
		}
	}
	done := len(said) >= m.need && (!m.hears || c.hears(said, t.Now)) && (m.must == "" || slices.Contains(said, m.must))
	t.emit(&Worded{Motion: name, Holder: own.Holder, Mandate: own.ID, Carried: done}, nil)
	return done, nil
}

// hears tells whether the bodies that the protocol names are among those who said
// something: nobody is left out of a decision by first changing the rules without them.
func (c *Community) hears(said []record.ID, now time.Time) bool {
	return !slices.ContainsFunc(c.Protocol().Rules.Groups, func(body Body) bool {
		return !slices.ContainsFunc(c.Mandates, func(m Mandate) bool {
			i, _ := c.Institution(m.Institution)
			return i.Kind == body && slices.Contains(said, m.Holder) && m.Valid(Decide, m.Consultation, now)
		})
	})
}

// deciders are the holders who may decide in a consultation, by what holds means,
// but for some.
func (t *turn) deciders(consultation record.ID, holds func(Mandate, Power, record.ID, time.Time) bool, but ...record.ID) []record.ID {
	var all []record.ID
	for _, m := range t.Community.Mandates {
		if holds(m, Decide, consultation, t.Now) && !slices.Contains(all, m.Holder) && !slices.Contains(but, m.Holder) {
			all = append(all, m.Holder)
		}
	}
	return all
}
