package dialogues

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// Rehearse starts the rehearsal of a session that is still to come, for
// everyone who prepares it; the receipt's id is the copy's session. While one
// is under way, whoever asks enters that one.
func (s *Service) Rehearse(ctx context.Context, by Call, dialogue, session record.ID) (record.Receipt, error) {
	id := record.NewID()
	receipt, err := s.Writer.Do(ctx, record.Action{
		Room: string(id), Passing: true, Actor: by.Actor.ID(), Run: func(tx *record.Tx) error {
			seat, err := seatIn(tx.DB, dialogue, by.Actor)
			if err != nil {
				return err
			}
			if err := seat.Check(Prepare); err != nil {
				return err
			}
			planned, err := (&turn{tx, seat}).session(session, Planned)
			if err != nil {
				return err
			}
			if seat.Dialogue.IsRehearsal() {
				return ErrWrongTime
			}
			return copyRehearsal(tx, seat, planned, id)
		},
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return s.rehearsalOf(ctx, session)
	}
	return receipt, err
}

// copyRehearsal makes the rehearsal: an open dialogue that only its members
// know of, with the real one's questions and team and a session that begins now.
func copyRehearsal(tx *record.Tx, seat Seat, of Session, id record.ID) error {
	d := seat.Dialogue
	d.ID, d.RehearsalOf, d.State, d.Visibility = id, of.ID, Open, Invitation
	d.CreatedAt, d.ChangedAt = tx.Now, tx.Now
	t := &turn{tx, Seat{Actor: seat.Actor, Role: seat.Role, Dialogue: d}}
	if err := create(t, &d); err != nil {
		return err
	}
	code, err := t.freeCode()
	if err != nil {
		return err
	}
	copied := Session{
		ID: record.NewID(), DialogueID: id, Title: of.Title, StartsAt: tx.Now.Truncate(time.Minute), TimeZone: of.TimeZone, Minutes: of.Minutes,
		State: Planned, Code: code, Guests: true, Version: 1, CreatedAt: tx.Now,
	}
	if err := create(t, &copied); err != nil {
		return err
	}
	questions, err := t.copyQuestions(of.DialogueID)
	if err != nil {
		return err
	}
	t.note(RehearsalStarted, copied.ID, Facts{})
	return errors.Join(t.copyItems(of.ID, copied.ID, questions), t.copyTeam(of.DialogueID))
}

// copyQuestions copies a dialogue's questions, parents first, and tells which
// became which.
func (t *turn) copyQuestions(from record.ID) (map[record.ID]record.ID, error) {
	var all []Question
	err := t.DB.Where("dialogue_id = ? AND removed_at IS NULL", from).Order("CASE WHEN parent_id IS NULL THEN 0 ELSE 1 END, position").Find(&all).Error
	if err != nil {
		return nil, fmt.Errorf("load questions: %w", err)
	}
	fresh := map[record.ID]record.ID{}
	for _, q := range all {
		was := q.ID
		q.ID, q.DialogueID, q.ParentID = record.NewID(), t.Dialogue.ID, fresh[q.ParentID]
		fresh[was] = q.ID
		if err := create(t, &q); err != nil {
			return nil, err
		}
	}
	return fresh, nil
}

// copyTeam seats those who prepare and run the session.
func (t *turn) copyTeam(from record.ID) error {
	err := t.DB.Exec(`INSERT INTO memberships (dialogue_id, person_id, role, created_at)
		SELECT ?, person_id, role, ? FROM memberships WHERE dialogue_id = ? AND ended_at IS NULL AND role IN ?`,
		t.Dialogue.ID, t.Now, from, []Role{Facilitator, CoFacilitator, Rapporteur, Interpreter}).Error
	if err != nil {
		return fmt.Errorf("seat the team: %w", err)
	}
	return nil
}

// rehearsalOf finds the rehearsal of a session that is under way, as the
// receipt that its beginning gave.
func (s *Service) rehearsalOf(ctx context.Context, session record.ID) (record.Receipt, error) {
	var found []Session
	err := s.Read.WithContext(ctx).Raw(`SELECT s.* FROM sessions s JOIN dialogues d ON d.id = s.dialogue_id WHERE d.rehearsal_of = ?`, session).Scan(&found).Error
	if err != nil {
		return record.Receipt{}, fmt.Errorf("find rehearsal: %w", err)
	}
	if len(found) == 0 {
		return record.Receipt{}, ErrWrongTime // it ended this moment
	}
	return record.Receipt{Room: string(found[0].DialogueID), ID: found[0].ID}, nil
}

// Prompt lets an invented participant of the next stakeholder group raise a
// hand or say something, in a rehearsal whose session is live.
func (s *Service) Prompt(ctx context.Context, by Call, rehearsal, session record.ID, in PromptForm) (record.Receipt, error) {
	if err := in.check().Err(); err != nil {
		return record.Receipt{}, err
	}
	return s.act(ctx, by, rehearsal, Chair, []any{session, in}, func(t *turn) error {
		live, err := t.liveSession(session)
		if err != nil {
			return err
		}
		if !t.Dialogue.IsRehearsal() {
			return ErrWrongTime
		}
		extra, err := t.extra(in)
		if err != nil {
			return err
		}
		if in.Body == "" {
			return extra.raiseHand(live)
		}
		return extra.contribute(ContributionForm{
			Question: extra.questionOf(live), Session: session, Kind: Experience, Language: in.Language, Attribution: Named, Body: in.Body,
		})
	})
}

// extra seats an invented participant and returns their turn. The groups take
// turns, so that the list of hands becomes a mixed one.
func (t *turn) extra(in PromptForm) (*turn, error) {
	var n int64
	if err := t.DB.Model(&Membership{}).Where("dialogue_id = ?", t.Dialogue.ID).Count(&n).Error; err != nil {
		return nil, fmt.Errorf("count seats: %w", err)
	}
	groups := people.Groups()
	name := fmt.Sprintf("%s %d", in.Name, n+1)
	guest, err := people.Insert(t.Tx, people.Guest, people.Profile{Name: name, StakeholderGroup: groups[int(n)%len(groups)], Language: "en"}, nil)
	if err != nil {
		return nil, err
	}
	extra := &turn{t.Tx, Seat{Actor: people.Actor{Person: guest}, Role: Participant, Dialogue: t.Dialogue}}
	return extra, extra.seat(guest.ID, Participant)
}

// questionOf is the question that a live session works on, else the first.
func (t *turn) questionOf(live Session) record.ID {
	var of struct{ QuestionID record.ID }
	t.DB.Raw(`SELECT COALESCE((SELECT question_id FROM agenda_items WHERE id = ?),
		(SELECT id FROM questions WHERE dialogue_id = ? ORDER BY position LIMIT 1)) AS question_id`, live.ItemID, t.Dialogue.ID).Scan(&of)
	return of.QuestionID // none: the contribution is refused, in its own words
}

// EndRehearsal takes a rehearsal away with all that happened in it.
func (s *Service) EndRehearsal(ctx context.Context, by Call, rehearsal record.ID) (record.Receipt, error) {
	return s.act(ctx, by, rehearsal, Chair, "end the rehearsal", func(t *turn) error {
		if !t.Dialogue.IsRehearsal() {
			return ErrWrongTime
		}
		return forgetRehearsal(t.Tx, rehearsal)
	})
}

// EndOldRehearsals ends those that nobody has ended for [LongestRehearsal].
func (s *Service) EndOldRehearsals(ctx context.Context) error {
	var old []record.ID
	err := s.Read.WithContext(ctx).Model(&Dialogue{}).Where("rehearsal_of IS NOT NULL AND created_at < ?", s.Now().Add(-LongestRehearsal)).Pluck("id", &old).Error
	if err != nil {
		return fmt.Errorf("find old rehearsals: %w", err)
	}
	for _, id := range old {
		_, err := s.Writer.Do(ctx, record.Action{Room: string(id), Run: func(tx *record.Tx) error { return forgetRehearsal(tx, id) }})
		if err != nil {
			return err
		}
	}
	return nil
}

// forgetRehearsal empties every table of a rehearsal, what points to something
// before what it points to. Who joined it as a guest and was nowhere else goes
// along, with the login on their phone.
func forgetRehearsal(tx *record.Tx, id record.ID) error {
	const (
		sessions = "(SELECT id FROM sessions WHERE dialogue_id = @id)"
		said     = "(SELECT id FROM contributions WHERE dialogue_id = @id)"
		items    = "(SELECT id FROM agenda_items WHERE session_id IN " + sessions + ")"
		guests   = `(SELECT p.id FROM people p JOIN memberships m ON m.person_id = p.id WHERE m.dialogue_id = @id AND p.kind = 'guest'
			AND NOT EXISTS (SELECT 1 FROM memberships o WHERE o.person_id = p.id AND o.dialogue_id <> @id))`
	)
	var alone []record.ID
	if err := tx.DB.Raw("SELECT id FROM people WHERE id IN "+guests, map[string]any{"id": id}).Scan(&alone).Error; err != nil {
		return fmt.Errorf("find a rehearsal's guests: %w", err)
	}
	for _, rows := range []string{
		"hands WHERE session_id IN " + sessions,
		"attendances WHERE session_id IN " + sessions,
		"agenda_stretches WHERE item_id IN " + items,
		"agenda_items WHERE session_id IN " + sessions,
		"sessions WHERE dialogue_id = @id",
		"supports WHERE contribution_id IN " + said,
		"contribution_texts WHERE contribution_id IN " + said,
		"contributions WHERE dialogue_id = @id",
		"questions WHERE dialogue_id = @id",
		"memberships WHERE dialogue_id = @id",
		"logins WHERE person_id IN @alone",
		"links WHERE person_id IN @alone",
		"people WHERE id IN @alone",
		"dialogues WHERE id = @id",
	} {
		if err := tx.DB.Exec("DELETE FROM "+rows, map[string]any{"id": id, "alone": alone}).Error; err != nil {
			return fmt.Errorf("forget a rehearsal: %w", err)
		}
	}
	tx.Forget()
	return nil
}
