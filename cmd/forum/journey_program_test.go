package main_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/vcm-forum/forum/server/testkit"
)

// programs is where those lie that are built once for all tests of this process.
var programs string

func TestMain(m *testing.M) {
	var err error
	if programs, err = os.MkdirTemp("", "forum-programs-"); err != nil {
		panic(err) // there is no room for any test
	}
	code := m.Run()
	_ = os.RemoveAll(programs) // they have run
	os.Exit(code)
}

// theForum is the program as it ships, built by the first test that wants it.
var theForum struct {
	sync.Once
	path string
}

// buildForum gives the path of the program as it ships.
func buildForum(t *testing.T) string {
	t.Helper()
	theForum.Do(func() { theForum.path = buildProgram(t, "forum", programs) })
	if theForum.path == "" {
		t.Fatal("it could not be built for the test that wanted it first")
	}
	return theForum.path
}

// buildProgram builds one of the repository's programs into a folder, as `make build` does.
func buildProgram(t *testing.T, name, folder string, flags ...string) string {
	t.Helper()
	program := filepath.Join(folder, name)
	args := slices.Concat([]string{"build", "-trimpath", "-ldflags=-s -w", "-o", program}, flags, []string{"./cmd/" + name})
	build := exec.CommandContext(t.Context(), "go", args...)
	build.Dir = testkit.Root(t)
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=") // flags of the test run, such as -race, are not the program's
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", name, err, out)
	}
	return program
}

// forumServer is `forum serve` as a process of its own, which can be killed and
// started again on the same data and the same port.
type forumServer struct {
	t       *testing.T
	program string
	store   []string // --data and --database
	flags   []string // of serve
	log     string   // file of what it says on standard error
	base    string   // where it says that it listens
	addr    string   // host:port of it, known from the first start
	first   string   // path of the first administrator's link
	cmd     *exec.Cmd
}

// startForum starts an empty forum on a free port; without a database address
// it keeps its data in SQLite.
func startForum(t *testing.T, program, databaseURL string) *forumServer {
	t.Helper()
	s := newForum(t, program)
	if databaseURL != "" {
		s.store = append(s.store, "--database", databaseURL)
	}
	lines := s.start()
	s.first = strings.TrimPrefix(after(t, lines, "first administrator (once, within a day): "), s.url())
	return s
}

// newForum is a forum with an empty data folder that has not been started yet.
func newForum(t *testing.T, program string, flags ...string) *forumServer {
	t.Helper()
	dir := t.TempDir()
	s := &forumServer{
		t: t, program: program, addr: "127.0.0.1:0", log: filepath.Join(dir, "log"),
		store: []string{"--data", filepath.Join(dir, "data")}, flags: flags,
	}
	t.Cleanup(s.tidy)
	return s
}

// start runs the program until it says where it listens.
func (s *forumServer) start() *bufio.Reader {
	s.t.Helper()
	lines := s.launch()
	s.base = after(s.t, lines, "listening on ")
	_, s.addr, _ = strings.Cut(s.base, "://")
	return lines
}

// launch runs the program and returns what it says.
func (s *forumServer) launch() *bufio.Reader {
	s.t.Helper()
	log, err := os.OpenFile(s.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = log.Close() }() // the process has its own
	s.cmd = exec.Command(s.program, slices.Concat([]string{"serve", "--addr", s.addr}, s.flags, s.store)...)
	s.cmd.Env, s.cmd.Stderr = environment(), log
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	return bufio.NewReader(out)
}

func (s *forumServer) url() string { return s.base }

// kill ends the server as a power cut would.
func (s *forumServer) kill() {
	s.t.Helper()
	if err := s.cmd.Process.Kill(); err != nil {
		s.t.Fatal(err)
	}
	_ = s.cmd.Wait() // says that it was killed
}

// stop asks the server to end, which it does in order.
func (s *forumServer) stop() {
	s.t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	if err := s.cmd.Wait(); err != nil {
		s.t.Errorf("forum serve, asked to stop: %v", err)
	}
}

// run runs another command of the program on the same data.
func (s *forumServer) run(args ...string) {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), s.program, append(args, s.store...)...)
	cmd.Env = environment()
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("forum %s: %v\n%s", args[0], err, out)
	}
}

// tidy ends a server that a failed test left behind and shows what it said.
func (s *forumServer) tidy() {
	if s.cmd != nil && s.cmd.ProcessState == nil {
		_ = s.cmd.Process.Kill() // it may have ended by itself
		_ = s.cmd.Wait()         // as above
	}
	if said, err := os.ReadFile(s.log); err == nil && s.t.Failed() {
		s.t.Logf("forum serve said:\n%s", said)
	}
}

// environment is the test's own without what would configure a forum.
func environment() []string {
	var kept []string
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "FORUM_") {
			kept = append(kept, pair)
		}
	}
	return kept
}

// after reads lines up to the one that begins with the words, and returns its rest.
func after(t *testing.T, lines *bufio.Reader, words string) string {
	t.Helper()
	for {
		line, err := lines.ReadString('\n')
		if rest, ok := strings.CutPrefix(line, words); ok && err == nil {
			return strings.TrimSpace(rest)
		}
		if err != nil {
			t.Fatalf("forum serve never said %q: %v", words, err)
		}
	}
}

// bytesOf reads a file.
func bytesOf(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
