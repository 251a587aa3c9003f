package evidence

import (
	"bytes"
	"encoding/binary"
)

// Markers of JPEG (ITU-T T.81, table B.1).
const (
	jpegSOI  = 0xd8
	jpegEOI  = 0xd9
	jpegSOS  = 0xda
	jpegAPP0 = 0xe0
	jpegCOM  = 0xfe
)

// segment is a marker with what belongs to it.
type segment struct {
	marker   byte
	at, next int64 // next: behind it; of a scan, behind its data too
}

func jpegType(s *source) (Type, error) {
	found := false
	err := jpegSegments(s, func(g segment) (bool, error) {
		if !isFrame(g.marker) {
			return true, nil
		}
		b, err := s.bytes(g.at+4, 5)
		if err != nil {
			return false, err
		}
		found = true
		return false, checkPicture(int64(binary.BigEndian.Uint16(b[3:])), int64(binary.BigEndian.Uint16(b[1:])))
	})
	if err == nil && !found {
		err = malformed("a JPEG without a picture")
	}
	return JPEG, err
}

// isFrame tells whether a marker begins a frame: SOF0 to SOF15 but DHT, JPG, DAC.
func isFrame(marker byte) bool {
	return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc
}

// jpegSegments walks the segments from behind SOI to EOI, until do says to stop. What
// stands behind EOI, as other pictures and films of some phones, is no part of it.
func jpegSegments(s *source, do func(segment) (bool, error)) error {
	for at := int64(2); ; {
		g, err := jpegSegment(s, at)
		if err != nil {
			return err
		}
		if more, err := do(g); err != nil || !more || g.marker == jpegEOI {
			return err
		}
		at = g.next
	}
}

func jpegSegment(s *source, at int64) (segment, error) {
	b, err := s.bytes(at, 2)
	for err == nil && b[0] == 0xff && b[1] == 0xff { // fill bytes
		at++
		b, err = s.bytes(at, 2)
	}
	if err != nil {
		return segment{}, err
	}
	g := segment{marker: b[1], at: at, next: at + 2}
	switch {
	case b[0] != 0xff || g.marker < 0xc0:
		return g, malformed("no marker where one must be")
	case g.marker == jpegEOI:
		return g, nil
	}
	if b, err = s.bytes(at+2, 2); err != nil {
		return g, err
	}
	n := int64(binary.BigEndian.Uint16(b))
	g.next = at + 2 + n
	if n < 2 || g.next > s.size {
		return g, malformed("a segment goes beyond its end")
	}
	if g.marker == jpegSOS {
		g.next, err = scanEnd(s, g.next)
	}
	return g, err
}

// scanEnd finds the marker behind the data of a scan: in these, FF is followed by
// zero, or by a restart marker.
func scanEnd(s *source, at int64) (int64, error) {
	for {
		found, err := s.index(at, 0xff)
		if err != nil {
			return 0, err
		}
		b, err := s.bytes(found, 2)
		if err != nil {
			return 0, err
		}
		if next := b[1]; next != 0 && next != 0xff && (next < 0xd0 || next > 0xd7) {
			return found, nil
		}
		at = found + 1
	}
}

// jpegCopy keeps what draws the picture: frames, tables, scans, the colour profile,
// and how it is to be turned. All else goes, with thumbnails and what
// stands behind the picture.
func jpegCopy(s *source) (*Copy, error) {
	c := &Copy{from: s.r}
	c.put(0xff, jpegSOI)
	drawn := false
	err := jpegSegments(s, func(g segment) (bool, error) {
		drawn = drawn || g.marker == jpegSOS
		return true, jpegKeep(s, c, g)
	})
	if err == nil && !drawn {
		err = malformed("a JPEG without a picture")
	}
	return c, err
}

func jpegKeep(s *source, c *Copy, g segment) error {
	switch {
	case g.marker >= jpegAPP0 && g.marker <= jpegAPP0+15:
		return jpegApplication(s, c, g)
	case g.marker == jpegCOM:
	case isFrame(g.marker), g.marker == 0xc4, g.marker == 0xcc, g.marker >= jpegEOI && g.marker <= 0xdd:
		c.keep(g.at, g.next-g.at)
	default:
		return malformed("an unknown marker")
	}
	return nil
}

// jpegApplication keeps what decoders need of the segments of applications: JFIF
// without its thumbnail, the colour profile, Adobe's word on the colours, and of
// EXIF the orientation.
func jpegApplication(s *source, c *Copy, g segment) error {
	body, err := s.bytes(g.at+4, int(g.next-g.at-4))
	if err != nil {
		return err
	}
	switch {
	case g.marker == jpegAPP0 && len(body) >= 14 && bytes.HasPrefix(body, []byte("JFIF\x00")):
		c.put(append([]byte{0xff, jpegAPP0, 0, 16}, append(bytes.Clone(body[:12]), 0, 0)...)...)
	case g.marker == jpegAPP0+1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")):
		if turn := orientationOf(body[6:]); turn != 1 {
			exif := append([]byte("Exif\x00\x00"), onlyOrientation(turn)...)
			c.put(append([]byte{0xff, jpegAPP0 + 1, 0, byte(len(exif) + 2)}, exif...)...) //nolint:gosec // 32
		}
	case g.marker == jpegAPP0+2 && bytes.HasPrefix(body, []byte("ICC_PROFILE\x00")),
		g.marker == jpegAPP0+14 && len(body) == 12 && bytes.HasPrefix(body, []byte("Adobe")):
		c.keep(g.at, g.next-g.at)
	}
	return nil
}
