package server_test

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// What a dialogue's page keeps for everyone never goes stale and never shows one
// reader what is another's.
func TestADialoguesPageIsFreshAndEverybodysOwn(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		a := newArena(t, db)
		a.speak(t, 3)
		path := "/dialogues/" + string(a.dialogue)
		author, ctx := dialogues.Call{Actor: a.speakers[len(a.speakers)-1]}, t.Context() // a.member is their login
		must := func(receipt record.Receipt, err error) string {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			return string(receipt.ID)
		}
		see := func(token, what string, want bool, why string) {
			t.Helper()
			for range 2 { // read, and read from what was kept
				if got := strings.Contains(a.pageOf(t, token, path), what); got != want {
					t.Errorf("%s: found %q = %v, want %v", why, what, got, want)
				}
			}
		}
		see("", "registered in secret", false, "before it is said")
		form := dialogues.ContributionForm{
			Question: a.question, Kind: dialogues.Experience, Language: "en", Attribution: dialogues.GroupOnly, Body: "registered in secret",
		}
		said := must(a.dialogues.AddContribution(ctx, author, a.dialogue, form))
		edit := `href="/contributions/` + said + `#edit"`
		see("", "registered in secret", true, "a visitor, once it is said")
		see(a.member, edit, true, "the author may edit")
		see(a.token, edit, false, "the facilitator may not edit it")
		see("", edit, false, "a visitor may not edit it")
		supported := `formaction="/contributions/` + said + `/support" name="give" value="0"`
		must(a.dialogues.Support(ctx, dialogues.Call{Actor: a.lead}, a.dialogue, record.ID(said), true))
		see(a.token, supported, true, "who supports it sees that")
		see(a.member, supported, false, "who does not, does not")
		must(a.dialogues.Moderate(ctx, dialogues.Call{Actor: a.lead}, a.dialogue, record.ID(said), true))
		see("", "registered in secret", false, "a visitor, once it is hidden")
		see(a.token, "registered in secret", true, "the facilitator still reads it")
		see(a.member, "registered in secret", true, "so does the author")
		must(a.dialogues.Moderate(ctx, dialogues.Call{Actor: a.lead}, a.dialogue, record.ID(said), false))
		must(a.dialogues.WithdrawContribution(ctx, author, a.dialogue, record.ID(said)))
		see(a.token, "registered in secret", false, "nobody, once it is withdrawn")
		must(a.dialogues.AddQuestion(ctx, dialogues.Call{Actor: a.lead}, a.dialogue, dialogues.QuestionForm{Title: "A late question?", Answer: dialogues.AnswerOpen}))
		see("", "A late question?", true, "a question that was added")
	})
}

// pageOf loads a page as whoever holds the login; "" is a visitor.
func (a *arena) pageOf(t *testing.T, token, path string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.web.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.AddCookie(&http.Cookie{Name: "forum_login", Value: token})
	}
	res, err := a.web.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s, %v", path, res.Status, err)
	}
	return string(page)
}

// Every visitor is sent the same page with a token of their own, which works for
// them alone, and each form with a key of its own.
func TestAStandingPageHasEverybodysOwnTokens(t *testing.T) {
	w := build(start(t, databasetest.SQLite(t)))
	path := "/dialogues/" + string(w.objects["public"].dialogue)
	lead := w.as(w.persons["facilitator"])
	lead.get(path) // now it stands
	first, again := lead.get(path).Body, lead.get(path).Body
	for field, pattern := range map[string]*regexp.Regexp{"csrf": tokenField, "key": regexp.MustCompile(`name="key" value="([^"]+)"`)} {
		a, b := pattern.FindAllStringSubmatch(first, -1), pattern.FindAllStringSubmatch(again, -1)
		if len(a) < 2 || len(a) != len(b) || a[0][1] == b[0][1] {
			t.Errorf("%s: %d and %d, the first ones %q and %q", field, len(a), len(b), a[0][1], b[0][1])
		}
	}
	visitor, other := w.as(people.Actor{}), w.as(people.Actor{})
	other.csrf()
	token := tokenField.FindStringSubmatch(visitor.get(path).Body)[1]
	for name, tc := range map[string]struct {
		b    *browser
		want int
	}{"the visitor's own": {visitor, http.StatusSeeOther}, "another visitor's": {other, http.StatusForbidden}} {
		tc.b.token = token
		if got := tc.b.post("/language", url.Values{"language": {"es"}, "next": {path}}); got.Status != tc.want {
			t.Errorf("%s token: %d, want %d", name, got.Status, tc.want)
		}
	}
}
