package main_test

import (
	"errors"
	"image"
	"strings"
)

// A reader of QR codes (ISO/IEC 18004) that are printed straight, without a spot
// and with error correction level M: what a receipt must be. It corrects nothing,
// so that a picture in which one module cannot be told is noticed.

var errNoCode = errors.New("this is no such QR code")

// qr is a code by its modules.
type qr struct {
	n    int // modules a side
	dark func(x, y int) bool
}

// readQR finds the only code of a picture and reads it.
func readQR(picture *image.Paletted) (string, error) {
	box := inked(picture)
	const edge = 2 // dots that may be grey; behind them the first finder pattern is black for seven modules
	finder := edge
	for picture.ColorIndexAt(box.Min.X+finder, box.Min.Y+edge) == 1 {
		finder++
	}
	version := ((7*box.Dx()+finder/2)/finder - 17 + 2) / 4
	if version < 1 || version > 40 {
		return "", errNoCode
	}
	code := qr{n: 17 + 4*version}
	code.dark = func(x, y int) bool {
		return picture.ColorIndexAt(box.Min.X+(2*x+1)*box.Dx()/(2*code.n), box.Min.Y+(2*y+1)*box.Dy()/(2*code.n)) == 1
	}
	return code.read(version)
}

// inked is the smallest part of a picture that holds all that is black.
func inked(picture *image.Paletted) image.Rectangle {
	all := picture.Bounds()
	box := image.Rectangle{Min: all.Max, Max: all.Min}
	for y := all.Min.Y; y < all.Max.Y; y++ {
		for x := all.Min.X; x < all.Max.X; x++ {
			if picture.ColorIndexAt(x, y) == 1 {
				box.Min = image.Pt(min(box.Min.X, x), min(box.Min.Y, y))
				box.Max = image.Pt(max(box.Max.X, x+1), max(box.Max.Y, y+1))
			}
		}
	}
	return box
}

func (q qr) read(version int) (string, error) {
	format := 0
	for _, at := range [][2]int{{0, 8}, {1, 8}, {2, 8}, {3, 8}, {4, 8}, {5, 8}, {7, 8}, {8, 8}, {8, 7}, {8, 5}, {8, 4}, {8, 3}, {8, 2}, {8, 1}, {8, 0}} {
		format <<= 1
		if q.dark(at[0], at[1]) {
			format |= 1
		}
	}
	format ^= 0b101010000010010
	if format>>13 != 0 {
		return "", errNoCode // another level than M
	}
	return text(inOrder(q.codewords(version, format>>10&7), version), version)
}

// codewords are read in columns of two modules, from the right, up and down in turn.
func (q qr) codewords(version, mask int) []byte {
	var out []byte
	bits, value := 0, 0
	for right := q.n - 1; right > 0; right -= 2 {
		if right == 6 {
			right-- // the timing pattern
		}
		for step := range q.n {
			y := step
			if (right+1)&2 == 0 {
				y = q.n - 1 - step
			}
			for _, x := range []int{right, right - 1} {
				if q.isPattern(version, x, y) {
					continue
				}
				value <<= 1
				if q.dark(x, y) != masked(mask, x, y) {
					value |= 1
				}
				if bits++; bits%8 == 0 {
					out, value = append(out, byte(value)), 0
				}
			}
		}
	}
	return out
}

// isPattern tells whether a module holds no data.
func (q qr) isPattern(version, x, y int) bool {
	left, top, right, bottom := x < 9, y < 9, x >= q.n-8, y >= q.n-8
	hasVersion := version >= 7 && ((y < 6 && x >= q.n-11) || (x < 6 && y >= q.n-11))
	return (left && top) || (right && top) || (left && bottom) || x == 6 || y == 6 || hasVersion || q.isAlignment(version, x, y)
}

// isAlignment: small squares stand in rows and columns, but not in the corners
// where the finder patterns are.
func (q qr) isAlignment(version, x, y int) bool {
	if version == 1 {
		return false
	}
	count := version/7 + 2
	step := (version*8 + count*3 + 5) / (count*4 - 4) * 2
	if version == 32 {
		step = 26
	}
	near := func(at int) (which int, ok bool) {
		for i := range count {
			center := q.n - 7 - (count-1-i)*step
			if i == 0 {
				center = 6
			}
			if at >= center-2 && at <= center+2 {
				return i, true
			}
		}
		return 0, false
	}
	i, inColumn := near(x)
	j, inRow := near(y)
	isFinder := (i == 0 && j == 0) || (i == 0 && j == count-1) || (i == count-1 && j == 0)
	return inColumn && inRow && !isFinder
}

func masked(mask, x, y int) bool {
	return [...]int{(x + y) % 2, y % 2, x % 3, (x + y) % 3, (x/3 + y/2) % 2, x*y%2 + x*y%3, (x*y%2 + x*y%3) % 2, ((x+y)%2 + x*y%3) % 2}[mask] == 0
}

// inOrder takes the data of each block from among those of the others. The words
// of error correction come last and are left.
func inOrder(words []byte, version int) []byte {
	correction := []int{10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26}
	blocks := []int{1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49}
	each, n := 28, blocks[version-1]
	if version <= len(correction) {
		each = correction[version-1]
	}
	data := len(words) - each*n
	short, shorts := data/n, n-data%n
	var out []byte
	for block := range n {
		for i := range short {
			out = append(out, words[i*n+block])
		}
		if block >= shorts {
			out = append(out, words[short*n+block-shorts])
		}
	}
	return out
}

// stream gives bits of codewords; behind the end there are none but zeroes.
type stream struct {
	data []byte
	at   int
}

func (s *stream) take(bits int) (value int) {
	for ; bits > 0; bits, s.at = bits-1, s.at+1 {
		value <<= 1
		if s.at < 8*len(s.data) {
			value |= int(s.data[s.at/8] >> (7 - s.at%8) & 1)
		}
	}
	return value
}

// text reads the segments, of figures, capitals or bytes.
func text(data []byte, version int) (string, error) {
	size := min((version+7)/17, 2) // of the field that counts characters: versions to 9, to 26, to 40
	in := &stream{data: data}
	var out strings.Builder
	for {
		switch in.take(4) {
		case 0:
			return out.String(), nil
		case 1:
			in.figures(&out, in.take(10+2*size))
		case 2:
			in.capitals(&out, in.take(9+2*size))
		case 4:
			for n := in.take([]int{8, 16, 16}[size]); n > 0; n-- {
				out.WriteByte(byte(in.take(8)))
			}
		default:
			return out.String(), errNoCode
		}
	}
}

func (s *stream) figures(out *strings.Builder, n int) {
	for ; n > 0; n -= 3 {
		digits := min(n, 3)
		value := s.take([]int{0, 4, 7, 10}[digits])
		for power := []int{0, 1, 10, 100}[digits]; power > 0; power /= 10 {
			out.WriteByte(byte('0' + value/power%10))
		}
	}
}

func (s *stream) capitals(out *strings.Builder, n int) {
	const all = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
	for ; n > 1; n -= 2 {
		pair := s.take(11)
		out.WriteByte(all[pair/45%45])
		out.WriteByte(all[pair%45])
	}
	if n == 1 {
		out.WriteByte(all[s.take(6)%45])
	}
}
