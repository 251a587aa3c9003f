package server_test

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// How much is said in a dialogue, and among how many, is for those who may see
// it, whichever list tells.
func TestListsCountNothingBehindClosedDoors(t *testing.T) {
	w := build(start(t, databasetest.SQLite(t)))
	for name, tt := range map[string]struct {
		actor people.Actor
		sees  map[string]bool // by visibility, of those that are listed
	}{
		"a visitor":             {people.Actor{}, map[string]bool{"public": true, "listed": false}},
		"an account":            {w.persons["account"], map[string]bool{"public": true, "listed": false}},
		"the administrator":     {w.persons["administrator"], map[string]bool{"public": true, "listed": false}},
		"one who was let in":    {w.persons["participant"], map[string]bool{"public": true, "listed": true, "invitation": true}},
		"a guest of a session":  {w.persons["guest"], map[string]bool{"public": true, "listed": true, "invitation": true}},
		"one who only observes": {w.persons["observer"], map[string]bool{"public": true, "listed": true, "invitation": true}},
	} {
		b, counted := w.as(tt.actor), 0
		for _, sees := range tt.sees {
			if sees {
				counted++
			}
		}
		for _, path := range []string{"/dialogues", "/"} {
			if got := strings.Count(b.get(path).Body, "card-foot"); got != counted {
				t.Errorf("%s: %s shows %d counts, want %d", name, path, got, counted)
			}
		}
		var listed []map[string]any
		if err := json.Unmarshal([]byte(b.get("/dialogues.json").Body), &listed); err != nil || len(listed) != len(tt.sees) {
			t.Fatalf("%s: %d in JSON (%v), want %d", name, len(listed), err, len(tt.sees))
		}
		for _, d := range listed {
			visibility, _ := d["visibility"].(string)
			if d["contributions"] != nil != tt.sees[visibility] || d["people"] != nil != tt.sees[visibility] {
				t.Errorf("%s: JSON of what is %s counts %v and %v", name, visibility, d["contributions"], d["people"])
			}
		}
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.get("/dialogues.csv").Body, "\ufeff"))).ReadAll()
		if err != nil || len(rows) != len(tt.sees)+1 || rows[0][8] != "contributions" || rows[0][9] != "people" {
			t.Fatalf("%s: CSV is %q (%v)", name, rows, err)
		}
		for _, row := range rows[1:] {
			if (row[8] != "") != tt.sees[row[4]] || (row[9] != "") != tt.sees[row[4]] {
				t.Errorf("%s: CSV of what is %s counts %q and %q", name, row[4], row[8], row[9])
			}
		}
	}
}
