package evidence

import (
	"encoding/binary"
)

// track is what a film says of one of its tracks.
type track struct {
	at, end int64 // of its box
	id      uint32
	handler string
	lists   map[string]box // what its samples are and where
}

// place is a stretch of the file.
type place struct{ from, to int64 }

func (t track) isShown() bool { return t.handler == "vide" || t.handler == "soun" }

// mp4Tracks reads the tracks.
func mp4Tracks(s *source) ([]track, error) {
	var all []track
	err := boxes(s, 0, s.size, func(b box) error {
		if b.kind != "moov" {
			return nil
		}
		return boxes(s, b.body, b.end, func(b box) error {
			if b.kind != "trak" {
				return nil
			}
			if len(all) == mostStreams {
				return malformed("it has too many tracks")
			}
			t, err := mp4Track(s, b)
			all = append(all, t)
			return err
		})
	})
	return all, err
}

func mp4Track(s *source, b box) (track, error) {
	t := track{at: b.at, end: b.end, lists: map[string]box{}}
	err := descend(s, b, map[string]func(box) error{
		"tkhd": func(b box) error { return t.readID(s, b) },
		"mdia/hdlr": func(b box) error {
			name, err := s.bytes(b.body+8, 4)
			if err != nil {
				return err
			}
			t.handler = string(name)
			return nil
		},
		"mdia/minf/stbl": func(b box) error {
			return boxes(s, b.body, b.end, func(b box) error { t.lists[b.kind] = b; return nil })
		},
	}, "")
	return t, err
}

// descend calls do for boxes at the paths that it knows.
func descend(s *source, in box, do map[string]func(box) error, path string) error {
	return boxes(s, in.body, in.end, func(b box) error {
		here := path + b.kind
		if f, ok := do[here]; ok {
			return f(b)
		}
		if here == "mdia" || here == "mdia/minf" {
			return descend(s, b, do, here+"/")
		}
		return nil
	})
}

func (t *track) readID(s *source, b box) error {
	version, err := s.bytes(b.body, 1)
	if err != nil {
		return err
	}
	at := b.body + 12
	if version[0] == 1 {
		at += 8
	}
	id, err := s.bytes(at, 4)
	if err != nil {
		return err
	}
	t.id = binary.BigEndian.Uint32(id)
	return nil
}

// table reads a list of numbers in a box: how many, where, and each width bytes wide.
type table struct {
	s     *source
	at    int64
	count int64
	width int
}

// tableIn is the table of a box with skip bytes before the count.
func tableIn(s *source, b box, skip int64, width int) (table, error) {
	if b.end == 0 {
		return table{}, nil
	}
	n, err := s.bytes(b.body+4+skip, 4)
	if err != nil {
		return table{}, err
	}
	t := table{s, b.body + 8 + skip, int64(binary.BigEndian.Uint32(n)), width}
	if t.at+t.count*int64(width) > b.end {
		return table{}, malformed("a table goes beyond its end")
	}
	return t, nil
}

// number is one of 4 or 8 bytes at a place in row i.
func (t table) number(i int64, at int) (int64, error) {
	n := min(t.width, 8)
	if t.width == 12 {
		n = 4
	}
	b, err := t.s.bytes(t.at+i*int64(t.width)+int64(at), n)
	if err != nil {
		return 0, err
	}
	if n == 4 {
		return int64(binary.BigEndian.Uint32(b)), nil
	}
	return int64(binary.BigEndian.Uint64(b)), nil //nolint:gosec // its users look whether it is within the file
}

// sampleSizes are the sizes of a track's samples: all alike, or each its own.
type sampleSizes struct {
	all   int64
	count int64
	each  table
}

func readSizes(s *source, b box) (sampleSizes, error) {
	if b.end == 0 {
		return sampleSizes{}, malformed("samples without sizes")
	}
	head, err := s.bytes(b.body+4, 8)
	if err != nil {
		return sampleSizes{}, err
	}
	z := sampleSizes{all: int64(binary.BigEndian.Uint32(head)), count: int64(binary.BigEndian.Uint32(head[4:]))}
	if z.all == 0 {
		z.each, err = tableIn(s, b, 4, 4)
	}
	return z, err
}

// sum of the sizes of n samples from one on.
func (z sampleSizes) sum(from, n int64) (int64, error) {
	if from+n > z.count {
		return 0, malformed("more samples than sizes")
	}
	if z.all != 0 {
		return z.all * n, nil
	}
	total := int64(0)
	for i := from; i < from+n; i++ {
		size, err := z.each.number(i, 0)
		if err != nil {
			return 0, err
		}
		total += size
	}
	return total, nil
}

// chunksOf finds the places of a track's samples: stco or co64 say where each chunk
// begins, stsc how many samples are in it, stsz how long they are.
func chunksOf(s *source, lists map[string]box) ([]place, error) {
	offsets, err := tableIn(s, lists["stco"], 0, 4)
	if err == nil && lists["stco"].end == 0 {
		offsets, err = tableIn(s, lists["co64"], 0, 8)
	}
	if err != nil || offsets.count == 0 {
		return nil, err
	}
	if offsets.count > mostStretches {
		return nil, malformed("it has too many parts")
	}
	runs, err := tableIn(s, lists["stsc"], 0, 12)
	if err != nil {
		return nil, err
	}
	sizes, err := readSizes(s, lists["stsz"])
	if err != nil {
		return nil, err
	}
	return placesOf(s, offsets, runs, sizes)
}

func placesOf(s *source, offsets, runs table, sizes sampleSizes) ([]place, error) {
	var all []place
	run, sample := int64(-1), int64(0)
	for i := range offsets.count {
		if run+1 < runs.count {
			first, err := runs.number(run+1, 0)
			if err != nil {
				return nil, err
			}
			if first <= i+1 {
				run++
			}
		}
		if run < 0 {
			return nil, malformed("chunks without samples")
		}
		n, err := runs.number(run, 4)
		if err != nil {
			return nil, err
		}
		size, err := sizes.sum(sample, n)
		if err != nil {
			return nil, err
		}
		from, err := offsets.number(i, 0)
		if err != nil {
			return nil, err
		}
		if from < 0 || from > s.size-size {
			return nil, malformed("samples beyond the end")
		}
		all, sample = append(all, place{from, from + size}), sample+n
	}
	return all, nil
}
