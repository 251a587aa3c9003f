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
	if m.Chairs, err = tenures(ctx, db, session); err != nil {
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

// tenures reads from the record who chaired a session from when to when.
func tenures(ctx context.Context, db *gorm.DB, session Session) ([]Tenure, error) {
	lines, err := record.AfterAbout(ctx, db, string(session.DialogueID), 0, []record.Verb{SessionOpened, ChairHanded, StepUndone, SessionClosed})
	if err != nil {
		return nil, err
	}
	var c chairing
	for _, line := range lines {
		facts, err := FactsOf(line)
		if err != nil {
			return nil, err
		}
		if facts.Session == session.ID {
			c.tell(line, facts)
		}
	}
	names, err := people.Names(ctx, db, c.ids)
	for i, id := range c.ids {
		c.tenures[i].Name = names[id]
	}
	return c.tenures, err
}

// chairing follows the chair of one session through its lines.
type chairing struct {
	tenures []Tenure
	ids     []record.ID // whose they are
}

// tell: a handing over that was taken back did not happen, and who chaired
// before went on.
func (c *chairing) tell(line record.Entry, facts Facts) {
	switch {
	case line.Verb == SessionOpened:
		c.begin(line.Actor, line.At)
	case line.Verb == SessionClosed:
		c.end(&line.At)
	case line.Verb == ChairHanded:
		c.end(&line.At)
		c.begin(facts.Person, line.At)
	case facts.State == string(ChairHanded) && len(c.ids) > 1:
		c.tenures, c.ids = c.tenures[:len(c.tenures)-1], c.ids[:len(c.ids)-1]
		c.end(nil)
	}
}

func (c *chairing) begin(id record.ID, at time.Time) {
	c.tenures, c.ids = append(c.tenures, Tenure{From: at}), append(c.ids, id)
}

func (c *chairing) end(at *time.Time) {
	if n := len(c.tenures); n > 0 {
		c.tenures[n-1].To = at
	}
}
