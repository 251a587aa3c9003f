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
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"filippo.io/age"
)

// Errors of a vault.
var (
	ErrOpen   = errors.New("the keys are readable by others: let only their owner read the folder and its files")
	ErrSealed = errors.New("this cannot be opened with the keys at hand")
	ErrNone   = errors.New("there are no keys in this folder")
)

// Names of the files in the folder of keys.
const (
	identitiesFile = "vault.age" // age identities, the newest last
	marksFile      = "marks.key" // 32 random bytes in base64
)

// Vault is the server's keys. It tells nobody what they are: printed, it says "[keys]".
type Vault struct {
	identities []age.Identity // all that wrapped keys may be for
	newest     age.Recipient
	marks      []byte

	mu     sync.Mutex
	opened map[[sha256.Size]byte]*Key
}

// Open reads the keys in a folder, and makes them in an empty one. Folder and
// files must be readable by their owner alone, else it is [ErrOpen].
func Open(dir string) (*Vault, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make a folder for keys: %w", err)
	}
	return read(dir, newIdentity, newMarks)
}

// Read reads the keys in a folder and makes none: [ErrNone] where there are none. It
// is for whatever was sealed already, which new keys would not open.
func Read(dir string) (*Vault, error) {
	none := func() ([]byte, error) { return nil, fmt.Errorf("%s: %w", dir, ErrNone) }
	return read(dir, none, none)
}

func read(dir string, identity, secret func() ([]byte, error)) (*Vault, error) {
	raw, err := private(dir, identitiesFile, identity)
	if err != nil {
		return nil, err
	}
	marks, err := private(dir, marksFile, secret)
	if err != nil {
		return nil, err
	}
	return parse(raw, marks)
}

func newIdentity() ([]byte, error) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	return []byte(id.String() + "\n"), nil
}

func newMarks() ([]byte, error) {
	secret := make([]byte, sha256.Size)
	_, _ = rand.Read(secret) // never fails
	return []byte(base64.StdEncoding.EncodeToString(secret) + "\n"), nil
}

// Temporary is a vault whose keys are nowhere else: for tests, and for what is
// gone when the program ends.
func Temporary() *Vault {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		panic(err) // there is no randomness
	}
	marks := make([]byte, sha256.Size)
	_, _ = rand.Read(marks) // never fails
	return &Vault{identities: []age.Identity{id}, newest: id.Recipient(), marks: marks, opened: map[[sha256.Size]byte]*Key{}}
}

func parse(raw, marks []byte) (*Vault, error) {
	identities, err := age.ParseIdentities(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("read %s: it holds no age identities", identitiesFile) // the reason might quote one
	}
	last, ok := identities[len(identities)-1].(*age.X25519Identity)
	if !ok {
		return nil, fmt.Errorf("read %s: the last identity is of another kind", identitiesFile)
	}
	secret, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(marks)))
	if err != nil || len(secret) != sha256.Size {
		return nil, fmt.Errorf("read %s: it holds no key", marksFile)
	}
	return &Vault{identities: identities, newest: last.Recipient(), marks: secret, opened: map[[sha256.Size]byte]*Key{}}, nil
}

// private reads a file that only its owner may read, and makes it where there is none.
func private(dir, name string, fresh func() ([]byte, error)) ([]byte, error) {
	path := filepath.Join(dir, name)
	for _, p := range []string{dir, path} {
		info, err := os.Stat(p)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("look at the keys: %w", err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			return nil, fmt.Errorf("%s: %w", p, ErrOpen)
		}
	}
	raw, err := os.ReadFile(path) //nolint:gosec // the operator's folder
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return raw, err //nolint:wrapcheck // names the file itself
	}
	if raw, err = fresh(); err != nil {
		return nil, err
	}
	return raw, keep(dir, path, raw)
}

// keep writes a new file that must not be lost: it and its folder are on disk
// before anything is encrypted for it. One that was made meanwhile is not replaced.
func keep(dir, path string, raw []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the operator's folder
	if err != nil {
		return fmt.Errorf("keep a key: %w", err)
	}
	_, err = f.Write(raw)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("keep a key: %w", err)
	}
	folder, err := os.Open(dir) //nolint:gosec // the operator's folder
	if err != nil {
		return fmt.Errorf("keep a key: %w", err)
	}
	if err := errors.Join(folder.Sync(), folder.Close()); err != nil {
		return fmt.Errorf("keep a key: %w", err)
	}
	return nil
}

// Rotate adds a new identity to a folder of keys. New keys are wrapped for it and
// old ones can still be unwrapped; [Vault.Rewrap] carries them over.
func Rotate(dir string) error {
	if _, err := Read(dir); err != nil {
		return err
	}
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return fmt.Errorf("make a key: %w", err)
	}
	path := filepath.Join(dir, identitiesFile)
	old, err := os.ReadFile(path) //nolint:gosec // the operator's folder
	if err != nil {
		return fmt.Errorf("rotate keys: %w", err)
	}
	next := path + ".next"
	if err := keep(dir, next, append(old, id.String()+"\n"...)); err != nil {
		return err
	}
	if err := os.Rename(next, path); err != nil {
		return fmt.Errorf("rotate keys: %w", err)
	}
	return nil
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
	w, err := age.Encrypt(&out, v.newest)
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
// was opened once is remembered.
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
	r, err := age.Decrypt(bytes.NewReader(wrapped), v.identities...)
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

// Rewrap wraps a community's key for the newest identity. The key itself, and all
// that it sealed, stay as they are.
func (v *Vault) Rewrap(wrapped []byte) ([]byte, error) {
	id, err := v.unwrap(wrapped)
	if err != nil {
		return nil, err
	}
	return v.wrap(id)
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

// String says nothing about the keys.
func (v *Vault) String() string { return "[keys]" }

// GoString says nothing about the keys.
func (v *Vault) GoString() string { return "[keys]" }
