package evidence

import "encoding/binary"

// riffHeader is the length of what stands before the first chunk: "RIFF", size, form.
const riffHeader = 12

// riffChunk of a RIFF file: kind, size, body, and a byte to make it even.
type riffChunk struct {
	kind           string
	at, body, next int64
	size           int64
}

// riffChunks walks the chunks between two places. The last may lack its even byte.
func riffChunks(s *source, from, to int64, do func(riffChunk) error) error {
	for at := from; at < to; {
		b, err := s.bytes(at, 8)
		if err != nil {
			return err
		}
		c := riffChunk{kind: string(b[:4]), at: at, body: at + 8, size: int64(binary.LittleEndian.Uint32(b[4:]))}
		c.next = min(c.body+c.size+c.size%2, to)
		if c.body+c.size > to {
			return malformed("a chunk goes beyond its end")
		}
		if err := do(c); err != nil {
			return err
		}
		at = c.next
	}
	return nil
}

// riffEnd is where the chunks end, as the header says.
func riffEnd(s *source) (int64, error) {
	b, err := s.bytes(4, 4)
	if err != nil {
		return 0, err
	}
	end := 8 + int64(binary.LittleEndian.Uint32(b))
	if end > s.size || end < riffHeader {
		return 0, malformed("it ends too early")
	}
	return end, nil
}

// riffCopy begins a file of a form; close writes its size once its chunks are known.
func riffCopy(s *source, form string) *Copy {
	c := &Copy{from: s.r}
	c.put(append([]byte("RIFF\x00\x00\x00\x00"), form...)...)
	return c
}

func riffClose(c *Copy) {
	binary.LittleEndian.PutUint32(c.pieces[0].own[4:], uint32(c.Size-8)) //nolint:gosec // no longer than the original, whose size fits
}

// keepChunk takes a chunk over, and makes it even where the original was not.
func (c *Copy) keepChunk(k riffChunk) {
	c.keep(k.at, 8+k.size)
	c.blank(k.size % 2)
}

// ownChunk adds a chunk of even size.
func (c *Copy) ownChunk(kind string, body []byte) {
	head := binary.LittleEndian.AppendUint32([]byte(kind), uint32(len(body))) //nolint:gosec // small
	c.put(append(head, body...)...)
}
