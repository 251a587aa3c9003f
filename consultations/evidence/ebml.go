package evidence

import (
	"math/bits"
)

// element of an EBML file (RFC 8794): an identity, a size, a body. Recorders that
// do not know yet how long something will be leave its size open.
type element struct {
	id            uint32
	at, body, end int64
	open          bool
}

// deepest is how many elements stand in each other at most in what is taken.
const deepest = 8

// elements walks the elements between two places, and those in elements that
// inside says so of. What stands in an open one is walked as if behind it.
func elements(s *source, from, to int64, inside func(element) bool, do func(element) error) error {
	return walkElements(s, from, to, inside, do, 0)
}

func walkElements(s *source, from, to int64, inside func(element) bool, do func(element) error, depth int) error {
	if depth > deepest {
		return malformed("its parts stand too deep in each other")
	}
	for at := from; at < to; {
		e, err := elementAt(s, at, to)
		if err != nil {
			return err
		}
		if err := do(e); err != nil {
			return err
		}
		at = e.end
		switch isInside := inside(e); {
		case e.open && !isInside:
			return malformed("an element without an end")
		case e.open:
			at = e.body
		case isInside:
			if err := walkElements(s, e.body, e.end, inside, do, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

func elementAt(s *source, at, to int64) (element, error) {
	id, n, err := variable(s, at)
	if err != nil {
		return element{}, err
	}
	size, m, err := variable(s, at+int64(n))
	if err != nil {
		return element{}, err
	}
	if n > 4 {
		return element{}, malformed("an identity is too long")
	}
	e := element{id: uint32(id), at: at, body: at + int64(n+m)} //nolint:gosec // four bytes
	length := size &^ (1 << (7 * m))
	e.open = length == 1<<(7*m)-1
	e.end = to
	if e.open {
		return e, nil
	}
	if e.body > to || length > uint64(to-e.body) { //nolint:gosec // not negative
		return e, malformed("an element goes beyond its end")
	}
	e.end = e.body + int64(length) //nolint:gosec // checked above
	return e, nil
}

// variable reads a number of 1 to 8 bytes, whose first bits say how many, and keeps
// the bit that marks its length.
func variable(s *source, at int64) (value uint64, n int, err error) {
	b, err := s.bytes(at, 1)
	if err != nil {
		return 0, 0, err
	}
	n = bits.LeadingZeros8(b[0]) + 1
	if n > 8 {
		return 0, 0, malformed("a number is too long")
	}
	if b, err = s.bytes(at, n); err != nil {
		return 0, 0, err
	}
	for _, x := range b {
		value = value<<8 | uint64(x)
	}
	return value, n, nil
}

// number reads the unsigned number in an element.
func (e element) number(s *source) (uint64, error) {
	if e.end-e.body > 8 {
		return 0, malformed("a number is too long")
	}
	b, err := s.bytes(e.body, int(e.end-e.body))
	if err != nil {
		return 0, err
	}
	v := uint64(0)
	for _, x := range b {
		v = v<<8 | uint64(x)
	}
	return v, nil
}

// void makes nothing of an element, in the same place.
func (o *overlay) void(e element) {
	const idVoid = 0xec
	length := e.end - e.at
	if length-2 <= 126 {
		o.put(e.at, idVoid, 0x80|byte(length-2)) //nolint:gosec // an element has at least two bytes
		o.wipe(e.at+2, e.end)
		return
	}
	head := []byte{idVoid, 1, 0, 0, 0, 0, 0, 0, 0}
	for i, n := 8, length-9; i > 1; i, n = i-1, n>>8 {
		head[i] = byte(n)
	}
	o.put(e.at, head...)
	o.wipe(e.at+9, e.end)
}
