package dialoguepages

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

type codePage struct {
	page.Base
	Form page.Form
}

var codeTemplate = page.Must[codePage]("sessions/code.html")

// Code asks for a session's code.
func (p *Pages) Code(r *page.Request) error { return p.showCode(r, nil) }

func (p *Pages) showCode(r *page.Request, invalid people.Invalid) error {
	data := codePage{Base: r.Base(r.P.T("nav.join")), Form: r.Form(url.Values{}, invalid)}
	return codeTemplate.Show(r, statusOf(invalid), data)
}

// FindCode leads from a typed code to the session's door.
func (p *Pages) FindCode(r *page.Request) error {
	code := dialogues.NormalCode(r.FormValue("code"))
	if _, err := p.byCode(r, code); err != nil {
		if errors.Is(err, dialogues.ErrNoSuchCode) && !r.WantsJSON() {
			return p.showCode(r, people.Invalid{"code": {Key: "error.no_such_code"}})
		}
		return err
	}
	return r.Redirect(http.StatusSeeOther, "/join/"+code)
}

// byCode finds a session and counts codes that do not exist.
func (p *Pages) byCode(r *page.Request, code string) (dialogues.Session, error) {
	if p.Guesses.Blocked(r.RealIP()) {
		return dialogues.Session{}, ErrTooMany
	}
	session, err := p.Dialogues.SessionByCode(r.Ctx(), code)
	if errors.Is(err, dialogues.ErrNoSuchCode) {
		p.Guesses.Wrong(r.RealIP())
	}
	return session, err
}

type doorPage struct {
	page.Base
	Form    page.Form
	Card    sessionCard
	Code    string
	Title   string
	Present presenceView
	Closed  bool // guests may not join
	Public  bool // anyone may read what is said
}

var doorTemplate = page.Must[doorPage]("sessions/door.html")

// Door is where a session's QR leads: who the guest is and whom they speak for.
// Whoever is signed in goes in with one press.
func (p *Pages) Door(r *page.Request) error { return p.showDoor(r, nil) }

func (p *Pages) showDoor(r *page.Request, invalid people.Invalid) error {
	session, err := p.byCode(r, dialogues.NormalCode(r.Param("code")))
	if err != nil {
		return err
	}
	present, err := p.presence(r, session)
	if err != nil {
		return err
	}
	seat, err := p.Dialogues.SeatOf(r.Ctx(), r.Actor, session.DialogueID)
	if err != nil {
		return err
	}
	data := doorPage{
		Base: r.Base(session.Title), Form: r.Form(url.Values{}, invalid).Named("name", "join.name", "group", "join.group", "country", "join.country"), Card: newSessionCard(r.Words(), session),
		Code: spacedCode(session.Code), Title: session.Title, Present: present, Closed: !session.Guests && !r.Actor.IsKnown(),
		Public: seat.Dialogue.Visibility == dialogues.Public,
	}
	return doorTemplate.Show(r, statusOf(invalid), data)
}

// Enter joins the session with its code.
func (p *Pages) Enter(r *page.Request) error {
	code := dialogues.NormalCode(r.Param("code"))
	session, err := p.byCode(r, code)
	if err != nil {
		return err
	}
	person, receipt, err := p.Dialogues.JoinSession(r.Ctx(), r.Call(), code, dialogues.JoinForm{
		Name: r.FormValue("name"), Group: people.Group(r.FormValue("group")), Country: r.FormValue("country"), Language: string(r.P.Lang()),
		Browser: record.Digest("browser", r.Secret()),
	})
	var invalid people.Invalid
	if errors.As(err, &invalid) && !r.WantsJSON() {
		return p.showDoor(r, invalid)
	}
	if err != nil {
		return err
	}
	if !r.Actor.IsKnown() {
		guest, err := p.People.ByID(r.Ctx(), person)
		if err != nil {
			return err
		}
		if guest.Kind != people.Guest { // a repeated answer; the guest has an account by now and signs in to it
			return r.Redirect(http.StatusSeeOther, "/signin?next="+url.QueryEscape(sessionPath(session.ID)))
		}
		token, err := p.Logins.StartGuest(r.Ctx(), person, r.Context.Request().UserAgent())
		if err != nil {
			return err
		}
		r.SetCookie(page.LoginCookie, token, 180*24*time.Hour)
		r.SetCookie(page.VisitCookie, "", -1) // whoever goes back on a shared phone is somebody new
	}
	return r.Done(receipt, sessionPath(session.ID))
}
