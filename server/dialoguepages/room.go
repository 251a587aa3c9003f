package dialoguepages

import (
	"fmt"
	"strconv"
	"time"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

// roomView is a live session as its fragments show it: what is current, the
// clock, the agenda, the hands, and on the wall what was said.
type roomView struct {
	page.Words
	dialogues.Hall
	s         scene
	now       time.Time
	questions map[record.ID]dialogues.QuestionView
	top       []dialogues.Said // most supported, for the wall
	newest    *dialogues.Said
}

// Fragments of a live session. Each replaces the element whose id is the
// fragment's name and the session's id.
var (
	roomNow      = page.MustFragment[roomView]("room-now")
	roomTimer    = page.MustFragment[roomView]("room-timer")
	roomAgenda   = page.MustFragment[roomView]("room-agenda")
	roomSpeakers = page.MustFragment[roomView]("room-speakers")
	consoleTimer = page.MustFragment[roomView]("console-timer")
	consoleHands = page.MustFragment[roomView]("console-hands")
	hallQuestion = page.MustFragment[roomView]("hall-question")
	hallSaid     = page.MustFragment[roomView]("hall-said")
	hallTimer    = page.MustFragment[roomView]("hall-timer")
	hallSpeakers = page.MustFragment[roomView]("hall-speakers")
	roomFloor    = page.MustFragment[roomView]("room-floor")
	roomPresent  = page.MustFragment[roomView]("room-present")
)

// Presence is who has entered the session, by group.
func (v roomView) Presence() presenceView {
	p := newPresence(v.Words, v.PresenceTitle(), v.Present)
	p.ID = elementID("room-present", v.Session.ID)
	return p
}

// PresenceTitle says who is here, and of a session that is over who was.
func (v roomView) PresenceTitle() string {
	if v.IsOver() {
		return v.T("room.were_present")
	}
	return v.T("room.present")
}

// HeldOn says on which day a session was held and whose time the page shows.
func (v roomView) HeldOn() string {
	at := v.StartsAt
	if v.OpenedAt != nil {
		at = *v.OpenedAt
	}
	return v.T("room.held_on", "date", v.P.Date(at, v.Session.Zone()), "zone", v.ZoneName())
}

// SID is the session's id for element ids.
func (v roomView) SID() record.ID { return v.Session.ID }

// IsLive tells whether the session runs.
func (v roomView) IsLive() bool { return v.State == dialogues.Live }

// IsPlanned tells whether the session has not begun.
func (v roomView) IsPlanned() bool { return v.State == dialogues.Planned }

// Starts says when a planned session begins.
func (v roomView) Starts() string { return v.P.DateTime(v.StartsAt, v.Session.Zone()) }

// ZoneName is the place whose time of day the page shows.
func (v roomView) ZoneName() string { return v.Zone(v.TimeZone) }

// Spoken is the language in which the dialogue, its questions and its agenda are written.
func (v roomView) Spoken() string { return v.s.Dialogue.Language }

// ItemNumber is "3", the current item's number.
func (v roomView) ItemNumber() string {
	if v.Current == nil {
		return ""
	}
	return v.Current.Number
}

// Question is what the current item asks, the item's title where it asks nothing.
func (v roomView) Question() string {
	if v.Current == nil {
		return ""
	}
	if q, ok := v.questions[v.Current.QuestionID]; ok {
		return q.Title
	}
	return v.Current.Title
}

// QuestionNumber is the number of the question the current item works on.
func (v roomView) QuestionNumber() string {
	if v.Current == nil {
		return ""
	}
	return v.questions[v.Current.QuestionID].Number
}

// QuestionClass makes long questions smaller on the wall.
func (v roomView) QuestionClass() string {
	switch n := len([]rune(v.Question())); {
	case n > 160:
		return "hall-question is-very-long"
	case n > 90:
		return "hall-question is-long"
	default:
		return "hall-question"
	}
}

// HasTimer tells whether a clock is set.
func (v roomView) HasTimer() bool { _, ok := v.TimerRemaining(v.now); return ok }

// Ends is when the running timer runs out, in milliseconds since 1970 UTC; 0 while it stands.
func (v roomView) Ends() int64 {
	if v.TimerEndsAt == nil {
		return 0
	}
	return v.TimerEndsAt.UnixMilli()
}

// Planned is the length the shape of the timer stands for, in milliseconds.
func (v roomView) Planned() int64 {
	if v.Current == nil {
		return v.Minutes * 60000
	}
	return v.Current.Minutes * 60000
}

// Figures is what the timer shows.
func (v roomView) Figures() string {
	left, _ := v.TimerRemaining(v.now)
	if left < 0 {
		return "+" + v.P.Clock(-left)
	}
	return v.P.Clock(left)
}

// TimerClass says how the timer looks: short in the last fifth, over, paused.
func (v roomView) TimerClass() string {
	left, ok := v.TimerRemaining(v.now)
	switch {
	case !ok:
		return "timer"
	case v.TimerEndsAt == nil:
		return "timer is-paused"
	case left < 0:
		return "timer is-over"
	case left.Milliseconds()*5 < v.Planned():
		return "timer is-short"
	default:
		return "timer"
	}
}

// TimerSays is the word beside the figures.
func (v roomView) TimerSays() string {
	left, _ := v.TimerRemaining(v.now)
	switch {
	case v.TimerEndsAt == nil:
		return v.T("timer.paused")
	case left < 0:
		return v.T("timer.over")
	default:
		return v.T("timer.left")
	}
}

// Share is how much of the time is left, 0 to 100.
func (v roomView) Share() int64 {
	left, _ := v.TimerRemaining(v.now)
	if v.Planned() == 0 {
		return 0
	}
	return max(0, min(100, left.Milliseconds()*100/v.Planned()))
}

// IsRunning tells whether the timer runs.
func (v roomView) IsRunning() bool { return v.TimerEndsAt != nil }

// agendaView is one line of the agenda.
type agendaView struct {
	page.Words
	dialogues.AgendaLine
	At     string // planned or real start, in the session's zone; a dash where it never came to it
	IsDone bool
	IsLate bool
}

// Lines are the agenda with the time each item begins: really, if it has begun.
// A plan is none any more once the session is over.
func (v roomView) Lines() []agendaView {
	lines, _ := v.schedule()
	return lines
}

// schedule gives the lines of the agenda and when the last one ends.
func (v roomView) schedule() ([]agendaView, time.Time) {
	var out []agendaView
	at := v.StartsAt
	for i, line := range v.Agenda {
		view := agendaView{Words: v.Words, AgendaLine: line}
		view.IsDone = (line.Started != nil || v.IsOver()) && !v.isUnderWay(i) // there is nothing to come of it
		view.IsLate = line.Spent > time.Duration(line.Minutes)*time.Minute+30*time.Second
		if line.Started != nil {
			at = *line.Started
		}
		view.At = v.P.Time(at, v.Session.Zone())
		if line.Started == nil && v.IsOver() {
			view.At = "–"
		}
		switch {
		case line.Current: // what follows begins when its clock runs out, or now if it has
			left, _ := v.TimerRemaining(v.now)
			at = v.now.Add(max(0, left))
		case !v.hasChildren(i):
			at = at.Add(time.Duration(line.Minutes) * time.Minute)
		}
		out = append(out, view)
	}
	return out, at
}

// isUnderWay tells of an item that it, or a part of it, is the current one.
func (v roomView) isUnderWay(i int) bool {
	line := v.Agenda[i]
	return line.Current || (v.Current != nil && v.Current.ParentID == line.ID)
}

func (v roomView) hasChildren(i int) bool {
	return i+1 < len(v.Agenda) && v.Agenda[i+1].ParentID == v.Agenda[i].ID
}

// Used says what an item took.
func (v agendaView) Used() string { return v.P.Duration(v.Spent.Round(time.Minute)) }

// PlannedFor says what an item was given.
func (v agendaView) PlannedFor() string { return v.P.Duration(time.Duration(v.Minutes) * time.Minute) }

// UsedShort and PlannedShort are the same for columns of figures.
func (v agendaView) UsedShort() string {
	return v.T("agenda.minutes_short", "n", int64(v.Spent.Round(time.Minute)/time.Minute))
}

// PlannedShort says it in whole minutes.
func (v agendaView) PlannedShort() string { return v.T("agenda.minutes_short", "n", v.Minutes) }

// NextItem is the item after the current one; nil at the end.
func (v roomView) NextItem() *dialogues.AgendaLine {
	for i, line := range v.Agenda {
		if line.Current && i+1 < len(v.Agenda) {
			return &v.Agenda[i+1]
		}
	}
	if v.Current == nil && len(v.Agenda) > 0 {
		return &v.Agenda[0]
	}
	return nil
}

// handLine is one hand in the list.
type handLine struct {
	page.Words
	dialogues.HandView
	Place int
	v     roomView
}

// Since says how long the hand has been up, or since when its owner speaks.
func (h handLine) Since() string {
	at := h.RaisedAt
	if h.CalledAt != nil {
		at = *h.CalledAt
	}
	return h.P.Time(at, h.v.Session.Zone())
}

// CalledMillis is when the speaker was called, for the script that counts.
func (h handLine) CalledMillis() int64 {
	if h.CalledAt == nil {
		return 0
	}
	return h.CalledAt.UnixMilli()
}

// Group is the stakeholder group, for the partial.
func (h handLine) Group() string { return string(h.StakeholderGroup) }

// Speaker is who has the floor; nil when nobody has.
func (v roomView) Speaker() *handLine {
	for _, h := range v.Hands {
		if h.State == dialogues.Speaking {
			return &handLine{v.Words, h, 0, v}
		}
	}
	return nil
}

// Waiting are those who wait, in the order in which their hands went up.
func (v roomView) Waiting() []handLine {
	var out []handLine
	for _, h := range v.Hands {
		if h.State == dialogues.Waiting {
			out = append(out, handLine{v.Words, h, len(out) + 1, v})
		}
	}
	return out
}

// Next is who speaks next.
func (v roomView) Next() *handLine {
	if waiting := v.Waiting(); len(waiting) > 0 {
		return &waiting[0]
	}
	return nil
}

// Top are the most supported contributions of the session.
func (v roomView) Top() []saidView {
	var out []saidView
	for _, c := range v.top {
		out = append(out, v.s.said(c, false, ""))
	}
	return out
}

// Newest is the newest contribution of the session.
func (v roomView) Newest() *saidView {
	if v.newest == nil {
		return nil
	}
	view := v.s.said(*v.newest, false, "")
	return &view
}

// Code is the session's code in two halves, easier to read and to say.
func (v roomView) Code() string { return spacedCode(v.Session.Code) }

func spacedCode(code string) string {
	if len(code) != 6 {
		return code
	}
	return code[:3] + " " + code[3:]
}

// elementID names the element a fragment of this session replaces.
func elementID(fragment string, session record.ID) string { return fragment + "-" + string(session) }

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// excerpt shortens words for the wall, at a blank where there is one.
func (v saidView) Excerpt() string {
	const longest = 220
	r := []rune(v.Body)
	if len(r) <= longest {
		return v.Body
	}
	cut := longest
	for cut > longest/2 && r[cut] != ' ' {
		cut--
	}
	return fmt.Sprint(string(r[:cut]), "…")
}
