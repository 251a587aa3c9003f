package ledger

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/tlog"
)

// Slots is how many fields an entry may have.
const Slots = 8

// Act is the name of field 0, which every entry has and none may lose: it says
// what happened, and the state of a consultation is read from it alone.
const Act = "act"

// LongestValue bounds a field, in bytes. Longer things are evidence, and lie in
// files of which an entry holds the digest.
const LongestValue = 1 << 20

// Errors about the fields of an entry.
var (
	ErrFields = errors.New("these are no fields of an entry")
	ErrErased = errors.New("this field was erased or never was")
)

// Field is one named value of an entry: UTF-8 of at most [LongestValue] bytes.
type Field struct {
	Slot  int
	Name  string // [a-z][a-z0-9-]*, at most 32 bytes
	Value []byte
}

// Sealer encrypts what the database keeps of fields; a key of consultations/vault
// is one. What was sealed in one context cannot be opened in another, so that no
// sealed field can stand in for its neighbour. It pads: the size of a row must not
// tell "yes" from "no".
type Sealer interface {
	Seal(plain []byte, context ...string) []byte
	Open(sealed []byte, context ...string) ([]byte, error)
}

// place says where a sealed field belongs.
func place(log string, index int64, slot int) []string {
	return []string{"field", log, strconv.FormatInt(index, 10), strconv.Itoa(slot)}
}

var fieldName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)

// checkFields holds the fields of an entry against the rules; [ErrFields].
func checkFields(fields []Field) error {
	var seen [Slots]bool
	for _, f := range fields {
		if err := checkField(f); err != nil {
			return err
		}
		if seen[f.Slot] {
			return fmt.Errorf("%w: slot %d is named twice", ErrFields, f.Slot)
		}
		seen[f.Slot] = true
	}
	if !seen[0] {
		return fmt.Errorf("%w: there is no act", ErrFields)
	}
	return nil
}

func checkField(f Field) error {
	switch {
	case f.Slot < 0 || f.Slot >= Slots:
		return fmt.Errorf("%w: there is no slot %d", ErrFields, f.Slot)
	case !fieldName.MatchString(f.Name):
		return fmt.Errorf("%w: slot %d has no proper name", ErrFields, f.Slot)
	case (f.Slot == 0) != (f.Name == Act):
		return fmt.Errorf("%w: slot %d is named %s", ErrFields, f.Slot, f.Name)
	case len(f.Value) > LongestValue || !utf8.Valid(f.Value):
		return fmt.Errorf("%w: %s is longer than %d bytes or no UTF-8", ErrFields, f.Name, LongestValue)
	}
	return nil
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: without randomness the program ends
	return b
}

// Commitment is what an entry's slot holds of a field:
//
//	HMAC-SHA256(salt, "vcm-forum/field/v1\n" origin "\n" index "\n" name "\n" pad(value))
//
// It hides the value from whoever lacks the 32 random bytes of salt (a decision
// is one of four words: a bare digest of it is looked up in a moment), and binds
// value and name to this entry of this log.
func Commitment(salt []byte, origin string, index int64, name string, value []byte) tlog.Hash {
	mac := hmac.New(sha256.New, salt)
	mac.Write([]byte("vcm-forum/field/v1\n" + origin + "\n" + strconv.FormatInt(index, 10) + "\n" + name + "\n"))
	mac.Write(pad(value))
	return tlog.Hash(mac.Sum(nil))
}

// pad is the value after its length in 8 bytes, filled with zeros to a multiple
// of 256 bytes: how long hashing takes tells little about the value.
func pad(value []byte) []byte {
	const step = 256
	padded := make([]byte, (8+len(value)+step-1)/step*step)
	binary.BigEndian.PutUint64(padded, uint64(len(value)))
	copy(padded[8:], value)
	return padded
}

// pack writes a field's name and value for sealing: a byte for the length of the
// name, the name, the value.
func pack(f Field) []byte {
	plain := make([]byte, 0, 1+len(f.Name)+len(f.Value))
	plain = append(plain, byte(len(f.Name))) //nolint:gosec // at most 32
	plain = append(plain, f.Name...)
	return append(plain, f.Value...)
}

// errPacked says that what was opened is not what pack writes.
var errPacked = errors.New("a sealed field has another form")

func unpack(slot int, plain []byte) (Field, error) {
	if len(plain) == 0 || len(plain) < 1+int(plain[0]) {
		return Field{}, errPacked
	}
	name, value := plain[1:1+plain[0]], plain[1+plain[0]:]
	return Field{Slot: slot, Name: string(name), Value: value}, nil
}
