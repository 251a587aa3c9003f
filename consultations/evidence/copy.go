package evidence

import (
	"cmp"
	"errors"
	"io"
	"slices"
)

// Copy is a file made of another's parts. It is planned as a whole before its
// first byte is read, holds nothing of it in memory, and can be read from anywhere.
type Copy struct {
	Size int64

	from   io.ReaderAt
	pieces []stretch
	failed error
}

// stretch is a part of a copy: bytes of the original, bytes of its own, or zeros.
type stretch struct {
	at, n int64 // in the copy
	from  int64 // in the original; blank for zeros
	own   []byte
}

const (
	blank = -1
	// mostStretches bounds what a plan takes, some 6 MB.
	mostStretches = 1 << 17
)

// keep takes bytes over from the original.
func (c *Copy) keep(from, n int64) {
	if i := len(c.pieces) - 1; i >= 0 && c.pieces[i].own == nil && c.pieces[i].from >= 0 && c.pieces[i].from+c.pieces[i].n == from {
		c.pieces[i].n += n
		c.Size += n
		return
	}
	c.add(stretch{n: n, from: from})
}

// put adds bytes of its own.
func (c *Copy) put(own ...byte) { c.add(stretch{n: int64(len(own)), own: own}) }

// blank adds zeros.
func (c *Copy) blank(n int64) { c.add(stretch{n: n, from: blank}) }

func (c *Copy) add(s stretch) {
	switch {
	case s.n == 0:
	case s.n < 0 || s.from < blank || len(c.pieces) == mostStretches:
		c.failed = malformed("it has too many parts")
	default:
		s.at = c.Size
		c.pieces = append(c.pieces, s)
		c.Size += s.n
	}
}

// ReadAt reads from anywhere in the copy.
func (c *Copy) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errors.New("read a copy: negative place")
	}
	i, found := slices.BinarySearchFunc(c.pieces, off, func(s stretch, off int64) int { return cmp.Compare(s.at, off) })
	if !found {
		i-- // the one that begins before it
	}
	done := 0
	for ; i >= 0 && i < len(c.pieces) && done < len(p); i++ {
		n, err := c.pieces[i].read(c.from, p[done:], off+int64(done))
		done += n
		if err != nil {
			return done, err
		}
	}
	if done < len(p) {
		return done, io.EOF
	}
	return done, nil
}

// read reads what of the stretch lies at off and behind it in the copy.
func (s *stretch) read(from io.ReaderAt, p []byte, off int64) (int, error) {
	skip := off - s.at
	if skip >= s.n {
		return 0, nil
	}
	p = p[:min(int64(len(p)), s.n-skip)]
	switch {
	case s.own != nil:
		return copy(p, s.own[skip:]), nil
	case s.from == blank:
		clear(p)
		return len(p), nil
	}
	n, err := from.ReadAt(p, s.from+skip)
	if n == len(p) {
		return n, nil
	}
	return n, errors.Join(err, io.ErrUnexpectedEOF)
}

// overlay is a copy in which nothing moves: some places are overwritten. Formats
// that point from one place of a file to another are stripped in this way.
type overlay struct {
	patches []stretch
	isFull  bool
}

// put overwrites with other bytes.
func (o *overlay) put(at int64, own ...byte) { o.add(stretch{at: at, n: int64(len(own)), own: own}) }

// wipe overwrites with zeros.
func (o *overlay) wipe(from, to int64) { o.add(stretch{at: from, n: to - from, from: blank}) }

func (o *overlay) add(s stretch) {
	switch {
	case s.n <= 0:
	case len(o.patches) == mostStretches:
		o.isFull = true // a copy that lacks a patch must not be
	default:
		o.patches = append(o.patches, s)
	}
}

// over lays it over the original. What is wiped twice is wiped.
func (o *overlay) over(s *source) *Copy {
	c := &Copy{from: s.r}
	if o.isFull {
		c.failed = malformed("it has too many parts")
		return c
	}
	slices.SortStableFunc(o.patches, func(a, b stretch) int { return cmp.Compare(a.at, b.at) })
	for _, p := range o.patches {
		if p.at < c.Size && p.own == nil {
			p.n = max(p.n-(c.Size-p.at), 0)
			p.at = c.Size
		}
		if p.at < c.Size || p.n > s.size-p.at {
			c.failed = malformed("its parts overlap")
			return c
		}
		c.keep(c.Size, p.at-c.Size)
		c.add(p)
	}
	c.keep(c.Size, s.size-c.Size)
	return c
}
