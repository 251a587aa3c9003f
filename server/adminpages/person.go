package adminpages

import (
	"errors"
	"html/template"
	"net/http"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server/page"
	"github.com/vcm-forum/forum/server/signin"
)

type personPage struct {
	page.Base
	Person  personLine
	Account bool
	Logins  int
	Problem string
	Fresh   *freshRecovery // just made, shown once
}

// freshRecovery is a link for a new passphrase.
type freshRecovery struct {
	URL     string
	QR      template.HTML
	Expires string
}

var personTemplate = page.Must[personPage]("admin/person.html")

// Person shows one person with what the operator can do.
func (p *Pages) Person(r *page.Request) error {
	return p.showPerson(r, http.StatusOK, func(*personPage) {})
}

func (p *Pages) showPerson(r *page.Request, status int, change func(*personPage)) error {
	person, err := p.People.ByID(r.Ctx(), r.ID("person"))
	if err != nil {
		return err
	}
	if person.ErasedAt != nil || person.MergedInto != "" || person.Kind == people.Imported {
		return people.ErrNotFound
	}
	logins, err := p.Logins.List(r.Ctx(), person.ID)
	if err != nil {
		return err
	}
	trail := append(crumbs(r, r.P.T("admin.people")), page.Crumb{Name: person.Name})
	trail[1].Path = "/admin/people"
	data := personPage{Base: r.Base(person.Name, trail...), Person: lineOf(r, person), Account: person.Kind == people.Account, Logins: len(logins)}
	change(&data)
	return personTemplate.Show(r, status, data)
}

// Suspend stops an account or a guest, and ends what is open.
func (p *Pages) Suspend(r *page.Request) error {
	id := r.ID("person")
	if id == r.Actor.ID() {
		return people.ErrNotAllowed
	}
	err := p.People.Suspend(r.Ctx(), r.Actor, id)
	if err == nil {
		err = p.Logins.EndAll(r.Ctx(), r.Actor.ID(), id)
	}
	return p.administered(r, err, "flash.admin_suspended")
}

// Restore lets a suspended person in again.
func (p *Pages) Restore(r *page.Request) error {
	return p.administered(r, p.People.Restore(r.Ctx(), r.Actor, r.ID("person")), "flash.admin_restored")
}

// SetRights says whether an account may create dialogues and run the server.
func (p *Pages) SetRights(r *page.Request) error {
	person, err := p.People.ByID(r.Ctx(), r.ID("person"))
	if err != nil {
		return err
	}
	if person.Kind != people.Account {
		return people.ErrNotAllowed
	}
	err = p.People.SetRights(r.Ctx(), r.Actor, person.ID, r.FormValue("convener") == "1", r.FormValue("administrator") == "1")
	return p.administered(r, err, "flash.admin_rights")
}

// ClearSecondFactor helps somebody who has lost the phone.
func (p *Pages) ClearSecondFactor(r *page.Request) error {
	return p.administered(r, p.Logins.ClearTOTP(r.Ctx(), r.Actor, r.ID("person")), "flash.admin_factor_cleared")
}

// OfferPassphrase makes a link with which somebody who has forgotten the
// passphrase sets a new one, to be handed over in person.
func (p *Pages) OfferPassphrase(r *page.Request) error {
	form := signin.LinkForm{Purpose: signin.Recovery, Person: r.ID("person"), By: r.Actor.ID()}
	token, link, err := p.Logins.NewLink(r.Ctx(), form)
	if err != nil {
		return err
	}
	address := p.Kit.BaseURL + "/l/" + token
	fresh := &freshRecovery{address, page.QR(address), r.P.DateTime(link.ExpiresAt, zone(r))}
	return p.showPerson(r, http.StatusOK, func(d *personPage) { d.Fresh = fresh })
}

// EndLogins signs a person out everywhere.
func (p *Pages) EndLogins(r *page.Request) error {
	return p.administered(r, p.Logins.EndAll(r.Ctx(), r.Actor.ID(), r.ID("person")), "flash.admin_signed_out")
}

// administered answers an act upon a person.
func (p *Pages) administered(r *page.Request, err error, flash string) error {
	if errors.Is(err, people.ErrLastAdmin) && !r.WantsJSON() {
		return p.showPerson(r, http.StatusConflict, func(d *personPage) { d.Problem = r.P.T("admin.last") })
	}
	if err != nil {
		return err
	}
	r.Flash(flash)
	if r.ID("person") == r.Actor.ID() {
		return goTo(r, "/")
	}
	return goTo(r, "/admin/people/"+string(r.ID("person")))
}
