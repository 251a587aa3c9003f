package evidence

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"

	"github.com/vcm-forum/forum/consultations/vault"
)

// part is the file of an upload: pieces one after the other, each 4 bytes with
// its sealed length, 4 with its plain length (big-endian) and the sealed bytes,
// which are bound to the upload and their place in it. The first piece says what
// the upload is to become. A piece that a crash tore is cut off; whoever uploads
// learns the place before it.
type part struct {
	file  *os.File
	key   *vault.Key
	id    string
	brief brief

	at, have int64 // where this program saw the file end, and with how much of the content
}

// brief is what was said when the upload began.
type brief struct {
	Size int64 `json:"size"`
	Kind Kind  `json:"kind,omitempty"`
	Open bool  `json:"open,omitempty"` // the size is what it can be at most; see [Folder.Take]

	From  string `json:"from,omitempty"`  // see [Sender]
	Guest bool   `json:"guest,omitempty"` // likewise
}

// piece is a stretch of an upload.
type piece struct {
	at, next int64 // in the file
	offset   int64 // in what is uploaded
	plain    int
}

const (
	pieceHeader = 8
	// pieceSize and the four bytes of its length fill a class of the vault. A line that
	// uploads holds one in memory, and loses at most one when the program is killed.
	pieceSize = 32<<10 - 4
	// mostSealed is more than any piece takes.
	mostSealed = 34 << 10
	// firstOffset is the place of the brief, before all places.
	firstOffset = -1
)

// openPart opens an upload that was begun here; [ErrNoUpload] when there is none.
func (f *Folder) openPart(id string) (*part, error) {
	if !isHex(id, 32) {
		return nil, ErrNoUpload
	}
	file, err := os.OpenFile(f.path(id, partSuffix), os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil, ErrNoUpload
	}
	if err != nil {
		return nil, fmt.Errorf("open an upload: %w", err)
	}
	p := &part{file: file, key: f.key, id: id}
	if err := p.readBrief(); err != nil {
		quit(file)
		return nil, err
	}
	return p, nil
}

// readBrief says [ErrNoUpload] of one whose beginning never reached the disk: its
// name was told to nobody.
func (p *part) readBrief() error {
	first, err := p.pieceAt(0, firstOffset)
	if err != nil {
		return ErrNoUpload
	}
	raw, err := p.open(first)
	if err != nil || json.Unmarshal(raw, &p.brief) != nil {
		return ErrNoUpload
	}
	return nil
}

// seal is a piece as it stands in the file.
func (p *part) seal(plain []byte, offset int64) []byte {
	sealed := p.key.Seal(plain, "upload", p.id, strconv.FormatInt(offset, 10))
	out := make([]byte, pieceHeader, pieceHeader+len(sealed))
	binary.BigEndian.PutUint32(out, uint32(len(sealed)))    //nolint:gosec // at most mostSealed
	binary.BigEndian.PutUint32(out[4:], uint32(len(plain))) //nolint:gosec // at most pieceSize
	return append(out, sealed...)
}

// pieceAt reads where a piece ends; io.EOF where none begins or it was torn.
func (p *part) pieceAt(at, offset int64) (piece, error) {
	var header [pieceHeader]byte
	if _, err := p.file.ReadAt(header[:], at); err != nil {
		return piece{}, err //nolint:wrapcheck // io.EOF is looked for
	}
	sealed, plain := binary.BigEndian.Uint32(header[:]), binary.BigEndian.Uint32(header[4:])
	if sealed < plain || sealed > mostSealed || plain == 0 {
		return piece{}, io.EOF
	}
	return piece{at: at, next: at + pieceHeader + int64(sealed), offset: offset, plain: int(plain)}, nil
}

// open decrypts a piece.
func (p *part) open(c piece) ([]byte, error) {
	sealed := make([]byte, c.next-c.at-pieceHeader)
	if _, err := p.file.ReadAt(sealed, c.at+pieceHeader); err != nil {
		return nil, err //nolint:wrapcheck // io.EOF is looked for
	}
	plain, err := p.key.Open(sealed, "upload", p.id, strconv.FormatInt(c.offset, 10))
	if err == nil && len(plain) != c.plain {
		return nil, vault.ErrSealed
	}
	return plain, err
}

// pieces lists the stretches of the content, as far as their lengths can be told.
func (p *part) pieces() ([]piece, error) {
	last, err := p.pieceAt(0, firstOffset)
	if err != nil {
		return nil, fmt.Errorf("read an upload: %w", err)
	}
	last.plain = 1 // the content begins at place 0
	var all []piece
	for {
		next, err := p.pieceAt(last.next, last.offset+int64(last.plain))
		switch {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, fmt.Errorf("read an upload: %w", err)
		}
		all, last = append(all, next), next
	}
}

// end tells where the file ends and how much of the content it has, not counting
// torn pieces at its end. Pieces before the last were not torn unless the power
// failed before they were acknowledged; finishing finds these.
func (p *part) end() (at, have int64, err error) {
	info, err := p.file.Stat()
	if err != nil {
		return 0, 0, fmt.Errorf("read an upload: %w", err)
	}
	if p.at != 0 && info.Size() == p.at { // nobody else wrote since
		return p.at, p.have, nil
	}
	all, err := p.pieces()
	if err != nil {
		return 0, 0, err
	}
	for _, last := range slices.Backward(all) {
		_, err := p.open(last)
		switch {
		case err == nil:
			return last.next, last.offset + int64(last.plain), nil
		case !torn(err):
			return 0, 0, fmt.Errorf("read an upload: %w", err)
		}
	}
	first, err := p.pieceAt(0, firstOffset)
	return first.next, 0, err
}

// torn tells whether a piece is not whole, as opposed to a disk that cannot be read.
func torn(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, vault.ErrSealed) }

// pieceReader reads the content of an upload from anywhere.
type pieceReader struct {
	part   *part
	pieces []piece
}

func (r pieceReader) ReadAt(p []byte, at int64) (int, error) {
	i, found := slices.BinarySearchFunc(r.pieces, at, func(c piece, at int64) int { return cmp.Compare(c.offset, at) })
	if !found {
		i-- // the one that begins before it
	}
	done := 0
	for ; i >= 0 && i < len(r.pieces) && done < len(p); i++ {
		plain, err := r.part.open(r.pieces[i])
		if err != nil {
			return done, err
		}
		skip := min(at+int64(done)-r.pieces[i].offset, int64(len(plain)))
		done += copy(p[done:], plain[skip:])
	}
	if done < len(p) {
		return done, io.EOF
	}
	return done, nil
}
