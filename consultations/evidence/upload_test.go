package evidence_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"

	"github.com/vcm-forum/forum/consultations/evidence"
)

// A line that breaks at any moment costs what was on its way, and nothing that was
// told. Each piece goes to a store opened anew, as after a restart.
func TestAnUploadGoesOnWhereItStopped(t *testing.T) {
	dir, key := t.TempDir(), newKey(t)
	rapid.Check(t, func(rt *rapid.T) {
		content := text(rapid.IntRange(1, 400_000).Draw(rt, "size"))
		id := begin(t, folderIn(t, dir, key, ample), int64(len(content)))
		told := int64(0)
		for told < int64(len(content)) {
			f := folderIn(t, dir, key, ample)
			if have, err := f.Have(id); err != nil || have != told {
				t.Fatalf("it has %d (%v), told was %d", have, err, told)
			}
			n := rapid.Int64Range(0, int64(len(content))-told).Draw(rt, "piece")
			var r io.Reader = bytes.NewReader(content[told : told+n])
			if breaks := rapid.Bool().Draw(rt, "breaks"); breaks {
				r = io.MultiReader(r, iotest.ErrReader(io.ErrClosedPipe))
			} else if n == 0 {
				continue
			}
			have, err := f.Append(id, told, r)
			if err != nil && !errors.Is(err, io.ErrClosedPipe) || have != told+n {
				t.Fatalf("append %d at %d: %d, %v", n, told, have, err)
			}
			told = have
		}
		item, err := folderIn(t, dir, key, ample).Finish(id)
		if err != nil || item.Digest != digestOf(content) {
			t.Fatalf("finish: %v, %v", item, err)
		}
	})
}

func TestWhatDoesNotFitIsToldWhereItStands(t *testing.T) {
	f, _ := folder(t, ample)
	id := begin(t, f, 10)
	have, err := f.Append(id, 0, strings.NewReader("abcde"))
	if have != 5 || err != nil {
		t.Fatalf("append: %d, %v", have, err)
	}
	for name, c := range map[string]struct {
		offset int64
		words  string
		want   error
	}{
		"the same piece again":      {0, "abcde", evidence.ErrOffset},
		"a piece too far":           {7, "xyz", evidence.ErrOffset},
		"more than was announced":   {5, "fghijk", evidence.ErrTooLarge},
		"nothing, at another place": {3, "", evidence.ErrOffset},
		"a place before all":        {-1, "a", evidence.ErrOffset},
	} {
		if have, err := f.Append(id, c.offset, strings.NewReader(c.words)); have != 5 || !errors.Is(err, c.want) {
			t.Errorf("%s: %d, %v; want 5, %v", name, have, err, c.want)
		}
	}
	if _, err := f.Finish(id); !errors.Is(err, evidence.ErrIncomplete) {
		t.Errorf("finished half: %v", err)
	}
	if have, err := f.Append(id, 5, strings.NewReader("fghij")); have != 10 || err != nil {
		t.Errorf("the rest: %d, %v", have, err)
	}
	first, err := f.Finish(id)
	if err != nil {
		t.Fatalf("finish: %v", err)
	}
	if second, err := f.Finish(id); err != nil || second != first {
		t.Errorf("finished twice: %v, %v; first %v", second, err, first)
	}
	if have, err := f.Have(id); err != nil || have != 10 {
		t.Errorf("a finished upload has %d, %v", have, err)
	}
}

func TestNamesOfUploadsAreNoPaths(t *testing.T) {
	f, _ := folder(t, ample)
	for _, id := range []string{"", "..", "../../x", strings.Repeat("a", 31), strings.Repeat("A", 32), strings.Repeat("0", 32), "a\x00" + strings.Repeat("a", 30)} {
		_, append1 := f.Append(id, 0, strings.NewReader("x"))
		_, finish := f.Finish(id)
		_, have := f.Have(id)
		for _, err := range []error{append1, finish, have} {
			if !errors.Is(err, evidence.ErrNoUpload) {
				t.Errorf("%q: %v", id, err)
			}
		}
		if _, err := f.Open(evidence.Digest(id)); !errors.Is(err, evidence.ErrNoFile) {
			t.Errorf("open %q: %v", id, err)
		}
	}
	store, err := evidence.New(t.TempDir(), ample)
	if err != nil {
		t.Fatal(err)
	}
	for _, community := range []string{"", ".", "..", "a/b", "A", "a.b", strings.Repeat("a", 65)} {
		if _, err := store.Of(community, newKey(t)); !errors.Is(err, evidence.ErrCommunity) {
			t.Errorf("community %q: %v", community, err)
		}
	}
}

// Those outside announce what they like and send nothing: three parts of four stay
// with the community. What they have handed in counts too, also after a restart.
func TestGuestsTakeAPartOfTheRoom(t *testing.T) {
	dir, key, limits := t.TempDir(), newKey(t), evidence.Limits{File: 1000, Community: 8000}
	guest := func(name string, given int64) *evidence.Folder {
		return folderIn(t, dir, key, limits).From(evidence.Sender{Name: name, Guest: true, Given: given})
	}
	begin(t, guest("proponent", 0), 900)
	if _, err := guest("observer", 500).Begin(601, ""); !errors.Is(err, evidence.ErrShare) {
		t.Errorf("more than the share of all guests: %v", err)
	}
	if _, err := guest("observer", 500).Take(strings.NewReader("words"), 601); !errors.Is(err, evidence.ErrShare) {
		t.Errorf("the same by a form: %v", err)
	}
	begin(t, guest("observer", 500), 600)
	for n := range 6 {
		begin(t, folderIn(t, dir, key, limits).From(evidence.Sender{Name: fmt.Sprint("holder", n)}), 1000)
	}
	if _, err := folderIn(t, dir, key, limits).From(evidence.Sender{Name: "holder"}).Begin(1000, ""); !errors.Is(err, evidence.ErrFull) {
		t.Errorf("more than there is: %v", err)
	}
}

// Nobody keeps more than three uploads open: the fourth takes the place of the oldest.
func TestTheFourthUploadEndsTheOldest(t *testing.T) {
	f, dir := folder(t, ample)
	mine, other := f.From(evidence.Sender{Name: "mine"}), f.From(evidence.Sender{Name: "other"})
	theirs := begin(t, other, 10)
	var ids []string
	for n := range 5 {
		id := begin(t, mine, 10)
		ids = append(ids, id)
		at := time.Now().Add(time.Duration(n-10) * time.Hour)
		if err := os.Chtimes(filepath.Join(dir, id+".part"), at, at); err != nil {
			t.Fatal(err)
		}
	}
	for n, id := range append(ids, theirs) {
		_, err := mine.Have(id)
		if ended := n < 2; ended != errors.Is(err, evidence.ErrNoUpload) {
			t.Errorf("upload %d: %v, ended %t", n, err, ended)
		}
	}
}

func TestLimits(t *testing.T) {
	f, _ := folder(t, evidence.Limits{File: 1000, Community: 5000})
	for size, want := range map[int64]error{0: evidence.ErrEmpty, -1: evidence.ErrEmpty, 1001: evidence.ErrTooLarge} {
		if _, err := f.Begin(size, ""); !errors.Is(err, want) {
			t.Errorf("%d bytes: %v, want %v", size, err, want)
		}
	}
	for range 5 {
		begin(t, f, 1000)
	}
	if _, err := f.Begin(1000, ""); !errors.Is(err, evidence.ErrFull) {
		t.Errorf("announced uploads do not count: %v", err)
	}
	full, _ := folder(t, evidence.Limits{File: 1000, Community: 5000, Free: 1 << 62})
	if _, err := full.Begin(1, ""); !errors.Is(err, evidence.ErrNoSpace) {
		t.Errorf("a full disk: %v", err)
	}
}

// A form does not say how long its file is: it is as long as what came.
func TestAWholeStreamIsTaken(t *testing.T) {
	f, dir := folder(t, evidence.Limits{File: 1000, Community: 10_000})
	id, err := f.Take(bytes.NewReader(text(400)), 700)
	if err != nil {
		t.Fatalf("take: %v", err)
	}
	if item, err := f.Finish(id); err != nil || item.Digest != digestOf(text(400)) || item.Size != 400 {
		t.Errorf("finish: %v, %v", item, err)
	}
	for name, c := range map[string]struct {
		from   io.Reader
		atMost int64
		want   error
	}{
		"more than was said":      {bytes.NewReader(text(701)), 700, evidence.ErrTooLarge},
		"more than a file may be": {bytes.NewReader(text(1001)), -1, evidence.ErrTooLarge},
		"nothing":                 {strings.NewReader(""), 700, evidence.ErrEmpty},
		"a line that breaks":      {io.MultiReader(bytes.NewReader(text(99)), iotest.ErrReader(io.ErrUnexpectedEOF)), 700, io.ErrUnexpectedEOF},
	} {
		if _, err := f.Take(c.from, c.atMost); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if _, err := f.Sweep(time.Now().Add(time.Hour), func(evidence.Digest) (bool, error) { return true, nil }); err != nil {
		t.Fatal(err)
	}
	if left := names(t, dir); len(left) != 1 {
		t.Errorf("left are %v", left)
	}
}

func TestTheKindThatWasAnnounced(t *testing.T) {
	f, dir := folder(t, ample)
	id, err := f.Begin(4, evidence.Audio)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Append(id, 0, strings.NewReader("text")); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Finish(id); !errors.Is(err, evidence.ErrType) {
		t.Errorf("a text as a recording: %v", err)
	}
	if left := names(t, dir); len(left) != 0 {
		t.Errorf("it left %v", left)
	}
}

// A power failure may tear any piece that was not acknowledged. What is told
// afterwards is a place from which the upload can be completed.
func TestTornPiecesComeAgain(t *testing.T) {
	f, dir := folder(t, ample)
	content := text(300_000)
	for range 30 {
		id := begin(t, f, int64(len(content)))
		if _, err := f.Append(id, 0, bytes.NewReader(content[:rand.IntN(len(content))])); err != nil {
			t.Fatal(err)
		}
		tear(t, filepath.Join(dir, id+".part"))
		var item evidence.Item
		for tries := 0; ; tries++ {
			have, err := f.Have(id)
			if err != nil || tries == 10 {
				t.Fatalf("have: %v, after %d tries", err, tries)
			}
			if _, err := f.Append(id, have, bytes.NewReader(content[have:])); err != nil {
				t.Fatal(err)
			}
			if item, err = f.Finish(id); err == nil {
				break
			}
			if !errors.Is(err, evidence.ErrIncomplete) {
				t.Fatalf("finish: %v", err)
			}
		}
		if item.Digest != digestOf(content) {
			t.Fatal("it is finished with other content")
		}
	}
}

// A torn end is not counted, so that whoever goes on sends it again.
func TestATornEndIsNotCounted(t *testing.T) {
	f, dir := folder(t, ample)
	id := begin(t, f, 100_000)
	if _, err := f.Append(id, 0, bytes.NewReader(text(100_000))); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, id+".part")
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	clear(raw[len(raw)-100:])
	if err := os.WriteFile(name, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if have, err := f.Have(id); err != nil || have == 0 || have >= 100_000 {
		t.Errorf("it has %d, %v", have, err)
	}
}

// tear cuts the file, or zeros a stretch of it, anywhere behind its first piece.
func tear(t *testing.T, name string) {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	const first = 8 + 24 + 256 + 16
	if len(raw) <= first {
		return
	}
	at := first + rand.IntN(len(raw)-first)
	if rand.IntN(2) == 0 {
		raw = raw[:at]
	} else {
		clear(raw[at:min(at+4096, len(raw))])
	}
	if err := os.WriteFile(name, raw, 0o600); err != nil {
		t.Fatal(err)
	}
}
