package dialogues

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// Service acts on dialogues and reads them.
type Service struct {
	Writer *record.Writer
	Read   *gorm.DB
	Now    func() time.Time
}

// Call is who asks for an action, and the key under which a retry is the same
// request. Key "" means that every call counts.
type Call struct {
	Actor people.Actor
	Key   string
}

// ErrNotFound says that what an action names is not in this dialogue.
var ErrNotFound = errors.New("no such thing in this dialogue")

// Verbs of a dialogue's room.
const (
	DialogueCreated       record.Verb = "dialogue.created"
	DialogueChanged       record.Verb = "dialogue.changed"
	DialogueState         record.Verb = "dialogue.state"
	MemberAdded           record.Verb = "member.added"
	MemberChanged         record.Verb = "member.changed"
	MemberRemoved         record.Verb = "member.removed"
	QuestionAdded         record.Verb = "question.added"
	QuestionChanged       record.Verb = "question.changed"
	QuestionRemoved       record.Verb = "question.removed"
	QuestionRestored      record.Verb = "question.restored"
	ContributionAdded     record.Verb = "contribution.added"
	ContributionChanged   record.Verb = "contribution.changed"
	ContributionWithdrawn record.Verb = "contribution.withdrawn"
	ContributionModerated record.Verb = "contribution.moderated"
	ContributionRestored  record.Verb = "contribution.restored"
	ContributionErased    record.Verb = "contribution.erased"
	SupportGiven          record.Verb = "support.given"
	SupportTaken          record.Verb = "support.taken"
	SessionPlanned        record.Verb = "session.planned"
	SessionChanged        record.Verb = "session.changed"
	SessionOpened         record.Verb = "session.opened"
	SessionClosed         record.Verb = "session.closed"
	SessionCancelled      record.Verb = "session.cancelled"
	SessionJoined         record.Verb = "session.joined"
	AgendaChanged         record.Verb = "agenda.changed"
	ItemStarted           record.Verb = "item.started"
	TimerSet              record.Verb = "timer.set"
	ChairHanded           record.Verb = "chair.handed"
	HandRaised            record.Verb = "hand.raised"
	HandLowered           record.Verb = "hand.lowered"
	HandCalled            record.Verb = "hand.called"
	HandDone              record.Verb = "hand.done"
	StepUndone            record.Verb = "step.undone"
	MinutesChanged        record.Verb = "minutes.changed"
	MinutesPublished      record.Verb = "minutes.published"
	RehearsalStarted      record.Verb = "rehearsal.started" // never on the record: a rehearsal's room passes
)

// Facts is what a line of a dialogue's room may carry beside its subject: ids
// and numbers, never a word that somebody typed.
type Facts struct {
	Session  record.ID `json:"session,omitempty"`
	Question record.ID `json:"question,omitempty"`
	Item     record.ID `json:"item,omitempty"`
	Parent   record.ID `json:"parent,omitempty"`
	Person   record.ID `json:"person,omitempty"`
	State    string    `json:"state,omitempty"` // or role, or group: a code of this program
	Millis   int64     `json:"ms,omitempty"`
}

// FactsOf reads a line's facts back.
func FactsOf(e record.Entry) (Facts, error) {
	var f Facts
	if e.Data == "" {
		return f, nil
	}
	if err := json.Unmarshal([]byte(e.Data), &f); err != nil {
		return f, fmt.Errorf("read facts of line %d: %w", e.Seq, err)
	}
	return f, nil
}

// turn is one action at work: its transaction, and the seat of who acts, read
// inside it, so that a right lost a moment ago is lost here too.
type turn struct {
	*record.Tx
	Seat
}

// note names a line of the record.
func (t *turn) note(verb record.Verb, subject record.ID, f Facts) {
	t.Append(t.line(verb, subject, f))
}

func (t *turn) line(verb record.Verb, subject record.ID, f Facts) record.Entry {
	e := record.Entry{Actor: t.Actor.ID(), Verb: verb, Subject: subject}
	if f != (Facts{}) {
		data, _ := json.Marshal(f) // a struct of strings and numbers always encodes
		e.Data = string(data)
	}
	return e
}

// noteText names a line about a version of a text, of which only the digest is recorded.
func (t *turn) noteText(verb record.Verb, subject record.ID, f Facts, version int64, body string) {
	e := t.line(verb, subject, f)
	e.Version = version
	if body != "" {
		e.Digest = record.Digest(body)
	}
	t.Append(e)
}

// noteWords names a line about what somebody said of their own accord. "Group
// only" holds for the record too: such a line says what happened, not who did it.
func (t *turn) noteWords(verb record.Verb, c Contribution, text ContributionText) {
	e := t.line(verb, c.ID, c.facts())
	if text.Version > 0 {
		e.Version, e.Digest = text.Version, text.Digest()
	}
	if c.Attribution == GroupOnly {
		t.AppendUnsigned(e)
		return
	}
	t.Append(e)
}

// act is the one way to change a dialogue: authorise, run, record, in one
// transaction. in is what was asked; its digest tells a retry from a new request.
func (s *Service) act(ctx context.Context, by Call, dialogue record.ID, what Act, in any, run func(t *turn) error) (record.Receipt, error) {
	return s.Writer.Do(ctx, record.Action{
		Room: string(dialogue), Actor: by.Actor.ID(), Key: by.Key, Asked: digestOf(what, []any{dialogue, in}),
		Run: func(tx *record.Tx) error {
			seat, err := seatIn(tx.DB, dialogue, by.Actor)
			if err != nil {
				return err
			}
			if err := seat.Check(what); err != nil {
				return err
			}
			return run(&turn{tx, seat})
		},
	})
}

func digestOf(what Act, in any) string {
	raw, _ := json.Marshal(in) // forms are structs of strings, numbers and times
	return record.Digest(string(what), fmt.Sprintf("%T", in), string(raw))
}

// seatIn reads a dialogue together with the actor's role in it and whether the
// actor may still act at all.
func seatIn(db *gorm.DB, dialogue record.ID, actor people.Actor) (Seat, error) {
	var row struct {
		Dialogue
		Role   *Role
		Active bool
	}
	err := db.Raw(`SELECT d.*, m.role, (p.id IS NOT NULL) AS active FROM dialogues d
		LEFT JOIN people p ON p.id = ? AND p.suspended_at IS NULL AND p.erased_at IS NULL AND p.merged_into IS NULL
		LEFT JOIN memberships m ON m.dialogue_id = d.id AND m.person_id = p.id AND m.ended_at IS NULL
		WHERE d.id = ?`, actor.ID(), dialogue).Scan(&row).Error
	if err != nil {
		return Seat{}, fmt.Errorf("load dialogue %s: %w", dialogue, err)
	}
	if row.ID == "" {
		return Seat{}, ErrHidden
	}
	seat := Seat{Actor: actor, Dialogue: row.Dialogue}
	if row.Role != nil {
		seat.Role = *row.Role
	}
	if !row.Active {
		seat.Actor = people.Actor{}
	}
	return seat, nil
}

// load reads one row of the turn's dialogue or says ErrNotFound.
func load[T any](t *turn, row *T, where string, args ...any) error {
	err := t.DB.Where(where, args...).Take(row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("load %T: %w", row, err)
	}
	return nil
}

// save writes a whole row that was loaded in this turn.
func save(t *turn, row any) error {
	if err := t.DB.Save(row).Error; err != nil {
		return fmt.Errorf("save %T: %w", row, err)
	}
	return nil
}

func create(t *turn, row any) error {
	if err := t.DB.Create(row).Error; err != nil {
		return fmt.Errorf("create %T: %w", row, err)
	}
	return nil
}
