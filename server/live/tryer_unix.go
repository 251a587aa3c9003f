//go:build unix

package live

import (
	"errors"
	"syscall"
)

// canTry says whether a write can be tried without waiting.
const canTry = true

// tryer writes to sockets without ever waiting for them. One serves a whole delivery; its own function value is made
// once, because making one for each write would cost an allocation each.
type tryer struct {
	bytes  int64 // given to connections so far
	frames []byte
	n      int
	err    error
	once   func(fd uintptr) bool
}

func newTryer() *tryer {
	t := &tryer{}
	t.once = func(fd uintptr) bool {
		t.n, t.err = syscall.Write(int(fd), t.frames)
		return true // do not wait
	}
	return t
}

// write writes what the socket takes at once. It fails only when the connection is broken.
func (t *tryer) write(raw syscall.RawConn, frames []byte) (n int, err error) {
	t.frames = frames
	if err := raw.Write(t.once); err != nil {
		return 0, err
	}
	switch {
	case t.err == nil:
		return t.n, nil
	case errors.Is(t.err, syscall.EAGAIN), errors.Is(t.err, syscall.EINTR):
		return 0, nil // full, for the moment
	}
	return 0, t.err
}
