package evidence

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"strings"
)

const (
	pngMagic = "\x89PNG\r\n\x1a\n"
	// pngKept are the chunks that draw a picture, moving ones included. tEXt, zTXt,
	// iTXt, tIME and all private ones are not among them.
	pngKept = " IHDR PLTE IDAT IEND tRNS cHRM gAMA sBIT sRGB cICP mDCV cLLI bKGD hIST pHYs acTL fcTL fdAT "
	// mostProfile is the size of a colour profile that is kept.
	mostProfile = windowSize
)

// chunk of a PNG: length, kind, body, checksum.
type chunk struct {
	kind           string
	at, body, next int64
}

func (c chunk) size() int64 { return c.next - 4 - c.body }

func pngType(s *source) (Type, error) {
	c, err := pngChunk(s, int64(len(pngMagic)))
	if err != nil {
		return "", err
	}
	if c.kind != "IHDR" || c.size() != 13 {
		return "", malformed("a PNG without a header")
	}
	b, err := s.bytes(c.body, 8)
	if err != nil {
		return "", err
	}
	return PNG, checkPicture(int64(binary.BigEndian.Uint32(b)), int64(binary.BigEndian.Uint32(b[4:])))
}

func pngChunk(s *source, at int64) (chunk, error) {
	b, err := s.bytes(at, 8)
	if err != nil {
		return chunk{}, err
	}
	c := chunk{kind: string(b[4:8]), at: at, body: at + 8}
	c.next = c.body + int64(binary.BigEndian.Uint32(b)) + 4
	if c.next > s.size {
		return c, malformed("a chunk goes beyond its end")
	}
	return c, nil
}

// pngCopy keeps the chunks that draw; what stands behind the last goes.
func pngCopy(s *source) (*Copy, error) {
	if _, err := pngType(s); err != nil {
		return nil, err
	}
	out := &Copy{from: s.r}
	out.put([]byte(pngMagic)...)
	for at := int64(len(pngMagic)); ; {
		c, err := pngChunk(s, at)
		if err != nil {
			return nil, err
		}
		if err := pngKeep(s, out, c); err != nil {
			return nil, err
		}
		if c.kind == "IEND" {
			return out, nil
		}
		at = c.next
	}
}

func pngKeep(s *source, out *Copy, c chunk) error {
	switch {
	case len(strings.TrimSpace(c.kind)) == 4 && strings.Contains(pngKept, " "+c.kind+" "):
		out.keep(c.at, c.next-c.at)
	case c.kind == "iCCP" && c.size() <= mostProfile:
		return pngProfile(s, out, c)
	case c.kind == "eXIf" && c.size() <= windowSize:
		body, err := s.bytes(c.body, int(c.size()))
		if err != nil {
			return err
		}
		if turn := orientationOf(body); turn != 1 {
			out.put(newChunk("eXIf", onlyOrientation(turn))...)
		}
	case c.kind[0]&0x20 == 0: // a capital: who does not know it cannot draw the picture
		return malformed("an unknown chunk")
	}
	return nil
}

// pngProfile keeps a colour profile, and takes away the name that somebody gave it.
func pngProfile(s *source, out *Copy, c chunk) error {
	body, err := s.bytes(c.body, int(c.size()))
	if err != nil {
		return err
	}
	_, profile, ok := bytes.Cut(body, []byte{0})
	if !ok {
		return malformed("a colour profile without a name")
	}
	out.put(newChunk("iCCP", append([]byte("icc\x00"), profile...))...)
	return nil
}

func newChunk(kind string, body []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(body))) //nolint:gosec // at most mostProfile
	out = append(append(out, kind...), body...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}
