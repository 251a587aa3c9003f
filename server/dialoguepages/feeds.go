package dialoguepages

import (
	"encoding/xml"
	"net/http"
	"strings"
	"time"
	"unicode"

	ics "github.com/arran4/golang-ical"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server/page"
)

// atomFeed is a feed (RFC 4287).
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Title   string      `xml:"title"`
	ID      string      `xml:"id"`
	Updated string      `xml:"updated"`
	Links   []atomLink  `xml:"link"`
	Author  atomAuthor  `xml:"author"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomAuthor struct {
	Name string `xml:"name"`
}

type atomEntry struct {
	Title   string   `xml:"title"`
	ID      string   `xml:"id"`
	Updated string   `xml:"updated"`
	Link    atomLink `xml:"link"`
	Summary string   `xml:"summary"`
}

// Atom is the feed of public dialogues: what anybody may read, whoever asks.
func (p *Pages) Atom(r *page.Request) error {
	cards, _, err := p.Dialogues.List(r.Ctx(), people.Actor{}, dialogues.ListFilter{Order: dialogues.Active, Limit: 50})
	if err != nil {
		return err
	}
	base := p.Kit.BaseURL
	feed := atomFeed{
		Title: r.P.T("forum.name"), ID: base + "/dialogues", Updated: p.Kit.Now().Format(time.RFC3339), Author: atomAuthor{r.P.T("forum.name")},
		Links: []atomLink{{"self", base + "/dialogues.atom"}, {"", base + "/dialogues"}},
	}
	for _, c := range cards {
		if c.Visibility != dialogues.Public {
			continue
		}
		feed.Entries = append(feed.Entries, atomEntry{
			c.Title, "urn:uuid:" + string(c.ID), c.ChangedAt.Format(time.RFC3339), atomLink{"", base + dialoguePath(c.ID)}, c.Objective,
		})
	}
	if len(feed.Entries) > 0 {
		feed.Updated = feed.Entries[0].Updated
	}
	raw, err := xml.MarshalIndent(feed, "", " ")
	if err != nil {
		return err
	}
	return r.Blob(http.StatusOK, "application/atom+xml; charset=utf-8", append([]byte(xml.Header), raw...))
}

// AllSessions is the calendar of every session of dialogues anybody may know of.
func (p *Pages) AllSessions(r *page.Request) error {
	states := []dialogues.SessionState{dialogues.Planned, dialogues.Live, dialogues.Over, dialogues.Cancelled}
	meetings, err := p.Dialogues.Meetings(r.Ctx(), people.Actor{}, states, p.Kit.Now().AddDate(0, -6, 0), 500)
	if err != nil {
		return err
	}
	return p.sendCalendar(r, meetings)
}

// DialogueSessions is the calendar of one dialogue.
func (p *Pages) DialogueSessions(r *page.Request) error {
	sessions, err := p.Dialogues.Sessions(r.Ctx(), r.Seat.Dialogue.ID)
	if err != nil {
		return err
	}
	meetings := make([]dialogues.Meeting, len(sessions))
	for i, s := range sessions {
		meetings[i] = dialogues.Meeting{Session: s, Dialogue: r.Seat.Dialogue}
	}
	return p.sendCalendar(r, meetings)
}

// printable leaves out control characters and separators, which calendars must
// not hold (RFC 5545, 3.1).
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
}

// sendCalendar writes one VEVENT per session (RFC 5545), in UTC: each session
// is a moment, not a rule that must survive a change of the clocks.
func (p *Pages) sendCalendar(r *page.Request, meetings []dialogues.Meeting) error {
	calendar := ics.NewCalendarFor("VCM Forum")
	calendar.SetMethod(ics.MethodPublish)
	calendar.SetName(r.P.T("forum.name"))
	for _, m := range meetings {
		event := calendar.AddEvent(string(m.ID) + "@vcm-forum")
		event.SetDtStampTime(m.Session.CreatedAt)
		event.SetStartAt(m.StartsAt)
		event.SetEndAt(m.EndsAt())
		event.SetSummary(printable(m.Session.Title))
		event.SetDescription(printable(m.Dialogue.Title))
		event.SetURL(p.Kit.BaseURL + sessionPath(m.ID))
		event.SetSequence(int(m.Session.Version))
		if m.State == dialogues.Cancelled {
			event.SetStatus(ics.ObjectStatusCancelled)
		}
	}
	return r.Blob(http.StatusOK, "text/calendar; charset=utf-8", []byte(calendar.Serialize()))
}
