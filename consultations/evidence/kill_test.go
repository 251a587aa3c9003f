package evidence_test

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vcm-forum/forum/consultations/evidence"
	"github.com/vcm-forum/forum/consultations/vault"
	"github.com/vcm-forum/forum/server/testkit"
)

// childDir names the folder of a test process that only uploads, so that it can be
// killed, and watched, like the program.
const childDir = "FORUM_TEST_EVIDENCE_DIR"

const largest = 300_000

// content of an upload follows from its number.
func content(number uint64) []byte {
	random := rand.New(rand.NewPCG(number, 1))
	raw := make([]byte, 1+random.IntN(largest/2))
	for i := range raw {
		raw[i] = byte(random.Uint32())
	}
	return []byte(hex.EncodeToString(raw))
}

// community is the folder of a process, with keys that outlive it.
func community(t testing.TB, dir string) *evidence.Folder {
	t.Helper()
	v, err := vault.Open(filepath.Join(dir, "keys"))
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "key")
	wrapped, err := os.ReadFile(name)
	if err != nil {
		if wrapped, _, err = v.NewKey(); err == nil {
			err = os.WriteFile(name, wrapped, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	key, err := v.Unwrap(wrapped)
	if err != nil {
		t.Fatal(err)
	}
	return folderIn(t, filepath.Join(dir, "evidence"), key, ample)
}

// isChild tells whether this process is to upload, and if so does it: first what its
// standard input says was begun, then anything, until it is killed. It
// says "begun ID NUMBER", "have ID BYTES" and "done ID", each in one call.
func isChild(t *testing.T) bool {
	t.Helper()
	dir := os.Getenv(childDir)
	if dir == "" {
		return false
	}
	f := community(t, dir)
	begun := bufio.NewScanner(os.Stdin)
	for begun.Scan() {
		var id string
		var number uint64
		_, _ = fmt.Sscan(begun.Text(), &id, &number)
		have, err := f.Have(id)
		if err != nil {
			tell("lost %s: %v\n", id, err)
			continue
		}
		goOn(f, id, number, have)
	}
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			for {
				number := rand.Uint64()
				id, err := f.Begin(int64(len(content(number))), evidence.Text)
				if err != nil {
					tell("fails: %v\n", err)
					return
				}
				tell("begun %s %d\n", id, number)
				goOn(f, id, number, 0)
			}
		})
	}
	all.Wait()
	return true
}

// goOn uploads the rest of a file in a few pieces and finishes it.
func goOn(f *evidence.Folder, id string, number uint64, have int64) {
	all := content(number)
	for have < int64(len(all)) {
		next, err := f.Append(id, have, bytes.NewReader(all[have:min(int64(len(all)), have+100_000)]))
		if err != nil {
			tell("fails: %v\n", err)
			return
		}
		have = next
		tell("have %s %d\n", id, have)
	}
	item, err := f.Finish(id)
	if err != nil || item.Digest != digestOf(all) {
		tell("fails: %v %v\n", item, err)
		return
	}
	tell("done %s\n", id)
}

func tell(format string, args ...any) { _, _ = io.WriteString(os.Stdout, fmt.Sprintf(format, args...)) }

// account is what the killed processes said.
type account struct {
	number map[string]uint64
	have   map[string]int64
	done   map[string]bool
}

// Fifteen times a process that uploads as fast as it can is killed in the middle, in
// the manner of kill -9. What it said it has is there, what was begun can be
// finished, and once all is swept nothing is left but what was finished.
func TestNothingIsLostOrLeftWhenKilled(t *testing.T) {
	if isChild(t) {
		return
	}
	dir := t.TempDir()
	a := &account{map[string]uint64{}, map[string]int64{}, map[string]bool{}}
	for range 15 {
		a.killAfter(t, dir, 1+rand.IntN(40))
	}
	f := community(t, dir)
	for id, have := range a.have {
		if got, err := f.Have(id); err != nil || got < have {
			t.Errorf("LOST: %s had %d bytes, has %d (%v)", id, have, got, err)
		}
	}
	known := map[evidence.Digest]bool{}
	for id := range a.done {
		d := digestOf(content(a.number[id]))
		known[d] = true
		if err := f.Verify(d); err != nil {
			t.Errorf("LOST: what %s became: %v", id, err)
		}
	}
	isKnown := func(d evidence.Digest) (bool, error) { return known[d], nil }
	for range 2 { // a note that a crash left half is seen by the second
		swept, err := f.Sweep(time.Now().Add(time.Hour), isKnown)
		if err != nil {
			t.Fatalf("sweep: %v", err)
		}
		t.Logf("%d begun, %d finished, swept %+v", len(a.number), len(a.done), swept)
	}
	if left := names(t, filepath.Join(dir, "evidence", "village")); len(left) != len(known) {
		t.Errorf("ORPHANS: %d files are left of %d: %v", len(left), len(known), left)
	}
}

// killAfter runs an uploading process and kills it after some words.
func (a *account) killAfter(t *testing.T, dir string, words int) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.timeout=2m")
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	var begun strings.Builder
	for id, number := range a.number {
		if !a.done[id] && rand.IntN(2) == 0 {
			fmt.Fprintln(&begun, id, number)
		}
	}
	cmd.Stdin = strings.NewReader(begun.String())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for said := bufio.NewScanner(out); said.Scan(); words-- {
		a.hear(t, said.Text())
		if words == 0 {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); words > 0 {
		t.Fatalf("the process ended by itself: %v", err)
	}
}

func (a *account) hear(t *testing.T, line string) {
	t.Helper()
	var id string
	var n uint64
	switch word, rest, _ := strings.Cut(line, " "); word {
	case "begun":
		_, _ = fmt.Sscan(rest, &id, &n)
		a.number[id] = n
	case "have":
		_, _ = fmt.Sscan(rest, &id, &n)
		a.have[id] = int64(n)
	case "done":
		a.done[rest] = true
	default:
		t.Errorf("the process said %q", line)
	}
}

// The kernel's own account shows that before each word of a process the bytes it
// speaks of, and the names of files, were forced to disk.
func TestEachWordComesAfterAnFsync(t *testing.T) {
	if dir := os.Getenv(childDir); dir != "" {
		f := community(t, dir)
		tell("fresh\n")
		for number := range uint64(5) {
			id := begin(t, f, int64(len(content(number))))
			tell("begun %s %d\n", id, number)
			goOn(f, id, number, 0)
		}
		return
	}
	strace, err := exec.LookPath("strace")
	if err != nil {
		testkit.Skip(t, "strace absent: make test installs it or says how")
	}
	dir := t.TempDir()
	trace := filepath.Join(dir, "trace")
	cmd := exec.Command(strace, "-f", "--seccomp-bpf", "-qq", "-y", "-s", "8", "-e", "trace=fsync,write,rename,renameat,renameat2", "-e", "signal=none", "-o", trace,
		os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		if bytes.Contains(out, []byte("PTRACE")) {
			testkit.Skip(t, "strace may not look at processes here")
		}
		t.Fatalf("run under strace: %v\n%s", err, out)
	}
	raw, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	checkTrace(t, string(raw))
}

// checkTrace reads what was forced to disk since the word before. Beginning needs
// the upload and the folder; a piece the upload; finishing the content, the folder
// for the note, and after the last change of a name the folder again.
func checkTrace(t *testing.T, trace string) {
	t.Helper()
	words, files, folders := 0, 0, 0
	for line := range strings.Lines(trace) {
		switch {
		case strings.Contains(line, "rename"):
			folders = 0
		case strings.Contains(line, "fsync(") && strings.Contains(line, "village>"):
			folders++
		case strings.Contains(line, "fsync("):
			files++
		case strings.Contains(line, `"begun`), strings.Contains(line, `"have`), strings.Contains(line, `"done`):
			words++
			needsFolder := !strings.Contains(line, `"have`)
			if files == 0 || needsFolder && folders == 0 {
				t.Errorf("%d files and %d folders were forced to disk before %s", files, folders, line)
			}
			files, folders = 0, 0
		case strings.Contains(line, `"fresh`):
			files, folders = 0, 0
		}
	}
	t.Logf("%d words", words)
	if words < 15 {
		t.Errorf("it said %d words only", words)
	}
}
