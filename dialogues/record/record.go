// Package record keeps the account of everything that happens, "for the
// record": one append-only table in which every room is a sequence 1, 2, 3 …
// without gap or repeat, written in the same transaction as the change.
//
// It knows neither people nor dialogues, only ids, and it tells nobody before
// the commit: sockets, search, mail and minutes follow it by reading
// (see [After]).
package record

import (
	"crypto/sha256"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// ForumRoom is the room of what belongs to no dialogue: accounts, operators' acts.
const ForumRoom = "forum"

// Errors of the writer. A key reused for something else is the sender's fault;
// the other two say "not written: try again with the same key".
var (
	ErrKeyReused = errors.New("idempotency key was used for something else")
	ErrBusy      = errors.New("too many writes are waiting")
	ErrStopped   = errors.New("the writer has stopped")
)

// ID names one row of anything: a UUIDv7 in its 36-character form, or empty for
// "none", which the database keeps as NULL.
type ID string

// NewID returns a fresh id; ids made later sort later.
func NewID() ID {
	id, err := uuid.NewV7()
	if err != nil {
		return ID(uuid.NewString()) // NewV7 fails only when the system has no randomness; NewString panics then
	}
	return ID(id.String())
}

// ParseID accepts the canonical form alone, so that an id in an address is
// either exactly an id or nothing.
func ParseID(s string) (ID, bool) {
	if len(s) != 36 {
		return "", false
	}
	id, err := uuid.Parse(s)
	if err != nil || id.String() != s {
		return "", false
	}
	return ID(s), true
}

// Value stores the empty id as NULL.
func (id ID) Value() (driver.Value, error) {
	if id == "" {
		return nil, nil
	}
	return string(id), nil
}

// Scan reads NULL as the empty id.
func (id *ID) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*id = ""
	case string:
		*id = ID(v)
	case []byte:
		*id = ID(v)
	default:
		return fmt.Errorf("an id cannot be read from %T", v)
	}
	return nil
}

// Verb says what happened, as "contribution.added". The package that acts
// declares its verbs.
type Verb string

// Entry is one line of the record. It holds no text and no name: those live in
// versioned rows that may be erased, while the line and its digest stay.
type Entry struct {
	Room    string    // whose sequence this is: a dialogue's id, or ForumRoom
	Seq     int64     // 1, 2, 3 … within the room
	At      time.Time // UTC, microseconds; never before the line above it
	Actor   ID        // who did it; empty for the system and for what its author need not sign
	Verb    Verb
	Subject ID     // what it was done to
	Version int64  // which version of the subject this made; 0 where it has none
	Data    string // small JSON of ids and numbers, "" for none
	Digest  string // SHA-256 of the text that was written, hex, "" for none
}

// TableName tells gorm where entries live.
func (Entry) TableName() string { return "record_entries" }

// passingEntries is where the lines of passing rooms live; see [Action].
const passingEntries = "record_passing_entries"

// Head is the newest line of a room. A room without lines has the zero Head.
// Epoch changes when history may have been replaced (a restored backup): a
// reader that knows another epoch must start afresh.
type Head struct {
	Room    string
	Epoch   int64
	Seq     int64
	At      time.Time
	Passing bool // the room is one day forgotten, with all its lines
}

// TableName tells gorm where heads live.
func (Head) TableName() string { return "record_heads" }

// Digest is the SHA-256 of the parts, each preceded by its length so that no
// two different lists of parts agree; hex, 64 characters.
func Digest(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		h.Write(strconv.AppendInt(nil, int64(len(part)), 10))
		h.Write([]byte{':'})
		h.Write([]byte(part))
	}
	return hex.EncodeToString(h.Sum(nil))
}
