package server_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/access"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// idle lets a quarter of an hour go by in which nobody comes near.
func (w *consulted) idle() { w.wait(16 * time.Minute) }

// hiddenField is what the door keeps of a form.
var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

// shut holds that a request is answered by the door, which shows nothing.
func shut(t *testing.T, what string, got answer) {
	t.Helper()
	if got.Status != http.StatusUnauthorized || !strings.Contains(got.Body, `name="proof"`) {
		t.Errorf("%s: %d %s, want to be asked for a proof", what, got.Status, got.Location)
	}
	if strings.Contains(got.Body, canary) {
		t.Errorf("%s: the door shows something of the record", what)
	}
}

// through sends the door's own form with a proof.
func (b *browser) through(door answer, proof string) answer {
	b.f.t.Helper()
	_, form, _ := strings.Cut(door.Body, `<main`)
	action := regexp.MustCompile(`action="([^"]+)"`).FindStringSubmatch(form)
	if action == nil {
		b.f.t.Fatalf("no form: %d %s", door.Status, mainOf(door.Body))
	}
	fields := url.Values{"proof": {proof}}
	form, _, _ = strings.Cut(form, "</form>")
	for _, m := range hiddenField.FindAllStringSubmatch(form, -1) {
		fields.Add(m[1], html.UnescapeString(m[2]))
	}
	return b.post(html.UnescapeString(action[1]), fields)
}

// A phone that lay about is no way into a community's record, whatever else of the
// forum was looked at meanwhile; it is one back in for whoever shows who they are.
func TestTheDoorOfACommunityShuts(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := consult(t, db).propose().today()
		hilda, home := w.keyed("Hilda"), w.at("")
		shows(t, hilda.get(home).Body, canary)
		w.wait(14 * time.Minute)
		shows(t, hilda.get(home).Body, canary)
		for range 3 { // what is done elsewhere does not hold the door open
			w.wait(6 * time.Minute)
			if got := hilda.get("/dialogues"); got.Status != http.StatusOK {
				t.Errorf("elsewhere: %d", got.Status)
			}
			w.signin.Wait()
		}
		for _, path := range []string{"/communities", home, w.talk(""), w.talk("/stop"), w.at("/mandates"), w.at("/reads.csv")} {
			shut(t, path, hilda.get(path))
		}
		door := hilda.get(w.talk(""))
		if got := hilda.through(door, "three goats in a valley"); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "This is not right") {
			t.Errorf("with a wrong passphrase: %d", got.Status)
		}
		shut(t, "after a wrong passphrase", hilda.get(home))
		got := hilda.through(door, hallPassphrase)
		if got.Status != http.StatusSeeOther || got.Location != w.talk("") {
			t.Errorf("with the passphrase: %d %s", got.Status, got.Location)
		}
		shows(t, hilda.get(w.talk("")).Body, canary+" proposal")
		shows(t, hilda.get("/communities").Body, canary)
	})
}

// What one login has shown says nothing for another one, and nobody makes it up.
func TestTheDoorKnowsEachLogin(t *testing.T) {
	w := consult(t, databasetest.SQLite(t)).today()
	hilda, other := w.keyed("Hilda"), w.as(w.persons["Hilda"])
	w.idle()
	shut(t, "home", other.get(w.at("")))
	hilda.through(hilda.get(w.at("")), hallPassphrase)
	at, _ := url.Parse(w.web.URL)
	for _, cookie := range hilda.Jar.Cookies(at) {
		if cookie.Name == "forum_near" {
			other.Jar.SetCookies(at, []*http.Cookie{{Name: "forum_near", Value: cookie.Value, Path: "/"}})
			shut(t, "with another login's", other.get(w.at("")))
			_, mark, _ := strings.Cut(cookie.Value, ".")
			hilda.Jar.SetCookies(at, []*http.Cookie{{Name: "forum_near", Value: "9999999999." + mark, Path: "/"}})
		}
	}
	shut(t, "made up", hilda.get(w.at("")))
}

// Every route about a community, in every role, shows an idle login nothing and does
// nothing for it but to stop. What a form held waits on the page that asks.
func TestWalkOfTheDoor(t *testing.T) {
	w := walked(t, databasetest.SQLite(t))
	for role, actor := range w.callers() {
		if _, err := w.talks.SeatOf(t.Context(), actor, w.community); err != nil {
			continue
		}
		b := w.as(actor)
		b.csrf()
		w.idle()
		before := w.of("Hilda").Community.Latest
		for _, e := range append(w.about(), access.Entry{Name: "GET /communities"}) {
			method, path, _ := strings.Cut(e.Name, " ")
			path = w.fill(path)
			var got answer
			if method == http.MethodGet {
				got = b.get(path)
			} else {
				got = b.post(path, url.Values{"note": {"words that <wait>"}, "type": {"nothing"}, "look": {"1"}})
			}
			if strings.Contains(got.Body, canary) || got.Status != http.StatusUnauthorized {
				t.Errorf("%s as %s: %d %s", e.Name, role, got.Status, got.Location)
			}
			if method == http.MethodPost && !strings.Contains(got.Body, "words that &lt;wait&gt;") {
				t.Errorf("%s as %s: what was typed is lost", e.Name, role)
			}
		}
		if after := w.of("Hilda").Community.Latest; !after.Equal(before) {
			t.Errorf("%s: something was recorded", role)
		}
	}
}

// A form that is sent after a quarter of an hour keeps what was typed, asks, and goes on.
func TestTheDoorKeepsWhatWasTyped(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := consult(t, db).propose().tell().deliberate().today()
		hilda := w.keyed("Hilda")
		w.idle()
		form := url.Values{
			"kind": {string(consultations.InternalOnly)}, "held": {w.of("Hilda").At.Format("2006-01-02")}, "notes": {"We met \"below\"\nthe <tree>."}, "key": {"once"}, "version": {"1"},
		}
		door := hilda.post(w.talk("/sessions"), form)
		shut(t, "a form", door)
		if n := len(w.record().Sessions); n != 1 {
			t.Fatalf("%d meetings, want the one from before", n)
		}
		again := hilda.through(door, "three goats in a valley")
		if again.Status != http.StatusUnprocessableEntity {
			t.Errorf("with a wrong passphrase: %d", again.Status)
		}
		if got := hilda.through(again, hallPassphrase); got.Status != http.StatusSeeOther {
			t.Fatalf("with the passphrase: %d %s", got.Status, mainOf(got.Body))
		}
		shows(t, hilda.get(w.talk("/sessions")).Body, "We met &#34;below&#34;\nthe &lt;tree&gt;.")
	})
}

// A script is told the same: that a proof is asked for, or what is wrong with the one
// that came; with a right one, what was kept on a phone is delivered at once.
func TestTheDoorAnswersScripts(t *testing.T) {
	w := consult(t, databasetest.SQLite(t)).propose().tell().deliberate()
	draft := w.talk("/drafts/" + string(w.draft(consultations.NotNow, w.aspects[0])) + "/confirm")
	w.today()
	hilda := w.keyed("Hilda")
	form := url.Values{"digest": {string(w.record().Drafts[0].Digest)}, "csrf": {hilda.csrf()}}
	w.idle()
	for _, c := range []struct {
		proof string
		want  int
	}{{"", http.StatusUnauthorized}, {"three goats in a valley", http.StatusUnprocessableEntity}, {hallPassphrase, http.StatusOK}} {
		form.Set("proof", c.proof)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.web.URL+draft, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Accept", "application/json")
		got := hilda.do(req)
		if got.Status != c.want || !strings.HasPrefix(got.Header.Get("Content-Type"), "application/json") {
			t.Errorf("%q: %d %s", c.proof, got.Status, got.Body)
		}
		if wrong := strings.Contains(got.Body, `"proof":"This is not right`); wrong != (c.want == http.StatusUnprocessableEntity) {
			t.Errorf("%q: %s", c.proof, got.Body)
		}
	}
}

// A withdrawal never waits at the door: not from a page that lay open, nor by the
// page to stop, which offers it beside the question. It is shown nothing.
func TestTakingBackDoesNotWaitAtTheDoor(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := decided(t, db)
		hana := w.as(w.persons["Hana"]) // she has nothing to show
		hana.csrf()
		w.idle()
		got := hana.post(w.talk("/stop"), url.Values{"type": {"suspend"}})
		if got.Status != http.StatusSeeOther {
			t.Fatalf("to pause: %d %s", got.Status, mainOf(got.Body))
		}
		door := hana.get(w.talk("/stop"))
		if door.Status != http.StatusUnauthorized || strings.Contains(door.Body, canary) {
			t.Errorf("the page to stop: %d", door.Status)
		}
		shows(t, door.Body, `action="`+w.talk("/stop")+`"`, `name="type" value="withdraw"`, "Sign in again")
		w.sent(hana, w.talk("/stop"), url.Values{"type": {"withdraw"}})
		shows(t, w.as(w.persons["Hilda"]).get(w.talk("")).Body, "We have taken our yes back.")
		if refused := hana.post(w.talk("/stop"), url.Values{"type": {"withdraw"}, "statement": {canary}}); refused.Status != http.StatusUnauthorized {
			t.Errorf("what is not possible: %d, want the door", refused.Status)
		}
	})
}

// decisive are the steps that speak for the community: each asks for a proof in the
// very request, at the door and behind it.
func (w *consulted) decisive() map[string]url.Values {
	x := w.record()
	return map[string]url.Values{
		w.talk("/drafts/" + string(x.Drafts[len(x.Drafts)-1].ID) + "/confirm"): {"digest": {string(x.Drafts[len(x.Drafts)-1].Digest)}},
		w.talk("/release"): {"parts": {"status"}, "to": {"public"}, "purpose": {"to show"}},
		w.talk("/decisions/" + string(x.Decisions[0].ID) + "/void"):   {"reason": {"a mistake"}},
		w.talk("/conditions/" + string(x.Conditions[0].ID)):           {"status": {"waived_by_community"}},
		w.talk("/contest/" + string(x.Contests[0].ID)):                {"stands": {string(x.Decisions[0].ID)}},
		w.at("/mandates/" + string(w.mandates["Horst"]) + "/rule"):    {"stands": {"no"}},
		w.at("/mandates/" + string(w.mandates["Horst"]) + "/account"): {"email": {w.persons["Nadia"].Person.Email}},
		w.at("/mandates/" + string(w.mandates["Horst"]) + "/end"):     {},
	}
}

// disputed is a decided consultation in which a part and a mandate are contested.
func disputed(t *testing.T, db *database.DB) *consulted {
	t.Helper()
	w := decided(t, db)
	w.did(w.talks.Dispute(t.Context(), w.by("Hana"), w.community, w.consultation, []record.ID{w.aspects[2]}, w.assembly, "We were not asked."))
	w.did(w.talks.Contest(t.Context(), w.by("Mira"), w.community, w.mandates["Horst"], "He was not there."))
	return w
}

func TestWhatSpeaksForTheCommunityAsksEachTime(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := disputed(t, db)
		hilda := w.keyed("Hilda")
		for path, form := range w.decisive() {
			before := w.of("Hilda").Community.Size
			door := hilda.post(path, form)
			confirms := strings.HasSuffix(path, "/confirm") // its page has the field
			if (door.Status != http.StatusUnauthorized && !confirms) || (confirms && door.Status != http.StatusUnprocessableEntity) {
				t.Errorf("%s: %d, want to be asked for a proof", path, door.Status)
			}
			if after := w.of("Hilda").Community.Size; after != before && !confirms { // it has read the page
				t.Errorf("%s: it was recorded", path)
			}
			if confirms {
				continue
			}
			if got := hilda.through(door, hallPassphrase); got.Status != http.StatusSeeOther {
				t.Errorf("%s with a proof: %d %s", path, got.Status, mainOf(got.Body))
			}
		}
	})
}

// A holder who has neither passphrase nor second factor is told so, led to where one
// is set, and confirms with it.
func TestAHolderWithoutAPassphraseSetsOneFirst(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := consult(t, db).propose().tell().deliberate()
		draft := w.talk("/drafts/" + string(w.draft(consultations.NotNow, w.aspects[0])))
		w.today()
		hilda := w.as(w.persons["Hilda"])
		shows(t, hilda.get(draft).Body, "Your account has neither a passphrase nor a second step yet", `href="/account/passphrase"`)
		form := url.Values{"digest": {hilda.words(draft)}}
		door := hilda.post(draft+"/confirm", form)
		shut(t, "confirm", door)
		shows(t, door.Body, "Your account has neither a passphrase nor a second step yet", `href="/account/passphrase"`)
		w.sent(hilda, "/account/passphrase", url.Values{"passphrase": {hallPassphrase}})
		if got := hilda.through(door, hallPassphrase); got.Status != http.StatusSeeOther {
			t.Fatalf("with the new passphrase: %d %s", got.Status, mainOf(got.Body))
		}
		if got := w.record().Drafts[0].Confirmed; len(got) != 1 {
			t.Errorf("%d confirmations, want one", len(got))
		}
	})
}

// anew is somebody's browser after an administrator has made a link for a new
// passphrase, and whoever made it has used it.
func (w *consulted) anew(name string) *browser {
	w.t.Helper()
	admin := w.as(w.persons["Admin"])
	link := regexp.MustCompile(`/l/[A-Za-z0-9_-]+`).FindString(admin.post("/admin/people/"+string(w.persons[name].ID())+"/passphrase", nil).Body)
	b := w.as(people.Actor{})
	w.sent(b, link, url.Values{"asks": {"1"}, "passphrase": {operators}, "again": {operators}})
	b.token, b.signedIn = "", true
	return b
}

// operators is a passphrase that an administrator has set for somebody.
const operators = "correct horse battery operator"

// Whoever runs the server makes links for two holders, and decides nothing for the
// community: a new passphrase waits as long as a new holder, and the others see it.
// What protects the community waits for nothing.
func TestWhoRunsTheServerDecidesNothing(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := disputed(t, db)
		yes := w.talk("/drafts/" + string(w.draft(consultations.Consent, w.aspects[1])) + "/confirm")
		hilda, hana := w.anew("Hilda"), w.anew("Hana")
		for _, b := range []*browser{hilda, hana} {
			w.refused(b, yes, url.Values{"digest": {b.words(strings.TrimSuffix(yes, "/confirm"))}, "proof": {operators}},
				http.StatusUnprocessableEntity, "Nothing that decides is taken from it until")
		}
		before := w.of("Hilda").Community.Size
		for path, form := range w.decisive() {
			form.Set("proof", operators)
			if strings.HasSuffix(path, "/confirm") {
				continue
			}
			got := hilda.post(path, form)
			if got.Status != http.StatusForbidden || !strings.Contains(got.Body, "Nothing that decides is taken from it until") {
				t.Errorf("%s: %d", path, got.Status)
			}
		}
		if w.of("Hilda").Community.Size != before {
			t.Error("something was recorded")
		}
		shows(t, w.as(w.persons["Horst"]).get(w.at("")).Body, "Hana&#39;s account has a new passphrase", "Ask Hilda whether they wanted this")
		if body := w.as(w.persons["Fara"]).get(w.at("")).Body; strings.Contains(body, "has a new passphrase") {
			t.Error("it is told to those outside")
		}
		no := w.talk("/drafts/" + string(w.draft(consultations.No, w.aspects[1])))
		w.sent(hilda, no+"/confirm", url.Values{"digest": {hilda.words(no)}, "proof": {operators}})
		w.sent(hana, w.talk("/stop"), url.Values{"type": {"withdraw"}})
	})
}

// It counts once the time is over: whoever has really forgotten goes on then.
func TestANewPassphraseCountsAfterThreeDays(t *testing.T) {
	w := consult(t, databasetest.SQLite(t)).propose().tell().deliberate().today()
	yes := w.talk("/drafts/" + string(w.draft(consultations.Consent, w.aspects[1])))
	hilda := w.anew("Hilda")
	w.wait(71 * time.Hour)
	form := url.Values{"digest": {string(w.record().Drafts[0].Digest)}, "proof": {operators}}
	w.refused(hilda, yes+"/confirm", form, http.StatusUnprocessableEntity, "Nothing that decides is taken from it until")
	w.wait(2 * time.Hour)
	w.sent(hilda, yes+"/confirm", form)
	if body := w.as(w.persons["Horst"]).get(w.at("")).Body; strings.Contains(body, "has a new passphrase") {
		t.Error("the others are still warned")
	}
}

// No page about a community shows a word of its record before the look is entered.
func TestEveryReadingIsEntered(t *testing.T) {
	w := walked(t, databasetest.SQLite(t))
	looked := func() int {
		reads, err := w.talks.Reads(t.Context(), w.of("Hilda"), 1<<20)
		w.must(record.Receipt{}, err)
		return len(reads)
	}
	for _, role := range []string{"holder", "facilitator", "observer", "proponent"} {
		b := w.as(w.callers()[role])
		for _, e := range append(w.about(), access.Entry{Name: "GET /communities"}) {
			method, path, _ := strings.Cut(e.Name, " ")
			if method != http.MethodGet && !strings.Contains(path, ":consultation/") {
				continue // the community's own forms have a test of their own
			}
			before := looked()
			var got answer
			if path = w.fill(path); method == http.MethodGet {
				got = b.get(path)
			} else {
				got = b.post(path, nil)
			}
			if strings.Contains(got.Body, canary) && looked() == before {
				t.Errorf("%s as %s: %d, and no look is entered", e.Name, role, got.Status)
			}
		}
	}
}
