package dialogues

import (
	"time"

	"github.com/vcm-forum/forum/dialogues/people"
)

// A rehearsal lets those who prepare a session try it before anyone comes: the
// console, the wall, the phones, the clock, a full list of hands. It is a
// dialogue of its own, copied from the real one (questions, agenda, the team),
// so that every action, page and socket works in it as it will on the day. It
// is known to its members alone, its room passes (see [record.Action]), and
// when it ends all of it goes, down to the guests who joined with its code:
// nothing of it is left on the record.

// LongestRehearsal is after what time a rehearsal that nobody has ended is ended.
const LongestRehearsal = 24 * time.Hour

// IsRehearsal tells whether a dialogue is a rehearsal.
func (d Dialogue) IsRehearsal() bool { return d.RehearsalOf != "" }

// PromptForm is what an invented participant does in a rehearsal, so that it
// can be tried by one person alone: raises a hand or, with words, says them.
type PromptForm struct {
	Name     string
	Language string
	Body     string // "" raises a hand
}

func (f *PromptForm) check() people.Invalid {
	v := people.Invalid{}
	f.Name = v.Line("name", f.Name, true, people.LongestName)
	f.Body = v.Text("body", f.Body, false, LongestContribution)
	choose(v, "language", f.Language, Languages())
	return v
}
