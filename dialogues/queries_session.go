package dialogues

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// ErrNoSuchCode says that no session that can be joined has a code.
var ErrNoSuchCode = errors.New("no session with this code")

// SessionByCode finds the planned or live session with a code, in the form
// [NormalCode] gives.
func (s *Service) SessionByCode(ctx context.Context, code string) (Session, error) {
	var session Session
	err := s.Read.WithContext(ctx).Where("code = ? AND state IN ?", code, []SessionState{Planned, Live}).Limit(1).Find(&session).Error
	if err != nil {
		return session, fmt.Errorf("find session by code: %w", err)
	}
	if session.ID == "" {
		return session, ErrNoSuchCode
	}
	return session, nil
}

// SessionDialogue says which dialogue a session belongs to.
func (s *Service) SessionDialogue(ctx context.Context, id record.ID) (record.ID, error) {
	return s.dialogueOf(ctx, "sessions", id)
}

// Session reads one session of a dialogue.
func (s *Service) Session(ctx context.Context, dialogue, id record.ID) (Session, error) {
	return sessionByID(s.Read.WithContext(ctx), dialogue, id)
}

func sessionByID(db *gorm.DB, dialogue, id record.ID) (Session, error) {
	var session Session
	if err := db.Where("id = ? AND dialogue_id = ?", id, dialogue).Limit(1).Find(&session).Error; err != nil {
		return session, fmt.Errorf("load session: %w", err)
	}
	if session.ID == "" {
		return session, ErrHidden
	}
	return session, nil
}

// Sessions lists a dialogue's sessions by start.
func (s *Service) Sessions(ctx context.Context, dialogue record.ID) ([]Session, error) {
	var sessions []Session
	err := s.Read.WithContext(ctx).Where("dialogue_id = ?", dialogue).Order("starts_at, id").Find(&sessions).Error
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return sessions, nil
}

// UsualZone is the time zone in which a dialogue's next session is most likely
// held: where the last one was, else where whoever plans it lives, else the
// dialogue's country's, if it has one country and that has one zone. "" when
// nothing is known.
func (s *Service) UsualZone(ctx context.Context, seat Seat) (string, error) {
	db := s.Read.WithContext(ctx)
	var last Session
	if err := db.Where("dialogue_id = ?", seat.Dialogue.ID).Order("created_at DESC, id DESC").Limit(1).Find(&last).Error; err != nil {
		return "", fmt.Errorf("find last session: %w", err)
	}
	if zone := cmp.Or(last.TimeZone, seat.Actor.Person.TimeZone); zone != "" {
		return zone, nil
	}
	var countries []string
	err := db.Model(&dialogueCountry{}).Where("dialogue_id = ?", seat.Dialogue.ID).Pluck("country", &countries).Error
	if err != nil {
		return "", fmt.Errorf("load countries: %w", err)
	}
	if len(countries) != 1 {
		return "", nil
	}
	return people.ZoneOf(countries[0]), nil
}

// Hall is a session as everyone in it sees it.
type Hall struct {
	Session
	Agenda  []AgendaLine
	Current *AgendaLine // nil when no item is current
	Hands   []HandView  // who speaks, then who waits, in order
	Chair   string
	About   string                 // whom the last step was about, see [Step]
	Present map[people.Group]int64 // attendance so far
}

// AgendaLine is an agenda item with the time it really took.
type AgendaLine struct {
	Entry
	Spent   time.Duration // until now while it is current
	Current bool
	Started *time.Time // first time it was current
	Ended   *time.Time // last time it ceased to be
}

// HandView is a raised hand with the name under which its owner sits in the room.
type HandView struct {
	Hand
	Name string
}

// Hall reads a session's agenda, hands and attendance; the caller has checked See.
func (s *Service) Hall(ctx context.Context, dialogue, id record.ID) (Hall, error) {
	return ReadHall(ctx, s.Read, dialogue, id, s.Now())
}

// ReadHall is [Service.Hall] on any handle, for whoever follows the record.
func ReadHall(ctx context.Context, db *gorm.DB, dialogue, id record.ID, now time.Time) (Hall, error) {
	db = db.WithContext(ctx)
	session, err := sessionByID(db, dialogue, id)
	if err != nil {
		return Hall{}, err
	}
	hall := Hall{Session: session}
	if hall.Agenda, err = agendaLines(db, session, now); err != nil {
		return hall, err
	}
	for i, line := range hall.Agenda {
		if line.Current {
			hall.Current = &hall.Agenda[i]
		}
	}
	if hall.Hands, err = handsUp(db, id); err != nil {
		return hall, err
	}
	if hall.Present, err = attendanceByGroup(db, id); err != nil {
		return hall, err
	}
	about := record.ID("")
	if session.LastStep != nil {
		about = session.LastStep.Person
	}
	names, err := people.Names(ctx, db, []record.ID{session.ChairID, about})
	hall.Chair, hall.About = names[session.ChairID], names[about]
	return hall, err
}

func agendaLines(db *gorm.DB, session Session, now time.Time) ([]AgendaLine, error) {
	items, err := agendaOf(db, session.ID)
	if err != nil {
		return nil, err
	}
	var stretches []Stretch
	err = db.Raw(`SELECT s.* FROM agenda_stretches s JOIN agenda_items i ON i.id = s.item_id
		WHERE i.session_id = ? ORDER BY s.started_at`, session.ID).Scan(&stretches).Error
	if err != nil {
		return nil, fmt.Errorf("load real times: %w", err)
	}
	var lines []AgendaLine
	for _, entry := range Outline(items) {
		line := AgendaLine{Entry: entry, Current: entry.ID == session.ItemID && session.State == Live}
		for _, stretch := range stretches {
			if stretch.ItemID == entry.ID {
				line.add(stretch, now)
			}
		}
		lines = append(lines, line)
	}
	sumUp(lines)
	return lines, nil
}

// sumUp: an item with sub-items began with the first of them, and took what they
// took beside its own time.
func sumUp(lines []AgendaLine) {
	parent := 0
	for i, line := range lines {
		if line.Depth == 0 {
			parent = i
			continue
		}
		of := &lines[parent]
		of.Spent += line.Spent
		if line.Started != nil && (of.Started == nil || line.Started.Before(*of.Started)) {
			of.Started = line.Started
		}
	}
}

func (l *AgendaLine) add(stretch Stretch, now time.Time) {
	end := now
	if stretch.EndedAt != nil {
		end, l.Ended = *stretch.EndedAt, stretch.EndedAt
	}
	l.Spent += end.Sub(stretch.StartedAt)
	if l.Started == nil {
		l.Started = &stretch.StartedAt
	}
}

// RemovedItems are the items of a session's agenda that can be put back, the
// last removed first: sub-items that went with their item come back with it.
func (s *Service) RemovedItems(ctx context.Context, session record.ID) ([]AgendaItem, error) {
	var items []AgendaItem
	err := s.Read.WithContext(ctx).Raw(`SELECT i.* FROM agenda_items i LEFT JOIN agenda_items p ON p.id = i.parent_id
		WHERE i.session_id = ? AND i.removed_at IS NOT NULL AND p.removed_at IS NULL ORDER BY i.removed_at DESC, i.id`, session).Scan(&items).Error
	if err != nil {
		return nil, fmt.Errorf("list removed agenda items: %w", err)
	}
	return items, nil
}

func handsUp(db *gorm.DB, session record.ID) ([]HandView, error) {
	var hands []HandView
	err := db.Raw(`SELECT h.*, p.name FROM hands h JOIN people p ON p.id = h.person_id
		WHERE h.session_id = ? AND h.state IN ('waiting', 'speaking')
		ORDER BY CASE h.state WHEN 'speaking' THEN 0 ELSE 1 END, h.raised_at, h.id`, session).Scan(&hands).Error
	if err != nil {
		return nil, fmt.Errorf("load hands: %w", err)
	}
	return hands, nil
}

func attendanceByGroup(db *gorm.DB, session record.ID) (map[people.Group]int64, error) {
	var rows []struct {
		StakeholderGroup people.Group
		N                int64
	}
	err := db.Raw(`SELECT stakeholder_group, COUNT(*) AS n FROM attendances WHERE session_id = ? GROUP BY stakeholder_group`, session).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("count attendance: %w", err)
	}
	present := make(map[people.Group]int64, len(rows))
	for _, row := range rows {
		present[row.StakeholderGroup] = row.N
	}
	return present, nil
}

// Tally is what came of a session, in figures.
type Tally struct {
	Said     Balance                // contributions by group, as far as they can be read
	Turns    map[people.Group]int64 // how often each group had the floor
	Speakers int64                  // how many people had it
}

// Tally counts what came of a session; the caller has checked See.
func (s *Service) Tally(ctx context.Context, session record.ID) (Tally, error) {
	db := s.Read.WithContext(ctx)
	tally := Tally{Said: Balance{}, Turns: map[people.Group]int64{}}
	var rows []struct {
		StakeholderGroup people.Group
		N                int64
	}
	err := db.Raw(`SELECT stakeholder_group, COUNT(*) AS n FROM contributions WHERE session_id = ? AND state = ? GROUP BY stakeholder_group`,
		session, Visible).Scan(&rows).Error
	if err != nil {
		return tally, fmt.Errorf("count what was said: %w", err)
	}
	for _, row := range rows {
		tally.Said[row.StakeholderGroup] = row.N
	}
	var hands []Hand
	if err := db.Where("session_id = ? AND called_at IS NOT NULL", session).Find(&hands).Error; err != nil {
		return tally, fmt.Errorf("load who spoke: %w", err)
	}
	heard := map[record.ID]bool{}
	for _, h := range hands {
		tally.Turns[h.StakeholderGroup]++
		heard[h.PersonID] = true
	}
	tally.Speakers = int64(len(heard))
	return tally, nil
}

// HasAttended tells whether a person is noted as being in a session.
func (s *Service) HasAttended(ctx context.Context, session, person record.ID) (bool, error) {
	if person == "" {
		return false, nil
	}
	var n int64
	err := s.Read.WithContext(ctx).Model(&Attendance{}).Where("session_id = ? AND person_id = ?", session, person).Count(&n).Error
	if err != nil {
		return false, fmt.Errorf("look up attendance: %w", err)
	}
	return n > 0, nil
}

// Meeting is a session on the home page or in a calendar, with its dialogue.
type Meeting struct {
	Session
	Dialogue Dialogue
	Role     Role
}

// Meetings lists sessions in the given states of dialogues the actor may know
// of, by start; from bounds the start of planned ones.
func (s *Service) Meetings(ctx context.Context, actor people.Actor, states []SessionState, from time.Time, limit int) ([]Meeting, error) {
	db := s.Read.WithContext(ctx)
	var seats []struct {
		Dialogue
		Role *Role
	}
	if err := known(db, actor).Select("dialogues.*, m.role").Scan(&seats).Error; err != nil {
		return nil, fmt.Errorf("list known dialogues: %w", err)
	}
	ids := make([]record.ID, len(seats))
	for i, seat := range seats {
		ids[i] = seat.ID
	}
	var sessions []Session
	err := db.Where("dialogue_id IN ? AND state IN ? AND starts_at > ?", ids, states, from).Order("starts_at").Limit(limit).Find(&sessions).Error
	if err != nil {
		return nil, fmt.Errorf("list meetings: %w", err)
	}
	meetings := make([]Meeting, len(sessions))
	for i, session := range sessions {
		meetings[i] = Meeting{Session: session}
		for _, seat := range seats {
			if seat.ID == session.DialogueID {
				meetings[i].Dialogue = seat.Dialogue
				if seat.Role != nil {
					meetings[i].Role = *seat.Role
				}
			}
		}
	}
	return meetings, nil
}
