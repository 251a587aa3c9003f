package backup_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/server/backup"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// Environment of a test process that only restores, so that it can be killed.
const (
	childFrom = "FORUM_TEST_RESTORE_FROM"
	childDir  = "FORUM_TEST_RESTORE_DIR"
	childURL  = "FORUM_TEST_RESTORE_URL"

	childEvidence = "FORUM_TEST_RESTORE_EVIDENCE"
)

// A restore is killed, in the manner of kill -9, at moments spread over the time
// it takes. Each time the target must hold nothing at all, or everything if the
// kill came too late; where it holds nothing, the next try finds it good.
func TestAKilledRestoreLeavesNothing(t *testing.T) {
	if os.Getenv(childFrom) != "" {
		restoreAsChild(t)
		return
	}
	from := databasetest.SQLite(t)
	manyWords(t, from)
	files := evidenceFolder(t, 40)
	dir := filepath.Join(t.TempDir(), "backup")
	m, err := backup.Write(t.Context(), backup.Source{DB: from, Evidence: files, Program: "test"}, dir)
	must(t, err)
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		took, to := time.Now(), filepath.Join(t.TempDir(), "evidence")
		whole := engines[db.Dialect](t)
		_, err := backup.Restore(t.Context(), backup.Target{DB: whole, Evidence: filepath.Join(t.TempDir(), "whole")}, dir)
		must(t, err)
		full, span := count(t, whole, "contributions"), time.Since(took)
		empty := 0
		for i := range 6 {
			killAfter(t, restorer(t, db, dir, to), span*time.Duration(i)/6)
			n := count(t, db, "contributions")
			if n == 0 {
				empty++
			} else if n != full {
				t.Fatalf("killed after %d/6 of %s: %d contributions of %d", i, span, n, full)
			}
			checkAllOrNothing(t, db, n > 0)
			if n > 0 {
				break // the kill came too late
			}
		}
		t.Logf("%d rows in %s; %d kills left nothing", m.Rows(), span, empty)
		if empty < 3 {
			t.Errorf("%d kills came in time, want at least 3", empty)
		}
		if count(t, db, "people") == 0 {
			_, err = backup.Restore(t.Context(), backup.Target{DB: db, Evidence: to}, dir)
			must(t, err)
		}
		sameFiles(t, files, to)
	})
}

func checkAllOrNothing(t *testing.T, db *database.DB, all bool) {
	t.Helper()
	if all {
		return
	}
	for _, table := range tables(t, db) {
		if n := count(t, db, table); n > 0 {
			t.Fatalf("%d rows in %s after a kill", n, table)
		}
	}
}

// manyWords makes a forum that takes a moment to restore.
func manyWords(t *testing.T, db *database.DB) {
	t.Helper()
	f := newForum(t, db)
	form := dialogues.ImportForm{Title: "Long", Authors: []string{"A"}}
	for i := range 500 {
		form.Contributions = append(form.Contributions, dialogues.ImportedContribution{
			At: time.Unix(int64(i), 0), Body: fmt.Sprint(i, strings.Repeat(" words", 100)),
		})
	}
	f.must(f.s.ImportDialogue(t.Context(), dialogues.Call{}, form))
}

func restoreAsChild(t *testing.T) {
	t.Helper()
	db, err := database.Open(t.Context(), database.Config{Dir: os.Getenv(childDir), URL: os.Getenv(childURL)})
	must(t, err)
	defer func() { _ = db.Close() }()
	_, err = os.Stdout.WriteString("ready\n")
	must(t, err)
	_, err = backup.Restore(t.Context(), backup.Target{DB: db, Evidence: os.Getenv(childEvidence)}, os.Getenv(childFrom))
	must(t, err)
}

func restorer(t *testing.T, db *database.DB, from, evidence string) *exec.Cmd {
	t.Helper()
	name, _, _ := strings.Cut(t.Name(), "/")
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+name+"$", "-test.timeout=2m")
	where := childDir + "=" + filepath.Dir(db.File)
	if db.Dialect == database.Postgres {
		where = childURL + "=" + db.URL
	}
	cmd.Env = append(os.Environ(), childFrom+"="+from, where, childEvidence+"="+evidence)
	return cmd
}

// killAfter starts a process, waits until it begins and kills it a while later.
func killAfter(t *testing.T, cmd *exec.Cmd, wait time.Duration) {
	t.Helper()
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	_, err = out.Read(make([]byte, 8))
	must(t, err)
	<-time.After(wait)
	_ = cmd.Process.Kill() // it may have ended by itself
	_ = cmd.Wait()         // says that it was killed
}
