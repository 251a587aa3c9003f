package dialogues

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// OwnSaid is a contribution as its author may take it away: whatever its state,
// with every version.
type OwnSaid struct {
	Contribution
	Versions []ContributionText // oldest first
}

// Body is the newest words.
func (o OwnSaid) Body() string {
	if len(o.Versions) == 0 {
		return ""
	}
	return o.Versions[len(o.Versions)-1].Body
}

// OthersRead tells whether somebody else can still read the words: facilitators
// read what they have hidden.
func (o OwnSaid) OthersRead() bool { return o.State == Visible || o.State == Moderated }

// OwnWords is everything a person said, across dialogues, oldest first. Two queries.
func (s *Service) OwnWords(ctx context.Context, person record.ID) ([]OwnSaid, error) {
	db := s.Read.WithContext(ctx)
	var rows []Contribution
	if err := db.Where("author_id = ?", person).Order("created_at, id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("load own contributions: %w", err)
	}
	var texts []ContributionText
	err := db.Raw(`SELECT t.* FROM contribution_texts t JOIN contributions c ON c.id = t.contribution_id
		WHERE c.author_id = ? ORDER BY t.version`, person).Scan(&texts).Error
	if err != nil {
		return nil, fmt.Errorf("load own texts: %w", err)
	}
	versions := map[record.ID][]ContributionText{}
	for _, t := range texts {
		versions[t.ContributionID] = append(versions[t.ContributionID], t)
	}
	said := make([]OwnSaid, len(rows))
	for i, c := range rows {
		said[i] = OwnSaid{c, versions[c.ID]}
	}
	return said, nil
}

// OwnDeeds is what a person did beside saying something in writing.
type OwnDeeds struct {
	Supports    []OwnSupport
	Hands       []OwnHand
	Attendances []OwnAttendance
}

// OwnSupport is a contribution the person supports.
type OwnSupport struct {
	ContributionID, DialogueID record.ID
	CreatedAt                  time.Time
}

// OwnHand is one time the person asked to speak.
type OwnHand struct {
	Hand
	DialogueID record.ID
}

// OwnAttendance is a session the person was in.
type OwnAttendance struct {
	Attendance
	DialogueID record.ID
}

// OwnDeeds reads them across dialogues, oldest first. Three queries.
func (s *Service) OwnDeeds(ctx context.Context, person record.ID) (OwnDeeds, error) {
	db := s.Read.WithContext(ctx)
	var d OwnDeeds
	err := db.Raw(`SELECT s.contribution_id, s.created_at, c.dialogue_id FROM supports s JOIN contributions c ON c.id = s.contribution_id
		WHERE s.person_id = ? ORDER BY s.created_at, s.contribution_id`, person).Scan(&d.Supports).Error
	if err != nil {
		return d, fmt.Errorf("load own supports: %w", err)
	}
	err = db.Raw(`SELECT h.*, s.dialogue_id FROM hands h JOIN sessions s ON s.id = h.session_id
		WHERE h.person_id = ? ORDER BY h.raised_at, h.id`, person).Scan(&d.Hands).Error
	if err != nil {
		return d, fmt.Errorf("load own hands: %w", err)
	}
	err = db.Raw(`SELECT a.*, s.dialogue_id FROM attendances a JOIN sessions s ON s.id = a.session_id
		WHERE a.person_id = ? ORDER BY a.joined_at, a.session_id`, person).Scan(&d.Attendances).Error
	if err != nil {
		return d, fmt.Errorf("load own attendances: %w", err)
	}
	return d, nil
}

// ownDialogues selects the dialogues in which a person has or had a seat or said something.
func ownDialogues(db *gorm.DB, person record.ID) *gorm.DB {
	return db.Raw(`SELECT dialogue_id FROM memberships WHERE person_id = ?
		UNION SELECT dialogue_id FROM contributions WHERE author_id = ?`, person, person)
}

// DialoguesOf lists the dialogues in which a person has or had a seat or said something.
func (s *Service) DialoguesOf(ctx context.Context, person record.ID) ([]record.ID, error) {
	var ids []record.ID
	if err := ownDialogues(s.Read.WithContext(ctx), person).Scan(&ids).Error; err != nil {
		return nil, fmt.Errorf("list a person's dialogues: %w", err)
	}
	return ids, nil
}

// SeatsOf reads the actor's seat in each of those dialogues, in one query. Like
// SeatOf it decides nothing.
func (s *Service) SeatsOf(ctx context.Context, actor people.Actor) ([]Seat, error) {
	db := s.Read.WithContext(ctx)
	var rows []struct {
		Dialogue
		Role *Role
	}
	err := db.Raw(`SELECT d.*, m.role FROM dialogues d
		LEFT JOIN memberships m ON m.dialogue_id = d.id AND m.person_id = ? AND m.ended_at IS NULL
		WHERE d.id IN (?) ORDER BY d.created_at, d.id`, actor.ID(), ownDialogues(db, actor.ID())).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("load a person's seats: %w", err)
	}
	seats := make([]Seat, len(rows))
	for i, row := range rows {
		seats[i] = Seat{Actor: actor, Dialogue: row.Dialogue}
		if row.Role != nil {
			seats[i].Role = *row.Role
		}
	}
	return seats, nil
}
