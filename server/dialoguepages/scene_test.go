package dialoguepages

import (
	"testing"
	"time"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/i18n"
)

func TestWhenSomethingWasSaid(t *testing.T) {
	begins := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	session := dialogues.Session{ID: "s", TimeZone: "Africa/Nairobi", StartsAt: begins.AddDate(0, 0, -1), OpenedAt: &begins} // a day later than planned
	s := newScene(words(t, i18n.English), Reads, dialogues.Dialogue{}, nil, []dialogues.Session{session})
	for _, row := range []struct {
		name            string
		session, parent record.ID
		at              time.Time
		day, when       string
	}{
		{"in the session", "s", "", begins.Add(5 * time.Minute), "2 Nov 2026", "12:05"},
		{"a reply in the session", "s", "c", begins.Add(6 * time.Minute), "2 Nov 2026", "12:06"},
		{"a reply after midnight there", "s", "c", begins.Add(13 * time.Hour), "", "3 Nov 2026, 01:00 (UTC+3)"},
		{"outside sessions", "", "", begins, "", "2 Nov 2026"},
	} {
		v := s.said(dialogues.Said{Contribution: dialogues.Contribution{SessionID: row.session, ParentID: row.parent, CreatedAt: row.at}}, false, "")
		if v.SessionDay() != row.day || v.When() != row.when {
			t.Errorf("%s: day %q, when %q; want %q, %q", row.name, v.SessionDay(), v.When(), row.day, row.when)
		}
	}
}
