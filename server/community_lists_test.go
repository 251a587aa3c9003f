package server_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// names are what the list of a page calls its people.
func (b *browser) names(path string) []string {
	var out []string
	for _, m := range regexp.MustCompile(`<(?:b|h3><a href="[^"]*") dir="auto">([^<]*)<`).FindAllStringSubmatch(b.get(path).Body, -1) {
		out = append(out, m[1])
	}
	return out
}

// Somebody who looks a thousand times in a day is one line, in which nobody is lost.
func TestManyLooksAreOneLineADay(t *testing.T) {
	w := decidedPeople(t, databasetest.SQLite(t))
	aude, hilda := w.as(w.persons["Aude"]), w.as(w.persons["Hilda"])
	w.as(w.persons["Obi"]).get(w.at(""))
	for range 40 {
		aude.get(w.at("/mandates"))
	}
	got := hilda.names(w.at("/reads?as=outside"))
	if want := []string{"Aude", "Obi"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	reads(t, hilda, w.at("/reads?as=outside"), "40 looks", "Who speaks for the community (40)", "30 more are in the file")
	if lines := strings.Count(hilda.get(w.at("/reads.csv?as=auditor")).Body, "\r\n"); lines != 41 {
		t.Errorf("the file has %d lines", lines)
	}
}

func TestListsOfACommunityAreNarrowedAndSorted(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := decidedPeople(t, db)
		hilda := w.as(w.persons["Hilda"])
		for path, want := range map[string][]string{
			"/mandates?q=h%C3%B3":                      {"Horst"},
			"/mandates?q=women":                        {"Hana"},
			"/mandates?of=" + string(w.women):          {"Hana"},
			"/mandates?sort=name":                      {"Hana", "Hilda", "Horst"},
			"/seats?as=auditor":                        {"Aude"},
			"/seats?q=mir":                             {"Mira"},
			"/seats?sort=name":                         {"Aude", "Fara", "Mira", "Obi", "Pablo"},
			"/seats?q=nobody":                          nil,
			"/mandates?of=nothing&sort=nothing&q=hana": nil,
		} {
			got := slices.DeleteFunc(hilda.names(w.at(path)), func(name string) bool { return strings.HasPrefix(name, canary) })
			if !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", path, got, want)
			}
		}
		file := hilda.get(w.at("/mandates.csv?q=hana")).Body
		if strings.Count(file, "\r\n") != 2 || !strings.Contains(file, `"Hana"`) || !strings.Contains(file, "confirm_decision") {
			t.Errorf("%q", file)
		}
		if file = hilda.get(w.at("/seats.csv?as=observer")).Body; strings.Count(file, "\r\n") != 2 || !strings.Contains(file, `"Obi","observer"`) {
			t.Errorf("%q", file)
		}
		for query, want := range map[string]bool{"?q=proposal": true, "?q=other": false, "?sort=waiting": true} {
			if got := strings.Contains(hilda.get("/communities"+query).Body, `href="`+w.at("")+`"`); got != want {
				t.Errorf("the list of communities%s: %t", query, got)
			}
		}
	})
}

// Whoever holds a receipt finds its entry, page by page or by its number; from
// outside nobody sees when anything was entered or sealed.
func TestAnEntryIsFound(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := decidedPeople(t, db)
		w.seal()
		hilda, obi := w.as(w.persons["Hilda"]), w.as(w.persons["Obi"])
		entries := regexp.MustCompile(`<li id="e(\d+)">`)
		first := entries.FindAllStringSubmatch(hilda.get(w.at("/log")).Body, -1)
		second := entries.FindAllStringSubmatch(hilda.get(w.at("/log?page=2")).Body, -1)
		if len(first) != 12 || len(second) != 12 || slices.ContainsFunc(second, func(e []string) bool { return e[1] == first[0][1] }) {
			t.Errorf("pages of %d and %d entries", len(first), len(second))
		}
		for _, b := range []*browser{hilda, obi} {
			got := entries.FindAllStringSubmatch(b.get(w.at("/log?entry=3")).Body, -1)
			if len(got) != 1 || got[0][1] != "3" {
				t.Errorf("entry 3: %v", got)
			}
			if got := b.get(w.at("/log?entry=" + fmt.Sprint(1<<40))); got.Status != http.StatusOK || !strings.Contains(got.Body, "There is no such entry") {
				t.Errorf("an entry that is not there: %d", got.Status)
			}
		}
		reads(t, hilda, w.at("/log?about=read"), "</b>: somebody looked")
		if body := hilda.get(w.at("/log?about=read")).Body; strings.Contains(body, "</b>: something was recorded") {
			t.Error("what was recorded is among the looks")
		}
		body := mainPart.FindString(obi.get(w.at("/log?entry=3")).Body)
		if !strings.Contains(body, "Sealed by this server") || strings.Contains(body, "Recorded ") || regexp.MustCompile(`Sealed by this server \d`).MatchString(body) {
			t.Error("a witness sees when something was entered")
		}
	})
}
