package backup_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/backup"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

func TestABackupMakesTheSameForumOnEitherEngine(t *testing.T) {
	eachPair(t, func(t *testing.T, from, to *database.DB) {
		k := newForum(t, from).talk("Carbon rights")
		k.live()
		before := contents(t, from)
		for table, rows := range before {
			unused := []string{"logins", "links", "record_probe"} // made by the server, not by the domain
			if len(rows) == 0 && !slices.Contains(unused, table) {
				t.Errorf("the test fills no row of %s", table)
			}
		}
		dir, m := backUp(t, from)
		if got := restore(t, to, dir); cmp.Diff(m, got) != "" {
			t.Errorf("the manifest came back changed:\n%s", cmp.Diff(m, got))
		}
		after := contents(t, to)
		for _, table := range []string{"record_entries", "record_passing_entries"} {
			after[table] = slices.DeleteFunc(after[table], func(s string) bool { return strings.Contains(s, "record.restored") })
		}
		for _, table := range []string{"record_heads", "record_answers"} {
			delete(before, table) // a new epoch
			delete(after, table)
		}
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("restored (-backed up, +restored):\n%s", diff)
		}
		checkReopened(t, from, to)
		k.s, k.people, k.db = newForum(t, to).s, nil, to
		said := k.must(k.say(k.lead, "And on we go.", ""))
		if head, _ := record.HeadOf(t.Context(), to.Read, string(k.id)); said.Seq != head.Seq || said.Epoch != head.Epoch {
			t.Errorf("the next line is %+v, the head %+v", said, head)
		}
	})
}

// checkReopened holds the rooms of a restored forum against those it came from.
func checkReopened(t *testing.T, from, to *database.DB) {
	t.Helper()
	old, err := record.Heads(t.Context(), from.Read)
	if err != nil {
		t.Fatal(err)
	}
	for _, was := range old {
		is, err := record.HeadOf(t.Context(), to.Read, was.Room)
		if err != nil || is.Epoch <= was.Epoch || is.Seq != was.Seq+1 {
			t.Errorf("room %s was %+v and is %+v, %v", was.Room, was, is, err)
		}
		lines, err := record.After(t.Context(), to.Read, was.Room, was.Seq, 10)
		if err != nil || len(lines) != 1 || lines[0].Verb != backup.Restored || lines[0].At.Before(was.At) {
			t.Errorf("after line %d of %s: %+v, %v", was.Seq, was.Room, lines, err)
		}
	}
	if n := count(t, to, "record_answers a JOIN record_heads h ON h.room = a.room WHERE h.epoch <> a.epoch"); n != 0 {
		t.Errorf("%d answers speak of an epoch that is over", n)
	}
	if n := count(t, to, "record_answers"); n == 0 {
		t.Error("no answer was kept")
	}
}

// An epoch must grow even where a clock was ahead when it was made.
func TestTheEpochGrowsEvenFromTheFuture(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		newForum(t, db).account("Somebody")
		const future = int64(1) << 52
		run(t, db, "UPDATE record_heads SET epoch = ?", future)
		dir, _ := backUp(t, db)
		to := databasetest.SQLite(t)
		restore(t, to, dir)
		if head, err := record.HeadOf(t.Context(), to.Read, record.ForumRoom); err != nil || head.Epoch != future+1 {
			t.Errorf("head = %+v, %v, want epoch %d", head, err, future+1)
		}
	})
}

func TestABackupIsForItsOwnersEyes(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		newForum(t, db).account("Somebody")
		dir, _ := backUp(t, db)
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := d.Info()
			if want := map[bool]fs.FileMode{true: 0o700, false: 0o600}[d.IsDir()]; err == nil && info.Mode().Perm() != want {
				t.Errorf("%s has mode %04o, want %04o", path, info.Mode().Perm(), want)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestTheSameForumMakesTheSameFiles(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		newForum(t, db).talk("Carbon rights").live()
		_, first := backUp(t, db)
		_, second := backUp(t, db)
		if diff := cmp.Diff(first.Tables, second.Tables); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAFolderWithSomethingInItIsLeftAlone(t *testing.T) {
	db := databasetest.SQLite(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "mine"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Write(t.Context(), backup.Source{DB: db, Program: "test"}, dir); !errors.Is(err, backup.ErrOccupied) {
		t.Errorf("Write = %v, want ErrOccupied", err)
	}
	empty := t.TempDir()
	if _, err := backup.Write(t.Context(), backup.Source{DB: db, Program: "test"}, empty); err != nil {
		t.Errorf("Write to an empty folder: %v", err)
	}
}

func TestNothingIsLeftOfABackupThatFails(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		run(t, db, "CREATE TABLE zz_strange (id BIGINT PRIMARY KEY, place NUMERIC(4,2))")
		parent := t.TempDir()
		_, err := backup.Write(t.Context(), backup.Source{DB: db, Program: "test"}, filepath.Join(parent, "backup"))
		if err == nil || !strings.Contains(err.Error(), "column place of table zz_strange") {
			t.Errorf("Write = %v, want an error that names the column", err)
		}
		run(t, db, "DROP TABLE zz_strange")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := backup.Write(ctx, backup.Source{DB: db, Program: "test"}, filepath.Join(parent, "backup")); !errors.Is(err, context.Canceled) {
			t.Errorf("Write = %v, want Canceled", err)
		}
		if left, err := os.ReadDir(parent); err != nil || len(left) > 0 {
			t.Errorf("%v is left, %v", left, err)
		}
	})
}

func TestTablesThatPointToEachOtherInACircleAreRefused(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		run(t, db, "CREATE TABLE zz_hen (id BIGINT PRIMARY KEY)")
		run(t, db, "CREATE TABLE zz_egg (id BIGINT PRIMARY KEY REFERENCES zz_hen (id))")
		run(t, db, "ALTER TABLE zz_hen ADD COLUMN egg BIGINT REFERENCES zz_egg (id)")
		_, err := backup.Write(t.Context(), backup.Source{DB: db, Program: "test"}, filepath.Join(t.TempDir(), "backup"))
		if err == nil || !strings.Contains(err.Error(), "zz_egg, zz_hen") {
			t.Errorf("Write = %v, want the circle's names", err)
		}
	})
}

func TestADatabaseWithoutTablesIsNoForum(t *testing.T) {
	db, err := database.Open(t.Context(), database.Config{Dir: filepath.Join(t.TempDir(), "data")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if _, err := backup.Write(t.Context(), backup.Source{DB: db, Program: "test"}, filepath.Join(t.TempDir(), "backup")); err == nil {
		t.Error("Write succeeded")
	}
}
