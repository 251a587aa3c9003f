package dialogues

import (
	"time"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// Question is a clearly defined part of the dialogue's large problem. Questions
// form a tree two levels deep: a phone shows no more without losing the reader.
type Question struct {
	ID         record.ID
	DialogueID record.ID
	ParentID   record.ID
	Position   int64
	Title      string
	Background string
	Answer     Answer
	RemovedAt  *time.Time
	Version    int64
	CreatedAt  time.Time
}

// TableName tells gorm where questions live.
func (Question) TableName() string { return "questions" }

// Answer says what kind of answer the organisers want to a question.
type Answer string

// Kinds of answer wanted.
const (
	AnswerOpen        Answer = "open"
	AnswerExperiences Answer = "experiences"
	AnswerOptions     Answer = "options"
	AnswerRisks       Answer = "risks"
	AnswerData        Answer = "data"
	AnswerDecision    Answer = "decision_input"
)

// Answers lists the kinds of answer.
func Answers() []Answer {
	return []Answer{AnswerOpen, AnswerExperiences, AnswerOptions, AnswerRisks, AnswerData, AnswerDecision}
}

// QuestionForm is a question as a facilitator fills it in.
type QuestionForm struct {
	Parent     record.ID
	Title      string
	Background string
	Answer     Answer
}

func (f *QuestionForm) check() people.Invalid {
	v := people.Invalid{}
	f.Title = v.Line("title", f.Title, true, LongestTitle)
	f.Background = v.Text("background", f.Background, false, LongestText)
	choose(v, "answer", f.Answer, Answers())
	return v
}
