package evidence

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// Swept says what was swept away.
type Swept struct {
	Uploads int // that were abandoned
	Files   int // that were handed in and never used
}

// Sweep removes what nobody came back for since before: unfinished uploads, and
// files that were handed in and are not known. Whoever records a file does so
// soon after [Folder.Finish], which begins that time anew. Files whose upload was
// swept once are never looked at again: they are known.
func (f *Folder) Sweep(before time.Time, known func(Digest) (bool, error)) (Swept, error) {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return Swept{}, fmt.Errorf("sweep evidence: %w", err)
	}
	s := sweep{Folder: f, before: before, known: known, fresh: map[Digest]bool{}}
	var problems []error
	for _, e := range entries {
		problems = append(problems, s.look(e))
	}
	for _, id := range s.old {
		problems = append(problems, s.forget(id))
	}
	return s.swept, errors.Join(append(problems, syncFolder(f.dir))...)
}

type sweep struct {
	*Folder

	before time.Time
	known  func(Digest) (bool, error)
	fresh  map[Digest]bool // handed in not long ago
	old    []string        // notes of finished uploads
	swept  Swept
}

// look removes one abandoned upload and sorts the notes of finished ones.
func (s *sweep) look(e os.DirEntry) error {
	info, err := e.Info()
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("sweep evidence: %w", err)
	}
	isOld := info.ModTime().Before(s.before)
	if id, ok := cutSuffix(e.Name(), doneSuffix); ok {
		return s.sort(id, isOld)
	}
	for _, suffix := range []string{partSuffix, newSuffix, draftSuffix} {
		if id, ok := cutSuffix(e.Name(), suffix); ok && isOld {
			return s.abandon(id, suffix)
		}
	}
	return nil
}

func (s *sweep) sort(id string, isOld bool) error {
	if isOld {
		s.old = append(s.old, id)
		return nil
	}
	item, err := s.noted(id)
	if err == nil {
		s.fresh[item.Digest] = true
	}
	return err
}

// abandon removes a file of an upload, unless it is what a finished one became.
func (s *sweep) abandon(id, suffix string) error {
	if suffix == newSuffix {
		if _, err := s.noted(id); err == nil {
			return nil // forget decides
		}
	}
	if suffix == partSuffix {
		s.swept.Uploads++
		s.store.promised.Delete(id)
	}
	return gone(s.path(id, suffix))
}

// forget removes the note of a finished upload, and its file where nobody knows it.
func (s *sweep) forget(id string) error {
	item, err := s.noted(id)
	if err != nil {
		return err
	}
	used := s.fresh[item.Digest]
	if !used {
		if used, err = s.known(item.Digest); err != nil {
			return fmt.Errorf("sweep evidence: %w", err)
		}
	}
	if used { // a crash may have left it without its name
		_, err = s.done(id)
	} else {
		err = s.drop(id, item.Digest)
	}
	if err != nil && !errors.Is(err, ErrNoFile) {
		return err
	}
	return gone(s.path(id, doneSuffix))
}

func (s *sweep) drop(id string, d Digest) error {
	if err := gone(s.path(id, newSuffix)); err != nil {
		return err
	}
	s.swept.Files++
	return s.Remove(d)
}

// cutSuffix takes the ending from the name of an upload's file.
func cutSuffix(name, suffix string) (id string, ok bool) {
	id, ok = strings.CutSuffix(name, suffix)
	return id, ok && isHex(id, 32)
}
