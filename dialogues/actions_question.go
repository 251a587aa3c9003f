package dialogues

import (
	"context"
	"fmt"

	"github.com/vcm-forum/forum/dialogues/record"
)

// AddQuestion adds a question to a dialogue, at the end of its parent's list.
func (s *Service) AddQuestion(ctx context.Context, by Call, dialogue record.ID, in QuestionForm) (record.Receipt, error) {
	if err := in.check().Err(); err != nil {
		return record.Receipt{}, err
	}
	return s.act(ctx, by, dialogue, Prepare, in, func(t *turn) error {
		if err := t.topQuestion(in.Parent); err != nil {
			return err
		}
		q := Question{
			ID: record.NewID(), DialogueID: dialogue, ParentID: in.Parent, Title: in.Title,
			Background: in.Background, Answer: in.Answer, Version: 1, CreatedAt: t.Now,
		}
		var err error
		if q.Position, err = t.nextPosition(&Question{}, "dialogue_id = ?", dialogue); err != nil {
			return err
		}
		if err := create(t, &q); err != nil {
			return err
		}
		t.noteText(QuestionAdded, q.ID, Facts{Parent: in.Parent}, 1, q.Title+"\n"+q.Background)
		return nil
	})
}

// ChangeQuestion rewrites a question. Its parent stays: contributions were
// made to it where it stood.
func (s *Service) ChangeQuestion(ctx context.Context, by Call, dialogue, question record.ID, in QuestionForm) (record.Receipt, error) {
	if err := in.check().Err(); err != nil {
		return record.Receipt{}, err
	}
	return s.act(ctx, by, dialogue, Prepare, []any{question, in}, func(t *turn) error {
		q, err := t.question(question)
		if err != nil {
			return err
		}
		q.Title, q.Background, q.Answer = in.Title, in.Background, in.Answer
		q.Version++
		t.noteText(QuestionChanged, q.ID, Facts{}, q.Version, q.Title+"\n"+q.Background)
		return save(t, &q)
	})
}

// RemoveQuestion takes away a question to which nothing was said and which has
// no sub-questions; anything else would take people's words with it.
func (s *Service) RemoveQuestion(ctx context.Context, by Call, dialogue, question record.ID) (record.Receipt, error) {
	return s.act(ctx, by, dialogue, Prepare, []any{"remove", question}, func(t *turn) error {
		q, err := t.question(question)
		if err != nil {
			return err
		}
		var used int64
		err = t.DB.Raw(`SELECT (SELECT COUNT(*) FROM contributions WHERE question_id = ?)
			+ (SELECT COUNT(*) FROM questions WHERE parent_id = ? AND removed_at IS NULL)`, q.ID, q.ID).Scan(&used).Error
		if err != nil {
			return fmt.Errorf("count what hangs on a question: %w", err)
		}
		if used > 0 {
			return ErrWrongTime
		}
		q.RemovedAt = &t.Now
		t.note(QuestionRemoved, q.ID, Facts{})
		return save(t, &q)
	})
}

// RestoreQuestion puts a removed question back where it stood.
func (s *Service) RestoreQuestion(ctx context.Context, by Call, dialogue, question record.ID) (record.Receipt, error) {
	return s.act(ctx, by, dialogue, Prepare, []any{"restore", question}, func(t *turn) error {
		var q Question
		if err := load(t, &q, "id = ? AND dialogue_id = ? AND removed_at IS NOT NULL", question, dialogue); err != nil {
			return err
		}
		if err := t.topQuestion(q.ParentID); err != nil {
			return err // what it was part of is gone too
		}
		q.RemovedAt = nil
		t.note(QuestionRestored, q.ID, Facts{Parent: q.ParentID})
		return save(t, &q)
	})
}

// MoveQuestion swaps a question with its neighbour above (up) or below.
func (s *Service) MoveQuestion(ctx context.Context, by Call, dialogue, question record.ID, up bool) (record.Receipt, error) {
	return s.act(ctx, by, dialogue, Prepare, []any{"move", question, up}, func(t *turn) error {
		q, err := t.question(question)
		if err != nil {
			return err
		}
		query := t.DB.Where("dialogue_id = ? AND removed_at IS NULL AND COALESCE(parent_id, '') = ?", dialogue, string(q.ParentID))
		if up {
			query = query.Where("position < ?", q.Position).Order("position DESC")
		} else {
			query = query.Where("position > ?", q.Position).Order("position")
		}
		var other Question
		if err := query.Limit(1).Find(&other).Error; err != nil {
			return fmt.Errorf("find neighbour: %w", err)
		}
		if other.ID == "" {
			return nil
		}
		q.Position, other.Position = other.Position, q.Position
		t.note(QuestionChanged, q.ID, Facts{})
		if err := save(t, &other); err != nil {
			return err
		}
		return save(t, &q)
	})
}

// question loads a question of the turn's dialogue.
func (t *turn) question(id record.ID) (Question, error) {
	var q Question
	return q, load(t, &q, "id = ? AND dialogue_id = ? AND removed_at IS NULL", id, t.Dialogue.ID)
}

// topQuestion: a parent, if any, is a question without a parent.
func (t *turn) topQuestion(parent record.ID) error {
	if parent == "" {
		return nil
	}
	q, err := t.question(parent)
	if err == nil && q.ParentID != "" {
		return ErrNotFound
	}
	return err
}

// nextPosition is one behind the last row of a list.
func (t *turn) nextPosition(model any, where string, args ...any) (int64, error) {
	var last *int64
	if err := t.DB.Model(model).Where(where, args...).Select("MAX(position)").Scan(&last).Error; err != nil {
		return 0, fmt.Errorf("find last position: %w", err)
	}
	if last == nil {
		return 1, nil
	}
	return *last + 1, nil
}
