package backup

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Verify reads a backup from end to end and returns its manifest if every file
// is there, none is there beside them, and each has its digest: one bit that
// has changed anywhere is found.
func Verify(dir string) (Manifest, error) {
	m, err := readManifest(dir)
	if err != nil {
		return Manifest{}, err
	}
	if err := m.checkNames(dir); err != nil {
		return Manifest{}, err
	}
	for _, t := range m.Tables {
		sum, err := digestOf(filepath.Join(dir, t.File))
		if err != nil {
			return Manifest{}, err
		}
		if sum != t.SHA256 {
			return Manifest{}, fmt.Errorf("%w: %s does not have its digest", ErrBroken, t.File)
		}
	}
	return m, nil
}

func readManifest(dir string) (Manifest, error) {
	raw, err := os.ReadFile(filepath.Join(dir, manifestFile)) //nolint:gosec // the operator's own choice of folder
	if err != nil {
		return Manifest{}, missing(err)
	}
	seal, err := os.ReadFile(filepath.Join(dir, sealFile)) //nolint:gosec // the operator's own choice of folder
	if err != nil {
		return Manifest{}, missing(err)
	}
	if !bytes.Equal(seal, sealOf(raw)) {
		return Manifest{}, fmt.Errorf("%w: %s does not have the digest in %s", ErrBroken, manifestFile, sealFile)
	}
	var m Manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		return Manifest{}, fmt.Errorf("%w: read %s: %w", ErrBroken, manifestFile, err)
	}
	if m.Format != Format {
		return Manifest{}, fmt.Errorf("%w: format %d, known is %d", ErrFormat, m.Format, Format)
	}
	return m, nil
}

// missing tells a file that is not there, which is damage, from a disk that
// cannot be read.
func missing(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%w: %w", ErrBroken, err)
	}
	return fmt.Errorf("read the backup: %w", err)
}

// tableName is what tables are called: a manifest names no file elsewhere.
var tableName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// checkNames compares what the manifest names with what is in the folder.
func (m Manifest) checkNames(dir string) error {
	wanted := map[string]bool{manifestFile: true, sealFile: true}
	for _, t := range m.Tables {
		if !tableName.MatchString(t.Name) || t.File != t.Name+tableSuffix || wanted[t.File] {
			return fmt.Errorf("%w: the manifest names the file %q for table %q", ErrBroken, t.File, t.Name)
		}
		wanted[t.File] = true
	}
	found, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("read the backup: %w", err)
	}
	for _, entry := range found {
		if !wanted[entry.Name()] || !entry.Type().IsRegular() {
			return fmt.Errorf("%w: %s does not belong there", ErrBroken, entry.Name())
		}
		delete(wanted, entry.Name())
	}
	if len(wanted) > 0 {
		return fmt.Errorf("%w: %s is missing", ErrBroken, strings.Join(slices.Sorted(maps.Keys(wanted)), ", "))
	}
	return nil
}

func digestOf(name string) (string, error) {
	file, err := os.Open(name) //nolint:gosec // its name was checked above
	if err != nil {
		return "", missing(err)
	}
	sum := sha256.New()
	_, err = io.Copy(sum, file)
	if err := errors.Join(err, file.Close()); err != nil {
		return "", fmt.Errorf("read the backup: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
