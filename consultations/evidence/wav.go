package evidence

import (
	"encoding/binary"
	"math"
)

// Codings of sound in the fmt chunk.
const (
	wavPCM        = 1
	wavFloat      = 3
	wavALaw       = 6
	wavMuLaw      = 7
	wavExtensible = 0xfffe
)

// wav is what a WAV file says of its sound.
type wav struct {
	format, data riffChunk
	coding       uint16
	channels     int
	rate         int64
	width        int // of one sample of one channel, in bytes
}

func wavType(s *source) (Type, error) {
	_, err := readWAV(s)
	return WAV, err
}

// readWAV finds the two chunks that make the sound. Where the recorder was
// cut off before it wrote its sizes, the file is refused.
func readWAV(s *source) (wav, error) {
	var w wav
	end, err := riffEnd(s)
	if err != nil {
		return w, err
	}
	err = riffChunks(s, riffHeader, end, func(k riffChunk) error {
		switch {
		case k.kind == "fmt " && w.format.kind == "" && k.size >= 16 && k.size <= 64:
			w.format = k
			return w.readFormat(s)
		case k.kind == "data" && w.data.kind == "":
			w.data = k
		case k.kind == "fmt ", k.kind == "data":
			return malformed("its sound is said twice, or wrongly")
		}
		return nil
	})
	if err == nil && (w.format.kind == "" || w.data.kind == "" || w.data.at < w.format.at) {
		err = malformed("a WAV without sound")
	}
	return w, err
}

func (w *wav) readFormat(s *source) error {
	b, err := s.bytes(w.format.body, int(w.format.size))
	if err != nil {
		return err
	}
	w.coding = binary.LittleEndian.Uint16(b)
	if w.coding == wavExtensible && len(b) >= 26 {
		w.coding = binary.LittleEndian.Uint16(b[24:])
	}
	w.channels = int(binary.LittleEndian.Uint16(b[2:]))
	w.rate = int64(binary.LittleEndian.Uint32(b[4:]))
	w.width = int(binary.LittleEndian.Uint16(b[14:])+7) / 8
	if w.channels < 1 || w.channels > 64 || w.rate < 1 || w.rate > 1<<20 || w.width > 8 {
		return malformed("sound of an unknown kind")
	}
	return nil
}

// wavCopy keeps format, sound and the count of samples. LIST, bext, iXML, id3, the
// marks of sound editors and all unknown chunks go.
func wavCopy(s *source) (*Copy, error) {
	w, err := readWAV(s)
	if err != nil {
		return nil, err
	}
	c := riffCopy(s, "WAVE")
	c.keepChunk(w.format)
	err = riffChunks(s, riffHeader, w.data.at, func(k riffChunk) error {
		if k.kind == "fact" && k.size == 4 {
			c.keepChunk(k)
		}
		return nil
	})
	c.keepChunk(w.data)
	riffClose(c)
	return c, err
}

// wavSilent decodes all of the sound. It is silent when the waves of fewer than five
// stretches of 20 ms, a tenth of a second together, reach a thousandth of full scale
// (-60 dB): less than the noise of a quiet room in any microphone, and a
// click alone is no speech. Codings other than PCM, float and G.711 are silent
// only when there are none.
func wavSilent(s *source) (bool, error) {
	w, err := readWAV(s)
	if err != nil {
		return false, err
	}
	sample, frame := w.sample(), int64(w.channels*w.width)
	if sample == nil || frame == 0 {
		return w.data.size == 0, nil
	}
	block := max(w.rate/50, 1) * frame
	loud := 0
	for at := int64(0); at < w.data.size && loud < loudEnough; at += block {
		span, err := w.span(s, at, min(block, w.data.size-at), sample)
		if err != nil {
			return false, err
		}
		if span > 2*audible {
			loud++
		}
	}
	return loud < loudEnough, nil
}

const (
	audible    = 0.001
	loudEnough = 5
)

// span is the distance between the highest and the lowest sample of a channel, in
// that where it is greatest; 2 is full scale. Of a stretch at most a window is heard.
func (w *wav) span(s *source, at, n int64, sample func([]byte) float64) (float64, error) {
	b, err := s.bytes(w.data.body+at, int(min(n, windowSize)))
	if err != nil {
		return 0, err
	}
	widest := 0.0
	for channel := range w.channels {
		low, high := math.Inf(1), math.Inf(-1)
		for i := channel * w.width; i+w.width <= len(b); i += w.channels * w.width {
			v := sample(b[i : i+w.width])
			low, high = min(low, v), max(high, v)
		}
		widest = max(widest, high-low)
	}
	return widest, nil
}

// sample decodes one sample to -1 … 1; nil where the coding is not known.
func (w *wav) sample() func([]byte) float64 {
	switch {
	case w.coding == wavPCM && w.width == 1:
		return func(b []byte) float64 { return (float64(b[0]) - 128) / 128 }
	case w.coding == wavPCM && w.width >= 2 && w.width <= 4:
		return pcm
	case w.coding == wavFloat && w.width == 4:
		return func(b []byte) float64 { return float64(math.Float32frombits(binary.LittleEndian.Uint32(b))) }
	case w.coding == wavFloat && w.width == 8:
		return func(b []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b)) }
	case w.coding == wavALaw && w.width == 1:
		return func(b []byte) float64 { return logarithmic(b[0]^0xd5, 0) }
	case w.coding == wavMuLaw && w.width == 1:
		return func(b []byte) float64 { return logarithmic(^b[0], 33.0/8192) }
	}
	return nil
}

// pcm decodes a whole number of 2, 3 or 4 bytes.
func pcm(b []byte) float64 {
	var v uint32
	for i, x := range b {
		v |= uint32(x) << (8 * (4 - len(b) + i))
	}
	return float64(int32(v)) / (1 << 31)
}

// logarithmic decodes a sample of G.711 after its bits were turned: sign, three bits
// of segment, four of step. mu is the bias of the µ-law, 0 for the A-law.
func logarithmic(b byte, mu float64) float64 {
	segment, step := float64(b>>4&7), float64(b&15)
	var v float64
	switch {
	case mu != 0:
		v = (step*2+33)*math.Exp2(segment)/8192 - mu
	case segment == 0:
		v = (step*2 + 1) / 4096
	default:
		v = (step*2 + 33) * math.Exp2(segment-1) / 4096
	}
	if b&0x80 == 0 {
		return -v
	}
	return v
}
