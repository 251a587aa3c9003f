package evidence_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"strings"
	"testing"
)

// The canary stands wherever a file can say more than it shows. No copy may sing.
const canary = "CANARY-elder-Ana-3.4653S-62.2159W"

func be16(v int) []byte { return binary.BigEndian.AppendUint16(nil, uint16(v)) }
func be32(v int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(v)) }
func le16(v int) []byte { return binary.LittleEndian.AppendUint16(nil, uint16(v)) }
func le32(v int) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(v)) }

func join(parts ...any) []byte {
	var out []byte
	for _, p := range parts {
		switch p := p.(type) {
		case string:
			out = append(out, p...)
		case []byte:
			out = append(out, p...)
		case int:
			out = append(out, byte(p))
		}
	}
	return out
}

// picture is an image with something to see.
func picture() image.Image {
	img := image.NewRGBA(image.Rect(0, 0, 40, 24))
	for x := range 40 {
		for y := range 24 {
			img.Set(x, y, color.RGBA{uint8(x * 6), uint8(y * 10), 90, 255})
		}
	}
	return img
}

// exif is a TIFF block that says how to turn the picture, and where it was made.
func exif(turn int) []byte {
	return join("II", le16(42), le32(8), le16(3),
		le16(0x010f), le16(2), le32(len(canary)), le32(50), // make
		le16(0x0112), le16(3), le32(1), le16(turn), le16(0),
		le16(0x8825), le16(4), le32(1), le32(50), // GPS
		le32(0), canary, "padding")
}

func jpegFile(t testing.TB, turn int) []byte {
	t.Helper()
	var plain bytes.Buffer
	if err := jpeg.Encode(&plain, picture(), nil); err != nil {
		t.Fatal(err)
	}
	part := func(marker int, body []byte) []byte { return join(0xff, marker, be16(len(body)+2), body) }
	return join(plain.Bytes()[:2],
		part(0xe0, join("JFIF\x00", 1, 2, 0, 0, 72, 0, 72, 2, 2, canary[:12])), // a thumbnail of 2×2
		part(0xe1, join("Exif\x00\x00", exif(turn))),
		part(0xe1, join("http://ns.adobe.com/xap/1.0/\x00", canary)),
		part(0xe2, join("ICC_PROFILE\x00", 1, 1, "a profile of colours")),
		part(0xe2, join("MPF\x00", canary)),
		part(0xed, join("Photoshop 3.0\x00", canary)),
		part(0xfe, []byte(canary)), 0xff, 0xff, // fill bytes
		plain.Bytes()[2:], // behind it, as phones do, a film
		"\x00\x00\x00\x18ftypmp42", canary, plain.Bytes())
}

func pngPart(kind string, body []byte) []byte {
	out := join(be32(len(body)), kind, body)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

func pngFile(t testing.TB) []byte {
	t.Helper()
	var plain bytes.Buffer
	if err := png.Encode(&plain, picture()); err != nil {
		t.Fatal(err)
	}
	const header = 8 + 25
	return join(plain.Bytes()[:header],
		pngPart("iCCP", join(canary, 0, 0, "a profile of colours")),
		pngPart("pHYs", join(be32(2835), be32(2835), 1)),
		pngPart("tEXt", join("Author", 0, canary)), pngPart("zTXt", []byte(canary)), pngPart("iTXt", []byte(canary)),
		pngPart("tIME", join(be16(2026), 11, 25, 1, 2, 3)), pngPart("eXIf", exif(6)), pngPart("prVt", []byte(canary)),
		plain.Bytes()[header:], canary)
}

// riff is a RIFF file of chunks, each followed by a byte where it is odd.
func riff(form string, chunks ...[]byte) []byte {
	body := join(form)
	for _, c := range chunks {
		body = append(body, c...)
		if len(c)%2 == 1 {
			body = append(body, 0)
		}
	}
	return join("RIFF", le32(len(body)), body)
}

func riffPart(kind string, body ...any) []byte {
	b := join(body...)
	return join(kind, le32(len(b)), b)
}

// vp8 is the smallest picture of WebP: one pixel, lossy.
const vp8 = "\x30\x01\x00\x9d\x01\x2a\x01\x00\x01\x00\x0e\xc0\xfe\x25\xa4\x00\x03\x70\x00\x00\x00\x00"

func webpFile() []byte {
	return join(riff("WEBP",
		riffPart("VP8X", 0x0c|0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0),
		riffPart("ICCP", "a profile of colours"),
		riffPart("VP8 ", vp8),
		riffPart("EXIF", "Exif\x00\x00", exif(8)), riffPart("XMP ", canary), riffPart("PRIV", canary)), canary)
}

// tone is a second of sound at 8 kHz, 16 bits, or of what level 0 makes of it.
func tone(level float64) []byte {
	var out []byte
	for i := range 8000 {
		out = append(out, le16(int(int16(level*32767*math.Sin(float64(i)/4)))&0xffff)...)
	}
	return out
}

func wavFile(sound []byte) []byte {
	return join(riff("WAVE",
		riffPart("bext", canary), riffPart("JUNK", canary, 0),
		riffPart("fmt ", le16(1), le16(1), le32(8000), le32(16000), le16(2), le16(16)),
		riffPart("fact", le32(8000)),
		riffPart("data", sound),
		riffPart("LIST", "INFO", riffPart("IART", canary)), riffPart("iXML", canary), riffPart("id3 ", canary)), canary)
}

// oggFile makes pages of packets, each on pages of its own of at most 4 segments.
func oggFile(serial int, granule int, packets ...[]byte) []byte {
	var out []byte
	sequence, first := 0, 2
	page := func(flags int, segments, body []byte) {
		p := join("OggS", 0, flags, binary.LittleEndian.AppendUint64(nil, uint64(granule*max(sequence-2, 0))), le32(serial), le32(sequence), le32(0), len(segments), segments, body)
		copy(p[22:], le32(int(sumOfOgg(p))))
		out, sequence = append(out, p...), sequence+1
	}
	for _, packet := range packets {
		lacing := append(bytes.Repeat([]byte{255}, len(packet)/255), byte(len(packet)%255))
		for flags := 0; len(lacing) > 0; flags = 1 {
			n := min(len(lacing), 4)
			size := 0
			for _, l := range lacing[:n] {
				size += int(l)
			}
			page(flags|first, lacing[:n], packet[:size])
			packet, lacing, first = packet[size:], lacing[n:], 0
		}
	}
	return out
}

// sumOfOgg is the checksum of a page, bit by bit as RFC 3533 has it.
func sumOfOgg(page []byte) uint32 {
	var register uint32
	for i, b := range page {
		if i >= 22 && i < 26 {
			b = 0
		}
		for bit := 7; bit >= 0; bit-- {
			top := register>>31 != uint32(b>>bit&1)
			register <<= 1
			if top {
				register ^= 0x04c11db7
			}
		}
	}
	return register
}

// tags are comments of Ogg: a vendor and a list.
func tags(word string, tail ...any) []byte {
	long := strings.Repeat(canary+" ", 60) // over several pages
	return join(word, le32(len(canary)), canary, le32(2), le32(len("ARTIST=")+len(canary)), "ARTIST=", canary, le32(len(long)), long, join(tail...))
}

func opusFile(packet []byte) []byte {
	packets := [][]byte{join("OpusHead", 1, 1, le16(312), le32(48000), le16(0), 0), tags("OpusTags")}
	for range 50 {
		packets = append(packets, packet)
	}
	return oggFile(7, 960, packets...)
}

func vorbisFile() []byte {
	head := join("\x01vorbis", le32(0), 1, le32(44100), le32(0), le32(64000), le32(0), 0xb8, 1)
	packets := [][]byte{head, tags("\x03vorbis", 1), join("\x05vorbis", "BCV and books of codes")}
	for range 10 {
		packets = append(packets, speech)
	}
	return oggFile(9, 1024, packets...)
}

// speech and hush are packets as a codec makes them of sound and of none.
var (
	speech = bytes.Repeat([]byte{0xa7, 0x31}, 30)
	hush   = []byte{0xf8, 0xff, 0xfe}
)

// atom is a box of MP4.
func atom(kind string, body ...any) []byte {
	b := join(body...)
	return join(be32(len(b)+8), kind, b)
}

// handler, header and entry are boxes of one track.
func handler(kind string) []byte {
	return atom("hdlr", be32(0), be32(0), kind, "appl", be32(0), be32(0), canary, 0)
}

func header(kind string, more ...any) []byte {
	return atom(kind, be32(0), be32(0x7a3b5c1d), be32(0x7a3b5c1e), join(more...))
}

// trackOf is a track whose samples, one to a chunk, lie at places.
func trackOf(id int, kind string, entry []byte, places []int, sizes []int) []byte {
	var offsets, lengths []byte
	for i := range places {
		offsets, lengths = append(offsets, be32(places[i])...), append(lengths, be32(sizes[i])...)
	}
	media := map[string]string{"soun": "smhd", "vide": "vmhd"}[kind]
	if media == "" {
		media = "nmhd"
	}
	return atom("trak", header("tkhd", be32(id), be32(0), be32(1000)), atom("udta", atom("name", canary)), atom("meta", canary),
		atom("mdia", header("mdhd", be32(1000), be32(1000), be32(0)), handler(kind),
			atom("minf", atom(media, be32(0), be32(0)), atom("dinf", atom("dref", be32(0), be32(1), atom("url ", be32(1)))),
				atom("stbl", atom("stsd", be32(0), be32(1), entry),
					atom("stts", be32(0), be32(1), be32(len(places)), be32(20)),
					atom("stsc", be32(0), be32(1), be32(1), be32(1), be32(1)),
					atom("stsz", be32(0), be32(0), be32(len(sizes)), lengths),
					atom("stco", be32(0), be32(len(places)), offsets)))))
}

func soundEntry() []byte {
	return atom("mp4a", make([]byte, 6), be16(1), be16(0), be16(0), canary[:4], be16(1), be16(16), be32(0), be32(44100<<16&0x7fffffff), atom("esds", be32(0), "\x03\x19"), atom("SENC", canary))
}

func videoEntry() []byte {
	return atom("avc1", make([]byte, 6), be16(1), be32(0), canary[:4], be32(0), be32(0), be16(40), be16(24), be32(72<<16), be32(72<<16), be32(0), be16(1), 31, canary[:31], be16(24), be16(0xffff), atom("avcC", 1, 66, 0, 30), atom("note", canary))
}

// film is an MP4 of a brand. Its data stand before what is said of them, so that
// their places are known.
func film(brand string, kinds string, sample []byte) []byte {
	start := atom("ftyp", brand, be32(0), "isom", brand)
	free := join(atom("free", canary), atom("uuid", "0123456789abcdef", canary), atom("wide"))
	at := len(start) + len(free) + 8
	var data []byte
	place := func(content []byte) (places, sizes []int) {
		for range 20 {
			places, sizes = append(places, at+len(data)), append(sizes, len(content))
			data = append(data, content...)
		}
		return places, sizes
	}
	var tracks []byte
	for i, kind := range strings.Fields(kinds) {
		entry, content := soundEntry(), sample
		switch kind {
		case "vide":
			entry = videoEntry()
		case "meta", "tmcd":
			entry, content = atom("mebx", make([]byte, 6), be16(1), canary), []byte(canary)
		}
		places, sizes := place(content)
		tracks = append(tracks, trackOf(i+1, kind, entry, places, sizes)...)
	}
	moov := atom("moov", header("mvhd", be32(1000), be32(1000)), tracks, atom("udta", atom("\xa9xyz", canary), atom("meta", canary)), atom("meta", be32(0), canary), atom("prvt", canary))
	return join(start, free, atom("mdat", data), moov, atom("meta", be32(0), canary), atom("skip", canary))
}

// fragment is a film whose samples come in pieces, as browsers record it.
func fragment(sample []byte) []byte {
	var sizes []byte
	for range 20 {
		sizes = append(sizes, be32(len(sample))...)
	}
	return join(atom("ftyp", "iso5", be32(0)),
		atom("moov", header("mvhd", be32(1000), be32(0)), trackOf(1, "soun", soundEntry(), nil, nil), atom("mvex", atom("trex", be32(0), be32(1), be32(1), be32(0), be32(0), be32(0)))),
		atom("moof", atom("mfhd", be32(0), be32(1)), atom("traf", atom("tfhd", be32(0x20000), be32(1)), atom("trun", be32(0x201), be32(20), be32(0), sizes), atom("uuid", "0123456789abcdef", canary))),
		atom("prft", canary), atom("mdat", bytes.Repeat(sample, 20)))
}

// ebml is an element of Matroska; a negative size leaves it open.
func ebml(id int, body ...any) []byte {
	b := join(body...)
	raw := be32(id)
	return join(bytes.TrimLeft(raw, "\x00"), 0x10|len(b)>>24, len(b)>>16&0xff, len(b)>>8&0xff, len(b)&0xff, b)
}

func openElement(id int, body ...any) []byte {
	return join(be32(id), 1, "\xff\xff\xff\xff\xff\xff\xff", join(body...))
}

func webmFile(open bool, kind int, codec string, private, packet []byte) []byte {
	container := ebml
	if open {
		container = openElement
	}
	var blocks []byte
	for i := range 20 {
		blocks = append(blocks, ebml(0xa3, 0x81, be16(i*20), 0x80, packet)...)
	}
	return join(ebml(0x1a45dfa3, ebml(0x4286, 1), ebml(0x4282, "webm"), ebml(0xec, canary)),
		container(0x18538067,
			ebml(0x1549a966, ebml(0xbf, "crc4"), ebml(0x2ad7b1, be32(1000000)), ebml(0x4d80, canary), ebml(0x5741, canary), ebml(0x7ba9, canary), ebml(0x4461, be32(1), be32(2)), ebml(0x73a4, canary[:16])),
			ebml(0x1654ae6b, ebml(0xae, ebml(0xd7, 1), ebml(0x73c5, 5), ebml(0x83, kind), ebml(0x536e, canary), ebml(0x86, codec), ebml(0x63a2, private), ebml(0x258688, canary), ebml(0xe1, ebml(0x9f, 1)))),
			ebml(0x1254c367, strings.Repeat(canary, 9)), ebml(0x1941a469, canary), ebml(0x1043a770, canary),
			container(0x1f43b675, ebml(0xe7, 0), ebml(0xec, canary), blocks, ebml(0xa0, ebml(0xa1, 0x81, be16(400), 0, packet), ebml(0x75a1, canary))),
			container(0x1f43b675, ebml(0xe7, 1), ebml(0xaf, canary)), ebml(0x1c53bb6b, ebml(0xbb, ebml(0xb3, 0)))))
}

// vorbisPrivate are the heads of Vorbis as Matroska keeps them.
func vorbisPrivate() []byte {
	head, comment := join("\x01vorbis", make([]byte, 23)), tags("\x03vorbis", 1)
	lacing := join(bytes.Repeat([]byte{255}, len(comment)/255), len(comment)%255)
	return join(2, len(head), lacing, head, comment, "\x05vorbis and books of codes")
}

// mp3File is MPEG-1, mono, 64 kbit/s at 32 kHz: 288 bytes a frame. spent is how many bits of
// sound each granule says to have.
func mp3File(spent int) []byte {
	frame := make([]byte, 288)
	copy(frame, "\xff\xfb\x58\xc0")
	for granule := range 2 {
		for bit := range 12 {
			at := 18 + granule*59 + bit
			frame[4+at/8] |= byte(spent>>(11-bit)&1) << (7 - at%8)
		}
	}
	id3 := join("TIT2", be32(len(canary)), 0, 0, canary)
	return join("ID3\x04\x00\x00", 0, 0, 0, len(id3), id3, make([]byte, 3), bytes.Repeat(frame, 10),
		"APETAGEX", canary, "TAG", canary, make([]byte, 90))
}

func amrFile(frames ...string) []byte { return join("#!AMR\n", strings.Join(frames, "")) }

// Frames of AMR at 4.75 kbit/s: speech, the noise of a pause, nothing.
var (
	amrSpeech = "\x04" + strings.Repeat("s", 12)
	amrPause  = "\x44" + strings.Repeat("p", 5)
)
