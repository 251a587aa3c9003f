package peoplepages

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server/page"
	"github.com/vcm-forum/forum/server/signin"
)

type erasePage struct {
	formed
	Named   int  // contributions that lose their text
	Group   int  // contributions for the group only, which stay without an author
	AsksOld bool // an account shows its passphrase once more
}

var eraseTemplate = page.Must[erasePage]("people/erase.html")

// ShowErase says what deleting takes away, and asks once more.
func (p *Pages) ShowErase(r *page.Request) error { return p.showErase(r, http.StatusOK, nil) }

func (p *Pages) showErase(r *page.Request, status int, invalid people.Invalid) error {
	presence, err := p.Logins.Who(r.Ctx(), r.CookieValue(page.LoginCookie))
	if err != nil {
		return err
	}
	said, err := p.Dialogues.OwnWords(r.Ctx(), r.Actor.ID())
	if err != nil {
		return err
	}
	title := r.P.T("account.erase_title")
	data := erasePage{formed: formed{r.Base(title, accountCrumbs(r, title)...), r.Form(url.Values{}, invalid)}, AsksOld: presence.HasPassphrase}
	for _, c := range said {
		switch {
		case c.Attribution == dialogues.Named && c.State != dialogues.Erased:
			data.Named++
		case c.OthersRead():
			data.Group++
		}
	}
	return eraseTemplate.Show(r, status, data)
}

// Erase deletes the reader: first their words, dialogue by dialogue, then the mandates
// they hold, then the links that know their address, then what identifies them, then
// their logins. Whoever is interrupted half-way can press the button again.
func (p *Pages) Erase(r *page.Request) error {
	err := p.mayErase(r)
	if f, ok := refused(r, err); ok {
		return p.showErase(r, f.status, people.Invalid{"passphrase": {Key: f.key}})
	}
	if err != nil {
		return err
	}
	rooms, err := p.Dialogues.DialoguesOf(r.Ctx(), r.Actor.ID())
	if err != nil {
		return err
	}
	for _, room := range rooms {
		if err := p.Dialogues.EraseWords(r.Ctx(), dialogues.Call{Actor: r.Actor}, room); err != nil {
			return fmt.Errorf("erase words: %w", err)
		}
	}
	if err := p.endMandates(r); err != nil {
		return err
	}
	if err := p.Logins.ForgetLinks(r.Ctx(), r.Actor); err != nil {
		return err
	}
	if err := p.People.Erase(r.Ctx(), r.Actor); err != nil {
		return err
	}
	if err := p.Logins.EndAll(r.Ctx(), r.Actor.ID(), r.Actor.ID()); err != nil {
		return err
	}
	r.SetCookie(page.LoginCookie, "", -1)
	r.ForgetHere()
	r.Flash("flash.account_erased")
	return goTo(r, "/")
}

// endMandates gives back what the reader holds: nobody who has left speaks for a
// community, and its record says since when.
func (p *Pages) endMandates(r *page.Request) error {
	if p.Consultations == nil {
		return nil
	}
	seats, err := p.Consultations.Mine(r.Ctx(), r.Actor)
	if err != nil {
		return fmt.Errorf("find mandates: %w", err)
	}
	for _, seat := range seats {
		for _, m := range seat.Community.Mandates {
			if m.Account != r.Actor.ID() || !m.EndedAt.IsZero() {
				continue
			}
			by := consultations.Call{Call: dialogues.Call{Actor: r.Actor}}
			if _, err := p.Consultations.EndMandate(r.Ctx(), by, seat.Community.ID, m.ID); err != nil {
				return fmt.Errorf("end a mandate: %w", err)
			}
		}
	}
	return nil
}

// mayErase checks, before a word is gone, that the reader knows the passphrase,
// where there is one, and is not the last who can run the server.
func (p *Pages) mayErase(r *page.Request) error {
	presence, err := p.Logins.Who(r.Ctx(), r.CookieValue(page.LoginCookie))
	if err != nil {
		return err
	}
	if presence.HasPassphrase {
		// The login that this opens ends with all the others.
		_, err = p.Logins.SignIn(r.Ctx(), r.Actor.Person.Email, r.FormValue("passphrase"), r.Context.Request().UserAgent())
		if errors.Is(err, signin.ErrWrong) {
			return fmt.Errorf("confirm with the passphrase: %w", err)
		}
		if err != nil {
			return err
		}
	}
	if !r.Actor.Person.CanAdminister() {
		return nil
	}
	return p.anotherAdministrator(r)
}

// anotherAdministrator makes sure that somebody can still run the server.
func (p *Pages) anotherAdministrator(r *page.Request) error {
	for at := 1; ; at++ {
		found, total, err := p.People.List(r.Ctx(), people.Filter{Kind: people.Account, Page: at})
		if err != nil {
			return err
		}
		for _, person := range found {
			if person.CanAdminister() && person.ID != r.Actor.ID() {
				return nil
			}
		}
		if int64(at*people.PerPage) >= total {
			return people.ErrLastAdmin
		}
	}
}
