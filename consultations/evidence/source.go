package evidence

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// ErrFormat is a file that cannot be read as what its beginning says it is.
var ErrFormat = errors.New("the file is damaged or of an unknown form")

// malformed is an [ErrFormat] that says where.
func malformed(what string) error { return fmt.Errorf("%w: %s", ErrFormat, what) }

// errEnough ends a walk that has seen what it came for.
var errEnough = errors.New("enough")

// source reads small pieces of a file that may be large through one window, so
// that no parser holds more of it than that.
type source struct {
	r      io.ReaderAt
	size   int64
	window []byte
	at     int64 // where the window stands
}

const windowSize = 64 << 10

func newSource(r io.ReaderAt, size int64) *source {
	return &source{r: r, size: size, window: make([]byte, 0, windowSize)}
}

// bytes are n bytes at a place, valid until the next call; at most windowSize. What
// goes beyond the end of the file is an [ErrFormat].
func (s *source) bytes(at int64, n int) ([]byte, error) {
	if at < 0 || n < 0 || n > windowSize || at > s.size-int64(n) {
		return nil, malformed("it ends too early")
	}
	if from := at - s.at; from < 0 || from+int64(n) > int64(len(s.window)) {
		if err := s.move(at); err != nil {
			return nil, err
		}
	}
	from := at - s.at
	return s.window[from : from+int64(n)], nil
}

func (s *source) move(at int64) error {
	window := s.window[:min(windowSize, s.size-at)]
	s.window, s.at = s.window[:0], at
	n, err := s.r.ReadAt(window, at)
	if n < len(window) {
		return fmt.Errorf("read evidence: %w", errors.Join(err, io.ErrUnexpectedEOF))
	}
	s.window = window
	return nil
}

// index finds the next b from a place on; [ErrFormat] when there is none.
func (s *source) index(at int64, b byte) (int64, error) {
	for at < s.size {
		if _, err := s.bytes(at, 1); err != nil {
			return 0, err
		}
		rest := s.window[at-s.at:]
		if i := bytes.IndexByte(rest, b); i >= 0 {
			return at + int64(i), nil
		}
		at += int64(len(rest))
	}
	return 0, malformed("it ends too early")
}

// begins tells whether words stand at a place.
func (s *source) begins(at int64, words string) bool {
	b, err := s.bytes(at, len(words))
	return err == nil && string(b) == words
}

// isBlank tells whether there is nothing but zeros between two places.
func (s *source) isBlank(from, to int64) (bool, error) {
	for from < to {
		n := min(windowSize, to-from)
		b, err := s.bytes(from, int(n))
		if err != nil {
			return false, err
		}
		if len(bytes.Trim(b, "\x00")) > 0 {
			return false, nil
		}
		from += n
	}
	return true, nil
}
