package evidence

import "encoding/binary"

// mp4Silent looks at the sizes of the samples of sound, see [Silent].
func mp4Silent(s *source) (bool, error) {
	tracks, err := mp4Tracks(s)
	if err != nil {
		return false, err
	}
	h := &hearing{}
	for _, t := range tracks {
		if t.handler != "soun" {
			continue
		}
		if err := h.hearTrack(s, t); err != nil {
			return false, err
		}
	}
	err = boxes(s, 0, s.size, func(b box) error {
		if b.kind != "moof" || h.isEnough() {
			return nil
		}
		return boxes(s, b.body, b.end, func(b box) error {
			if b.kind != "traf" {
				return nil
			}
			return h.hearFragment(s, b, tracks)
		})
	})
	return h.isSilent(), err
}

func (h *hearing) hearTrack(s *source, t track) error {
	if b, ok := t.lists["stz2"]; ok && b.end-b.body > 12 { // sizes of less than a byte: nothing can be told
		h.hearAlike(1)
	}
	b, ok := t.lists["stsz"]
	if !ok {
		return nil
	}
	sizes, err := readSizes(s, b)
	if err != nil {
		return err
	}
	if sizes.all != 0 { // PCM, or a codec that never says less
		h.hearAlike(sizes.count)
		return nil
	}
	for i := int64(0); i < sizes.count && !h.isEnough(); i++ {
		n, err := sizes.each.number(i, 0)
		if err != nil {
			return err
		}
		h.hear(n)
	}
	return nil
}

// hearFragment reads the runs of samples of one track in a fragment.
func (h *hearing) hearFragment(s *source, traf box, tracks []track) error {
	isSound := false
	return boxes(s, traf.body, traf.end, func(b box) error {
		switch {
		case b.kind == "tfhd":
			id, err := s.bytes(b.body+4, 4)
			if err != nil {
				return err
			}
			for _, t := range tracks {
				isSound = isSound || t.handler == "soun" && t.id == binary.BigEndian.Uint32(id)
			}
		case b.kind == "trun" && isSound:
			return h.hearRun(s, b)
		}
		return nil
	})
}

// hearRun reads a trun box: its flags say which fields it has, and which each sample
// has: duration, size, flags, shift.
func (h *hearing) hearRun(s *source, b box) error {
	head, err := s.bytes(b.body, 8)
	if err != nil {
		return err
	}
	flags, count := binary.BigEndian.Uint32(head), int64(binary.BigEndian.Uint32(head[4:]))
	if flags&0x200 == 0 { // all of the same size
		h.hearAlike(count)
		return nil
	}
	at, step := b.body+8, int64(0)
	for _, field := range []uint32{0x1, 0x4} {
		if flags&field != 0 {
			at += 4
		}
	}
	for _, field := range []uint32{0x100, 0x200, 0x400, 0x800} {
		if flags&field != 0 {
			step += 4
		}
	}
	if flags&0x100 != 0 {
		at += 4
	}
	for i := int64(0); i < count && !h.isEnough(); i++ {
		if at+4 > b.end {
			return malformed("a run goes beyond its end")
		}
		size, err := s.bytes(at, 4)
		if err != nil {
			return err
		}
		h.hear(int64(binary.BigEndian.Uint32(size)))
		at += step
	}
	return nil
}
