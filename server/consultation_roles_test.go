package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
	"github.com/vcm-forum/forum/server/i18n"
	"github.com/vcm-forum/forum/server/testkit"
)

// talk is the address of the consultation of the fixture, or of something of it.
func (w *consulted) talk(rest string) string {
	return "/communities/" + string(w.community) + "/consultations/" + string(w.consultation) + rest
}

// decided is a consultation whose first part has a yes under conditions, whose
// second waits for one more word, and whose third was answered with no.
func decided(t *testing.T, db *database.DB) *consulted {
	t.Helper()
	w := consult(t, db).propose().tell().deliberate()
	w.decide(consultations.ConsentConditions, w.aspects[0])
	w.decide(consultations.No, w.aspects[2])
	w.draft(consultations.NotNow, w.aspects[1])
	return w.today()
}

// pages are all that can be opened of a consultation, by its end in the address.
func (w *consulted) pages() []string {
	x := w.record()
	return []string{
		"", "/plan", "/told", "/sessions", "/conditions", "/stop", "/change", "/export", // whoever has a seat
		"/time", "/decisions", "/drafts/" + string(x.Drafts[len(x.Drafts)-1].ID), "/decisions/" + string(x.Decisions[0].ID) + "/receipt",
		"/drafts/new", "/version", "/contest", "/release", "/publish",
	}
}

// What each may open, in the order of pages: o opens, n is told that the role is
// missing (403), h gets the answer of what does not exist (404).
func TestConsultationPagesByRole(t *testing.T) {
	law := map[string]string{
		"Hilda": "ooooooooooooooooo",
		"Mira":  "oooooooooooonnonn",
		"Fara":  "ooooooooooooooonn",
		"Pablo": "oooooooonnnnnonnn",
		"Nadia": "hhhhhhhhhhhhhhhhh",
		"Admin": "hhhhhhhhhhhhhhhhh",
		// An auditor and an observer see nothing of it before something is released to them.
		"Aude": "hhhhhhhhnnnnnnnnn",
		"Obi":  "hhhhhhhhnnnnnnhnn",
	}
	means := map[rune]int{'o': http.StatusOK, 'n': http.StatusForbidden, 'h': http.StatusNotFound}
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := decided(t, db)
		for name, cells := range law {
			b := w.as(w.persons[name])
			for i, cell := range cells {
				page := w.pages()[i]
				got := b.get(w.talk(page))
				if got.Status != means[cell] {
					t.Errorf("%s on %q: %d, the law says %c", name, page, got.Status, cell)
				}
				if cell == 'h' && strings.Contains(got.Body, canary) {
					t.Errorf("%s on %q is shown something", name, page)
				}
			}
		}
	})
}

// What the community said among itself stays there, on every page and in its twin
// for programs.
func TestNobodyOutsideReadsWhatWasSaidAmongUs(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := decided(t, db)
		w.did(w.talks.Release(t.Context(), w.by("Hilda"), w.community, w.consultation, consultations.ReleaseForm{
			Parts: []consultations.Part{consultations.PartStatus, consultations.PartSessions}, To: consultations.ToAuditor, Purpose: "audit",
		}))
		inside := w.as(w.persons["Mira"]).get(w.talk("/sessions")).Body
		if !strings.Contains(inside, canary+" among us") || !strings.Contains(inside, canary+" names") {
			t.Error("a member does not read it")
		}
		for _, name := range []string{"Fara", "Pablo", "Aude", "Obi"} {
			b := w.as(w.persons[name])
			for _, page := range w.pages() {
				for _, accept := range []string{"text/html", "application/json"} {
					body := b.getAs(w.talk(page), accept).Body
					if strings.Contains(body, canary+" among us") || strings.Contains(body, canary+" names") || strings.Contains(body, canary+" place") {
						t.Errorf("%s reads it on %q as %s", name, page, accept)
					}
				}
			}
		}
	})
}

// The proponent knows what both did together and nothing of how the community
// answers, until it lets them.
func TestTheProponentIsNotToldTheAnswer(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := decided(t, db)
		pablo := w.as(w.persons["Pablo"])
		for _, page := range w.pages() {
			got := strings.ToLower(pablo.get(w.talk(page)).Body)
			for _, word := range []string{"said yes", "said no", "deliberating.", "written down. it does not count", "canary condition", "canary statement", "canary dissent"} {
				if strings.Contains(got, word) {
					t.Errorf("%q says %q", page, word)
				}
			}
		}
		w.did(w.talks.Release(t.Context(), w.by("Hana"), w.community, w.consultation, consultations.ReleaseForm{
			Parts: []consultations.Part{consultations.PartStatus}, To: consultations.ToProponent, Purpose: "so that they know",
		}))
		shows(t, pablo.get(w.talk("")).Body, "said yes to this part with conditions", canary+" condition", canary+" dissent", "said no to this part")
	})
}

// getAs asks for an address with an Accept header.
func (b *browser) getAs(path, accept string) answer {
	b.f.t.Helper()
	req, err := http.NewRequestWithContext(b.f.t.Context(), http.MethodGet, b.f.web.URL+path, nil)
	if err != nil {
		b.f.t.Fatalf("GET %s: %v", path, err)
	}
	req.Header.Set("Accept", accept)
	return b.do(req)
}

// No page judges, in any language and for any reader: none has a label that says
// that there is consent, none says free, informed or valid, and the part with
// conditions never appears as a plain yes.
func TestConsultationPagesDoNotJudge(t *testing.T) {
	w := decided(t, databasetest.SQLite(t))
	for _, name := range []string{"Hilda", "Fara", "Pablo"} {
		b := w.as(w.persons[name])
		for _, l := range i18n.Languages() {
			for _, page := range w.pages() {
				got := b.in(string(l)).get(w.talk(page))
				if got.Status != http.StatusOK {
					continue
				}
				for _, said := range sayings(t, got.Body) {
					if found := testkit.Judgements(t, string(l), strings.ReplaceAll(said, canary, "")); found != nil {
						t.Errorf("%s, %s, %q: %q says %q", name, l, page, said, found)
					}
				}
			}
		}
	}
}

// in sets the language that the browser reads pages in.
func (b *browser) in(language string) *browser {
	b.f.t.Helper()
	if got := b.post("/language", map[string][]string{"language": {language}, "next": {"/"}}); got.Status != http.StatusSeeOther {
		b.f.t.Fatalf("choose %s: %d", language, got.Status)
	}
	return b
}

// sayings are the texts of a page's main and its title, element by element. The
// drawing of the machine is left to [TestTheMachineIsDrawnAsItIs]: its steps have names.
func sayings(t *testing.T, body string) []string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for n := range root.Descendants() {
		if n.Type != html.TextNode || strings.TrimSpace(n.Data) == "" {
			continue
		}
		for p := range n.Ancestors() {
			if p.Data == "main" || p.Data == "title" {
				out = append(out, n.Data)
				break
			}
		}
	}
	return out
}

// The drawing is made of the machine's rows: each of them is there, and a part
// stands where it is.
func TestTheMachineIsDrawnAsItIs(t *testing.T) {
	w := decided(t, databasetest.SQLite(t))
	body := w.as(w.persons["Hilda"]).get(w.talk("")).Body
	rows := 0
	for _, step := range consultations.Machine() {
		rows += len(step.From)
	}
	if got := strings.Count(body, "</strong> <span class=\"as-of\">"); got != rows {
		t.Errorf("%d arrows, want %d", got, rows)
	}
	shows(t, body, "Here now: "+canary+" study", "Here now: "+canary+" credits")
}

// A page travels in at most 50 kB, so that it reaches a phone in a village.
func TestConsultationPagesAreLight(t *testing.T) {
	const most = 50_000
	w := decided(t, databasetest.SQLite(t))
	for _, name := range []string{"Hilda", "Fara"} {
		b := w.as(w.persons[name])
		for _, page := range w.pages() {
			got := b.get(w.talk(page))
			if size := len(got.Body); size > most*4 { // unpacked; it travels packed
				t.Errorf("%s on %q: %d bytes", name, page, size)
			}
			if travelled := b.weighs(w.talk(page)); travelled > most {
				t.Errorf("%s on %q: %d bytes travel", name, page, travelled)
			}
		}
	}
}

// weighs is how many bytes of a page travel.
func (b *browser) weighs(path string) int {
	b.f.t.Helper()
	req, err := http.NewRequestWithContext(b.f.t.Context(), http.MethodGet, b.f.web.URL+path, nil)
	if err != nil {
		b.f.t.Fatal(fmt.Errorf("GET %s: %w", path, err))
	}
	req.Header.Set("Accept-Encoding", "gzip")
	return len(b.do(req).Body)
}
