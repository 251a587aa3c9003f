package evidence

import "io"

// smallPacket is the size in bytes up to which a packet of compressed sound is taken
// for silence. Opus keeps silence in 1 to 3 bytes for 20 ms, AAC in 4 to 8, the
// noise of a pause in AMR is 6 or 7; speech takes more than 12 even in the
// poorest quality of AMR, 20 or more in any other.
const smallPacket = 12

// hearing counts packets of compressed sound. Where a codec can make silence small,
// fewer than five packets that are not small, at most a tenth of a second of most
// codecs, are no sound.
type hearing struct{ loud int64 }

func (h *hearing) hear(size int64) {
	if size > smallPacket {
		h.loud++
	}
}

// hearAlike takes packets that are all of one size for sound: nothing can be told.
func (h *hearing) hearAlike(count int64) {
	if count > 0 {
		h.loud = loudEnough
	}
}

func (h *hearing) isEnough() bool { return h.loud >= loudEnough }

func (h *hearing) isSilent() bool { return !h.isEnough() }

// Silent tells whether a recording says nothing: it is of no length, or nothing but
// silence. WAV is decoded and measured. Other codecs are not decoded: sizes of
// packets are looked at, in MP3 the bits that each frame spends on sound.
//
// What this cannot tell: encoders of constant bit rate fill silence up, so
// that it looks like sound; noise, a hum, a recording of an empty room are sound.
// So "silent" is a reason to refuse, "not silent" no proof that anybody speaks. Of
// what is neither audio nor video it is [ErrType].
func Silent(r io.ReaderAt, size int64, t Type) (bool, error) {
	s := newSource(r, size)
	switch t {
	case WAV:
		return wavSilent(s)
	case MP3:
		return mp3Silent(s)
	case Ogg:
		return oggSilent(s)
	case AMR, AMRWide:
		return amrSilent(s)
	case WebMAudio, WebMVideo:
		return webmSilent(s)
	case MP4Audio, MP4Video, GPPAudio, GPPVideo, QuickTime:
		return mp4Silent(s)
	case PlainText, PDF, JPEG, PNG, WebP:
	}
	return false, ErrType
}
