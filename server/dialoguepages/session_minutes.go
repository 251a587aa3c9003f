package dialoguepages

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

type minutesPage struct {
	page.Base
	M        minutesView
	MayEdit  bool
	Form     page.Form
	Finished bool
}

// minutesView is a session's minutes in a reader's language.
type minutesView struct {
	page.Words
	dialogues.Minutes
	sc scene
}

// minutesFile is the minutes as one file that needs nothing else: to be kept,
// sent on and printed.
var minutesFile = page.MustFragment[minutesView]("minutes-file")

var minutesTemplate = page.Must[minutesPage]("sessions/minutes.html")

// Minutes shows a session's minutes.
func (p *Pages) Minutes(r *page.Request) error { return p.showMinutes(r, nil) }

func (p *Pages) showMinutes(r *page.Request, invalid people.Invalid) error {
	view, err := p.minutes(r)
	if err != nil {
		return err
	}
	title := r.P.T("minutes.title", "title", r.Session.Title)
	data := minutesPage{
		Base: r.Base(title, crumbs(r, r.P.T("minutes.short"))...), M: view, MayEdit: r.Seat.Can(dialogues.Minute),
		Form: r.Form(url.Values{"summary": {view.Minutes.Session.Summary}}, invalid), Finished: r.Session.State == dialogues.Over,
	}
	return minutesTemplate.Show(r, statusOf(invalid), data)
}

func (p *Pages) minutes(r *page.Request) (minutesView, error) {
	if !r.Seat.CanReadMinutes(r.Session) {
		return minutesView{}, dialogues.ErrHidden
	}
	m, err := p.Dialogues.Minutes(r.Ctx(), r.Seat, r.Session)
	if err != nil {
		return minutesView{}, err
	}
	sc, _, err := p.scene(r)
	sc.Sight, sc.unfolded = Reads, true
	return minutesView{r.Words(), m, sc}, err
}

// Summarise sets the facilitator's words.
func (p *Pages) Summarise(r *page.Request) error {
	receipt, err := p.Dialogues.WriteSummary(r.Ctx(), r.Call(), r.Seat.Dialogue.ID, r.Session.ID, r.Number("version"), r.FormValue("summary"))
	var invalid people.Invalid
	if errors.As(err, &invalid) && !r.WantsJSON() {
		return p.showMinutes(r, invalid)
	}
	return p.minutesDone(r, receipt, err, "flash.saved")
}

// Publish shows the minutes to all who may read the dialogue.
func (p *Pages) Publish(r *page.Request) error {
	receipt, err := p.Dialogues.PublishMinutes(r.Ctx(), r.Call(), r.Seat.Dialogue.ID, r.Session.ID)
	return p.minutesDone(r, receipt, err, "flash.published")
}

func (p *Pages) minutesDone(r *page.Request, receipt record.Receipt, err error, flash string) error {
	if err != nil {
		return err
	}
	r.Flash(flash)
	return r.Done(receipt, sessionPath(r.Session.ID)+"/minutes")
}

// MinutesZIP gives the minutes away as HTML, Markdown, CSV and JSON in one file.
func (p *Pages) MinutesZIP(r *page.Request) error {
	view, err := p.minutes(r)
	if err != nil {
		return err
	}
	raw, err := view.ZIP()
	if err != nil {
		return err
	}
	r.Attach("minutes-" + view.Minutes.Session.Code + ".zip")
	return r.Blob(http.StatusOK, "application/zip", raw)
}

// ZIP packs the minutes. The same record gives the same bytes.
func (v minutesView) ZIP() ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	err := v.files(func(name string, body []byte) error {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: v.Minutes.Session.CreatedAt})
		if err != nil {
			return err
		}
		_, err = w.Write(body)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("pack minutes: %w", err)
	}
	if err := z.Close(); err != nil { // it writes what is left: before the bytes are taken
		return nil, fmt.Errorf("pack minutes: %w", err)
	}
	return out.Bytes(), nil
}

// files hands over the minutes in each form in which they are given away.
func (v minutesView) files(add func(name string, body []byte) error) error {
	raw, err := json.MarshalIndent(v.Data(), "", "  ")
	if err != nil {
		return err
	}
	var table bytes.Buffer
	if err := page.WriteCSV(&table, saidTable(v.Data().Contributions)); err != nil {
		return err
	}
	var document bytes.Buffer
	if err := minutesFile.Write(&document, v); err != nil {
		return err
	}
	if err := add("minutes.html", document.Bytes()); err != nil {
		return err
	}
	if err := add("minutes.md", []byte(v.Markdown())); err != nil {
		return err
	}
	if err := add("contributions.csv", table.Bytes()); err != nil {
		return err
	}
	return add("minutes.json", raw)
}

// minutesData is the minutes as JSON.
type minutesData struct {
	Dialogue      string           `json:"dialogue"`
	DialogueID    record.ID        `json:"dialogue_id"`
	Session       string           `json:"session"`
	SessionID     record.ID        `json:"session_id"`
	State         string           `json:"state"`
	Opened        *time.Time       `json:"opened"`
	Closed        *time.Time       `json:"closed"`
	Zone          string           `json:"time_zone"`
	Chair         string           `json:"chair"` // who chaired last
	Chairs        []chairData      `json:"chairs"`
	Summary       string           `json:"summary"`
	Agenda        []agendaData     `json:"agenda"`
	Attendance    map[string]int64 `json:"attendance"`
	Speeches      []speechData     `json:"speeches"`
	Contributions []saidRow        `json:"contributions"`
	RecordLine    int64            `json:"record_line"`
}

type chairData struct {
	Name string     `json:"name"`
	From time.Time  `json:"from"`
	To   *time.Time `json:"to"`
}

type agendaData struct {
	Number  string     `json:"number"`
	Title   string     `json:"title"`
	Planned int64      `json:"planned_minutes"`
	Seconds int64      `json:"took_seconds"`
	Started *time.Time `json:"started"`
}

type speechData struct {
	Name    string    `json:"name"`
	Group   string    `json:"group"`
	Item    string    `json:"item"`
	Called  time.Time `json:"called"`
	Seconds int64     `json:"seconds"`
}

// Data is the minutes without a language.
func (v minutesView) Data() minutesData {
	m := v.Minutes
	d := minutesData{
		Dialogue: m.Dialogue.Title, DialogueID: m.Dialogue.ID, Session: m.Session.Title, SessionID: m.Session.ID, State: string(m.Session.State),
		Opened: m.Session.OpenedAt, Closed: m.Session.ClosedAt, Zone: m.Session.TimeZone, Chair: m.Chair, Summary: m.Session.Summary,
		Attendance: map[string]int64{}, RecordLine: m.Head,
	}
	for _, c := range m.Chairs {
		d.Chairs = append(d.Chairs, chairData(c))
	}
	items := map[record.ID]string{}
	for _, line := range m.Agenda {
		items[line.ID] = line.Number
		d.Agenda = append(d.Agenda, agendaData{line.Number, line.Title, line.Minutes, int64(line.Spent.Seconds()), line.Started})
	}
	for group, n := range m.Attendance {
		d.Attendance[string(group)] = n
	}
	for _, s := range m.Speeches {
		d.Speeches = append(d.Speeches, speechData{s.Name, string(s.StakeholderGroup), items[s.ItemID], s.CalledAt, int64(s.Spoke.Seconds())})
	}
	for _, section := range m.Sections {
		d.Contributions = append(d.Contributions, saidRows(v.sc.numbers, section.Said)...)
	}
	return d
}

// Presence is attendance by group.
func (v minutesView) Presence() presenceView {
	return newPresence(v.Words, v.T("minutes.attendance"), v.Attendance)
}

// Day says when the session was held.
func (v minutesView) Day() string {
	at := v.Minutes.Session.StartsAt
	if v.Minutes.Session.OpenedAt != nil {
		at = *v.Minutes.Session.OpenedAt
	}
	return v.P.Date(at, v.Minutes.Session.Zone())
}

// Hours says from when to when, really.
func (v minutesView) Hours() string {
	s := v.Minutes.Session
	if s.OpenedAt == nil || s.ClosedAt == nil {
		return newSessionCard(v.Words, s).Times()
	}
	return v.T("session.times", "from", v.P.Time(*s.OpenedAt, s.Zone()), "to", v.P.Time(*s.ClosedAt, s.Zone()), "zone", v.Words.Zone(s.TimeZone))
}

// Chaired says who chaired from when to when.
func (v minutesView) Chaired() []string {
	var out []string
	zone := v.Minutes.Session.Zone()
	for _, c := range v.Chairs {
		name, from := cmp.Or(c.Name, v.T("contribution.former_participant")), v.P.Time(c.From, zone)
		if c.To == nil {
			out = append(out, v.T("minutes.tenure_since", "name", name, "from", from))
			continue
		}
		out = append(out, v.T("minutes.tenure", "name", name, "from", from, "to", v.P.Time(*c.To, zone)))
	}
	return out
}

// Lines are the agenda with real times.
func (v minutesView) Lines() []agendaView {
	return roomView{Words: v.Words, Hall: dialogues.Hall{Session: v.Minutes.Session, Agenda: v.Agenda}}.Lines()
}

// speechView is one turn at the microphone.
type speechView struct {
	page.Words
	dialogues.Speech
	At, Took, Item string
}

// Turns are the speeches in order.
func (v minutesView) Turns() []speechView {
	items := map[record.ID]string{}
	for _, line := range v.Agenda {
		items[line.ID] = line.Number
	}
	var out []speechView
	for _, s := range v.Speeches {
		out = append(out, speechView{v.Words, s, v.P.Time(s.CalledAt, v.Minutes.Session.Zone()), v.spoke(s.Spoke), items[s.ItemID]})
	}
	return out
}

// spoke writes the length of a turn with its units: a clock's figures would read as a time of day.
func (v minutesView) spoke(length time.Duration) string {
	m, s := int64(length/time.Minute), int64(length%time.Minute/time.Second)
	if m == 0 {
		return v.T("minutes.seconds", "s", s)
	}
	return v.T("minutes.minutes_seconds", "m", m, "s", s)
}

// sectionView is one question with what was said to it.
type sectionView struct {
	Number, Title string
	Kinds         []kindView
}

// kindView is what was said of one kind.
type kindView struct {
	Name string
	Said []saidView
}

// BySection groups what was said by question and, within it, by kind.
func (v minutesView) BySection() []sectionView {
	var out []sectionView
	for _, section := range v.Sections {
		view := sectionView{Number: section.Question.Number, Title: section.Question.Title}
		for _, kind := range dialogues.ContributionKinds() {
			k := kindView{Name: v.T("kind." + string(kind) + ".many")} // i18n: kind.*
			for _, c := range section.Said {
				if c.Kind == kind {
					k.Said = append(k.Said, v.sc.said(c, false, ""))
				}
			}
			if len(k.Said) > 0 {
				view.Kinds = append(view.Kinds, k)
			}
		}
		out = append(out, view)
	}
	return out
}
