package dialogues

import (
	"context"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// AddContribution says something to a question, or replies to a contribution.
// During a live session it also notes the current agenda item.
func (s *Service) AddContribution(ctx context.Context, by Call, dialogue record.ID, in ContributionForm) (record.Receipt, error) {
	if err := in.check().Err(); err != nil {
		return record.Receipt{}, err
	}
	return s.act(ctx, by, dialogue, Contribute, in, func(t *turn) error { return t.contribute(in) })
}

// contribute is the inside of AddContribution; the form is checked.
func (t *turn) contribute(in ContributionForm) error {
	c, err := t.newContribution(in)
	if err != nil {
		return err
	}
	if err := create(t, &c); err != nil {
		return err
	}
	return t.writeText(ContributionAdded, c, in.Body)
}

// facts are the ids that a line about a contribution carries.
func (c Contribution) facts() Facts {
	return Facts{Session: c.SessionID, Question: c.QuestionID, Item: c.ItemID, Parent: c.ParentID}
}

func (t *turn) newContribution(in ContributionForm) (Contribution, error) {
	c := Contribution{
		ID: record.NewID(), DialogueID: t.Dialogue.ID, QuestionID: in.Question, SessionID: in.Session,
		AuthorID: t.Actor.ID(), Kind: in.Kind, Language: in.Language, Country: t.Actor.Person.Country,
		StakeholderGroup: t.Actor.Person.StakeholderGroup, Attribution: in.Attribution,
		State: Visible, Version: 1, CreatedAt: t.Now, ChangedAt: t.Now,
	}
	if in.Parent != "" {
		return c, t.replyTo(&c, in.Parent)
	}
	if _, err := t.question(in.Question); err != nil {
		return c, err
	}
	if in.Session == "" {
		return c, nil
	}
	session, err := t.liveSession(in.Session)
	c.ItemID = session.ItemID
	return c, err
}

// replyTo places a reply under what it replies to; a reply to a reply is
// refused, since a thread that branches cannot be followed on a phone.
func (t *turn) replyTo(c *Contribution, parent record.ID) error {
	p, err := t.contribution(parent)
	if err != nil {
		return err
	}
	if p.ParentID != "" || p.State != Visible {
		return ErrWrongTime
	}
	c.ParentID, c.QuestionID, c.SessionID, c.ItemID = p.ID, p.QuestionID, p.SessionID, p.ItemID
	return t.bump(p.ID, "replies", 1)
}

// touch marks the thread a reply belongs to as changed, since both are shown as one.
func (t *turn) touch(c Contribution) error {
	if c.ParentID == "" {
		return nil
	}
	return t.bump(c.ParentID, "replies", 0)
}

// bump changes a counter of a contribution.
func (t *turn) bump(id record.ID, column string, by int) error {
	err := t.DB.Model(&Contribution{}).Where("id = ?", id).
		UpdateColumns(map[string]any{column: gorm.Expr(column+" + ?", by), "changed_at": t.Now}).Error
	if err != nil {
		return fmt.Errorf("count %s: %w", column, err)
	}
	return nil
}

// writeText keeps a version of what was said and names its line.
func (t *turn) writeText(verb record.Verb, c Contribution, body string) error {
	text := newText(c, body, t.Now)
	t.noteWords(verb, c, text)
	return create(t, &text)
}

// contribution loads a contribution of the turn's dialogue.
func (t *turn) contribution(id record.ID) (Contribution, error) {
	var c Contribution
	return c, load(t, &c, "id = ? AND dialogue_id = ?", id, t.Dialogue.ID)
}

// ReviseContribution gives a contribution new words; the old ones stay to be
// looked at in its history. version is the one the author saw: if another has
// come meanwhile (from their own second device), nothing is overwritten.
func (s *Service) ReviseContribution(ctx context.Context, by Call, dialogue, id record.ID, version int64, body string) (record.Receipt, error) {
	v := people.Invalid{}
	body = v.Text("body", body, true, LongestContribution)
	if err := v.Err(); err != nil {
		return record.Receipt{}, err
	}
	return s.act(ctx, by, dialogue, Revise, []any{id, version, body}, func(t *turn) error {
		c, err := t.ownContribution(id)
		if err != nil {
			return err
		}
		if c.Version != version {
			return ErrWrongTime
		}
		c.Version, c.ChangedAt = c.Version+1, t.Now
		if err := t.writeText(ContributionChanged, c, body); err != nil {
			return err
		}
		if err := t.touch(c); err != nil {
			return err
		}
		return save(t, &c)
	})
}

// WithdrawContribution takes an author's own words back, those that a facilitator
// has hidden too. The place stays, the words are no longer shown.
func (s *Service) WithdrawContribution(ctx context.Context, by Call, dialogue, id record.ID) (record.Receipt, error) {
	return s.act(ctx, by, dialogue, Revise, []any{"withdraw", id}, func(t *turn) error {
		c, err := t.contribution(id)
		if err != nil {
			return err
		}
		if !t.CanWithdraw(c) {
			return ErrRefused
		}
		t.noteWords(ContributionWithdrawn, c, ContributionText{})
		return t.setState(c, Withdrawn)
	})
}

func (t *turn) ownContribution(id record.ID) (Contribution, error) {
	c, err := t.contribution(id)
	if err != nil {
		return c, err
	}
	if !t.CanRevise(c) {
		return c, ErrRefused
	}
	return c, nil
}

// setState changes whether a contribution's words are shown; the caller names the line.
func (t *turn) setState(c Contribution, state ContributionState) error {
	c.State, c.ChangedAt = state, t.Now
	if err := t.touch(c); err != nil {
		return err
	}
	return save(t, &c)
}

// Moderate hides a contribution, or shows it again.
func (s *Service) Moderate(ctx context.Context, by Call, dialogue, id record.ID, hide bool) (record.Receipt, error) {
	return s.act(ctx, by, dialogue, Moderate, []any{id, hide}, func(t *turn) error {
		c, err := t.contribution(id)
		if err != nil {
			return err
		}
		switch {
		case hide && c.State == Visible:
			t.note(ContributionModerated, c.ID, c.facts())
			return t.setState(c, Moderated)
		case !hide && c.State == Moderated:
			t.note(ContributionRestored, c.ID, c.facts())
			return t.setState(c, Visible)
		default:
			return ErrWrongTime
		}
	})
}

// Support says "I see this too", or takes it back. Saying it twice counts once.
func (s *Service) Support(ctx context.Context, by Call, dialogue, id record.ID, give bool) (record.Receipt, error) {
	return s.act(ctx, by, dialogue, Contribute, []any{id, give}, func(t *turn) error {
		c, err := t.contribution(id)
		if err != nil {
			return err
		}
		if c.State != Visible {
			return ErrWrongTime
		}
		changed, err := t.support(c, give)
		if err != nil || !changed {
			return err
		}
		verb, by := SupportGiven, 1
		if !give {
			verb, by = SupportTaken, -1
		}
		t.note(verb, c.ID, c.facts())
		return t.bump(c.ID, "supports", by)
	})
}

// support writes or removes the one row a person has, and tells whether that changed anything.
func (t *turn) support(c Contribution, give bool) (bool, error) {
	row := Support{c.ID, t.Actor.ID(), t.Now}
	var result *gorm.DB
	if give {
		result = t.DB.Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
	} else {
		result = t.DB.Where("contribution_id = ? AND person_id = ?", c.ID, row.PersonID).Delete(&Support{})
	}
	if result.Error != nil {
		return false, fmt.Errorf("write support: %w", result.Error)
	}
	return result.RowsAffected > 0, nil
}
