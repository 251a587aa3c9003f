package evidence

import (
	"encoding/binary"
	"strings"
)

// Flags of VP8X: what the file says to hold.
const (
	webpXMP  = 0x04
	webpEXIF = 0x08
	// webpKept are the chunks that draw. EXIF, XMP and unknown ones are not among them.
	webpKept = " VP8  VP8L ALPH ANIM ICCP "
)

// webpType finds the dimensions in the first chunk.
func webpType(s *source) (Type, error) {
	b, err := s.bytes(riffHeader, 18)
	if err != nil {
		return "", err
	}
	width, height := int64(0), int64(0)
	switch body := b[8:]; string(b[:4]) {
	case "VP8X":
		width, height = int64(triple(body[4:]))+1, int64(triple(body[7:]))+1
	case "VP8L":
		bits := int64(binary.LittleEndian.Uint32(body[1:]))
		width, height = bits&0x3fff+1, bits>>14&0x3fff+1
	case "VP8 ":
		width, height = int64(binary.LittleEndian.Uint16(body[6:])&0x3fff), int64(binary.LittleEndian.Uint16(body[8:])&0x3fff)
	}
	return WebP, checkPicture(width, height)
}

func triple(b []byte) uint32 { return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 }

// webpCopy keeps the chunks that draw, and how the picture is to be turned.
func webpCopy(s *source) (*Copy, error) {
	end, err := riffEnd(s)
	if err != nil {
		return nil, err
	}
	c := riffCopy(s, "WEBP")
	var flags *byte
	turn := byte(1)
	err = riffChunks(s, riffHeader, end, func(k riffChunk) error {
		switch {
		case k.kind == "VP8X" && k.size == 10 && flags == nil:
			body, err := s.bytes(k.body, 10)
			if err != nil {
				return err
			}
			c.ownChunk("VP8X", append([]byte{body[0] &^ (webpXMP | webpEXIF)}, body[1:]...))
			flags = &c.pieces[len(c.pieces)-1].own[8]
		case k.kind == "ANMF":
			return webpFrame(s, c, k)
		case k.kind == "EXIF" && k.size <= windowSize:
			body, err := s.bytes(k.body, int(k.size))
			turn = orientationOf([]byte(strings.TrimPrefix(string(body), "Exif\x00\x00")))
			return err
		case strings.Contains(webpKept, " "+k.kind+" "):
			c.keepChunk(k)
		}
		return nil
	})
	if turn != 1 && flags != nil {
		*flags |= webpEXIF
		c.ownChunk("EXIF", onlyOrientation(turn))
	}
	riffClose(c)
	return c, err
}

// webpFrame keeps a picture of a moving one, if it holds nothing but a picture.
func webpFrame(s *source, c *Copy, k riffChunk) error {
	const header = 16
	if k.size < header {
		return malformed("a frame without a picture")
	}
	c.keepChunk(k)
	return riffChunks(s, k.body+header, k.body+k.size, func(k riffChunk) error {
		if k.kind == "ANIM" || k.kind == "ICCP" || !strings.Contains(webpKept, " "+k.kind+" ") {
			return malformed("an unknown chunk in a frame")
		}
		return nil
	})
}
