package adminpages

import (
	"cmp"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"unicode/utf8"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server/notify"
	"github.com/vcm-forum/forum/server/page"
)

type mailPage struct {
	formed
	Sent   string // the address the test went to
	Failed string // what the mail server or the network said
}

var mailTemplate = page.Must[mailPage]("admin/mail.html")

// Mail offers to send a test letter.
func (p *Pages) Mail(r *page.Request) error {
	return p.showMail(r, http.StatusOK, nil, func(*mailPage) {})
}

func (p *Pages) showMail(r *page.Request, status int, invalid people.Invalid, change func(*mailPage)) error {
	title := r.P.T("admin.mail")
	form := r.Form(url.Values{"email": {cmp.Or(r.FormValue("email"), r.Actor.Person.Email)}}, invalid)
	data := mailPage{formed: formed{r.Base(title, crumbs(r, title)...), form}}
	change(&data)
	return mailTemplate.Show(r, status, data)
}

// longestAnswer bounds what of a mail server's answer is shown, in bytes.
const longestAnswer = 500

// SendTestMail sends a test letter and says what became of it.
func (p *Pages) SendTestMail(r *page.Request) error {
	if !p.Kit.Mail || p.TestMail == nil {
		return people.ErrNotAllowed
	}
	v := people.Invalid{}
	to := checkEmail(v, r.FormValue("email"))
	if err := v.Err(); err != nil {
		if r.WantsJSON() {
			return err
		}
		return p.showMail(r, statusOf(v), v, func(*mailPage) {})
	}
	if err := p.TestMail(r.Ctx(), to, r.P.Lang()); err != nil {
		return p.showMail(r, http.StatusBadGateway, nil, func(m *mailPage) { m.Failed = answerOf(err) })
	}
	return p.showMail(r, http.StatusOK, nil, func(m *mailPage) { m.Sent = to })
}

// cut shortens an answer without splitting a letter.
func cut(s string) string {
	if len(s) <= longestAnswer {
		return s
	}
	end := longestAnswer
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}

// answerOf is what the mail server or the network said, for the operator's eyes.
func answerOf(err error) string {
	var failed *notify.SendError
	if errors.As(err, &failed) && failed.Cause != nil {
		return cut(failed.Error() + ": " + failed.Cause.Error())
	}
	return cut(err.Error())
}

type invitePage struct {
	formed
	Possible bool
	URL      string // shown once, for one that is handed over
	QR       template.HTML
	Expires  string
}

var inviteTemplate = page.Must[invitePage]("admin/invite.html")

// ShowInvite offers to invite somebody who may create dialogues.
func (p *Pages) ShowInvite(r *page.Request) error {
	return p.showInvite(r, nil, func(*invitePage) {})
}

func (p *Pages) showInvite(r *page.Request, invalid people.Invalid, change func(*invitePage)) error {
	title := r.P.T("admin.invite")
	data := invitePage{formed: formed{r.Base(title, crumbs(r, title)...), r.Form(url.Values{}, invalid)}, Possible: p.InviteConvener != nil}
	change(&data)
	return inviteTemplate.Show(r, statusOf(invalid), data)
}

// Invite makes an invitation: by mail where an address is given and mail can be
// sent, else as a link to hand over.
func (p *Pages) Invite(r *page.Request) error {
	if p.InviteConvener == nil {
		return people.ErrNotAllowed
	}
	v, email := people.Invalid{}, ""
	if p.SendInvite != nil && people.NormalEmail(r.FormValue("email")) != "" {
		email = checkEmail(v, r.FormValue("email"))
	}
	if err := v.Err(); err != nil {
		if r.WantsJSON() {
			return err
		}
		return p.showInvite(r, v, func(*invitePage) {})
	}
	token, link, err := p.InviteConvener(r.Ctx(), r.Actor, email)
	if err != nil {
		return err
	}
	address := p.Kit.BaseURL + "/l/" + token
	if email == "" {
		return p.showInvite(r, nil, func(d *invitePage) {
			d.URL, d.QR, d.Expires = address, page.QR(address), r.P.DateTime(link.ExpiresAt, zone(r))
		})
	}
	if err := p.SendInvite(r.Ctx(), email, r.P.Lang(), link, address); err != nil {
		return err
	}
	r.Flash("flash.admin_invited")
	return goTo(r, "/admin/invite")
}
