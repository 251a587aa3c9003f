package evidence

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/vcm-forum/forum/consultations/vault"
)

// Finish makes a file of a complete upload and says what it is; asked again, it
// says the same. [ErrIncomplete] when bytes are missing: [Folder.Have] tells from
// where on. [ErrType] when it is none of the types, or not of the kind that was
// announced; then the upload is gone.
//
// The order of writing lets a crash at any moment leave either the upload or the
// file, and nothing that [Folder.Sweep] does not know: content, note of what it
// is, its name, and only then the end of the upload.
func (f *Folder) Finish(id string) (Item, error) {
	p, err := f.openPart(id)
	if errors.Is(err, ErrNoUpload) {
		item, err := f.done(id)
		if err != nil {
			return Item{}, err
		}
		now := time.Now() // its time of being new begins again, see Sweep
		return item, writing(os.Chtimes(f.path(id, doneSuffix), now, now))
	}
	if err != nil {
		return Item{}, err
	}
	defer quit(p.file)
	f.store.finishing <- struct{}{}
	defer func() { <-f.store.finishing }()
	if err := lock(p.file); err != nil {
		return Item{}, writing(err)
	}
	defer unlock(p.file)
	item, err := f.done(id) // by another who had the lock before
	if errors.Is(err, ErrNoUpload) {
		item, err = f.finish(p)
	}
	if err != nil && !errors.Is(err, ErrType) {
		return Item{}, err
	}
	f.store.promised.Delete(id)
	return item, errors.Join(err, gone(f.path(id, partSuffix)), syncFolder(f.dir))
}

func (f *Folder) finish(p *part) (Item, error) {
	fresh := f.path(p.id, newSuffix)
	item, err := f.compose(p, fresh)
	if err != nil {
		return Item{}, errors.Join(err, gone(fresh))
	}
	if err := f.note(p.id, item); err != nil {
		return Item{}, err
	}
	return f.done(p.id)
}

// compose writes the content of an upload as it will be kept.
func (f *Folder) compose(p *part, name string) (Item, error) {
	all, err := p.pieces()
	if err != nil {
		return Item{}, err
	}
	end := int64(0)
	if n := len(all); n > 0 {
		end = all[n-1].offset + int64(all[n-1].plain)
	}
	if p.brief.Open {
		p.brief.Size = end
	}
	if end == 0 || end < p.brief.Size {
		return Item{}, ErrIncomplete
	}
	out, err := os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // in the store's own folder
	if err != nil {
		return Item{}, writing(err)
	}
	item, err := f.copyPieces(p, all, out)
	return item, writing(errors.Join(err, out.Sync(), out.Close()))
}

// copyPieces encrypts the content, and behind it what it is. Only when all pieces
// were found whole is it asked of what type they are.
func (f *Folder) copyPieces(p *part, all []piece, out io.Writer) (Item, error) {
	sealed, err := f.key.EncryptTo(out)
	if err != nil {
		return Item{}, err
	}
	sum := sha256.New()
	for _, c := range all {
		plain, err := p.open(c)
		if err != nil && torn(err) { // by a power failure; what comes after it was not acknowledged either
			return Item{}, errors.Join(ErrIncomplete, p.file.Truncate(c.at))
		}
		if err != nil {
			return Item{}, err
		}
		sum.Write(plain)
		if _, err := sealed.Write(plain); err != nil {
			return Item{}, err //nolint:wrapcheck // the caller says what it was doing
		}
	}
	item := Item{Digest(hex.EncodeToString(sum.Sum(nil))), p.brief.Size, ""}
	if item.Type, err = typeOf(pieceReader{p, all}, item.Size); err != nil {
		return Item{}, err
	}
	if p.brief.Kind != "" && p.brief.Kind != item.Type.Kind() {
		return Item{}, ErrType
	}
	_, err = sealed.Write(item.tail())
	return item, errors.Join(err, sealed.Close())
}

// note writes down what an upload became. From then on it is finished.
func (f *Folder) note(id string, item Item) error {
	raw, err := json.Marshal(item)
	if err != nil {
		return writing(err)
	}
	draft, err := os.OpenFile(f.path(id, draftSuffix), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return writing(err)
	}
	_, err = draft.Write(f.key.Seal(raw, "done", id))
	if err := errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return writing(errors.Join(err, gone(draft.Name())))
	}
	if err := os.Rename(draft.Name(), f.path(id, doneSuffix)); err != nil {
		return writing(err)
	}
	return syncFolder(f.dir)
}

// done tells what a finished upload became, and gives the file its name if a
// crash came between; [ErrNoUpload] when it is not finished.
func (f *Folder) done(id string) (Item, error) {
	item, err := f.noted(id)
	if err != nil {
		return Item{}, err
	}
	name := f.fileOf(item.Digest)
	switch err := os.Rename(f.path(id, newSuffix), name); {
	case err == nil:
		return item, syncFolder(f.dir)
	case !errors.Is(err, os.ErrNotExist):
		return Item{}, writing(err)
	}
	if _, err := os.Stat(name); errors.Is(err, os.ErrNotExist) {
		return Item{}, ErrNoFile // it was removed meanwhile
	}
	return item, nil
}

func (f *Folder) noted(id string) (Item, error) {
	if !isHex(id, 32) {
		return Item{}, ErrNoUpload
	}
	sealed, err := os.ReadFile(f.path(id, doneSuffix))
	if errors.Is(err, os.ErrNotExist) {
		return Item{}, ErrNoUpload
	}
	if err != nil {
		return Item{}, fmt.Errorf("read what an upload became: %w", err)
	}
	raw, err := f.key.Open(sealed, "done", id)
	if err != nil {
		return Item{}, fmt.Errorf("read what an upload became: %w", err)
	}
	var item Item
	if err := json.NewDecoder(bytes.NewReader(raw)).Decode(&item); err != nil {
		return Item{}, fmt.Errorf("read what an upload became: %w", vault.ErrSealed)
	}
	return item, nil
}

// gone removes a file that may be gone already.
func gone(name string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return writing(err)
	}
	return nil
}
