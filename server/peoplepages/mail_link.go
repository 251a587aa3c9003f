package peoplepages

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server/i18n"
	"github.com/vcm-forum/forum/server/page"
	"github.com/vcm-forum/forum/server/signin"
)

type mailLinkPage struct {
	formed
	Next string
}

var mailLinkTemplate = page.Must[mailLinkPage]("people/mail_link.html")

// ShowMailLink offers to mail a link that signs in.
func (p *Pages) ShowMailLink(r *page.Request) error {
	if !p.Kit.Mail {
		return people.ErrNotFound
	}
	return p.showMailLink(r, http.StatusOK, nil)
}

func (p *Pages) showMailLink(r *page.Request, status int, invalid people.Invalid) error {
	data := mailLinkPage{formed{r.Base(r.P.T("signin.link_title")), r.Form(url.Values{"keep": {"1"}}, invalid)}, nextOf(r)}
	return mailLinkTemplate.Show(r, status, data)
}

// MailLink mails a link that signs in, if the address has an account. The answer
// is the same if it has none, after the same time: nobody learns who is here.
func (p *Pages) MailLink(r *page.Request) error {
	if !p.Kit.Mail {
		return people.ErrNotFound
	}
	v := people.Invalid{}
	email := checkEmail(v, r.FormValue("email"))
	if len(v) > 0 {
		return p.showMailLink(r, http.StatusUnprocessableEntity, v)
	}
	if !p.allow(r, signin.MailByAddress) {
		return p.showMailLink(r, http.StatusTooManyRequests, people.Invalid{"email": {Key: "signin.too_many"}})
	}
	if p.Limits.Allow(signin.MailByAccount, email) {
		language := r.P.Lang()
		p.beside(r, "mail a sign-in link", func(ctx context.Context) error { return p.mailSignIn(ctx, email, language) })
	}
	p.takeAlong(r)
	r.Flash("flash.account_link_sent")
	return goTo(r, "/signin?next="+url.QueryEscape(nextOf(r)))
}

func (p *Pages) mailSignIn(ctx context.Context, email string, asked i18n.Language) error {
	person, err := p.People.ByEmail(ctx, email)
	if errors.Is(err, people.ErrNotFound) || (err == nil && !person.Active()) {
		return nil
	}
	if err != nil {
		return err
	}
	language, ok := i18n.Parse(person.Language)
	if !ok {
		language = asked
	}
	_, err = p.mail(ctx, signin.LinkForm{Purpose: signin.Email, Person: person.ID, Email: person.Email}, Letter{Language: language})
	return err
}

// mail makes a link and sends it to its address. The link is returned although
// its letter was not accepted, so that the caller can take it back.
func (p *Pages) mail(ctx context.Context, form signin.LinkForm, letter Letter) (signin.Link, error) {
	token, link, err := p.Logins.NewLink(ctx, form)
	if err != nil {
		return signin.Link{}, err
	}
	letter.To, letter.Link, letter.URL = link.Email, link, p.linkURL(token)
	if err := p.Letters.Send(ctx, letter); err != nil {
		return link, fmt.Errorf("mail a link: %w", err)
	}
	return link, nil
}

// linkURL is the address that shows what a link does.
func (p *Pages) linkURL(token string) string { return p.Kit.BaseURL + "/l/" + token }
