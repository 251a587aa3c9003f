package evidence_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vcm-forum/forum/consultations/evidence"
	"github.com/vcm-forum/forum/consultations/vault"
)

// ample are limits that no test reaches by accident.
var ample = evidence.Limits{File: 1 << 30, Community: 1 << 40}

func newKey(t testing.TB) *vault.Key {
	t.Helper()
	_, key, err := vault.Temporary().NewKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// folder is a community's folder, and the place where it lies.
func folder(t testing.TB, limits evidence.Limits) (*evidence.Folder, string) {
	t.Helper()
	dir := t.TempDir()
	return folderIn(t, dir, newKey(t), limits), filepath.Join(dir, "village")
}

func folderIn(t testing.TB, dir string, key *vault.Key, limits evidence.Limits) *evidence.Folder {
	t.Helper()
	store, err := evidence.New(dir, limits)
	if err != nil {
		t.Fatal(err)
	}
	f, err := store.Of("village", key)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func begin(t testing.TB, f *evidence.Folder, size int64) string {
	t.Helper()
	id, err := f.Begin(size, "")
	if err != nil {
		t.Fatalf("begin: %v", err)
	}
	return id
}

func upload(t testing.TB, f *evidence.Folder, content []byte) evidence.Item {
	t.Helper()
	id := begin(t, f, int64(len(content)))
	if _, err := f.Append(id, 0, bytes.NewReader(content)); err != nil {
		t.Fatalf("append: %v", err)
	}
	item, err := f.Finish(id)
	if err != nil {
		t.Fatalf("finish: %v", err)
	}
	return item
}

func digestOf(content []byte) evidence.Digest {
	sum := sha256.Sum256(content)
	return evidence.Digest(hex.EncodeToString(sum[:]))
}

func text(n int) []byte { return bytes.Repeat([]byte("we were asked "), n/14+1)[:n] }

// names lists what lies in a folder, but for the lock.
func names(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		if e.Name() != ".lock" {
			all = append(all, e.Name())
		}
	}
	return all
}

func checkContent(t testing.TB, f *evidence.Folder, want []byte) {
	t.Helper()
	file, err := f.Open(digestOf(want))
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	defer func() { _ = file.Close() }()
	got, err := io.ReadAll(io.NewSectionReader(file, 0, file.Size))
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("read %d bytes (%v), want %d", len(got), err, len(want))
	}
	if err := f.Verify(digestOf(want)); err != nil {
		t.Errorf("verify: %v", err)
	}
}

func TestAFileIsKeptByItsContent(t *testing.T) {
	f, dir := folder(t, ample)
	content := text(200_000)
	item := upload(t, f, content)
	if want := (evidence.Item{Digest: digestOf(content), Size: 200_000, Type: evidence.PlainText}); item != want {
		t.Errorf("finished as %v, want %v", item, want)
	}
	checkContent(t, f, content)
	if again := upload(t, f, content); again != item {
		t.Errorf("handed in again it is %v", again)
	}
	sealed := 0
	for _, name := range names(t, dir) {
		if strings.HasSuffix(name, ".age") {
			sealed++
		}
		if strings.Contains(name, string(item.Digest)) {
			t.Errorf("the name %s tells the content", name)
		}
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || bytes.Contains(raw, []byte("we were asked")) {
			t.Errorf("%s holds the words in clear (%v)", name, err)
		}
	}
	if sealed != 1 {
		t.Errorf("the same content is there %d times", sealed)
	}
}

func TestReadingFromTheMiddle(t *testing.T) {
	f, _ := folder(t, ample)
	content := text(300_000)
	file, err := f.Open(upload(t, f, content).Digest)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	for range 50 {
		from := rand.IntN(len(content))
		got := make([]byte, 1+rand.IntN(len(content)-from))
		if n, err := file.ReadAt(got, int64(from)); err != nil || !bytes.Equal(got[:n], content[from:from+len(got)]) {
			t.Errorf("%d bytes at %d: %d, %v", len(got), from, n, err)
		}
	}
	if n, err := file.ReadAt(make([]byte, 100), 299_990); n != 10 || !errors.Is(err, io.EOF) {
		t.Errorf("at the end %d bytes, %v; the digest behind the content must not be read", n, err)
	}
}

func TestWhatWasChangedOnDiskIsFound(t *testing.T) {
	f, dir := folder(t, ample)
	a, b := upload(t, f, text(100_000)).Digest, upload(t, f, text(100_001)).Digest
	var files []string
	for _, name := range names(t, dir) {
		if strings.HasSuffix(name, ".age") {
			files = append(files, filepath.Join(dir, name))
		}
	}
	raw, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	other, err := os.ReadFile(files[1])
	if err != nil {
		t.Fatal(err)
	}
	var opened []bool
	bad := func(content []byte) (found int) {
		if err := os.WriteFile(files[0], content, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, d := range []evidence.Digest{a, b} {
			if err := f.Verify(d); errors.Is(err, evidence.ErrAltered) {
				found++
			} else if err != nil {
				t.Errorf("verify: %v", err)
			}
		}
		return found
	}
	changed := bytes.Clone(raw)
	changed[len(raw)/3] ^= 1
	for name, content := range map[string][]byte{"a bit": changed, "its end": raw[:len(raw)-1], "all of it": nil, "the other in its place": other} {
		if n := bad(content); n != 1 {
			t.Errorf("%s changed: %d of two files are found altered", name, n)
		}
	}
	bad(other)
	for _, d := range []evidence.Digest{a, b} {
		file, err := f.Open(d)
		if err == nil {
			_ = file.Close()
		} else if !errors.Is(err, evidence.ErrAltered) {
			t.Errorf("open: %v", err)
		}
		opened = append(opened, err == nil)
	}
	if opened[0] == opened[1] {
		t.Errorf("with one in the place of the other, they open: %v", opened)
	}
	if n := bad(raw); n != 0 {
		t.Errorf("put right again, %d are altered", n)
	}
}

func TestRemovingDestroysTheKeyFirst(t *testing.T) {
	f, dir := folder(t, ample)
	d := upload(t, f, text(50_000)).Digest
	var name string
	for _, n := range names(t, dir) {
		if strings.HasSuffix(n, ".age") {
			name = filepath.Join(dir, n)
		}
	}
	kept := filepath.Join(t.TempDir(), "kept") // another name of the same bytes on disk, as an undelete finds them
	if err := os.Link(name, kept); err != nil {
		t.Fatal(err)
	}
	if err := f.Remove(d); err != nil {
		t.Fatalf("remove: %v", err)
	}
	if _, err := f.Open(d); !errors.Is(err, evidence.ErrNoFile) {
		t.Errorf("it opens: %v", err)
	}
	if err := f.Remove(d); !errors.Is(err, evidence.ErrNoFile) {
		t.Errorf("removed twice: %v", err)
	}
	if err := os.Rename(kept, name); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Open(d); !errors.Is(err, evidence.ErrAltered) {
		t.Errorf("what an undelete finds opens: %v", err)
	}
}

func TestSweeping(t *testing.T) {
	f, dir := folder(t, ample)
	knownFile, unknown, twice, young := upload(t, f, text(1)).Digest, upload(t, f, text(2)).Digest, text(3), begin(t, f, 9)
	upload(t, f, twice)
	begin(t, f, 9)
	begin(t, f, 9)
	old := time.Now().Add(-48 * time.Hour)
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), young) {
			return err
		}
		return os.Chtimes(name, old, old)
	})
	if err != nil {
		t.Fatal(err)
	}
	upload(t, f, twice) // today by somebody else
	for range 2 {
		swept, err := f.Sweep(time.Now().Add(-24*time.Hour), func(d evidence.Digest) (bool, error) { return d == knownFile, nil })
		t.Logf("swept %+v", swept)
		if err != nil {
			t.Fatalf("sweep: %v", err)
		}
	}
	for d, want := range map[evidence.Digest]error{knownFile: nil, unknown: evidence.ErrNoFile, digestOf(twice): nil} {
		if file, err := f.Open(d); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", d, err, want)
		} else if err == nil {
			_ = file.Close()
		}
	}
	if _, err := f.Have(young); err != nil {
		t.Errorf("a young upload: %v", err)
	}
	if left := names(t, dir); len(left) != 4 { // two files, the young upload, the note of today
		t.Errorf("left are %v", left)
	}
	broken := errors.New("no database")
	if err := os.Chtimes(filepath.Join(dir, young+".part"), old, old); err != nil {
		t.Fatal(err)
	}
	all := func(evidence.Digest) (bool, error) { return false, broken }
	if _, err := f.Sweep(time.Now().Add(time.Hour), all); !errors.Is(err, broken) {
		t.Errorf("whether it is known cannot be told: %v", err)
	}
	if err := f.Verify(digestOf(twice)); err != nil {
		t.Errorf("then it is kept; it is not: %v", err)
	}
}
