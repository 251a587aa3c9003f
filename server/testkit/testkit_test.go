package testkit_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/server/testkit"
)

func TestSkip(t *testing.T) {
	for _, tc := range []struct {
		name, everything, reason string
		skipped, failed          bool
	}{
		{"an absent tool is left out in an ordinary run", "", "Chromium absent", true, false},
		{"an absent tool fails a run that promises everything", "1", "Chromium absent", false, true},
		{"absent data is left out even in a run that promises everything", "1", "shared data absent: x", true, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			list := filepath.Join(t.TempDir(), "left-out")
			t.Setenv(testkit.Everything, tc.everything)
			t.Setenv(testkit.Skips, list)
			try := &attempt{TB: t}
			try.run(func() { testkit.Skip(try, tc.reason) })
			if try.skipped != tc.skipped || try.failed != tc.failed {
				t.Errorf("Skip(%q): skipped %v, failed %v; want %v, %v",
					tc.reason, try.skipped, try.failed, tc.skipped, tc.failed)
			}
			written, _ := os.ReadFile(list) // a list that was never begun is an empty one
			if got := strings.Contains(string(written), tc.reason); got != tc.skipped {
				t.Errorf("list of left-out tests = %q, want the reason in it: %v", written, tc.skipped)
			}
		})
	}
}

func TestSkipWritesOneLinePerTest(t *testing.T) {
	list := filepath.Join(t.TempDir(), "left-out")
	t.Setenv(testkit.Skips, list)
	for range 2 {
		try := &attempt{TB: t}
		try.run(func() { testkit.SharedData(try, "no", "such", "file") })
	}
	got, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	line := "server/testkit " + t.Name() + ": shared data absent: ../shared/data/no/such/file\n"
	if want := line + line; string(got) != want {
		t.Errorf("list of left-out tests = %q, want %q", got, want)
	}
}

func TestRootHoldsTheModule(t *testing.T) {
	if _, err := os.Stat(filepath.Join(testkit.Root(t), "go.mod")); err != nil {
		t.Errorf("Root: %v", err)
	}
}

func TestToolsAreTakenFromTheEnvironment(t *testing.T) {
	axe := filepath.Join(t.TempDir(), "axe.min.js")
	if err := os.WriteFile(axe, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv(testkit.AxePath, axe)
	if got := testkit.Axe(t); got != axe {
		t.Errorf("Axe() = %q, want %q", got, axe)
	}
	browser := filepath.Join(t.TempDir(), "browser")
	if err := os.WriteFile(browser, nil, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv(testkit.ChromiumPath, browser)
	if got := testkit.Browser(t); got != browser {
		t.Errorf("Browser() = %q, want %q", got, browser)
	}
}

// attempt stands for a test that may be left out or fail without doing so to
// the test that watches it.
type attempt struct {
	testing.TB
	skipped, failed bool
}

// run calls f as a test is called: in a goroutine that Skip and Fatal may end.
func (a *attempt) run(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}

// Skip ends the attempt as left out.
func (a *attempt) Skip(...any) { a.skipped = true; runtime.Goexit() }

// Fatalf ends the attempt as failed.
func (a *attempt) Fatalf(string, ...any) { a.failed = true; runtime.Goexit() }
