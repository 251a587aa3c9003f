package ledger

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// keysFile lies in the signer's own folder and holds a line for each key: the
// seed of Ed25519 in base64. The newest is the last. A checkpoint carries a
// signature of every key, so that whoever knows only the one before can follow;
// [RetireKeys] takes out those that are not to sign any more.
const keysFile = "keys"

// retiredFile holds the public parts of keys that sign no more, a line each.
const retiredFile = "retired"

// Errors of the signer's folder.
var (
	ErrNoKeys = errors.New("there is no key in this folder")
	ErrOpen   = errors.New("others can read the key: its file must have mode 0600")
)

// AddKey makes a new key in a folder, the first or one more, and returns how a
// policy writes its public part. Rotation is: add a key, give the new line of the
// policy to everybody, later [RetireKeys].
func AddKey(dir string) (public string, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make the folder of the keys: %w", err)
	}
	seeds, err := readSeeds(dir)
	if err != nil && !errors.Is(err, ErrNoKeys) {
		return "", err
	}
	_, secret, err := ed25519.GenerateKey(nil)
	if err != nil {
		return "", fmt.Errorf("make a key: %w", err)
	}
	seeds = append(seeds, base64.StdEncoding.EncodeToString(secret.Seed()))
	if err := replaceFile(filepath.Join(dir, keysFile), strings.Join(seeds, "\n")+"\n"); err != nil {
		return "", err
	}
	return PublicPart(secret), nil
}

// PublicPart is how the line "log prefix" of a policy writes a log's key.
func PublicPart(secret ed25519.PrivateKey) string {
	return base64.StdEncoding.EncodeToString(newPrivateKey("", kindLog, secret).encoded())
}

// RetireKeys leaves the newest key of a folder alone to sign, and returns how a policy
// writes those that sign no more. Their secrets are gone; what they signed is still
// held against their public parts ([Retired]). Killed at any moment it can be asked again.
func RetireKeys(dir string) (retired []string, err error) {
	keys, err := ReadKeys(dir)
	if err != nil {
		return nil, err
	}
	for _, key := range keys[:len(keys)-1] {
		retired = append(retired, PublicPart(key))
	}
	before, err := Retired(dir)
	if err != nil {
		return nil, err
	}
	all := slices.Compact(slices.Sorted(slices.Values(append(before, retired...))))
	if err := replaceFile(filepath.Join(dir, retiredFile), strings.Join(append(all, ""), "\n")); err != nil {
		return nil, err
	}
	newest := keys[len(keys)-1]
	return retired, replaceFile(filepath.Join(dir, keysFile), base64.StdEncoding.EncodeToString(newest.Seed())+"\n")
}

// Retired returns how a policy writes the keys of a folder that sign no more.
func Retired(dir string) ([]string, error) {
	raw, err := os.ReadFile(filepath.Join(dir, retiredFile)) //nolint:gosec // the operator names the folder
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the retired keys: %w", err)
	}
	return strings.Fields(string(raw)), nil
}

// PublicKeys returns how a policy writes all keys that have ever signed from a folder,
// of which it must know each.
func PublicKeys(dir string) ([]string, error) {
	keys, err := ReadKeys(dir)
	if err != nil {
		return nil, err
	}
	all, err := Retired(dir)
	for _, key := range keys {
		all = append(all, PublicPart(key))
	}
	return all, err
}

// ReadKeys returns the keys of a folder, the newest last; [ErrNoKeys], or
// [ErrOpen] when anybody but the owner can read them.
func ReadKeys(dir string) ([]ed25519.PrivateKey, error) {
	seeds, err := readSeeds(dir)
	if err != nil {
		return nil, err
	}
	keys := make([]ed25519.PrivateKey, 0, len(seeds))
	for i, line := range seeds {
		seed, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(seed) != ed25519.SeedSize {
			return nil, fmt.Errorf("line %d of the keys is no seed of Ed25519", i+1) // and is not repeated here
		}
		keys = append(keys, ed25519.NewKeyFromSeed(seed))
	}
	return keys, nil
}

func readSeeds(dir string) ([]string, error) {
	name := filepath.Join(dir, keysFile)
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s", ErrNoKeys, dir)
	}
	if err != nil {
		return nil, fmt.Errorf("read the keys: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%w: %s", ErrOpen, name)
	}
	raw, err := os.ReadFile(name) //nolint:gosec // the operator names the folder
	if err != nil {
		return nil, fmt.Errorf("read the keys: %w", err)
	}
	return strings.Fields(string(raw)), nil
}

// BackUp copies a signer's keys and memory to a new folder. With the key alone a
// new signer would sign what does not extend what the old one signed.
func BackUp(dir, to string) error {
	if err := os.Mkdir(to, 0o700); err != nil {
		return fmt.Errorf("make the folder of the backup: %w", err)
	}
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		return fmt.Errorf("copy the signer's folder: %w", err)
	}
	if err := os.Chmod(filepath.Join(to, keysFile), 0o600); err != nil {
		return fmt.Errorf("close the copied key: %w", err)
	}
	return syncFolder(to)
}
