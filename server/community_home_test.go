package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// decidedPeople is a community that has said yes to one part under a condition, no
// to another and nothing to the third, and let an auditor see how that stands.
func decidedPeople(t *testing.T, db *database.DB) *consulted {
	t.Helper()
	w := consult(t, db).propose().tell().deliberate()
	w.decide(consultations.ConsentConditions, w.aspects[0])
	w.decide(consultations.No, w.aspects[1])
	w.did(w.talks.Release(t.Context(), w.by("Hilda"), w.community, w.consultation, consultations.ReleaseForm{
		Parts: []consultations.Part{consultations.PartStatus}, To: consultations.ToAuditor, Purpose: "an audit",
	}))
	return w.today()
}

// at is the address of something of the community.
func (w *consulted) at(rest string) string { return "/communities/" + string(w.community) + rest }

// reads holds the words of a page.
func reads(t *testing.T, b *browser, path string, words ...string) {
	t.Helper()
	got := b.get(path)
	for _, word := range words {
		if got.Status != http.StatusOK || !strings.Contains(got.Body, word) {
			t.Errorf("%s: %d, and %q is not there", path, got.Status, word)
		}
	}
}

// The same home, from each seat's side.
func TestEachSeatSeesItsOwnSideOfTheHome(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := decidedPeople(t, db)
		name, proposal, condition, dissent, statement := canary+" community", canary+" proposal", canary+" condition", canary+" dissent", canary+" statement"
		for who, tt := range map[string]struct{ shows, hides []string }{
			"Hilda": {[]string{name, proposal, condition, dissent, statement, "/stop", "/release", "We have said no to this part"}, []string{"Put a proposal before"}},
			"Mira":  {[]string{name, proposal, condition, dissent, statement, "/mandates"}, []string{"/stop\"", "/release\"", "Take it back"}},
			"Fara":  {[]string{name, proposal, condition, dissent, "The community has said no to this part"}, []string{"We have said", "Who has read"}},
			"Pablo": {[]string{proposal, "You are a guest here", "The project is explaining its plans"}, []string{name, condition, dissent, statement, "has said", "/mandates", "/reads"}},
			"Aude":  {[]string{condition, dissent, "with conditions", "Part 1 of 3"}, []string{name, proposal, statement, canary + " study"}},
			"Obi":   {[]string{"There is nothing here for you to see now"}, []string{canary}},
		} {
			body := w.as(w.persons[who]).get(w.at("")).Body
			for _, words := range tt.shows {
				if !strings.Contains(body, words) {
					t.Errorf("%s does not see %q", who, words)
				}
			}
			for _, words := range tt.hides {
				if strings.Contains(body, words) {
					t.Errorf("%s sees %q", who, words)
				}
			}
		}
	})
}

// The community's own time is told while it runs, and what time alone will change.
func TestTheHomeTellsTheTime(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := consult(t, db).propose().tell()
		reads(t, w.as(w.persons["Hilda"]), w.at(""), "30 of 30 days are left", "Only we can make it longer", `aria-current="step"`)
		w.wait(29 * aDay)
		reads(t, w.as(w.persons["Fara"]), w.at(""), "One of 30 days is left", "nobody can make it shorter")
		if body := w.as(w.persons["Pablo"]).get(w.at("")).Body; strings.Contains(body, "days are left") || !strings.Contains(body, "The project is explaining its plans") {
			t.Error("the proponent sees the community's time run")
		}
		w.deliberate().decide(consultations.No, w.aspects[0])
		reads(t, w.as(w.persons["Hilda"]), w.at(""), "Nobody may ask again before", "The shortest time that we gave ourselves is over. We may take more.")
		home, own := w.as(w.persons["Hilda"]).get(w.at("")).Body, w.as(w.persons["Hilda"]).get(w.talk("")).Body
		for from, to := range map[string]string{`<ol class="way">`: "</ol>", `<div class="our-time">`: "</div>"} {
			if drawn := between(home, from, to); drawn == "" || drawn != between(own, from, to) {
				t.Errorf("the home and the page of the consultation do not draw the same %s", from)
			}
		}
	})
}

func TestTheListSaysWhatWaits(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := consult(t, db).propose().tell().deliberate()
		w.draft(consultations.No, w.aspects[0])
		w.today()
		for who, want := range map[string]string{"Hilda": "One thing waits for you", "Mira": "Nothing waits for you", "Nadia": "You take part in no community", "Admin": "You take part in no community"} {
			if body := w.as(w.persons[who]).get("/communities").Body; !strings.Contains(body, want) || strings.Contains(body, canary) != strings.Contains(body, w.at("")) {
				t.Errorf("%s is not told %q", who, want)
			}
		}
	})
}

// between is what stands in a page from one string on to another, "" without them.
func between(body, from, to string) string {
	_, rest, ok := strings.Cut(body, from)
	inside, _, ended := strings.Cut(rest, to)
	if !ok || !ended {
		return ""
	}
	return inside
}
