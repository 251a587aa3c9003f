package evidence

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Begin makes room for a file of size bytes of a kind ("" for any) and returns
// the name of its upload, 32 hexadecimal digits that cannot be guessed.
func (f *Folder) Begin(size int64, kind Kind) (string, error) {
	switch {
	case size < 1:
		return "", ErrEmpty
	case size > f.store.limits.File:
		return "", ErrTooLarge
	}
	return f.admit(brief{Size: size, Kind: kind})
}

// Sender is who hands in. What somebody announces is kept free for them, so that it
// must not be possible to have all the room by announcing alone.
type Sender struct {
	Name  string // a mark of the account
	Guest bool   // not of the community: all guests together have a part of its room
	Given int64  // what guests have handed in so far, in bytes
}

// Bounds of what can be announced. The fourth upload of an account takes the place of
// the one that it has left alone the longest: a phone that was lost locks nobody out.
const (
	mostOpen   = 3
	guestShare = 4 // of the room, one part in so many
)

// From is the folder as a sender uses it.
func (f *Folder) From(s Sender) *Folder {
	of := *f
	of.sender = s
	return &of
}

// admit begins an upload if there is room for it.
func (f *Folder) admit(b brief) (string, error) {
	b.From, b.Guest = f.sender.Name, f.sender.Guest
	id, file, err := f.reserve(b)
	if err != nil {
		return "", err
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return "", writing(errors.Join(err, os.Remove(file.Name())))
	}
	return id, syncFolder(f.dir)
}

// reserve writes the beginning of an upload if there is room. One after the other
// asks and takes, so that no two take the same room.
func (f *Folder) reserve(b brief) (string, *os.File, error) {
	f.store.beginning.Lock() // those of this program do not wait in the kernel
	defer f.store.beginning.Unlock()
	gate, err := os.OpenFile(filepath.Join(f.dir, ".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", nil, writing(err)
	}
	defer quit(gate)
	if err := lock(gate); err != nil {
		return "", nil, writing(err)
	}
	defer unlock(gate)
	if err := f.room(b.Size); err != nil {
		return "", nil, err
	}
	return f.write(b)
}

func (f *Folder) write(b brief) (string, *os.File, error) {
	random := make([]byte, 16)
	_, _ = rand.Read(random) // never fails
	p := &part{key: f.key, id: hex.EncodeToString(random)}
	raw, err := json.Marshal(b)
	if err != nil {
		return "", nil, writing(err)
	}
	file, err := os.OpenFile(f.path(p.id, partSuffix), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", nil, writing(err)
	}
	if _, err := file.Write(p.seal(raw, firstOffset)); err != nil {
		return "", nil, writing(errors.Join(err, file.Close(), os.Remove(file.Name())))
	}
	f.store.promised.Store(p.id, b)
	return p.id, file, nil
}

// room tells whether a file of size bytes more fits. Finishing an upload takes
// its room a second time for a moment.
func (f *Folder) room(size int64) error {
	if err := f.makeWay(); err != nil {
		return err
	}
	taken, err := f.count()
	if err != nil {
		return err
	}
	if taken.used+size > f.store.limits.Community {
		return ErrFull
	}
	if f.sender.Guest && f.sender.Given+taken.guests+size > f.store.limits.Community/guestShare {
		return ErrShare
	}
	left, err := free(f.dir)
	if err != nil {
		return err
	}
	if left-2*size-taken.owed < f.store.limits.Free {
		return ErrNoSpace
	}
	return nil
}

// taken says what the room of a community is taken by, in bytes.
type taken struct {
	used   int64 // in all, unfinished uploads with what they are to become
	guests int64 // of these, unfinished uploads of guests
	owed   int64 // what unfinished uploads still need of the disk
}

func (f *Folder) count() (t taken, err error) {
	err = f.each(func(name string, info os.FileInfo) error {
		id, isPart := cutSuffix(name, partSuffix)
		if !isPart {
			t.used += info.Size()
			return nil
		}
		b := f.promised(id)
		promised := max(b.Size, info.Size())
		t.used += promised
		t.owed += 2*promised - info.Size()
		if b.Guest {
			t.guests += promised
		}
		return nil
	})
	return t, err
}

// each looks at all files of a community.
func (f *Folder) each(look func(name string, info os.FileInfo) error) error {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return fmt.Errorf("count evidence: %w", err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("count evidence: %w", err)
		}
		if err := look(e.Name(), info); err != nil {
			return err
		}
	}
	return nil
}

// makeWay ends the sender's oldest uploads until there is place for one more.
func (f *Folder) makeWay() error {
	type open struct {
		id string
		at time.Time
	}
	var own []open
	err := f.each(func(name string, info os.FileInfo) error {
		if id, isPart := cutSuffix(name, partSuffix); isPart && f.sender.Name != "" && f.promised(id).From == f.sender.Name {
			own = append(own, open{id, info.ModTime()})
		}
		return nil
	})
	slices.SortFunc(own, func(a, b open) int { return a.at.Compare(b.at) })
	for ; err == nil && len(own) >= mostOpen; own = own[1:] {
		f.store.promised.Delete(own[0].id)
		err = gone(f.path(own[0].id, partSuffix))
	}
	return err
}

// promised is what an upload was begun with, nothing when it has gone.
func (f *Folder) promised(id string) brief {
	if b, ok := f.store.promised.Load(id); ok {
		return b.(brief) //nolint:forcetypeassert // nothing else is stored
	}
	p, err := f.openPart(id)
	if err != nil {
		return brief{}
	}
	defer quit(p.file)
	f.store.promised.Store(id, p.brief)
	return p.brief
}

// Have tells how many bytes of an upload are kept: where to go on.
func (f *Folder) Have(id string) (int64, error) {
	p, err := f.openPart(id)
	if err != nil {
		if item, done := f.done(id); done == nil {
			return item.Size, nil
		}
		return 0, err
	}
	defer quit(p.file)
	if err := lock(p.file); err != nil {
		return 0, fmt.Errorf("read an upload: %w", err)
	}
	defer unlock(p.file)
	_, have, err := p.end()
	return have, err
}

// Append adds what r gives to an upload that stands at offset, and returns where it
// stands then, on disk. When the line breaks, what came until then stays, and the
// error is that of r. At another offset it is [ErrOffset], with the right one.
func (f *Folder) Append(id string, offset int64, r io.Reader) (int64, error) {
	p, err := f.openPart(id)
	if err != nil {
		return 0, err
	}
	defer quit(p.file)
	begun, have := offset, offset
	buf := make([]byte, pieceSize)
	for more := true; more; {
		n, broken := fill(buf, r)
		more = broken == nil
		if now, err := p.add(buf[:n], have); err != nil {
			return now, errors.Join(err, p.sync(begun))
		}
		have += int64(n)
		if !more && !errors.Is(broken, io.EOF) {
			return have, errors.Join(fmt.Errorf("receive evidence: %w", broken), p.sync(begun))
		}
	}
	return have, p.sync(begun)
}

// fill reads until buf is full or r ends. Unlike with [io.ReadFull], the end is io.EOF
// and nothing else: [io.ErrUnexpectedEOF] is how a line says that it broke.
func fill(buf []byte, r io.Reader) (n int, err error) {
	for n < len(buf) && err == nil {
		var more int
		more, err = r.Read(buf[n:])
		n += more
	}
	return n, err //nolint:wrapcheck // io.EOF is looked for
}

// add writes one piece where the upload stands. It is locked for the moment of
// writing alone: a line that hangs does not keep its owner from trying on another.
func (p *part) add(plain []byte, offset int64) (have int64, err error) {
	if err := lock(p.file); err != nil {
		return 0, writing(err)
	}
	defer unlock(p.file)
	at, have, err := p.end()
	switch {
	case err != nil:
		return 0, err
	case have != offset:
		return have, ErrOffset
	case have+int64(len(plain)) > p.brief.Size:
		return have, ErrTooLarge
	case len(plain) == 0:
		return have, nil
	}
	if err := p.file.Truncate(at); err != nil {
		return have, writing(err)
	}
	sealed := p.seal(plain, offset)
	if _, err := p.file.WriteAt(sealed, at); err != nil {
		return have, writing(errors.Join(err, p.file.Truncate(at)))
	}
	p.at, p.have = at+int64(len(sealed)), have+int64(len(plain))
	return p.have, nil
}

// sync brings an upload to the disk. A disk that failed at it has forgotten what it
// had; then all since begun is cut off and has to come again.
func (p *part) sync(begun int64) error {
	err := p.file.Sync()
	if err == nil {
		return nil
	}
	return writing(errors.Join(err, p.cut(begun)))
}

// cut takes away the pieces from a place on.
func (p *part) cut(offset int64) error {
	if err := lock(p.file); err != nil {
		return err
	}
	defer unlock(p.file)
	all, err := p.pieces()
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.offset >= offset {
			return p.file.Truncate(c.at) //nolint:wrapcheck // the caller says what it was doing
		}
	}
	return nil
}
