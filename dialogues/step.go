package dialogues

import (
	"errors"
	"slices"
	"time"

	"github.com/vcm-forum/forum/dialogues/record"
)

// Step is the last thing that was done in chairing a session, with what stood
// before it, so that a slip of the hand can be taken back in front of the hall.
// It is told by the verb its line has in the record. Only the last one is kept:
// what came before it has been built upon.
type Step struct {
	ID      record.ID
	Verb    record.Verb
	Op      TimerOp   `json:",omitempty"` // what was done with the clock
	Minutes int64     `json:",omitempty"` // by how many
	Hand    record.ID `json:",omitempty"`
	Item    record.ID `json:",omitempty"`
	Person  record.ID `json:",omitempty"` // whose hand it was, who got the chair
	At      time.Time
	Was     Standing
}

// Standing is how a session stood before a step.
type Standing struct {
	Chair       record.ID
	Item        record.ID
	Speaker     record.ID // the hand that had the floor
	SpeakerIs   record.ID // and its owner
	TimerEndsAt *time.Time
	TimerLeft   int64
}

// UndoFor is how long a step can be taken back. Later the hall has gone on, and
// setting the floor back would be an act of its own.
const UndoFor = 2 * time.Minute

// ErrStepGone says that a step is not the last one any more, or too old.
var ErrStepGone = errors.New("not the last step any more")

// Undoable is the step that can be taken back now; nil when there is none. A step
// stays so as long as what it did still stands: somebody who was called and has
// lowered their hand cannot be sent back to the list, nor can a hand that was
// taken off come back beside a second one of the same person.
func (h Hall) Undoable(now time.Time) *Step {
	step := h.LastStep
	if step == nil || h.State != Live || now.Sub(step.At) > UndoFor {
		return nil
	}
	stands := true
	switch step.Verb {
	case HandCalled:
		stands = h.hasUp(step.Hand, Speaking) && !h.isUp(step.Was.SpeakerIs)
	case HandDone, HandLowered:
		stands = !h.isUp(step.Person)
	case ItemStarted:
		stands = step.Was.Item == "" || slices.ContainsFunc(h.Agenda, func(l AgendaLine) bool { return l.ID == step.Was.Item })
	}
	if !stands {
		return nil
	}
	return step
}

func (h Hall) hasUp(hand record.ID, in HandState) bool {
	return slices.ContainsFunc(h.Hands, func(v HandView) bool { return v.ID == hand && v.State == in })
}

func (h Hall) isUp(person record.ID) bool {
	return slices.ContainsFunc(h.Hands, func(v HandView) bool { return v.PersonID == person })
}
