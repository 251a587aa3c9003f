//go:build !unix || solaris || aix

package ledger

import (
	"fmt"
	"os"
	"path/filepath"
)

// lockFolder cannot keep a second process out on this system.
func lockFolder(dir string) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(dir, ".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the memory: %w", err)
	}
	return file, nil
}
