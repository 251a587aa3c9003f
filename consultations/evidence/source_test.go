package evidence

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"
)

func TestAWindowShowsTheFileAndNothingBehindIt(t *testing.T) {
	content := make([]byte, 3*windowSize+17)
	for i := range content {
		content[i] = byte(rand.Uint32())
	}
	s := newSource(bytes.NewReader(content), int64(len(content)))
	for range 5000 {
		at, n := rand.IntN(len(content)+10), rand.IntN(100)
		b, err := s.bytes(int64(at), n)
		switch {
		case at+n > len(content):
			if !errors.Is(err, ErrFormat) {
				t.Fatalf("%d bytes at %d of %d: %v", n, at, len(content), err)
			}
		case err != nil || !bytes.Equal(b, content[at:at+n]):
			t.Fatalf("%d bytes at %d are others (%v)", n, at, err)
		}
	}
	for _, wrong := range []struct {
		at int64
		n  int
	}{{-1, 1}, {0, -1}, {0, windowSize + 1}, {1 << 62, 1}} {
		if _, err := s.bytes(wrong.at, wrong.n); !errors.Is(err, ErrFormat) {
			t.Errorf("%d bytes at %d: %v", wrong.n, wrong.at, err)
		}
	}
}
