package consultationpages

import (
	"net/url"
	"slices"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

// publishPage is where a holder says something for the community in a dialogue.
// The words are written for it, nothing of the record is put in for them, and they
// are shown as they will stand there before they are said.
type publishPage struct {
	scene
	Sheet  sheet
	Floors []floor // where the reader may speak
	Spoken *spoken // what was written, as it will stand there
}

// floor is a question of a dialogue in which the reader may speak.
type floor struct {
	Dialogue dialogues.Dialogue
	Question dialogues.QuestionView
}

// spoken is a statement before it is said, with the form that says it.
type spoken struct {
	sheet
	floor
	Group people.Group
	In    consultations.PublishForm
}

var publishTemplate = page.Must[publishPage]("consultations/publish.html")

// Publish shows the form of a statement in a dialogue.
func (p *Pages) Publish(r *page.Request) error { return p.showPublish(r, trouble{}, nil) }

func (p *Pages) showPublish(r *page.Request, t trouble, in *consultations.PublishForm) error {
	s, err := p.scene(r, "release", "consultation.publish", t)
	if err != nil {
		return err
	}
	data := publishPage{scene: s}
	if data.Floors, err = p.floors(r); err != nil {
		return err
	}
	values := url.Values{"language": {string(r.P.Lang())}}
	if in != nil {
		values = url.Values{"question": {string(in.Question)}, "language": {in.Language}, "words": {in.Words}}
	}
	data.Sheet = s.form("write", values, "question", "consultation.publish_where", "language", "consultation.language", "words", "consultation.publish_words")
	if in != nil {
		at := slices.IndexFunc(data.Floors, func(f floor) bool { return f.Question.ID == in.Question })
		data.Spoken = &spoken{s.form("say", url.Values{}, "proof", "consultation.proof"), data.Floors[at], r.Actor.Person.StakeholderGroup, *in}
	}
	return publishTemplate.Show(r, s.Status(), data)
}

// floors are the questions of the open dialogues in which the reader may speak. A
// rehearsal is none of them: what is said there is gone at its end.
func (p *Pages) floors(r *page.Request) ([]floor, error) {
	seats, err := p.Consultations.Dialogues.SeatsOf(r.Ctx(), r.Actor)
	if err != nil {
		return nil, err
	}
	var out []floor
	for _, seat := range seats {
		if seat.Dialogue.IsRehearsal() || !seat.Can(dialogues.Contribute) {
			continue
		}
		questions, err := p.Consultations.Dialogues.Questions(r.Ctx(), seat.Dialogue.ID)
		if err != nil {
			return nil, err
		}
		for _, q := range questions {
			out = append(out, floor{seat.Dialogue, q})
		}
	}
	return out, nil
}

// FloorOptions are the questions as choices, each with its dialogue.
func (s publishPage) FloorOptions() []page.Option {
	var out []page.Option
	for _, f := range s.Floors {
		out = append(out, page.Option{Value: string(f.Question.ID), Label: f.Dialogue.Title + " · " + f.Question.Number + " " + f.Question.Title})
	}
	return out
}

// Tongues are the languages that a dialogue knows.
func (s publishPage) Tongues() []page.Option {
	return page.ByName(s.LanguageOptions(dialogues.Languages()))
}

// Readers says who will be able to read it.
func (s spoken) Readers() string {
	return s.T("consultation.publish_readers." + string(s.Dialogue.Visibility)) // i18n: consultation.publish_readers.*
}

// statement reads what is to be said. All that a dialogue asks of it is asked here:
// the community's record says that it was said before it is.
func (p *Pages) statement(r *page.Request) (consultations.PublishForm, error) {
	in := consultations.PublishForm{Question: r.FormID("question"), Language: page.OneOf(r.FormValue("language"), dialogues.Languages())}
	floors, err := p.floors(r)
	if err != nil {
		return in, err
	}
	v := people.Invalid{}
	in.Words = v.Text("words", r.FormValue("words"), true, dialogues.LongestContribution)
	if in.Language == "" {
		v.Add("language", "error.choose_one")
	}
	at := slices.IndexFunc(floors, func(f floor) bool { return f.Question.ID == in.Question })
	if at < 0 {
		v.Add("question", "error.choose_one")
		return in, v.Err()
	}
	in.Dialogue = floors[at].Dialogue.ID
	return in, v.Err()
}

// SayIt shows the words as they will stand, or, once they were shown, says them.
// Whoever does shows again who they are: what was read cannot be unread.
func (p *Pages) SayIt(r *page.Request) error {
	in, err := p.statement(r)
	if t, ok := troubleOf(r, "write", err); ok {
		return p.showPublish(r, t, nil)
	}
	if err == nil && r.FormValue("look") != "" {
		return p.showPublish(r, trouble{}, &in)
	}
	var receipt record.Receipt
	if err == nil {
		err = p.fresh(r)
	}
	if err == nil {
		receipt, err = p.Consultations.Publish(r.Ctx(), r.Consult(), r.Sitting.Community.ID, r.ID("consultation"), in)
	}
	if t, ok := troubleOf(r, "say", err); ok {
		return p.showPublish(r, t, &in)
	}
	if err != nil {
		return err
	}
	r.Flash("flash.consultation_published")
	return r.Done(receipt, "/contributions/"+string(receipt.ID))
}
