package peoplepages

import (
	"strings"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
	"github.com/vcm-forum/forum/server/signin"
)

type securityPage struct {
	page.Base
	Logins        []loginLine
	Account       bool
	HasPassphrase bool
	HasTOTP       bool
	Recoveries    []recoveryLine
}

// recoveryLine is a link for a new passphrase that an administrator has made.
type recoveryLine struct {
	Made string
	By   string // "" for somebody who has left
	Used string // when; "" for not at all
}

// loginLine is one device in the list.
type loginLine struct {
	ID      record.ID
	Device  string
	Since   string
	Seen    string
	Current bool
}

var securityTemplate = page.Must[securityPage]("people/security.html")

// Security lists where the reader is signed in, and how they prove who they are.
func (p *Pages) Security(r *page.Request) error {
	presence, err := p.Logins.Who(r.Ctx(), r.CookieValue(page.LoginCookie))
	if err != nil {
		return err
	}
	logins, err := p.Logins.List(r.Ctx(), r.Actor.ID())
	if err != nil {
		return err
	}
	title := r.P.T("account.security")
	data := securityPage{
		Base: r.Base(title, accountCrumbs(r, title)...), Account: r.Actor.Person.Kind == people.Account,
		HasPassphrase: presence.HasPassphrase, HasTOTP: presence.HasTOTP,
	}
	for _, l := range logins {
		data.Logins = append(data.Logins, p.loginLine(r, l))
	}
	if data.Recoveries, err = p.recoveries(r); err != nil {
		return err
	}
	return securityTemplate.OK(r, data)
}

func (p *Pages) recoveries(r *page.Request) ([]recoveryLine, error) {
	links, err := p.Logins.Recoveries(r.Ctx(), r.Actor.ID())
	if err != nil {
		return nil, err
	}
	var makers []record.ID
	for _, l := range links {
		makers = append(makers, l.CreatedBy)
	}
	names, err := people.Names(r.Ctx(), p.People.Read, makers)
	if err != nil {
		return nil, err
	}
	var out []recoveryLine
	for _, l := range links {
		line := recoveryLine{Made: r.P.DateTime(l.CreatedAt, zone(r)), By: names[l.CreatedBy]}
		if l.UsedAt != nil {
			line.Used = r.P.DateTime(*l.UsedAt, zone(r))
		}
		out = append(out, line)
	}
	return out, nil
}

func (p *Pages) loginLine(r *page.Request, l signin.Login) loginLine {
	device := strings.Trim(l.Browser()+" · "+l.System(), " ·")
	if device == "" {
		device = r.P.T("account.device_unknown")
	}
	return loginLine{
		ID: l.ID, Device: device, Since: r.P.Date(l.CreatedAt, zone(r)), Seen: r.P.Ago(l.SeenAt, p.Kit.Now()),
		Current: l.ID == r.Actor.Login,
	}
}

// EndLogin signs one device out.
func (p *Pages) EndLogin(r *page.Request) error {
	login := r.FormID("login")
	if err := p.Logins.End(r.Ctx(), r.Actor, login); err != nil {
		return err
	}
	r.Flash("flash.account_device_out")
	if login == r.Actor.Login {
		r.SetCookie(page.LoginCookie, "", -1)
		r.ForgetHere()
		return goTo(r, "/")
	}
	return goTo(r, "/account/security")
}

// EndOtherLogins signs every device out but this one.
func (p *Pages) EndOtherLogins(r *page.Request) error {
	if err := p.Logins.EndOthers(r.Ctx(), r.Actor); err != nil {
		return err
	}
	r.Flash("flash.account_devices_out")
	return goTo(r, "/account/security")
}
