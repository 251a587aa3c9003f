//go:build unix

package evidence

import (
	"fmt"
	"math"
	"os"

	"golang.org/x/sys/unix"
)

// lock waits until nobody else, in this program or another, holds the file, and
// holds it until it is closed or the program ends.
func lock(f *os.File) error {
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX)
		if err != unix.EINTR {
			return err //nolint:wrapcheck // the caller says what it was doing
		}
	}
}

func unlock(f *os.File) {
	_ = unix.Flock(int(f.Fd()), unix.LOCK_UN)
}

// free is how many bytes the disk with a folder still takes.
func free(dir string) (int64, error) {
	var disk unix.Statfs_t
	if err := unix.Statfs(dir, &disk); err != nil {
		return 0, fmt.Errorf("ask for the room on the disk: %w", err)
	}
	blocks, size := uint64(disk.Bavail), uint64(disk.Bsize) //nolint:gosec,unconvert // their types differ between systems
	if size != 0 && blocks > math.MaxInt64/size {
		return math.MaxInt64, nil
	}
	return int64(blocks * size), nil //nolint:gosec // checked above
}
