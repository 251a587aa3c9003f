package vault

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"
)

// Names of the files in the folder of keys.
const (
	identitiesFile = "vault.age" // age identities, the newest last
	marksFile      = "marks.key" // 32 random bytes in base64
)

// Open reads the keys in a folder, and makes them in an empty one. Folder and
// files must be readable by their owner alone, else it is [ErrOpen].
func Open(dir string) (*Vault, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make a folder for keys: %w", err)
	}
	return read(dir, freshIdentity, freshSecret)
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
	v, err := parse(raw, marks)
	if err != nil {
		return nil, err
	}
	v.dir = dir
	return v, nil
}

// Rotate adds a new identity to a folder of keys. New keys are wrapped for it and
// old ones can still be unwrapped; [Vault.Rewrap] carries them over. Programs that
// run notice.
func Rotate(dir string) error {
	if _, err := Read(dir); err != nil {
		return err
	}
	path := filepath.Join(dir, identitiesFile)
	old, err := os.ReadFile(path) //nolint:gosec // the operator's folder
	if err != nil {
		return fmt.Errorf("rotate keys: %w", err)
	}
	fresh, err := freshIdentity()
	if err != nil {
		return err
	}
	return keep(dir, append(old, fresh...), func(draft string) error { return os.Rename(draft, path) })
}

// DropOld takes all but the newest identity out of a folder of keys, and returns how
// many. What is still wrapped for one of them, in a backup too, can never be opened
// again without another copy of the folder.
func DropOld(dir string) (int, error) {
	v, err := Read(dir)
	if err != nil {
		return 0, err
	}
	path := filepath.Join(dir, identitiesFile)
	return len(v.identities) - 1, keep(dir, []byte(v.newest.String()+"\n"), func(draft string) error { return os.Rename(draft, path) })
}

func freshIdentity() ([]byte, error) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	return []byte(id.String() + "\n"), nil
}

func freshSecret() ([]byte, error) {
	return []byte(base64.StdEncoding.EncodeToString(random(sha256.Size)) + "\n"), nil
}

func random(n int) []byte {
	out := make([]byte, n)
	_, _ = rand.Read(out) // never fails
	return out
}

// parse reads both files. Errors do not quote them.
func parse(raw, marks []byte) (*Vault, error) {
	identities, err := age.ParseIdentities(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("read %s: it holds no age identities", identitiesFile)
	}
	last, ok := identities[len(identities)-1].(*age.X25519Identity)
	if !ok {
		return nil, fmt.Errorf("read %s: the last identity is of another kind", identitiesFile)
	}
	secret, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(marks)))
	if err != nil || len(secret) != sha256.Size {
		return nil, fmt.Errorf("read %s: it holds no key", marksFile)
	}
	return newVault(identities, last, secret), nil
}

// private reads a file that only its owner may read, and makes it where there is
// none. Of two programs that make it at once, both get the one that was first.
func private(dir, name string, fresh func() ([]byte, error)) ([]byte, error) {
	path := filepath.Join(dir, name)
	if err := closed(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := closed(path); err == nil {
		return os.ReadFile(path) //nolint:gosec,wrapcheck // the operator's folder; the error names the file
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	made, err := fresh()
	if err != nil {
		return nil, err
	}
	err = keep(dir, made, func(draft string) error {
		defer os.Remove(draft)
		return os.Link(draft, path)
	})
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return os.ReadFile(path) //nolint:gosec,wrapcheck // the operator's folder; the error names the file
}

// closed tells whether nobody but its owner can read a file.
func closed(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("look at the keys: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("%s: %w", path, ErrOpen)
	}
	return nil
}

// keep writes what must never be half there: it is on disk before it gets its
// name, and the name is on disk before anything is encrypted for it.
func keep(dir string, raw []byte, name func(draft string) error) error {
	f, err := os.CreateTemp(dir, ".draft-*") // readable by its owner alone
	if err != nil {
		return fmt.Errorf("keep a key: %w", err)
	}
	_, err = f.Write(raw)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("keep a key: %w", errors.Join(err, os.Remove(f.Name())))
	}
	if err := name(f.Name()); err != nil {
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
