package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
)

// memory is a folder with the last checkpoint that was signed of each log. It is
// on the disk before an answer leaves, so that no crash makes a witness forget
// what it has signed; what is half written is never read.
type memory struct {
	dir  string
	lock *os.File
}

// openMemory takes the folder for this process alone: two witnesses in one
// folder could each sign another history.
func openMemory(dir string) (*memory, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open the memory: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // the operator names the folder
	if err != nil {
		return nil, fmt.Errorf("open the memory: %w", err)
	}
	if err := lockFile(lock); err != nil {
		return nil, errors.Join(fmt.Errorf("open the memory: another witness uses %s: %w", dir, err), lock.Close())
	}
	return &memory{dir, lock}, nil
}

func (m *memory) close() { _ = m.lock.Close() } // the system takes the lock back in any case

func (m *memory) file(origin, kind string) string {
	return filepath.Join(m.dir, url.QueryEscape(origin)+kind)
}

// seen is the tree last signed of a log, the empty one if there is none.
func (m *memory) seen(origin string) (tree, error) {
	text, err := os.ReadFile(m.file(origin, ".checkpoint"))
	if errors.Is(err, fs.ErrNotExist) {
		return tree{origin: origin, root: emptyRoot}, nil
	}
	if err != nil {
		return tree{}, fmt.Errorf("remember a log: %w", err)
	}
	t, ok := parseTree(string(text))
	if !ok || t.origin != origin {
		return tree{}, fmt.Errorf("remember a log: %s was damaged", m.file(origin, ".checkpoint"))
	}
	return t, nil
}

// see takes a tree as the last one signed.
func (m *memory) see(t tree, signed string) error {
	return m.write(m.file(t.origin, ".checkpoint"), signed)
}

// accuse keeps a checkpoint that its log signed and that contradicts the one
// remembered. Both together prove to anyone that the log has two histories.
func (m *memory) accuse(t tree, signed string) (file string, err error) {
	file = m.file(t.origin, fmt.Sprintf(" %d.contradiction", t.size))
	return file, m.write(file, signed)
}

// write puts a file on the disk whole or not at all, and returns when it and its
// name are there.
func (m *memory) write(name, text string) error {
	file, err := os.CreateTemp(m.dir, "new-")
	if err != nil {
		return fmt.Errorf("remember a log: %w", err)
	}
	defer os.Remove(file.Name()) // there only if something failed
	_, err = file.WriteString(text)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("remember a log: %w", err)
	}
	if err := os.Rename(file.Name(), name); err != nil {
		return fmt.Errorf("remember a log: %w", err)
	}
	if err := syncFolder(m.dir); err != nil {
		return fmt.Errorf("remember a log: %w", err)
	}
	return nil
}

// writeNew writes a secret where nothing is yet, for its owner's eyes.
func writeNew(name, text string) error {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // the operator names the file
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Sync(), file.Close())
}
