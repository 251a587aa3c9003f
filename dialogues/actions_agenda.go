package dialogues

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// AddItem adds an agenda item at the end of its list.
func (s *Service) AddItem(ctx context.Context, by Call, dialogue, session record.ID, in AgendaItemForm) (record.Receipt, error) {
	return s.agenda(ctx, by, dialogue, session, in, func(t *turn, of Session, items []AgendaItem) error {
		item := AgendaItem{ID: record.NewID(), SessionID: session, ParentID: in.Parent}
		position, err := t.nextPosition(&AgendaItem{}, "session_id = ?", session)
		if err != nil {
			return err
		}
		item.Position = position
		if err := t.fillItem(of, items, &item, in); err != nil {
			return err
		}
		return create(t, &item)
	})
}

// ChangeItem rewrites an agenda item.
func (s *Service) ChangeItem(ctx context.Context, by Call, dialogue, session, id record.ID, in AgendaItemForm) (record.Receipt, error) {
	return s.agenda(ctx, by, dialogue, session, []any{id, in}, func(t *turn, of Session, items []AgendaItem) error {
		item, err := t.item(session, id)
		if err != nil {
			return err
		}
		in.Parent = item.ParentID
		if err := t.fillItem(of, items, &item, in); err != nil {
			return err
		}
		return save(t, &item)
	})
}

// RemoveItem takes an agenda item and its sub-items off the agenda. The current
// item stays where it is.
func (s *Service) RemoveItem(ctx context.Context, by Call, dialogue, session, id record.ID) (record.Receipt, error) {
	return s.agenda(ctx, by, dialogue, session, []any{"remove", id}, func(t *turn, of Session, items []AgendaItem) error {
		for _, item := range items {
			if (item.ID == id || item.ParentID == id) && item.ID == of.ItemID {
				return ErrWrongTime
			}
		}
		result := t.DB.Model(&AgendaItem{}).Where("session_id = ? AND (id = ? OR parent_id = ?) AND removed_at IS NULL", session, id, id).
			Update("removed_at", t.Now)
		if result.Error != nil {
			return fmt.Errorf("remove agenda item: %w", result.Error)
		}
		if result.RowsAffected == 0 {
			return ErrNotFound
		}
		return nil
	})
}

// MoveItem swaps an item with its neighbour above (up) or below.
func (s *Service) MoveItem(ctx context.Context, by Call, dialogue, session, id record.ID, up bool) (record.Receipt, error) {
	return s.agenda(ctx, by, dialogue, session, []any{"move", id, up}, func(t *turn, _ Session, items []AgendaItem) error {
		item, err := t.item(session, id)
		if err != nil {
			return err
		}
		other, ok := neighbour(items, item, up)
		if !ok {
			return nil
		}
		item.Position, other.Position = other.Position, item.Position
		if err := save(t, &other); err != nil {
			return err
		}
		return save(t, &item)
	})
}

// neighbour finds the item before or after one, under the same parent.
func neighbour(items []AgendaItem, item AgendaItem, up bool) (AgendaItem, bool) {
	var found AgendaItem
	for _, other := range items {
		if other.ParentID != item.ParentID || other.ID == item.ID {
			continue
		}
		if up && other.Position < item.Position && (found.ID == "" || other.Position > found.Position) {
			found = other
		}
		if !up && other.Position > item.Position && (found.ID == "" || other.Position < found.Position) {
			found = other
		}
	}
	return found, found.ID != ""
}

// agenda is what every change of an agenda shares.
func (s *Service) agenda(ctx context.Context, by Call, dialogue, session record.ID, in any,
	run func(t *turn, of Session, items []AgendaItem) error,
) (record.Receipt, error) {
	return s.act(ctx, by, dialogue, Prepare, []any{session, in}, func(t *turn) error {
		of, err := t.session(session, Planned, Live)
		if err != nil {
			return err
		}
		items, err := agendaOf(t.DB, session)
		if err != nil {
			return err
		}
		if err := run(t, of, items); err != nil {
			return err
		}
		t.note(AgendaChanged, session, Facts{Session: session})
		return nil
	})
}

// fillItem checks a form against the agenda it joins and copies it.
func (t *turn) fillItem(of Session, items []AgendaItem, item *AgendaItem, in AgendaItemForm) error {
	v := in.check()
	if in.Parent != "" {
		parent, err := t.item(of.ID, in.Parent)
		if err != nil {
			return err
		}
		if parent.ParentID != "" {
			return ErrNotFound
		}
	}
	if in.Question != "" {
		if _, err := t.question(in.Question); err != nil {
			return err
		}
	}
	item.Title, item.Minutes, item.QuestionID = in.Title, in.Minutes, in.Question
	for field, problem := range fits(of, items, *item) {
		v.Add(field, problem.Key, problem.Args...)
	}
	return v.Err()
}

// agendaFits refuses a session shorter than its agenda.
func (t *turn) agendaFits(session Session) error {
	items, err := agendaOf(t.DB, session.ID)
	if err != nil {
		return err
	}
	v := people.Invalid{}
	if n := topMinutes(items); n > session.Minutes {
		v.Add("minutes", "error.agenda_children", "n", n)
	}
	return v.Err()
}

func topMinutes(items []AgendaItem) int64 {
	var n int64
	for _, item := range items {
		if item.ParentID == "" {
			n += item.Minutes
		}
	}
	return n
}

func (t *turn) item(session, id record.ID) (AgendaItem, error) {
	var item AgendaItem
	return item, load(t, &item, "id = ? AND session_id = ? AND removed_at IS NULL", id, session)
}

// openingItem is where a session begins, or goes on after it was closed, and
// what was spent on it before; the zero item when the agenda is empty.
func (t *turn) openingItem(session record.ID) (AgendaItem, time.Duration, error) {
	lines, err := agendaLines(t.DB, Session{ID: session}, t.Now)
	if err != nil || len(lines) == 0 {
		return AgendaItem{}, 0, err
	}
	last := lines[0]
	for _, line := range lines {
		if line.Ended != nil && (last.Ended == nil || line.Ended.After(*last.Ended)) {
			last = line
		}
	}
	return last.AgendaItem, last.Spent, nil
}

// copyAgenda takes an earlier session's agenda over, in a dialogue the actor prepares.
func (t *turn) copyAgenda(from, to record.ID) error {
	if from == "" {
		return nil
	}
	if _, err := t.session(from, Planned, Live, Over, Cancelled); err != nil {
		return err
	}
	return t.copyItems(from, to, nil)
}

// copyItems copies agenda items; questions, where given, says which question
// each one's has become.
func (t *turn) copyItems(from, to record.ID, questions map[record.ID]record.ID) error {
	items, err := agendaOf(t.DB, from)
	if err != nil {
		return err
	}
	fresh := map[record.ID]record.ID{}
	for _, entry := range Outline(items) {
		item := entry.AgendaItem
		fresh[item.ID] = record.NewID()
		item.ID, item.SessionID, item.ParentID = fresh[item.ID], to, fresh[item.ParentID]
		if questions != nil {
			item.QuestionID = questions[item.QuestionID]
		}
		if err := create(t, &item); err != nil {
			return err
		}
	}
	return nil
}

// StartItem makes an item the current one for everybody and starts its clock.
func (s *Service) StartItem(ctx context.Context, by Call, dialogue, session, id record.ID) (record.Receipt, error) {
	return s.chair(ctx, by, dialogue, session, []any{"start", session, id}, func(t *turn, of *Session) (Step, error) {
		item, err := t.item(session, id)
		if err != nil || of.ItemID == id {
			return Step{}, err
		}
		if err := t.endStretch(*of); err != nil {
			return Step{}, err
		}
		return Step{Verb: ItemStarted, Item: id}, t.startItem(of, item)
	})
}

func (t *turn) startItem(session *Session, item AgendaItem) error {
	session.ItemID = item.ID
	ends := t.Now.Add(minutes(item.Minutes))
	session.TimerEndsAt, session.TimerLeft = &ends, 0
	t.note(ItemStarted, item.ID, Facts{Session: session.ID, Item: item.ID, Question: item.QuestionID})
	stretch := Stretch{ItemID: item.ID, StartedAt: t.Now}
	// Back within the same microsecond (the record's clock stood still): go on with that stretch.
	again := clause.OnConflict{Columns: []clause.Column{{Name: "item_id"}, {Name: "started_at"}}, DoUpdates: clause.Assignments(map[string]any{"ended_at": nil})}
	if err := t.DB.Clauses(again).Create(&stretch).Error; err != nil {
		return fmt.Errorf("begin stretch: %w", err)
	}
	return save(t, session)
}

// endStretch stops the clock of the current item.
func (t *turn) endStretch(session Session) error {
	if session.ItemID == "" {
		return nil
	}
	err := t.DB.Model(&Stretch{}).Where("item_id = ? AND ended_at IS NULL", session.ItemID).Update("ended_at", t.Now).Error
	if err != nil {
		return fmt.Errorf("end stretch: %w", err)
	}
	return nil
}

func agendaOf(db *gorm.DB, session record.ID) ([]AgendaItem, error) {
	var items []AgendaItem
	err := db.Where("session_id = ? AND removed_at IS NULL", session).Order("position, id").Find(&items).Error
	if err != nil {
		return nil, fmt.Errorf("load agenda: %w", err)
	}
	return items, nil
}

// RestoreItem puts a removed item back where it stood, with the sub-items that
// went with it, if there is still time for it.
func (s *Service) RestoreItem(ctx context.Context, by Call, dialogue, session, id record.ID) (record.Receipt, error) {
	return s.agenda(ctx, by, dialogue, session, []any{"restore", id}, func(t *turn, of Session, items []AgendaItem) error {
		var item AgendaItem
		if err := load(t, &item, "id = ? AND session_id = ? AND removed_at IS NOT NULL", id, session); err != nil {
			return err
		}
		if item.ParentID != "" {
			if _, err := t.item(session, item.ParentID); err != nil {
				return err // what it was part of is gone too
			}
		}
		if err := fits(of, items, item).Err(); err != nil {
			return err
		}
		err := t.DB.Model(&AgendaItem{}).Where("session_id = ? AND (id = ? OR parent_id = ?) AND removed_at = ?", session, id, id, item.RemovedAt).
			Update("removed_at", nil).Error
		if err != nil {
			return fmt.Errorf("restore agenda item: %w", err)
		}
		return nil
	})
}
