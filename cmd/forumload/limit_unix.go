//go:build unix

package main

import "syscall"

// raiseFileLimit allows as many sockets as the system lets us have.
func raiseFileLimit() {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) == nil {
		limit.Cur = limit.Max
		_ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit) // with fewer, opening sockets says so
	}
}
