package main_test

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vcm-forum/forum/server/testkit"
)

// TestServe starts the program as its operators do, in every way to serve.
func TestServe(t *testing.T) {
	program := buildForum(t)
	for _, way := range []struct {
		name string
		try  func(*testing.T, string)
	}{
		{"in a hall", serveInAHall},
		{"with a certificate that is renewed", serveACertificate},
		{"with certificates from an authority", serveFromAnAuthority},
		{"with metrics", serveMetrics},
		{"a demonstration", serveADemonstration},
		{"until it is told to stop", serveUntilTold},
		{"not when something is wrong", serveNothingWrong},
		{"under systemd", serveUnderSystemd},
	} {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			way.try(t, program)
		})
	}
}

// In a hall without internet everybody on the network gets in by number, each
// page says that nothing is encrypted, and the terminal shows a code to scan.
func serveInAHall(t *testing.T, program string) {
	s := newForum(t, program, "--lan")
	lines := s.start()
	addresses, code := []string{s.base}, 0
	for line := next(t, lines); !strings.HasPrefix(line, "first administrator"); line = next(t, lines) {
		if other, ok := strings.CutPrefix(line, "also at "); ok {
			addresses = append(addresses, other)
		} else if strings.Trim(line, "█▀▄ ") == "" {
			code++
		}
	}
	if code < 12 {
		t.Errorf("%d lines of a QR code, want a whole one", code)
	}
	for _, address := range addresses {
		status, body := read(t, http.DefaultClient, address+"/join")
		if status != http.StatusOK || !strings.Contains(body, "not encrypted on the way") {
			t.Errorf("%s/join: %d, says that it is not encrypted: %v", address, status, strings.Contains(body, "not encrypted"))
		}
	}
	if last := addresses[len(addresses)-1]; !strings.HasPrefix(last, "http://127.0.0.1:") {
		t.Errorf("%q is not this machine from within", last)
	}
	s.stop()
}

// A certificate that is renewed on disk serves at the next handshake, and one
// that cannot be read harms nobody.
func serveACertificate(t *testing.T, program string) {
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	authority := newAuthority(t)
	install := func(serial int64, at time.Time) {
		t.Helper()
		cert, key := authority.issuePEM(t, serial, "127.0.0.1")
		write(t, keyFile, key, at)
		write(t, certFile, cert, at)
	}
	now := time.Now()
	install(1, now.Add(-time.Hour))
	s := newForum(t, program, "--cert-file", certFile, "--key-file", keyFile)
	s.start()
	serves := func(want int64, why string) {
		t.Helper()
		if got := authority.serialAt(t, s.addr, "127.0.0.1"); got != want {
			t.Errorf("%s: certificate %d, want %d", why, got, want)
		}
	}
	serves(1, "at first")
	install(2, now.Add(-time.Minute))
	serves(2, "renewed")
	write(t, certFile, []byte("half a certif"), now)
	serves(2, "while the new one is damaged")
	install(3, now.Add(time.Minute))
	serves(3, "once it is whole")
	if status, body := read(t, authority.client(), s.base+"/join"); status != http.StatusOK || !strings.Contains(body, "name=\"csrf\"") {
		t.Errorf("%s/join: %d", s.base, status)
	}
	s.stop()
}

// An authority is asked for the names we have, and for no others.
func serveFromAnAuthority(t *testing.T, program string) {
	authority := newAuthority(t)
	directory := authority.directory(t)
	directory.forum = freeAddress(t)
	s := newForum(t, program, "--acme-domain", "forum.example", "--acme-domain", "foro.example", "--acme-directory", directory.web.URL+"/directory")
	s.addr = directory.forum
	s.start()
	if s.base != "https://forum.example" {
		t.Errorf("listening on %q, want the first name", s.base)
	}
	for _, name := range []string{"forum.example", "foro.example"} {
		if got := authority.serialAt(t, directory.forum, name); got == 0 {
			t.Errorf("%s has no certificate", name)
		}
	}
	if conn, err := tls.Dial("tcp", directory.forum, &tls.Config{ServerName: "evil.example", RootCAs: authority.pool}); err == nil {
		_ = conn.Close()
		t.Error("a certificate was had for a name that is not ours")
	}
	if asked := directory.names(); !slices.Equal(asked, []string{"foro.example", "forum.example"}) {
		t.Errorf("asked for %v, want each of our names once", asked)
	}
	s.stop()
}

// Figures are served beside the forum, for programs on the same machine.
func serveMetrics(t *testing.T, program string) {
	s := newForum(t, program, "--metrics-addr", "127.0.0.1:0")
	out := s.launch()
	figures := after(t, out, "metrics on ")
	s.base = after(t, out, "listening on ")
	if status, body := read(t, http.DefaultClient, figures+"/metrics"); status != http.StatusOK || !strings.Contains(body, "forum_database_ok 1") {
		t.Errorf("metrics: %d %q", status, body)
	}
	if status, _ := read(t, http.DefaultClient, s.base+"/metrics"); status != http.StatusNotFound {
		t.Errorf("/metrics of the forum itself: %d, want 404", status)
	}
	s.stop()
	if answers(strings.TrimPrefix(figures, "http://")) {
		t.Error("metrics are served after the end")
	}
}

// What cannot be served safely is not served, and the reason is one line.
func serveNothingWrong(t *testing.T, program string) {
	for _, tt := range []struct{ name, flags, want string }{
		{"plain HTTP for the network", "--addr 0.0.0.0:0", "plain HTTP"},
		{"half a certificate", "--cert-file x", "--key-file"},
		{"two kinds of certificate", "--cert-file x --key-file x --acme-domain forum.example", "--acme-domain"},
		{"a certificate that is not there", "--cert-file /nowhere/x --key-file /nowhere/y", "load certificate"},
		{"metrics for the network", "--metrics-addr 0.0.0.0:0", "loopback"},
		{"a proxy that is no network", "--trusted-proxies proxy.example", "trusted proxies"},
		{"a port that cannot be had", "--addr 203.0.113.9:1", "listen"},
		{"a database of another kind", "--database mysql://x", "postgres://"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), program, append([]string{"serve", "--addr", "127.0.0.1:0", "--data", filepath.Join(t.TempDir(), "data")}, strings.Fields(tt.flags)...)...)
			cmd.Env = environment()
			out, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(out), tt.want) || strings.Contains(string(out), "listening on") {
				t.Errorf("forum serve %s: %v, says %q, want a refusal about %s", tt.flags, err, out, tt.want)
			}
		})
	}
}

// The unit is one that systemd understands.
func serveUnderSystemd(t *testing.T, program string) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		testkit.Skip(t, "systemd-analyze absent: this machine has no systemd")
	}
	unit := string(bytesOf(t, filepath.Join(testkit.Root(t), "forum.service")))
	name := filepath.Join(t.TempDir(), "forum.service")
	write(t, name, []byte(strings.Replace(unit, "ExecStart=/usr/local/bin/forum", "ExecStart="+program, 1)), time.Now())
	if out, err := exec.CommandContext(t.Context(), analyze, "verify", "--man=no", name).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
}

// next reads a line of what the program says.
func next(t *testing.T, lines *bufio.Reader) string {
	t.Helper()
	line, err := lines.ReadString('\n')
	if err != nil {
		t.Fatalf("forum serve says no more: %v", err)
	}
	return strings.TrimSuffix(line, "\n")
}

// read loads a page.
func read(t *testing.T, client *http.Client, address string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }() // it has been read
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

// answers tells whether anybody listens at an address.
func answers(addr string) bool {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return false
	}
	_ = conn.Close() // it was opened
	return true
}

// freeAddress is one that nobody listens on, in all likelihood also in a moment.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }() // so that it is free again
	return listener.Addr().String()
}

// write writes a file with a time of its own.
func write(t *testing.T, name string, content []byte, at time.Time) {
	t.Helper()
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(name, at, at); err != nil {
		t.Fatal(err)
	}
}
