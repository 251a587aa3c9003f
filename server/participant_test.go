package server_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

var chipLink = regexp.MustCompile(`<a class="chip" href="([^"]*)">([^<]*)<`)

// chips are the filters that a page shows as set, with where taking one away leads.
func chips(page string) map[string]string {
	found := map[string]string{}
	for _, m := range chipLink.FindAllStringSubmatch(page, -1) {
		found[html.UnescapeString(m[2])] = html.UnescapeString(m[1])
	}
	return found
}

// Whoever follows a link to a narrowed list sees by what it is narrowed, with
// the number of results, and can take each filter away.
func TestFiltersThatCameByALinkShow(t *testing.T) {
	a := newArena(t, databasetest.SQLite(t))
	a.speak(t, 2)
	dialogue, question, session := "/dialogues/"+string(a.dialogue), string(a.question), string(a.session.ID)
	for path, want := range map[string]map[string]string{
		"/dialogues": {},
		"/dialogues?country=KE&kind=regional&page=1": {
			"Country: Kenya": "/dialogues?kind=regional", "Kind: Regional dialogue": "/dialogues?country=KE",
		},
		"/dialogues?country=nowhere": {},
		dialogue:                     {},
		dialogue + "?group=civil_society&language=en": {
			"Stakeholder group: Civil society": dialogue + "?language=en#said", "Language: English": dialogue + "?group=civil_society#said",
		},
		dialogue + "?kind=experience&question=" + question + "&session=" + session: {
			"Kind: Experience":                 dialogue + "?question=" + question + "&session=" + session + "#said",
			"Question: 1 What holds you back?": dialogue + "?kind=experience&session=" + session + "#said",
			"Session: First session":           dialogue + "?kind=experience&question=" + question + "#said",
		},
	} {
		page := a.pageOf(t, a.member, path)
		got := chips(page)
		if len(got) != len(want) {
			t.Errorf("%s shows %d filters, want %d: %v", path, len(got), len(want), got)
		}
		for text, link := range want {
			if got[text] != link {
				t.Errorf("%s: %q leads to %q, want %q", path, text, got[text], link)
			}
		}
		if !strings.Contains(page, `<strong role="status">`) {
			t.Errorf("%s does not say how many there are", path)
		}
	}
}

var timeText = regexp.MustCompile(`<time[^>]*><a[^>]*>(.*?)</a></time>`)

// During a session the time of day matters, for replies too; its zone stands
// once. What belongs to no session has a date.
func TestWhatIsSaidInASessionCarriesTheTimeOfDay(t *testing.T) {
	a := newArena(t, databasetest.SQLite(t))
	by, ctx := dialogues.Call{Actor: a.speakers[0]}, t.Context()
	say := func(form dialogues.ContributionForm) record.ID {
		form.Kind, form.Language, form.Attribution = dialogues.Risk, "en", dialogues.Named
		receipt, err := a.dialogues.AddContribution(ctx, by, a.dialogue, form)
		if err != nil {
			t.Fatal(err)
		}
		return receipt.ID
	}
	during := say(dialogues.ContributionForm{Question: a.question, Session: a.session.ID, Body: "said in the room"})
	say(dialogues.ContributionForm{Parent: during, Body: "a reply"})
	outside := say(dialogues.ContributionForm{Question: a.question, Body: "said in writing"})
	clock := regexp.MustCompile(`\d\d:\d\d`)
	for id, want := range map[record.ID]int{during: 2, outside: 0} {
		page, with := a.pageOf(t, a.member, "/contributions/"+string(id)), 0
		for _, m := range timeText.FindAllStringSubmatch(page, -1) {
			if clock.MatchString(m[1]) {
				with++
			}
		}
		if with != want {
			t.Errorf("%d times of day, want %d", with, want)
		}
		if got := strings.Count(page, ">Nairobi time<"); got != min(want, 1) {
			t.Errorf("the zone stands %d times, want %d", got, min(want, 1))
		}
	}
}

// An empty forum says how to begin: with a code, by signing in, or by the first dialogue.
func TestAnEmptyForumSaysHowToBegin(t *testing.T) {
	f := start(t, databasetest.SQLite(t))
	for name, c := range map[string]struct {
		who  people.Actor
		want string
	}{
		"a visitor":  {people.Actor{}, `<a class="button" href="/signin"`},
		"a convener": {f.person("convener", func(p *people.Person) { p.Convener = true }), `<a class="button" href="/dialogues/new"`},
	} {
		got := f.as(c.who).get("/")
		if got.Status != http.StatusOK || !strings.Contains(got.Body, c.want) || !strings.Contains(got.Body, `action="/join"`) {
			t.Errorf("%s: %d, does not say how to begin with %s", name, got.Status, c.want)
		}
		if strings.Contains(got.Body, `class="map"`) {
			t.Errorf("%s is shown an empty map", name)
		}
	}
}

// A refused form comes back in a page that can be loaded again in another
// language: the address that answers a form cannot.
func TestARefusedFormCanChangeItsLanguage(t *testing.T) {
	w := build(start(t, databasetest.SQLite(t)))
	o, b := w.objects["public"], w.as(w.persons["participant"])
	for _, action := range []string{"/dialogues/" + string(o.dialogue) + "/contributions", "/contributions/" + string(o.contribution) + "/reply"} {
		refused := b.post(action, nil)
		m := regexp.MustCompile(`name="next" value="([^"]+)"`).FindStringSubmatch(refused.Body)
		if refused.Status != http.StatusUnprocessableEntity || m == nil {
			t.Fatalf("%s: %d, want a refusal with a choice of language", action, refused.Status)
		}
		if got := b.get(html.UnescapeString(m[1])); got.Status != http.StatusOK || !strings.Contains(got.Body, `action="`+action+`"`) {
			t.Errorf("%s: the way back %s answers %d", action, m[1], got.Status)
		}
	}
}

// A script tells its reader at once; nothing is left to be said on a later page.
func TestAnAnswerInJSONLeavesNothingForTheNextPage(t *testing.T) {
	w := build(start(t, databasetest.SQLite(t)))
	o, b := w.objects["public"], w.as(w.persons["participant"])
	fields := url.Values{
		"question": {string(o.question)}, "kind": {"risk"}, "language": {"en"}, "attribution": {"named"}, "body": {"by a script"}, "csrf": {b.csrf()},
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.web.URL+"/dialogues/"+string(o.dialogue)+"/contributions", strings.NewReader(fields.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	if got := b.do(req); got.Status != http.StatusOK || !strings.Contains(got.Body, `"seq"`) {
		t.Fatalf("%d %s, want a receipt", got.Status, got.Body)
	}
	if strings.Contains(b.get("/").Body, "data-done") {
		t.Error("the next page says what the script has said already")
	}
}
