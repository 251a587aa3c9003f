package record_test

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
	"github.com/vcm-forum/forum/server/testkit"
)

// An acknowledgement is a promise that the power may fail now. The kernel's own
// account of a process with one sender shows that before each one the
// write-ahead log was forced to disk.
func TestEachAcknowledgementComesAfterAnFsync(t *testing.T) {
	if isChild(t) {
		return
	}
	const actions = 50
	acks, syncs, unsafe := account(trace(t, databasetest.SQLite(t), 1, actions))
	t.Logf("%d acknowledgements, %d fsyncs", acks, syncs)
	if acks != actions || unsafe != 0 {
		t.Errorf("%d acknowledgements, want %d; %d without an fsync since their request", acks, actions, unsafe)
	}
}

// With many senders one fsync pays for many acknowledgements. They say so only
// together: strace stops a process at each word, and senders who are held up one
// by one are not many at once.
func TestManySendersShareAnFsync(t *testing.T) {
	if isChild(t) {
		return
	}
	t.Setenv(childBrief, "1")
	const senders, each = 64, 20
	db := databasetest.SQLite(t)
	_, syncs, _ := account(trace(t, db, senders, each))
	acks := int(count(t, db, "kept"))
	t.Logf("%d acknowledgements, %d fsyncs", acks, syncs)
	if acks != senders*each || syncs == 0 || syncs*10 > acks {
		t.Errorf("%d acknowledgements, want %d; %d fsyncs, want at most a tenth, and some", acks, senders*each, syncs)
	}
}

// trace runs a writing process under strace and returns what strace saw.
func trace(t *testing.T, db *database.DB, senders, each int) []byte {
	t.Helper()
	strace, err := exec.LookPath("strace")
	if err != nil {
		testkit.Skip(t, "strace absent: make test installs it or says how")
	}
	seen := filepath.Join(t.TempDir(), "trace")
	cmd := child(t, db, "traced", senders, each, strace, "-f", "--seccomp-bpf", "-qq", "-y", "-s", "16",
		"-e", "trace=fsync,fdatasync,write", "-e", "signal=none", "-o", seen)
	if out, err := cmd.Output(); err != nil {
		if bytes.Contains(out, []byte("PTRACE")) {
			testkit.Skip(t, "strace may not look at processes here")
		}
		t.Fatalf("run under strace: %v", err)
	}
	raw, err := os.ReadFile(seen)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// account reads a trace: how many acknowledgements were written, how many times
// the write-ahead log was forced to disk between the first request and the last
// acknowledgement, and how many acknowledgements had no such moment since the
// request before them.
func account(trace []byte) (acks, syncs, unsafe int) {
	begun, safe := false, false
	seen := bufio.NewScanner(bytes.NewReader(trace))
	for seen.Scan() {
		line := seen.Text()
		switch {
		case strings.Contains(line, "sync(") && strings.Contains(line, "unfinished"): // it counts when it is over
		case strings.Contains(line, `"send `):
			begun, safe = true, false
		case strings.Contains(line, `"ack `):
			acks++
			if !safe {
				unsafe++
			}
		case strings.Contains(line, "sync(") && strings.Contains(line, "-wal"), strings.Contains(line, "sync resumed"):
			if begun {
				syncs++
			}
			safe = true
		}
	}
	return acks, syncs, unsafe
}
