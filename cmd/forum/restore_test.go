package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/consultations/vault"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// backedUp is a village with a backup, after which more was recorded and signed, and
// then the database and the evidence were lost. Keys and signer are still there.
func backedUp(t *testing.T) (v *village, dir string) {
	t.Helper()
	v = newVillage(t)
	dir = filepath.Join(t.TempDir(), "backup")
	code, out := v.forum("backup", "--data", v.data, "--to", dir)
	v.expect(code, out, 0, "and 2 files of evidence", "not in it, and to be kept apart") // the file, and what its upload became
	v.handIn("what was said later")
	v.seal()
	code, out = v.independent(v.given()) // the community has seen all three entries
	v.expect(code, out, 0, "All 3 entries")
	v.close()
	v.lose("forum.db", "forum.db-wal", "forum.db-shm", "evidence")
	return v, dir
}

func (v *village) lose(names ...string) {
	v.Helper()
	for _, name := range names {
		v.must(os.RemoveAll(filepath.Join(v.data, name)))
	}
}

func (v *village) restore(dir string, more ...string) (int, string) {
	v.Helper()
	return v.forum(append([]string{"restore", "--data", v.data, "--from", dir}, more...)...)
}

func TestNoBackupHoldsAKey(t *testing.T) {
	v, dir := backedUp(t)
	var secrets [][]byte
	for _, name := range []string{"vault/vault.age", "vault/marks.key", "signer/keys"} {
		raw, err := os.ReadFile(filepath.Join(v.data, name))
		v.must(err)
		secrets = append(secrets, bytes.TrimSpace(raw))
	}
	v.must(filepath.WalkDir(dir, func(name string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := os.ReadFile(name)
		for _, secret := range secrets {
			if bytes.Contains(raw, secret) {
				t.Errorf("%s holds a key", name)
			}
		}
		if bytes.Contains(raw, []byte("what the assembly said")) {
			t.Errorf("%s holds evidence in clear", name)
		}
		return err
	}))
}

// The drill: a record comes back, says that it did, and goes on.
func TestARestoredRecordSaysSoAndGoesOn(t *testing.T) {
	v, dir := backedUp(t)
	code, out := v.restore(dir)
	v.expect(code, out, 0, "and 2 files of evidence", "went on from a backup at entry 2; before that it was forum.example/l/", "lost: log "+string(v.community)+", 1 entries from 2 on")
	v.open()
	v.handIn("after the fire")
	v.seal()
	if head := v.head(); head.Size != 4 {
		t.Errorf("it has %d entries, want 2, the restoration and one", head.Size)
	}
	code, out = v.verify()
	v.expect(code, out, 5, "restored: log", "lost: log", "2 files of evidence are what was handed in", "a log is not whole")
	for range 2 { // who has seen what is lost remembers it
		code, out = v.independent(v.given())
		v.expect(code, out, 5, "RESTORED. The log cannot be called whole", "All 4 entries", "with 2 entries, and was the log forum.example/l/", "signed then, 1 entries are lost")
	}
	// On the pages it is no altered log: what happened stands in it.
	found, err := v.s.CheckLogs(t.Context())
	if err != nil || len(found) != 1 {
		t.Errorf("found %v, %v", found, err)
	}
	seat, err := v.s.SeatOf(t.Context(), v.fara, v.community)
	if err != nil || seat.Community.Altered || len(seat.Community.Restorations) != 1 || seat.Community.Restorations[0] != 2 {
		t.Errorf("its restorations are %v, %v", seat.Community, err)
	}
}

func TestARestoredRecordThatLacksNothingSaysSo(t *testing.T) {
	v := newVillage(t)
	dir := filepath.Join(t.TempDir(), "backup")
	code, out := v.forum("backup", "--data", v.data, "--to", dir)
	v.expect(code, out, 0, "")
	v.close()
	v.lose("forum.db", "forum.db-wal", "forum.db-shm")
	code, out = v.restore(dir) // the evidence is still there
	v.expect(code, out, 0, "nothing that was signed is missing")
	v.open()
	v.seal()
	code, out = v.verify()
	v.expect(code, out, 0, "nothing that was signed is missing")
}

// It comes back on the other engine too.
func TestARecordIsRestoredOnPostgres(t *testing.T) {
	v, dir := backedUp(t)
	url := databasetest.PostgresURL(t)
	code, out := v.restore(dir, "--database", url)
	v.expect(code, out, 0, "lost: log "+string(v.community)+", 1 entries from 2 on")
	code, out = v.forum("verify", "--data", v.data, "--database", url, "--signer", filepath.Join(v.data, "signer"))
	v.expect(code, out, 5, "restored: log", "looked at 1 logs with 3 entries", "1 files of evidence are what was handed in")
}

// What does not fit is refused, in a sentence, and leaves nothing.
func TestARestoreThatDoesNotFitIsRefused(t *testing.T) {
	for what, row := range map[string]struct {
		do   func(v *village) []string
		says string
	}{
		"without the keys": {func(v *village) []string { v.lose("vault"); return nil }, "put the copy of the vault there first"},
		"with the keys of another forum": {func(v *village) []string {
			v.lose("vault")
			_, err := vault.Open(filepath.Join(v.data, "vault"))
			v.must(err)
			return nil
		}, "these keys do not open the record"},
		"without the signer":                  {func(v *village) []string { v.lose("signer"); return nil }, "say --signer-lost"},
		"with a signer that is not there":     {func(v *village) []string { return []string{"--signer", v.data} }, "the signer's memory"},
		"with a signer that is lost and here": {func(*village) []string { return []string{"--signer-lost"} }, "is not lost, it is in"},
		"over other evidence": {func(v *village) []string {
			folder := filepath.Join(v.data, "evidence", string(v.community))
			v.must(os.MkdirAll(folder, 0o700))
			names, err := filepath.Glob(filepath.Join(v.backup(), "evidence", "*", "*.age"))
			v.must(err)
			v.must(os.WriteFile(filepath.Join(folder, filepath.Base(names[0])), []byte("another"), 0o600))
			return nil
		}, "another file of this name"},
	} {
		t.Run(what, func(t *testing.T) {
			v, dir := backedUp(t)
			v.must(os.Symlink(dir, v.backup()))
			more := row.do(v)
			code, out := v.restore(dir, more...)
			v.expect(code, out, 1, row.says)
			if left, _ := filepath.Glob(filepath.Join(v.data, "evidence", "*", "*.done")); len(left) > 0 {
				t.Errorf("%v is left", left)
			}
			if code, out := v.forum("verify", "--data", v.data, "--vault", filepath.Join(t.TempDir(), "none")); strings.Contains(out, "looked at 1 logs") {
				t.Errorf("a log is left: %d %s", code, out)
			}
		})
	}
}

// backup is another name for the backup's folder.
func (v *village) backup() string { return filepath.Join(filepath.Dir(v.data), "backed-up") }

// Where the signer's memory is lost too, nobody can say what is missing, and the
// record says that for ever.
func TestARestoreWithoutTheSignerSaysSo(t *testing.T) {
	v, dir := backedUp(t)
	v.lose("signer")
	code, out := v.restore(dir, "--signer-lost")
	v.expect(code, out, 0, "no signature of it is remembered")
	code, out = v.forum("verify", "--data", v.data)
	v.expect(code, out, 5, "no signature of it is remembered")
}

// A backup of another history than the one that was signed is no backup of it.
func TestABackupOfAnotherHistoryIsRefused(t *testing.T) {
	v := newVillage(t)
	v.close()
	dir, kept := filepath.Join(t.TempDir(), "backup"), filepath.Join(t.TempDir(), "signer")
	v.must(ledger.BackUp(filepath.Join(v.data, "signer"), kept))
	v.must(os.RemoveAll(filepath.Join(v.data, "signer", "memory"))) // somebody makes the signer forget,
	v.open()
	v.tamper("UPDATE ledger_entries SET slots = zeroblob(256) WHERE idx = 1")
	code, out := v.forum("backup", "--data", v.data, "--to", dir)
	v.expect(code, out, 0, "")
	v.close()
	v.lose("forum.db", "forum.db-wal", "forum.db-shm", "signer")
	v.must(os.Rename(kept, filepath.Join(v.data, "signer")))
	code, out = v.restore(dir)
	v.expect(code, out, 1, "altered: log", "are not what was recorded and signed; nothing was restored")
}

// tamper does what whoever owns the database can.
func (v *village) tamper(statements ...string) {
	v.Helper()
	write := v.db.Write.WithContext(v.Context())
	var triggers []string
	v.must(write.Raw("SELECT 'DROP TRIGGER ' || name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'ledger%'").Scan(&triggers).Error)
	for _, s := range append(append([]string{"PRAGMA foreign_keys = OFF"}, triggers...), statements...) {
		v.must(write.Exec(s).Error)
	}
}

// Evidence that the record speaks of and the backup lacks is named.
func TestMissingEvidenceIsNamed(t *testing.T) {
	v := newVillage(t)
	item := v.handIn("lost on the disk")
	files, err := filepath.Glob(filepath.Join(v.data, "evidence", "*", "*.age"))
	if err != nil || len(files) != 2 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		v.must(os.Remove(name))
	}
	dir := filepath.Join(t.TempDir(), "backup")
	code, out := v.forum("backup", "--data", v.data, "--to", dir)
	v.expect(code, out, 0, "")
	v.close()
	v.lose("forum.db", "forum.db-wal", "forum.db-shm")
	code, out = v.restore(dir)
	v.expect(code, out, 1, "evidence "+string(item.Digest)+": expected the file that was handed in, found no such file", "2 files of evidence are missing")
	code, out = v.restore(dir, "--despite-missing")
	v.expect(code, out, 0, "files of evidence")
	code, out = v.verify()
	v.expect(code, out, 3, "evidence "+string(item.Digest), "0 files of evidence are what was handed in")
}
