package consultations

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/vcm-forum/forum/dialogues/record"
)

// Kind names what happened, as "decision.drafted".
type Kind string

// Event is one entry of a community's log.
type Event struct {
	Index int64     // place in the log, from 0
	At    time.Time // the server's clock; the only time that rules use
	Actor record.ID // the account that entered it; "" for the server itself
	Claim Claim
	Fact  Fact
	Texts Texts
	Had   []string  // names of the texts it was made with; those that are gone were erased
	Key   string    // mark of the request that made it, so that a retry finds its answer
	About record.ID // what the request is answered with
}

// Claim is what a sender says about time. It is shown as said and decides
// nothing but the order among steps that did not know of each other.
type Claim struct {
	Base     int64     `json:"base"`              // the sender had seen the log up to this size
	Asserted time.Time `json:"asserted,omitzero"` // when it was done, as the community says
	Device   time.Time `json:"device,omitzero"`   // the clock of the phone that kept it
	Late     bool      `json:"late,omitempty"`    // made without a line and delivered later
	Via      Via       `json:"via,omitempty"`     // how it came; "" from the person's own account
}

// Texts are the words of an event, each of which can be erased without the rest:
// the name of the field, then what stands in it.
type Texts map[string]string

// Fact is what an event says: one type per kind, whose fields are ids, codes,
// numbers and times. Words that people typed are texts of the event.
type Fact interface {
	kind() Kind
	apply(c *Community, e Event)
}

// act is how an event is written into field 0 of its log entry.
type act struct {
	Kind  Kind            `json:"kind"`
	At    time.Time       `json:"at"`
	Actor record.ID       `json:"actor,omitempty"`
	Claim Claim           `json:"claim"`
	Fact  json.RawMessage `json:"fact"`
	Had   []string        `json:"texts,omitempty"`
	Key   string          `json:"key,omitempty"`
	About record.ID       `json:"about,omitempty"`
}

// ErrUnknownKind says that an event was written by a newer program.
var ErrUnknownKind = errors.New("event of an unknown kind")

// kinds makes an empty fact of each kind; see [facts].
func kinds() map[Kind]func() Fact {
	out := map[Kind]func() Fact{}
	for _, make := range facts() {
		out[make().kind()] = make
	}
	return out
}

//nolint:gochecknoglobals // built once, never changed
var byKind = kinds()

// encode gives the bytes of field 0.
func encode(e Event) ([]byte, error) {
	fact, err := json.Marshal(e.Fact)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", e.Fact.kind(), err)
	}
	raw, err := json.Marshal(act{e.Fact.kind(), e.At, e.Actor, e.Claim, fact, sortedNames(e.Texts), e.Key, e.About})
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", e.Fact.kind(), err)
	}
	return raw, nil
}

// decode reads field 0 back.
func decode(index int64, raw []byte, texts Texts) (Event, error) {
	var a act
	if err := json.Unmarshal(raw, &a); err != nil {
		return Event{}, fmt.Errorf("read entry %d: %w", index, err)
	}
	empty, ok := byKind[a.Kind]
	if !ok {
		return Event{}, fmt.Errorf("entry %d, %q: %w", index, a.Kind, ErrUnknownKind)
	}
	fact := empty()
	if err := json.Unmarshal(a.Fact, fact); err != nil {
		return Event{}, fmt.Errorf("read entry %d: %w", index, err)
	}
	return Event{Index: index, At: a.At, Actor: a.Actor, Claim: a.Claim, Fact: fact, Texts: texts, Had: a.Had, Key: a.Key, About: a.About}, nil
}

// note keeps of an event what rules ask of any. Readings and covers count for
// nothing, so that a log gives the same with and without them.
func (c *Community) note(e Event) {
	switch e.Fact.(type) {
	case *Read, *Cover:
		return
	}
	c.times = append(c.times, stamp{e.Index, e.At})
	if e.Key != "" {
		if c.answers == nil {
			c.answers = map[string]record.ID{}
		}
		c.answers[e.Key] = e.About
	}
}

// Fold gives what stands after the events, in the order of the log. It has no
// other source: no clock, no database.
func Fold(events []Event) *Community {
	c := &Community{}
	for _, e := range events {
		c.Size = e.Index + 1
		c.Latest = e.At
		c.note(e)
		e.Fact.apply(c, e)
	}
	return c
}
