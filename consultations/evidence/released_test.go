package evidence_test

import (
	"bytes"
	"errors"
	"image"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/vcm-forum/forum/consultations/evidence"
)

func released(t testing.TB, content []byte, kind evidence.Type) []byte {
	t.Helper()
	c, err := evidence.Released(bytes.NewReader(content), int64(len(content)), kind)
	if err != nil {
		t.Fatalf("release: %v", err)
	}
	got, err := io.ReadAll(io.NewSectionReader(c, 0, c.Size))
	if err != nil || int64(len(got)) != c.Size {
		t.Fatalf("read %d bytes of a copy of %d: %v", len(got), c.Size, err)
	}
	return got
}

// Every file is handed in, recognized, and given out without what it said beside.
func TestCopiesSayNothingBeside(t *testing.T) {
	f, _ := folder(t, ample)
	for name, e := range examples(t) {
		t.Run(name, func(t *testing.T) {
			item := upload(t, f, e.content)
			if string(item.Type) != e.kind {
				t.Fatalf("taken for %s, is %s", item.Type, e.kind)
			}
			file, err := f.Open(item.Digest)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = file.Close() }()
			c, err := evidence.Released(file, file.Size, file.Type)
			if err != nil {
				t.Fatalf("release: %v", err)
			}
			got, err := io.ReadAll(io.NewSectionReader(c, 0, c.Size))
			if err != nil {
				t.Fatal(err)
			}
			for n := len(canary); n >= 4; n-- { // any four letters of it
				if at := bytes.Index(got, []byte(canary[:n])); at >= 0 {
					t.Fatalf("the copy says %q at %d", canary[:n], at)
				}
			}
			if err := iotest.TestReader(io.NewSectionReader(c, 0, min(c.Size, 2000)), got[:min(len(got), 2000)]); err != nil {
				t.Error(err)
			}
			if again := released(t, got, item.Type); !bytes.Equal(again, got) {
				t.Errorf("a copy of the copy is another: %d and %d bytes", len(again), len(got))
			}
			if again := upload(t, f, got); again.Type != item.Type {
				t.Errorf("the copy is taken for %s", again.Type)
			}
			if err := f.Verify(item.Digest); err != nil {
				t.Errorf("the original: %v", err)
			}
		})
	}
}

// Most examples hold the canary, else the test above could not fail.
func TestOriginalsSing(t *testing.T) {
	for name, e := range examples(t) {
		mute := strings.HasPrefix(e.kind, "audio/amr") || e.kind == "text/plain"
		if bytes.Contains(e.content, []byte(canary[:12])) == mute {
			t.Errorf("%s: holds the canary: %t", name, !mute)
		}
	}
}

func TestCopiesOfPicturesShowTheSame(t *testing.T) {
	for name, content := range map[string][]byte{"jpeg": jpegFile(t, 6), "png": pngFile(t)} {
		want, _, err := image.Decode(bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		out := released(t, content, evidence.Type("image/"+name))
		got, kind, err := image.Decode(bytes.NewReader(out))
		if err != nil || kind != name {
			t.Fatalf("the copy of a %s is %q: %v", name, kind, err)
		}
		for x := range want.Bounds().Dx() {
			for y := range want.Bounds().Dy() {
				if got.At(x, y) != want.At(x, y) {
					t.Fatalf("%s: another colour at %d, %d", name, x, y)
				}
			}
		}
		for _, kept := range []string{"a profile of colours", "MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06"} {
			if !bytes.Contains(out, []byte(kept)) {
				t.Errorf("%s: the copy lacks %q", name, kept)
			}
		}
	}
}

// A WebP says what it holds: after stripping, how it is to be turned, and no XMP.
func TestAWebPSaysWhatItHolds(t *testing.T) {
	got := released(t, webpFile(), evidence.WebP)
	if flags := got[20]; flags != 0x28 || int(got[4])|int(got[5])<<8 != len(got)-8 {
		t.Errorf("flags %x in %d bytes", flags, len(got))
	}
	if !bytes.Contains(got, []byte("a profile of colours")) || !bytes.Contains(got, []byte(vp8)) {
		t.Error("the picture or its colours are gone")
	}
}

// In MP4, Matroska and Ogg nothing moves, since they point from one place to another,
// and samples are the same bytes where they were.
func TestCopiesKeepSoundWhereItWas(t *testing.T) {
	for name, e := range examples(t) {
		switch {
		case strings.Contains(e.kind, "mp4"), strings.Contains(e.kind, "webm"), strings.Contains(e.kind, "ogg"), strings.Contains(e.kind, "3gpp"):
			got := released(t, e.content, evidence.Type(e.kind))
			if len(got) != len(e.content) {
				t.Fatalf("%s: %d bytes, were %d", name, len(got), len(e.content))
			}
			for at := 0; ; at++ {
				next := bytes.Index(e.content[at:], speech)
				if next < 0 {
					break
				}
				if at += next; !bytes.HasPrefix(got[at:], speech) {
					t.Fatalf("%s: the sound at %d is another", name, at)
				}
			}
		}
	}
}

func TestChecksumsOfPagesAreRight(t *testing.T) {
	for _, content := range [][]byte{opusFile(speech), vorbisFile()} {
		got := released(t, content, evidence.Ogg)
		for pages := bytes.Split(got, []byte("OggS"))[1:]; len(pages) > 0; pages = pages[1:] {
			page := append([]byte("OggS"), pages[0]...)
			if want := le32(int(sumOfOgg(page))); !bytes.Equal(page[22:26], want) {
				t.Errorf("a page has the checksum %x, want %x", page[22:26], want)
			}
		}
	}
}

func TestWhatCannotBeStrippedIsNotReleased(t *testing.T) {
	whole := film("isom", "vide soun", speech)
	crossed := film("isom", "meta vide soun", speech) // the first sample of its path is a box of its picture
	copy(crossed[bytes.Index(crossed, []byte("stco"))+12:], be32(bytes.Index(crossed, []byte("vmhd"))))
	for name, c := range map[string]struct {
		kind    evidence.Type
		content []byte
	}{
		"a PDF":                            {evidence.PDF, []byte("%PDF-1.7\n%%EOF")},
		"an unknown type":                  {"image/gif", []byte("GIF89a")},
		"a film that was cut":              {evidence.MP4Video, whole[:len(whole)-60]},
		"a photo that was cut":             {evidence.JPEG, jpegFile(t, 1)[:900]},
		"a picture with an unknown chunk":  {evidence.PNG, bytes.Replace(pngFile(t), []byte("prVt"), []byte("PRVt"), 1)},
		"a voice message with a hole":      {evidence.Ogg, bytes.Replace(opusFile(speech), []byte("OggS"), []byte("oggs"), 2)[len("oggs"):]},
		"a film in another file":           {evidence.MP4Video, bytes.Replace(whole, join("url ", be32(1)), join("url ", be32(0)), 1)},
		"a film of an unknown codec":       {evidence.WebMVideo, webmFile(false, 1, "V_UNKNOWN", nil, speech)},
		"a film with subtitles":            {evidence.WebMVideo, join(webmFile(false, 1, "V_VP8", nil, speech), ebml(0x1654ae6b, ebml(0xae, ebml(0xd7, 2), ebml(0x83, 0x11))))},
		"a hidden track in fragments":      {evidence.MP4Audio, bytes.Replace(film("M4A ", "soun meta", speech), []byte("skip"), []byte("moof"), 1)},
		"a song with something behind it":  {evidence.MP3, bytes.Replace(mp3File(500), []byte("APETAGEX"), []byte("APETAGEY"), 1)},
		"a recording behind its end":       {evidence.AMR, amrFile(amrSpeech, "\xff", canary)},
		"a film of too many parts":         {evidence.MP4Video, join(whole, bytes.Repeat(atom("free", "x"), 1<<17))},
		"a film whose parts cross":         {evidence.MP4Video, crossed},
		"nothing":                          {evidence.JPEG, nil},
		"a recorder's file of two sounds":  {evidence.WAV, riff("WAVE", riffPart("fmt ", make([]byte, 16)), riffPart("data"), riffPart("data"))},
		"a frame of a picture that speaks": {evidence.WebP, riff("WEBP", riffPart("VP8X", make([]byte, 10)), riffPart("ANMF", make([]byte, 16), riffPart("XMP ", canary)))},
	} {
		if _, err := evidence.Released(bytes.NewReader(c.content), int64(len(c.content)), c.kind); !errors.Is(err, evidence.ErrNotReleasable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestADiskThatFailsIsNoReasonOfTheFile(t *testing.T) {
	broken := errors.New("the disk fails")
	_, err := evidence.Released(failing{broken}, 1000, evidence.JPEG)
	if !errors.Is(err, broken) || errors.Is(err, evidence.ErrNotReleasable) {
		t.Errorf("release: %v", err)
	}
}

type failing struct{ err error }

func (f failing) ReadAt([]byte, int64) (int, error) { return 0, f.err }

func TestSilence(t *testing.T) {
	for name, e := range examples(t) {
		got, err := evidence.Silent(bytes.NewReader(e.content), int64(len(e.content)), evidence.Type(e.kind))
		if strings.HasPrefix(e.kind, "image") || strings.HasPrefix(e.kind, "text") {
			if !errors.Is(err, evidence.ErrType) {
				t.Errorf("%s makes no sound, but it says %v", name, err)
			}
			continue
		}
		if err != nil || got != e.silent {
			t.Errorf("%s: silent %t (%v), want %t", name, got, err, e.silent)
		}
	}
}

// Every way in which a WAV keeps a sample, loud, faint, and of a constant current.
func TestSilenceOfEveryCoding(t *testing.T) {
	for name, c := range map[string]struct {
		coding, bits  int
		loud, nothing string
	}{
		"8 bits":   {1, 8, "\x80\xc0", "\x80\x80"},
		"16 bits":  {1, 16, "\x00\x00\x00\x30", "\x10\x00\x11\x00"},
		"24 bits":  {1, 24, "\x00\x00\x00\x00\x00\xd0", "\x00\x00\x20\x09\x00\x20"},
		"32 bits":  {1, 32, "\x00\x00\x00\x00\x00\x00\x00\x30", "\x00\x00\x00\x30\x00\x00\x01\x30"},
		"floats":   {3, 32, "\x00\x00\x00\x00\x00\x00\x00\x3f", "\x00\x00\x00\x3f\x00\x00\x00\x3f"},
		"doubles":  {3, 64, strings.Repeat("\x00", 14) + "\xe0\x3f", strings.Repeat("\x00", 16)},
		"A-law":    {6, 8, "\xd5\x2a", "\xd5\x55"},
		"mu-law":   {7, 8, "\xff\x00", "\xff\x7f"},
		"unknown":  {17, 4, "\x01", ""},
		"16 in 24": {1, 20, "\x00\x00\x00\x00\x00\xd0", "\x00\x00\x00\x00\x00\x00"},
	} {
		for sound, want := range map[string]bool{c.loud: false, c.nothing: true} {
			content := riff("WAVE", riffPart("fmt ", le16(c.coding), le16(1), le32(8000), le32(0), le16(0), le16(c.bits)), riffPart("data", strings.Repeat(sound, 4000)))
			if got, err := evidence.Silent(bytes.NewReader(content), int64(len(content)), evidence.WAV); err != nil || got != want {
				t.Errorf("%s, %x…: silent %t (%v), want %t", name, sound, got, err, want)
			}
		}
	}
}

func TestTypesFollowFromContent(t *testing.T) {
	f, dir := folder(t, ample)
	huge := append([]byte(nil), pngFile(t)...)
	copy(huge[16:], join(be32(50_000), be32(50_000)))
	wide := append([]byte(nil), pngFile(t)...)
	copy(wide[16:], join(be32(40_000), be32(1)))
	for name, content := range map[string][]byte{
		"a picture 40,000 wide":        wide,
		"a picture with a script":      []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`),
		"a page":                       []byte("\ufeff \n<!DOCTYPE html><p>hello"),
		"an archive":                   []byte("PK\x03\x04 and so on"),
		"a picture that moves":         []byte("GIF89a/*" + canary + "*/=1;"),
		"a program":                    []byte("\x7fELF\x02\x01\x01"),
		"a script":                     []byte("#!/bin/sh\necho hello"),
		"a page for a printer":         []byte("%!PS-Adobe-3.0"),
		"a letter of an office":        []byte(`{\rtf1 hello}`),
		"a text of another coding":     []byte("Não\xe3"),
		"a text with a bell":           []byte("a\x07"),
		"a picture of 50,000 × 50,000": huge,
		"half a PDF":                   []byte("%PDF-1.7\n1 0 obj"),
		"a photo of no size":           bytes.Replace(jpegFile(t, 1), join(0xff, 0xc0, be16(17), 8, be16(24)), join(0xff, 0xc0, be16(17), 8, be16(0)), 1),
		"sound of an unknown codec":    oggFile(3, 1, []byte("Speex   1.2"), tags("")),
		"a film without tracks":        join(atom("ftyp", "isom", be32(0)), atom("moov")),
		"a picture in a film's box":    atom("ftyp", "heic", be32(0), "mif1heic"),
		"a part of a sound":            []byte("\xff\xfb\x58\xc0"),
		"zeros":                        make([]byte, 3000),
	} {
		id := begin(t, f, int64(len(content)))
		if _, err := f.Append(id, 0, bytes.NewReader(content)); err != nil {
			t.Fatal(err)
		}
		if item, err := f.Finish(id); !errors.Is(err, evidence.ErrType) {
			t.Errorf("%s: taken as %q (%v)", name, item.Type, err)
		}
	}
	if left := names(t, dir); len(left) != 0 {
		t.Errorf("left are %v", left)
	}
	if item := upload(t, f, []byte("%PDF-1.7\n1 0 obj\n%%EOF\n")); item.Type != evidence.PDF || item.Type.Kind() != evidence.Document {
		t.Errorf("a PDF is %q", item.Type)
	}
	long := bytes.Repeat([]byte("ᏣᎳᎩ"), 30_000) // letters over the edges of windows
	if item := upload(t, f, long); item.Type != evidence.PlainText {
		t.Errorf("a long text is %q", item.Type)
	}
}
