package peoplepages_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/pquerna/otp/totp"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/i18n"
	"github.com/vcm-forum/forum/server/page"
)

// guest joins a session by its code on a phone and says something.
func (f *forum) guest(name string, dialogue record.ID, session dialogues.Session) *browser {
	f.Helper()
	id, _, err := f.Dialogues.JoinSession(f.Context(), dialogues.Call{}, session.Code, dialogues.JoinForm{
		Name: name, Group: people.IPLC, Country: "PE", Language: "en",
	})
	f.must(err)
	started, err := f.Logins.Start(f.Context(), id, "")
	f.must(err)
	b := f.browser()
	b.cookies["__Host-"+page.LoginCookie] = &http.Cookie{Name: "__Host-" + page.LoginCookie, Value: started.Token}
	presence, err := f.Logins.Who(f.Context(), started.Token)
	f.must(err)
	question, err := f.Dialogues.Questions(f.Context(), dialogue)
	f.must(err)
	_, err = f.Dialogues.AddContribution(f.Context(), dialogues.Call{Actor: presence.Actor}, dialogue, dialogues.ContributionForm{
		Question: question[0].ID, Kind: dialogues.Experience, Language: "en", Attribution: dialogues.Named, Body: "We plant trees",
	})
	f.must(err)
	return b
}

// hall is a dialogue with one question, its facilitator and a guest who has spoken.
func (f *forum) hall() (facilitator people.Actor, dialogue record.ID, guest *browser) {
	f.Helper()
	facilitator = f.account("Ana", "ana@example.org", func(p *people.Person) { p.Convener = true })
	dialogue, session := f.dialogue(facilitator)
	_, err := f.Dialogues.AddQuestion(f.Context(), dialogues.Call{Actor: facilitator}, dialogue, dialogues.QuestionForm{Title: "What works?", Answer: dialogues.AnswerOpen})
	f.must(err)
	return facilitator, dialogue, f.guest("Rosa", dialogue, session)
}

func (f *forum) author(dialogue record.ID) dialogues.Said {
	f.Helper()
	seat, err := f.Dialogues.FollowerSeat(f.Context(), dialogue)
	f.must(err)
	said, _, err := f.Dialogues.Contributions(f.Context(), seat, dialogues.SaidFilter{})
	f.must(err)
	return said[0]
}

func TestProfileIsKeptAndANewAddressIsProvenFirst(t *testing.T) {
	f := newForum(t)
	ana := f.account("Ana", "ana@example.org", nil)
	b := f.browser().signIn("ana@example.org")
	form := url.Values{
		"name": {""}, "email": {"new@example.org"}, "group": {"research"}, "country": {"CO"}, "organisation": {"Páramo Vivo"},
		"language": {"es"}, "time_zone": {"America/Bogota"},
	}
	f.page(b.post(b.SaveAccount, "/account", form), http.StatusUnprocessableEntity, `value="new@example.org"`, "Páramo Vivo", `id="name-error"`)
	form.Set("name", "Ana María")
	f.want(b.post(b.SaveAccount, "/account", form), "/account")
	p, err := f.People.ByID(t.Context(), ana.ID())
	f.must(err)
	if p.Name != "Ana María" || p.Country != "CO" || p.Email != "ana@example.org" {
		t.Errorf("profile is %q of %q, %q", p.Name, p.Country, p.Email)
	}
	token := f.tokenIn(f.letters[0].URL)
	f.page(f.browser().get(f.ShowLink, "/l/x", "token", token), http.StatusOK, "/signin?next=")
	f.page(b.get(b.ShowLink, "/l/x", "token", token), http.StatusOK, "new@example.org")
	f.want(b.post(b.UseLink, "/l/x", nil, "token", token), "/account")
	f.page(b.get(b.Account, "/account"), http.StatusOK, "new@example.org", "Páramo Vivo")
	f.broken = true
	form.Set("email", "third@example.org")
	f.page(b.post(b.SaveAccount, "/account", form), http.StatusUnprocessableEntity, "third@example.org", `id="email-error"`)
}

func TestDevicesAreListedAndEnded(t *testing.T) {
	f := newForum(t)
	f.account("Ana", "ana@example.org", nil)
	here, there, third := f.browser().signIn("ana@example.org"), f.browser().signIn("ana@example.org"), f.browser().signIn("ana@example.org")
	got := here.get(here.Security, "/account/security")
	f.page(got, http.StatusOK, "Firefox · Android")
	other := regexp.MustCompile(`name="login" value="([^"]+)"`).FindStringSubmatch(got.Body)
	f.want(here.post(here.EndLogin, "/account/security/end", url.Values{"login": {other[1]}}), "/account/security")
	f.want(here.post(here.EndOtherLogins, "/account/security/end-others", nil), "/account/security")
	for _, b := range []*browser{there, third} {
		if _, err := f.Logins.Who(t.Context(), b.cookies["__Host-forum_login"].Value); err == nil {
			t.Error("another device is still signed in")
		}
	}
	f.page(here.get(here.Security, "/account/security"), http.StatusOK)
}

func TestPassphraseIsChangedWithTheOldOne(t *testing.T) {
	f := newForum(t)
	f.account("Ana", "ana@example.org", nil)
	b := f.browser().signIn("ana@example.org")
	f.page(b.get(b.ShowPassphrase, "/account/passphrase"), http.StatusOK, `name="old"`)
	form := url.Values{"old": {"not the old passphrase"}, "passphrase": {"seven boats in the bay"}}
	got := b.post(b.SetPassphrase, "/account/passphrase", form)
	f.page(got, http.StatusUnprocessableEntity, `id="old-error"`)
	if strings.Contains(got.Body, "seven boats") {
		t.Error("the page repeats the passphrase")
	}
	form.Set("old", passphrase)
	f.want(b.post(b.SetPassphrase, "/account/passphrase", form), "/account/security")
}

func TestSecondFactorIsSwitchedOnAndOff(t *testing.T) {
	f := newForum(t)
	f.account("Ana", "ana@example.org", nil)
	b := f.browser().signIn("ana@example.org")
	got := b.get(b.ShowSecondFactor, "/account/second-factor")
	f.page(got, http.StatusOK, `class="qr"`)
	secret := regexp.MustCompile(`name="secret" value="([^"]+)"`).FindStringSubmatch(got.Body)[1]
	got = b.post(b.SetSecondFactor, "/account/second-factor", url.Values{"secret": {secret}, "code": {"000000"}, "old": {passphrase}})
	f.page(got, http.StatusUnprocessableEntity, secret, `id="code-error"`)
	code, err := totp.GenerateCode(strings.ReplaceAll(secret, " ", ""), f.now())
	f.must(err)
	f.want(b.post(b.SetSecondFactor, "/account/second-factor", url.Values{"secret": {secret}, "code": {code}, "old": {passphrase}}), "/account/security")
	f.page(b.post(b.SetSecondFactor, "/account/second-factor", url.Values{"off": {"1"}, "proof": {"wrong"}}), http.StatusUnprocessableEntity, `id="proof-error"`)
	f.want(b.post(b.SetSecondFactor, "/account/second-factor", url.Values{"off": {"1"}, "proof": {passphrase}}), "/account/security")
}

func TestAGuestMakesAnAccountAndKeepsWhatWasSaid(t *testing.T) {
	f := newForum(t)
	_, dialogue, guest := f.hall()
	asked := guest.post(guest.SignOut, "/signout", nil)
	f.page(asked, http.StatusOK, "Rosa", "/account/claim")
	if asked.Clears != "" {
		t.Error("a guest who may stay loses what was typed")
	}
	f.page(guest.get(guest.Account, "/account"), http.StatusOK, "/account/claim")
	f.page(guest.post(guest.SaveAccount, "/account", url.Values{"name": {"ANA."}, "group": {"iplc"}, "language": {"en"}}), http.StatusUnprocessableEntity, `id="name-error"`, "ANA.")
	f.page(guest.get(guest.ShowClaim, "/account/claim"), http.StatusOK, "1 contribution")
	form := url.Values{"name": {"Rosa Chumpi"}, "email": {"ana@example.org"}, "group": {"iplc"}, "language": {"en"}, "passphrase": {passphrase}}
	f.page(guest.post(guest.Claim, "/account/claim", form), http.StatusUnprocessableEntity, `id="email-error"`)
	form.Set("email", "rosa@example.org")
	f.want(guest.post(guest.Claim, "/account/claim", form), "/account")
	if said := f.author(dialogue); said.Author != "Rosa Chumpi" {
		t.Errorf("author is %q, want Rosa Chumpi", said.Author)
	}
}

func TestAGuestSignsInAndWhatWasSaidJoinsTheAccount(t *testing.T) {
	f := newForum(t)
	_, dialogue, guest := f.hall()
	f.account("Rosa Chumpi", "rosa@example.org", nil)
	f.page(guest.get(guest.ShowSignIn, "/signin"), http.StatusOK, `name="keep" value="1" checked`)
	form := url.Values{"email": {"rosa@example.org"}, "passphrase": {passphrase}, "keep": {"1"}}
	f.want(guest.post(guest.SignIn, "/signin", form), "/")
	if said := f.author(dialogue); said.Author != "Rosa Chumpi" {
		t.Errorf("author is %q, want Rosa Chumpi", said.Author)
	}
	if _, left := guest.cookies["__Host-forum_guest"]; left {
		t.Error("the guest's cookie is still there")
	}
}

// deeds lets a guest do what leaves something of theirs: new words, words for
// the group, a support, a hand, a session joined.
func (f *forum) deeds(guest *browser, dialogue record.ID) record.ID {
	f.Helper()
	presence, err := f.Logins.Who(f.Context(), guest.cookies["__Host-"+page.LoginCookie].Value)
	f.must(err)
	by, said := dialogues.Call{Actor: presence.Actor}, f.author(dialogue)
	_, err = f.Dialogues.ReviseContribution(f.Context(), by, dialogue, said.ID, 1, "We plant mangroves")
	f.must(err)
	_, err = f.Dialogues.Support(f.Context(), by, dialogue, said.ID, true)
	f.must(err)
	_, err = f.Dialogues.AddContribution(f.Context(), by, dialogue, dialogues.ContributionForm{
		Question: said.QuestionID, Kind: dialogues.Risk, Language: "en", Attribution: dialogues.GroupOnly, Body: "Officials ask for money",
	})
	f.must(err)
	ana, err := f.People.ByEmail(f.Context(), "ana@example.org")
	f.must(err)
	sessions, err := f.Dialogues.Sessions(f.Context(), dialogue)
	f.must(err)
	_, err = f.Dialogues.OpenSession(f.Context(), dialogues.Call{Actor: people.Actor{Person: ana}}, dialogue, sessions[0].ID)
	f.must(err)
	_, err = f.Dialogues.RaiseHand(f.Context(), by, dialogue, sessions[0].ID)
	f.must(err)
	return sessions[0].ID
}

func TestEverythingOfOnesOwnCanBeTakenAwayAndErased(t *testing.T) {
	f := newForum(t)
	_, dialogue, guest := f.hall()
	f.page(guest.get(guest.Data, "/account/data"), http.StatusOK, "1 contribution", "1 dialogue", "1 device")
	var own struct {
		Profile       struct{ Name string }
		Contributions []struct {
			Text     string
			Versions []struct{ Text, Salt, Digest string }
		}
		Dialogues   []struct{ Title string }
		Supports    []struct{ Contribution record.ID }
		Hands       []struct{ State string }
		Attendances []struct{ Session record.ID }
	}
	session := f.deeds(guest, dialogue)
	f.must(json.Unmarshal([]byte(guest.get(guest.DataJSON, "/account/data.json").Body), &own))
	first := own.Contributions[0].Versions[0]
	if own.Contributions[0].Text != "We plant mangroves" || first.Text != "We plant trees" || record.Digest(first.Salt, first.Text) != first.Digest {
		t.Errorf("words are %+v", own.Contributions)
	}
	if len(own.Supports) != 1 || len(own.Hands) != 1 || own.Hands[0].State != "waiting" || len(own.Attendances) != 1 || own.Attendances[0].Session != session {
		t.Errorf("deeds are %+v, %+v, %+v", own.Supports, own.Hands, own.Attendances)
	}
	if own.Profile.Name != "Rosa" || own.Dialogues[0].Title != "Andes" {
		t.Errorf("data are %+v", own)
	}
	f.page(guest.get(guest.ShowErase, "/account/erase"), http.StatusOK, "1 contribution loses", "1 contribution that is shown with your group only", "/account/words?only=group")
	f.page(guest.get(guest.Words, "/account/words?only=group"), http.StatusOK, "1 contribution shown without your name", "Officials ask for money", "/withdraw")
	f.page(guest.get(guest.Words, "/account/words"), http.StatusOK, "2 contributions", "We plant mangroves", "Andes")
	f.want(guest.post(guest.Erase, "/account/erase", nil), "/")
	seat, err := f.Dialogues.FollowerSeat(f.Context(), dialogue)
	f.must(err)
	left, _, err := f.Dialogues.Contributions(f.Context(), seat, dialogues.SaidFilter{Order: dialogues.Oldest})
	f.must(err)
	if left[1].Body != "Officials ask for money" {
		t.Errorf("what was said for the group is %q", left[1].Body)
	}
	said := left[0]
	if said.Body != "" || said.State != dialogues.Erased || said.Author != "" {
		t.Errorf("what is left is %q of %q, %s", said.Body, said.Author, said.State)
	}
}

func TestAnAccountIsErasedWithItsPassphraseAlone(t *testing.T) {
	f := newForum(t)
	ana := f.account("Ana", "ana@example.org", func(p *people.Person) { p.Administrator = true })
	b := f.browser().signIn("ana@example.org")
	f.page(b.post(b.Erase, "/account/erase", url.Values{"passphrase": {"something else entirely"}}), http.StatusUnprocessableEntity, `id="passphrase-error"`)
	form := url.Values{"passphrase": {passphrase}}
	if got := b.post(b.Erase, "/account/erase", form); got.Err == nil {
		t.Error("the last administrator could leave")
	}
	f.account("Luis", "luis@example.org", func(p *people.Person) { p.Administrator = true })
	f.want(b.post(b.Erase, "/account/erase", form), "/")
	p, err := f.People.ByID(t.Context(), ana.ID())
	f.must(err)
	if p.ErasedAt == nil || p.Name != "" || p.Email != "" {
		t.Errorf("what is left is %q, %q", p.Name, p.Email)
	}
}

func TestPrivacyIsSaidInEveryLanguage(t *testing.T) {
	f := newForum(t)
	for _, language := range i18n.Languages() {
		f.page(f.browser().get(func(r *page.Request) error {
			r.P = f.Kit.Catalogs.Printer(language)
			return f.Privacy(r)
		}, "/privacy"), http.StatusOK)
	}
}
