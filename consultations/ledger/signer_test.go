package ledger_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/vcm-forum/forum/consultations/ledger"
)

func TestTheSignerSignsOnlyWhatExtends(t *testing.T) {
	log, fork := newTree(t, "abcdefg"), newTree(t, "abcXefg")
	s := newHand(t)
	for _, row := range []struct {
		what string
		body string
		want int
	}{
		{"the first", log.ask(t, 0, 3), ledger.Signed},
		{"the same again", log.ask(t, 3, 3), ledger.Signed},
		{"as if it were new", log.ask(t, 0, 5), ledger.OtherSize},
		{"from an older size", log.ask(t, 2, 5), ledger.OtherSize},
		{"longer", log.ask(t, 3, 5), ledger.Signed},
		{"shorter", log.ask(t, 3, 3), ledger.OtherSize},
		{"another history of the same size", fork.ask(t, 5, 5), ledger.NoExtension},
		{"another history that is longer", fork.ask(t, 5, 7), ledger.NoExtension},
		{"no proof", ledger.Ask(5, nil, log.at(t, 7).Text()+"\n"), ledger.NoExtension},
		{"longer again", log.ask(t, 5, 7), ledger.Signed},
	} {
		got := s.AddCheckpoint(row.body)
		if got.Status != row.want {
			t.Errorf("%s: %d %s, want %d", row.what, got.Status, got.Body, row.want)
		}
		if row.want == ledger.Signed && !strings.HasPrefix(got.Body, "— "+log.origin+" ") {
			t.Errorf("%s: answered %q, want a signature", row.what, got.Body)
		}
	}
	if got := s.AddCheckpoint(log.ask(t, 0, 7)); got.Status != ledger.OtherSize || got.Body != "7\n" {
		t.Errorf("the size it knows: %d %q", got.Status, got.Body)
	}
}

func TestTheSignerRemembersAfterARestart(t *testing.T) {
	log, fork := newTree(t, "abcde"), newTree(t, "aXcde")
	s := newHand(t)
	if got := s.AddCheckpoint(log.ask(t, 0, 3)); got.Status != ledger.Signed {
		t.Fatalf("the first: %+v", got)
	}
	if _, err := ledger.NewSigner(s.dir); !errors.Is(err, ledger.ErrInUse) {
		t.Errorf("a second signer in the same folder: %v", err)
	}
	must(t, s.Close())
	again := openHand(t, s.dir, s.public)
	if got := again.AddCheckpoint(fork.ask(t, 3, 5)); got.Status != ledger.NoExtension {
		t.Errorf("another history: %+v", got)
	}
	if got := again.AddCheckpoint(log.ask(t, 3, 5)); got.Status != ledger.Signed {
		t.Errorf("the same log: %+v", got)
	}
}

func TestTheSignerDoesNotSignWithoutItsMemory(t *testing.T) {
	log := newTree(t, "abcde")
	s := newHand(t)
	if got := s.AddCheckpoint(log.ask(t, 0, 3)); got.Status != ledger.Signed {
		t.Fatalf("the first: %+v", got)
	}
	files, err := filepath.Glob(filepath.Join(s.dir, "memory", "[0-9a-f]*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files of memory: %v, %v", files, err)
	}
	must(t, os.WriteFile(files[0], []byte("torn"), 0o600))
	if got := s.AddCheckpoint(log.ask(t, 0, 5)); got.Status != ledger.CannotSignIt {
		t.Errorf("with a torn memory: %+v", got)
	}
	must(t, os.RemoveAll(filepath.Join(s.dir, "memory")))
	if got := s.AddCheckpoint(log.ask(t, 0, 5)); got.Status != ledger.CannotSignIt {
		t.Errorf("where nothing can be remembered: %+v", got)
	}
}

func TestRequestsOfAnotherFormAreRefused(t *testing.T) {
	log := newTree(t, "abcde")
	s := newHand(t)
	good := log.ask(t, 0, 3)
	grown := log.ask(t, 3, 5)
	for what, body := range map[string]string{
		"nothing":              "",
		"no old":               strings.Replace(good, "old 0", "0", 1),
		"a sign":               strings.Replace(good, "old 0", "old +0", 1),
		"zeros":                strings.Replace(good, "old 0", "old 00", 1),
		"old above new":        strings.Replace(good, "old 0", "old 4", 1),
		"a line of its own":    strings.Replace(good, "\n\n", "\n\n\n", 1),
		"no blank line":        strings.Replace(good, "\n\n", "\n", 1),
		"an extension line":    strings.TrimSuffix(good, "\n") + "more\n\n",
		"no end":               strings.TrimSuffix(good, "\n\n"),
		"a shorter hash":       strings.Replace(grown, "=\n", "\n", 1),
		"carriage returns":     strings.ReplaceAll(good, "\n", "\r\n"),
		"a size of zero, full": strings.Replace(good, "\n3\n", "\n0\n", 1),
		"a huge size":          strings.Replace(good, "\n3\n", "\n9223372036854775807\n", 1),
	} {
		if got := s.AddCheckpoint(body); got.Status == ledger.Signed {
			t.Errorf("%s was signed", what)
		}
	}
	if got := s.AddCheckpoint(good); got.Status != ledger.Signed {
		t.Errorf("the good one afterwards: %+v", got)
	}
}

func TestAWitnessAsksForTheLogsSignature(t *testing.T) {
	c := newCircle(t, newDB(t), 0)
	log, stranger := newTree(t, "abc"), newTree(t, "abc")
	stranger.origin = strings.Replace(stranger.origin, "forum.example", "other.example", 1)
	signed := c.hand.AddCheckpoint(log.ask(t, 0, 3)).Body
	w := c.witnesses["ombuds.example/w"]
	for _, row := range []struct {
		what string
		body string
		want int
	}{
		{"a log that it does not know", stranger.ask(t, 0, 3), ledger.UnknownLog},
		{"without a signature", log.ask(t, 0, 3), ledger.NotTheLogs},
		{"with that of another checkpoint", log.ask(t, 0, 2) + signed, ledger.NotTheLogs},
		{"signed", log.ask(t, 0, 3) + signed, ledger.Signed},
	} {
		got, err := w.AddCheckpoint(t.Context(), row.body)
		if err != nil || got.Status != row.want {
			t.Errorf("%s: %+v, %v, want %d", row.what, got, err, row.want)
		}
	}
}

func TestKeysAreForTheirOwnerAndRotate(t *testing.T) {
	dir := t.TempDir()
	if _, err := ledger.ReadKeys(dir); !errors.Is(err, ledger.ErrNoKeys) {
		t.Errorf("no keys: %v", err)
	}
	first, err := ledger.AddKey(dir)
	must(t, err)
	second, err := ledger.AddKey(dir)
	must(t, err)
	s := openHand(t, dir, second)
	log := newTree(t, "abc")
	lines := s.AddCheckpoint(log.ask(t, 0, 3)).Body
	if strings.Count(lines, "\n") != 2 {
		t.Errorf("answered %q, want a signature of each key", lines)
	}
	for _, public := range []string{first, second} {
		p, err := ledger.ParsePolicy("log prefix forum.example/l/ " + public + "\nquorum 0\n")
		must(t, err)
		v, err := note.Open([]byte(log.at(t, 3).Text()+"\n"+lines), p)
		if err != nil || len(v.Sigs) != 1 {
			t.Errorf("whoever knows only one key: %v", err)
		}
	}
	file := filepath.Join(dir, "keys")
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the keys have mode %v, %v", info.Mode(), err)
	}
	must(t, os.Chmod(file, 0o640))
	if _, err := ledger.ReadKeys(dir); !errors.Is(err, ledger.ErrOpen) {
		t.Errorf("keys that others can read: %v", err)
	}
}

func TestABackupOfTheSignerRemembers(t *testing.T) {
	log, fork := newTree(t, "abcde"), newTree(t, "aXcde")
	s := newHand(t)
	s.AddCheckpoint(log.ask(t, 0, 3))
	to := filepath.Join(t.TempDir(), "copy")
	must(t, ledger.BackUp(s.dir, to))
	again := openHand(t, to, s.public)
	if got := again.AddCheckpoint(fork.ask(t, 3, 5)); got.Status != ledger.NoExtension {
		t.Errorf("another history: %+v", got)
	}
	if got := again.AddCheckpoint(log.ask(t, 3, 5)); got.Status != ledger.Signed {
		t.Errorf("the same log: %+v", got)
	}
	if err := ledger.BackUp(s.dir, to); err == nil {
		t.Error("a backup was overwritten")
	}
}

// Two histories arrive at the same moment: one of them is signed, never both.
func TestOfTwoHistoriesAtOnceOneIsSigned(t *testing.T) {
	s := newHand(t)
	var all sync.WaitGroup
	var signed atomic.Int64
	for _, letter := range []string{"a", "b", "c", "d"} {
		body := newTree(t, letter).ask(t, 0, 1)
		all.Go(func() {
			if s.AddCheckpoint(body).Status == ledger.Signed {
				signed.Add(1)
			}
		})
	}
	all.Wait()
	if got := signed.Load(); got != 1 {
		t.Errorf("%d histories were signed, want 1", got)
	}
}
