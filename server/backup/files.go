package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/vcm-forum/forum/consultations/evidence"
)

// beside is a backup that lies beside the one being made, and what it holds.
type beside struct {
	dir   string
	files map[string]File
}

// besides is the newest backup beside the place of a new one; nothing where there
// is none. What it holds of evidence need not be copied again.
func besides(dir string) (newest beside) {
	var takenAt time.Time
	manifests, _ := filepath.Glob(filepath.Join(filepath.Dir(dir), "*", manifestFile)) // a bad pattern finds none
	for _, name := range manifests {
		raw, err := os.ReadFile(name) //nolint:gosec // the operator's own choice of folder
		var m Manifest
		if err != nil || json.Unmarshal(raw, &m) != nil || !m.TakenAt.After(takenAt) {
			continue // no backup of ours
		}
		takenAt, newest = m.TakenAt, beside{filepath.Join(filepath.Dir(name), evidenceDir), map[string]File{}}
		for _, f := range m.Evidence {
			newest.files[f.Name] = f
		}
	}
	return newest
}

// copyEvidence copies the files of evidence, and brings them to the disk. A file
// never changes under its name, so that one which a backup beside this one holds
// is shared with it: a second name of the same bytes, which takes no room.
func copyEvidence(ctx context.Context, from, to string, other beside) (files []File, err error) {
	if from == "" {
		return nil, nil
	}
	names, err := evidence.Kept(from)
	if err != nil {
		return nil, err
	}
	folders := map[string]bool{}
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("back up evidence: %w", err)
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(to, name)), 0o700); err != nil {
			return nil, fmt.Errorf("back up evidence: %w", err)
		}
		f, there, err := copyOrShare(from, to, name, other)
		if err != nil {
			return nil, fmt.Errorf("back up evidence: %w", err)
		}
		if there {
			files = append(files, f)
		}
		folders[to], folders[filepath.Dir(filepath.Join(to, name))] = true, true
	}
	for folder := range folders {
		err = errors.Join(err, syncFolder(folder))
	}
	return files, err
}

// copyOrShare is [copyEvidence] of one file. One that is removed meanwhile is left
// out: it is overwritten before it goes, and changes its time by that.
func copyOrShare(from, to, name string, other beside) (File, bool, error) {
	source, target := filepath.Join(from, name), filepath.Join(to, name)
	before, err := os.Stat(source)
	if errors.Is(err, os.ErrNotExist) {
		return File{}, false, nil
	}
	if err != nil {
		return File{}, false, err
	}
	known, has := other.files[name]
	if has && known.Size == before.Size() && known.Modified.Equal(before.ModTime()) && os.Link(filepath.Join(other.dir, name), target) == nil {
		return known, true, nil
	}
	f := File{Name: name, Size: before.Size(), Modified: before.ModTime().UTC()}
	f.SHA256, err = copyFile(source, target, f.Modified)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return File{}, false, err
	}
	if after, err := os.Stat(source); err != nil || !after.ModTime().Equal(before.ModTime()) || isGoing(target) {
		if err := os.Remove(target); err != nil && !errors.Is(err, os.ErrNotExist) {
			return File{}, false, err
		}
		return File{}, false, nil
	}
	return f, true, nil
}

func isGoing(name string) bool {
	file, err := os.Open(name) //nolint:gosec // was made here
	if err != nil {
		return true
	}
	defer func() { _ = file.Close() }() // it was only read
	head := make([]byte, 1)
	_, err = file.Read(head)
	return err != nil || evidence.IsGoing(name, head[0])
}

// copyFile copies a file to a new one, which is on disk afterwards, and returns the
// digest of what it copied.
func copyFile(source, target string, modified time.Time) (string, error) {
	in, err := os.Open(source) //nolint:gosec // its name was made or checked here
	if err != nil {
		return "", err //nolint:wrapcheck // the caller says what it was doing
	}
	defer func() { _ = in.Close() }()                                          // it was only read
	out, err := os.OpenFile(target, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // its name was made or checked here
	if err != nil {
		return "", err //nolint:wrapcheck // likewise
	}
	sum := sha256.New()
	_, err = io.Copy(io.MultiWriter(out, sum), in)
	err = errors.Join(err, out.Sync(), out.Close(), os.Chtimes(target, time.Time{}, modified))
	return hex.EncodeToString(sum.Sum(nil)), err
}

// restoring is what a file is called while it is being restored. A draft that a
// crash has left is written over by the next try.
const restoring = ".restoring"

// putEvidence puts the files of a backup where the forum keeps them. A file that is
// there already, with the same bytes, stays; one with others is refused: it may be
// what was handed in after the backup. undo takes away what was put there.
func (m Manifest) putEvidence(ctx context.Context, from, to string) (undo func() error, err error) {
	var put []string
	undo = func() (err error) {
		for _, name := range put {
			err = errors.Join(err, os.Remove(name))
		}
		return err
	}
	if to == "" && len(m.Evidence) > 0 {
		return undo, errors.New("restore evidence: no folder was given for it")
	}
	for _, f := range m.Evidence {
		if err := ctx.Err(); err != nil {
			return undo, fmt.Errorf("restore evidence: %w", err)
		}
		isNew, err := f.put(filepath.Join(from, f.Name), filepath.Join(to, f.Name))
		if err != nil {
			return undo, fmt.Errorf("restore evidence: %w", err)
		}
		if isNew {
			put = append(put, filepath.Join(to, f.Name))
		}
	}
	return undo, nil
}

// put restores one file, unless it is there.
func (f File) put(source, target string) (isNew bool, err error) {
	switch sum, err := digestOf(target); {
	case err == nil && sum != f.SHA256:
		return false, fmt.Errorf("%w: %s; move that folder away, and keep it", ErrOther, target)
	case err == nil:
		return false, nil
	case !errors.Is(err, os.ErrNotExist):
		return false, err
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
		return false, err //nolint:wrapcheck // the caller says what it was doing
	}
	sum, err := copyFile(source, target+restoring, f.Modified)
	if err == nil && sum != f.SHA256 {
		err = fmt.Errorf("%w: %s has changed since it was looked at", ErrBroken, source)
	}
	if err == nil {
		err = os.Rename(target+restoring, target)
	}
	if err != nil {
		return false, errors.Join(err, os.Remove(target+restoring))
	}
	return true, errors.Join(syncFolder(filepath.Dir(target)), syncFolder(filepath.Dir(filepath.Dir(target))))
}
