package evidence

// mp3Frame is a frame of MPEG audio, layer III: four bytes, a checksum if there is
// one, what each granule takes, and the sound.
type mp3Frame struct {
	size     int64
	granules int // 2 in MPEG-1, 1 in the later ones of lower rates
	channels int
	side     int64 // where the account of the granules begins
}

// Rates in kbit/s and Hz by the bits of the header; 0 is none.
var (
	mp3Bits  = [2][16]int64{{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0}, {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0}} //nolint:gochecknoglobals // a table
	mp3Rates = [4][4]int64{{11025, 12000, 8000, 0}, {0, 0, 0, 0}, {22050, 24000, 16000, 0}, {44100, 48000, 32000, 0}}                                                 //nolint:gochecknoglobals // a table
)

// mp3FrameAt reads the head of a frame; nil where none begins.
func mp3FrameAt(s *source, at int64) (*mp3Frame, error) {
	if at > s.size-4 {
		return nil, nil //nolint:nilnil // none
	}
	h, err := s.bytes(at, 4)
	if err != nil {
		return nil, err
	}
	version := h[1] >> 3 & 3
	if h[0] != 0xff || h[1]>>5 != 7 || h[1]>>1&3 != 1 {
		return nil, nil //nolint:nilnil // none
	}
	f := &mp3Frame{granules: 1, channels: 2, side: 4}
	first := 0
	if version == 3 {
		f.granules, first = 2, 1
	}
	bits, rate := mp3Bits[first][h[2]>>4], mp3Rates[version][h[2]>>2&3]
	if bits == 0 || rate == 0 {
		return nil, nil //nolint:nilnil // none
	}
	f.size = int64(f.granules)*72*bits*1000/rate + int64(h[2]>>1&1)
	if h[3]>>6 == 3 {
		f.channels = 1
	}
	if h[1]&1 == 0 {
		f.side += 2
	}
	return f, nil
}

// mp3Frames walks the frames. Tags before and between them are passed over; what
// stands behind the last is a tag, zeros, or a frame that was cut off.
func mp3Frames(s *source, do func(at int64, f *mp3Frame) error) error {
	at, count := int64(0), 0
	for at < s.size {
		n, err := id3Length(s, at)
		if err != nil {
			return err
		}
		if n > 0 {
			at += n
			continue
		}
		f, err := mp3FrameAt(s, at)
		switch {
		case err != nil:
			return err
		case f == nil && count == 0 && s.begins(at, "\x00"):
			at++ // filling behind a tag that is longer than it says
			continue
		case f == nil:
			return mp3Tail(s, at, count)
		case at+f.size > s.size:
			return mp3Tail(s, s.size, count)
		}
		if err := do(at, f); err != nil {
			return err
		}
		at, count = at+f.size, count+1
	}
	return mp3Tail(s, s.size, count)
}

// mp3Tail looks at what stands behind the last frame.
func mp3Tail(s *source, at int64, frames int) error {
	if frames < 2 {
		return malformed("no sound of MPEG layer III")
	}
	for _, tag := range []string{"TAG", "APETAGEX", "LYRICSBEGIN"} {
		if s.begins(at, tag) {
			return nil
		}
	}
	isBlank, err := s.isBlank(at, s.size)
	if err == nil && !isBlank {
		err = malformed("no frame where one must be")
	}
	return err
}

// id3Length is the length of an ID3v2 tag, 0 where none begins.
func id3Length(s *source, at int64) (int64, error) {
	if at > s.size-10 || !s.begins(at, "ID3") {
		return 0, nil
	}
	h, err := s.bytes(at, 10)
	if err != nil {
		return 0, err
	}
	n := int64(h[6]&0x7f)<<21 | int64(h[7]&0x7f)<<14 | int64(h[8]&0x7f)<<7 | int64(h[9]&0x7f)
	if h[5]&0x10 != 0 { // a footer
		n += 10
	}
	if n > s.size-at-10 {
		return 0, malformed("a tag goes beyond its end")
	}
	return 10 + n, nil
}

// mp3Type is content with two frames that follow each other.
func mp3Type(s *source) (Type, error) {
	return MP3, mp3Frames(s, func(int64, *mp3Frame) error { return nil })
}

// mp3Copy keeps the frames: no ID3 of either version, no APE, no lyrics.
func mp3Copy(s *source) (*Copy, error) {
	c := &Copy{from: s.r}
	err := mp3Frames(s, func(at int64, f *mp3Frame) error {
		c.keep(at, f.size)
		return nil
	})
	return c, err
}

// mp3Silent adds up the bits that each frame spends on sound. Filling does not count.
func mp3Silent(s *source) (bool, error) {
	h := &hearing{}
	err := mp3Frames(s, func(at int64, f *mp3Frame) error {
		if h.isEnough() {
			return nil
		}
		bits, err := f.bits(s, at)
		h.hear(bits / 8)
		return err
	})
	return h.isSilent(), err
}

// bits are the lengths of the parts of all granules, in the account behind the head:
// MPEG-1 9 bits, 5 or 3 private ones, 4 per channel, then 59 for each granule
// and channel; MPEG-2 8 bits, 1 or 2 private ones, then 63. The length is the first 12.
func (f *mp3Frame) bits(s *source, at int64) (int64, error) {
	skip, step := 8+f.channels, 63
	if f.granules == 2 {
		skip, step = 9+5+4, 59
		if f.channels == 2 {
			skip = 9 + 3 + 8
		}
	}
	side, err := s.bytes(at+f.side, (skip+step*f.granules*f.channels+7)/8)
	if err != nil {
		return 0, err
	}
	sum := int64(0)
	for i := range f.granules * f.channels {
		for bit := skip + i*step; bit < skip+i*step+12; bit++ {
			place := 11 - (bit - skip - i*step)
			sum += int64(side[bit/8]>>(7-bit%8)&1) << place
		}
	}
	return sum, nil
}
