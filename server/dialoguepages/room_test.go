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
