package peoplepages_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/record"
)

func (f *forum) roles(dialogue record.ID) map[string]dialogues.Role {
	f.Helper()
	members, err := f.Dialogues.Members(f.Context(), dialogue)
	f.must(err)
	roles := map[string]dialogues.Role{}
	for _, m := range members {
		roles[m.Name] = m.Role
	}
	return roles
}

func TestMembersAreListedFilteredAndChanged(t *testing.T) {
	f := newForum(t)
	ana, dialogue, _ := f.hall()
	b, id, path := f.browser().signIn("ana@example.org"), string(dialogue), "/dialogues/"+string(dialogue)+"/people"
	got := b.get(b.Members, path, "dialogue", id)
	f.page(got, http.StatusOK, "Ana", "Rosa")
	rosa := regexp.MustCompile(`name="person" value="([^"]+)">\s*<label[^>]*>[^<]*Rosa`).FindStringSubmatch(got.Body)
	filtered := b.get(b.Members, path+"?q=ros&role=participant", "dialogue", id)
	f.page(filtered, http.StatusOK, "Rosa")
	if strings.Contains(main(filtered.Body), ">Ana") {
		t.Error("the filter shows Ana")
	}
	f.page(b.get(b.Members, path+"?q=nobody", "dialogue", id), http.StatusOK, path)
	f.want(b.post(b.ChangeMember, path, url.Values{"person": {rosa[1]}, "role": {"observer"}}, "dialogue", id), path)
	if role := f.roles(dialogue)["Rosa"]; role != dialogues.Observer {
		t.Errorf("role is %q, want observer", role)
	}
	f.want(b.post(b.ChangeMember, path, url.Values{"person": {rosa[1]}, "remove": {"1"}}, "dialogue", id), path)
	f.page(b.post(b.ChangeMember, path, url.Values{"person": {string(ana.ID())}, "remove": {"1"}}, "dialogue", id), http.StatusConflict, `role="alert"`)
	table := b.get(b.MembersCSV, path+".csv", "dialogue", id).Body
	if !strings.Contains(table, `"Ana","facilitator","research","KE","account","2026-11-20`) || strings.Contains(table, "Rosa") {
		t.Errorf("table is %s", table)
	}
}

func TestAnInvitationByMailIsForItsAddressAlone(t *testing.T) {
	f := newForum(t)
	_, dialogue, _ := f.hall()
	b, id, path := f.browser().signIn("ana@example.org"), string(dialogue), "/dialogues/"+string(dialogue)+"/people"
	f.page(b.post(b.Invite, path, url.Values{"role": {"rapporteur"}, "email": {"no address"}}, "dialogue", id), http.StatusUnprocessableEntity, "no address", `id="email-error"`)
	f.want(b.post(b.Invite, path, url.Values{"role": {"rapporteur"}, "email": {"Luis@example.org"}}, "dialogue", id), path)
	letter := f.letters[0]
	if letter.To != "luis@example.org" || letter.From != "Ana" || letter.Dialogue != "Andes" {
		t.Errorf("letter is %+v", letter)
	}
	f.page(b.get(b.Members, path, "dialogue", id), http.StatusOK, "luis@example.org")
	token, luis := f.tokenIn(letter.URL), f.browser()
	f.page(luis.get(luis.ShowLink, "/l/x", "token", token), http.StatusOK, "Andes", "luis@example.org")
	form := url.Values{"asks": {"account"}, "name": {"Luis"}, "email": {"eve@example.org"}, "group": {"civil_society"}, "language": {"en"}, "passphrase": {passphrase}}
	f.want(luis.post(luis.UseLink, "/l/x", form, "token", token), "/dialogues/"+id)
	if role := f.roles(dialogue)["Luis"]; role != dialogues.Rapporteur {
		t.Errorf("role is %q, want rapporteur", role)
	}
	if _, err := f.People.ByEmail(t.Context(), "luis@example.org"); err != nil {
		t.Errorf("account of the invited address: %v", err)
	}
}

func TestAnInvitationIsHandedOverAndTakenBack(t *testing.T) {
	f := newForum(t)
	_, dialogue, _ := f.hall()
	f.account("Luis", "luis@example.org", nil)
	b, id, path := f.browser().signIn("ana@example.org"), string(dialogue), "/dialogues/"+string(dialogue)+"/people"
	first := b.post(b.Invite, path, url.Values{"role": {"participant"}, "note": {"Luis of the river"}}, "dialogue", id)
	f.page(first, http.StatusOK, `class="qr"`, "For Luis of the river.", `<b dir="auto">Luis of the river</b>`)
	luis := f.browser().signIn("luis@example.org")
	token := f.tokenIn(first.Body)
	shown := luis.get(luis.ShowLink, "/l/x", "token", token)
	f.page(shown, http.StatusOK, "Luis")
	if strings.Contains(shown.Body, "river") {
		t.Error("whoever is invited reads the facilitator's note")
	}
	f.want(luis.post(luis.UseLink, "/l/x", nil, "token", token), "/dialogues/"+id)
	second := b.post(b.Invite, path, url.Values{"role": {"participant"}}, "dialogue", id)
	link := regexp.MustCompile(`/invitations/([^/"]+)/revoke`).FindStringSubmatch(second.Body)[1]
	f.want(b.post(b.RevokeInvite, path, nil, "dialogue", id, "link", link), path)
	f.page(f.browser().get(f.ShowLink, "/l/x", "token", f.tokenIn(second.Body)), http.StatusGone)
}

func TestAnInvitationThatCannotBeMailedIsTakenBack(t *testing.T) {
	f := newForum(t)
	_, dialogue, _ := f.hall()
	f.broken = true
	b, id := f.browser().signIn("ana@example.org"), string(dialogue)
	got := b.post(b.Invite, "/dialogues/x/invitations", url.Values{"role": {"participant"}, "email": {"luis@example.org"}}, "dialogue", id)
	f.page(got, http.StatusUnprocessableEntity, "luis@example.org", `id="email-error"`)
	if strings.Contains(got.Body, "/revoke") {
		t.Error("the invitation still waits")
	}
}
