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

func TestBarsThatStandUnderEachOtherShareAScale(t *testing.T) {
	w := words(t, i18n.Spanish)
	long := balanceView{w, dialogues.Balance{"iplc": 15, "national_government": 5}, 20}
	short := balanceView{w, dialogues.Balance{"iplc": 5}, 20}
	if got, want := long.Bars()[1], (bar{"group-IP", "30.0", "88.8"}); got != want {
		t.Errorf("the longest: %v, want %v", got, want)
	}
	if got, want := short.Bars()[0], (bar{"group-IP", "0.0", "28.8"}); got != want {
		t.Errorf("a quarter of it: %v, want %v", got, want)
	}
}

func TestAHeadlineNamesOnlyWhoIsShown(t *testing.T) {
	s := newScene(words(t, i18n.English), Reads, dialogues.Dialogue{}, nil, nil)
	for _, row := range []struct {
		name        string
		attribution dialogues.Attribution
		state       dialogues.ContributionState
		want        string
	}{
		{"by name", dialogues.Named, dialogues.Visible, "Lesson learned, Lukas"},
		{"for the group only", dialogues.GroupOnly, dialogues.Visible, "Lesson learned, Indigenous Peoples and local communities"},
		{"withdrawn", dialogues.Named, dialogues.Withdrawn, "Contribution"},
	} {
		c := dialogues.Contribution{Kind: dialogues.Lesson, AuthorID: "p", StakeholderGroup: "iplc", Attribution: row.attribution, State: row.state}
		if got := s.said(dialogues.Said{Contribution: c, Author: "Lukas"}, false, "").Headline(); got != row.want {
			t.Errorf("%s: %q, want %q", row.name, got, row.want)
		}
	}
}
