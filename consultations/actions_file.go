package consultations

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/vcm-forum/forum/consultations/evidence"
	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// Folder is where the files of a seat's community are, for uploads.
func (s *Service) Folder(ctx context.Context, seat Seat) (*evidence.Folder, error) {
	if s.Files == nil {
		return nil, ErrNotFound
	}
	head, err := ledger.HeadOf(s.Read.WithContext(ctx), string(seat.Community.ID))
	if err != nil {
		return nil, fmt.Errorf("load the head of a log: %w", err)
	}
	folder, err := s.folderOf(head)
	if err != nil {
		return nil, err
	}
	return folder.From(evidence.Sender{
		Name: s.who(seat.Actor.ID()), Guest: seat.Community.guest(seat.Actor.ID()), Given: seat.Community.given(),
	}), nil
}

func (s *Service) folderOf(head ledger.Head) (*evidence.Folder, error) {
	key, err := s.Vault.Unwrap(head.Key)
	if err != nil {
		return nil, fmt.Errorf("open the key of a log: %w", err)
	}
	return s.Files.Of(head.ID, key)
}

// uploadsLast is how long somebody may stay away from an upload before it is gone: a
// week without a line is nothing unusual. A file is in the record as soon as it was
// handed in, unless the program ended in between and nobody asked again.
const uploadsLast = 7 * 24 * time.Hour

// SweepFiles removes uploads that nobody came back to, and files that came of one
// and never came into the record.
func (s *Service) SweepFiles(ctx context.Context) error {
	if s.Files == nil {
		return nil
	}
	heads, err := ledger.Heads(s.Read.WithContext(ctx))
	if err != nil {
		return fmt.Errorf("list the logs: %w", err)
	}
	var problems []error
	for _, h := range heads {
		problems = append(problems, s.sweepFilesOf(ctx, h))
	}
	return errors.Join(problems...)
}

func (s *Service) sweepFilesOf(ctx context.Context, head ledger.Head) error {
	if err := s.removeErased(ctx, record.ID(head.ID)); err != nil {
		return err
	}
	folder, err := s.folderOf(head)
	if err != nil {
		return err
	}
	_, err = folder.Sweep(s.Now().Add(-uploadsLast), func(d evidence.Digest) (bool, error) {
		c, _, err := s.load(s.Read.WithContext(ctx), record.ID(head.ID), true)
		if err != nil {
			return false, err
		}
		_, known := c.File(Digest(d))
		return known, nil
	})
	if err != nil {
		return fmt.Errorf("sweep the files of a community: %w", err)
	}
	return nil
}

// HandIn finishes an upload and enters the file into the record. Sent again it
// gives the same file.
func (s *Service) HandIn(ctx context.Context, by Call, seat Seat, upload string) (evidence.Item, record.Receipt, error) {
	folder, err := s.Folder(ctx, seat)
	if err != nil {
		return evidence.Item{}, record.Receipt{}, err
	}
	item, err := folder.Finish(upload)
	if err != nil {
		return item, record.Receipt{}, err
	}
	silent, err := silent(folder, item)
	if err != nil {
		return item, record.Receipt{}, err
	}
	receipt, err := s.act(ctx, by, seat.Community.ID, HandIn, "", []any{item, silent}, func(t *turn) (record.ID, error) {
		if !t.Community.has(Digest(item.Digest), t.Actor.ID()) {
			t.emit(&FileHanded{Digest: Digest(item.Digest), Type: item.Type, Size: item.Size, Silent: silent}, nil)
		}
		return t.Community.ID, nil
	})
	return item, receipt, err
}

// filesToErase says what of an entry's files goes when its evidence is erased.
func (t *turn) filesToErase(entry int64, fields []string) (erasure, error) {
	if !slices.Contains(fields, EvidenceField) {
		return erasure{}, nil
	}
	events, _, err := t.s.read(t.DB, t.Community.ID, t.log, 0)
	if err != nil {
		return erasure{}, err
	}
	return t.Community.erasureOf(events, entry), nil
}

// removeErased destroys the bytes of files that were erased from a record. It is
// asked again every day, for what a crash has left.
func (s *Service) removeErased(ctx context.Context, community record.ID) error {
	if s.Files == nil {
		return nil
	}
	db := s.Read.WithContext(ctx)
	c, head, err := s.load(db, community, true)
	if err != nil {
		return err
	}
	folder, err := s.folderOf(head)
	if err != nil {
		return err
	}
	var problems []error
	for _, d := range c.erased {
		if err := folder.Remove(evidence.Digest(d)); !errors.Is(err, evidence.ErrNoFile) {
			problems = append(problems, err)
		}
	}
	return errors.Join(problems...)
}

// handedIn: the record speaks of no file whose bytes it does not have.
func (t *turn) handedIn(files ...Digest) error {
	for _, d := range files {
		if _, known := t.Community.File(d); t.s.Files != nil && d != "" && !known {
			return people.Invalid{"file": {Key: "consult.error.file"}}
		}
	}
	return nil
}

// silent listens to a recording. What cannot be listened to is not called silent.
func silent(folder *evidence.Folder, item evidence.Item) (bool, error) {
	f, err := folder.Open(item.Digest)
	if err != nil {
		return false, err
	}
	defer func() { _ = f.Close() }() // it was only read
	quiet, err := evidence.Silent(f, f.Size, item.Type)
	if errors.Is(err, evidence.ErrType) {
		return false, nil
	}
	if err != nil {
		return true, nil // a recording that cannot be read to its end tells nobody anything
	}
	return quiet, nil
}

// Opened is a file that is read: the original, or a copy without place and author.
type Opened struct {
	io.ReaderAt
	io.Closer
	Size int64
	Type evidence.Type
}

// OpenFile opens a file for a seat that may read it; [ErrHidden] for any other, and
// [evidence.ErrNotReleasable] for one of which no copy can be given out.
func (s *Service) OpenFile(ctx context.Context, seat Seat, d Digest) (Opened, error) {
	original, ok := seat.Reads(d)
	if !ok {
		return Opened{}, ErrHidden
	}
	folder, err := s.Folder(ctx, seat)
	if err != nil {
		return Opened{}, err
	}
	f, err := folder.Open(evidence.Digest(d))
	if errors.Is(err, evidence.ErrNoFile) {
		return Opened{}, ErrHidden
	}
	if err != nil {
		return Opened{}, err
	}
	if original {
		return Opened{f, f, f.Size, f.Type}, nil
	}
	c, err := evidence.Released(f, f.Size, f.Type)
	if err != nil {
		return Opened{}, errors.Join(err, f.Close())
	}
	return Opened{c, f, c.Size, f.Type}, nil
}
