package peoplepages

import (
	"errors"
	"net/url"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server/page"
	"github.com/vcm-forum/forum/server/signin"
)

type claimPage struct {
	formed
	Said    int  // contributions the guest would keep
	MayPass bool // an account can do without a passphrase
}

var claimTemplate = page.Must[claimPage]("people/claim.html")

// ShowClaim offers a guest an account that keeps what they said.
func (p *Pages) ShowClaim(r *page.Request) error {
	if r.Actor.Person.Kind != people.Guest {
		return goTo(r, "/account")
	}
	return p.showClaim(r, nil)
}

func (p *Pages) showClaim(r *page.Request, invalid people.Invalid) error {
	me := r.Actor.Person
	said, err := p.Dialogues.OwnWords(r.Ctx(), me.ID)
	if err != nil {
		return err
	}
	values := url.Values{
		"name": {me.Name}, "group": {string(me.StakeholderGroup)}, "country": {me.Country}, "language": {string(r.P.Lang())},
	}
	title := r.P.T("account.claim_title")
	data := claimPage{formed{r.Base(title, accountCrumbs(r, title)...), r.Form(values, invalid)}, len(said), p.Kit.Mail}
	return claimTemplate.Show(r, statusOf(invalid), data)
}

// Claim makes the guest an account. Whoever has one already signs in instead.
func (p *Pages) Claim(r *page.Request) error {
	if r.Actor.Person.Kind != people.Guest {
		return goTo(r, "/account")
	}
	if !p.allow(r, signin.CreateByAddress) {
		return signin.ErrTooMany
	}
	started, err := p.Logins.Claim(r.Ctx(), r.Actor, readProfile(r), r.FormValue("passphrase"))
	if errors.Is(err, people.ErrEmailTaken) && !r.WantsJSON() {
		err = people.Invalid{"email": {Key: "account.claim_taken"}}
	}
	if invalid, ok := problems(r, err); ok {
		return p.showClaim(r, invalid)
	}
	if err != nil {
		return err
	}
	r.Flash("flash.account_made")
	return p.enter(r, started, "/account")
}
