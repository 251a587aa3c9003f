package server_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// What cannot be accepted comes back with a sentence beside its field, and with
// all that was typed.
func TestFormsOfACommunityKeepWhatWasTyped(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := consult(t, db).propose().today()
		w.address("Pablo")
		hilda, fara := w.as(w.persons["Hilda"]), w.as(w.persons["Fara"])
		founding := w.at("/mandates/" + string(w.mandates["Hilda"]))
		assembly := string(w.assembly)
		for name, tt := range map[string]struct {
			b      *browser
			path   string
			fields url.Values
			field  string // id of the field that is at fault
			says   string
			keeps  string
		}{
			"a community without languages":     {fara, "/communities", url.Values{"name": {"Typed name"}, "identifies": {"indigenous"}}, "languages", "Fill this in", "Typed name"},
			"a language that is none":           {fara, "/communities", url.Values{"name": {"Typed name"}, "identifies": {"indigenous"}, "languages": {"¿es?"}}, "languages", "A language tag has", "¿es?"},
			"a description without a name":      {hilda, w.at("/about"), url.Values{"identifies": {"indigenous"}, "languages": {"es, tca"}}, "name", "Fill this in", "es, tca"},
			"days of which the last is missing": {hilda, w.at("/about"), url.Values{"name": {"N"}, "identifies": {"indigenous"}, "languages": {"es"}, "from": {"2026-10-01", ""}, "to": {"", ""}}, "blackouts", "Give both days", `value="2026-10-01"`},
			"an institution without a kind":     {hilda, w.at("/institutions"), url.Values{"name": {"Typed body"}}, "new-kind", "Choose one", "Typed body"},
			"rules without words":               {hilda, w.at("/protocol"), url.Values{"institution": {assembly}, "not_recorded": {"Typed secret"}}, "rule", "Fill this in", "Typed secret"},
			"a figure that is no number":        {hilda, w.at("/protocol"), url.Values{"institution": {assembly}, "rule": {"Typed rule"}, "deliberate_days": {"many"}}, "deliberate_days", "Give a number from 0 to 3,650", "Typed rule"},
			"rules of no institution":           {hilda, w.at("/protocol"), url.Values{"rule": {"Typed rule"}, "institution": {"nothing"}}, "institution", "Choose one", "Typed rule"},
			"a mandate for an unknown account":  {hilda, w.at("/mandates"), url.Values{"name": {"Typed person"}, "email": {"nobody@people.example"}, "institution": {assembly}, "powers": {"withdraw"}, "resolution": {"r"}}, "email", "There is no such account", "Typed person"},
			"a mandate for the proponent":       {hilda, w.at("/mandates"), url.Values{"name": {"Typed person"}, "email": {"pablo@people.example"}, "institution": {assembly}, "powers": {"withdraw"}, "resolution": {"r"}}, "email", "cannot speak for the community", "Typed person"},
			"a mandate without a resolution":    {hilda, w.at("/mandates"), url.Values{"name": {"Typed person"}, "institution": {assembly}, "powers": {"withdraw"}}, "resolution", "Add what the institution resolved", "Typed person"},
			"a mandate to do nothing":           {hilda, w.at("/mandates"), url.Values{"name": {"Typed person"}, "institution": {assembly}, "resolution": {"Typed resolution"}}, "powers", "Choose one", "Typed resolution"},
			"a mandate from no day":             {hilda, w.at("/mandates"), url.Values{"name": {"Typed person"}, "from": {"tomorrow"}}, "from", "Enter a date", "Typed person"},
			"a mandate that ends before":        {hilda, w.at("/mandates"), url.Values{"name": {"Typed person"}, "institution": {assembly}, "powers": {"withdraw"}, "resolution": {"r"}, "from": {"2026-05-05"}, "until": {"2026-05-01"}}, "until", "The end comes after", "Typed person"},
			"a new account without an address":  {w.as(w.persons["Horst"]), founding + "/account", url.Values{}, "email", "Fill this in", ""},
			"a seat for nobody":                 {hilda, w.at("/seats"), url.Values{"email": {"nobody@people.example"}, "role": {"member"}}, "email", "There is no such account", "nobody@people.example"},
			"a seat as nothing":                 {hilda, w.at("/seats"), url.Values{"email": {"pablo@people.example"}, "role": {"holder"}}, "role", "Choose one", "pablo@people.example"},
		} {
			before := w.of("Hilda").Community.Latest
			got := tt.b.post(tt.path, tt.fields)
			body := html.UnescapeString(got.Body)
			if got.Status != http.StatusUnprocessableEntity {
				t.Errorf("%s: %d, want 422", name, got.Status)
				continue
			}
			if !strings.Contains(body, `id="`+tt.field+`-error"`) || !strings.Contains(body, tt.says) {
				t.Errorf("%s: no sentence %q beside %s", name, tt.says, tt.field)
			}
			if !strings.Contains(body, tt.keeps) {
				t.Errorf("%s: %q is gone", name, tt.keeps)
			}
			if !strings.Contains(body, `class="error-summary"`) {
				t.Errorf("%s: no summary", name)
			}
			if after := w.of("Hilda").Community.Latest; !after.Equal(before) {
				t.Errorf("%s was recorded", name)
			}
		}
	})
}

// A form that comes back shows the page with it: that it was looked at is entered
// as it is for the page, and nothing is shown when that cannot be written down.
func TestAFormThatComesBackIsALook(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := consult(t, db).today()
		reads := func() []consultations.ReadEntry {
			t.Helper()
			found, err := w.talks.Reads(t.Context(), w.of("Hilda"), 1000)
			if err != nil {
				t.Fatal(err)
			}
			return found
		}
		hilda, mandate := w.as(w.persons["Hilda"]), w.mandates["Hana"]
		for path, what := range map[string]string{
			"/seats": "seats", "/mandates": "mandates", "/about": "about", "/institutions": "about", "/protocol": "protocol",
			"/mandates/" + string(mandate) + "/account": "mandate", "/mandates/" + string(mandate) + "/contest": "mandate",
		} {
			before := len(reads())
			got := hilda.post(w.at(path), url.Values{"reason": {strings.Repeat("x", 20001)}})
			after := reads()
			if got.Status != http.StatusUnprocessableEntity || len(after) != before+1 || after[0].What != what || after[0].Account != w.persons["Hilda"].ID() {
				t.Errorf("%s: %d, %d readings more, the newest %+v", path, got.Status, len(after)-before, after[0])
			}
		}
		writer, _, _, _ := w.srv.Services()
		writer.Stop()
		if got := hilda.post(w.at("/seats"), url.Values{}); got.Status != http.StatusServiceUnavailable || strings.Contains(got.Body, "Hana") {
			t.Errorf("shown though nobody could enter it: %d", got.Status)
		}
	})
}

// Days in which nobody may come are typed with their last day, and read so again.
func TestDaysInWhichNobodyMayCome(t *testing.T) {
	w := consult(t, databasetest.SQLite(t)).today()
	hilda := w.as(w.persons["Hilda"])
	goes(t, hilda, w.at("/about"), url.Values{
		"name": {"Puerto Nuevo"}, "identifies": {"indigenous"}, "languages": {"es"}, "from": {"2026-11-15", "2026-03-01"}, "to": {"2027-01-05", "2026-03-01"}, "yearly": {"1"},
	})
	reads(t, hilda, w.at("/about"), "Every year from 15 November to 5 January", "From 1 March 2026 to 1 March 2026", `value="2027-01-05"`)
	spans := w.of("Hilda").Community.Blackouts
	if len(spans) != 2 || !spans[1].Contains(spans[1].From) || spans[1].Contains(spans[1].To) {
		t.Errorf("%+v", spans)
	}
}

// A form that is sent twice is one act.
func TestACommunityFormSentTwiceIsOneAct(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := consult(t, db).today()
		hilda := w.as(w.persons["Hilda"])
		before := len(w.of("Hilda").Community.Institutions)
		for range 2 {
			goes(t, hilda, w.at("/institutions"), url.Values{"key": {"the same"}, "kind": {"youth"}, "name": {"Jóvenes"}})
		}
		if after := len(w.of("Hilda").Community.Institutions); after != before+1 {
			t.Errorf("%d institutions more", after-before)
		}
	})
}

// The rules are changed by as many as an answer takes: who comes after the first
// reads what was written and says the same.
func TestRulesAreChangedBySeveral(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := consult(t, db).today()
		rules := url.Values{"institution": {string(w.assembly)}, "rule": {"Hablamos más"}, "confirmations": {"2"}, "deliberate_days": {"40"}}
		hilda, hana := w.as(w.persons["Hilda"]), w.as(w.persons["Hana"])
		reads(t, hilda, w.at("/protocol/new"), "as many of those who speak for the community as an answer does")
		goes(t, hilda, w.at("/protocol"), rules)
		reads(t, hilda, w.at("/protocol"), "Your word is written down", "at least 30 days", "Hablamos más")
		reads(t, hana, w.at(""), "New rules wait for your word", w.at("/protocol#moved"))
		motion := regexp.MustCompile(`name="motion" value="([^"]+)"`).FindStringSubmatch(hana.get(w.at("/protocol")).Body)
		if motion == nil {
			t.Fatal("Hana is not asked")
		}
		goes(t, hana, w.at("/protocol/second"), url.Values{"motion": {motion[1]}})
		reads(t, hana, w.at("/protocol"), "The rules are written down", "at least 40 days", "Version 2")
		reads(t, hana, w.at("/protocol?version=1"), "This is an earlier version", "at least 30 days")
	})
}

// Who lives in isolation has not been asked: nobody takes that back on a page.
func TestIsolationStays(t *testing.T) {
	w := consult(t, databasetest.SQLite(t)).today()
	fara := w.as(w.persons["Fara"])
	home := goes(t, fara, "/communities", url.Values{"name": {"Monte"}, "identifies": {"indigenous"}, "languages": {"x-nada"}, "no_contact": {"1"}})
	reads(t, fara, home+"/about", "It lives in isolation", `type="hidden" name="no_contact" value="1"`)
	got := fara.post(home+"/about", url.Values{"name": {"Monte"}, "identifies": {"indigenous"}, "languages": {"x-nada"}})
	if got.Status != http.StatusForbidden {
		t.Errorf("taken back: %d", got.Status)
	}
}
