package dialogues

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// EraseWords takes a person's words out of one dialogue and ends their seat in
// it. Only the person asks for it, on the way out.
//
// What was said under the name is emptied, whatever its state, and a line of
// the record says "erased". What was said for the group only is cut off from
// its author and stays: emptied at the same moment, it would tell everybody who
// compares before and after whose it had been. So no line is written about it,
// no date moves, and all who have left share one placeholder. Those of its
// words that nobody could read any more, withdrawn ones, are emptied, which
// nobody sees.
func (s *Service) EraseWords(ctx context.Context, by Call, dialogue record.ID) error {
	_, err := s.Writer.Do(ctx, record.Action{Room: string(dialogue), Actor: by.Actor.ID(), Run: func(tx *record.Tx) error {
		t := &turn{tx, Seat{Actor: by.Actor, Dialogue: Dialogue{ID: dialogue}}}
		if err := t.eraseNamed(); err != nil {
			return err
		}
		if err := t.sever(); err != nil {
			return err
		}
		if err := t.unseat(by.Actor.ID()); err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		return nil
	}})
	return err
}

// eraseNamed empties what was said under the name.
func (t *turn) eraseNamed() error {
	var own []Contribution
	err := t.DB.Where("dialogue_id = ? AND author_id = ? AND attribution = ? AND state <> ?", t.Dialogue.ID, t.Actor.ID(), Named, Erased).
		Order("created_at").Find(&own).Error
	if err != nil {
		return fmt.Errorf("find a person's words: %w", err)
	}
	for ids := range slices.Chunk(idsOf(own), 200) {
		if err := t.eraseTexts(ids); err != nil {
			return err
		}
	}
	for _, c := range own {
		t.note(ContributionErased, c.ID, c.facts())
		if err := t.setState(c, Erased); err != nil {
			return err
		}
	}
	return nil
}

// sever cuts what was said for the group only off from its author.
func (t *turn) sever() error {
	var own []Contribution
	err := t.DB.Where("dialogue_id = ? AND author_id = ? AND attribution = ?", t.Dialogue.ID, t.Actor.ID(), GroupOnly).Find(&own).Error
	if err != nil {
		return fmt.Errorf("find what was said for the group: %w", err)
	}
	if len(own) == 0 {
		return nil
	}
	former, err := people.Former(t.Tx)
	if err != nil {
		return err
	}
	for ids := range slices.Chunk(idsOf(own), 200) {
		err := t.DB.Model(&Contribution{}).Where("id IN ?", ids).UpdateColumns(map[string]any{"author_id": former, "country": ""}).Error
		if err != nil {
			return fmt.Errorf("sever words from their author: %w", err)
		}
	}
	gone := slices.DeleteFunc(own, func(c Contribution) bool { return c.State != Withdrawn })
	for ids := range slices.Chunk(idsOf(gone), 200) {
		if err := t.eraseTexts(ids); err != nil {
			return err
		}
	}
	return nil
}

// eraseTexts empties every version and destroys the salts, without which the
// digests in the record confirm no guess.
func (t *turn) eraseTexts(of []record.ID) error {
	err := t.DB.Model(&ContributionText{}).Where("contribution_id IN ?", of).Updates(map[string]any{"body": "", "folded": "", "salt": ""}).Error
	if err != nil {
		return fmt.Errorf("erase texts: %w", err)
	}
	return nil
}
