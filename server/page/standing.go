package page

import (
	"bytes"
	"compress/flate"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"net/http"
	"strings"
	"sync"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
)

// Standing is a page that was rendered for one reader and may be sent to them
// again for as long as what it shows stands still. Where each form has its own,
// a token and a key, the page is cut, and they are put in each time it is sent.
// The parts are kept compressed too: to compress a long page takes longer than
// everything else about sending it.
type Standing struct {
	parts    [][]byte
	deflated [][]byte // the parts, each a run of whole blocks that points to no other
	marks    []byte   // between the parts: csrfMark or keyMark
	size     int      // bytes
}

// Size is how much memory the page takes, in bytes.
func (s Standing) Size() int { return s.size }

// Marks stand for what is put in when a page is sent. Nobody can write them into
// what a page shows: markStart is drawn when the program starts, and told to nobody.
const (
	csrfMark = 'c'
	keyMark  = 'k'
)

var markStart = rand.Text()

func mark(kind byte) string { return markStart + string(kind) }

// Stand renders a page that may be kept for its reader.
func (t Template[T]) Stand(r *Request, data T) (Standing, error) {
	r.standing = true
	defer func() { r.standing = false }()
	var out bytes.Buffer
	if err := t.t.Execute(&out, data); err != nil {
		return Standing{}, fmt.Errorf("render page: %w", err)
	}
	return cut(out.Bytes())
}

// cut takes a rendered page apart at its marks.
func cut(body []byte) (Standing, error) {
	parts := bytes.Split(body, []byte(markStart))
	s := Standing{parts: parts[:1], size: len(body)}
	for _, part := range parts[1:] {
		s.marks = append(s.marks, part[0])
		s.parts = append(s.parts, part[1:])
	}
	for _, part := range s.parts {
		small, err := deflate(part)
		if err != nil {
			return Standing{}, err
		}
		s.deflated = append(s.deflated, small)
		s.size += len(small)
	}
	return s, nil
}

// deflaters are costly to make and are used again.
var deflaters = sync.Pool{New: func() any {
	w, _ := flate.NewWriter(nil, flate.BestSpeed) // this level is known
	return w
}}

// deflate compresses a part into blocks that end on a byte (RFC 1951), so that
// parts can be put one after another.
func deflate(part []byte) ([]byte, error) {
	var out bytes.Buffer
	w, _ := deflaters.Get().(*flate.Writer)
	defer deflaters.Put(w)
	w.Reset(&out)
	if _, err := w.Write(part); err != nil {
		return nil, fmt.Errorf("compress page: %w", err)
	}
	if err := w.Flush(); err != nil {
		return nil, fmt.Errorf("compress page: %w", err)
	}
	return out.Bytes(), nil
}

// Send sends a standing page with status 200, with tokens and keys of its own.
// It compresses by itself: no middleware must do so again.
func (s Standing) Send(r *Request) error {
	token := r.CSRF() // before the header goes: it may set a cookie
	fills := make([]string, len(s.marks))
	for i, kind := range s.marks {
		fills[i] = token
		if kind == keyMark {
			fills[i] = uuid.NewString()
		}
	}
	h := r.Response().Header()
	h.Set(echo.HeaderContentType, echo.MIMETextHTMLCharsetUTF8)
	h.Add(echo.HeaderVary, echo.HeaderAcceptEncoding)
	pieces := s.plain(fills)
	if strings.Contains(r.Request().Header.Get(echo.HeaderAcceptEncoding), "gzip") {
		h.Set(echo.HeaderContentEncoding, "gzip")
		pieces = s.gzip(fills)
	}
	r.Response().WriteHeader(http.StatusOK)
	for _, piece := range pieces {
		if _, err := r.Response().Write(piece); err != nil {
			return fmt.Errorf("send page: %w", err)
		}
	}
	return nil
}

// plain is the page, piece by piece.
func (s Standing) plain(fills []string) [][]byte {
	pieces := make([][]byte, 0, 2*len(s.parts))
	for i, part := range s.parts {
		pieces = append(pieces, part)
		if i < len(fills) {
			pieces = append(pieces, []byte(fills[i]))
		}
	}
	return pieces
}

// gzip is the page as one member of a gzip file (RFC 1952): the kept blocks, and
// between them what is put in, as stored blocks.
func (s Standing) gzip(fills []string) [][]byte {
	pieces := make([][]byte, 0, 2*len(s.parts)+2)
	pieces = append(pieces, []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255})
	sum, size := uint32(0), 0
	for i, part := range s.parts {
		pieces = append(pieces, s.deflated[i])
		sum, size = crc32.Update(sum, crc32.IEEETable, part), size+len(part)
		if i < len(fills) {
			pieces = append(pieces, stored(fills[i]))
			sum, size = crc32.Update(sum, crc32.IEEETable, []byte(fills[i])), size+len(fills[i])
		}
	}
	end := []byte{1, 0, 0, 0xff, 0xff} // an empty last block
	end = binary.LittleEndian.AppendUint32(end, sum)
	return append(pieces, binary.LittleEndian.AppendUint32(end, uint32(size)))
}

// stored is a deflate block that is not compressed (RFC 1951, 3.2.4).
func stored(text string) []byte {
	n := uint16(len(text)) //nolint:gosec // tokens and keys are short
	block := binary.LittleEndian.AppendUint16([]byte{0}, n)
	return append(binary.LittleEndian.AppendUint16(block, ^n), text...)
}
