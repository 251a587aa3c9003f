package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Memory is a folder with the largest checkpoint that a signer or a witness has
// signed of each log: the signed note, in a file named by the SHA-256 of the
// log's origin.
type Memory struct {
	dir  string
	lock *os.File
}

// ErrInUse says that another process signs from this folder.
var ErrInUse = errors.New("another process signs from this folder")

// OpenMemory opens a folder of memory for signing, which is made if need be, and
// keeps other processes out; [ErrInUse].
func OpenMemory(dir string) (Memory, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Memory{}, fmt.Errorf("make the folder of the memory: %w", err)
	}
	lock, err := lockFolder(dir)
	return Memory{dir, lock}, err
}

// ReadMemory looks into a folder of memory, whoever signs from it.
func ReadMemory(dir string) Memory { return Memory{dir: dir} }

// Close lets another process sign from the folder.
func (m Memory) Close() error {
	if err := m.lock.Close(); err != nil {
		return fmt.Errorf("close the memory: %w", err)
	}
	return nil
}

// Last returns the largest checkpoint signed of a log and its note; of a log
// that was never seen the empty tree.
func (m Memory) Last(origin string) (Checkpoint, string, error) {
	raw, err := os.ReadFile(m.file(origin))
	if errors.Is(err, fs.ErrNotExist) {
		return Checkpoint{Origin: origin, Root: frontier{}.root()}, "", nil
	}
	if err != nil {
		return Checkpoint{}, "", fmt.Errorf("read what was signed last: %w", err)
	}
	c, err := Claimed(string(raw))
	if err == nil && c.Origin != origin {
		err = fmt.Errorf("%w: it is of %s", ErrAltered, c.Origin)
	}
	if err != nil {
		return Checkpoint{}, "", fmt.Errorf("read what was signed last of %s: %w", origin, err)
	}
	return c, string(raw), nil
}

// Signed is the note of [Memory.Last], "" of a log that was never seen.
func (m Memory) Signed(origin string) (string, error) {
	_, note, err := m.Last(origin)
	return note, err
}

// all returns the largest checkpoints of all logs.
func (m Memory) all() ([]Checkpoint, error) {
	files, err := filepath.Glob(filepath.Join(m.dir, strings.Repeat("[0-9a-f]", 2*sha256.Size)))
	if err != nil {
		return nil, fmt.Errorf("list the memory: %w", err)
	}
	last := make([]Checkpoint, 0, len(files))
	for _, name := range files {
		raw, err := os.ReadFile(name) //nolint:gosec // the operator names the folder
		if err != nil {
			return nil, fmt.Errorf("read the memory: %w", err)
		}
		c, err := Claimed(string(raw))
		if err != nil {
			return nil, fmt.Errorf("read the memory, file %s: %w", filepath.Base(name), err)
		}
		last = append(last, c)
	}
	return last, nil
}

// remember keeps a note; when it returns, the disk has it.
func (m Memory) remember(origin, note string) error {
	return replaceFile(m.file(origin), note)
}

func (m Memory) file(origin string) string {
	sum := sha256.Sum256([]byte(origin))
	return filepath.Join(m.dir, hex.EncodeToString(sum[:]))
}

// replaceFile writes a file of mode 0600 so that after a crash either the old
// content is there or the new, and returns when the disk has the new.
func replaceFile(name, content string) error {
	fresh, err := os.CreateTemp(filepath.Dir(name), ".new-*") // has mode 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(name), err)
	}
	defer os.Remove(fresh.Name()) // is gone by then when all went well
	_, err = fresh.WriteString(content)
	err = errors.Join(err, fresh.Sync(), fresh.Close())
	if err == nil {
		err = os.Rename(fresh.Name(), name)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(name), err)
	}
	return syncFolder(filepath.Dir(name))
}

// syncFolder makes a rename last.
func syncFolder(dir string) error {
	folder, err := os.Open(dir) //nolint:gosec // the operator names the folder
	if err != nil {
		return fmt.Errorf("open %s: %w", dir, err)
	}
	if err := errors.Join(folder.Sync(), folder.Close()); err != nil {
		return fmt.Errorf("sync %s: %w", dir, err)
	}
	return nil
}
