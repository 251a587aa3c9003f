package consultations

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/vcm-forum/forum/consultations/evidence"
	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/consultations/vault"
	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// Recorded is the one verb that a community's room has on the forum's record: that
// something was recorded. What it was stands in the community's own log.
const Recorded record.Verb = "consultation.recorded"

// Service acts on communities and their consultations and reads them.
type Service struct {
	Writer *record.Writer
	Read   *gorm.DB
	Vault  *vault.Vault
	// Files keeps evidence; nil where none can be handed in.
	Files *evidence.Store
	// Dialogues takes the statements that communities make there.
	Dialogues *dialogues.Service
	Now       func() time.Time
	// Host is the first part of a new log's origin: the name under which the forum is known.
	Host string
	// Words puts what a receipt binds into words of a language: what was decided,
	// for which aspects, when. No names, no place.
	Words func(language string, d Decided, at time.Time) string
	Seals Seals
	memory
}

// turn is one action at work.
type turn struct {
	*record.Tx
	Seat
	s       *Service
	log     ledger.Head
	claim   Claim
	request string // the mark of the request
	events  []Event
}

// Call is who asks, the key of the request, and what they claim about time.
type Call struct {
	dialogues.Call
	Claim Claim
}

// act is the one way to change a community's record: authorise, run, append, in
// one transaction. consultation is "" for what concerns the community as a whole.
func (s *Service) act(ctx context.Context, by Call, community record.ID, what Act, consultation record.ID, in any, run func(t *turn) (record.ID, error)) (record.Receipt, error) {
	var answer record.ID
	receipt, err := s.Writer.Do(ctx, record.Action{
		Room: string(community), Actor: record.ID(s.Vault.Mark("actor", string(by.Actor.ID()))), Key: by.Key,
		Asked: s.asked(what, community, consultation, in),
		Run: func(tx *record.Tx) error {
			t, err := s.begin(tx, by, community, in)
			if err != nil {
				return err
			}
			if err := t.Check(what, consultation); err != nil && !t.wasHolder(in, consultation) {
				return err
			}
			if answer, err = run(t); err != nil {
				return err
			}
			return t.finish(answer)
		},
	})
	if err != nil {
		return record.Receipt{}, err
	}
	return s.answered(ctx, by, community, receipt, answer)
}

// answered is the receipt of an action: what it was about, and nothing of how much
// else happens in the room, which its number would tell whoever takes two. What a
// retry is about stands in the log.
func (s *Service) answered(ctx context.Context, by Call, community record.ID, receipt record.Receipt, id record.ID) (record.Receipt, error) {
	receipt.Epoch, receipt.Seq, receipt.ID = 0, 0, id
	if id != "" || by.Key == "" {
		return receipt, nil
	}
	c, _, err := s.load(s.Read.WithContext(ctx), community, true)
	if err != nil {
		return record.Receipt{}, err
	}
	receipt.ID = c.answers[s.request(by)]
	return receipt, nil
}

// request is the mark of a request; "" for one that carries no key.
func (s *Service) request(by Call) string {
	if by.Key == "" {
		return ""
	}
	return s.Vault.Mark("request", string(by.Actor.ID()), by.Key)
}

// asked is what tells a retry from a new request. It is keyed, so that nobody with
// the database can find out by guessing what was asked.
func (s *Service) asked(what Act, community, consultation record.ID, in any) string {
	raw, _ := json.Marshal(in) // forms are structs of strings, numbers and times
	return s.Vault.Mark("asked", string(what), string(community), string(consultation), fmt.Sprintf("%T", in), string(raw))
}

// begin reads the community inside the action's transaction, so that a right lost
// a moment ago is lost here too.
func (s *Service) begin(tx *record.Tx, by Call, community record.ID, in any) (*turn, error) {
	if err := s.knows(tx.DB, by.Actor, community); err != nil {
		return nil, err
	}
	c, head, err := s.load(tx.DB, community, false)
	if err != nil {
		return nil, err
	}
	claim, err := by.Claim.within(c, in)
	if err != nil {
		return nil, err
	}
	return &turn{Tx: tx, Seat: Seat{Actor: by.Actor, Community: c, At: tx.Now}, s: s, log: head, claim: claim, request: s.request(by)}, nil
}

// within is as much of a claim as is believed. Only what can be done without a
// line, stopping and confirming, may come late; everything else is done here and
// now, knowing all there is. A word that comes late without saying what its giver had
// seen is not taken; a step that protects is, as one that had seen nothing less.
func (claim Claim) within(c *Community, in any) (Claim, error) {
	known := claim.Base > 0 && claim.Base <= c.Size
	switch in.(type) {
	case StopForm:
		if claim.Late && known {
			return claim, nil
		}
		claim.Base = c.Size
		return claim, nil
	case ConfirmForm:
		if claim.Late && !known {
			return Claim{}, people.Invalid{"base": {Key: "consult.error.words_changed"}}
		}
		if !claim.Late {
			claim.Base = c.Size
		}
		return claim, nil // with how the word came, and the day on which it was given
	}
	return Claim{Base: c.Size}, nil
}

// wasHolder: who was a holder when they stopped something without a line, and is
// none any more, is heard; see [turn.putToInstitution].
func (t *turn) wasHolder(in any, consultation record.ID) bool {
	if _, stops := in.(StopForm); !stops {
		return false
	}
	x := t.Community.Consultation(consultation)
	if x == nil {
		return false
	}
	_, was := t.formerHolder(x)
	return was
}

// knows tells whether an account has a seat with a community at all. It asks the
// same of a community that does not exist, and takes as long.
func (s *Service) knows(db *gorm.DB, actor people.Actor, community record.ID) error {
	var n int64
	err := db.Table("consultation_seats").Joins("JOIN people p ON p.id = ? AND p.suspended_at IS NULL AND p.erased_at IS NULL AND p.merged_into IS NULL", actor.ID()).
		Where("who = ? AND community = ?", s.who(actor.ID()), community).Count(&n).Error
	if err != nil {
		return fmt.Errorf("look for a seat: %w", err)
	}
	if n == 0 {
		return ErrHidden
	}
	return nil
}

// who is under which mark a person's seats are kept, so that the table names nobody.
func (s *Service) who(person record.ID) string { return s.Vault.Mark("who", string(person)) }

// emit adds an event. Texts that are empty are left out.
func (t *turn) emit(f Fact, texts Texts) {
	kept := Texts{}
	for name, body := range texts {
		if body != "" {
			kept[name] = body
		}
	}
	t.events = append(t.events, Event{Index: t.Community.Size + int64(len(t.events)), At: t.Now, Actor: t.Actor.ID(), Claim: t.claim, Fact: f, Texts: kept})
}

// finish appends the events to the log and one line to the record, which says
// that something was recorded and not by whom.
func (t *turn) finish(id record.ID) error {
	if len(t.events) == 0 {
		return nil
	}
	key, err := t.s.Vault.Unwrap(t.log.Key)
	if err != nil {
		return fmt.Errorf("open the key of a log: %w", err)
	}
	for i, e := range t.events {
		if i == 0 {
			e.Key, e.About = t.request, id
		}
		fields, err := fieldsOf(e)
		if err != nil {
			return err
		}
		if _, err := ledger.Append(t.DB, string(t.Community.ID), key, fields); err != nil {
			return fmt.Errorf("append to the log: %w", err)
		}
	}
	t.AppendUnsigned(record.Entry{Verb: Recorded, Subject: t.Community.ID}) // the same for every act, reading and cover
	return nil
}

// fieldsOf writes an event as the fields of a log entry, its texts in the order
// of their names.
func fieldsOf(e Event) ([]ledger.Field, error) {
	raw, err := encode(e)
	if err != nil {
		return nil, err
	}
	fields := []ledger.Field{{Name: "act", Value: raw}}
	for _, name := range sortedNames(e.Texts) {
		fields = append(fields, ledger.Field{Slot: len(fields), Name: name, Value: []byte(e.Texts[name])})
	}
	return fields, nil
}

// seat lets the account find the community; unseat takes that away.
func (t *turn) seat(account record.ID) error {
	row := map[string]any{"who": t.s.who(account), "community": t.Community.ID}
	if err := t.DB.Table("consultation_seats").Clauses(clause.OnConflict{DoNothing: true}).Create(row).Error; err != nil {
		return fmt.Errorf("keep a seat: %w", err)
	}
	return nil
}

func (t *turn) unseat(account record.ID) error {
	err := t.DB.Exec("DELETE FROM consultation_seats WHERE who = ? AND community = ?", t.s.who(account), t.Community.ID).Error
	if err != nil {
		return fmt.Errorf("take a seat away: %w", err)
	}
	return nil
}

// consultation is the one that an action is about.
func (t *turn) consultation(id record.ID) (*Consultation, error) {
	if x := t.Community.Consultation(id); x != nil {
		return x, nil
	}
	return nil, ErrNotFound
}

// account finds a person who may be given something, by id.
func (t *turn) account(id record.ID) (people.Person, error) {
	var p people.Person
	err := t.DB.Where("id = ?", id).Take(&p).Error
	if errors.Is(err, gorm.ErrRecordNotFound) || (err == nil && (!p.Active() || p.Kind != people.Account)) {
		return people.Person{}, ErrNotFound
	}
	if err != nil {
		return people.Person{}, fmt.Errorf("load a person: %w", err)
	}
	return p, nil
}
