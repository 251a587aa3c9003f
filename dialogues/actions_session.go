package dialogues

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"gorm.io/gorm/clause"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// PlanSession adds a session to a dialogue, with the agenda of an earlier one
// if the form names it.
func (s *Service) PlanSession(ctx context.Context, by Call, dialogue record.ID, in SessionForm) (record.Receipt, error) {
	v := in.check()
	if in.StartsAt.Before(s.Now().AddDate(0, 0, -1)) {
		v.Add("starts", "error.past")
	}
	if err := v.Err(); err != nil {
		return record.Receipt{}, err
	}
	return s.act(ctx, by, dialogue, Prepare, in, func(t *turn) error {
		code, err := t.freeCode()
		if err != nil {
			return err
		}
		session := Session{ID: record.NewID(), DialogueID: dialogue, State: Planned, Code: code, CreatedAt: t.Now}
		session.fill(in)
		if err := create(t, &session); err != nil {
			return err
		}
		t.note(SessionPlanned, session.ID, Facts{})
		if err := t.copyAgenda(in.CopyFrom, session.ID); err != nil {
			return err
		}
		return t.agendaFits(session)
	})
}

func (s *Session) fill(in SessionForm) {
	s.Title, s.StartsAt, s.TimeZone, s.Minutes, s.Guests = in.Title, in.StartsAt, in.TimeZone, in.Minutes, in.Guests
	s.Version++
}

// freeCode draws a code that no session has.
func (t *turn) freeCode() (string, error) {
	for range 10 {
		code := newCode()
		var n int64
		if err := t.DB.Model(&Session{}).Where("code = ?", code).Count(&n).Error; err != nil {
			return "", fmt.Errorf("look for a free code: %w", err)
		}
		if n == 0 {
			return code, nil
		}
	}
	return "", errors.New("no free session code in ten draws")
}

// ChangeSession rewrites a session's plan, before it is over.
func (s *Service) ChangeSession(ctx context.Context, by Call, dialogue, id record.ID, in SessionForm) (record.Receipt, error) {
	if err := in.check().Err(); err != nil {
		return record.Receipt{}, err
	}
	return s.act(ctx, by, dialogue, Prepare, []any{id, in}, func(t *turn) error {
		session, err := t.session(id, Planned, Live)
		if err != nil {
			return err
		}
		session.fill(in)
		if err := t.agendaFits(session); err != nil {
			return err
		}
		t.note(SessionChanged, id, Facts{})
		return save(t, &session)
	})
}

// CancelSession calls a planned session off.
func (s *Service) CancelSession(ctx context.Context, by Call, dialogue, id record.ID) (record.Receipt, error) {
	return s.act(ctx, by, dialogue, Prepare, []any{"cancel", id}, func(t *turn) error {
		session, err := t.session(id, Planned)
		if err != nil {
			return err
		}
		session.State = Cancelled
		t.note(SessionCancelled, id, Facts{})
		return save(t, &session)
	})
}

// OpenSession starts a session with its first agenda item, or goes on where it
// was closed; who opens it chairs it.
func (s *Service) OpenSession(ctx context.Context, by Call, dialogue, id record.ID) (record.Receipt, error) {
	return s.act(ctx, by, dialogue, Chair, []any{"open", id}, func(t *turn) error {
		session, err := t.session(id, Planned, Over)
		if err != nil {
			return err
		}
		if session.State == Planned {
			session.OpenedAt = &t.Now
		}
		session.State, session.ClosedAt, session.ChairID, session.LastStep = Live, nil, t.Actor.ID(), nil
		t.note(SessionOpened, id, Facts{Session: id})
		if err := t.attend(id, t.Actor.Person); err != nil {
			return err
		}
		item, spent, err := t.openingItem(id)
		if err != nil || item.ID == "" {
			return errors.Join(err, save(t, &session))
		}
		if err := t.startItem(&session, item); err != nil {
			return err
		}
		session.setTimer(TimerStart, max(0, minutes(item.Minutes)-spent), t.Now)
		return save(t, &session)
	})
}

// CloseSession ends a session: the current item's clock stops, hands go down.
func (s *Service) CloseSession(ctx context.Context, by Call, dialogue, id record.ID) (record.Receipt, error) {
	return s.act(ctx, by, dialogue, Chair, []any{"close", id}, func(t *turn) error {
		session, err := t.session(id, Live)
		if err != nil {
			return err
		}
		if err := t.endStretch(session); err != nil {
			return err
		}
		if err := t.endHands(id); err != nil {
			return err
		}
		session.State, session.ClosedAt, session.ItemID = Over, &t.Now, ""
		session.TimerEndsAt, session.TimerLeft, session.LastStep = nil, 0, nil
		t.note(SessionClosed, id, Facts{Session: id})
		return save(t, &session)
	})
}

func (t *turn) endHands(session record.ID) error {
	for from, to := range map[HandState]HandState{Waiting: Lowered, Speaking: Done} {
		err := t.DB.Model(&Hand{}).Where("session_id = ? AND state = ?", session, from).
			Updates(map[string]any{"state": to, "ended_at": t.Now}).Error
		if err != nil {
			return fmt.Errorf("end hands: %w", err)
		}
	}
	return nil
}

// JoinForm is how somebody enters a session: as themselves, or as a guest with
// a name and a stakeholder group.
type JoinForm struct {
	Name     string
	Group    people.Group
	Country  string
	Language string
	// Browser is a digest of the browser that asks: the answer to its key, which
	// is a guest's identity, is repeated to that browser alone.
	Browser string
}

// JoinSession seats whoever has the session's code as a participant of its
// dialogue and notes their attendance. Without an account they become a guest;
// the returned id is the guest's, so that the phone can be remembered.
func (s *Service) JoinSession(ctx context.Context, by Call, code string, in JoinForm) (record.ID, record.Receipt, error) {
	session, err := s.SessionByCode(ctx, code)
	if err != nil {
		return "", record.Receipt{}, err
	}
	profile := people.Profile{Name: in.Name, StakeholderGroup: in.Group, Country: in.Country, Language: in.Language}
	if !by.Actor.IsKnown() {
		if err := profile.Check().Err(); err != nil {
			return "", record.Receipt{}, err
		}
	}
	receipt, err := s.Writer.Do(ctx, record.Action{
		Room: string(session.DialogueID), Actor: by.Actor.ID(), Key: by.Key, Asked: digestOf("join", []any{code, in}),
		Run: func(tx *record.Tx) error { return joinIn(tx, by.Actor, session.ID, session.DialogueID, profile) },
	})
	if by.Actor.IsKnown() {
		return by.Actor.ID(), receipt, err
	}
	return receipt.ID, receipt, err // a guest's first line is that they were seated
}

// joinIn is the inside of JoinSession: everything is looked at again below the room's lock.
func joinIn(tx *record.Tx, actor people.Actor, session, dialogue record.ID, profile people.Profile) error {
	seat, err := seatIn(tx.DB, dialogue, actor)
	if err != nil {
		return err
	}
	if actor.ID() != "" && !seat.Actor.IsKnown() {
		return ErrRefused // suspended or gone a moment ago; not a guest without a name
	}
	t := &turn{tx, seat}
	open, err := t.session(session, Planned, Live)
	if err != nil {
		return err
	}
	if seat.Dialogue.State != Open {
		return ErrWrongTime
	}
	if !seat.Actor.IsKnown() {
		if !open.Guests {
			return ErrRefused
		}
		if err := NameFree(tx, dialogue, profile.Name); err != nil {
			return err
		}
		guest, err := people.Insert(tx, people.Guest, profile, nil)
		if err != nil {
			return err
		}
		t.Actor = people.Actor{Person: guest}
	}
	return t.enter(session)
}

// enter seats an outsider as participant, then notes attendance; the order
// makes a guest's first line name the guest.
func (t *turn) enter(session record.ID) error {
	if t.Role == Outsider {
		if err := t.notRemoved(); err != nil {
			return err
		}
		if err := t.seat(t.Actor.ID(), Participant); err != nil {
			return err
		}
	}
	return t.attend(session, t.Actor.Person)
}

// attend notes once that a person was in a session.
func (t *turn) attend(session record.ID, p people.Person) error {
	row := Attendance{session, p.ID, p.StakeholderGroup, p.Country, t.Now}
	result := t.DB.Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
	if result.Error != nil {
		return fmt.Errorf("note attendance: %w", result.Error)
	}
	if result.RowsAffected > 0 {
		t.note(SessionJoined, session, Facts{Session: session, Person: p.ID, State: string(p.StakeholderGroup)})
	}
	return nil
}

// AttendSession notes that a member is in a live session.
func (s *Service) AttendSession(ctx context.Context, by Call, dialogue, id record.ID) (record.Receipt, error) {
	return s.act(ctx, by, dialogue, Attend, []any{"attend", id}, func(t *turn) error {
		if _, err := t.session(id, Planned, Live); err != nil {
			return err
		}
		return t.attend(id, t.Actor.Person)
	})
}

// session loads a session of the turn's dialogue that is in one of the states.
func (t *turn) session(id record.ID, in ...SessionState) (Session, error) {
	var session Session
	if err := load(t, &session, "id = ? AND dialogue_id = ?", id, t.Dialogue.ID); err != nil {
		return session, err
	}
	if !slices.Contains(in, session.State) {
		return session, ErrWrongTime
	}
	return session, nil
}

func (t *turn) liveSession(id record.ID) (Session, error) { return t.session(id, Live) }

// WriteSummary sets the facilitator's words at the head of the minutes.
func (s *Service) WriteSummary(ctx context.Context, by Call, dialogue, id record.ID, version int64, summary string) (record.Receipt, error) {
	v := people.Invalid{}
	summary = v.Text("summary", summary, false, 4*LongestText)
	if err := v.Err(); err != nil {
		return record.Receipt{}, err
	}
	return s.act(ctx, by, dialogue, Minute, []any{id, version, summary}, func(t *turn) error {
		session, err := t.session(id, Live, Over)
		if err != nil {
			return err
		}
		if session.Version != version {
			return ErrWrongTime
		}
		session.Summary = summary
		session.Version++
		t.noteText(MinutesChanged, id, Facts{Session: id}, session.Version, summary)
		return save(t, &session)
	})
}

// PublishMinutes shows the minutes to everyone who may read the dialogue.
func (s *Service) PublishMinutes(ctx context.Context, by Call, dialogue, id record.ID) (record.Receipt, error) {
	return s.act(ctx, by, dialogue, Minute, []any{"publish", id}, func(t *turn) error {
		session, err := t.session(id, Over)
		if err != nil {
			return err
		}
		if session.PublishedAt != nil {
			return nil
		}
		session.PublishedAt = &t.Now
		t.note(MinutesPublished, id, Facts{Session: id})
		return save(t, &session)
	})
}
