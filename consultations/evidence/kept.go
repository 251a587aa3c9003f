package evidence

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
)

// keptForm is what a backup must hold: files, and what finished uploads became. An
// upload that is not finished was promised to nobody; whoever sends it begins anew.
var keptForm = regexp.MustCompile(`^[a-z0-9-]{1,64}/([0-9a-f]{64}\` + sealedSuffix + `|[0-9a-f]{32}\` + doneSuffix + `)$`)

// IsKept tells whether a name below a store's folder is that of something which a
// backup must hold.
func IsKept(name string) bool { return keptForm.MatchString(name) }

// Kept lists by their names below a store's folder what a backup must hold, in
// order. What the list names is never changed, but may be removed at any moment. A
// folder that is not there holds nothing.
func Kept(dir string) ([]string, error) {
	names, err := fs.Glob(os.DirFS(dir), "*/*")
	if err != nil {
		return nil, fmt.Errorf("list evidence: %w", err)
	}
	var kept []string
	for _, name := range names {
		info, err := os.Lstat(path.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) || !IsKept(name) {
			continue
		}
		if err != nil || !info.Mode().IsRegular() {
			return nil, fmt.Errorf("list evidence: %s is no file: %w", name, err)
		}
		kept = append(kept, name)
	}
	return kept, nil
}

// IsGoing tells by its name and its first byte whether a file is being removed: its
// head, where the key of the rest was, is overwritten with zeros before it goes.
func IsGoing(name string, head byte) bool { return path.Ext(name) == sealedSuffix && head == 0 }
