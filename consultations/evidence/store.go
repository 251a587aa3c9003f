// Package evidence keeps what people hand in as evidence: recordings, pictures,
// papers. A file is named by its content, encrypted with its community's key
// under a name that tells nothing, and on disk before anybody is told so.
//
// Uploads may be interrupted at any moment, by the line or by kill -9, and go on
// where they stopped (upload.go). What a file is follows from its bytes, never
// from its name (types.go). The original is never changed; who may see a copy
// gets one without place, author and device (released.go).
//
// In the folder of a community stand
//
//	<32 hex>.part  an upload, in sealed pieces
//	<32 hex>.new   an upload that is being finished
//	<32 hex>.done  what a finished upload became; it outlives a second asking
//	<64 hex>.age   a file: an age stream of the content, its SHA-256 and its type
//
// so that the database knows nothing of uploads, and one folder is all that a
// backup has to hold.
package evidence

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/vcm-forum/forum/consultations/vault"
)

// Errors of the store.
var (
	ErrCommunity  = errors.New("this is no name for a community's folder")
	ErrEmpty      = errors.New("an empty file is no evidence")
	ErrTooLarge   = errors.New("this is more than was announced or may be")
	ErrFull       = errors.New("the community has no room left for evidence")
	ErrShare      = errors.New("what those outside the community may hand in is used up")
	ErrNoSpace    = errors.New("the disk has no room left")
	ErrNoUpload   = errors.New("no such upload")
	ErrOffset     = errors.New("the upload stands at another place")
	ErrIncomplete = errors.New("the upload is not complete")
	ErrType       = errors.New("files of this type are not taken")
	ErrNoFile     = errors.New("no such file")
	ErrAltered    = errors.New("the file is not what was handed in")
)

// Limits of a store, in bytes.
type Limits struct {
	File      int64 // of one file
	Community int64 // of all files of a community, unfinished uploads included
	Free      int64 // that stay free on the disk
}

// Digest is the SHA-256 of a file's content, 64 hexadecimal digits.
type Digest string

// Item is a file that was handed in.
type Item struct {
	Digest Digest
	Size   int64
	Type   Type
}

// Store is a folder with a folder for each community.
type Store struct {
	dir       string
	limits    Limits
	beginning sync.Mutex
	promised  sync.Map // what each upload is to become: its brief
	finishing chan struct{}
	looks     bool // and changes nothing
}

// finishers is how many uploads are finished at once: each holds some pieces of the
// age format in memory and takes all the disk gives.
const finishers = 4

// New opens a store, and makes its folder where there is none.
func New(dir string, limits Limits) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make a folder for evidence: %w", err)
	}
	return &Store{dir: dir, limits: limits, finishing: make(chan struct{}, finishers)}, nil
}

// Read opens a store to look at what is there: it makes no folder.
func Read(dir string) *Store { return &Store{dir: dir, looks: true} }

// Folder holds the evidence of one community.
type Folder struct {
	dir    string
	key    *vault.Key
	store  *Store
	sender Sender
}

// Of is the folder of a community. Its name stands on the disk in clear: at most
// 64 lower-case letters, digits and hyphens that say nothing to others.
func (s *Store) Of(community string, key *vault.Key) (*Folder, error) {
	if community == "" || len(community) > 64 || strings.Trim(community, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return nil, ErrCommunity
	}
	dir := filepath.Join(s.dir, community)
	if s.looks {
		return &Folder{dir: dir, key: key, store: s}, nil
	}
	switch err := os.Mkdir(dir, 0o700); {
	case err == nil:
		if err := syncFolder(s.dir); err != nil {
			return nil, err
		}
	case !errors.Is(err, fs.ErrExist):
		return nil, fmt.Errorf("make a folder for evidence: %w", err)
	}
	return &Folder{dir: dir, key: key, store: s}, nil
}

// path is where a file of an upload stands.
func (f *Folder) path(id, suffix string) string { return filepath.Join(f.dir, id+suffix) }

// fileOf is where the content of a digest stands.
func (f *Folder) fileOf(d Digest) string { return f.path(f.key.Name(string(d)), sealedSuffix) }

// Endings of names, see above.
const (
	partSuffix   = ".part"
	newSuffix    = ".new"
	doneSuffix   = ".done"
	draftSuffix  = ".draft"
	sealedSuffix = ".age"
)

// isHex tells whether s is n lower-case hexadecimal digits: a name and nothing else.
func isHex(s string, n int) bool {
	raw, err := hex.DecodeString(s)
	return err == nil && len(s) == n && hex.EncodeToString(raw) == s
}

// syncFolder brings the names in a folder to the disk.
func syncFolder(dir string) error {
	folder, err := os.Open(dir) //nolint:gosec // the store's own folder
	if err != nil {
		return fmt.Errorf("keep evidence: %w", err)
	}
	if err := errors.Join(folder.Sync(), folder.Close()); err != nil {
		return fmt.Errorf("keep evidence: %w", err)
	}
	return nil
}

// writing names what went wrong when something was written.
func writing(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return ErrNoSpace
	}
	return fmt.Errorf("keep evidence: %w", err)
}

// quit closes what was read, or is on disk already: there is nothing to lose.
func quit(f io.Closer) { _ = f.Close() }
