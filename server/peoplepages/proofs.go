package peoplepages

import (
	"cmp"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server/page"
	"github.com/vcm-forum/forum/server/signin"
)

type passphrasePage struct {
	formed
	AsksOld bool
	Min     int // characters of the shortest passphrase
}

var passphraseTemplate = page.Must[passphrasePage]("people/passphrase.html")

// ShowPassphrase asks for a new passphrase, and for the old one where it is due.
func (p *Pages) ShowPassphrase(r *page.Request) error {
	return p.showPassphrase(r, http.StatusOK, nil)
}

func (p *Pages) showPassphrase(r *page.Request, status int, invalid people.Invalid) error {
	presence, err := p.Logins.Who(r.Ctx(), r.CookieValue(page.LoginCookie))
	if err != nil {
		return err
	}
	mailed := presence.Login.Proof == signin.ByEmail && p.Kit.Now().Sub(presence.Login.CreatedAt) < signin.FreshProof
	title := r.P.T("account.passphrase_set")
	if presence.HasPassphrase {
		title = r.P.T("account.passphrase_change")
	}
	data := passphrasePage{
		formed{r.Base(title, accountCrumbs(r, title)...), r.Form(url.Values{}, invalid)},
		presence.HasPassphrase && !mailed, signin.ShortestPassphrase,
	}
	return passphraseTemplate.Show(r, status, data)
}

// SetPassphrase gives the account a new passphrase; every other device is out.
func (p *Pages) SetPassphrase(r *page.Request) error {
	err := p.Logins.SetPassphrase(r.Ctx(), r.Actor, r.FormValue("old"), r.FormValue("passphrase"))
	if invalid, ok := problems(r, err); ok {
		return p.showPassphrase(r, http.StatusUnprocessableEntity, invalid)
	}
	if f, ok := refused(r, err); ok {
		return p.showPassphrase(r, f.status, people.Invalid{"old": {Key: f.key}})
	}
	if err != nil {
		return err
	}
	r.Flash("flash.account_passphrase_set")
	return goTo(r, "/account/security")
}

type factorPage struct {
	formed
	On      bool
	AsksOld bool   // the passphrase is shown once more
	Typed   string // the secret in groups of four, to be typed
	QR      template.HTML
}

var factorTemplate = page.Must[factorPage]("people/second_factor.html")

// ShowSecondFactor shows how to switch the second factor on, or off.
func (p *Pages) ShowSecondFactor(r *page.Request) error {
	return p.showFactor(r, http.StatusOK, nil)
}

func (p *Pages) showFactor(r *page.Request, status int, invalid people.Invalid) error {
	presence, err := p.Logins.Who(r.Ctx(), r.CookieValue(page.LoginCookie))
	if err != nil {
		return err
	}
	title := r.P.T("totp.title")
	data := factorPage{formed: formed{r.Base(title, accountCrumbs(r, title)...), r.Form(url.Values{}, invalid)}, On: presence.HasTOTP, AsksOld: presence.HasPassphrase}
	if data.On {
		return factorTemplate.Show(r, status, data)
	}
	secret := strings.ReplaceAll(data.Form.Value("secret"), " ", "")
	if secret == "" {
		if secret, _, err = signin.NewTOTP(r.P.T("forum.name"), cmp.Or(r.Actor.Person.Email, r.Actor.Person.Name)); err != nil {
			return err
		}
	}
	data.Typed, data.QR = inFours(secret), page.QR(factorAddress(r.P.T("forum.name"), cmp.Or(r.Actor.Person.Email, r.Actor.Person.Name), secret))
	return factorTemplate.Show(r, status, data)
}

// factorAddress is what phone apps scan. It is built from the secret in the
// form, so that a mistyped code does not ask for another scan.
func factorAddress(issuer, account, secret string) string {
	query := url.Values{"secret": {secret}, "issuer": {issuer}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {"30"}}
	return "otpauth://totp/" + url.PathEscape(issuer+":"+account) + "?" + strings.ReplaceAll(query.Encode(), "+", "%20")
}

// inFours parts a secret for whoever types it; apps ignore the blanks.
func inFours(secret string) string {
	var out strings.Builder
	for i, letter := range secret {
		if i > 0 && i%4 == 0 {
			out.WriteByte(' ')
		}
		out.WriteRune(letter)
	}
	return out.String()
}

// SetSecondFactor switches the second factor on with a code of the app, or off
// with a code or the passphrase.
func (p *Pages) SetSecondFactor(r *page.Request) error {
	field, flash := "code", "flash.account_totp_on"
	var err error
	if r.FormValue("off") == "1" {
		field, flash = "proof", "flash.account_totp_off"
		err = p.Logins.DisableTOTP(r.Ctx(), r.Actor, r.FormValue("proof"))
	} else {
		secret := strings.ReplaceAll(r.FormValue("secret"), " ", "")
		err = p.Logins.EnableTOTP(r.Ctx(), r.Actor, secret, r.FormValue("code"), r.FormValue("old"))
	}
	if errors.Is(err, signin.ErrWrong) && !r.WantsJSON() {
		err = people.Invalid{field: {Key: "totp.wrong"}}
	}
	if invalid, ok := problems(r, err); ok {
		return p.showFactor(r, http.StatusUnprocessableEntity, invalid)
	}
	if f, ok := refused(r, err); ok {
		return p.showFactor(r, f.status, people.Invalid{field: {Key: f.key}})
	}
	if err != nil {
		return err
	}
	r.Flash(flash)
	return goTo(r, "/account/security")
}
