package dialoguepages

import (
	"testing"
	"time"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/server/i18n"
)

// An agenda shows the plan until it is overtaken; afterwards only what was.
func TestTheAgendaOfASessionThatIsOverShowsNoPlan(t *testing.T) {
	begins := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	began := begins.Add(4 * time.Minute)
	agenda := []dialogues.AgendaLine{
		{Entry: dialogues.Entry{AgendaItem: dialogues.AgendaItem{ID: "a", Minutes: 10}}, Started: &began},
		{Entry: dialogues.Entry{AgendaItem: dialogues.AgendaItem{ID: "b", Minutes: 20}}},
	}
	for state, want := range map[dialogues.SessionState]string{dialogues.Live: "12:14", dialogues.Over: "–"} {
		session := dialogues.Session{State: state, TimeZone: "Africa/Nairobi", StartsAt: begins}
		lines := roomView{Words: words(t, i18n.English), Hall: dialogues.Hall{Session: session, Agenda: agenda}}.Lines()
		if lines[0].At != "12:04" || lines[1].At != want {
			t.Errorf("%s: begins %q and %q, want 12:04 and %q", state, lines[0].At, lines[1].At, want)
		}
	}
}

// Days are those of the calendar where the session is held.
func TestDaysAheadAreCountedWhereTheSessionIsHeld(t *testing.T) {
	starts := time.Date(2026, 12, 4, 1, 0, 0, 0, time.UTC) // the evening of the 3rd in Lima
	v := roomView{Hall: dialogues.Hall{Session: dialogues.Session{TimeZone: "America/Lima", StartsAt: starts}}}
	for name, row := range map[string]struct {
		now  time.Time
		want int
	}{
		"twelve days before":           {time.Date(2026, 11, 21, 15, 0, 0, 0, time.UTC), 12},
		"the evening before":           {starts.Add(-21 * time.Hour), 1},
		"the morning of the day":       {starts.Add(-12 * time.Hour), 0},
		"the day after, not begun yet": {starts.Add(24 * time.Hour), 0},
	} {
		if v.now = row.now; v.DaysAhead() != row.want {
			t.Errorf("%s: %d days ahead, want %d", name, v.DaysAhead(), row.want)
		}
	}
}
