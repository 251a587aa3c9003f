package peoplepages

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server/page"
	"github.com/vcm-forum/forum/server/signin"
)

// asks is what a link wants to know before it does what it is for.
type asks string

const (
	asksNothing asks = ""        // one button
	asksGuest   asks = "guest"   // a name and whom they speak for
	asksAccount asks = "account" // all that an account needs
	asksSignIn  asks = "sign-in" // the account it was made for
	asksSecret  asks = "secret"  // a new passphrase
)

type linkPage struct {
	formed
	Action    string // where the button leads
	Lead      string // what pressing it does
	Button    string
	Asks      asks
	Email     string // the address an invitation went to, or one signs in with; it cannot be changed here
	MayPass   bool   // an account can do without a passphrase
	MaySignIn bool   // an account that exists may be used instead
}

var linkTemplate = page.Must[linkPage]("people/link.html")

// ShowLink says what a link is for and shows one button. It changes nothing:
// mail scanners and curious neighbours open addresses too.
func (p *Pages) ShowLink(r *page.Request) error {
	if !p.allow(r, signin.LinkByAddress) {
		return signin.ErrTooMany
	}
	link, err := p.Logins.Peek(r.Ctx(), r.Param("token"))
	if err != nil {
		return p.deadLink(r, err)
	}
	if link.Purpose == signin.Sheet && r.CookieValue(phoneCookie) == "" {
		r.SetCookie(phoneCookie, signin.NewToken(), phoneLife)
	}
	return p.showLink(r, link, nil)
}

// UseLink does what a link is for.
func (p *Pages) UseLink(r *page.Request) error {
	if !p.allow(r, signin.LinkByAddress) {
		return signin.ErrTooMany
	}
	in := signin.UseForm{
		Token: r.Param("token"), Device: r.Context.Request().UserAgent(), Actor: r.Actor, Phone: r.CookieValue(phoneCookie),
	}
	if r.FormValue("asks") != "" {
		if !p.allow(r, signin.CreateByAddress) {
			return signin.ErrTooMany
		}
		profile := readProfile(r)
		in.Profile, in.Passphrase = &profile, r.FormValue("passphrase")
	}
	used, err := p.Logins.Use(r.Ctx(), in)
	if err != nil {
		return p.linkRefused(r, err)
	}
	return p.linkUsed(r, used)
}

// linkRefused shows the form again with what is wrong, or why the link does
// nothing any more.
func (p *Pages) linkRefused(r *page.Request, err error) error {
	if r.WantsJSON() {
		return err
	}
	invalid, again := problems(r, err)
	if errors.Is(err, people.ErrEmailTaken) {
		invalid, again = people.Invalid{"email": {Key: "link.email_taken"}}, true
	}
	if !again && !errors.Is(err, signin.ErrLinkNeeds) {
		return p.deadLink(r, err)
	}
	link, err := p.Logins.Peek(r.Ctx(), r.Param("token"))
	if err != nil {
		return p.deadLink(r, err)
	}
	return p.showLink(r, link, invalid)
}

// linkUsed goes on to what the link has opened.
func (p *Pages) linkUsed(r *page.Request, used signin.Used) error {
	if used.Phone != "" {
		r.SetCookie(phoneCookie, used.Phone, phoneLife)
	}
	next, flash := afterLink(used)
	if flash != "" {
		r.Flash(flash)
	}
	if used.Started.Token == "" {
		return goTo(r, next)
	}
	return p.enter(r, used.Started, next)
}

// afterLink says where a used link leads and what to say there.
func afterLink(used signin.Used) (next, flash string) {
	switch used.Link.Purpose {
	case signin.Administrator:
		return "/admin", "flash.account_first"
	case signin.Convener:
		return "/dialogues/new", "flash.account_convener"
	case signin.Invite:
		return dialoguePath(used.Link.DialogueID), "flash.account_seated"
	case signin.Sheet:
		return sessionPath(used.Link.SessionID), ""
	case signin.Address:
		return "/account", "flash.account_email_changed"
	case signin.Email:
		if used.PassphraseGone {
			return "/account/passphrase", "flash.account_passphrase_gone"
		}
	case signin.Recovery:
		return "/account/security", "flash.account_passphrase_set"
	case signin.Demo:
	}
	return "/", ""
}

func (p *Pages) showLink(r *page.Request, link signin.Link, invalid people.Invalid) error {
	words, err := p.linkWords(r, link)
	if err != nil {
		return p.deadLink(r, err)
	}
	key := "link." + string(link.Purpose) //i18n:link.administrator.* link.demo.* link.invite.* link.email.* link.address.* link.sheet.* link.convener.* link.passphrase.*
	me := r.Actor.Person
	values := url.Values{
		"language": {string(r.P.Lang())}, "email": {link.Email}, "name": {me.Name}, "group": {string(me.StakeholderGroup)}, "country": {me.Country},
	}
	data := linkPage{
		formed: formed{r.Base(r.P.T(key + ".title")), r.Form(values, invalid)}, Action: "/l/" + r.Param("token"),
		Lead: r.P.T(key+".lead", words...), Button: r.P.T(key + ".button"), Asks: p.asks(r, link), Email: link.Email,
		MayPass: p.Kit.Mail && link.Purpose != signin.Administrator, MaySignIn: link.Purpose == signin.Invite && !r.Actor.IsKnown(),
	}
	return linkTemplate.Show(r, statusOf(invalid), data)
}

// asks decides what must be known before the button can be pressed.
func (p *Pages) asks(r *page.Request, link signin.Link) asks {
	known, account := r.Actor.IsKnown(), r.Actor.Person.Kind == people.Account
	switch link.Purpose {
	case signin.Demo, signin.Email:
		return asksNothing
	case signin.Recovery:
		return asksSecret
	case signin.Address:
		if !known {
			return asksSignIn
		}
		return asksNothing
	case signin.Sheet:
		if known || link.PersonID != "" {
			return asksNothing
		}
		return asksGuest
	case signin.Invite:
		if known && account {
			return asksNothing
		}
		if link.PersonID != "" {
			return asksSignIn
		}
	case signin.Administrator, signin.Convener:
	}
	return asksAccount
}

// linkWords are the names that stand in the sentence about a link. Whoever
// holds a link that waits may know them: it was made to be shown to them.
func (p *Pages) linkWords(r *page.Request, link signin.Link) ([]any, error) {
	name, email := r.Actor.Person.Name, link.Email
	if link.PersonID != "" {
		person, err := p.People.ByID(r.Ctx(), link.PersonID)
		if err != nil {
			return nil, err
		}
		name, email = person.Name, cmp.Or(email, person.Email)
	}
	words := []any{"name", name, "email", email}
	if link.DialogueID == "" {
		return words, nil
	}
	seat, err := p.Dialogues.SeatOf(r.Ctx(), people.Actor{}, link.DialogueID)
	if err != nil {
		return nil, err
	}
	words = append(words, "dialogue", seat.Dialogue.Title, "role", r.P.T("role."+string(link.Role)))
	if link.SessionID == "" {
		return words, nil
	}
	session, err := p.Dialogues.Session(r.Ctx(), link.DialogueID, link.SessionID)
	if err != nil {
		return nil, err
	}
	return append(words, "session", session.Title, "time", r.P.DateTime(session.StartsAt, session.Zone())), nil
}

type deadLinkPage struct {
	page.Base
	Says string
}

var deadLinkTemplate = page.Must[deadLinkPage]("people/dead_link.html")

// ending is what has become of a link.
type ending struct {
	is     error
	status int
	key    string
}

// endings of links: whoever holds a real one may know what became of it.
func endings() []ending {
	return []ending{ //i18n:link.used link.expired link.revoked link.other link.unknown link.suspended
		{signin.ErrLinkUsed, http.StatusGone, "link.used"},
		{signin.ErrLinkExpired, http.StatusGone, "link.expired"},
		{signin.ErrLinkRevoked, http.StatusGone, "link.revoked"},
		{signin.ErrLinkOther, http.StatusForbidden, "link.other"},
		{signin.ErrLinkUnknown, http.StatusNotFound, "link.unknown"},
		{signin.ErrSuspended, http.StatusForbidden, "link.suspended"},
		{signin.ErrNobody, http.StatusGone, "link.expired"},
		// Whoever had offered the seat may not any more, or there is none to offer.
		{dialogues.ErrRefused, http.StatusGone, "link.revoked"},
		{dialogues.ErrHidden, http.StatusGone, "link.revoked"},
		{dialogues.ErrWrongTime, http.StatusGone, "link.expired"},
		{people.ErrNotFound, http.StatusGone, "link.expired"},
	}
}

// deadLink says why a link does nothing, and what to do instead.
func (p *Pages) deadLink(r *page.Request, err error) error {
	for _, e := range endings() {
		if errors.Is(err, e.is) && !r.WantsJSON() {
			data := deadLinkPage{r.Base(r.P.T("link.dead_title")), r.P.T(e.key)}
			return deadLinkTemplate.Show(r, e.status, data)
		}
	}
	return err
}
