package server_test

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server"
	"github.com/vcm-forum/forum/server/access"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// consultLaw is consultations.txt: what each role gets, by policy.
func consultLaw(t *testing.T) (roles []string, cells map[string]string) {
	t.Helper()
	raw, err := os.ReadFile("access/consultations.txt")
	if err != nil {
		t.Fatal(err)
	}
	cells = map[string]string{}
	for line := range strings.SplitSeq(string(raw), "\n") {
		words := strings.Fields(line)
		if strings.HasPrefix(line, "# policy ") {
			roles = words[2:]
		}
		if len(words) == 0 || words[0] == "#" || strings.HasPrefix(line, "#") {
			continue
		}
		if len(words) != len(roles)+1 {
			t.Fatalf("consultations.txt: %s has %d cells, want %d", words[0], len(words)-1, len(roles))
		}
		for i, role := range roles {
			cells[words[0]+" "+role] = words[i+1]
		}
	}
	return roles, cells
}

// walked is a consultation with something of everything in it, and somebody in
// every role.
func walked(t *testing.T, db *database.DB, change ...func(*server.Config)) *consulted {
	t.Helper()
	w := consult(t, db, change...)
	w.person("Gita", nil)
	w.person("Emil", nil)
	ctx := t.Context()
	w.did(w.talks.GiveSeat(ctx, w.by("Hilda"), w.community, w.persons["Gita"].ID(), consultations.Ombudsman, ""))
	emil := w.did(w.talks.EnterMandate(ctx, w.by("Hilda"), w.community, consultations.MandateForm{
		Name: "Emil", Account: w.persons["Emil"].ID(), Institution: w.assembly, Powers: consultations.Powers(), Resolution: []consultations.Digest{paper},
	}))
	w.did(w.talks.EndMandate(ctx, w.by("Hilda"), w.community, emil))
	w.propose().tell().deliberate()
	w.decide(consultations.ConsentConditions, w.aspects[0])
	w.draft(consultations.No, w.aspects[1])
	w.seal()
	return w.today()
}

// callers are who walks, by role.
func (w *consulted) callers() map[string]people.Actor {
	return map[string]people.Actor{
		"holder": w.persons["Hilda"], "member": w.persons["Mira"], "facilitator": w.persons["Fara"], "observer": w.persons["Obi"],
		"proponent": w.persons["Pablo"], "auditor": w.persons["Aude"], "grievance": w.persons["Gita"], "former": w.persons["Emil"],
		"nobody": {}, "account": w.persons["Nadia"], "administrator": w.persons["Admin"],
	}
}

// fill puts the ids of what is there into an address.
func (w *consulted) fill(path string) string {
	x := w.record()
	return strings.NewReplacer(":community", string(w.community), ":consultation", string(w.consultation), ":mandate", string(w.mandates["Horst"]),
		":draft", string(x.Drafts[len(x.Drafts)-1].ID), ":decision", string(x.Decisions[0].ID), ":condition", string(x.Conditions[0].ID),
		":disclosure", string(x.Disclosures[0].ID), ":item", string(x.Disclosures[0].ID), ":session", string(x.Sessions[0].ID),
		":entry", "1", ":token", "nothing", ":release", string(record.NewID()), ":contest", string(record.NewID())).Replace(path)
}

// about lists the routes about communities, forms that end something last.
func (w *consulted) about() []access.Entry {
	var reads, writes []access.Entry
	for _, e := range w.srv.Entries() {
		switch {
		case e.Kind != access.Route || e.Policy.Consult == "":
		case strings.HasPrefix(e.Name, http.MethodGet):
			reads = append(reads, e)
		default:
			writes = append(writes, e)
		}
	}
	return append(reads, writes...)
}

// Every route about a community, in every role there, answers as the law says; and
// an empty form changes nothing in anybody's hands.
func TestWalkOfConsultations(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := walked(t, db)
		roles, cells := consultLaw(t)
		requests := 0
		for _, role := range roles {
			b := w.as(w.callers()[role])
			for _, e := range w.about() {
				want := cells[e.Policy.Name+" "+role]
				method, path, _ := strings.Cut(e.Name, " ")
				path = w.fill(path)
				var got answer
				if requests++; method == http.MethodGet {
					got = b.get(path)
				} else {
					got = b.post(path, nil)
					if want == "ok" {
						want = "act" // whoever may look may try; the action asks what they may do
					}
				}
				if !asTheLawSays(got, want) {
					t.Errorf("%s as %s: %d %s, the law says %q", e.Name, role, got.Status, got.Location, want)
				}
				if want == "hid" && (strings.Contains(got.Body, canary) || strings.Contains(got.Location, canary)) {
					t.Errorf("%s as %s gives away that it exists", e.Name, role)
				}
			}
		}
		t.Logf("%d requests", requests)
	})
}

func asTheLawSays(got answer, want string) bool {
	switch want {
	case "ok":
		return got.Status < 500 && got.Status != http.StatusForbidden && got.Status != http.StatusUnauthorized && !strings.HasPrefix(got.Location, "/signin")
	case "act":
		return got.Status < 500 && !strings.HasPrefix(got.Location, "/signin")
	case "no":
		return got.Status == http.StatusForbidden
	case "hid":
		return got.Status == http.StatusNotFound
	}
	return false
}

// mayRead says, for each word that stands in the record, who may read it before
// anything was released (fpic.md, b3).
func mayRead() map[string][]string {
	ours, helped := []string{"holder", "member"}, []string{"holder", "member", "facilitator"}
	talk := append([]string{"proponent"}, helped...)
	return map[string][]string{
		"community": helped, "assembly": append([]string{"observer", "auditor", "grievance"}, helped...), "women": append([]string{"observer", "auditor", "grievance"}, helped...),
		"rule": helped, "statement": helped, "dissent": helped, "condition": helped,
		"proposal": talk, "summary": talk, "study": talk, "flights": talk, "credits": talk, "plan": talk, "told": talk,
		"among us": ours, "names": ours, "place": ours,
	}
}

// allBodies is everything that a role can fetch, headers included.
func (w *consulted) allBodies(role string, actor people.Actor) string {
	w.t.Helper()
	var all strings.Builder
	b := w.as(actor)
	for _, e := range w.srv.Entries() {
		method, path, _ := strings.Cut(e.Name, " ")
		if e.Kind != access.Route || method != http.MethodGet || strings.HasPrefix(path, "/live") || strings.HasPrefix(path, "/static") || strings.HasPrefix(path, "/signout") {
			continue
		}
		for _, accept := range []string{"text/html", "application/json"} {
			req, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.web.URL+w.fill(path), nil)
			if err != nil {
				w.t.Fatal(err)
			}
			req.Header.Set("Accept", accept)
			got := b.do(req)
			all.WriteString(got.Body)
			for _, values := range got.Header {
				all.WriteString(strings.Join(values, "\n"))
			}
			if got.Status >= 500 {
				w.t.Errorf("%s as %s: %d", path, role, got.Status)
			}
		}
	}
	return all.String()
}
