package dialoguepages

import (
	"cmp"
	"time"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

// What the console shows of chairing alone: the step that can be taken back,
// who is in the chair, and when the session will end if it goes on like this.
var (
	consoleUndo = page.MustFragment[roomView]("console-undo")
	roomChair   = page.MustFragment[roomView]("room-chair")
)

// undoView is the last step of chairing, while it can be taken back.
type undoView struct {
	ID    record.ID
	Until int64 // when the offer ends, in milliseconds since 1970 UTC
	Says  string
}

// Undo is what can be taken back now; nil when nothing can.
func (v roomView) Undo() *undoView {
	step := v.Undoable(v.now)
	if step == nil {
		return nil
	}
	return &undoView{step.ID, step.At.Add(dialogues.UndoFor).UnixMilli(), v.undoSays(*step)}
}

func (v roomView) undoSays(step dialogues.Step) string {
	switch step.Verb { // i18n: undo.*
	case dialogues.ItemStarted:
		return v.T("undo.item.started", "number", v.ItemNumber())
	case dialogues.TimerSet:
		return v.T("undo.timer."+string(step.Op), "change", v.change(step))
	default:
		return v.T("undo."+string(step.Verb), "name", cmp.Or(v.About, v.T("contribution.former_participant")))
	}
}

// change writes by how many minutes the clock was changed: +5, −1; without a
// sign where it was set.
func (v roomView) change(step dialogues.Step) string {
	figure := v.P.Number(int(step.Minutes))
	if step.Op == dialogues.TimerAdd && step.Minutes > 0 {
		return "+" + figure
	}
	return figure
}

// clockChange is a button that gives minutes or takes them away.
type clockChange struct {
	Minutes     int
	Shows, Says string
	Key         string // on the keyboard; "" without
}

// ClockChanges are the usual ones. The two larger have the keys.
func (v roomView) ClockChanges() []clockChange {
	var out []clockChange
	for _, c := range []clockChange{{Minutes: -5, Key: "-"}, {Minutes: -1}, {Minutes: 1}, {Minutes: 5, Key: "+"}} {
		c.Shows = v.change(dialogues.Step{Op: dialogues.TimerAdd, Minutes: int64(c.Minutes)})
		c.Says = v.T("timer.change", "change", c.Shows)
		out = append(out, c)
	}
	return out
}

// DaysAhead is how many days it is until the day of the session, on the
// calendar of where it is held; 0 on the day and after it. Opening a session is
// what the console offers first on the day, not a week before.
func (v roomView) DaysAhead() int {
	day := func(t time.Time) time.Time {
		year, month, day := t.In(v.Session.Zone()).Date()
		return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	}
	return max(0, int(day(v.StartsAt).Sub(day(v.now))/(24*time.Hour)))
}

// IsLast tells whether the last item is the current one: closing is what comes next.
func (v roomView) IsLast() bool { return v.Current != nil && v.NextItem() == nil }

// Ending says when the session ends if what is left takes as long as planned, and
// how far that is from the plan; "" while nothing runs.
func (v roomView) Ending() string {
	if !v.IsLive() || v.Current == nil {
		return ""
	}
	_, end := v.schedule()
	at, off := v.P.Time(end, v.Session.Zone()), end.Sub(v.EndsAt()).Round(time.Minute)
	switch {
	case off.Abs() > minutesOf(v.Minutes): // held at another time than planned: the plan says nothing
		return v.T("console.ends", "time", at)
	case off >= endingSlack:
		return v.T("console.ends_late", "time", at, "late", v.P.Duration(off))
	case off <= -endingSlack:
		return v.T("console.ends_early", "time", at, "early", v.P.Duration(off))
	default:
		return v.T("console.ends", "time", at)
	}
}

func minutesOf(n int64) time.Duration { return time.Duration(n) * time.Minute }

// endingSlack is how far from its plan a session still counts as in time.
const endingSlack = 3 * time.Minute

// Undo takes the last step of chairing back.
func (p *Pages) Undo(r *page.Request) error {
	return p.ran(r, consolePath(r), func(by dialogues.Call) (record.Receipt, error) {
		return p.Dialogues.UndoStep(r.Ctx(), by, r.Seat.Dialogue.ID, r.Session.ID, r.FormID("step"))
	})
}

// chairs are those who may chair, for the console's list.
func chairs(members []dialogues.Member) []dialogues.Member {
	var out []dialogues.Member
	for _, m := range members {
		if m.Role == dialogues.Facilitator || m.Role == dialogues.CoFacilitator {
			out = append(out, m)
		}
	}
	return out
}

// IsMe tells whether somebody is the reader.
func (l livePage) IsMe(person record.ID) bool { return person == l.Reader().ID }

// ChairsNow tells whether the reader was handed the chair a moment ago.
func (l livePage) ChairsNow() bool {
	step := l.Room.Undoable(l.Room.now)
	return step != nil && step.Verb == dialogues.ChairHanded && l.IsMe(step.Person)
}

// HasOtherChairs tells whether somebody else could take the chair.
func (l livePage) HasOtherChairs() bool { return len(l.Chairs) > 1 }
