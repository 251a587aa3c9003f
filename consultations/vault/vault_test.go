package vault_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/vcm-forum/forum/consultations/vault"
)

func open(t *testing.T, dir string) *vault.Vault {
	t.Helper()
	v, err := vault.Open(dir)
	if err != nil {
		t.Fatalf("open the vault: %v", err)
	}
	return v
}

func key(t *testing.T, v *vault.Vault) *vault.Key {
	t.Helper()
	_, k, err := v.NewKey()
	if err != nil {
		t.Fatalf("make a key: %v", err)
	}
	return k
}

func TestAFieldOpensInItsPlaceAlone(t *testing.T) {
	v := vault.Temporary()
	mine, other := key(t, v), key(t, v)
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOfN(rapid.Byte(), 0, 9000).Draw(t, "plain")
		where := rapid.SliceOfN(rapid.String(), 0, 4).Draw(t, "where")
		sealed := mine.Seal(plain, where...)
		got, err := mine.Open(sealed, where...)
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("opened %d bytes (%v), sealed %d", len(got), err, len(plain))
		}
		if _, err := mine.Open(sealed, append(where, "")...); !errors.Is(err, vault.ErrSealed) {
			t.Fatal("it opens in another place")
		}
		if _, err := other.Open(sealed, where...); !errors.Is(err, vault.ErrSealed) {
			t.Fatal("it opens with another community's key")
		}
		at := rapid.IntRange(0, len(sealed)-1).Draw(t, "at")
		changed := bytes.Clone(sealed)
		changed[at] ^= 1
		if _, err := mine.Open(changed, where...); !errors.Is(err, vault.ErrSealed) {
			t.Fatalf("it opens although byte %d was changed", at)
		}
		if _, err := mine.Open(sealed[:at], where...); !errors.Is(err, vault.ErrSealed) {
			t.Fatalf("it opens although it was cut at %d", at)
		}
	})
}

func TestLengthsSayLittle(t *testing.T) {
	k := key(t, vault.Temporary())
	yes, no := k.Seal([]byte("consent")), k.Seal([]byte("no, and we do not wish to be asked again before the harvest"))
	if len(yes) != len(no) {
		t.Errorf("a yes takes %d bytes and a no %d", len(yes), len(no))
	}
}

func TestKeysOutliveTheProgramAndRotation(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	first := open(t, dir)
	wrapped, k, err := first.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	sealed, mark := k.Seal([]byte("words"), "here"), first.Mark("who", "a")
	if err := vault.Rotate(dir); err != nil {
		t.Fatalf("rotate: %v", err)
	}
	second := open(t, dir)
	again, err := second.Rewrap(wrapped)
	if err != nil {
		t.Fatalf("rewrap: %v", err)
	}
	for name, w := range map[string][]byte{"as it was wrapped first": wrapped, "as it is wrapped now": again} {
		k, err := second.Unwrap(w)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got, err := k.Open(sealed, "here"); err != nil || string(got) != "words" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if second.Mark("who", "a") != mark {
		t.Error("marks changed with the rotation")
	}
	if second.IsNewest(wrapped) || !second.IsNewest(again) {
		t.Error("it cannot tell for which identity a key is wrapped")
	}
	if _, err := first.Unwrap(again); err != nil {
		t.Errorf("a program that runs does not notice the rotation: %v", err)
	}
	if made, _, err := first.NewKey(); err != nil || !second.IsNewest(made) {
		t.Errorf("a program that runs wraps for the old identity: %v", err)
	}
	if n, err := vault.DropOld(dir); err != nil || n != 1 {
		t.Fatalf("drop the old one: %d, %v", n, err)
	}
	last := open(t, dir)
	if _, err := last.Unwrap(again); err != nil {
		t.Errorf("after the old one was dropped: %v", err)
	}
	if _, err := last.Unwrap(wrapped); !errors.Is(err, vault.ErrSealed) {
		t.Errorf("what was wrapped for the dropped one opens: %v", err)
	}
	if _, err := vault.Temporary().Unwrap(wrapped); !errors.Is(err, vault.ErrSealed) {
		t.Errorf("another vault opens it: %v", err)
	}
}

func TestKeysThatOthersCanReadAreRefused(t *testing.T) {
	for _, name := range []string{"vault.age", "marks.key", "."} {
		dir := filepath.Join(t.TempDir(), "keys")
		open(t, dir)
		if err := os.Chmod(filepath.Join(dir, name), 0o750); err != nil {
			t.Fatal(err)
		}
		if _, err := vault.Open(dir); !errors.Is(err, vault.ErrOpen) {
			t.Errorf("%s readable by the group: %v", name, err)
		}
	}
}

func TestReadingMakesNoKeys(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	if _, err := vault.Read(dir); !errors.Is(err, vault.ErrNone) {
		t.Errorf("read an empty folder: %v", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder was made: %v", err)
	}
	open(t, dir)
	if _, err := vault.Read(dir); err != nil {
		t.Errorf("read keys: %v", err)
	}
}

// What a crash left half while keys were made or rotated stands in nobody's way.
func TestDraftsOfKeysDoNotMatter(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	for range 3 {
		open(t, dir)
		if err := os.WriteFile(filepath.Join(dir, ".draft-1"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := vault.Rotate(dir); err != nil {
			t.Fatalf("rotate: %v", err)
		}
	}
	raw, err := os.ReadFile(filepath.Join(dir, "vault.age"))
	if err != nil || strings.Count(string(raw), "AGE-SECRET-KEY-") != 4 {
		t.Errorf("after three rotations there are %d identities (%v)", strings.Count(string(raw), "AGE-SECRET-KEY-"), err)
	}
}

func TestBrokenKeysAreNotQuoted(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	open(t, dir)
	secret, err := os.ReadFile(filepath.Join(dir, "vault.age"))
	if err != nil {
		t.Fatal(err)
	}
	broken := strings.Replace(string(secret), "1", "2", 1)
	if err := os.WriteFile(filepath.Join(dir, "vault.age"), []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = vault.Open(dir)
	if err == nil || strings.Contains(err.Error(), strings.TrimSpace(broken)[20:]) {
		t.Errorf("open: %v", err)
	}
}

func TestFilesAreEncryptedAndReadFromAnywhere(t *testing.T) {
	v := vault.Temporary()
	mine, other := key(t, v), key(t, v)
	words := bytes.Repeat([]byte("what was said among us "), 20_000)
	file := encrypted(t, mine, words)
	if bytes.Contains(file, []byte("among us")) {
		t.Error("the words stand in the file")
	}
	r, err := mine.DecryptFrom(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, words) {
		t.Errorf("read %d bytes of %d: %v", len(got), len(words), err)
	}
	at, size, err := mine.DecryptAt(bytes.NewReader(file), int64(len(file)))
	if err != nil || size != int64(len(words)) {
		t.Fatalf("size %d, %v", size, err)
	}
	part := make([]byte, 22)
	if _, err := at.ReadAt(part, 23*10_000); err != nil || string(part) != "what was said among us" {
		t.Errorf("in the middle: %q, %v", part, err)
	}
	if _, err := other.DecryptFrom(bytes.NewReader(file)); !errors.Is(err, vault.ErrSealed) {
		t.Errorf("another community's key: %v", err)
	}
	if mine.Name("a") == other.Name("a") || mine.Name("a") == mine.Name("b") {
		t.Error("names of files tell communities or contents apart wrongly")
	}
}

// A stream that lost its end, or that was changed anywhere, does not read to its end.
func TestAFileThatWasCutOrChangedIsRefused(t *testing.T) {
	k := key(t, vault.Temporary())
	file := encrypted(t, k, bytes.Repeat([]byte("x"), 150_000))
	for name, broken := range map[string][]byte{
		"cut in its last piece":       file[:len(file)-1],
		"cut between two pieces":      file[:len(file)-(150_000-2*65_536+16)],
		"longer than it was":          append(bytes.Clone(file), 0),
		"changed in its first piece":  changed(file, 300),
		"changed in its last piece":   changed(file, len(file)-20),
		"its first two pieces traded": traded(file, 150_000),
	} {
		if r, err := k.DecryptFrom(bytes.NewReader(broken)); err == nil {
			if n, err := io.Copy(io.Discard, r); err == nil {
				t.Errorf("%s: all %d bytes were read", name, n)
			}
		}
		if r, size, err := k.DecryptAt(bytes.NewReader(broken), int64(len(broken))); err == nil {
			if n, err := io.Copy(io.Discard, io.NewSectionReader(r, 0, size)); err == nil {
				t.Errorf("%s: all %d bytes were read, from anywhere", name, n)
			}
		}
	}
}

func encrypted(t *testing.T, k *vault.Key, plain []byte) []byte {
	t.Helper()
	var file bytes.Buffer
	w, err := k.EncryptTo(&file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func changed(file []byte, at int) []byte {
	out := bytes.Clone(file)
	out[at] ^= 1
	return out
}

func traded(file []byte, plain int) []byte {
	const piece = 65_536 + 16
	header := len(file) - plain - 3*16
	out := bytes.Clone(file[:header])
	out = append(out, file[header+piece:header+2*piece]...)
	out = append(out, file[header:header+piece]...)
	return append(out, file[header+2*piece:]...)
}

// Twenty programs that start at once on an empty folder have the same keys.
func TestKeysAreMadeOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	vaults := make([]*vault.Vault, 20)
	var all sync.WaitGroup
	for i := range vaults {
		all.Go(func() {
			v, err := vault.Open(dir)
			if err != nil {
				t.Errorf("open: %v", err)
			}
			vaults[i] = v
		})
	}
	all.Wait()
	if t.Failed() {
		return
	}
	wrapped, _, err := vaults[0].NewKey()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range vaults {
		if _, err := v.Unwrap(wrapped); err != nil || v.Mark("x") != vaults[0].Mark("x") {
			t.Errorf("one of them has other keys: %v", err)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 2 {
		t.Errorf("the folder holds %v (%v)", left, err)
	}
}

func TestAForgottenKeyIsOpenedAnew(t *testing.T) {
	v := vault.Temporary()
	wrapped, _, err := v.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	first, _ := v.Unwrap(wrapped)
	second, _ := v.Unwrap(wrapped)
	v.Forget(wrapped)
	third, err := v.Unwrap(wrapped)
	if err != nil || first != second || first == third {
		t.Errorf("remembered %t, remembered after it was forgotten %t, %v", first == second, first == third, err)
	}
}

func TestMarksTellPartsApart(t *testing.T) {
	v := vault.Temporary()
	if v.Mark("a", "b") == v.Mark("ab") || v.Mark("a", "b") == v.Mark("b", "a") || v.Mark("a") == vault.Temporary().Mark("a") {
		t.Error("different things share a mark")
	}
	if first, again := v.Mark("a", "b"), v.Mark("a", "b"); first != again || len(first) != 64 {
		t.Error("a mark changes, or is not 64 characters long")
	}
}

func TestKeysAreNeverPrinted(t *testing.T) {
	v := vault.Temporary()
	k := key(t, v)
	holder := struct{ K any }{k}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x", "%q"} {
		for _, said := range []string{fmt.Sprintf(verb, k), fmt.Sprintf(verb, *k)} {
			if said != "[key]" {
				t.Errorf("%s prints %q", verb, said)
			}
		}
		if said := fmt.Sprintf(verb, v); said != "[keys]" {
			t.Errorf("%s prints %q", verb, said)
		}
		if said := fmt.Sprintf(verb, holder); !strings.Contains(said, "[key]") {
			t.Errorf("%s prints %q", verb, said)
		}
	}
	var log bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewJSONHandler(&log, nil), slog.NewTextHandler(&log, nil)} {
		slog.New(handler).InfoContext(t.Context(), "keys", slog.Any("key", k), slog.Any("copy", *k), slog.Any("vault", v))
	}
	if n := strings.Count(log.String(), "[key]") + strings.Count(log.String(), "[keys]"); n != 6 {
		t.Errorf("it logs %s", log.String())
	}
}
