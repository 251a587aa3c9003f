// Package vault holds the keys of consultations: one age identity of the server
// in a folder outside the database, and for each community a key of its own that
// is wrapped for it. Whoever has the database, a backup of it or its log files
// reads nothing; whoever has the running server does (security model, tier T0).
//
// Formats: age (https://age-encryption.org/v1) for wrapped keys and files,
// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha) for fields, HKDF (RFC 5869) and
// HMAC (RFC 2104) with SHA-256 for what is derived.
package vault

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"

	"filippo.io/age"
)

// Errors of a vault.
var (
	ErrOpen   = errors.New("the keys are readable by others: let only their owner read the folder and its files")
	ErrSealed = errors.New("this cannot be opened with the keys at hand")
	ErrNone   = errors.New("there are no keys in this folder")
)

// Vault is the server's keys. It tells nobody what they are: printed, it says "[keys]".
type Vault struct {
	dir   string // where they lie; "" for a [Temporary] one
	marks []byte

	mu         sync.Mutex
	identities []age.Identity // all that wrapped keys may be for
	newest     *age.X25519Identity
	opened     map[[sha256.Size]byte]*Key
}

func newVault(identities []age.Identity, newest *age.X25519Identity, marks []byte) *Vault {
	return &Vault{identities: identities, newest: newest, marks: marks, opened: map[[sha256.Size]byte]*Key{}}
}

// again reads the identities once more: they may have been rotated while this program
// runs. Where that fails, those that were read before are used.
func (v *Vault) again() ([]age.Identity, *age.X25519Identity) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.dir != "" {
		if fresh, err := Read(v.dir); err == nil {
			v.identities, v.newest = fresh.identities, fresh.newest
		}
	}
	return v.identities, v.newest
}

// Temporary is a vault whose keys are nowhere else: for tests, and for what is
// gone when the program ends.
func Temporary() *Vault {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		panic(err) // there is no randomness
	}
	return newVault([]age.Identity{id}, id, random(sha256.Size))
}

// NewKey makes a key for a community, and the form in which the database keeps it.
func (v *Vault) NewKey() (wrapped []byte, key *Key, err error) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, nil, fmt.Errorf("make a key: %w", err)
	}
	if wrapped, err = v.wrap(id); err != nil {
		return nil, nil, err
	}
	return wrapped, newKey(id), nil
}

func (v *Vault) wrap(id *age.X25519Identity) ([]byte, error) {
	var out bytes.Buffer
	_, newest := v.again()
	w, err := age.Encrypt(&out, newest.Recipient())
	if err != nil {
		return nil, fmt.Errorf("wrap a key: %w", err)
	}
	_, err = io.WriteString(w, id.String())
	if err := errors.Join(err, w.Close()); err != nil {
		return nil, fmt.Errorf("wrap a key: %w", err)
	}
	return out.Bytes(), nil
}

// Unwrap opens a community's key; [ErrSealed] when it is not for this vault. What
// was opened once is remembered, until [Vault.Forget].
func (v *Vault) Unwrap(wrapped []byte) (*Key, error) {
	name := sha256.Sum256(wrapped)
	v.mu.Lock()
	known := v.opened[name]
	v.mu.Unlock()
	if known != nil {
		return known, nil
	}
	id, err := v.unwrap(wrapped)
	if err != nil {
		return nil, err
	}
	key := newKey(id)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.opened[name] = key
	return key, nil
}

func (v *Vault) unwrap(wrapped []byte) (*age.X25519Identity, error) {
	v.mu.Lock()
	identities := v.identities
	v.mu.Unlock()
	r, err := age.Decrypt(bytes.NewReader(wrapped), identities...)
	if err != nil {
		identities, _ = v.again()
		r, err = age.Decrypt(bytes.NewReader(wrapped), identities...)
	}
	if err != nil {
		return nil, ErrSealed
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, ErrSealed
	}
	id, err := age.ParseX25519Identity(string(raw))
	if err != nil {
		return nil, ErrSealed
	}
	return id, nil
}

// Forget drops what [Vault.Unwrap] remembers of a key. Once its wrapped form is
// destroyed too, nothing that it sealed can be read again.
func (v *Vault) Forget(wrapped []byte) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.opened, sha256.Sum256(wrapped))
}

// Rewrap wraps a community's key for the newest identity. The key itself, and all
// that it sealed, stay as they are.
func (v *Vault) Rewrap(wrapped []byte) ([]byte, error) {
	id, err := v.unwrap(wrapped)
	if err != nil {
		return nil, err
	}
	return v.wrap(id)
}

// IsNewest tells whether a community's key is wrapped for the newest identity.
func (v *Vault) IsNewest(wrapped []byte) bool {
	_, newest := v.again()
	_, err := age.Decrypt(bytes.NewReader(wrapped), newest)
	return err == nil
}

// Mark is a name for something under which the database keeps it without saying
// what it is: HMAC-SHA256 in hexadecimal, 64 characters. The same parts always
// give the same mark, whichever identities come and go.
func (v *Vault) Mark(parts ...string) string {
	return hex.EncodeToString(mac(v.marks, parts))
}

// mac is over the parts, each preceded by its length, so that no two lists agree.
func mac(secret []byte, parts []string) []byte {
	m := hmac.New(sha256.New, secret)
	for _, part := range parts {
		fmt.Fprintf(m, "%d:%s", len(part), part)
	}
	return m.Sum(nil)
}

// Format says nothing about the keys, whatever the verb.
func (v *Vault) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, v.String()) }

// String says nothing about the keys.
func (v *Vault) String() string { return "[keys]" }

// LogValue says nothing about the keys.
func (v *Vault) LogValue() slog.Value { return slog.StringValue(v.String()) }
