package peoplepages

import (
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
	"github.com/vcm-forum/forum/server/signin"
)

// mostSheets is how many access sheets one press of the button makes.
const mostSheets = 100

type sheetsPage struct {
	formed
	Session dialogues.Session
	Over    bool        // nothing can be joined any more
	Guests  []guestLine // who may get a sheet of their own
	Used    []usedSheet // sheets that a phone is bound to
	Unused  int         // sheets that nobody has used yet
	Most    int         // how many can be made at once
	Max     int         // longest note, in characters
}

// guestLine is a guest of the dialogue who may have lost the phone.
type guestLine struct {
	ID      record.ID
	Name    string
	Group   people.Group
	Chosen  bool
	Country string
}

// usedSheet is a sheet with its owner.
type usedSheet struct {
	ID   record.ID
	Name string
	When string
}

// longestNote bounds the line that is printed on every sheet.
const longestNote = 120

var sheetsTemplate = page.Must[sheetsPage]("people/sheets.html")

// Sheets asks how many access sheets to print, and shows what became of the
// earlier ones.
func (p *Pages) Sheets(r *page.Request) error { return p.showSheets(r, nil) }

func (p *Pages) showSheets(r *page.Request, invalid people.Invalid) error {
	values := url.Values{"many": {"20"}, "role": {string(dialogues.Participant)}, "language": {string(r.P.Lang())}}
	title := r.P.T("sheet.title")
	data := sheetsPage{
		formed: formed{r.Base(title, sessionCrumbs(r, title)...), r.Form(values, invalid)}, Session: r.Session,
		Over: r.Session.State != dialogues.Planned && r.Session.State != dialogues.Live, Most: mostSheets, Max: longestNote,
	}
	if err := p.addSheets(r, &data); err != nil {
		return err
	}
	return sheetsTemplate.Show(r, statusOf(invalid), data)
}

func sessionCrumbs(r *page.Request, last string) []page.Crumb {
	out := dialogueCrumbs(r, r.Session.Title)
	out[len(out)-1].Path = sessionPath(r.Session.ID)
	return append(out, page.Crumb{Name: last})
}

// addSheets reads the guests and the sheets that were made before.
func (p *Pages) addSheets(r *page.Request, data *sheetsPage) error {
	members, err := p.Dialogues.Members(r.Ctx(), r.Seat.Dialogue.ID)
	if err != nil {
		return err
	}
	for _, m := range members {
		if m.Kind == people.Guest {
			id := string(m.PersonID)
			data.Guests = append(data.Guests, guestLine{m.PersonID, m.Name, m.StakeholderGroup, data.Form.Has("person", id), m.Country})
		}
	}
	links, err := p.sheetsOf(r)
	if err != nil {
		return err
	}
	for _, l := range links {
		if l.UsedAt == nil {
			data.Unused++
			continue
		}
		data.Used = append(data.Used, usedSheet{l.ID, nameOf(members, l.PersonID), r.P.Ago(*l.UsedAt, p.Kit.Now())})
	}
	return nil
}

// sheetsOf lists the sheets of the request's session that still hold.
func (p *Pages) sheetsOf(r *page.Request) ([]signin.Link, error) {
	links, err := p.Logins.ListInvites(r.Ctx(), r.Seat.Dialogue.ID)
	return slices.DeleteFunc(links, func(l signin.Link) bool {
		return l.Purpose != signin.Sheet || l.SessionID != r.Session.ID || l.Check(p.Kit.Now()) != nil
	}), err
}

// RoleOptions: a sheet lets somebody take part or observe.
func (s sheetsPage) RoleOptions() []page.Option {
	return page.Options(s.Form.Words, "sheet.may.", []dialogues.Role{dialogues.Participant, dialogues.Observer}) //i18n:sheet.may.*
}

// sheetOrder is what to print.
type sheetOrder struct {
	many    int
	persons []record.ID
	role    dialogues.Role
	words   page.Words // in the language of the sheets
	note    string
}

func readSheets(r *page.Request) (sheetOrder, people.Invalid) {
	v := people.Invalid{}
	o := sheetOrder{many: int(r.Number("many")), role: page.OneOf(r.FormValue("role"), []dialogues.Role{dialogues.Participant, dialogues.Observer})}
	for _, s := range r.List("person") {
		if id, ok := record.ParseID(s); ok {
			o.persons = append(o.persons, id)
		}
	}
	if o.role == "" {
		v.Add("role", "error.choose_one")
	}
	blank := strings.TrimSpace(r.FormValue("many")) == "" && len(o.persons) > 0
	if (o.many < 1 && !blank) || o.many+len(o.persons) > mostSheets {
		v.Add("many", "error.number_range", "min", 1, "max", mostSheets)
	}
	o.note = v.Line("note", r.FormValue("note"), false, longestNote)
	language, ok := r.Kit.Speaks(r.FormValue("language"))
	if !ok {
		v.Add("language", "error.choose_one")
	}
	o.words = page.Words{P: r.Kit.Catalogs.Printer(language), Files: r.Kit.Files}
	return o, v
}

type printPage struct {
	page.Base
	Sheet   page.Words // the words on the sheets
	Session dialogues.Session
	When    string
	Role    string
	Host    string
	Code    string // of the session, "" where guests may not join by it
	Note    string
	Slips   []slip
}

// slip is one access sheet.
type slip struct {
	Number int    // 1, 2, 3 … for those without a name
	Name   string // "" for a seat that anyone may take
	URL    string
	QR     template.HTML
}

var printTemplate = page.Must[printPage]("people/print.html")

// MakeSheets makes the sheets and shows them for printing, this once.
func (p *Pages) MakeSheets(r *page.Request) error {
	order, v := readSheets(r)
	if len(v) > 0 && !r.WantsJSON() {
		return p.showSheets(r, v)
	}
	if err := v.Err(); err != nil {
		return err
	}
	slips, err := p.makeSlips(r, order)
	if errors.Is(err, signin.ErrNotThis) && !r.WantsJSON() {
		return p.showSheets(r, people.Invalid{"person": {Key: "sheet.not_guest"}})
	}
	if errors.Is(err, signin.ErrLinkExpired) {
		return dialogues.ErrWrongTime
	}
	if err != nil {
		return err
	}
	s, w := r.Session, order.words
	title := r.P.T("sheet.title")
	data := printPage{
		Base: r.Base(title, sessionCrumbs(r, title)...), Sheet: w, Session: s, When: w.P.DateTime(s.StartsAt, s.Zone()),
		Role: w.T("role." + string(order.role)), Host: host(p.Kit.BaseURL), Note: order.note, Slips: slips,
	}
	if s.Guests && len(s.Code) == 6 {
		data.Code = s.Code[:3] + " " + s.Code[3:]
	}
	return printTemplate.Show(r, http.StatusOK, data)
}

// makeSlips makes one link for each sheet: those of named guests first.
func (p *Pages) makeSlips(r *page.Request, order sheetOrder) ([]slip, error) {
	members, err := p.Dialogues.Members(r.Ctx(), r.Seat.Dialogue.ID)
	if err != nil {
		return nil, err
	}
	var slips []slip
	for i := range len(order.persons) + max(0, order.many) {
		form := signin.LinkForm{
			Purpose: signin.Sheet, Dialogue: r.Seat.Dialogue.ID, Session: r.Session.ID, Role: order.role, By: r.Actor.ID(),
		}
		next := slip{Number: i + 1 - len(order.persons)}
		if i < len(order.persons) {
			form.Person = order.persons[i]
			next.Name = nameOf(members, form.Person)
		}
		token, _, err := p.Logins.NewLink(r.Ctx(), form)
		if err != nil {
			return nil, err
		}
		next.URL = p.linkURL(token)
		next.QR = page.QR(next.URL)
		slips = append(slips, next)
	}
	return slips, nil
}

// host is the server's name as people type it.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Host
}

// RevokeSheets takes one sheet back, and signs its phone out, or all that
// nobody has used.
func (p *Pages) RevokeSheets(r *page.Request) error {
	links, err := p.sheetsOf(r)
	if err != nil {
		return err
	}
	var ids []record.ID
	for _, l := range links {
		if l.ID == r.FormID("link") || (r.FormValue("unused") == "1" && l.UsedAt == nil) {
			ids = append(ids, l.ID)
		}
	}
	if len(ids) > 0 { // none would mean all
		if err := p.Logins.RevokeLinks(r.Ctx(), r.Actor, r.Seat.Dialogue.ID, ids...); err != nil {
			return err
		}
	}
	r.Flash("flash.account_sheets_revoked")
	return goTo(r, sessionPath(r.Session.ID)+"/sheets")
}
