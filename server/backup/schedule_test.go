package backup_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vcm-forum/forum/server/backup"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// scheduled lists the complete backups in a folder, oldest first.
func scheduled(t *testing.T, dir string) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(dir, "forum-*"))
	must(t, err)
	return all
}

// start runs a plan until the test ends or stop is called.
func start(t *testing.T, db *database.DB, p backup.Plan) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		backup.Schedule(ctx, backup.Source{DB: db, Program: "test"}, p)
	}()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return stop
}

// eventually waits until something holds, for a minute at most.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(time.Minute); !holds(); {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("never " + what)
		}
	}
}

func TestScheduledBackupsComeAndGo(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		newForum(t, db).account("Somebody")
		dir := filepath.Join(t.TempDir(), "backups")
		must(t, os.MkdirAll(filepath.Join(dir, "mine"), 0o700))
		must(t, os.Mkdir(filepath.Join(dir, "forum-by-hand"), 0o700))
		left := filepath.Join(dir, ".forum-20260102T030405.000000Z.unfinished-1")
		must(t, os.Mkdir(left, 0o700))
		must(t, os.Chtimes(left, time.Time{}, time.Now().AddDate(0, 0, -2)))
		seen := map[string]bool{}
		stop := start(t, db, backup.Plan{Dir: dir, Every: 20 * time.Millisecond, Keep: 2})
		eventually(t, "five backups", func() bool {
			for _, name := range scheduled(t, dir) {
				seen[name] = seen[name] || !strings.HasSuffix(name, "by-hand")
			}
			return len(seen) >= 6
		})
		stop()
		names := slices.DeleteFunc(scheduled(t, dir), func(s string) bool { return strings.HasSuffix(s, "by-hand") })
		if len(names) < 2 || len(names) > 3 { // a third if it was stopped between writing and tidying
			t.Errorf("%d are kept, want 2: %v", len(names), names)
		}
		for _, name := range names {
			if _, err := backup.Verify(name); err != nil {
				t.Error(err)
			}
		}
		for name, want := range map[string]bool{"mine": true, "forum-by-hand": true, filepath.Base(left): false} {
			if _, err := os.Stat(filepath.Join(dir, name)); (err == nil) != want {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestARestartMakesNoBackupEarly(t *testing.T) {
	db, dir := databasetest.SQLite(t), filepath.Join(t.TempDir(), "backups")
	plan := backup.Plan{Dir: dir, Every: time.Hour, Keep: 3}
	for range 3 {
		stop := start(t, db, plan)
		eventually(t, "a backup", func() bool { return len(scheduled(t, dir)) == 1 })
		stop()
	}
	must(t, os.Rename(scheduled(t, dir)[0], filepath.Join(dir, "forum-20200102T030405.000000Z")))
	start(t, db, plan)
	eventually(t, "a second backup when the first is old", func() bool { return len(scheduled(t, dir)) == 2 })
}
