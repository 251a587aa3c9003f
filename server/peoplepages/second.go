package peoplepages

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server/page"
	"github.com/vcm-forum/forum/server/signin"
)

type secondPage struct {
	formed
	Next string
}

var secondTemplate = page.Must[secondPage]("people/second.html")

// secondPath is where the second step is asked for; next is kept.
func secondPath(next string) string { return "/signin/second?next=" + url.QueryEscape(next) }

// ShowSecond asks for the code of the phone app.
func (p *Pages) ShowSecond(r *page.Request) error {
	if !r.Half {
		return goTo(r, nextOf(r))
	}
	return p.showSecond(r, http.StatusOK, nil)
}

func (p *Pages) showSecond(r *page.Request, status int, invalid people.Invalid) error {
	data := secondPage{formed{r.Base(r.P.T("signin.second_title")), r.Form(url.Values{}, invalid)}, nextOf(r)}
	return secondTemplate.Show(r, status, data)
}

// Second finishes the login with a code.
func (p *Pages) Second(r *page.Request) error {
	token := r.CookieValue(page.LoginCookie)
	started, err := p.Logins.SecondFactor(r.Ctx(), token, r.FormValue("code"))
	if err == nil {
		return p.enter(r, started, nextOf(r))
	}
	if r.WantsJSON() {
		return err
	}
	if _, still := p.Logins.Who(r.Ctx(), token); !errors.Is(still, signin.ErrHalf) {
		r.SetCookie(page.LoginCookie, "", -1)
		r.Flash("flash.account_second_over")
		return goTo(r, "/signin?next="+url.QueryEscape(nextOf(r)))
	}
	switch {
	case errors.Is(err, signin.ErrWrong):
		return p.showSecond(r, http.StatusUnprocessableEntity, people.Invalid{"code": {Key: "signin.code_wrong"}})
	case errors.Is(err, signin.ErrTooMany):
		return p.showSecond(r, http.StatusTooManyRequests, people.Invalid{"code": {Key: "signin.too_many"}})
	}
	return err
}
