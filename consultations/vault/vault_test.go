package vault_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
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
	if _, err := first.Unwrap(again); !errors.Is(err, vault.ErrSealed) {
		t.Errorf("the old identity opens what was wrapped for the new one: %v", err)
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
	var file bytes.Buffer
	w, err := mine.EncryptTo(&file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(words); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(file.Bytes(), []byte("among us")) {
		t.Error("the words stand in the file")
	}
	r, err := mine.DecryptFrom(bytes.NewReader(file.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, words) {
		t.Errorf("read %d bytes of %d: %v", len(got), len(words), err)
	}
	at, size, err := mine.DecryptAt(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil || size != int64(len(words)) {
		t.Fatalf("size %d, %v", size, err)
	}
	part := make([]byte, 22)
	if _, err := at.ReadAt(part, 23*10_000); err != nil || string(part) != "what was said among us" {
		t.Errorf("in the middle: %q, %v", part, err)
	}
	if _, err := other.DecryptFrom(bytes.NewReader(file.Bytes())); !errors.Is(err, vault.ErrSealed) {
		t.Errorf("another community's key: %v", err)
	}
	if mine.Name("a") == other.Name("a") || mine.Name("a") == mine.Name("b") {
		t.Error("names of files tell communities or contents apart wrongly")
	}
}

func TestKeysAreNeverPrinted(t *testing.T) {
	v := vault.Temporary()
	k := key(t, v)
	for _, said := range []string{fmt.Sprint(v), fmt.Sprintf("%#v", v), fmt.Sprintf("%+v", k), fmt.Sprintf("%#v", k), k.LogValue().String()} {
		if said != "[key]" && said != "[keys]" {
			t.Errorf("it prints %q", said)
		}
	}
}
