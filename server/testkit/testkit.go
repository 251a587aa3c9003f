// Package testkit is what tests share: how a test says that it was left out and
// why, where the tools and the real data of the tests lie. It is not a library
// of assertions, and the program never imports it.
package testkit

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Environment variables that `make test` sets.
const (
	// Everything is "1" in a run that promises every tool: a test that misses
	// one fails then instead of being left out.
	Everything = "FORUM_TEST_EVERYTHING"
	// Skips names the file that gets one line per test that was left out.
	Skips = "FORUM_TEST_SKIPS"
	// ChromiumPath names the browser's program.
	ChromiumPath = "FORUM_TEST_CHROMIUM"
	// AxePath names the file axe.min.js of axe-core.
	AxePath = "FORUM_TEST_AXE"
)

// Tool is something that tests need and `make test` installs. A reason given to
// [Skip] that begins with the name of a tool says that the tool is absent.
type Tool string

// The tools that `make test` installs.
const (
	PostgreSQL Tool = "PostgreSQL"
	Chromium   Tool = "Chromium"
	AxeCore    Tool = "axe-core"
	Strace     Tool = "strace"
)

// Skip leaves the test out and says so: in the file named by [Skips], and to
// whoever typed `go test ./...`. In a run that promises everything, a test that
// misses a [Tool] fails instead; absent data is left out even then.
func Skip(t testing.TB, reason string) {
	t.Helper()
	if os.Getenv(Everything) == "1" && namesTool(reason) {
		t.Fatalf("%s (this run promises that nothing is missing)", reason)
	}
	leftOut(t, reason)
	t.Skip(reason) //nolint:forbidigo // the one place that may: it has just been written down
}

// SkipWithout leaves the test out because a tool is absent.
func SkipWithout(t testing.TB, tool Tool) {
	t.Helper()
	Skip(t, string(tool)+" absent: make test installs it or says how")
}

// Browser returns the path of Chromium, or leaves the test out.
func Browser(t testing.TB) string {
	t.Helper()
	for _, name := range []string{os.Getenv(ChromiumPath), "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	SkipWithout(t, Chromium)
	return ""
}

// Axe returns the path of axe.min.js, or leaves the test out.
func Axe(t testing.TB) string {
	t.Helper()
	for _, path := range []string{os.Getenv(AxePath), filepath.Join(Root(t), ".cache", "axe-core", "axe.min.js")} {
		if isThere(path) {
			return path
		}
	}
	SkipWithout(t, AxeCore)
	return ""
}

// SharedData returns the path of a file or folder of the real data that lies
// beside the repository, in ../shared/data, or leaves the test out.
func SharedData(t testing.TB, parts ...string) string {
	t.Helper()
	inside := filepath.Join(append([]string{"shared", "data"}, parts...)...)
	path := filepath.Join(filepath.Dir(Root(t)), inside)
	if !isThere(path) {
		Skip(t, "shared data absent: ../"+filepath.ToSlash(inside))
	}
	return path
}

// Root returns the top folder of the repository: the one with go.mod.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatalf("find the working folder: %v", err)
	}
	for !isThere(filepath.Join(dir, "go.mod")) {
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the working folder")
		}
		dir = parent
	}
	return dir
}

func namesTool(reason string) bool {
	return slices.ContainsFunc([]Tool{PostgreSQL, Chromium, AxeCore, Strace}, func(tool Tool) bool {
		return strings.HasPrefix(reason, string(tool))
	})
}

func isThere(path string) bool {
	_, err := os.Stat(path)
	return path != "" && err == nil
}
