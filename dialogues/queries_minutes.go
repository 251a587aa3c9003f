package dialogues

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// Minutes are the account of a session, built from what the record and the
// tables below it hold and from nothing else, so that the page, the files and
// the archive cannot tell different stories.
type Minutes struct {
	Dialogue   Dialogue
	Session    Session
	Chair      string   // who chaired last
	Chairs     []Tenure // everybody who chaired, in order
	Agenda     []AgendaLine
	Attendance map[people.Group]int64
	Speeches   []Speech
	Sections   []Section // what was said, by question, in the order of the tree
	Head       int64     // line of the record up to which they hold
}

// Speech is one time somebody had the floor.
type Speech struct {
	Name             string
	StakeholderGroup people.Group
	ItemID           record.ID
	CalledAt         time.Time
	Spoke            time.Duration
}

// Tenure is a time during which somebody chaired a session.
type Tenure struct {
	Name string // "" once they have erased their account
	From time.Time
	To   *time.Time // nil while they still do
}

// Section is what was said to one question during the session, oldest first.
type Section struct {
	Question QuestionView
	Said     []Said
}

// CanReadMinutes tells: published minutes are read by all who may read the dialogue,
// unpublished ones by those who write them.
func (s Seat) CanReadMinutes(session Session) bool {
	if session.State != Over && session.State != Live {
		return false
	}
	return s.mayDo(Minute) || (session.PublishedAt != nil && s.Can(See))
}

// Minutes builds the minutes of a session; the caller has checked CanReadMinutes.
func (s *Service) Minutes(ctx context.Context, seat Seat, session Session) (Minutes, error) {
	db := s.Read.WithContext(ctx)
	// Read first: the minutes hold at least what this line says.
	head, err := record.HeadOf(ctx, s.Read, seat.Dialogue.Room())
	if err != nil {
		return Minutes{}, err
	}
	hall, err := s.Hall(ctx, seat.Dialogue.ID, session.ID)
	if err != nil {
		return Minutes{}, err
	}
	m := Minutes{Dialogue: seat.Dialogue, Session: hall.Session, Chair: hall.Chair, Agenda: hall.Agenda, Attendance: hall.Present, Head: head.Seq}
	if m.Speeches, err = speeches(db, session.ID, s.Now()); err != nil {
		return m, err
	}
	if m.Chairs, err = tenures(ctx, db, session.ID); err != nil {
		return m, err
	}
	said, _, err := s.Contributions(ctx, seat, SaidFilter{Session: session.ID, Order: Oldest, Limit: -1})
	if err != nil {
		return m, err
	}
	questions, err := s.Questions(ctx, seat.Dialogue.ID)
	if err != nil {
		return m, err
	}
	m.Sections = sections(questions, said)
	return m, nil
}

func sections(questions []QuestionView, said []Said) []Section {
	var out []Section
	for _, q := range questions {
		section := Section{Question: q}
		for _, c := range said {
			if c.QuestionID == q.ID {
				section.Said = append(section.Said, c)
			}
		}
		if len(section.Said) > 0 {
			out = append(out, section)
		}
	}
	return out
}

func speeches(db *gorm.DB, session record.ID, now time.Time) ([]Speech, error) {
	var hands []HandView
	err := db.Raw(`SELECT h.*, p.name FROM hands h JOIN people p ON p.id = h.person_id
		WHERE h.session_id = ? AND h.called_at IS NOT NULL ORDER BY h.called_at, h.id`, session).Scan(&hands).Error
	if err != nil {
		return nil, fmt.Errorf("load speeches: %w", err)
	}
	out := make([]Speech, len(hands))
	for i, h := range hands {
		out[i] = Speech{h.Name, h.StakeholderGroup, h.ItemID, *h.CalledAt, h.Spoke(now)}
	}
	return out, nil
}

// tenures reads from the record who chaired a session from when to when. A
// handing over that was taken back did not happen: who chaired before went on.
func tenures(ctx context.Context, db *gorm.DB, session record.ID) ([]Tenure, error) {
	var lines []record.Entry
	err := db.Where("subject = ? AND verb IN ?", session, []record.Verb{SessionOpened, ChairHanded, StepUndone, SessionClosed}).
		Order("seq").Find(&lines).Error
	if err != nil {
		return nil, fmt.Errorf("load who chaired: %w", err)
	}
	var out []Tenure
	var ids []record.ID
	for _, line := range lines {
		facts, err := FactsOf(line)
		if err != nil {
			return nil, err
		}
		switch {
		case line.Verb == SessionOpened:
			out, ids = append(out, Tenure{From: line.At}), append(ids, line.Actor)
		case line.Verb == SessionClosed:
			endTenure(out, &line.At)
		case line.Verb == ChairHanded:
			endTenure(out, &line.At)
			out, ids = append(out, Tenure{From: line.At}), append(ids, facts.Person)
		case facts.State == string(ChairHanded) && len(out) > 1:
			out, ids = out[:len(out)-1], ids[:len(ids)-1]
			endTenure(out, nil)
		}
	}
	names, err := people.Names(ctx, db, ids)
	for i, id := range ids {
		out[i].Name = names[id]
	}
	return out, err
}

func endTenure(of []Tenure, at *time.Time) {
	if len(of) > 0 {
		of[len(of)-1].To = at
	}
}
