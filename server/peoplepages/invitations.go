package peoplepages

import (
	"html/template"
	"log/slog"
	"net/http"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
	"github.com/vcm-forum/forum/server/signin"
)

// inviteLine is an invitation that waits.
type inviteLine struct {
	ID      record.ID
	For     string // whom it is for, as its maker noted it; "" for unsaid
	Email   string // "" for one that was handed over
	Role    dialogues.Role
	Made    string
	Expires string
}

// freshInvite is an invitation that was just made: its address is shown once.
type freshInvite struct {
	For     string
	URL     string
	QR      template.HTML
	Role    string
	Expires string
}

// waitingInvites lists the invitations that can still be accepted.
func (p *Pages) waitingInvites(r *page.Request) ([]inviteLine, error) {
	links, err := p.Logins.ListInvites(r.Ctx(), r.Seat.Dialogue.ID)
	if err != nil {
		return nil, err
	}
	var out []inviteLine
	for _, l := range links {
		if l.Purpose != signin.Invite || l.Check(p.Kit.Now()) != nil {
			continue
		}
		out = append(out, inviteLine{
			l.ID, l.Note, l.Email, l.Role, r.P.Ago(l.CreatedAt, p.Kit.Now()), r.P.DateTime(l.ExpiresAt, zone(r)),
		})
	}
	return out, nil
}

// Invite makes an invitation: by mail to one address, or as a link that the
// facilitator hands over. Only a letter proves an address, so that an
// invitation which is handed over names none.
func (p *Pages) Invite(r *page.Request) error {
	v := people.Invalid{}
	role := page.OneOf(r.FormValue("role"), dialogues.Roles())
	if role == "" {
		v.Add("role", "error.choose_one")
	}
	note := v.Line("note", r.FormValue("note"), false, people.LongestName)
	email := ""
	if p.Kit.Mail && people.NormalEmail(r.FormValue("email")) != "" {
		email = checkEmail(v, r.FormValue("email"))
	}
	if len(v) > 0 {
		return p.inviteRefused(r, v)
	}
	if !p.Limits.Allow(signin.InviteByPerson, string(r.Actor.ID())) {
		return signin.ErrTooMany
	}
	form := signin.LinkForm{Purpose: signin.Invite, Dialogue: r.Seat.Dialogue.ID, Role: role, Email: email, Note: note, By: r.Actor.ID()}
	if email != "" {
		return p.inviteByMail(r, form)
	}
	return p.inviteByHand(r, form)
}

func (p *Pages) inviteRefused(r *page.Request, v people.Invalid) error {
	if r.WantsJSON() {
		return v
	}
	return p.showMembers(r, http.StatusUnprocessableEntity, func(m *membersPage) { m.Form = r.Form(nil, v) })
}

func (p *Pages) inviteByMail(r *page.Request, form signin.LinkForm) error {
	if !p.Limits.Allow(signin.MailByAccount, form.Email) {
		return p.inviteRefused(r, people.Invalid{"email": {Key: "invite.mailed_often"}})
	}
	letter := Letter{Language: r.P.Lang(), From: r.Actor.Person.Name, Dialogue: r.Seat.Dialogue.Title}
	if link, err := p.mail(r.Ctx(), form, letter); err != nil {
		return p.letterRefused(r, link, err)
	}
	r.Flash("flash.account_invited")
	return goTo(r, dialoguePath(r.Seat.Dialogue.ID)+"/people")
}

// letterRefused takes an invitation back that could not be mailed.
func (p *Pages) letterRefused(r *page.Request, link signin.Link, err error) error {
	if link.ID == "" {
		return err
	}
	if err := p.Logins.RevokeLinks(r.Ctx(), r.Actor, link.DialogueID, link.ID); err != nil {
		return err
	}
	p.Kit.Logger.WarnContext(r.Ctx(), "an invitation was not accepted", slog.Any("error", err))
	return p.inviteRefused(r, people.Invalid{"email": {Key: "invite.mail_failed"}})
}

func (p *Pages) inviteByHand(r *page.Request, form signin.LinkForm) error {
	token, link, err := p.Logins.NewLink(r.Ctx(), form)
	if err != nil {
		return err
	}
	address := p.linkURL(token)
	fresh := &freshInvite{link.Note, address, page.QR(address), r.P.T("role." + string(link.Role)), r.P.DateTime(link.ExpiresAt, zone(r))}
	return p.showMembers(r, http.StatusOK, func(m *membersPage) { m.Fresh = fresh })
}

// RevokeInvite takes an invitation back.
func (p *Pages) RevokeInvite(r *page.Request) error {
	if err := p.Logins.RevokeLinks(r.Ctx(), r.Actor, r.Seat.Dialogue.ID, r.ID("link")); err != nil {
		return err
	}
	r.Flash("flash.account_invite_revoked")
	return goTo(r, dialoguePath(r.Seat.Dialogue.ID)+"/people")
}
