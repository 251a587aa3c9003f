package evidence

import (
	"errors"
	"slices"
	"strings"
)

// Identities of elements of Matroska (RFC 9559), of which WebM is a part.
const (
	idHeader       = 0x1a45dfa3
	idDocType      = 0x4282
	idSegment      = 0x18538067
	idSeekHead     = 0x114d9b74
	idSeek         = 0x4dbb
	idInfo         = 0x1549a966
	idMuxingApp    = 0x4d80
	idWritingApp   = 0x5741
	idTracks       = 0x1654ae6b
	idTrack        = 0xae
	idTrackNumber  = 0xd7
	idTrackType    = 0x83
	idCodec        = 0x86
	idCodecPrivate = 0x63a2
	idEncodings    = 0x6d80
	idVideo        = 0xe0
	idAudio        = 0xe1
	idCluster      = 0x1f43b675
	idSimpleBlock  = 0xa3
	idGroup        = 0xa0
	idBlock        = 0xa1
	idCues         = 0x1c53bb6b
	idCue          = 0xbb
	idCuePlaces    = 0xb7
)

// webmInside tells what is looked into.
func webmInside(e element) bool {
	switch e.id {
	case idHeader, idSegment, idSeekHead, idSeek, idInfo, idTracks, idTrack, idVideo, idAudio, idCluster, idGroup, idCues, idCue, idCuePlaces:
		return true
	}
	return false
}

// webmKept are the elements that players need. All else becomes Void of the same
// size: tags, title, date, chapters, attachments, names of tracks, identities of
// segments, checksums over what has changed, and what nobody knows.
var webmKept = []uint32{ //nolint:gochecknoglobals // a table
	0x4286, 0x42f7, 0x42f2, 0x42f3, idDocType, 0x4287, 0x4285, // of the header
	0x53ab, 0x53ac, // where things are
	0x2ad7b1, 0x4489, // scale of time, duration
	idTrackNumber, 0x73c5, idTrackType, 0xb9, 0x88, 0x55aa, 0x9c, 0x6de7, 0x6df8, 0x23e383, 0x234e7a, 0x23314f, 0x55ee, 0x22b59c, 0x22b59d, idCodec, 0x56aa, 0x56bb,
	0xb0, 0xba, 0x54b0, 0x54ba, 0x54b2, 0x54b3, 0x54aa, 0x54bb, 0x54cc, 0x54dd, 0x9a, 0x9d, 0x53b8, 0x53c0, 0x55b0, 0x7670, 0x2eb524, // of pictures
	0xb5, 0x78b5, 0x9f, 0x6264, 0x52f1, // of sound
	0xe7, 0xa7, 0xab, idSimpleBlock, idBlock, 0x9b, 0xfb, 0x75a2, 0xa4, 0xfa, // of clusters
	0xb3, 0xf7, 0xf1, 0xf0, 0xb2, 0x5378, 0xea, // of cues
}

// webmCodecs are those whose data are known to hold no words, or in which they
// are found.
const webmCodecs = " V_VP8 V_VP9 V_AV1 V_MPEG4/ISO/AVC V_MPEGH/ISO/HEVC A_OPUS A_VORBIS A_AAC A_PCM/INT/LIT A_PCM/FLOAT/IEEE "

// webmTrack is the track that is being read.
type webmTrack struct{ number, kind uint64 }

// webmTracks reads numbers and kinds of the tracks, which stand before all clusters.
func webmTracks(s *source) ([]webmTrack, error) {
	var all []webmTrack
	isWebM := false
	err := elements(s, 0, s.size, webmInside, func(e element) error {
		switch e.id {
		case idDocType:
			isWebM = s.begins(e.body, "webm") || s.begins(e.body, "matroska")
		case idCluster:
			return errEnough
		case idTrack:
			all = append(all, webmTrack{})
		case idTrackNumber, idTrackType:
			n, err := e.number(s)
			if err != nil || len(all) == 0 || len(all) > mostStreams {
				return errors.Join(malformed("tracks of an unknown kind"), err)
			}
			if t := &all[len(all)-1]; e.id == idTrackNumber {
				t.number = n
			} else {
				t.kind = n
			}
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	if err == nil && (!isWebM || len(all) == 0) {
		err = malformed("nothing to see or hear")
	}
	return all, err
}

// Kinds of tracks.
const (
	kindVideo = 1
	kindAudio = 2
)

func webmType(s *source) (Type, error) {
	tracks, err := webmTracks(s)
	if err != nil {
		return "", err
	}
	if slices.ContainsFunc(tracks, func(t webmTrack) bool { return t.kind == kindVideo }) {
		return WebMVideo, nil
	}
	if slices.ContainsFunc(tracks, func(t webmTrack) bool { return t.kind == kindAudio }) {
		return WebMAudio, nil
	}
	return "", malformed("nothing to see or hear")
}

// webmCopy strips a film or a recording where it stands.
func webmCopy(s *source) (*Copy, error) {
	if _, err := webmType(s); err != nil {
		return nil, err
	}
	o := new(overlay)
	err := elements(s, 0, s.size, webmInside, func(e element) error { return o.stripElement(s, e) })
	return o.over(s), err
}

func (o *overlay) stripElement(s *source, e element) error {
	switch {
	case webmInside(e):
		return nil
	case e.open:
		return malformed("an element without an end")
	case e.id == idMuxingApp, e.id == idWritingApp: // must be there, may be blank
		o.wipe(e.body, e.end)
		return nil
	case e.id == idEncodings:
		return malformed("its frames are compressed once more")
	case e.id == idCodecPrivate:
		return o.stripPrivate(s, e)
	case !slices.Contains(webmKept, e.id):
		o.void(e)
		return nil
	}
	return checkElement(s, e)
}

// checkElement refuses tracks that are neither seen nor heard, and codecs whose data
// nobody here knows.
func checkElement(s *source, e element) error {
	switch e.id {
	case idTrackType:
		if kind, err := e.number(s); err != nil || kind != kindVideo && kind != kindAudio {
			return errors.Join(malformed("a track that is neither seen nor heard"), err)
		}
	case idCodec:
		name, err := s.bytes(e.body, int(min(e.end-e.body, 64)))
		if err != nil {
			return err
		}
		if trimmed := strings.TrimRight(string(name), "\x00"); strings.Contains(trimmed, " ") || !strings.Contains(webmCodecs, " "+trimmed+" ") {
			return malformed("a codec that is not known")
		}
	}
	return nil
}

// stripPrivate empties the comments in the heads of Vorbis: a 2, the lengths of the
// first two heads, each as bytes of 255 and a last one, and three heads.
func (o *overlay) stripPrivate(s *source, e element) error {
	if e.end-e.body > windowSize {
		return malformed("the data of a codec are too long")
	}
	b, err := s.bytes(e.body, int(e.end-e.body))
	if err != nil {
		return err
	}
	if len(b) == 0 || b[0] != 2 || !strings.Contains(string(b), vorbisHead) {
		return nil
	}
	at, lengths := int64(1), [2]int64{}
	for i := range lengths {
		for more := true; more; at++ {
			if at >= int64(len(b)) {
				return malformed("the heads of a codec are too short")
			}
			lengths[i] += int64(b[at])
			more = b[at] == 255
		}
	}
	comment := e.body + at + lengths[0]
	if comment+lengths[1] > e.end || !s.begins(comment, vorbisTags) {
		return malformed("the heads of a codec are too short")
	}
	list, err := emptyComments(vorbisTags, lengths[1], 5)
	if err != nil {
		return err
	}
	lay(o, []place{{comment, comment + lengths[1]}}, lengths[1], list)
	return nil
}

// webmSilent looks at the sizes of the blocks of sound. Several frames in one block
// count as one.
func webmSilent(s *source) (bool, error) {
	tracks, err := webmTracks(s)
	if err != nil {
		return false, err
	}
	h := &hearing{}
	err = elements(s, 0, s.size, webmInside, func(e element) error {
		if e.id != idSimpleBlock && e.id != idBlock {
			return nil
		}
		number, n, err := variable(s, e.body)
		if err != nil {
			return err
		}
		number &^= 1 << (7 * n)
		if slices.Contains(tracks, webmTrack{number, kindAudio}) {
			h.hear(e.end - e.body - int64(n) - 3) // behind time and flags
		}
		if h.isEnough() {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return h.isSilent(), err
}
