package evidence

// How files of the adaptive multi-rate codec begin (RFC 4867, section 5).
const (
	amrMagic     = "#!AMR\n"
	amrWideMagic = "#!AMR-WB\n"
)

// Bytes of a frame behind its head, by the four bits of its type; -1 is none. The
// frame of type 8 (narrow) or 9 (wide) is the noise of a pause, 15 is nothing at all.
var (
	amrFrames     = [16]int64{12, 13, 15, 17, 19, 20, 26, 31, 5, -1, -1, -1, -1, -1, -1, 0} //nolint:gochecknoglobals // a table
	amrWideFrames = [16]int64{17, 23, 32, 36, 40, 46, 50, 58, 60, 5, -1, -1, -1, -1, 0, 0}  //nolint:gochecknoglobals // a table
)

func amrType(s *source) (Type, error) {
	if s.begins(0, amrWideMagic) {
		return AMRWide, amrWalk(s, func(int64) {})
	}
	return AMR, amrWalk(s, func(int64) {})
}

// amrWalk goes through all frames. The last may have been cut off.
func amrWalk(s *source, do func(size int64)) error {
	at, sizes := int64(len(amrMagic)), amrFrames
	if s.begins(0, amrWideMagic) {
		at, sizes = int64(len(amrWideMagic)), amrWideFrames
	}
	for at < s.size {
		head, err := s.bytes(at, 1)
		if err != nil {
			return err
		}
		n := sizes[head[0]>>3&15]
		if head[0]&0x83 != 0 || n < 0 {
			return malformed("no frame where one must be")
		}
		do(n)
		at += 1 + n
	}
	return nil
}

// amrCopy is all of a recording of frames: the format has no place for anything else.
func amrCopy(s *source) (*Copy, error) {
	if err := amrWalk(s, func(int64) {}); err != nil {
		return nil, err
	}
	return new(overlay).over(s), nil
}

// amrSilent knows frames of speech by their size; the smallest, of 4.75 kbit/s, has
// 12 bytes behind its head and 13 with it.
func amrSilent(s *source) (bool, error) {
	h := &hearing{}
	err := amrWalk(s, func(size int64) { h.hear(size + 1) })
	return h.isSilent(), err
}
