package dialoguepages

import (
	"cmp"
	"errors"
	"net/url"
	"strconv"
	"time"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

type sessionFormPage struct {
	page.Base
	Form    page.Form
	Action  string
	Back    string
	IsNew   bool
	Guess   bool // no zone is known: the browser's may be better than UTC
	Earlier []dialogues.Session
}

var sessionFormTemplate = page.Must[sessionFormPage]("sessions/form.html")

// inputTime is how <input type="datetime-local"> writes a time.
const inputTime = "2006-01-02T15:04"

// NewSession shows the form for a new session.
func (p *Pages) NewSession(r *page.Request) error {
	zone, err := p.Dialogues.UsualZone(r.Ctx(), r.Seat)
	if err != nil {
		return err
	}
	values := url.Values{"minutes": {"90"}, "time_zone": {cmp.Or(zone, "UTC")}, "guests": {"1"}, "copy": {r.QueryParam("copy")}}
	return p.showSessionForm(r, nil, values, dialoguePath(r.Seat.Dialogue.ID)+"/sessions")
}

// PlanSession adds a session.
func (p *Pages) PlanSession(r *page.Request) error {
	receipt, err := p.Dialogues.PlanSession(r.Ctx(), r.Call(), r.Seat.Dialogue.ID, readSession(r))
	return p.sessionSaved(r, receipt, err, dialoguePath(r.Seat.Dialogue.ID)+"/sessions", "")
}

// EditSession shows the form with the session's plan.
func (p *Pages) EditSession(r *page.Request) error {
	s := r.Session
	values := url.Values{
		"title": {s.Title}, "starts": {s.StartsAt.In(s.Zone()).Format(inputTime)}, "time_zone": {s.TimeZone}, "minutes": {strconv.FormatInt(s.Minutes, 10)},
	}
	if s.Guests {
		values.Set("guests", "1")
	}
	return p.showSessionForm(r, nil, values, sessionPath(s.ID))
}

// ChangeSession rewrites a session's plan.
func (p *Pages) ChangeSession(r *page.Request) error {
	receipt, err := p.Dialogues.ChangeSession(r.Ctx(), r.Call(), r.Seat.Dialogue.ID, r.Session.ID, readSession(r))
	return p.sessionSaved(r, receipt, err, sessionPath(r.Session.ID), r.Session.ID)
}

func (p *Pages) sessionSaved(r *page.Request, receipt record.Receipt, err error, action string, id record.ID) error {
	var invalid people.Invalid
	if errors.As(err, &invalid) && !r.WantsJSON() {
		if problem := invalid["starts"]; problem.Key == "error.time" { // a form has a picker, which writes times its own way
			invalid["starts"] = people.Problem{Key: "error.start"}
		}
		return p.showSessionForm(r, invalid, nil, action)
	}
	if err != nil {
		return err
	}
	r.Flash("flash.saved")
	return r.Done(receipt, sessionPath(cmp.Or(id, receipt.ID))+"/agenda")
}

// readSession reads the plan; the start is local time in the chosen zone.
func readSession(r *page.Request) dialogues.SessionForm {
	f := dialogues.SessionForm{
		Title: r.FormValue("title"), TimeZone: r.FormValue("time_zone"), Minutes: r.Number("minutes"),
		Guests: r.FormValue("guests") == "1", CopyFrom: r.FormID("copy"),
	}
	zone, err := time.LoadLocation(f.TimeZone)
	if err != nil {
		return f
	}
	f.StartsAt, _ = time.ParseInLocation(inputTime, r.FormValue("starts"), zone)
	return f
}

func (p *Pages) showSessionForm(r *page.Request, invalid people.Invalid, values url.Values, action string) error {
	earlier, err := p.Dialogues.Sessions(r.Ctx(), r.Seat.Dialogue.ID)
	if err != nil {
		return err
	}
	title := r.P.T("session.plan")
	if r.Session.ID != "" {
		title = r.P.T("session.edit")
	}
	data := sessionFormPage{Base: r.Base(title, crumbs(r, title)...), Form: r.Form(values, invalid).Named("title", "session.title", "starts", "session.starts", "time_zone", "session.time_zone", "minutes", "session.minutes"), Action: action, Back: dialoguePath(r.Seat.Dialogue.ID), IsNew: r.Session.ID == "", Earlier: earlier}
	if r.Session.ID != "" {
		data.Back = sessionPath(r.Session.ID) + "/agenda"
	}
	data.Guess = data.IsNew && invalid == nil && len(earlier) == 0
	return sessionFormTemplate.Show(r, statusOf(invalid), data)
}

// ZoneList offers time zones of places where dialogues are held.
func (s sessionFormPage) ZoneList() []page.Option { return s.ZoneOptions(s.Form.Value("time_zone")) }

// CopyOptions are the sessions whose agenda may be taken over.
func (s sessionFormPage) CopyOptions() []page.Option {
	var out []page.Option
	for _, e := range s.Earlier {
		out = append(out, page.Option{Value: string(e.ID), Label: e.Title + " (" + s.P.ShortDate(e.StartsAt, e.Zone()) + ")"})
	}
	return out
}

type agendaPage struct {
	page.Base
	Room    roomView
	Session dialogues.Session
	Form    page.Form
	Items   []agendaForm
	Tree    []dialogues.QuestionView
	Removed []dialogues.AgendaItem
	Free    int64 // minutes of the session that no item has
	MayRun  bool
}

// agendaForm is an agenda item with the form that changes it.
type agendaForm struct {
	agendaView
	Form page.Form
	Open bool
}

// Field makes a field of one of the many forms of the page.
func (a agendaForm) Field(kind, name, label string) page.Field {
	f := a.Form.Field(kind, name, label)
	f.ID = name + "-" + string(a.ID)
	return f
}

var agendaTemplate = page.Must[agendaPage]("sessions/agenda.html")

// Agenda shows a session's agenda for editing, with the code and what to do next.
func (p *Pages) Agenda(r *page.Request) error { return p.showAgenda(r, "", nil) }

// AddItem adds an agenda item.
func (p *Pages) AddItem(r *page.Request) error {
	receipt, err := p.Dialogues.AddItem(r.Ctx(), r.Call(), r.Seat.Dialogue.ID, r.Session.ID, readItem(r))
	return p.agendaDone(r, "", receipt, err)
}

// ChangeItem rewrites an agenda item.
func (p *Pages) ChangeItem(r *page.Request) error {
	receipt, err := p.Dialogues.ChangeItem(r.Ctx(), r.Call(), r.Seat.Dialogue.ID, r.Session.ID, r.ID("item"), readItem(r))
	return p.agendaDone(r, r.ID("item"), receipt, err)
}

// RemoveItem takes an agenda item away.
func (p *Pages) RemoveItem(r *page.Request) error {
	receipt, err := p.Dialogues.RemoveItem(r.Ctx(), r.Call(), r.Seat.Dialogue.ID, r.Session.ID, r.ID("item"))
	if err == nil {
		r.Flash("flash.removed")
	}
	return p.agendaDone(r, "", receipt, err)
}

// RestoreItem puts a removed agenda item back.
func (p *Pages) RestoreItem(r *page.Request) error {
	receipt, err := p.Dialogues.RestoreItem(r.Ctx(), r.Call(), r.Seat.Dialogue.ID, r.Session.ID, r.ID("item"))
	if err == nil {
		r.Flash("flash.restored")
	}
	return p.agendaDone(r, "", receipt, err)
}

// MoveItem moves an agenda item up or down.
func (p *Pages) MoveItem(r *page.Request) error {
	receipt, err := p.Dialogues.MoveItem(r.Ctx(), r.Call(), r.Seat.Dialogue.ID, r.Session.ID, r.ID("item"), r.FormValue("up") == "1")
	return p.agendaDone(r, "", receipt, err)
}

func (p *Pages) agendaDone(r *page.Request, id record.ID, receipt record.Receipt, err error) error {
	var invalid people.Invalid
	if errors.As(err, &invalid) && !r.WantsJSON() {
		return p.showAgenda(r, id, invalid)
	}
	if err != nil {
		return err
	}
	return r.Done(receipt, sessionPath(r.Session.ID)+"/agenda")
}

func readItem(r *page.Request) dialogues.AgendaItemForm {
	return dialogues.AgendaItemForm{Parent: r.FormID("parent"), Question: r.FormID("question"), Title: r.FormValue("title"), Minutes: r.Number("minutes")}
}

func (p *Pages) showAgenda(r *page.Request, of record.ID, invalid people.Invalid) error {
	sc, questions, err := p.scene(r)
	if err != nil {
		return err
	}
	hall, err := p.Dialogues.Hall(r.Ctx(), r.Seat.Dialogue.ID, r.Session.ID)
	if err != nil {
		return err
	}
	removed, err := p.Dialogues.RemovedItems(r.Ctx(), r.Session.ID)
	if err != nil {
		return err
	}
	title := r.P.T("agenda.title")
	data := agendaPage{
		Base: r.Base(title, append(crumbs(r, r.Session.Title)[:2:2], page.Crumb{Path: sessionPath(r.Session.ID), Name: r.Session.Title}, page.Crumb{Name: title})...),
		Room: p.room(sc, hall, questions, wall{}), Session: r.Session, Tree: questions, Removed: removed, Free: r.Session.Minutes, MayRun: r.Seat.Can(dialogues.Chair),
	}
	data.Form = r.Form(url.Values{"minutes": {"15"}}, only(of == "", invalid)).Named("title", "agenda.item_title", "minutes", "agenda.minutes", "question", "agenda.question")
	for _, line := range data.Room.Lines() {
		if line.Depth == 0 {
			data.Free -= line.Minutes
		}
		form := agendaForm{agendaView: line, Form: r.Form(url.Values{
			"title": {line.Title}, "minutes": {itoa(line.Minutes)}, "question": {string(line.QuestionID)},
		}, nil)}
		if line.ID == of {
			form.Form, form.Open = r.Form(nil, invalid), true
		}
		data.Items = append(data.Items, form)
	}
	return agendaTemplate.Show(r, statusOf(invalid), data)
}

// QuestionOptions are the dialogue's questions.
func (a agendaPage) QuestionOptions() []page.Option {
	return sayPage{Tree: a.Tree}.QuestionOptions()
}

// Parents are the items a new one may belong to.
func (a agendaPage) Parents() []page.Option {
	var out []page.Option
	for _, item := range a.Items {
		if item.Depth == 0 {
			out = append(out, page.Option{Value: string(item.ID), Label: item.Number + " " + item.Title})
		}
	}
	return out
}
