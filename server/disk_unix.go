//go:build unix

package server

import "golang.org/x/sys/unix"

// diskFull is the used share of the disk with a folder, 0 to 1; -1 when it
// cannot be told.
func diskFull(folder string) float64 {
	var disk unix.Statfs_t
	if folder == "" || unix.Statfs(folder, &disk) != nil || disk.Blocks == 0 {
		return -1
	}
	return 1 - float64(disk.Bavail)/float64(disk.Blocks)
}
