package peoplepages

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server/page"
	"github.com/vcm-forum/forum/server/signin"
)

type signInPage struct {
	formed
	Next string
}

var signInTemplate = page.Must[signInPage]("people/signin.html")

// ShowSignIn asks for address and passphrase. Whoever is signed in goes on;
// whoever owes the second step is sent to it.
func (p *Pages) ShowSignIn(r *page.Request) error {
	switch {
	case r.Half:
		return goTo(r, secondPath(nextOf(r)))
	case r.Actor.IsKnown() && r.Actor.Person.Kind == people.Account:
		return goTo(r, nextOf(r))
	}
	return p.showSignIn(r, http.StatusOK, nil)
}

func (p *Pages) showSignIn(r *page.Request, status int, invalid people.Invalid) error {
	data := signInPage{formed{r.Base(r.P.T("signin.title")), r.Form(url.Values{"keep": {"1"}}, invalid)}, nextOf(r)}
	return signInTemplate.Show(r, status, data)
}

// SignIn opens a login with address and passphrase. A guest may take along what
// they said on this phone.
func (p *Pages) SignIn(r *page.Request) error {
	if !p.allow(r, signin.SignInByAddress) {
		return p.signInFailed(r, signin.ErrTooMany)
	}
	started, err := p.Logins.SignIn(r.Ctx(), r.FormValue("email"), r.FormValue("passphrase"), r.Context.Request().UserAgent())
	if err != nil {
		return p.signInFailed(r, err)
	}
	p.takeAlong(r)
	return p.enter(r, started, nextOf(r))
}

// refusal is what the form says about a failed attempt, and the status.
type refusal struct {
	is     error
	status int
	key    string
}

// refusals of signing in. One answer for a wrong address and a wrong passphrase.
func refusals() []refusal {
	return []refusal{ //i18n:signin.wrong signin.suspended signin.too_many signin.busy
		{signin.ErrWrong, http.StatusUnprocessableEntity, "signin.wrong"},
		{signin.ErrSuspended, http.StatusForbidden, "signin.suspended"},
		{signin.ErrTooMany, http.StatusTooManyRequests, "signin.too_many"},
		{signin.ErrBusy, http.StatusServiceUnavailable, "signin.busy"},
	}
}

// refused finds the sentence for an error; false for one that is no refusal or
// that a program wants as it is.
func refused(r *page.Request, err error) (refusal, bool) {
	for _, f := range refusals() {
		if errors.Is(err, f.is) && !r.WantsJSON() {
			return f, true
		}
	}
	return refusal{}, false
}

func (p *Pages) signInFailed(r *page.Request, err error) error {
	if f, ok := refused(r, err); ok {
		return p.showSignIn(r, f.status, people.Invalid{"passphrase": {Key: f.key}})
	}
	return err
}

// enter gives this browser the login that was opened and goes on: to the second
// step, where it is owed.
func (p *Pages) enter(r *page.Request, started signin.Started, next string) error {
	r.SetCookie(page.LoginCookie, started.Token, started.Login.ExpiresAt.Sub(p.Kit.Now()))
	if started.Login.Stage == signin.Half {
		return goTo(r, secondPath(next))
	}
	if err := p.mergeGuest(r, started.Token); err != nil {
		return err
	}
	return goTo(r, next)
}

// takeAlong remembers, for as long as a second step may take, which guest this
// phone was, if the reader wants to keep what the guest said.
func (p *Pages) takeAlong(r *page.Request) {
	if r.Actor.Person.Kind == people.Guest && r.FormValue("keep") == "1" {
		r.SetCookie(guestCookie, r.CookieValue(page.LoginCookie), signin.HalfLife)
	}
}

// mergeGuest gives what the remembered guest said to the account that has
// just signed in. A guest who is gone meanwhile is no error.
func (p *Pages) mergeGuest(r *page.Request, token string) error {
	guest := r.CookieValue(guestCookie)
	if r.FormValue("keep") == "1" && r.Actor.Person.Kind == people.Guest {
		guest = r.CookieValue(page.LoginCookie) // this very request brought it
	}
	if guest == "" {
		return nil
	}
	r.SetCookie(guestCookie, "", -1)
	presence, err := p.Logins.Who(r.Ctx(), token)
	if err != nil {
		return fmt.Errorf("look who signed in: %w", err)
	}
	err = p.Logins.Merge(r.Ctx(), p.Dialogues, guest, presence.Actor)
	if errors.Is(err, signin.ErrNobody) || errors.Is(err, signin.ErrNotThis) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("keep what the guest said: %w", err)
	}
	r.Flash("flash.account_kept")
	return nil
}

type signOutPage struct{ page.Base }

var signOutTemplate = page.Must[signOutPage]("people/signout.html")

// ShowSignOut asks a guest whether they are sure; others are simply led home.
func (p *Pages) ShowSignOut(r *page.Request) error {
	if !r.Actor.IsKnown() || r.Actor.Person.Kind != people.Guest {
		return goTo(r, "/")
	}
	return signOutTemplate.OK(r, signOutPage{r.Base(r.P.T("signin.out_title"))})
}

// SignOut ends this login. A guest is asked once more, because there is no way
// back to what they said.
func (p *Pages) SignOut(r *page.Request) error {
	if r.Actor.IsKnown() && r.Actor.Person.Kind == people.Guest && r.FormValue("sure") != "1" {
		return p.ShowSignOut(r)
	}
	if r.Actor.IsKnown() {
		if err := p.Logins.End(r.Ctx(), r.Actor, r.Actor.Login); err != nil {
			return err
		}
	}
	r.SetCookie(page.LoginCookie, "", -1)
	r.SetCookie(guestCookie, "", -1)
	r.ForgetHere()
	r.Flash("flash.account_signed_out")
	return goTo(r, nextOf(r))
}

// languageLife is how long a browser remembers its language.
const languageLife = 365 * 24 * time.Hour

// SetLanguage changes the language of the pages, for this browser and for the
// person. It answers in the language that was chosen, by showing the page again.
func (p *Pages) SetLanguage(r *page.Request) error {
	language, ok := r.Kit.Speaks(r.FormValue("language"))
	if !ok {
		return goTo(r, nextOf(r))
	}
	r.SetCookie(page.LanguageCookie, string(language), languageLife)
	if me := r.Actor; me.IsKnown() && me.Person.Language != string(language) {
		err := p.People.Change(r.Ctx(), me.ID(), me.ID(), func(person *people.Person) error {
			person.Language = string(language)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return goTo(r, nextOf(r))
}
