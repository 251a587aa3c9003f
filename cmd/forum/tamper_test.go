package main

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"gorm.io/gorm"

	"github.com/vcm-forum/forum/consultations/ledger"
)

// attack is what somebody does who owns the machine, and who finds it: the forum
// itself, or nobody but the community with what it remembers.
type attack struct {
	what      string
	do        func(v *village)
	code      int // of `forum verify`, which knows policy, keys and the signer's memory
	says      string
	community int // of the verifier that shares no code, with its memory; -1 where it gets no bundle
	hears     string
}

// fields of an entry as the operator seals them, with a commitment that fits.
func (v *village) reseal(index int64, value string) (leaf []byte) {
	v.Helper()
	head := v.head()
	read := v.db.Read.WithContext(v.Context())
	key, err := v.s.Vault.Unwrap(head.Key)
	v.must(err)
	entries, err := ledger.Read(read, head.ID, key, index, 1)
	v.must(err)
	e, salt := entries[0], make([]byte, 32)
	e.Slots[0] = ledger.Commitment(salt, head.Origin, index, ledger.Act, []byte(value))
	sealed := key.Seal(append([]byte{byte(len(ledger.Act))}, ledger.Act+value...), "field", head.ID, fmt.Sprint(index), "0")
	slots := ""
	for _, h := range e.Slots {
		slots += hex.EncodeToString(h[:])
	}
	v.tamper(
		fmt.Sprintf("UPDATE ledger_fields SET salt = x'%x', sealed = x'%x' WHERE idx = %d AND slot = 0", salt, sealed, index),
		fmt.Sprintf("UPDATE ledger_entries SET slots = x'%s' WHERE idx = %d", slots, index),
	)
	h := e.Leaf()
	return h[:]
}

// act is what an entry says.
func (v *village) act(index int64) string {
	v.Helper()
	head := v.head()
	key, err := v.s.Vault.Unwrap(head.Key)
	v.must(err)
	entries, err := ledger.Read(v.db.Read.WithContext(v.Context()), head.ID, key, index, 1)
	v.must(err)
	field, err := entries[0].Field(0)
	v.must(err)
	return string(field.Value)
}

// rebuild writes the log anew under its own name, the last entries left out, and has
// the real key sign it: the signer was made to forget.
func (v *village) rebuild(keep int64, acts ...string) {
	v.Helper()
	v.forget()
	head := v.head()
	key, err := v.s.Vault.Unwrap(head.Key)
	v.must(err)
	for i := keep - 1; i >= 0; i-- {
		acts = append([]string{v.act(i)}, acts...)
	}
	v.tamper("DELETE FROM ledger_checkpoints", "DELETE FROM ledger_fields", "DELETE FROM ledger_entries", "UPDATE ledger_logs SET size = 0, frontier = x''")
	for _, act := range acts {
		v.must(v.db.Write.WithContext(v.Context()).Transaction(func(tx *gorm.DB) error {
			_, err := ledger.Append(tx, head.ID, key, []ledger.Field{{Name: ledger.Act, Value: []byte(act)}})
			return err
		}))
	}
	v.seal()
}

// forget takes the signer's memory away, and has it begin anew.
func (v *village) forget() {
	v.Helper()
	v.close()
	v.lose("signer/memory")
	v.open()
}

func attacks() []attack {
	const cut = `DELETE FROM ledger_fields WHERE idx >= 4; DELETE FROM ledger_entries WHERE idx >= 4; DELETE FROM ledger_checkpoints WHERE size > 4;
		UPDATE ledger_logs SET size = 4, frontier = (SELECT substr(hashes, 65, 32) FROM ledger_entries WHERE idx = 3)`
	return []attack{
		{
			"a decision is edited", func(v *village) { v.reseal(3, `{"kind":"decided"}`) },
			3, "hash of entry 3 at level 0: expected", 3, "ALTERED. Entry ",
		},
		{"a decision is edited and its row's hash computed anew", func(v *village) {
			leaf := v.reseal(2, `{"kind":"decided"}`)
			v.tamper(fmt.Sprintf("UPDATE ledger_entries SET hashes = x'%x' WHERE idx = 2", leaf))
		}, 4, "hash of entry 3 at level 1: expected", 3, "ALTERED. Entry "},
		{
			"a row is deleted", func(v *village) {
				v.tamper("DELETE FROM ledger_fields WHERE idx = 2", "DELETE FROM ledger_entries WHERE idx = 2")
			},
			3, "entry 2: expected to be there, found entry 3 next", 3, "ALTERED. Expected entry 2, found entry 3",
		},
		{"the newest rows are cut off with all that speaks of them", func(v *village) { v.tamper(cut) }, 4, "its size: expected 6 entries, signed as the signer remembers, found 4", -1, ""},
		{"two rows are exchanged", func(v *village) {
			for _, table := range []string{"ledger_fields", "ledger_entries"} {
				v.tamper("UPDATE "+table+" SET idx = 99 WHERE idx = 2", "UPDATE "+table+" SET idx = 2 WHERE idx = 3", "UPDATE "+table+" SET idx = 3 WHERE idx = 99")
			}
		}, 3, "entry 2, slot 0: expected sealed words that open here", -1, ""},
		{
			"a time is changed", func(v *village) { v.reseal(1, `{"at":"2001-01-01T00:00:00Z"}`) },
			3, "hash of entry 1 at level 0: expected", 3, "ALTERED. Entry ",
		},
		{"a row is slipped into the past", func(v *village) {
			for _, table := range []string{"ledger_fields", "ledger_entries"} {
				v.tamper("UPDATE "+table+" SET idx = idx + 100 WHERE idx >= 2", "UPDATE "+table+" SET idx = idx - 99 WHERE idx >= 100")
			}
			v.tamper("INSERT INTO ledger_entries SELECT log, 2, slots, hashes FROM ledger_entries WHERE idx = 1")
		}, 3, "act of entry 2: expected to be there, found nothing", -1, ""},
		{"a file is replaced by another of the same name and size", func(v *village) {
			files, err := filepath.Glob(filepath.Join(v.data, "evidence", "*", "*.age"))
			v.must(err)
			raw, err := os.ReadFile(files[0])
			v.must(err)
			raw[len(raw)-40] ^= 1
			v.must(os.WriteFile(files[0], raw, 0o600))
		}, 3, "expected the file that was handed in, found the file is not what was handed in", 0, "All 6 entries"},
		{"another file of the record is put in its place", func(v *village) {
			files, err := filepath.Glob(filepath.Join(v.data, "evidence", "*", "*.age"))
			v.must(err)
			raw, err := os.ReadFile(files[1])
			v.must(err)
			v.must(os.WriteFile(files[0], raw, 0o600))
		}, 3, "expected the file that was handed in, found the file is not what was handed in", 0, "All 6 entries"},
		{"all is rolled back to yesterday, the signer too", func(v *village) {
			v.close()
			yesterday := v.yesterday
			v.must(os.RemoveAll(v.data))
			copyTree(v.T, yesterday, v.data)
			v.open()
		}, 0, "looked at 1 logs with 4 entries", 4, "FORK. The log has 4 entries, but had 6 when it was last seen"},
		{
			"the log is made anew with the real key", func(v *village) {
				v.rebuild(2, `{"kind":"cover"}`, `{"kind":"cover"}`, `{"kind":"cover"}`, `{"kind":"cover"}`, `{"kind":"cover"}`)
			},
			0, "looked at 1 logs with 7 entries", 4, "FORK. The first 6 entries are signed, but are not those seen before",
		},
		{"the key is replaced", func(v *village) {
			v.close()
			v.lose("signer")
			_, err := ledger.AddKey(filepath.Join(v.data, "signer"))
			v.must(err)
			v.open()
			v.tamper("DELETE FROM ledger_checkpoints")
			v.seal()
		}, 3, "a signature by a key of the policy, found none", 3, "The signatures under the checkpoint do not hold"},
	}
}

// R30, all of it, on a copy of a whole data folder each. The seven that change the
// inside and the cut tail are found by the forum alone; what only memory elsewhere
// can find, by the community with the program that shares no code with us.
func TestEveryTamperingWithAForumIsFound(t *testing.T) {
	v := newVillage(t)
	for _, words := range []string{"second", "third"} {
		v.handIn(words)
		v.seal()
	}
	v.close()
	v.yesterday = filepath.Join(t.TempDir(), "yesterday")
	copyTree(t, v.data, v.yesterday)
	v.open()
	for _, words := range []string{"fourth", "fifth"} {
		v.handIn(words)
		v.seal()
	}
	policy := filepath.Join(t.TempDir(), "policy") // as it was given away before
	v.must(os.WriteFile(policy, []byte(v.s.Seals.Text), 0o600))
	code, out := v.independent(v.bundle(), policy)
	v.expect(code, out, 0, "All 6 entries")
	verify := func(v *village) (int, string) {
		return v.forum("verify", "--data", v.data, "--signer", filepath.Join(v.data, "signer"), "--policy", policy)
	}
	code, out = verify(v)
	v.expect(code, out, 0, "looked at 1 logs with 6 entries and 5 checkpoints", "5 files of evidence are what was handed in")
	v.close()
	for _, a := range attacks() {
		t.Run(a.what, func(t *testing.T) {
			c := v.copied(t)
			a.do(c)
			code, out := verify(c)
			c.expect(code, out, a.code, a.says)
			if a.community >= 0 {
				code, out = c.independent(c.bundle(), policy)
				c.expect(code, out, a.community, a.hears)
			}
		})
	}
}

// copied is the same forum on another disk, and the community with its memory.
func (v *village) copied(t *testing.T) *village {
	t.Helper()
	c := &village{
		T: t, data: filepath.Join(t.TempDir(), "data"), fara: v.fara, community: v.community, end: func() {}, verifier: v.verifier,
		state: filepath.Join(t.TempDir(), "state"), yesterday: v.yesterday,
	}
	copyTree(t, v.data, c.data)
	if v.state != "" {
		copyTree(t, v.state, c.state)
	}
	c.open()
	return c
}

// copyTree copies a folder with its modes.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(name string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		target := filepath.Join(to, relative)
		if entry.IsDir() {
			return os.MkdirAll(target, 0o700)
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		raw, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		return os.WriteFile(target, raw, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
}
