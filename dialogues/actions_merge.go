package dialogues

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// MayOffer checks, inside an action of the caller's, that a person may let
// others into a dialogue: act is Staff for invitations, Prepare for sheets. It
// is asked when an invitation is made and again when it is used, so that what
// somebody who has lost the role had written opens nothing.
func MayOffer(tx *record.Tx, dialogue, by record.ID, act Act) error {
	seat, err := seatIn(tx.DB, dialogue, people.Actor{Person: people.Person{ID: by}})
	if err != nil {
		return err
	}
	return seat.Check(act)
}

// Admit seats a person who was invited, inside an action of the caller's whose
// room is the dialogue. An invitation never takes away: who has a seat that
// can more keeps it.
func Admit(tx *record.Tx, dialogue, person record.ID, role Role) error {
	seat, err := seatIn(tx.DB, dialogue, people.Actor{Person: people.Person{ID: person}})
	if err != nil {
		return err
	}
	if seat.Actor.ID() == "" || !slices.Contains(Roles(), role) {
		return ErrRefused
	}
	if seat.Dialogue.State == Archived {
		return ErrWrongTime
	}
	t := &turn{tx, seat}
	return t.seat(person, stronger(seat.Role, role))
}

// stronger is the role of the two that Roles names first.
func stronger(a, b Role) Role {
	if a == Outsider || (b != Outsider && slices.Index(Roles(), b) < slices.Index(Roles(), a)) {
		return b
	}
	return a
}

// MergePerson makes everything that a guest said and did an account's: words,
// supports, seats, attendances, hands. The account's owner asks for it, from
// the guest's phone: the caller has checked that both are theirs. What both
// have had becomes one. The guest stays as an empty row that points to the
// account; the caller ends its logins. ErrRefused unless guest is an active
// guest and into the actor's own account.
func (s *Service) MergePerson(ctx context.Context, by Call, guest, into record.ID) error {
	rooms, err := s.DialoguesOf(ctx, guest)
	if err != nil {
		return err
	}
	_, err = s.Writer.Do(ctx, record.Action{
		Room: record.ForumRoom, Actor: by.Actor.ID(), Key: by.Key, Asked: digestOf("merge", []record.ID{guest, into}),
		Run: func(tx *record.Tx) error {
			m := merge{turn{tx, Seat{Actor: by.Actor}}, guest, into}
			return m.run(rooms)
		},
	})
	return err
}

// merge is one guest becoming part of one account.
type merge struct {
	turn
	guest, into record.ID
}

// check locks both, in the order of their ids: the guest may be making an
// account at this moment, by an invitation to another dialogue.
func (m *merge) check() error {
	kinds := map[record.ID]people.Kind{}
	for _, id := range []record.ID{min(m.guest, m.into), max(m.guest, m.into)} {
		p, err := people.Lock(m.Tx, id)
		if err != nil && !errors.Is(err, people.ErrNotFound) {
			return fmt.Errorf("load who merges: %w", err)
		}
		if p.Active() {
			kinds[p.ID] = p.Kind
		}
	}
	if kinds[m.guest] != people.Guest || kinds[m.into] != people.Account || m.Actor.ID() != m.into {
		return ErrRefused
	}
	return nil
}

func (m *merge) run(rooms []record.ID) error {
	if err := m.lock(rooms); err != nil {
		return err
	}
	if err := m.check(); err != nil {
		return err
	}
	for _, part := range []func() error{m.words, m.supports, m.seats, m.attendances, m.hands, m.person} {
		if err := part(); err != nil {
			return err
		}
	}
	m.note(people.PersonMerged, m.guest, Facts{Person: m.into})
	return nil
}

// lock holds the heads of the guest's dialogues until the commit, so that the
// guest says nothing in another lane or on another node while the words move.
// It is always taken in the order of the rooms' names.
func (m *merge) lock(rooms []record.ID) error {
	slices.Sort(rooms)
	for _, room := range rooms {
		if err := m.exec("lock room", "UPDATE record_heads SET seq = seq WHERE room = ?", room); err != nil {
			return err
		}
	}
	return nil
}

func (m *merge) exec(doing, sql string, args ...any) error {
	if err := m.DB.Exec(sql, args...).Error; err != nil {
		return fmt.Errorf("merge: %s: %w", doing, err)
	}
	return nil
}

// words: what the guest said keeps the group and country it was said for.
func (m *merge) words() error {
	return m.exec("move words", "UPDATE contributions SET author_id = ?, changed_at = ? WHERE author_id = ?", m.into, m.Now, m.guest)
}

// supports: one person supports a contribution once.
func (m *merge) supports() error {
	both := "SELECT g.contribution_id FROM supports g JOIN supports a ON a.contribution_id = g.contribution_id AND a.person_id = ? WHERE g.person_id = ?"
	err := m.exec("count supports", "UPDATE contributions SET supports = supports - 1, changed_at = ? WHERE id IN ("+both+")", m.Now, m.into, m.guest)
	if err != nil {
		return err
	}
	err = m.exec("drop double supports", "DELETE FROM supports WHERE person_id = ? AND contribution_id IN ("+both+")", m.guest, m.into, m.guest)
	if err != nil {
		return err
	}
	return m.exec("move supports", "UPDATE supports SET person_id = ? WHERE person_id = ?", m.into, m.guest)
}

// seats: of two seats in one dialogue the stronger role stays, since the
// earlier day; a seat that has ended gives nothing to one that has not.
func (m *merge) seats() error {
	var guests, owns []Membership
	for id, into := range map[record.ID]*[]Membership{m.guest: &guests, m.into: &owns} {
		if err := m.DB.Where("person_id = ?", id).Find(into).Error; err != nil {
			return fmt.Errorf("merge: load seats: %w", err)
		}
	}
	for _, g := range guests {
		if err := m.exec("leave seat", "DELETE FROM memberships WHERE dialogue_id = ? AND person_id = ?", g.DialogueID, m.guest); err != nil {
			return err
		}
		at := slices.IndexFunc(owns, func(o Membership) bool { return o.DialogueID == g.DialogueID })
		if at >= 0 {
			g = oneSeat(owns[at], g)
		}
		g.PersonID = m.into
		if err := save(&m.turn, &g); err != nil {
			return err
		}
	}
	return m.exec("move chair", "UPDATE sessions SET chair_id = ? WHERE chair_id = ?", m.into, m.guest)
}

func oneSeat(a, b Membership) Membership {
	one := a
	switch {
	case a.EndedAt != nil && b.EndedAt == nil:
		one = b
	case a.EndedAt == nil && b.EndedAt == nil:
		one.Role = stronger(a.Role, b.Role)
	}
	if b.CreatedAt.Before(a.CreatedAt) {
		one.CreatedAt = b.CreatedAt
	} else {
		one.CreatedAt = a.CreatedAt
	}
	return one
}

// attendances: in one session one person was there once, since the first time.
func (m *merge) attendances() error {
	var double []struct {
		SessionID record.ID
		JoinedAt  time.Time
	}
	err := m.DB.Raw(`SELECT g.session_id, g.joined_at FROM attendances g
		JOIN attendances a ON a.session_id = g.session_id AND a.person_id = ? WHERE g.person_id = ?`, m.into, m.guest).Scan(&double).Error
	if err != nil {
		return fmt.Errorf("merge: load attendances: %w", err)
	}
	for _, d := range double {
		err := m.exec("keep first arrival", "UPDATE attendances SET joined_at = ? WHERE session_id = ? AND person_id = ? AND joined_at > ?",
			d.JoinedAt, d.SessionID, m.into, d.JoinedAt)
		if err != nil {
			return err
		}
		if err := m.exec("drop double arrival", "DELETE FROM attendances WHERE session_id = ? AND person_id = ?", d.SessionID, m.guest); err != nil {
			return err
		}
	}
	return m.exec("move attendances", "UPDATE attendances SET person_id = ? WHERE person_id = ?", m.into, m.guest)
}

// hands: of two hands up in one session the one that speaks stays, else the
// one that went up first.
func (m *merge) hands() error {
	var up []Hand
	err := m.DB.Where("person_id IN ? AND state IN ?", []record.ID{m.guest, m.into}, []HandState{Waiting, Speaking}).
		Order("session_id, CASE state WHEN 'speaking' THEN 0 ELSE 1 END, raised_at, id").Find(&up).Error
	if err != nil {
		return fmt.Errorf("merge: load hands: %w", err)
	}
	for i := 1; i < len(up); i++ {
		if up[i].SessionID != up[i-1].SessionID {
			continue
		}
		if err := m.exec("lower second hand", "UPDATE hands SET state = ?, ended_at = ? WHERE id = ?", Lowered, m.Now, up[i].ID); err != nil {
			return err
		}
	}
	return m.exec("move hands", "UPDATE hands SET person_id = ? WHERE person_id = ?", m.into, m.guest)
}

// person: the guest's row stays for the record's sake and says nothing of anybody.
func (m *merge) person() error {
	err := m.DB.Model(&people.Person{}).Where("id = ?", m.guest).Updates(map[string]any{
		"merged_into": m.into, "name": "", "folded": "", "country": "", "organisation_id": gorm.Expr("NULL"),
	}).Error
	if err != nil {
		return fmt.Errorf("merge: point to the account: %w", err)
	}
	return nil
}
