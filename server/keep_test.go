package server_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// kept is the list of pages that somebody's browser is told to keep.
func (w *consulted) kept(name string) []string {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.web.URL+w.at("/keep"), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Accept", "application/json")
	var list struct{ Pages []string }
	if got := w.as(w.persons[name]).do(req); got.Status != http.StatusOK || json.Unmarshal([]byte(got.Body), &list) != nil {
		w.t.Fatalf("%s: %d %s", name, got.Status, got.Body)
	}
	return list.Pages
}

// Each reader keeps what they can open and need without a line, and no more.
func TestEachReaderKeepsTheirOwnPages(t *testing.T) {
	w := walked(t, databasetest.SQLite(t))
	draft := w.talk("/drafts/" + string(w.record().Drafts[len(w.record().Drafts)-1].ID))
	home, all := w.at(""), []string{w.talk(""), w.talk("/told"), w.talk("/stop")}
	for name, want := range map[string][]string{
		"Hilda": append([]string{home}, append(all, draft)...), "Mira": append([]string{home}, all...), "Pablo": {home, w.talk("")},
	} {
		got := w.kept(name)
		if !slices.Equal(got, want) {
			t.Errorf("%s keeps %v, want %v", name, got, want)
		}
		for _, path := range got {
			if status := w.as(w.persons[name]).get(path).Status; status != http.StatusOK {
				t.Errorf("%s: GET %s: %d", name, path, status)
			}
		}
	}
}

// What a phone stores in clear says nothing of who fetched it: a holder and a
// visitor are given the same page.
func TestThePageForNoLineIsNobodys(t *testing.T) {
	w := walked(t, databasetest.SQLite(t))
	hers, nobodys := w.as(w.persons["Hilda"]).get("/communities/without-line"), w.as(people.Actor{}).get("/communities/without-line")
	if hers.Status != http.StatusOK || hers.Body != nobodys.Body {
		t.Errorf("%d; it differs by who asks", hers.Status)
	}
	for _, word := range []string{canary, string(w.community), string(w.persons["Hilda"].ID()), "data-me", `name="csrf"`} {
		if strings.Contains(hers.Body, word) {
			t.Errorf("it holds %q", word)
		}
	}
}

func TestTheWorkerAnswersForCommunitiesAlone(t *testing.T) {
	w := walked(t, databasetest.SQLite(t))
	got := w.as(people.Actor{}).get("/communities/worker.js")
	if h := got.Header; h.Get("Service-Worker-Allowed") != "/communities" || h.Get("Cache-Control") != "no-cache" || !strings.HasPrefix(h.Get("Content-Type"), "text/javascript") {
		t.Errorf("%d %v", got.Status, h)
	}
}

// Signing out forgets everything; only what somebody chose to keep stays.
func TestSigningOutForgetsUnlessItIsKept(t *testing.T) {
	w := walked(t, databasetest.SQLite(t))
	for keep, want := range map[string]string{"": `"cache", "storage"`, "1": `"cache"`} {
		got := w.as(w.persons["Hilda"]).post("/signout", url.Values{"keep": {keep}})
		if header := got.Header.Get("Clear-Site-Data"); header != want {
			t.Errorf("keep=%q: %q, want %q", keep, header, want)
		}
	}
}
