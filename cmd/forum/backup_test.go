package main_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// roomLine is how backup and restore say what they hold.
var roomLine = regexp.MustCompile(`(?m)^room (\S+) up to line (\d+) of epoch (\d+)$`)

// An operator's way: back a forum up, make a new one from it on either engine,
// be refused where a forum is already.
func TestBackupAndRestore(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, from *database.DB) {
		administrator(t, from, "First", "")
		if code, _, stderr := command(t, append([]string{"import", "polis", export(t, goodComments, goodSummary)}, at(from)...)...); code != 0 {
			t.Fatal(stderr)
		}
		dir := filepath.Join(t.TempDir(), "backups", "one")
		code, out, stderr := command(t, append([]string{"backup", "--to", dir}, at(from)...)...)
		rooms := roomLine.FindAllStringSubmatch(out, -1)
		if code != 0 || len(rooms) != 2 {
			t.Fatalf("exit %d, printed %q, said %q; want a line for each of two rooms", code, out, stderr)
		}
		for _, target := range [][]string{
			{"--data", filepath.Join(t.TempDir(), "data")}, {"--database", databasetest.PostgresURL(t)},
		} {
			code, out, stderr := command(t, append([]string{"restore", "--from", dir}, target...)...)
			if code != 0 || !slices.EqualFunc(rooms, roomLine.FindAllStringSubmatch(out, -1), slices.Equal[[]string]) {
				t.Errorf("exit %d, printed %q, said %q; want the rooms %q", code, out, stderr, rooms)
			}
			checkRestored(t, from, target)
			if code, _, stderr := command(t, append([]string{"restore", "--from", dir}, target...)...); code != 1 || !strings.Contains(stderr, "not empty") {
				t.Errorf("a second time: exit %d, said %q", code, stderr)
			}
		}
		if code, _, stderr := command(t, append([]string{"backup", "--to", dir}, at(from)...)...); code != 1 || !strings.Contains(stderr, "new or empty") {
			t.Errorf("over another backup: exit %d, said %q", code, stderr)
		}
	})
}

func checkRestored(t *testing.T, from *database.DB, target []string) {
	t.Helper()
	cfg := database.Config{URL: target[1]}
	if target[0] == "--data" {
		cfg = database.Config{Dir: target[1]}
	}
	to, err := database.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = to.Close() }() // only read
	heads, err := record.Heads(t.Context(), from.Read)
	if err != nil {
		t.Fatal(err)
	}
	for _, was := range heads {
		is, err := record.HeadOf(t.Context(), to.Read, was.Room)
		if err != nil || is.Epoch <= was.Epoch || is.Seq != was.Seq+1 {
			t.Errorf("head %+v became %+v, %v", was, is, err)
		}
	}
	for _, table := range []string{"people", "dialogues", "contributions", "contribution_texts", "memberships"} {
		if a, b := rowsOf(t, from, table), rowsOf(t, to, table); a != b || a == 0 {
			t.Errorf("%d rows of %s became %d", a, table, b)
		}
	}
}

func TestAMistypedFolderIsNotBackedUp(t *testing.T) {
	data := filepath.Join(t.TempDir(), "dta")
	code, _, stderr := command(t, "backup", "--to", filepath.Join(t.TempDir(), "b"), "--data", data)
	if code != 1 || !strings.Contains(stderr, "no forum in this data folder") {
		t.Errorf("exit %d, said %q", code, stderr)
	}
	if _, err := os.Stat(data); err == nil {
		t.Error("the folder was made")
	}
}
