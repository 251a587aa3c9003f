package evidence

import (
	"bytes"
	"errors"
	"io"
	"strings"
)

// Type says what a file is, as its media type without parameters. It follows from
// the bytes alone: the same file is always of the same type.
type Type string

// The types that are taken: what phones, recorders and offices make. Everything
// else, archives and pages with scripts first of all, is [ErrType].
const (
	PlainText Type = "text/plain"
	PDF       Type = "application/pdf"
	JPEG      Type = "image/jpeg"
	PNG       Type = "image/png"
	WebP      Type = "image/webp"
	Ogg       Type = "audio/ogg"
	WebMAudio Type = "audio/webm"
	WebMVideo Type = "video/webm"
	MP4Audio  Type = "audio/mp4"
	MP4Video  Type = "video/mp4"
	GPPAudio  Type = "audio/3gpp"
	GPPVideo  Type = "video/3gpp"
	QuickTime Type = "video/quicktime"
	MP3       Type = "audio/mpeg"
	WAV       Type = "audio/wav"
	AMR       Type = "audio/amr"
	AMRWide   Type = "audio/amr-wb"
)

// Kind is what a file is to people.
type Kind string

// Kinds of files.
const (
	Text     Kind = "text"
	Document Kind = "document"
	Image    Kind = "image"
	Audio    Kind = "audio"
	Video    Kind = "video"
)

// Kind of a type.
func (t Type) Kind() Kind {
	if t == PDF {
		return Document
	}
	kind, _, _ := strings.Cut(string(t), "/")
	return Kind(kind)
}

// format is how files of a type begin, and what looks closer at one that does.
type format struct {
	magic string // "?" stands for any byte
	look  func(*source) (Type, error)
}

func formats() []format {
	return []format{
		{"\xff\xd8\xff", jpegType},
		{"\x89PNG\r\n\x1a\n", pngType},
		{"RIFF????WEBP", webpType},
		{"RIFF????WAVE", wavType},
		{"OggS", oggType},
		{"\x1aE\xdf\xa3", webmType},
		{"????ftyp", mp4Type},
		{amrMagic, amrType},
		{amrWideMagic, amrType},
		{"%PDF-", pdfType},
		{"ID3", mp3Type},
		{"\xff", mp3Type},
	}
}

// typeOf looks at the content of a file; [ErrType] when it is none of the types.
func typeOf(r io.ReaderAt, size int64) (Type, error) {
	s := newSource(r, size)
	look := textType
	for _, f := range formats() {
		if f.begins(s) {
			look = f.look
			break
		}
	}
	t, err := look(s)
	if errors.Is(err, ErrFormat) {
		return "", errors.Join(ErrType, err)
	}
	return t, err
}

func (f format) begins(s *source) bool {
	head, err := s.bytes(0, len(f.magic))
	if err != nil {
		return false
	}
	for i, b := range head {
		if f.magic[i] != '?' && f.magic[i] != b {
			return false
		}
	}
	return true
}

// A picture is taken up to these dimensions: more than any camera of a phone makes,
// less than what is made to fill the memory of whoever opens it.
const (
	maxSide   = 1<<15 - 1
	maxPixels = 1 << 28
)

// checkPicture refuses pictures without area or with too much of it.
func checkPicture(width, height int64) error {
	if width < 1 || height < 1 || width > maxSide || height > maxSide || width*height > maxPixels {
		return malformed("a picture of these dimensions is not taken")
	}
	return nil
}

// pdfType asks for the mark at the end too, which an interrupted copy lacks.
func pdfType(s *source) (Type, error) {
	n := min(s.size, 2<<10)
	tail, err := s.bytes(s.size-n, int(n))
	if err != nil {
		return "", err
	}
	if !bytes.Contains(tail, []byte("%%EOF")) {
		return "", malformed("a PDF without its end")
	}
	return PDF, nil
}
