package adminpages

import (
	"errors"
	"net/http"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server/page"
)

type personPage struct {
	page.Base
	Person  personLine
	Account bool
	Logins  int
	Problem string
}

var personTemplate = page.Must[personPage]("admin/person.html")

// Person shows one person with what the operator can do.
func (p *Pages) Person(r *page.Request) error { return p.showPerson(r, http.StatusOK, "") }

func (p *Pages) showPerson(r *page.Request, status int, problem string) error {
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
	data := personPage{r.Base(person.Name, trail...), lineOf(r, person), person.Kind == people.Account, len(logins), problem}
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

// EndLogins signs a person out everywhere.
func (p *Pages) EndLogins(r *page.Request) error {
	return p.administered(r, p.Logins.EndAll(r.Ctx(), r.Actor.ID(), r.ID("person")), "flash.admin_signed_out")
}

// administered answers an act upon a person.
func (p *Pages) administered(r *page.Request, err error, flash string) error {
	if errors.Is(err, people.ErrLastAdmin) && !r.WantsJSON() {
		return p.showPerson(r, http.StatusConflict, r.P.T("admin.last"))
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
