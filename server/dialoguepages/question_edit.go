package dialoguepages

import (
	"errors"
	"net/url"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

type questionsPage struct {
	page.Base
	Dialogue  dialogues.Dialogue
	Questions []questionForm
	Removed   []dialogues.Question
	New       page.Form
	CanOpen   bool
}

// questionForm is a question with the form that changes it.
type questionForm struct {
	dialogues.QuestionView
	Form page.Form
	Open bool // shown unfolded, because it came back with a problem
}

var questionsTemplate = page.Must[questionsPage]("dialogues/questions.html")

// Questions shows the tree of questions for editing.
func (p *Pages) Questions(r *page.Request) error { return p.showQuestions(r, "", nil) }

// AddQuestion adds a question.
func (p *Pages) AddQuestion(r *page.Request) error {
	receipt, err := p.Dialogues.AddQuestion(r.Ctx(), r.Call(), r.Seat.Dialogue.ID, readQuestion(r))
	return p.questionDone(r, "", receipt, err, "flash.saved")
}

// ChangeQuestion rewrites a question.
func (p *Pages) ChangeQuestion(r *page.Request) error {
	id := r.ID("question")
	receipt, err := p.Dialogues.ChangeQuestion(r.Ctx(), r.Call(), r.Seat.Dialogue.ID, id, readQuestion(r))
	return p.questionDone(r, id, receipt, err, "flash.saved")
}

// RemoveQuestion takes an unused question away.
func (p *Pages) RemoveQuestion(r *page.Request) error {
	receipt, err := p.Dialogues.RemoveQuestion(r.Ctx(), r.Call(), r.Seat.Dialogue.ID, r.ID("question"))
	return p.questionDone(r, "", receipt, err, "flash.removed")
}

// RestoreQuestion puts a removed question back.
func (p *Pages) RestoreQuestion(r *page.Request) error {
	receipt, err := p.Dialogues.RestoreQuestion(r.Ctx(), r.Call(), r.Seat.Dialogue.ID, r.ID("question"))
	return p.questionDone(r, "", receipt, err, "flash.restored")
}

// MoveQuestion moves a question up or down.
func (p *Pages) MoveQuestion(r *page.Request) error {
	receipt, err := p.Dialogues.MoveQuestion(r.Ctx(), r.Call(), r.Seat.Dialogue.ID, r.ID("question"), r.FormValue("up") == "1")
	return p.questionDone(r, "", receipt, err, "flash.saved")
}

func (p *Pages) questionDone(r *page.Request, id record.ID, receipt record.Receipt, err error, flash string) error {
	var invalid people.Invalid
	if errors.As(err, &invalid) && !r.WantsJSON() {
		return p.showQuestions(r, id, invalid)
	}
	if err != nil {
		return err
	}
	r.Flash(flash)
	return r.Done(receipt, dialoguePath(r.Seat.Dialogue.ID)+"/questions")
}

func readQuestion(r *page.Request) dialogues.QuestionForm {
	return dialogues.QuestionForm{
		Parent: r.FormID("parent"), Title: r.FormValue("title"), Background: r.FormValue("background"),
		Answer: dialogues.Answer(r.FormValue("answer")),
	}
}

func (p *Pages) showQuestions(r *page.Request, of record.ID, invalid people.Invalid) error {
	questions, err := p.Dialogues.BalancedQuestions(r.Ctx(), r.Seat.Dialogue.ID)
	if err != nil {
		return err
	}
	removed, err := p.Dialogues.RemovedQuestions(r.Ctx(), r.Seat.Dialogue.ID)
	if err != nil {
		return err
	}
	title := r.P.T("dialogue.edit_questions")
	data := questionsPage{Base: r.Base(title, crumbs(r, title)...), Dialogue: r.Seat.Dialogue, Removed: removed, CanOpen: r.Seat.Dialogue.State == dialogues.Draft && r.Seat.Can(dialogues.ChangeState)}
	data.Again = dialoguePath(r.Seat.Dialogue.ID) + "/questions"
	data.New = r.Form(url.Values{"answer": {string(dialogues.AnswerOpen)}}, nil)
	if of == "" && invalid != nil {
		data.New = r.Form(nil, invalid).Named("title", "question.title", "background", "question.background", "answer", "question.answer")
	}
	for _, q := range questions {
		form := questionForm{QuestionView: q, Form: r.Form(url.Values{"title": {q.Title}, "background": {q.Background}, "answer": {string(q.Answer)}}, nil)}
		if q.ID == of {
			form.Form, form.Open = r.Form(nil, invalid), true
		}
		data.Questions = append(data.Questions, form)
	}
	return questionsTemplate.Show(r, statusOf(invalid), data)
}

// Field makes a field of one of the many forms of the page.
func (q questionForm) Field(kind, name, label string) page.Field {
	f := q.Form.Field(kind, name, label)
	f.ID = name + "-" + string(q.ID)
	return f
}

// Answers are the kinds of answer wanted.
func (q questionForm) Answers() []page.Option {
	return page.Options(q.Form.Words, "answer.", dialogues.Answers())
}

// Answers are the kinds of answer wanted.
func (p questionsPage) Answers() []page.Option {
	return page.Options(p.Words, "answer.", dialogues.Answers())
}

// Parents are the questions a new one may belong to.
func (p questionsPage) Parents() []page.Option {
	var out []page.Option
	for _, q := range p.Questions {
		if q.Depth == 0 {
			out = append(out, page.Option{Value: string(q.ID), Label: q.Number + " " + q.Title})
		}
	}
	return out
}
