package main

import (
	"bufio"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// asChild makes the test's program the witness itself, to be killed.
const asChild = "WITNESS_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(asChild) != "" {
		main()
	}
	os.Exit(m.Run())
}

func TestWitnessFollowsALogThatGrows(t *testing.T) {
	l := newLog(1, 300, "entry")
	h := newHouse(t, l.rule)
	url, _ := h.open(plainly)
	before := time.Now().Add(-time.Second)
	old := int64(0)
	for _, size := range []int64{0, 1, 2, 2, 7, 8, 100, 256, 300, 300} {
		status, _, line := post(t, url, l.ask(old, size))
		if status != http.StatusOK {
			t.Fatalf("from %d to %d: %d %s", old, size, status, line)
		}
		if at := h.signedTime(l.body(size), line); at.Before(before) || at.After(time.Now()) {
			t.Errorf("signed at %v", at)
		}
		old = size
	}
}

func TestWitnessRefusesAsC2SPSays(t *testing.T) {
	l, fork, stranger := newLog(1, 300, "entry"), newLog(1, 300, "other"), newLog(2, 300, "entry")
	stranger.origin = "elsewhere.example/l/" + stranger.origin[16:]
	longer := newLog(1, 10, "entry")
	longer.origin += "0"
	body, signature, _ := strings.Cut(l.checkpoint(200), "\n\n")
	other, _, _ := note.GenerateKey(rand.Reader, l.origin)
	otherSigner, _ := note.NewSigner(other)
	forged, _ := note.Sign(&note.Note{Text: l.body(200)}, otherSigner)
	for name, c := range map[string]struct {
		body   string
		status int
		answer string
	}{
		"an older size than seen":             {l.ask(50, 200), 409, "100\n"},
		"no idea of what was seen":            {l.ask(0, 200), 409, "100\n"},
		"a larger size than seen":             {l.ask(150, 200), 409, "100\n"},
		"a fork at the size seen":             {fork.ask(100, 100), 409, "100\n"},
		"a fork from nothing":                 {fork.ask(0, 100), 409, "100\n"},
		"a fork with a proof of its own":      {fork.ask(100, 200), 422, ""},
		"no proof":                            {"old 100\n\n" + l.checkpoint(200), 422, ""},
		"a proof too many":                    {strings.Replace(l.ask(100, 200), "\n\n", "\n"+emptyRoot.String()+"\n\n", 1), 422, ""},
		"a proof between equals":              {"old 100\n" + emptyRoot.String() + "\n\n" + l.checkpoint(100), 422, ""},
		"a log of another host":               {stranger.ask(100, 200), 404, ""},
		"an id that is none":                  {longer.ask(0, 10), 404, ""},
		"a key that is not the log's":         {l.askFor(100, 200, string(forged)), 403, ""},
		"no signature":                        {l.askFor(100, 200, body+"\n\n"), 403, ""},
		"a signature of another text":         {l.askFor(100, 200, strings.Replace(l.checkpoint(200), "\n200\n", "\n201\n", 1)), 403, ""},
		"a new size below the old one":        {strings.Replace(l.ask(100, 100), "\n100\n", "\n99\n", 1), 403, ""},
		"a signed size below the old one":     {l.askFor(200, 200, l.checkpoint(100)), 400, ""},
		"nothing":                             {"", 400, ""},
		"an old size with a nought":           {"old 0100\n\n" + l.checkpoint(200), 400, ""},
		"an old size below nothing":           {"old -1\n\n" + l.checkpoint(200), 400, ""},
		"a size at which sums do not end":     {"old 100\n\n" + l.origin + "\n9223372036854775807\n" + emptyRoot.String() + "\n\n" + signature, 400, ""},
		"64 hashes":                           {"old 100\n" + strings.Repeat(emptyRoot.String()+"\n", 64) + "\n" + l.checkpoint(200), 400, ""},
		"a hash that is not canonical":        {"old 100\n" + strings.Repeat("/", 43) + "=\n\n" + l.checkpoint(200), 422, ""},
		"a root that is not canonical":        {"old 100\n\n" + l.origin + "\n200\n" + strings.Repeat("/", 43) + "=\n\n" + signature, 400, ""},
		"an empty line within the text":       {"old 100\n\n" + l.body(200) + "\nmore\n\n" + signature, 400, ""},
		"more than anybody asks":              {l.ask(100, 200) + strings.Repeat("x", maxRequest), 400, ""},
		"what does extend it, after all this": {l.ask(100, 200), 200, "— ngo.example/witness "},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, "# logs\n"+l.rule+"\nquorum 2\n")
			url, _ := h.open(plainly)
			if status, _, answer := post(t, url, l.ask(0, 100)); status != http.StatusOK {
				t.Fatal(status, answer)
			}
			status, contentType, answer := post(t, url, c.body)
			if status != c.status || !strings.HasPrefix(answer, c.answer) || (status == 409) != (contentType == "text/x.tlog.size") {
				t.Errorf("%d %q %q, want %d %q", status, contentType, answer, c.status, c.answer)
			}
			if status != 200 && strings.Contains(answer, "—") {
				t.Error("refused and signed")
			}
			old := int64(100)
			if status == 200 {
				old = 200
			}
			if status, _, answer := post(t, url, l.ask(old, 300)); status != 200 {
				t.Errorf("afterwards the log could not go on: %d %s", status, answer)
			}
		})
	}
}

func TestOtherAddressesAreNotThere(t *testing.T) {
	h := newHouse(t, newLog(1, 1, "").rule)
	url, _ := h.open(plainly)
	resp, err := http.Get(url + "/add-checkpoint")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusMethodNotAllowed {
		t.Error(resp.Status)
	}
}

func TestContradictionIsKeptAsProof(t *testing.T) {
	l, fork := newLog(1, 100, "entry"), newLog(1, 100, "other")
	h := newHouse(t, "log "+l.vkey)
	h.run(0, l.ask(0, 100), append([]string{"sign"}, h.flags()...)...)
	said := h.run(1, fork.ask(0, 100), append([]string{"sign"}, h.flags()...)...)
	files, _ := filepath.Glob(filepath.Join(h.state, "*.contradiction"))
	if len(files) != 1 || !strings.Contains(said, "two histories") || !strings.Contains(said, files[0]) {
		t.Fatalf("kept %q, said %s", files, said)
	}
	if kept, err := os.ReadFile(files[0]); err != nil || string(kept) != fork.checkpoint(100) {
		t.Errorf("%v %s", err, kept)
	}
}

// cut breaks off every answer before its first byte, as a crash does.
type cut struct{ http.ResponseWriter }

func (cut) WriteHeader(int)           { panic(http.ErrAbortHandler) }
func (cut) Write([]byte) (int, error) { panic(http.ErrAbortHandler) }

func TestCrashBetweenMemoryAndAnswerForgetsNothing(t *testing.T) {
	l, fork := newLog(1, 300, "entry"), newLog(1, 300, "other")
	h := newHouse(t, l.rule)
	url, stop := h.open(func(inner http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { inner.ServeHTTP(cut{w}, r) })
	})
	if status, _, _ := post(t, url, l.ask(0, 200)); status != 0 {
		t.Fatal("the answer was not cut off")
	}
	stop()
	if err := os.WriteFile(filepath.Join(h.state, "new-1"), []byte("half a fi"), 0o600); err != nil {
		t.Fatal(err)
	}
	url, _ = h.open(plainly)
	for _, body := range []string{fork.ask(0, 200), fork.ask(0, 300), l.ask(0, 200)} {
		if status, _, answer := post(t, url, body); status != 409 || answer != "200\n" {
			t.Errorf("%d %q", status, answer)
		}
	}
	if status, _, line := post(t, url, l.ask(200, 200)); status != 200 {
		t.Error(status, line)
	}
}

// TestKilledWitnessRemembersWhatItSigned kills the process while it works.
func TestKilledWitnessRemembersWhatItSigned(t *testing.T) {
	l := newLog(1, 2000, "entry")
	h := newHouse(t, l.rule)
	signed, asked := int64(0), int64(0)
	for range 3 {
		url, child := h.start()
		answered := make(chan int64)
		go func() {
			defer close(answered)
			for old := asked; old < 2000; old++ {
				if status, _, _ := post(t, url, l.ask(old, old+1)); status == 200 {
					answered <- old + 1
				} else if status == 0 {
					return
				}
			}
		}()
		for range 20 {
			signed = <-answered
		}
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for size := range answered {
			signed = size
		}
		_ = child.Wait()
		url, child = h.start()
		status, _, answer := post(t, url, l.ask(1999, 2000))
		if _, err := fmt.Sscan(answer, &asked); err != nil || status != 409 || asked < signed || asked > signed+1 {
			t.Errorf("signed %d, remembers %d (%d)", signed, asked, status)
		}
		_ = child.Process.Signal(os.Interrupt)
		if err := child.Wait(); err != nil {
			t.Error("did not end in order:", err)
		}
	}
}

// start runs the witness as a process of its own.
func (h house) start() (url string, child *exec.Cmd) {
	h.t.Helper()
	child = exec.Command(os.Args[0], append([]string{"serve", "--listen", "127.0.0.1:0"}, h.flags()...)...)
	child.Env = append(os.Environ(), asChild+"=1")
	out, err := child.StdoutPipe()
	if err != nil {
		h.t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = child.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		h.t.Fatal(line, err)
	}
	return strings.TrimSpace(strings.TrimPrefix(line, "witness on ")), child
}

// TestManyAtOnceNeverGoBack has the race of C2SP's text: a smaller tree must not
// be remembered after a larger one.
func TestManyAtOnceNeverGoBack(t *testing.T) {
	l := newLog(1, 400, "entry")
	h := newHouse(t, l.rule)
	url, _ := h.open(plainly)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			old := int64(0)
			for old < 390 {
				size := old + 1 + old%7
				status, _, answer := post(t, url, l.ask(old, size))
				switch status {
				case 200:
					old = size
				case 409:
					var seen int64
					if _, err := fmt.Sscan(answer, &seen); err != nil || seen < old {
						t.Errorf("went back from %d to %q", old, answer)
						return
					}
					old = seen
				default:
					t.Error(status, answer)
					return
				}
			}
		})
	}
	all.Wait()
}

func TestMemoryIsForOneWitness(t *testing.T) {
	l := newLog(1, 10, "entry")
	h := newHouse(t, l.rule)
	h.open(plainly)
	if said := h.run(1, l.ask(0, 10), append([]string{"sign"}, h.flags()...)...); !strings.Contains(said, "another witness uses") {
		t.Error(said)
	}
}

func TestDamagedMemorySignsNothing(t *testing.T) {
	l := newLog(1, 10, "entry")
	h := newHouse(t, l.rule)
	sign := append([]string{"sign"}, h.flags()...)
	h.run(0, l.ask(0, 5), sign...)
	files, _ := filepath.Glob(filepath.Join(h.state, "*.checkpoint"))
	if err := os.WriteFile(files[0], []byte("rubbish"), 0o600); err != nil {
		t.Fatal(err)
	}
	if said := h.run(1, l.ask(0, 5), sign...); !strings.Contains(said, "damaged") {
		t.Error(said)
	}
	url, _ := h.open(plainly)
	if status, _, answer := post(t, url, l.ask(0, 5)); status != 500 || strings.Contains(answer, "—") {
		t.Error(status, answer)
	}
}

func TestKeyIsMadeOnceAndRead(t *testing.T) {
	l := newLog(1, 10, "entry")
	h := newHouse(t, "log "+l.vkey)
	if info, err := os.Stat(h.keys); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
	h.run(1, "", "key", "--keys", h.keys, "ngo.example/witness") // is not written over
	h.run(1, "", "key", "--keys", h.keys+"2", "two words")
	h.run(0, "", "key", "--keys", h.keys+"2", "ngo.example/witness")
	both, second := "", ""
	for _, name := range []string{h.keys, h.keys + "2"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		both, second = both+string(text), string(text)
	}
	write := func(text string) {
		if err := os.WriteFile(h.keys, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(both)
	if lines := h.run(0, l.ask(0, 10), append([]string{"sign"}, h.flags()...)...); strings.Count(lines, "— ngo.example/witness ") != 2 {
		t.Errorf("while a key is rotated, both sign: %q", lines)
	}
	for _, damaged := range []string{"", "rubbish\n", strings.Replace(second, "ngo", "NGO", 1), strings.TrimPrefix(second, "PRIVATE+KEY+")} {
		write(damaged)
		h.run(1, l.ask(10, 10), append([]string{"sign"}, h.flags()...)...)
	}
}

func TestPolicyMustBeUnderstood(t *testing.T) {
	l := newLog(1, 10, "entry")
	for _, rules := range []string{"", "quorum 1", "log", "log x", "logs " + l.vkey, "log x" + l.vkey, "log prefix forum.example AQ==", "log prefix forum.example/l/ AQ=="} {
		h := newHouse(t, rules)
		if said := h.run(1, l.ask(0, 10), append([]string{"sign"}, h.flags()...)...); !strings.Contains(said, "policy") {
			t.Errorf("%q: %s", rules, said)
		}
	}
	h := newHouse(t, l.rule+"\nlog "+l.vkey+"\nwitness somebody\n")
	h.run(0, l.ask(0, 10), append([]string{"sign"}, h.flags()...)...)
	h.run(2, "", "sign")
	h.run(0, "", "--help")
}

func FuzzRequest(f *testing.F) {
	l := newLog(1, 20, "entry")
	f.Add(l.ask(7, 20))
	f.Add(l.ask(0, 20))
	dir := f.TempDir()
	m, err := openMemory(dir)
	if err != nil {
		f.Fatal(err)
	}
	logs, err := parsePolicy(l.rule)
	if err != nil {
		f.Fatal(err)
	}
	k, err := newKey("ngo.example/w")
	if err != nil {
		f.Fatal(err)
	}
	w := &witness{keys: []key{k}, logs: logs, memory: m, now: time.Now, log: slog.New(slog.DiscardHandler)}
	f.Fuzz(func(t *testing.T, body string) {
		answer, err := w.add(body)
		if err == nil && !strings.HasSuffix(body, l.checkpoint(20)) {
			t.Errorf("%q was signed: %s", body, answer)
		}
	})
}
