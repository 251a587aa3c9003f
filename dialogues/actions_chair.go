package dialogues

import (
	"context"
	"fmt"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// chair is one step of chairing a live session: run does it and says what it
// was, or the zero Step when nothing changed. The step is kept with what stood
// before it, for [Service.UndoStep].
func (s *Service) chair(ctx context.Context, by Call, dialogue, id record.ID, in any,
	run func(t *turn, session *Session) (Step, error),
) (record.Receipt, error) {
	return s.act(ctx, by, dialogue, Chair, in, func(t *turn) error {
		session, err := t.liveSession(id)
		if err != nil {
			return err
		}
		was, err := t.standing(session)
		if err != nil {
			return err
		}
		step, err := run(t, &session)
		if err != nil || step.Verb == "" {
			return err
		}
		step.ID, step.At, step.Was = record.NewID(), t.Now, was
		session.LastStep = &step
		return save(t, &session)
	})
}

func (t *turn) standing(session Session) (Standing, error) {
	was := Standing{Chair: session.ChairID, Item: session.ItemID, TimerEndsAt: session.TimerEndsAt, TimerLeft: session.TimerLeft}
	var speaker Hand
	if err := t.DB.Where("session_id = ? AND state = ?", session.ID, Speaking).Limit(1).Find(&speaker).Error; err != nil {
		return was, fmt.Errorf("find who speaks: %w", err)
	}
	was.Speaker, was.SpeakerIs = speaker.ID, speaker.PersonID
	return was, nil
}

// HandChair passes the chair to another facilitator or co-facilitator, who is
// in the session by that.
func (s *Service) HandChair(ctx context.Context, by Call, dialogue, id, to record.ID) (record.Receipt, error) {
	return s.chair(ctx, by, dialogue, id, []any{"chair", id, to}, func(t *turn, session *Session) (Step, error) {
		var m Membership
		if err := load(t, &m, "dialogue_id = ? AND person_id = ? AND ended_at IS NULL AND role IN ?",
			dialogue, to, []Role{Facilitator, CoFacilitator}); err != nil {
			return Step{}, err
		}
		if session.ChairID == to {
			return Step{}, nil
		}
		var person people.Person
		if err := load(t, &person, "id = ?", to); err != nil {
			return Step{}, err
		}
		session.ChairID = to
		t.note(ChairHanded, id, Facts{Session: id, Person: to})
		return Step{Verb: ChairHanded, Person: to}, t.attend(id, person)
	})
}

// UndoStep takes back the last step of chairing a session: afterwards it stands
// as it did before, with a line of its own in the record. Of two who press at
// once, or where somebody has gone on meanwhile, the later gets ErrStepGone.
func (s *Service) UndoStep(ctx context.Context, by Call, dialogue, id, step record.ID) (record.Receipt, error) {
	return s.act(ctx, by, dialogue, Chair, []any{"undo", id, step}, func(t *turn) error {
		if _, err := t.liveSession(id); err != nil {
			return err
		}
		hall, err := ReadHall(t.DB.Statement.Context, t.DB, dialogue, id, t.Now)
		if err != nil {
			return err
		}
		last := hall.Undoable(t.Now)
		if last == nil || last.ID != step {
			return ErrStepGone
		}
		session := hall.Session
		if err := t.takeBack(&session, *last); err != nil {
			return err
		}
		session.LastStep = nil
		t.note(StepUndone, id, Facts{Session: id, Item: last.Item, Person: last.Person, State: string(last.Verb)})
		return save(t, &session)
	})
}

// takeBack sets a session back to how it stood before its last step.
func (t *turn) takeBack(session *Session, step Step) error {
	was := step.Was
	switch step.Verb {
	case HandCalled:
		if err := t.setHand(step.Hand, Waiting, "called_at"); err != nil || was.Speaker == "" {
			return err
		}
		return t.setHand(was.Speaker, Speaking, "ended_at")
	case HandDone:
		return t.setHand(step.Hand, Speaking, "ended_at")
	case HandLowered:
		return t.setHand(step.Hand, Waiting, "ended_at")
	case ItemStarted:
		session.ItemID, session.TimerEndsAt, session.TimerLeft = was.Item, was.TimerEndsAt, was.TimerLeft
		return t.dropStretch(step, was.Item)
	case TimerSet:
		session.TimerEndsAt, session.TimerLeft = was.TimerEndsAt, was.TimerLeft
	case ChairHanded:
		session.ChairID = was.Chair
		return t.leaveAgain(session.ID, step)
	}
	return nil
}

// setHand puts a hand back into an earlier state and forgets when it left it.
func (t *turn) setHand(hand record.ID, state HandState, forget string) error {
	err := t.DB.Model(&Hand{}).Where("id = ?", hand).Updates(map[string]any{"state": state, forget: nil}).Error
	if err != nil {
		return fmt.Errorf("put hand back: %w", err)
	}
	return nil
}

// dropStretch: an item that was started by mistake took no time; the one before
// it went on all the while.
func (t *turn) dropStretch(step Step, before record.ID) error {
	if err := t.DB.Where("item_id = ? AND started_at = ?", step.Item, step.At).Delete(&Stretch{}).Error; err != nil {
		return fmt.Errorf("drop stretch: %w", err)
	}
	err := t.DB.Model(&Stretch{}).Where("item_id = ? AND ended_at = ?", before, step.At).Update("ended_at", nil).Error
	if err != nil {
		return fmt.Errorf("go on with stretch: %w", err)
	}
	return nil
}

// leaveAgain: who got the chair by mistake was not there because of it, unless
// they came by themselves or have done something since.
func (t *turn) leaveAgain(session record.ID, step Step) error {
	acted, err := record.ActedSince(t.DB.Statement.Context, t.DB, t.Room(), step.Person, step.At)
	if err != nil || acted {
		return err
	}
	err = t.DB.Where("session_id = ? AND person_id = ? AND joined_at = ?", session, step.Person, step.At).Delete(&Attendance{}).Error
	if err != nil {
		return fmt.Errorf("take attendance back: %w", err)
	}
	return nil
}
