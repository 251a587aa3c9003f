package evidence

import (
	"encoding/binary"
	"slices"
	"strings"
)

// box of an ISO base media file (ISO/IEC 14496-12), of which MP4, M4A, 3GP and
// QuickTime are dialects.
type box struct {
	kind          string
	at, body, end int64
}

// mp4Inside lists what may stand in each kind of box. All else becomes free space of
// the same size, so that nothing moves that the file points to: udta and meta
// with places, authors, devices, comments and pictures, uuid with XMP, and
// whatever nobody knows. Free space itself is emptied.
var mp4Inside = map[string]string{ //nolint:gochecknoglobals // a table
	"":     " ftyp styp moov moof mdat sidx ssix mfra ",
	"moov": " mvhd trak mvex iods ",
	"trak": " tkhd edts mdia tref ",
	"mdia": " mdhd hdlr minf elng ",
	"minf": " vmhd smhd nmhd gmhd hdlr dinf stbl ",
	"stbl": " stsd stts ctts cslg stsc stsz stz2 stco co64 stss stps sdtp sbgp sgpd subs saiz saio padb ",
	"dinf": " dref ",
	"mvex": " mehd trex leva ",
	"moof": " mfhd traf ",
	"traf": " tfhd tfdt trun sdtp sbgp sgpd subs saiz saio ",
	"mfra": " tfra mfro ",
	"edts": " elst ",
}

// mp4Coding are the boxes that a decoder needs beside a sample entry.
const mp4Coding = " avcC hvcC vvcC av1C vpcC esds damr d263 dOps dfLa dac3 dec3 alac btrt colr pasp clap gama fiel chan chnl wave srat dvcC dvvC mdcv clli SmDm CoLL "

// boxes walks the boxes between two places. QuickTime ends some lists with zeros.
func boxes(s *source, from, to int64, do func(box) error) error {
	for at := from; at < to; {
		if to-at < 8 {
			if blank, err := s.isBlank(at, to); err != nil || blank {
				return err
			}
		}
		b, err := boxAt(s, at, to)
		if err != nil {
			return err
		}
		if err := do(b); err != nil {
			return err
		}
		at = b.end
	}
	return nil
}

func boxAt(s *source, at, to int64) (box, error) {
	h, err := s.bytes(at, 8)
	if err != nil {
		return box{}, err
	}
	b := box{kind: string(h[4:8]), at: at, body: at + 8}
	n := int64(binary.BigEndian.Uint32(h))
	switch {
	case n == 0 && to == s.size: // the last box may go on to the end
		n = to - at
	case n == 1:
		if h, err = s.bytes(at+8, 8); err != nil {
			return box{}, err
		}
		b.body += 8
		n = int64(binary.BigEndian.Uint64(h)) //nolint:gosec // negative is too small
	}
	if n < b.body-at || n > to-at {
		return box{}, malformed("a box goes beyond its end")
	}
	b.end = at + n
	return b, nil
}

// mp4Type tells by its tracks whether there is something to see.
func mp4Type(s *source) (Type, error) {
	brand, err := s.bytes(8, 4)
	if err != nil {
		return "", err
	}
	audio, video := MP4Audio, MP4Video
	switch name := string(brand); {
	case strings.HasPrefix(name, "3g"):
		audio, video = GPPAudio, GPPVideo
	case name == "qt  ":
		video = QuickTime
	case strings.HasPrefix(name, "heic"), strings.HasPrefix(name, "heix"), strings.HasPrefix(name, "avif"), name == "mif1", name == "msf1", name == "crx ":
		return "", malformed("a picture in a film's box")
	}
	tracks, err := mp4Tracks(s)
	if err != nil {
		return "", err
	}
	heard := false
	for _, t := range tracks {
		if t.handler == "vide" {
			return video, nil
		}
		heard = heard || t.handler == "soun"
	}
	if !heard {
		return "", malformed("nothing to see or hear")
	}
	return audio, nil
}

// mp4Copy strips a film or a recording where it stands.
func mp4Copy(s *source) (*Copy, error) {
	tracks, err := mp4Tracks(s)
	if err != nil {
		return nil, err
	}
	m := mp4{source: s, overlay: new(overlay), tracks: tracks}
	err = boxes(s, 0, s.size, func(b box) error {
		m.isInFragments = m.isInFragments || b.kind == "moof"
		if b.kind == "mdat" && len(m.data) < mostStreams {
			m.data = append(m.data, place{b.body, b.end})
		}
		return nil
	})
	if err == nil {
		err = m.strip(box{end: s.size})
	}
	if err != nil {
		return nil, err
	}
	return m.over(s), nil
}

type mp4 struct {
	*source
	*overlay

	tracks        []track
	data          []place // where samples may lie
	isInFragments bool
}

func (m mp4) strip(in box) error {
	return boxes(m.source, in.body, in.end, func(b box) error {
		switch t := m.trackAt(b); {
		case !strings.Contains(mp4Inside[in.kind], " "+b.kind+" "):
			return m.free(b)
		case b.kind == "trak" && !t.isShown():
			return m.hide(t, b)
		case b.kind == "stsd":
			return m.stripEntries(b, t)
		case mp4Inside[b.kind] != "":
			return m.strip(b)
		}
		return m.stripBody(b)
	})
}

// trackAt is the track in which a box stands.
func (m mp4) trackAt(b box) track {
	for _, t := range m.tracks {
		if t.at <= b.at && b.at < t.end {
			return t
		}
	}
	return track{}
}

// free makes free space of a box.
func (m mp4) free(b box) error {
	m.put(b.at+4, 'f', 'r', 'e', 'e')
	m.wipe(b.body, b.end)
	return nil
}

// hide makes free space of a track that is neither seen nor heard, and of its samples:
// phones and cameras record their path beside the film in such tracks.
func (m mp4) hide(t track, b box) error {
	if m.isInFragments {
		return malformed("hidden tracks in fragments")
	}
	chunks, err := chunksOf(m.source, t.lists)
	if err != nil {
		return err
	}
	for _, c := range chunks {
		if !slices.ContainsFunc(m.data, func(d place) bool { return d.from <= c.from && c.to <= d.to }) {
			return malformed("samples lie where there are none")
		}
		m.wipe(c.from, c.to)
	}
	return m.free(b)
}

// stripBody empties what single boxes say beside what they are for.
func (m mp4) stripBody(b box) error {
	switch b.kind {
	case "mvhd", "tkhd", "mdhd": // when it was made and changed, behind a version
		version, err := m.bytes(b.body, 1)
		if err != nil {
			return err
		}
		n := int64(8)
		if version[0] == 1 {
			n = 16
		}
		if b.body+4+n > b.end {
			return malformed("a header is too short")
		}
		m.wipe(b.body+4, b.body+4+n)
	case "hdlr": // who made the handler, and its name
		if b.end-b.body < 24 {
			return malformed("a handler is too short")
		}
		m.wipe(b.body+12, b.end)
	case "dref":
		return m.checkPlaces(b)
	}
	return nil
}

// checkPlaces refuses a film whose data lie in other files: their names are places.
func (m mp4) checkPlaces(b box) error {
	return boxes(m.source, b.body+8, b.end, func(ref box) error {
		if ref.end-ref.body < 4 {
			return malformed("a reference is too short")
		}
		flags, err := m.bytes(ref.body+3, 1)
		if err != nil {
			return err
		}
		if flags[0]&1 == 0 || ref.end-ref.body != 4 {
			return malformed("its data lie in another file")
		}
		return nil
	})
}

// stripEntries empties the sample entries of the name of the encoder, and of boxes
// that no decoder needs.
func (m mp4) stripEntries(b box, t track) error {
	if b.body+8 > b.end {
		return malformed("a list is too short")
	}
	return boxes(m.source, b.body+8, b.end, func(entry box) error {
		inside := int64(78)
		if t.handler == "soun" {
			var err error
			if inside, err = soundEntry(m.source, entry); err != nil {
				return err
			}
		}
		if entry.body+inside > entry.end {
			return malformed("a sample entry is too short")
		}
		m.wipe(entry.body+12, entry.body+16) // the vendor
		if t.handler == "vide" {
			m.wipe(entry.body+42, entry.body+74) // the encoder
		}
		return boxes(m.source, entry.body+inside, entry.end, func(b box) error {
			if !strings.Contains(mp4Coding, " "+b.kind+" ") {
				return m.free(b)
			}
			return nil
		})
	})
}

// soundEntry is how long a sample entry of sound is: QuickTime has three versions.
func soundEntry(s *source, entry box) (int64, error) {
	b, err := s.bytes(entry.body+8, 2)
	if err != nil {
		return 0, err
	}
	switch version := binary.BigEndian.Uint16(b); version {
	case 0:
		return 28, nil
	case 1:
		return 28 + 16, nil
	case 2:
		return 28 + 36, nil
	}
	return 0, malformed("a sample entry of an unknown version")
}
