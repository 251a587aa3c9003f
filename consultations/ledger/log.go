package ledger

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"

	"golang.org/x/mod/sumdb/tlog"
)

// Errors of a log.
var (
	ErrNoLog   = errors.New("there is no such log")
	ErrOrigin  = errors.New("this is no origin of a log")
	ErrMoved   = errors.New("the log was appended to meanwhile: its writes must come one after another")
	ErrKeepAct = errors.New("the act of an entry cannot be erased")
)

var originForm = regexp.MustCompile(`^[a-z0-9.:-]+/l/[0-9a-f]{32}$`)

// NewOrigin makes the name under which the world knows a log, "<host>/l/<32
// hexadecimal digits>". The digits are random: a name tells of nobody.
func NewOrigin(host string) string {
	var number [16]byte
	_, _ = rand.Read(number[:]) // never fails: without randomness the program ends
	return host + "/l/" + hex.EncodeToString(number[:])
}

// CheckOrigin returns [ErrOrigin] for what [NewOrigin] does not make.
func CheckOrigin(origin string) error {
	if !originForm.MatchString(origin) {
		return fmt.Errorf("%w: %q", ErrOrigin, origin)
	}
	return nil
}

// Head is how far a log is.
type Head struct {
	ID     string
	Origin string
	Size   int64     // number of entries; the newest has index Size-1
	Root   tlog.Hash // of the tree of all entries, RFC 6962
	Key    []byte    // the log's data key, wrapped by the vault
}

// Entry is one line of a log.
type Entry struct {
	Log    string
	Index  int64 // from 0, without gap
	Slots  [Slots]tlog.Hash
	Fields []Opened // in order of slots
}

// Leaf is the hash of the entry in the log's tree.
func (e Entry) Leaf() tlog.Hash { return LeafHash(SlotRoot(e.Slots)) }

// Opened is a field as it was read. An erased one has neither name nor value nor salt.
type Opened struct {
	Field
	Salt   []byte // 32 bytes
	Erased bool
}

// Field returns the field in a slot; ErrErased when it is not there any more or
// never was.
func (e Entry) Field(slot int) (Opened, error) {
	for _, f := range e.Fields {
		if f.Slot == slot && !f.Erased {
			return f, nil
		}
	}
	return Opened{}, fmt.Errorf("slot %d of entry %d: %w", slot, e.Index, ErrErased)
}
