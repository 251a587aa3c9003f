package consultations_test

import (
	"testing"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues"
)

// A statement reaches a dialogue by the community's own act alone, once, and
// without anybody's name.
func TestOnlyTheCommunityPublishesAStatement(t *testing.T) {
	each(t, func(w *world) {
		w.founded().proposed()
		lead := dialogues.Call{Actor: w.people["Fara"]}
		made, err := w.Dialogues.CreateDialogue(w.ctx(), lead, dialogues.DialogueForm{
			Kind: dialogues.Regional, Title: "Forests", Objective: "To hear", Language: "es", Visibility: dialogues.Public,
		})
		dialogue := w.must(made, err)
		question := w.must(w.Dialogues.AddQuestion(w.ctx(), lead, dialogue, dialogues.QuestionForm{Title: "What happened?", Answer: dialogues.AnswerOpen}))
		w.must(w.Dialogues.SetState(w.ctx(), lead, dialogue, dialogues.Open))
		for _, name := range []string{"Hilda", "Mira"} {
			w.must(w.Dialogues.SetRole(w.ctx(), lead, dialogue, w.people[name].ID(), dialogues.Participant))
		}
		form := consultations.PublishForm{Dialogue: dialogue, Question: question, Language: "es", Words: "Lo decidimos en asamblea."}
		_, err = w.Publish(w.ctx(), w.by("Fara"), w.community, w.consultation, form)
		w.refused(err, consultations.ErrRefused)
		call := w.by("Hilda")
		call.Key = "once"
		for range 2 {
			w.must(w.Publish(w.ctx(), call, w.community, w.consultation, form))
		}
		seat, err := w.Dialogues.SeatOf(w.ctx(), w.people["Fara"], dialogue)
		if err != nil {
			t.Fatal(err)
		}
		said, n, err := w.Dialogues.Contributions(w.ctx(), seat, dialogues.SaidFilter{})
		if err != nil || n != 1 || said[0].ShowsAuthor() || said[0].Body != form.Words {
			t.Errorf("said: %+v, %v", said, err)
		}
	})
}
