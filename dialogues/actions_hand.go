package dialogues

import (
	"context"
	"fmt"

	"github.com/vcm-forum/forum/dialogues/record"
)

// RaiseHand asks to speak. Raising a hand that is up already changes nothing.
func (s *Service) RaiseHand(ctx context.Context, by Call, dialogue, session record.ID) (record.Receipt, error) {
	return s.act(ctx, by, dialogue, Contribute, []any{"raise", session}, func(t *turn) error {
		of, err := t.liveSession(session)
		if err != nil {
			return err
		}
		up, err := t.handOf(session, t.Actor.ID())
		if err != nil || up.ID != "" {
			return err
		}
		return t.raiseHand(of)
	})
}

func (t *turn) raiseHand(of Session) error {
	hand := Hand{
		ID: record.NewID(), SessionID: of.ID, ItemID: of.ItemID, PersonID: t.Actor.ID(),
		StakeholderGroup: t.Actor.Person.StakeholderGroup, State: Waiting, RaisedAt: t.Now,
	}
	t.note(HandRaised, hand.ID, hand.facts())
	if err := t.attend(of.ID, t.Actor.Person); err != nil {
		return err
	}
	return create(t, &hand)
}

// LowerHand takes one's own hand down.
func (s *Service) LowerHand(ctx context.Context, by Call, dialogue, session record.ID) (record.Receipt, error) {
	return s.act(ctx, by, dialogue, Contribute, []any{"lower", session}, func(t *turn) error {
		if _, err := t.liveSession(session); err != nil {
			return err
		}
		hand, err := t.handOf(session, t.Actor.ID())
		if err != nil || hand.ID == "" {
			return err
		}
		return t.endHand(hand)
	})
}

// CallHand gives somebody the floor; whoever had it is done.
func (s *Service) CallHand(ctx context.Context, by Call, dialogue, session, id record.ID) (record.Receipt, error) {
	return s.chair(ctx, by, dialogue, session, []any{"call", session, id}, func(t *turn, _ *Session) (Step, error) {
		var next Hand
		if err := load(t, &next, "id = ? AND session_id = ?", id, session); err != nil {
			return Step{}, err
		}
		if next.State != Waiting {
			return Step{}, ErrWrongTime
		}
		var speaking []Hand
		if err := t.DB.Where("session_id = ? AND state = ?", session, Speaking).Find(&speaking).Error; err != nil {
			return Step{}, fmt.Errorf("find who speaks: %w", err)
		}
		for _, hand := range speaking {
			if err := t.endHand(hand); err != nil {
				return Step{}, err
			}
		}
		next.State, next.CalledAt = Speaking, &t.Now
		t.note(HandCalled, next.ID, next.facts())
		return Step{Verb: HandCalled, Hand: id, Person: next.PersonID}, save(t, &next)
	})
}

// EndHand says that a speaker is done, or takes a waiting hand off the list.
func (s *Service) EndHand(ctx context.Context, by Call, dialogue, session, id record.ID) (record.Receipt, error) {
	return s.chair(ctx, by, dialogue, session, []any{"end", session, id}, func(t *turn, _ *Session) (Step, error) {
		var hand Hand
		if err := load(t, &hand, "id = ? AND session_id = ?", id, session); err != nil {
			return Step{}, err
		}
		step := Step{Hand: id, Person: hand.PersonID}
		switch hand.State {
		case Waiting:
			step.Verb = HandLowered
		case Speaking:
			step.Verb = HandDone
		case Done, Lowered:
			return Step{}, nil
		}
		return step, t.endHand(hand)
	})
}

func (h Hand) facts() Facts {
	return Facts{Session: h.SessionID, Item: h.ItemID, Person: h.PersonID, State: string(h.StakeholderGroup)}
}

// endHand: who spoke is done, who waited has lowered the hand.
func (t *turn) endHand(hand Hand) error {
	verb := HandLowered
	if hand.State == Speaking {
		verb = HandDone
		hand.State = Done
	} else {
		hand.State = Lowered
	}
	hand.EndedAt = &t.Now
	t.note(verb, hand.ID, hand.facts())
	return save(t, &hand)
}

// handOf finds the hand a person has up; the zero Hand when there is none.
func (t *turn) handOf(session, person record.ID) (Hand, error) {
	var hand Hand
	err := t.DB.Where("session_id = ? AND person_id = ? AND state IN ?", session, person, []HandState{Waiting, Speaking}).
		Limit(1).Find(&hand).Error
	if err != nil {
		return hand, fmt.Errorf("find hand: %w", err)
	}
	return hand, nil
}
