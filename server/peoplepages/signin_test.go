package peoplepages_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/pquerna/otp/totp"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server/peoplepages"
	"github.com/vcm-forum/forum/server/signin"
)

func TestSignInKeepsWhereTheReaderWantedToGo(t *testing.T) {
	f := newForum(t)
	f.account("Ana", "ana@example.org", nil)
	b := f.browser()
	f.page(b.get(b.ShowSignIn, "/signin?next=/dialogues"), http.StatusOK, `value="/dialogues"`, "/join")
	b.signIn("ana@example.org")
	f.want(b.get(b.ShowSignIn, "/signin?next=/dialogues"), "/dialogues")
	f.want(b.get(b.ShowSignIn, "/signin?next=//evil.test"), "/")
}

func TestAWrongPassphraseAndAnUnknownAddressAreAnsweredAlike(t *testing.T) {
	f := newForum(t)
	f.account("Ana", "ana@example.org", nil)
	known := f.browser().post(f.SignIn, "/signin", url.Values{"email": {"ana@example.org"}, "passphrase": {"something else entirely"}})
	unknown := f.browser().post(f.SignIn, "/signin", url.Values{"email": {"eve@example.org"}, "passphrase": {"something else entirely"}})
	f.page(known, http.StatusUnprocessableEntity, `value="ana@example.org"`)
	f.page(unknown, http.StatusUnprocessableEntity, `value="eve@example.org"`)
	if strings.Contains(known.Body, "something else entirely") {
		t.Error("the page repeats the passphrase")
	}
}

func TestAHalfLoginEndsWithTheSecondStep(t *testing.T) {
	f := newForum(t)
	secret, _, err := signin.NewTOTP("VCM Forum", "ana@example.org")
	f.must(err)
	f.account("Ana", "ana@example.org", func(p *people.Person) { p.TOTPSecret = secret })
	b := f.browser()
	got := b.post(b.SignIn, "/signin", url.Values{"email": {"ana@example.org"}, "passphrase": {passphrase}, "next": {"/dialogues"}})
	f.want(got, "/signin/second?next=%2Fdialogues")
	f.want(b.get(b.ShowSignIn, "/signin?next=/dialogues"), "/signin/second?next=%2Fdialogues")
	f.page(b.get(b.ShowSecond, got.Where), http.StatusOK)
	f.page(b.post(b.Second, "/signin/second", url.Values{"code": {"000000"}}), http.StatusUnprocessableEntity)
	code, err := totp.GenerateCode(secret, f.now())
	f.must(err)
	f.want(b.post(b.Second, "/signin/second", url.Values{"code": {code}, "next": {"/dialogues"}}), "/dialogues")
	f.page(b.get(b.Account, "/account"), http.StatusOK, "Ana")
}

func TestAMailedLinkSignsInByTheButtonAlone(t *testing.T) {
	f := newForum(t)
	f.account("Ana", "ana@example.org", nil)
	b := f.browser()
	f.page(b.get(b.ShowMailLink, "/signin/link"), http.StatusOK)
	known := b.post(b.MailLink, "/signin/link", url.Values{"email": {"Ana@example.org"}})
	unknown := f.browser().post(f.MailLink, "/signin/link", url.Values{"email": {"eve@example.org"}})
	f.Wait()
	if known.Status != unknown.Status || known.Where != unknown.Where || known.Body != unknown.Body {
		t.Errorf("the answers differ: %+v and %+v", known, unknown)
	}
	if len(f.letters) != 1 || f.letters[0].To != "ana@example.org" {
		t.Fatalf("letters are %+v, want one to ana@example.org", f.letters)
	}
	token := f.tokenIn(f.letters[0].URL)
	for range 3 { // scanners look more than once
		f.page(b.get(b.ShowLink, "/l/"+token, "token", token), http.StatusOK, "Ana", "<button")
	}
	f.want(b.post(b.UseLink, "/l/"+token, nil, "token", token), "/account/passphrase")
	f.page(b.get(b.ShowPassphrase, "/account/passphrase"), http.StatusOK)
	f.page(f.browser().get(f.ShowLink, "/l/"+token, "token", token), http.StatusGone)
	f.page(f.browser().get(f.ShowLink, "/l/rubbish", "token", "rubbish"), http.StatusNotFound)
}

func TestALetterCannotBeAskedForWithoutAnAddress(t *testing.T) {
	f := newForum(t)
	f.page(f.browser().post(f.MailLink, "/signin/link", url.Values{"email": {"no address"}}), http.StatusUnprocessableEntity, "no address")
	f.Kit.Mail = false
	if got := f.browser().get(f.ShowMailLink, "/signin/link"); got.Err == nil {
		t.Error("the page exists on a server without mail")
	}
}

func TestTheFirstAdministratorMakesAnAccount(t *testing.T) {
	f := newForum(t)
	token, _, err := f.Logins.NewLink(t.Context(), signin.LinkForm{Purpose: signin.Administrator})
	f.must(err)
	b := f.browser()
	f.page(b.get(b.ShowLink, "/l/"+token, "token", token), http.StatusOK, `name="passphrase"`, `name="email"`)
	form := url.Values{"asks": {"account"}, "name": {"Ana"}, "email": {"ana@example.org"}, "group": {"research"}, "language": {"es"}, "passphrase": {"short"}}
	f.page(b.post(b.UseLink, "/l/"+token, form, "token", token), http.StatusUnprocessableEntity, `value="Ana"`, `id="passphrase-error"`)
	form.Set("passphrase", passphrase)
	f.want(b.post(b.UseLink, "/l/"+token, form, "token", token), "/admin")
}

func TestAConvenerMakesAnAccountAtAnAdministratorsWord(t *testing.T) {
	f := newForum(t)
	boss := f.account("Amina", "amina@example.org", func(p *people.Person) { p.Administrator = true })
	token, _, err := f.Logins.NewLink(t.Context(), signin.LinkForm{Purpose: signin.Convener, By: boss.ID()})
	f.must(err)
	b := f.browser()
	f.page(b.get(b.ShowLink, "/l/"+token, "token", token), http.StatusOK, `name="email"`)
	form := url.Values{"asks": {"account"}, "name": {""}, "email": {"luis@example.org"}, "group": {"research"}, "language": {"es"}, "passphrase": {passphrase}}
	f.page(b.post(b.UseLink, "/l/"+token, form, "token", token), http.StatusUnprocessableEntity, `id="name-error"`)
	form.Set("name", "Luis")
	f.want(b.post(b.UseLink, "/l/"+token, form, "token", token), "/dialogues/new")
	luis, err := f.People.ByEmail(t.Context(), "luis@example.org")
	f.must(err)
	if !luis.CanConvene() || luis.Administrator {
		t.Errorf("rights are %v and %v, want convener alone", luis.Convener, luis.Administrator)
	}
}

func TestSigningOutEndsTheLogin(t *testing.T) {
	f := newForum(t)
	f.account("Ana", "ana@example.org", nil)
	b := f.browser().signIn("ana@example.org")
	token := b.cookies["__Host-forum_login"].Value
	out := b.post(b.SignOut, "/signout", nil)
	f.want(out, "/")
	if out.Clears != `"cache", "storage"` {
		t.Errorf("the browser is to forget %q", out.Clears)
	}
	if _, err := f.Logins.Who(t.Context(), token); err == nil {
		t.Error("the login still holds")
	}
}

func TestLanguageIsKeptByBrowserAndPerson(t *testing.T) {
	f := newForum(t)
	ana := f.account("Ana", "ana@example.org", nil)
	b := f.browser().signIn("ana@example.org")
	f.want(b.post(b.SetLanguage, "/language", url.Values{"language": {"pt"}, "next": {"/account"}}), "/account")
	p, err := f.People.ByID(t.Context(), ana.ID())
	f.must(err)
	if p.Language != "pt" || b.cookies["__Host-forum_language"].Value != "pt" {
		t.Errorf("language is %q and %q, want pt", p.Language, b.cookies["__Host-forum_language"].Value)
	}
	f.want(b.post(b.SetLanguage, "/language", url.Values{"language": {"xx"}}), "/")
}

func TestDemonstrationAndSheetLinks(t *testing.T) {
	f := newForum(t)
	ana := f.account("Ana", "ana@example.org", func(p *people.Person) { p.Convener = true })
	_, session := f.dialogue(ana)
	demo, _, err := f.Logins.NewLink(t.Context(), signin.LinkForm{Purpose: signin.Demo, Person: ana.ID()})
	f.must(err)
	b := f.browser()
	f.page(b.get(b.ShowLink, "/l/"+demo, "token", demo), http.StatusOK, "Ana")
	f.want(b.post(b.UseLink, "/l/"+demo, nil, "token", demo), "/")
	printed := b.post(b.MakeSheets, "/sessions/x/sheets", url.Values{"many": {"2"}, "role": {"participant"}, "language": {"es"}}, "session", string(session.ID))
	f.page(printed, http.StatusOK, `lang="es"`, "Lugar 2")
	sheet := f.tokenIn(printed.Body)
	phone := f.browser()
	f.page(phone.get(phone.ShowLink, "/l/"+sheet, "token", sheet), http.StatusOK, "Second meeting", `name="name"`)
	guest := url.Values{"asks": {"guest"}, "name": {"Rosa"}, "group": {"iplc"}, "country": {"PE"}}
	for range 2 { // the second time it is the same guest on the same phone
		f.want(phone.post(phone.UseLink, "/l/"+sheet, guest, "token", sheet), "/sessions/"+string(session.ID))
	}
	f.page(f.browser().post(f.UseLink, "/l/"+sheet, guest, "token", sheet), http.StatusGone)
	f.page(b.get(b.Sheets, "/sessions/x/sheets", "session", string(session.ID)), http.StatusOK, "Rosa", "Only observe")
	revoke := url.Values{"unused": {"1"}}
	f.want(b.post(b.RevokeSheets, "/sessions/x/sheets/revoke", revoke, "session", string(session.ID)), "/sessions/"+string(session.ID)+"/sheets")
	f.page(phone.get(phone.Security, "/account/security"), http.StatusOK, "Firefox") // Rosa's sheet was in use: it stays
	f.page(b.post(b.MakeSheets, "/sessions/x/sheets", url.Values{"many": {"1000"}}, "session", string(session.ID)), http.StatusUnprocessableEntity, `value="1000"`)
}

var _ peoplepages.Letters = (*forum)(nil)

func TestAForgottenPassphraseIsSetAnewWithALink(t *testing.T) {
	f := newForum(t)
	admin := f.account("Amina", "amina@example.org", func(p *people.Person) { p.Administrator = true })
	rosa := f.account("Rosa", "rosa@example.org", nil)
	token, _, err := f.Logins.NewLink(t.Context(), signin.LinkForm{Purpose: signin.Recovery, Person: rosa.ID(), By: admin.ID()})
	f.must(err)
	b := f.browser()
	f.page(b.get(b.ShowLink, "/l/x", "token", token), http.StatusOK, "Rosa", "rosa@example.org", `autocomplete="new-password"`)
	form := url.Values{"asks": {"secret"}, "passphrase": {"short"}}
	f.page(b.post(b.UseLink, "/l/x", form, "token", token), http.StatusUnprocessableEntity, `id="passphrase-error"`)
	form.Set("passphrase", "seven boats in the bay")
	f.want(b.post(b.UseLink, "/l/x", form, "token", token), "/account/security")
	f.page(b.get(b.Security, "/account/security"), http.StatusOK, "Amina, who runs this site, made one", "It was used")
	f.page(f.browser().get(f.ShowLink, "/l/x", "token", token), http.StatusGone)
}
