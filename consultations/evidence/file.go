package evidence

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/vcm-forum/forum/consultations/vault"
)

// File is a file of evidence that is read from anywhere, decrypted as it is read.
// What was changed on disk fails when it is reached.
type File struct {
	Item

	io.ReaderAt

	file *os.File
}

// Close ends the reading.
func (f *File) Close() error { return f.file.Close() } //nolint:wrapcheck // nothing to add

// Open opens a file. [ErrNoFile] when there is none, [ErrAltered] when what stands
// in its place is another or damaged.
func (f *Folder) Open(d Digest) (*File, error) {
	if !isHex(string(d), 2*sha256.Size) {
		return nil, ErrNoFile
	}
	file, err := os.Open(f.fileOf(d))
	if errors.Is(err, os.ErrNotExist) {
		return nil, ErrNoFile
	}
	if err != nil {
		return nil, fmt.Errorf("open evidence: %w", err)
	}
	opened, err := f.decrypted(file, d)
	if err != nil {
		quit(file)
		return nil, err
	}
	return opened, nil
}

// tailSize is what stands behind the content of each file: its digest, and its type
// filled up with zeros.
const tailSize = 2 * sha256.Size

func (i Item) tail() []byte {
	tail, _ := hex.DecodeString(string(i.Digest)) // made by EncodeToString
	return append(append(tail, i.Type...), make([]byte, sha256.Size-len(i.Type))...)
}

// decrypted holds the digest at the end of the file against the one it was asked
// for: all files of a community are encrypted for the same key, and without it
// one could be put in the place of another.
func (f *Folder) decrypted(file *os.File, d Digest) (*File, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("open evidence: %w", err)
	}
	plain, size, err := f.key.DecryptAt(file, info.Size())
	if errors.Is(err, vault.ErrSealed) || err == nil && size < tailSize {
		return nil, ErrAltered
	}
	if err != nil {
		return nil, err
	}
	size -= tailSize
	tail := make([]byte, tailSize)
	if n, err := plain.ReadAt(tail, size); n != tailSize || hex.EncodeToString(tail[:sha256.Size]) != string(d) {
		return nil, errors.Join(ErrAltered, err)
	}
	what := Type(bytes.TrimRight(tail[sha256.Size:], "\x00"))
	return &File{Item{d, size, what}, io.NewSectionReader(plain, 0, size), file}, nil
}

// Verify reads a whole file and holds it against its digest.
func (f *Folder) Verify(d Digest) error {
	file, err := f.Open(d)
	if err != nil {
		return err
	}
	defer quit(file)
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(file, 0, file.Size)); err != nil {
		return errors.Join(ErrAltered, err)
	}
	if hex.EncodeToString(sum.Sum(nil)) != string(d) {
		return ErrAltered
	}
	return nil
}

// shredded is how much of a file is overwritten: its head, where age keeps the one
// key that the rest is encrypted with.
const shredded = 4 << 10

// Remove destroys a file: first the key in its head, then the file. Copies that a
// backup or a disk that never overwrites in place has kept are not reached; they
// go with the community's key.
func (f *Folder) Remove(d Digest) error {
	if !isHex(string(d), 2*sha256.Size) {
		return ErrNoFile
	}
	file, err := os.OpenFile(f.fileOf(d), os.O_WRONLY, 0)
	if errors.Is(err, os.ErrNotExist) {
		return ErrNoFile
	}
	if err != nil {
		return writing(err)
	}
	info, err := file.Stat()
	if err == nil {
		_, err = file.WriteAt(make([]byte, min(shredded, info.Size())), 0)
	}
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return writing(err)
	}
	return errors.Join(gone(file.Name()), syncFolder(f.dir))
}
