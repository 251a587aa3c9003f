package dialogues_test

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
	"github.com/vcm-forum/forum/server/testkit"
)

// speakersDir tells a test process to be the one that strace watches: it speaks
// in a dialogue of its own, in this folder.
const speakersDir = "FORUM_TEST_SPEAKERS_DIR"

// When 64 people contribute at once, the kernel counts at most one fsync for ten
// acknowledged contributions: of the write-ahead log and of everything else. A
// machine that is busy with other work lets fewer gather: the best of three counts.
func TestManySpeakersShareAnFsync(t *testing.T) {
	const said, runs = 1024, 3
	if dir := os.Getenv(speakersDir); dir != "" {
		db, err := database.Open(t.Context(), database.Config{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		f := newSpeakers(t, db)
		_, _ = io.WriteString(os.Stdout, "speak\n") // in one call each, for strace to see
		f.speak(t, said, 64)
		_, _ = io.WriteString(os.Stdout, "spoken\n")
		return
	}
	for run := 1; ; run++ {
		syncs := countSyncs(watch(t, filepath.Dir(databasetest.SQLite(t).File)))
		t.Logf("%d contributions, %d fsyncs: %.3f each", said, syncs, float64(syncs)/said)
		if syncs > 0 && syncs*10 <= said {
			return
		}
		if syncs == 0 || run == runs {
			t.Fatalf("%d fsyncs for %d contributions, want at most a tenth, and some", syncs, said)
		}
	}
}

// watch runs this test as a process of its own under strace and returns what strace saw.
func watch(t *testing.T, dir string) []byte {
	t.Helper()
	strace, err := exec.LookPath("strace")
	if err != nil {
		testkit.SkipWithout(t, testkit.Strace)
	}
	seen := filepath.Join(t.TempDir(), "trace")
	command := exec.CommandContext(t.Context(), strace, "-f", "--seccomp-bpf", "-qq", "-s", "16", "-e", "trace=fsync,fdatasync,write",
		"-e", "signal=none", "-o", seen, os.Args[0], "-test.run=^"+t.Name()+"$", "-test.timeout=2m")
	command.Env = append(os.Environ(), speakersDir+"="+dir)
	if out, err := command.CombinedOutput(); err != nil {
		if bytes.Contains(out, []byte("PTRACE")) {
			testkit.Skip(t, "strace may not look at processes here")
		}
		t.Fatalf("run under strace: %v\n%s", err, out)
	}
	raw, err := os.ReadFile(seen)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// countSyncs counts what was forced to disk between the first word and the last.
func countSyncs(trace []byte) (syncs int) {
	speaking := false
	for seen := bufio.NewScanner(bytes.NewReader(trace)); seen.Scan(); {
		line := seen.Text()
		switch {
		case strings.Contains(line, `"speak\n"`):
			speaking = true
		case strings.Contains(line, `"spoken\n"`):
			return syncs
		case speaking && strings.Contains(line, "sync(") && !strings.Contains(line, "resumed"):
			syncs++
		}
	}
	return syncs
}
