package server_test

import (
	"html"
	"net/http"
	"net/url"
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

// The home answers the same questions of each proposal, always in the same order.
func TestTheHomeAnswersInOrder(t *testing.T) {
	w := decidedPeople(t, databasetest.SQLite(t))
	for who, want := range map[string][]string{
		"Hilda": {"What they want from us", "What we know, and what not yet", "14 of 14", "Our time", "What we have decided", "Who has looked", "What we can do", "Our answer can be"},
		"Fara":  {"What is proposed", "What is known, and what not yet", "The community", "What the community has decided", "What you can do"},
		"Pablo": {"What is proposed", "What is known", "What the community has decided", "What you can do"},
		"Aude":  {"What is proposed", "What the community has decided", "What you can do"},
	} {
		rest := html.UnescapeString(w.as(w.persons[who]).get(w.at("")).Body)
		for _, words := range want {
			_, after, found := strings.Cut(rest, words)
			if !found {
				t.Errorf("%s: %q does not come in its place", who, words)
				break
			}
			rest = after
		}
	}
}

// What is not explained yet is asked as the community would, and named to others.
func TestTheHomeSaysWhatIsNotKnown(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := consult(t, db).propose()
		w.did(w.talks.Move(t.Context(), w.by("Fara"), w.community, w.consultation, 1, consultations.MoveInvite, ""))
		w.today()
		reads(t, w.as(w.persons["Hilda"]), w.at(""), "0 of 14 questions are explained", "14 questions are still open", "What can go wrong, and what will it cost us?", "It has not begun")
		reads(t, w.as(w.persons["Fara"]), w.at(""), "Risks, and costs to the community")
	})
}

// A no, more time and the wish not to engage stand beside a yes, in the same frame,
// before it, and can be given while a yes still waits for the community's own time.
func TestEveryAnswerIsOffered(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := consult(t, db).propose().tell()
		hilda := w.as(w.persons["Hilda"])
		_, answers, found := strings.Cut(hilda.get(w.at("")).Body, "Our answer can be")
		if !found {
			t.Fatal("no answers are offered")
		}
		for _, words := range []string{
			`href="` + w.talk("/drafts/new?type=no"), `href="` + w.talk("/drafts/new?type=not_now_keep_talking"), `href="` + w.talk("/stop?type=declined_to_engage"),
			`<div class="door">`, "Yes, with our conditions", "The community takes its time until",
		} {
			_, after, ok := strings.Cut(answers, words)
			if !ok {
				t.Fatalf("%q does not come in its place", words)
			}
			answers = after
		}
		reads(t, hilda, w.talk("/drafts/new?type=no"), `value="no" checked`)
		reads(t, hilda, w.talk("/stop?type=declined_to_engage"), `value="declined_to_engage" checked`)
		for _, who := range []string{"Mira", "Fara", "Pablo"} {
			if strings.Contains(w.as(w.persons[who]).get(w.at("")).Body, "Our answer can be") {
				t.Errorf("%s is offered the community's answers", who)
			}
		}
	})
}

// A new version hides no yes to an earlier one from the button that takes it back.
func TestAnOlderYesCanBeTakenBack(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := consult(t, db).propose().tell().deliberate()
		w.decide(consultations.Consent, w.aspects...)
		w.did(w.talks.ChangeProposal(t.Context(), w.by("Pablo"), w.community, w.consultation, consultations.ProposalForm{
			Title: "Another word", Summary: "y", Aspects: []string{canary + " study"},
		}))
		w.today()
		hilda, button := w.as(w.persons["Hilda"]), `href="`+w.talk("/stop?version=1")+`"`
		for _, path := range []string{w.at(""), w.at("/mandates"), "/communities", w.talk(""), w.talk("/stop"), w.talk("/told")} {
			reads(t, hilda, path, button)
		}
		reads(t, hilda, w.at(""), "A yes to it still stands", "We have said yes to this part")
		reads(t, w.as(w.persons["Fara"]), w.at(""), button)
		for _, who := range []string{"Mira", "Pablo"} {
			if strings.Contains(w.as(w.persons[who]).get(w.at("")).Body, button) {
				t.Errorf("%s is led to where nothing is theirs to take back", who)
			}
		}
		goes(t, hilda, w.talk("/stop"), url.Values{"version": {"1"}, "type": {"withdraw"}})
		if body := hilda.get(w.at("")).Body; strings.Contains(body, button) {
			t.Error("what was taken back is still offered")
		}
	})
}

// One answer to several parts is said once, and only where it means the same for each.
func TestOneAnswerToSeveralPartsIsSaidOnce(t *testing.T) {
	w := consult(t, databasetest.SQLite(t)).propose().tell().deliberate()
	w.decide(consultations.No, w.aspects[0], w.aspects[1])
	hilda := w.as(w.persons["Hilda"])
	says := func() (nos, withdrawn, unagreed int) {
		body := hilda.get(w.at("")).Body
		return strings.Count(body, "We have said no to this part"), strings.Count(body, "We have taken our yes back"), strings.Count(body, "We had not said yes to this part")
	}
	if nos, _, _ := says(); nos != 1 {
		t.Errorf("one no to two parts is said %d times", nos)
	}
	w = consult(t, databasetest.SQLite(t)).propose().tell().deliberate()
	w.decide(consultations.Consent, w.aspects[0])
	hilda = w.as(w.persons["Hilda"])
	w.did(w.talks.Stop(t.Context(), w.by("Hilda"), w.community, w.consultation, consultations.StopForm{Version: 1, Type: consultations.Withdraw, Language: "es"}))
	if _, withdrawn, unagreed := says(); withdrawn != 1 || unagreed != 1 {
		t.Errorf("a yes that was taken back is said %d times, that there was none %d times", withdrawn, unagreed)
	}
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
