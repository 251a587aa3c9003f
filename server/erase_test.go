package server_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
	"github.com/vcm-forum/forum/server/i18n"
)

// departure is a dialogue in which two people of one group speak for it alone,
// in a session and outside, and one of them also under the name.
type departure struct {
	*forum
	dialogue, session record.ID
	leaves            people.Actor
	canaries          []record.ID // said for the group only, by either
}

func (f *forum) departure() *departure {
	w := &world{forum: f, objects: map[string]objects{}}
	maker := f.person("maker", func(p *people.Person) { p.Convener = true })
	for _, role := range append(dialogues.Roles(), "suspended") {
		f.person(string(role), nil)
	}
	o := w.dialogue(maker, "listed")
	d := &departure{forum: f, dialogue: o.dialogue, session: o.session, leaves: f.persons["participant"]}
	lead := dialogues.Call{Actor: f.persons["facilitator"]}
	f.must(f.dialogues.OpenSession(f.t.Context(), lead, d.dialogue, d.session))
	for i, who := range []string{"participant", "interpreter", "participant", "rapporteur"} {
		for _, session := range []record.ID{"", d.session} {
			form := dialogues.ContributionForm{
				Question: o.question, Session: session, Kind: dialogues.Risk, Language: "en", Attribution: dialogues.GroupOnly, Body: fmt.Sprint("KESTREL ", i, session),
			}
			d.canaries = append(d.canaries, f.must(f.dialogues.AddContribution(f.t.Context(), dialogues.Call{Actor: f.persons[who]}, d.dialogue, form)).ID)
			form.Attribution, form.Body = dialogues.Named, "under my name"
			f.must(f.dialogues.AddContribution(f.t.Context(), dialogues.Call{Actor: f.persons[who]}, d.dialogue, form))
		}
	}
	f.must(f.dialogues.CloseSession(f.t.Context(), lead, d.dialogue, d.session))
	return d
}

// token is what is new on every page.
var token = regexp.MustCompile(`value="[^"]{20,}"|data-(csrf|after|epoch)="[^"]*"`)

var betweenRows = regexp.MustCompile(`\}, ?\{`)

// about collects, from a file, what stands in one line with words or the id of
// what was said for the group only: rows of tables, lines of the record, of the
// minutes and of pages.
func (d *departure) about(seen map[string][]string, name, body string) {
	if strings.HasSuffix(name, ".json") {
		body = betweenRows.ReplaceAllString(strings.Join(strings.Fields(body), " "), "},\n{")
	}
	for line := range strings.Lines(body) {
		for _, id := range d.canaries {
			if strings.Contains(line, string(id)) || strings.Contains(line, "KESTREL") {
				seen[name] = append(seen[name], token.ReplaceAllString(line, ""))
				break
			}
		}
	}
}

func (d *departure) unpacked(seen map[string][]string, name, body string) {
	d.t.Helper()
	files, err := zip.NewReader(strings.NewReader(body), int64(len(body)))
	if err != nil {
		d.t.Fatalf("%s: %v", name, err)
	}
	for _, file := range files.File {
		r, err := file.Open()
		if err != nil {
			d.t.Fatal(err)
		}
		raw, err := io.ReadAll(r)
		if err != nil {
			d.t.Fatal(err)
		}
		d.about(seen, name+"/"+file.Name, string(bytes.TrimSpace(raw)))
	}
}

// seen is everything that a facilitator and the operator's archive give out
// about what was said for the group only.
func (d *departure) seen() map[string][]string {
	d.t.Helper()
	seen := map[string][]string{}
	b := d.as(d.persons["facilitator"])
	dialogue, session := "/dialogues/"+string(d.dialogue), "/sessions/"+string(d.session)
	paths := []string{
		dialogue, dialogue + "?order=oldest", dialogue + "/contributions.csv", dialogue + "/contributions.json", dialogue + "/people.csv",
		session, session + "/hall", session + "/minutes", session + "/minutes.zip",
	}
	for _, id := range d.canaries {
		paths = append(paths, "/contributions/"+string(id))
	}
	for _, path := range paths {
		got := b.get(path)
		if got.Status != http.StatusOK {
			d.t.Fatalf("%s: %d", path, got.Status)
		}
		if strings.HasSuffix(path, ".zip") {
			d.unpacked(seen, path, got.Body)
		} else {
			d.about(seen, path, got.Body)
		}
	}
	raw, err := d.srv.Archive(d.t.Context(), d.dialogue, i18n.English)
	if err != nil {
		d.t.Fatal(err)
	}
	d.unpacked(seen, "archive", string(raw))
	return seen
}

// From all that can be read, downloaded or archived before and after somebody
// has left, nobody learns which words "for the group only" had been theirs.
func TestLeavingGivesNoGroupOnlyWordsAway(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		d := start(t, db).departure()
		before := d.seen()
		for _, name := range []string{"archive/record.jsonl", "archive/contributions.json", "/sessions/" + string(d.session) + "/minutes.zip/minutes.md"} {
			if len(before[name]) == 0 {
				t.Errorf("nothing of it is in %s; there is %v", name, sortedKeys(before))
			}
		}
		got := d.as(d.leaves).post("/account/erase", nil)
		if got.Status != http.StatusSeeOther {
			t.Fatalf("erase: %d", got.Status)
		}
		after := d.seen()
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("leaving changed what is said of them (-before +after):\n%s", diff)
		}
		for name, lines := range after {
			if strings.Contains(strings.Join(lines, ""), string(d.leaves.ID())) {
				t.Errorf("%s names who has left", name)
			}
		}
	})
}

func sortedKeys(m map[string][]string) []string {
	var keys []string
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
