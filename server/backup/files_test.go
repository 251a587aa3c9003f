package backup_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"

	"github.com/vcm-forum/forum/server/backup"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// evidenceFolder makes a folder as the forum keeps it: files of two communities,
// and beside them what no backup holds.
func evidenceFolder(t *testing.T, files int) string {
	t.Helper()
	dir := t.TempDir()
	for i := range files {
		community := filepath.Join(dir, []string{"village", "another"}[i%2])
		must(t, os.MkdirAll(community, 0o700))
		name := filepath.Join(community, nameOf(i)+".age")
		put(t, name, []byte(strings.Repeat(fmt.Sprint("sealed ", i), 10_000)))
		must(t, os.Chtimes(name, time.Time{}, time.Unix(int64(1_700_000_000+i), 123_456_789)))
		put(t, filepath.Join(community, nameOf(i)[:32]+".done"), []byte("what it became"))
	}
	for _, rest := range []string{"village/.lock", "village/" + nameOf(1)[:32] + ".part", "village/" + nameOf(2)[:32] + ".new", "stray"} {
		put(t, filepath.Join(dir, rest), []byte("not for a backup"))
	}
	return dir
}

func nameOf(i int) string {
	sum := sha256.Sum256([]byte{byte(i)})
	return hex.EncodeToString(sum[:])
}

// filesOf are the files below a folder with their content and time.
func filesOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	must(t, filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		relative, _ := filepath.Rel(dir, name) // both are absolute
		found[relative] = fmt.Sprintf("%x of %s", sha256.Sum256(get(t, name)), info.ModTime().UTC())
		return err
	}))
	return found
}

// sameFiles checks that a restored folder holds what was to be kept of another.
func sameFiles(t *testing.T, from, to string) {
	t.Helper()
	kept := filesOf(t, from)
	for name := range kept {
		if !strings.HasSuffix(name, ".age") && !strings.HasSuffix(name, ".done") {
			delete(kept, name)
		}
	}
	if diff := cmp.Diff(kept, filesOf(t, to)); diff != "" || len(kept) == 0 {
		t.Errorf("restored files (-kept, +restored):\n%s", diff)
	}
}

// backUpWith backs up a forum that has nothing but evidence.
func backUpWith(t *testing.T, db *database.DB, files, dir string) backup.Manifest {
	t.Helper()
	m, err := backup.Write(t.Context(), backup.Source{DB: db, Evidence: files, Program: "test"}, dir)
	must(t, err)
	return m
}

func TestEvidenceIsInABackup(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		newForum(t, db).account("Somebody")
		files, dir := evidenceFolder(t, 5), filepath.Join(t.TempDir(), "backup")
		m := backUpWith(t, db, files, dir)
		if got, err := backup.Verify(dir); err != nil || len(got.Evidence) != 10 || cmp.Diff(m, got) != "" {
			t.Errorf("Verify = %v with %d files", err, len(got.Evidence))
		}
		sameFiles(t, files, filepath.Join(dir, "evidence"))
		to := filepath.Join(t.TempDir(), "data", "evidence")
		_, err := backup.Restore(t.Context(), backup.Target{DB: engines[db.Dialect](t), Evidence: to}, dir)
		must(t, err)
		sameFiles(t, files, to)
	})
}

// What a backup beside it holds is not copied again; what has another size or time is.
func TestUnchangedEvidenceIsShared(t *testing.T) {
	db := databasetest.SQLite(t)
	files, backups := evidenceFolder(t, 4), t.TempDir()
	first, second := filepath.Join(backups, "first"), filepath.Join(backups, "second")
	backUpWith(t, db, files, first)
	changed, removed := filepath.Join("village", nameOf(0)+".age"), filepath.Join("another", nameOf(1)+".age")
	put(t, filepath.Join(files, changed), []byte("handed in again, sealed anew"))
	must(t, os.Remove(filepath.Join(files, removed)))
	m := backUpWith(t, db, files, second)
	sameFiles(t, files, filepath.Join(second, "evidence"))
	shared := 0
	for _, f := range m.Evidence {
		a, errA := os.Stat(filepath.Join(first, "evidence", f.Name))
		b, errB := os.Stat(filepath.Join(second, "evidence", f.Name))
		must(t, errors.Join(errA, errB))
		if os.SameFile(a, b) {
			shared++
		}
	}
	if shared != 6 {
		t.Errorf("%d files of %d are shared, want 6", shared, len(m.Evidence))
	}
	must(t, os.RemoveAll(first))
	if _, err := backup.Verify(second); err != nil {
		t.Error(err)
	}
}

func TestDamagedEvidenceIsRefused(t *testing.T) {
	from := databasetest.SQLite(t)
	newForum(t, from).account("Somebody")
	good := filepath.Join(t.TempDir(), "backup")
	backUpWith(t, from, evidenceFolder(t, 2), good)
	name := filepath.Join("evidence", "village", nameOf(0)+".age")
	db := databasetest.SQLite(t)
	for what, do := range map[string]func(dir string){
		"one bit has changed": func(dir string) {
			raw := get(t, filepath.Join(dir, name))
			raw[len(raw)/2] ^= 1
			put(t, filepath.Join(dir, name), raw)
		},
		"another of the same size": func(dir string) {
			put(t, filepath.Join(dir, name), []byte(strings.Repeat("sealed 7", 10_000)))
		},
		"it is missing":       func(dir string) { must(t, os.Remove(filepath.Join(dir, name))) },
		"one is not named":    func(dir string) { put(t, filepath.Join(dir, "evidence", "village", nameOf(9)+".age"), nil) },
		"a folder lies below": func(dir string) { must(t, os.MkdirAll(filepath.Join(dir, "evidence", "village", "x"), 0o700)) },
		"one lies elsewhere": func(dir string) {
			manifest(func(m *backup.Manifest) { m.Evidence[0].Name = "../../" + m.Evidence[0].Name })(t, dir)
		},
		"one lies elsewhere and is there": func(dir string) {
			manifest(func(m *backup.Manifest) {
				must(t, os.Rename(filepath.Join(dir, "evidence", m.Evidence[0].Name), filepath.Join(dir, "stray")))
				m.Evidence[0].Name = "../stray"
			})(t, dir)
		},
		"one is named twice": func(dir string) {
			manifest(func(m *backup.Manifest) { m.Evidence = append(m.Evidence, m.Evidence[0]) })(t, dir)
		},
	} {
		dir, to := filepath.Join(t.TempDir(), "backup"), filepath.Join(t.TempDir(), "evidence")
		must(t, os.CopyFS(dir, os.DirFS(good)))
		do(dir)
		if _, err := backup.Restore(t.Context(), backup.Target{DB: db, Evidence: to}, dir); !errors.Is(err, backup.ErrBroken) {
			t.Errorf("%s: %v, want ErrBroken", what, err)
		}
		if _, err := os.Stat(to); err == nil {
			t.Errorf("%s: something was restored", what)
		}
	}
}

// What lies where evidence is to go is never overwritten and never removed.
func TestEvidenceThatIsThereStays(t *testing.T) {
	from := databasetest.SQLite(t)
	newForum(t, from).account("Somebody")
	files, dir := evidenceFolder(t, 4), filepath.Join(t.TempDir(), "backup")
	m := backUpWith(t, from, files, dir)
	to := filepath.Join(t.TempDir(), "evidence")
	must(t, os.CopyFS(to, os.DirFS(files)))
	last := filepath.Join(to, m.Evidence[len(m.Evidence)-1].Name)
	must(t, os.Remove(filepath.Join(to, m.Evidence[0].Name)))
	put(t, last, []byte("handed in after the backup"))
	before := filesOf(t, to)
	db := databasetest.SQLite(t)
	_, err := backup.Restore(t.Context(), backup.Target{DB: db, Evidence: to}, dir)
	if !errors.Is(err, backup.ErrOther) || !strings.Contains(err.Error(), last) {
		t.Errorf("Restore = %v, want ErrOther and the file's name", err)
	}
	if diff := cmp.Diff(before, filesOf(t, to)); diff != "" || count(t, db, "people") > 0 {
		t.Errorf("what was refused left traces:\n%s", diff)
	}
	must(t, os.Remove(last))
	_, err = backup.Restore(t.Context(), backup.Target{DB: db, Evidence: to}, dir)
	must(t, err)
	for _, f := range m.Evidence {
		if _, err := os.Stat(filepath.Join(to, f.Name)); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(filepath.Join(to, "stray")); err != nil {
		t.Errorf("what was there is gone: %v", err)
	}
}

// Whoever asked for a restore has the last word.
func TestWhatTheFinishRefusesIsNotRestored(t *testing.T) {
	from := databasetest.SQLite(t)
	newForum(t, from).account("Somebody")
	dir, to, no := filepath.Join(t.TempDir(), "backup"), filepath.Join(t.TempDir(), "evidence"), errors.New("no")
	m := backUpWith(t, from, evidenceFolder(t, 2), dir)
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		_, err := backup.Restore(t.Context(), backup.Target{DB: db, Evidence: to, Finish: func(tx *gorm.DB, got backup.Manifest) error {
			var n int64
			must(t, tx.Table("people").Count(&n).Error)
			if n != 1 || cmp.Diff(m, got) != "" {
				t.Errorf("it sees %d people", n)
			}
			return no
		}}, dir)
		if left := filesOf(t, to); !errors.Is(err, no) || len(left) > 0 || count(t, db, "people") > 0 {
			t.Errorf("Restore = %v, left are %v", err, left)
		}
	})
}

// Backups of the first format have no evidence.
func TestABackupOfTheFirstFormatIsRestored(t *testing.T) {
	from := databasetest.SQLite(t)
	newForum(t, from).account("Somebody")
	dir, _ := backUp(t, from)
	manifest(func(m *backup.Manifest) { m.Format = 1 })(t, dir)
	to := databasetest.SQLite(t)
	restore(t, to, dir)
	if n := count(t, to, "people"); n != 1 {
		t.Errorf("%d people", n)
	}
}

// A file that is erased while a backup is made is left out, and never half there.
func TestEvidenceErasedMeanwhileIsLeftOut(t *testing.T) {
	db := databasetest.SQLite(t)
	files := evidenceFolder(t, 60)
	ended := make(chan error, 1)
	begun := make(chan struct{})
	go func() {
		close(begun)
		for i := range 60 { // as evidence.Remove does: its head is overwritten, then it goes
			name := filepath.Join(files, []string{"village", "another"}[i%2], nameOf(i)+".age")
			file, err := os.OpenFile(name, os.O_WRONLY, 0)
			if err == nil {
				_, err = file.WriteAt(make([]byte, 4096), 0)
				err = errors.Join(err, file.Sync(), file.Close(), os.Remove(name))
			}
			if err != nil {
				ended <- err
				return
			}
		}
		ended <- nil
	}()
	<-begun
	for n := range 5 {
		dir := filepath.Join(t.TempDir(), fmt.Sprint("backup", n))
		m := backUpWith(t, db, files, dir)
		if _, err := backup.Verify(dir); err != nil {
			t.Fatal(err)
		}
		for _, f := range m.Evidence {
			if raw := get(t, filepath.Join(dir, "evidence", f.Name)); slices.Equal(raw[:2], []byte{0, 0}) {
				t.Errorf("backup %d holds %s without its head", n, f.Name)
			}
		}
	}
	must(t, <-ended)
}
