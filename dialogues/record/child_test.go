package record_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
)

// Environment of a test process that only writes. It is a process of its own so
// that it can be killed, and watched, like the program.
const (
	childDir     = "FORUM_TEST_RECORD_DIR"     // SQLite folder
	childURL     = "FORUM_TEST_RECORD_URL"     // or PostgreSQL address
	childPrefix  = "FORUM_TEST_RECORD_PREFIX"  // of every id it writes
	childWriters = "FORUM_TEST_RECORD_WRITERS" // how many goroutines write at once
	childEach    = "FORUM_TEST_RECORD_EACH"    // how many actions each; 0: until killed
	childBrief   = "FORUM_TEST_RECORD_BRIEF"   // not empty: says "send" before the first and "ack" after the last alone
)

// isChild tells whether this process is to write, and if so does it. Lines of
// its standard input are ids whose answer was lost: it asks for them again
// first. It says "send ID ROOM" before and "ack ID ROOM SEQ" after each action.
func isChild(t *testing.T) bool {
	t.Helper()
	if os.Getenv(childDir)+os.Getenv(childURL) == "" {
		return false
	}
	db, err := database.Open(t.Context(), database.Config{Dir: os.Getenv(childDir), URL: os.Getenv(childURL)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	w := newWriter(t, db, nil)
	lost := bufio.NewScanner(os.Stdin)
	for lost.Scan() {
		id, room, _ := strings.Cut(lost.Text(), " ")
		sendOne(t, w, id, room)
	}
	var writers, each int
	_, _ = fmt.Sscan(os.Getenv(childWriters)+" "+os.Getenv(childEach), &writers, &each)
	if os.Getenv(childBrief) != "" {
		tell("send all\n")
		defer tell("ack all\n")
	}
	var wg sync.WaitGroup
	for g := range writers {
		wg.Go(func() {
			for n := 0; each == 0 || n < each; n++ {
				sendOne(t, w, fmt.Sprintf("%s-%d-%d", os.Getenv(childPrefix), g, n), roomName((g+n)%4))
			}
		})
	}
	wg.Wait()
	return true
}

func sendOne(t *testing.T, w *record.Writer, id, room string) {
	if os.Getenv(childBrief) == "" {
		tell("send %s %s\n", id, room)
	}
	a := keep(room, record.ID(id))
	a.Key, a.Asked = id, id
	receipt, err := w.Do(t.Context(), a)
	if err != nil {
		t.Errorf("Do: %v", err)
		return
	}
	if os.Getenv(childBrief) != "" {
		return
	}
	tell("ack %s %s %d\n", id, room, receipt.Seq)
}

// tell writes a line in one call, so that a kill cannot tear it.
func tell(format string, args ...any) { _, _ = io.WriteString(os.Stdout, fmt.Sprintf(format, args...)) }

// child prepares a process that runs this very test as a writer.
func child(t *testing.T, db *database.DB, prefix string, writers, each int, wrapper ...string) *exec.Cmd {
	t.Helper()
	name, _, _ := strings.Cut(t.Name(), "/")
	args := append([]string{}, wrapper...)
	args = append(args, os.Args[0], "-test.run=^"+name+"$", "-test.timeout=2m")
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	where := childDir + "=" + strings.TrimSuffix(db.File, "/"+database.FileName)
	if db.Dialect == database.Postgres {
		where = childURL + "=" + db.URL
	}
	cmd.Env = append(os.Environ(), where, childPrefix+"="+prefix,
		fmt.Sprintf("%s=%d", childWriters, writers), fmt.Sprintf("%s=%d", childEach, each))
	cmd.Stderr = os.Stderr
	return cmd
}
