package server_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// hall is a public dialogue with one question, in which some may speak.
func (w *consulted) hall(speak ...string) (dialogue, question record.ID) {
	w.t.Helper()
	ctx, lead, s := w.t.Context(), w.by("Fara").Call, w.talks.Dialogues
	dialogue = w.must(s.CreateDialogue(ctx, lead, dialogues.DialogueForm{
		Kind: dialogues.Regional, Title: "Forests of the north", Objective: "To hear", Language: "es", Visibility: dialogues.Public,
	})).ID
	question = w.must(s.AddQuestion(ctx, lead, dialogue, dialogues.QuestionForm{Title: "What happened?", Answer: dialogues.AnswerOpen})).ID
	w.must(s.SetState(ctx, lead, dialogue, dialogues.Open))
	for _, name := range speak {
		w.must(s.SetRole(ctx, lead, dialogue, w.persons[name].ID(), dialogues.Participant))
	}
	return dialogue, question
}

// spokenIn counts what was said in a dialogue.
func (w *consulted) spokenIn(dialogue record.ID) int64 {
	w.t.Helper()
	seat, err := w.talks.Dialogues.SeatOf(w.t.Context(), w.persons["Fara"], dialogue)
	if err != nil {
		w.t.Fatal(err)
	}
	_, n, err := w.talks.Dialogues.Contributions(w.t.Context(), seat, dialogues.SaidFilter{})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// What is said for the community in a dialogue was written for it, was seen as it
// will stand there, and takes a fresh proof. It carries no name and can be taken back.
func TestAHolderSaysSomethingInADialogue(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := decided(t, db)
		dialogue, question := w.hall("Hilda")
		at, hilda := w.talk("/publish"), w.keyed("Hilda")
		shows(t, hilda.get(w.talk("")).Body, at, "/communities/"+string(w.community)+"/seats")
		blank := hilda.get(at).Body
		shows(t, blank, "Forests of the north · 1 What happened?", "Nothing of this goes into a dialogue by itself")
		if strings.Contains(between(blank, "<textarea", "</textarea>"), canary) {
			t.Error("the record is put into the words")
		}
		form := url.Values{"question": {string(question)}, "language": {"es"}, "words": {"Lo decidimos\nen asamblea."}, "look": {"1"}, "key": {"said"}}
		seen := hilda.post(at, form)
		if seen.Status != http.StatusOK {
			t.Errorf("a look: %d", seen.Status)
		}
		shows(t, seen.Body, "So it will stand there", "Group only", "on question 1", "Lo decidimos\nen asamblea.", "Everyone will be able to read it", `name="proof"`)
		form.Del("look")
		w.refused(hilda, at, form, http.StatusUnprocessableEntity, "This is not right. Nothing was recorded.", "So it will stand there", "Lo decidimos\nen asamblea.")
		if n := w.spokenIn(dialogue); n != 0 {
			t.Fatalf("%d contributions before anything was said", n)
		}
		form.Set("proof", hallPassphrase)
		said := w.sent(hilda, at, form).Location
		w.sent(hilda, at, form) // a press too many
		there := w.as(w.persons["Nadia"]).get(said).Body
		shows(t, there, "Lo decidimos\nen asamblea.", "Group only")
		if n := w.spokenIn(dialogue); n != 1 || strings.Contains(there, canary) || strings.Contains(there, "Hilda") {
			t.Errorf("%d contributions; the page names the community: %v, its holder: %v", n, strings.Contains(there, canary), strings.Contains(there, "Hilda"))
		}
		w.sent(hilda, said+"/withdraw", nil)
		if strings.Contains(w.as(w.persons["Nadia"]).get(said).Body, "asamblea") {
			t.Error("what was taken back is still there")
		}
	})
}

// Nothing is noted as said that a dialogue would not have taken.
func TestAStatementGoesWhereItsSpeakerMaySpeak(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := decided(t, db)
		_, question := w.hall("Hilda")
		at, horst, hilda := w.talk("/publish"), w.keyed("Horst"), w.keyed("Hilda")
		shows(t, horst.get(at).Body, "Your account cannot speak in any open dialogue", `href="/dialogues"`)
		before := w.of("Hilda").Community.Size
		for name, tt := range map[string]struct {
			b      *browser
			fields url.Values
			field  string
		}{
			"where one has no seat": {horst, url.Values{"question": {string(question)}, "language": {"es"}, "words": {"Words kept"}}, "question"},
			"on no question":        {hilda, url.Values{"language": {"es"}, "words": {"Words kept"}}, "question"},
			"in no language":        {hilda, url.Values{"question": {string(question)}, "language": {tongue}, "words": {"Words kept"}}, "language"},
			"without words":         {hilda, url.Values{"question": {string(question)}, "language": {"es"}, "words": {" "}}, "words"},
		} {
			tt.fields.Set("proof", hallPassphrase)
			got := tt.b.post(at, tt.fields)
			if got.Status != http.StatusUnprocessableEntity {
				t.Errorf("%s: %d", name, got.Status)
			}
			if !strings.Contains(got.Body, `href="#write-`+tt.field) && tt.b == hilda {
				t.Errorf("%s: nothing is said at %s", name, tt.field)
			}
		}
		if got := w.as(w.persons["Fara"]).get(at); got.Status != http.StatusForbidden {
			t.Errorf("a facilitator opens it: %d", got.Status)
		}
		if reads := w.of("Hilda").Community.Size - before; reads != 4 {
			t.Errorf("%d entries, want the four looks at the form alone", reads)
		}
	})
}
