package dialogues

import (
	"context"
	"fmt"
	"time"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// Imported says that a dialogue was taken in from elsewhere; its lines carry
// the time of the import, its contributions the time they were made.
const Imported record.Verb = "dialogue.imported"

// ImportForm is a conversation held elsewhere: one question, its contributions
// with their authors and times.
type ImportForm struct {
	Title         string
	Description   string
	Source        string // where it was held: an address or a name
	Language      string // BCP 47; "" means English
	Facilitator   record.ID
	Authors       []string
	Contributions []ImportedContribution
}

// ImportedContribution is one contribution made elsewhere. Its length has no
// limit: limits are for forms, not for history.
type ImportedContribution struct {
	Author    int // index into Authors
	At        time.Time
	Body      string
	Moderated bool // out already where it came from: kept, and shown as such
}

// ImportDialogue takes a conversation in, whole or not at all, as an open
// public dialogue.
func (s *Service) ImportDialogue(ctx context.Context, by Call, in ImportForm) (record.Receipt, error) {
	id := record.NewID()
	return s.Writer.Do(ctx, record.Action{
		Room: string(id), Actor: by.Actor.ID(), Key: by.Key, Asked: digestOf("import", in),
		Run: func(tx *record.Tx) error {
			t := &turn{tx, Seat{Actor: by.Actor, Dialogue: Dialogue{ID: id, State: Open, CreatedAt: tx.Now}}}
			question, err := t.importFrame(in)
			if err != nil {
				return err
			}
			authors, err := t.importAuthors(in)
			if err != nil {
				return err
			}
			for _, c := range in.Contributions {
				if err := t.importOne(question, authors[c.Author], in.Language, c); err != nil {
					return err
				}
			}
			if in.Facilitator == "" {
				return nil
			}
			return t.seat(in.Facilitator, Facilitator)
		},
	})
}

// importFrame makes the dialogue and its one question.
func (t *turn) importFrame(in ImportForm) (record.ID, error) {
	if in.Language == "" {
		in.Language = "en"
	}
	form := DialogueForm{
		Kind: Regional, Title: in.Title, Objective: in.Description, Background: in.Source, Language: in.Language,
		Languages: []string{in.Language}, Visibility: Public,
	}
	if err := t.writeDialogue(form); err != nil {
		return "", err
	}
	t.noteText(Imported, t.Dialogue.ID, Facts{}, 1, in.Title+"\n"+in.Description+"\n"+in.Source)
	q := Question{ID: record.NewID(), DialogueID: t.Dialogue.ID, Position: 1, Title: in.Title, Answer: AnswerOpen, Version: 1, CreatedAt: t.Now}
	t.noteText(QuestionAdded, q.ID, Facts{}, 1, q.Title+"\n"+q.Background)
	return q.ID, create(t, &q)
}

func (t *turn) importAuthors(in ImportForm) ([]record.ID, error) {
	ids := make([]record.ID, len(in.Authors))
	for i, name := range in.Authors {
		p, err := people.Insert(t.Tx, people.Imported, people.Profile{Name: name}, nil)
		if err != nil {
			return nil, err
		}
		ids[i] = p.ID
	}
	return ids, nil
}

// importOne keeps author, time and words. Kind and stakeholder group stay empty:
// nobody has said what they are.
func (t *turn) importOne(question, author record.ID, language string, in ImportedContribution) error {
	at := in.At.UTC().Truncate(time.Microsecond)
	c := Contribution{
		ID: record.NewID(), DialogueID: t.Dialogue.ID, QuestionID: question, AuthorID: author, Language: language, Attribution: Named, State: Visible, Version: 1, CreatedAt: at, ChangedAt: at,
	}
	if c.Language == "" {
		c.Language = "en"
	}
	if in.Moderated {
		c.State = Moderated
	}
	if err := create(t, &c); err != nil {
		return fmt.Errorf("import contribution: %w", err)
	}
	text := newText(c, in.Body, at)
	if err := create(t, &text); err != nil {
		return err
	}
	t.noteWords(ContributionAdded, c, text)
	if in.Moderated {
		t.note(ContributionModerated, c.ID, c.facts())
	}
	return nil
}

// TakeChair seats an administrator as facilitator of a dialogue that has none,
// after an import or when the last facilitator has left. It is the one thing
// that administrators may do in a dialogue by right.
func (s *Service) TakeChair(ctx context.Context, by Call, dialogue record.ID) (record.Receipt, error) {
	return s.act(ctx, by, dialogue, Know, "take the chair", func(t *turn) error {
		if err := people.StillHolds(t.Tx, by.Actor, people.Person.CanAdminister); err != nil {
			return err
		}
		var n int64
		err := t.DB.Model(&Membership{}).Where("dialogue_id = ? AND role = ? AND ended_at IS NULL", dialogue, Facilitator).Count(&n).Error
		if err != nil {
			return fmt.Errorf("count facilitators: %w", err)
		}
		if n > 0 {
			return ErrWrongTime
		}
		return t.seat(by.Actor.ID(), Facilitator)
	})
}
