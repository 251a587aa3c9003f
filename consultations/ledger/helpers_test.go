package ledger_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"

	"gorm.io/gorm"

	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/server/database"
)

// aead is a sealer as the vault's: AES-256-GCM bound to its context.
type aead struct{ cipher.AEAD }

func newSealer(t testing.TB) aead {
	t.Helper()
	var key [32]byte
	_, _ = rand.Read(key[:]) // never fails
	block, err := aes.NewCipher(key[:])
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		t.Fatal(err)
	}
	return aead{gcm}
}

func (a aead) Seal(plain []byte, context ...string) []byte {
	return a.AEAD.Seal(nil, nil, plain, []byte(strings.Join(context, "\x00")))
}

func (a aead) Open(sealed []byte, context ...string) ([]byte, error) {
	return a.AEAD.Open(nil, nil, sealed, []byte(strings.Join(context, "\x00")))
}

// village is the log that most tests write.
const village = "village"

// newLog creates a log and returns its origin.
func newLog(t testing.TB, db *database.DB, id string) string {
	t.Helper()
	origin := ledger.NewOrigin("forum.example")
	must(t, ledger.Create(db.Write.WithContext(t.Context()), id, origin, []byte("wrapped")))
	return origin
}

// acts are the fields of an entry that has an act and a reason.
func acts(n int) []ledger.Field {
	return []ledger.Field{
		{Slot: 0, Name: ledger.Act, Value: fmt.Appendf(nil, `{"n":%d}`, n)},
		{Slot: 3, Name: "reason", Value: fmt.Appendf(nil, "because of the river, %d", n)},
	}
}

// fill appends n entries in one transaction.
func fill(t testing.TB, db *database.DB, id string, sealer ledger.Sealer, n int) []ledger.Entry {
	t.Helper()
	var entries []ledger.Entry
	must(t, db.Write.WithContext(t.Context()).Transaction(func(tx *gorm.DB) error {
		for i := range n {
			e, err := ledger.Append(tx, id, sealer, acts(i))
			if err != nil {
				return err
			}
			entries = append(entries, e)
		}
		return nil
	}))
	return entries
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// run executes a statement as whoever owns the database could.
func run(t testing.TB, db *database.DB, statement string, args ...any) {
	t.Helper()
	if err := db.Write.WithContext(t.Context()).Exec(statement, args...).Error; err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}
