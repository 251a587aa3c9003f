package peoplepages

import (
	"log/slog"
	"net/url"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
	"github.com/vcm-forum/forum/server/signin"
)

type accountPage struct{ formed }

var accountTemplate = page.Must[accountPage]("people/account.html")

// Account shows what the reader says about themselves, to be changed.
func (p *Pages) Account(r *page.Request) error { return p.showAccount(r, nil) }

func (p *Pages) showAccount(r *page.Request, invalid people.Invalid) error {
	me := r.Actor.Person
	organisation, err := p.organisation(r, me.OrganisationID)
	if err != nil {
		return err
	}
	values := url.Values{
		"name": {me.Name}, "email": {me.Email}, "group": {string(me.StakeholderGroup)}, "country": {me.Country},
		"organisation": {organisation}, "language": {me.Language}, "time_zone": {me.TimeZone},
	}
	data := accountPage{formed{r.Base(r.P.T("account.title")), r.Form(values, invalid)}}
	return accountTemplate.Show(r, statusOf(invalid), data)
}

// organisation finds the name of an organisation; "" for none.
func (p *Pages) organisation(r *page.Request, id record.ID) (string, error) {
	if id == "" {
		return "", nil
	}
	all, err := p.People.Organisations(r.Ctx())
	if err != nil {
		return "", err
	}
	for _, o := range all {
		if o.ID == id {
			return o.Name, nil
		}
	}
	return "", nil
}

// readProfile reads what a person says about themselves. A language that the
// pages do not have becomes the one of this page.
func readProfile(r *page.Request) people.Profile {
	language, ok := r.Kit.Speaks(r.FormValue("language"))
	if !ok {
		language = r.P.Lang()
	}
	return people.Profile{
		Name: r.FormValue("name"), Email: r.FormValue("email"), StakeholderGroup: people.Group(r.FormValue("group")),
		Country: r.FormValue("country"), Organisation: r.FormValue("organisation"), Language: string(language),
		TimeZone: r.FormValue("time_zone"),
	}
}

// SaveAccount keeps what the reader says about themselves. A new address is
// taken when whoever reads its mail has said so, where mail can be sent.
func (p *Pages) SaveAccount(r *page.Request) error {
	in, prove, err := p.checkAccount(r)
	if err == nil {
		err = p.People.Update(r.Ctx(), r.Actor, in)
	}
	if invalid, ok := problems(r, err); ok {
		return p.showAccount(r, invalid)
	}
	if err != nil {
		return err
	}
	r.SetCookie(page.LanguageCookie, in.Language, languageLife)
	r.Flash("flash.account_saved")
	if prove != "" {
		return p.proveAddress(r, prove)
	}
	return goTo(r, "/account")
}

// proveAddress mails a link to a new address. All else is saved by then.
func (p *Pages) proveAddress(r *page.Request, email string) error {
	form := signin.LinkForm{Purpose: signin.Address, Person: r.Actor.ID(), Email: email}
	if link, err := p.mail(r.Ctx(), form, Letter{Language: r.P.Lang()}); err != nil {
		if link.ID == "" || r.WantsJSON() {
			return err
		}
		p.Kit.Logger.WarnContext(r.Ctx(), "a proof of address was not accepted", slog.Any("error", err))
		return p.showAccount(r, people.Invalid{"email": {Key: "account.mail_failed"}})
	}
	r.Flash("flash.account_proof_sent")
	return goTo(r, "/account")
}

// checkAccount reads the form; prove is an address that must be proven before
// it is taken, "" for none.
func (p *Pages) checkAccount(r *page.Request) (in people.Profile, prove string, err error) {
	in = readProfile(r)
	me := r.Actor.Person
	if me.Kind == people.Guest {
		in.Email = ""
		return in, "", p.Dialogues.GuestMayBe(r.Ctx(), me.ID, in.Name)
	}
	v := in.Check()
	if in.Email == "" && me.Email != "" {
		v.Add("email", "error.required")
	}
	if in.Email != me.Email && p.Kit.Mail {
		if len(v) == 0 && !p.Limits.Allow(signin.MailByAccount, in.Email) {
			v.Add("email", "signin.too_many")
		}
		prove, in.Email = in.Email, me.Email
	}
	return in, prove, v.Err()
}
