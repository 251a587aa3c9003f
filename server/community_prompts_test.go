package server_test

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
	"github.com/vcm-forum/forum/server/page"
)

// The community puts its own voice beside the steps of the pages, without scripts;
// its own people hear it there, and nobody else learns that there is one.
func TestACommunityPutsItsVoiceBesideAStep(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := consult(t, db, withFiles(t)).propose().tell().today()
		hilda, mira := w.as(w.persons["Hilda"]), w.as(w.persons["Mira"])
		back := html.UnescapeString(hilda.get(w.at("/prompts")).Body)
		if !strings.Contains(back, w.at("/files/new")+"?kind=audio&next="+url.QueryEscape(w.at("/prompts?step=known"))) {
			t.Fatal("nothing leads to where a step is recorded")
		}
		digest := w.handed(hilda)
		reads(t, hilda, w.at("/prompts?step=known&evidence="+digest), "Listen to it", digest, "Inventado")
		for step, path := range map[string]string{
			"known": w.at(""), "answer_no": w.at(""), "withdraw": w.at("/mandates"), "mandates": w.at("/mandates"), "disclosure": w.talk("/told"), "stop": w.talk("/stop"),
		} {
			goes(t, hilda, w.at("/prompts"), url.Values{"step": {step}, "evidence": {digest}, "language": {tongue}})
			sound := `<audio controls preload="none" src="` + w.at("/files/"+digest) + `"`
			reads(t, hilda, path, sound)
			if step != "answer_no" {
				reads(t, mira, path, sound)
			}
			for _, who := range []string{"Fara", "Pablo"} {
				if strings.Contains(w.as(w.persons[who]).get(path).Body, digest) {
					t.Errorf("%s is told of the voice at %s", who, path)
				}
			}
		}
		goes(t, hilda, w.at("/prompts"), url.Values{"step": {"known"}, "language": {tongue}, "remove": {"1"}})
		reads(t, hilda, w.at("/prompts"), "No recording yet")
		goes(t, hilda, w.at("/prompts"), url.Values{"step": {"known"}, "evidence": {digest}, "language": {"es"}})
		goes(t, hilda, w.at("/prompts"), url.Values{"step": {"known"}, "evidence": {digest}, "language": {tongue}})
		reads(t, hilda, w.at(""), "Inventado</span>", "Spanish</span>")
	})
}

func TestAVoiceHasASoundAndALanguage(t *testing.T) {
	w := consult(t, databasetest.SQLite(t), withFiles(t)).today()
	hilda := w.as(w.persons["Hilda"])
	digest := w.handed(hilda)
	got := hilda.upload(w.at("/files"), []byte("only words"))
	_, words, _ := strings.Cut(got.Location, "evidence=")
	for name, tt := range map[string]struct {
		fields url.Values
		status int
		says   string
	}{
		"no recording":           {url.Values{"step": {"known"}, "language": {tongue}}, http.StatusUnprocessableEntity, "Hand in a recording"},
		"words instead of sound": {url.Values{"step": {"known"}, "language": {tongue}, "evidence": {words}}, http.StatusUnprocessableEntity, "Hand in a recording"},
		"a language of nobody":   {url.Values{"step": {"known"}, "language": {"x-other"}, "evidence": {digest}}, http.StatusUnprocessableEntity, "Choose one"},
		"no such step":           {url.Values{"step": {"nothing"}, "language": {tongue}, "evidence": {digest}}, http.StatusNotFound, ""},
	} {
		if got := hilda.post(w.at("/prompts"), tt.fields); got.Status != tt.status || !strings.Contains(got.Body, tt.says) {
			t.Errorf("%s: %d, want %d and %q", name, got.Status, tt.status, tt.says)
		}
	}
	for _, who := range []string{"Fara", "Mira"} {
		if got := w.as(w.persons[who]).post(w.at("/prompts"), url.Values{"step": {"known"}, "language": {tongue}, "evidence": {digest}}); got.Status != http.StatusForbidden {
			t.Errorf("%s lends the community a voice: %d", who, got.Status)
		}
	}
	if n := len(w.of("Hilda").Community.Prompts); n > 0 {
		t.Errorf("%d were recorded", n)
	}
}

// Every step has a picture: who does not read finds it by that.
func TestEveryStepHasAPicture(t *testing.T) {
	for _, step := range page.Steps() {
		if page.StepPicto(step) == "" {
			t.Errorf("%s has none", step)
		}
	}
}
