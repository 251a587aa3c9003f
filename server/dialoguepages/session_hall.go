package dialoguepages

import (
	"time"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server/page"
)

// The wall before a session says what it will be about, when it begins and how
// to come in; after it, what came of it and where the minutes are. Only in
// between is there something to follow.
var hallWait = page.MustFragment[roomView]("hall-wait")

// Hall is the wall: large, without anything to press.
func (p *Pages) Hall(r *page.Request) error {
	data, err := p.livePage(r, ViewHall)
	if err != nil {
		return err
	}
	if data.Room.State == dialogues.Over {
		if data.Tally, err = p.Dialogues.Tally(r.Ctx(), r.Session.ID); err != nil {
			return err
		}
		data.QR = page.QR(p.Kit.BaseURL + sessionPath(r.Session.ID)) // the code opens nothing any more
	}
	return hallTemplate.OK(r, data)
}

// IsOver tells whether the session was held.
func (v roomView) IsOver() bool { return v.State == dialogues.Over }

// Begins says when a planned session begins, on the clock of where it is held.
func (v roomView) Begins() string {
	zone := v.Session.Zone()
	at, place := v.P.Time(v.StartsAt, zone), v.Words.Zone(v.Session.TimeZone)
	if sameDay(v.StartsAt.In(zone), v.now.In(zone)) {
		return v.T("hall.begins_today", "time", at, "zone", place)
	}
	return v.T("hall.begins_on", "weekday", v.P.Weekday(v.StartsAt, zone), "date", v.P.Date(v.StartsAt, zone), "time", at, "zone", place)
}

func sameDay(a, b time.Time) bool { return a.YearDay() == b.YearDay() && a.Year() == b.Year() }

// CountsDown tells whether the beginning is near enough to count down to it.
func (v roomView) CountsDown() bool { return v.StartsAt.Sub(v.now) < 24*time.Hour }

// StartsMillis is when the session begins, for the script that counts down.
func (v roomView) StartsMillis() int64 { return v.StartsAt.UnixMilli() }

// Countdown is how long it is until the session begins.
func (v roomView) Countdown() string {
	left := v.StartsAt.Sub(v.now)
	if left <= 0 {
		return v.T("hall.soon")
	}
	return v.T("hall.in", "time", v.P.Clock(left))
}

// WallLines are the lines of the agenda that a wall has room for: sub-items
// only where the agenda is short.
func (v roomView) WallLines() []agendaView {
	const most = 8
	lines := v.Lines()
	if len(lines) <= most {
		return lines
	}
	var top []agendaView
	for _, line := range lines {
		if line.Depth == 0 {
			top = append(top, line)
		}
	}
	return top
}

// tallyRow is what one group brought to a session.
type tallyRow struct {
	page.Words
	Group                people.Group
	Present, Said, Turns int64
}

// TallyRows are the groups that were there or said something, in the usual order.
func (l livePage) TallyRows() []tallyRow {
	var out []tallyRow
	for _, g := range people.Groups() {
		row := tallyRow{l.Words, g, l.Room.Present[g], l.Tally.Said[g], l.Tally.Turns[g]}
		if row.Present+row.Said+row.Turns > 0 {
			out = append(out, row)
		}
	}
	return out
}

// tallySum is one large figure with what it counts.
type tallySum struct{ Figure, Of string }

// TallySums are the figures of the whole session.
func (l livePage) TallySums() []tallySum {
	var present int64
	for _, n := range l.Room.Present {
		present += n
	}
	sum := func(key string, n int64) tallySum { return tallySum{l.P.Number(int(n)), l.T(key, "n", n)} }
	return []tallySum{sum("hall.present", present), sum("hall.spoke", l.Tally.Speakers), sum("hall.said", l.Tally.Said.Total())}
}
