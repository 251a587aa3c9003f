package dialoguepages

import (
	"strings"
	"time"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server/page"
)

type homePage struct {
	page.Base
	Now    []meetingView
	Next   []meetingView
	Recent []cardView
	Map    mapView
	Code   page.Field
}

var homeTemplate = page.Must[homePage]("forum/home.html")

// Home shows what is live now, what comes next, where dialogues take place and
// what was said lately.
func (p *Pages) Home(r *page.Request) error {
	live, err := p.Dialogues.Meetings(r.Ctx(), r.Actor, []dialogues.SessionState{dialogues.Live}, time.Time{}, 5)
	if err != nil {
		return err
	}
	next, err := p.Dialogues.Meetings(r.Ctx(), r.Actor, []dialogues.SessionState{dialogues.Planned}, p.Kit.Now().Add(-time.Hour), 6)
	if err != nil {
		return err
	}
	cards, _, err := p.Dialogues.List(r.Ctx(), r.Actor, dialogues.ListFilter{Order: dialogues.Active, Limit: 6})
	if err != nil {
		return err
	}
	places, err := p.Dialogues.Places(r.Ctx(), r.Actor)
	if err != nil {
		return err
	}
	data := homePage{Base: r.Base(r.P.T("home.title")), Map: newMap(r.Words(), places)}
	for _, m := range live {
		view := newMeeting(r.Words(), m)
		if view.Presence, err = p.presence(r, m.Session); err != nil {
			return err
		}
		data.Now = append(data.Now, view)
	}
	for _, m := range next {
		data.Next = append(data.Next, newMeeting(r.Words(), m))
	}
	for _, c := range cards {
		data.Recent = append(data.Recent, cardView{r.Words(), c})
	}
	data.Code = r.Form(nil, nil).Field("code", "code", "join.code").Limit(9).Need()
	return homeTemplate.OK(r, data)
}

// IsEmpty tells whether the reader can see nothing yet: there is no dialogue, or
// none that is open to them.
func (h homePage) IsEmpty() bool { return len(h.Recent) == 0 && len(h.Now) == 0 && len(h.Next) == 0 }

func (p *Pages) presence(r *page.Request, session dialogues.Session) (presenceView, error) {
	hall, err := p.Dialogues.Hall(r.Ctx(), session.DialogueID, session.ID)
	return newPresence(r.Words(), r.P.T("room.present"), hall.Present), err
}

// meetingView is a session in a list, with its dialogue.
type meetingView struct {
	sessionCard
	Dialogue dialogues.Dialogue
	Presence presenceView
}

func newMeeting(w page.Words, m dialogues.Meeting) meetingView {
	card := newSessionCard(w, m.Session)
	card.About = m.Dialogue.Title
	return meetingView{sessionCard: card, Dialogue: m.Dialogue}
}

// sessionCard is a session as the partial "session-card" shows it.
type sessionCard struct {
	page.Words
	dialogues.Session
	About       string
	MinutesPath string
}

func newSessionCard(w page.Words, s dialogues.Session) sessionCard {
	return sessionCard{Words: w, Session: s}
}

// Day is the day of the month; Month its short name; Weekday its name.
func (c sessionCard) Day() int { return c.StartsAt.In(c.Session.Zone()).Day() }

// Month is the month's short name.
func (c sessionCard) Month() string {
	return c.T("date.month_short." + itoa(int64(c.StartsAt.In(c.Session.Zone()).Month())))
}

// Weekday is the day's name in full: three letters of "martes" are those of March.
// Portuguese days are called without their "-feira", as people do.
func (c sessionCard) Weekday() string {
	return strings.TrimSuffix(c.P.Weekday(c.StartsAt, c.Session.Zone()), "-feira")
}

// YourTimes is the pattern in which a script adds the reader's own time of day.
func (c sessionCard) YourTimes() string {
	return c.T("session.your_times", "from", "{from}", "to", "{to}")
}

// Times says from when to when, and whose time that is.
func (c sessionCard) Times() string {
	zone := c.Session.Zone()
	return c.T("session.times", "from", c.P.Time(c.StartsAt, zone), "to", c.P.Time(c.EndsAt(), zone), "zone", c.Words.Zone(c.TimeZone))
}

// IsLive tells whether it runs now.
func (c sessionCard) IsLive() bool { return c.State == dialogues.Live }

// IsOver tells whether it has been held.
func (c sessionCard) IsOver() bool { return c.State == dialogues.Over }

// IsCancelled tells whether it was called off.
func (c sessionCard) IsCancelled() bool { return c.State == dialogues.Cancelled }

// cardView is a dialogue in a list.
type cardView struct {
	page.Words
	dialogues.Card
}

// Where names the countries, the first few of many.
func (c cardView) Where() string {
	const most = 6
	if len(c.Card.Countries) <= most {
		return c.Words.Countries(c.Card.Countries)
	}
	return c.T("dialogue.countries_more", "list", c.Words.Countries(c.Card.Countries[:most]), "n", len(c.Card.Countries)-most)
}

// NextCard is the session to come or running.
func (c cardView) NextCard() *sessionCard {
	session := c.Live
	if session == nil {
		session = c.Next
	}
	if session == nil {
		return nil
	}
	card := newSessionCard(c.Words, *session)
	return &card
}

// LanguageNames names the languages one may contribute in.
func (c cardView) LanguageNames() string {
	var names []string
	for _, l := range c.LanguageList() {
		names = append(names, c.Words.Language(l))
	}
	return c.P.List(names)
}

// mapView is the map of where dialogues take place.
type mapView struct {
	page.Words
	Places []placeView
	Live   bool // some place has a session now
	Next   bool // or ahead
}

// placeView is one country on the map.
type placeView struct {
	Code, Class, Path, Label string
	X, Y                     float64
}

func newMap(w page.Words, places []dialogues.Place) mapView {
	view := mapView{Words: w}
	for _, place := range places {
		country, ok := people.CountryByCode(place.Country)
		if !ok {
			continue
		}
		at := placeView{
			Code: country.Code, Class: "map-place", Path: "/dialogues?country=" + country.Code,
			Label: w.T("map.place", "country", w.Country(place.Country), "n", place.N), X: country.X, Y: country.Y,
		}
		switch { // what runs now is said rather than what comes
		case place.Live > 0:
			at.Class, at.Label, view.Live = "map-place is-live", w.T("map.live", "place", at.Label), true
		case place.Next > 0:
			at.Class, at.Label, view.Next = "map-place is-next", w.T("map.next", "place", at.Label), true
		}
		view.Places = append(view.Places, at)
	}
	return view
}

// Shape is the address of a country's outline.
func (v mapView) Shape(code string) string { return v.Asset("img/world.svg") + "#" + code }
