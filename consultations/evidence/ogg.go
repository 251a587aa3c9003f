package evidence

import (
	"encoding/binary"
	"errors"
	"slices"
)

// oggPage of an Ogg file (RFC 3533): a header of 27 bytes, the lengths of its
// segments, the segments. A packet ends with a segment shorter than 255 bytes
// and may go over many pages.
type oggPage struct {
	at, body, end int64
	flags         byte
	serial        uint32
	segments      []byte
	header        []byte
}

// Flags of a page.
const (
	oggContinued = 1
	oggFirst     = 2
	// mostStreams bounds what one file may hold, one after the other.
	mostStreams = 64
)

// oggStream is what is known of one stream.
type oggStream struct {
	codec   string  // what its first packet begins with
	packets int     // that are complete
	comment []place // where the second packet stands, which is the comments
}

// The codecs that are taken, by how their first packet begins; the comments begin
// with the same or with the word given.
const (
	opusHead   = "OpusHead"
	opusTags   = "OpusTags"
	vorbisHead = "\x01vorbis"
	vorbisTags = "\x03vorbis"
)

// oggPages walks the pages, which must follow each other to the end.
func oggPages(s *source, do func(oggPage) error) error {
	for at := int64(0); at < s.size; {
		p, err := oggPageAt(s, at)
		if err != nil {
			return err
		}
		if err := do(p); err != nil {
			return err
		}
		at = p.end
	}
	return nil
}

func oggPageAt(s *source, at int64) (oggPage, error) {
	h, err := s.bytes(at, 27)
	if err != nil {
		return oggPage{}, err
	}
	if string(h[:4]) != "OggS" || h[4] != 0 {
		return oggPage{}, malformed("no page where one must be")
	}
	n := int(h[26])
	if h, err = s.bytes(at, 27+n); err != nil {
		return oggPage{}, err
	}
	p := oggPage{at: at, body: at + 27 + int64(n), flags: h[5], serial: binary.LittleEndian.Uint32(h[14:])}
	p.header = append([]byte(nil), h...)
	p.segments = p.header[27:]
	p.end = p.body
	for _, length := range p.segments {
		p.end += int64(length)
	}
	if p.end > s.size {
		return p, malformed("a page goes beyond its end")
	}
	return p, nil
}

// packets calls do for each stretch of a packet in the page; ends tells whether the
// packet ends with it.
func (p oggPage) packets(do func(at place, ends bool) error) error {
	from, to := p.body, p.body
	for i, length := range p.segments {
		to += int64(length)
		if length == 255 && i < len(p.segments)-1 {
			continue
		}
		if err := do(place{from, to}, length < 255); err != nil {
			return err
		}
		from = to
	}
	return nil
}

// oggStreams keeps account of the streams of a file while its pages go by.
type oggStreams map[uint32]*oggStream

// page takes a page into the account. Its stream begins with a head of a codec that is known.
func (all oggStreams) page(s *source, p oggPage) (*oggStream, error) {
	if p.flags&oggFirst != 0 {
		if len(all) == mostStreams || all[p.serial] != nil {
			return nil, malformed("its streams cannot be told apart")
		}
		all[p.serial] = &oggStream{}
		for _, codec := range []string{opusHead, vorbisHead} {
			if s.begins(p.body, codec) {
				all[p.serial].codec = codec
			}
		}
	}
	t := all[p.serial]
	if t == nil || t.codec == "" {
		return nil, malformed("a stream of an unknown kind")
	}
	return t, nil
}

// heads is how many packets stand before the sound.
func (t *oggStream) heads() int {
	if t.codec == vorbisHead {
		return 3
	}
	return 2
}

func oggType(s *source) (Type, error) {
	p, err := oggPageAt(s, 0)
	if err != nil {
		return "", err
	}
	_, err = oggStreams{}.page(s, p)
	return Ogg, err
}

// oggCopy overwrites the comments of each stream with an empty list of the same
// length: what follows stays where it is, and only the checksums of these pages
// change.
func oggCopy(s *source) (*Copy, error) {
	all := oggStreams{}
	var pages []oggPage // that hold comments
	err := oggPages(s, func(p oggPage) error {
		t, err := all.page(s, p)
		if err != nil {
			return err
		}
		held := len(t.comment)
		err = p.packets(func(at place, ends bool) error {
			if t.packets == 1 {
				t.comment = append(t.comment, at)
			}
			if ends {
				t.packets++
			}
			return nil
		})
		if len(t.comment) > held {
			pages = append(pages, p)
		}
		if len(pages) > mostStretches/8 {
			return malformed("it has too many comments")
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	o := new(overlay)
	for _, t := range all {
		if err := t.strip(s, o); err != nil {
			return nil, err
		}
	}
	return oggSums(s, o, pages)
}

// strip empties the comments: behind the word that begins them, the vendor's name
// becomes as long as all that was there, and blank; then come no comments.
func (t *oggStream) strip(s *source, o *overlay) error {
	if t.packets < 2 {
		return malformed("a stream without comments")
	}
	word, tail := opusTags, 4
	if t.codec == vorbisHead {
		word, tail = vorbisTags, 5 // and a bit that ends the packet
	}
	length := int64(0)
	for _, p := range t.comment {
		length += p.to - p.from
	}
	if !s.begins(t.comment[0].from, word) {
		return malformed("comments of an unknown kind")
	}
	list, err := emptyComments(word, length, tail)
	if err != nil {
		return err
	}
	lay(o, t.comment, length, list)
	return nil
}

// oggSums writes the new checksums of pages that were changed.
func oggSums(s *source, o *overlay, pages []oggPage) (*Copy, error) {
	changed := (&overlay{slices.Clone(o.patches), o.isFull}).over(s)
	if changed.failed != nil {
		return nil, changed.failed
	}
	for _, p := range pages {
		page := make([]byte, p.end-p.at)
		if n, err := changed.ReadAt(page, p.at); n < len(page) {
			return nil, err
		}
		clear(page[22:26])
		o.put(p.at+22, binary.LittleEndian.AppendUint32(nil, oggSum(page))...)
	}
	return o.over(s), nil
}

// oggSum is the checksum of a page: CRC-32 of polynomial 04C11DB7, not reflected.
func oggSum(page []byte) uint32 {
	sum := uint32(0)
	for _, b := range page {
		sum ^= uint32(b) << 24
		for range 8 {
			carry := sum >> 31
			sum = sum<<1 ^ carry*0x04c11db7
		}
	}
	return sum
}

// oggSilent hears the packets behind the heads. Of those with more than one frame the
// size of all counts: they are larger only.
func oggSilent(s *source) (bool, error) {
	all, sizes, h := oggStreams{}, map[uint32]int64{}, &hearing{}
	err := oggPages(s, func(p oggPage) error {
		t, err := all.page(s, p)
		if err != nil {
			return err
		}
		err = p.packets(func(at place, ends bool) error {
			sizes[p.serial] += at.to - at.from
			if !ends {
				return nil
			}
			if t.packets >= t.heads() {
				h.hear(sizes[p.serial])
			}
			t.packets++
			sizes[p.serial] = 0
			return nil
		})
		if err == nil && h.isEnough() {
			return errEnough
		}
		return err
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return h.isSilent(), err
}
