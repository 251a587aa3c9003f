package backup

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/vcm-forum/forum/consultations/evidence"
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
	for name, want := range m.digests() {
		sum, err := digestOf(filepath.Join(dir, name))
		if err != nil {
			return Manifest{}, err
		}
		if sum != want {
			return Manifest{}, fmt.Errorf("%w: %s does not have its digest", ErrBroken, name)
		}
	}
	return m, nil
}

// digests are those of all files but the manifest and its seal.
func (m Manifest) digests() map[string]string {
	all := map[string]string{}
	for _, t := range m.Tables {
		all[t.File] = t.SHA256
	}
	for _, f := range m.Evidence {
		all[path.Join(evidenceDir, f.Name)] = f.SHA256
	}
	return all
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
	if m.Format < 1 || m.Format > Format {
		return Manifest{}, fmt.Errorf("%w: format %d, known are 1 to %d", ErrFormat, m.Format, Format)
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
	for _, f := range m.Evidence {
		name := path.Join(evidenceDir, f.Name)
		if !evidence.IsKept(f.Name) || wanted[name] {
			return fmt.Errorf("%w: the manifest names the file %q of evidence", ErrBroken, f.Name)
		}
		wanted[name] = true
	}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("read the backup: %w", err)
		}
		if entry.IsDir() && (name == "." || name == evidenceDir || path.Dir(name) == evidenceDir) {
			return nil
		}
		if !wanted[name] || !entry.Type().IsRegular() {
			return fmt.Errorf("%w: %s does not belong there", ErrBroken, name)
		}
		delete(wanted, name)
		return nil
	})
	if err != nil {
		return err
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
