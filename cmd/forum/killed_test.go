package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/consultations/evidence"
	"github.com/vcm-forum/forum/server/testkit"
)

// childVillage names the data folder of a test process that only writes, so that it
// can be killed like the program.
const childVillage = "FORUM_TEST_VILLAGE"

// writeAsChild hands in a few files and seals after each. What it acknowledges, it
// says in one line.
func writeAsChild(t *testing.T, data string) {
	t.Helper()
	v := &village{T: t, data: data, end: func() {}}
	v.open()
	v.again()
	for n := range 3 {
		item := v.handIn(fmt.Sprint("what was said ", n))
		_, err := os.Stdout.WriteString("handed in " + string(item.Digest) + "\n")
		v.must(err)
		v.seal()
	}
}

// R14: a forum is killed at one fsync after the other. Each time the record is whole,
// holds all that was acknowledged, with the bytes of every file, is the log that the
// signer signed, and goes on.
func TestARecordSurvivesAKillAtEveryFsync(t *testing.T) {
	if data := os.Getenv(childVillage); data != "" {
		writeAsChild(t, data)
		return
	}
	strace, err := exec.LookPath("strace")
	if err != nil {
		testkit.Skip(t, "strace absent: make test installs it or says how")
	}
	v := newVillage(t)
	v.close()
	killed, acknowledged := 0, 0
	for k := 1; ; k++ {
		c := v.copied(t)
		c.close()
		said, whole := c.killedAt(strace, k)
		handed := handedIn(said)
		if whole {
			break
		}
		killed++
		acknowledged += len(handed)
		code, out := c.verify()
		c.expect(code, out, 0, "looked at 1 logs")
		c.open()
		for _, d := range handed {
			c.holds(d)
		}
		c.handIn("after the power came back")
		c.seal()
		code, out = c.verify()
		c.expect(code, out, 0, "looked at 1 logs")
		c.close()
		if t.Failed() {
			t.Fatalf("killed at fsync %d", k)
		}
	}
	t.Logf("%d kills, %d acknowledged files", killed, acknowledged)
	if killed < 10 || acknowledged == 0 {
		t.Errorf("%d kills with %d acknowledged files: too few to mean something", killed, acknowledged)
	}
}

// killedAt runs the test itself as a child, until a thread of it reaches its k-th
// fsync. It returns what the child said, and whether it came to its end.
func (v *village) killedAt(strace string, k int) (said string, whole bool) {
	v.Helper()
	name, _, _ := strings.Cut(v.Name(), "/")
	cmd := exec.CommandContext(v.Context(), strace, "-f", "-qq", "-o", filepath.Join(v.TempDir(), "trace"), "-e", "trace=fsync,fdatasync",
		"-e", fmt.Sprintf("inject=fsync,fdatasync:signal=KILL:when=%d", k), os.Args[0], "-test.run=^"+name+"$", "-test.timeout=2m")
	cmd.Env = append(os.Environ(), childVillage+"="+v.data)
	out, err := cmd.CombinedOutput()
	if strings.Contains(string(out), "PTRACE") {
		testkit.Skip(v, "strace may not look at processes here")
	}
	if err != nil && strings.Contains(string(out), "--- FAIL") {
		v.Fatalf("the child failed by itself: %s", out)
	}
	return string(out), err == nil
}

// handedIn are the files of which a child has said that they are handed in.
func handedIn(said string) (handed []evidence.Digest) {
	for line := range strings.Lines(said) {
		if digest, ok := strings.CutPrefix(line, "handed in "); ok {
			handed = append(handed, evidence.Digest(strings.TrimSpace(digest)))
		}
	}
	return handed
}

// holds checks that a file which was acknowledged is in the record, whole.
func (v *village) holds(d evidence.Digest) {
	v.Helper()
	seat, err := v.s.SeatOf(v.Context(), v.fara, v.community)
	v.must(err)
	if _, known := seat.Community.File(consultations.Digest(d)); !known {
		v.Errorf("the record has lost %s", d)
	}
	folder, err := v.s.Folder(v.Context(), seat)
	v.must(err)
	if err := folder.Verify(d); err != nil {
		v.Errorf("%s: %v", d, err)
	}
}
