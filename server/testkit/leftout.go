package testkit

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// told holds the reasons this process has told already: a hundred tests that
// miss PostgreSQL are one line on the screen.
var told sync.Map

// leftOut writes one line to the file of left-out tests, or, where none is
// named, one line per reason to the person who runs the tests.
func leftOut(t testing.TB, reason string) {
	t.Helper()
	where := folder(t)
	if file := os.Getenv(Skips); file != "" {
		appendLine(t, file, fmt.Sprintf("%s %s: %s", where, t.Name(), reason))
		return
	}
	if _, again := told.LoadOrStore(reason, true); again || testing.Verbose() {
		return
	}
	tell(fmt.Sprintf("left out in %s (%s first): %s", where, t.Name(), reason))
}

// appendLine adds a line in one write, which test processes that run at the
// same time do not tear apart.
func appendLine(t testing.TB, name, line string) {
	t.Helper()
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatalf("open the list of left-out tests: %v", err)
	}
	_, err = file.WriteString(line + "\n")
	if err := errors.Join(err, file.Close()); err != nil {
		t.Fatalf("write to the list of left-out tests: %v", err)
	}
}

// tell writes a line where the person who typed `go test ./...` sees it. The go
// command hides everything that a passing test prints, so the line goes to the
// go command's own standard error. Where that is not to be had (not Linux, not
// started by go, an ordinary file, which two writers would garble) the line is
// not shown; `go test -v` and `make test` show it always.
func tell(line string) {
	parent := fmt.Sprintf("/proc/%d", os.Getppid())
	name, err := os.ReadFile(filepath.Join(parent, "comm"))
	if err != nil || strings.TrimSpace(string(name)) != "go" {
		return
	}
	path := filepath.Join(parent, "fd", "2")
	if info, err := os.Stat(path); err != nil || info.Mode().IsRegular() {
		return
	}
	screen, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return
	}
	fmt.Fprintln(screen, line)
	_ = screen.Close() // nobody could be told
}

// folder names the folder of the package under test, as seen from the top.
func folder(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		return "?"
	}
	inside, err := filepath.Rel(Root(t), dir)
	if err != nil {
		return dir
	}
	return filepath.ToSlash(inside)
}
