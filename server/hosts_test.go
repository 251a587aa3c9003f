package server_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// hosted is a server that people know as forum.example and www.forum.example.
func hosted(t *testing.T) http.Handler {
	t.Helper()
	srv, err := server.New(server.Config{
		DB: databasetest.SQLite(t), BaseURL: "https://Forum.example", Hosts: []string{"www.forum.example:443", ""},
	})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	t.Cleanup(func() {
		writer, _, _, _ := srv.Services()
		writer.Stop()
	})
	return srv.Handler()
}

func TestOnlyOurHostsAreAnswered(t *testing.T) {
	forum := hosted(t)
	for _, tt := range []struct {
		name, local, host, path string
		want                    int
	}{
		{"the name of the base URL", "192.0.2.7", "forum.example", "/join", 200},
		{"in upper case", "192.0.2.7", "FORUM.example", "/join", 200},
		{"with a port, as a tunnel shows it", "192.0.2.7", "forum.example:9443", "/join", 200},
		{"another of our names", "192.0.2.7", "www.forum.example", "/join", 200},
		{"the address it arrived at", "192.0.2.7", "192.0.2.7:8080", "/join", 200},
		{"the address it arrived at, with IPv6", "2001:db8::7", "[2001:db8::7]:8080", "/join", 200},
		{"the address it arrived at, as IPv6 writes IPv4", "::ffff:192.0.2.7", "192.0.2.7", "/join", 200},
		{"this machine from within", "127.0.0.1", "localhost:8080", "/join", 200},
		{"this machine from within, by number", "127.0.0.1", "127.0.0.1:8080", "/join", 200},
		{"this machine from within, with IPv6", "::1", "[::1]:8080", "/join", 200},
		{"a stranger's name that leads here", "127.0.0.1", "evil.example:8080", "/join", 421},
		{"a stranger's name that leads to the hall's server", "192.168.1.5", "evil.example:8080", "/join", 421},
		{"a stranger's name below ours", "127.0.0.1", "x.forum.example", "/join", 421},
		{"a stranger's name that begins like ours", "127.0.0.1", "forum.example.evil.example", "/join", 421},
		{"a stranger's name that begins like localhost", "127.0.0.1", "localhost.evil.example", "/join", 421},
		{"our name with a dot behind, which no cookie knows", "127.0.0.1", "forum.example.", "/join", 421},
		{"localhost from elsewhere", "192.0.2.7", "localhost", "/join", 421},
		{"another address", "192.0.2.7", "192.0.2.8", "/join", 421},
		{"no host", "192.0.2.7", "", "/join", 421},
		{"what is no host", "192.0.2.7", "[::1", "/join", 421},
		{"health, asked by another address", "10.0.0.3", "203.0.113.9:8080", "/healthz", 200},
		{"readiness, asked by another address", "10.0.0.3", "203.0.113.9:8080", "/readyz", 200},
		{"health, asked under a stranger's name", "127.0.0.1", "evil.example", "/healthz", 421},
		{"static files under a stranger's name", "127.0.0.1", "evil.example", "/static/", 421},
		{"an address that does not exist, under a stranger's name", "127.0.0.1", "evil.example", "/nothing", 421},
		{"a socket under a stranger's name", "127.0.0.1", "evil.example", "/live", 421},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ask(t, forum, tt.local, tt.host, tt.path)
			if got.Status != tt.want {
				t.Errorf("%s on %s at %s: %d, want %d", tt.path, tt.host, tt.local, got.Status, tt.want)
			}
			if tt.want == 421 && (!strings.Contains(got.Body, "--base-url") || got.Header.Get("Set-Cookie") != "") {
				t.Errorf("answer %q with headers %v, want a plain sentence and no cookie", got.Body, got.Header)
			}
		})
	}
}

func TestAStrangersHostIsAnsweredInTheReadersLanguage(t *testing.T) {
	f := start(t, databasetest.SQLite(t))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.web.URL+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "evil.example"
	req.Header.Set("Accept-Language", "fr")
	got := f.as(people.Actor{}).do(req)
	if got.Status != http.StatusMisdirectedRequest || !strings.Contains(got.Body, "Il n’y a pas de forum") {
		t.Errorf("%d %q, want 421 in French", got.Status, got.Body)
	}
}

// Figures are read by programs on this machine, not by a page of a stranger.
func TestMetricsAreNotReadUnderAStrangersName(t *testing.T) {
	f := start(t, databasetest.SQLite(t))
	for host, want := range map[string]int{"localhost:9090": 200, "127.0.0.1:9090": 200, "evil.example:9090": 421} {
		if got := ask(t, f.srv.Metrics(), "127.0.0.1", host, "/"); got.Status != want {
			t.Errorf("metrics on %s: %d, want %d", host, got.Status, want)
		}
	}
}

// ask sends a request as if it had come to that address of this machine.
func ask(t *testing.T, handler http.Handler, local, host, path string) answer {
	t.Helper()
	ctx := context.WithValue(t.Context(), http.LocalAddrContextKey, &net.TCPAddr{IP: net.ParseIP(local), Port: 8080})
	req := httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)
	req.Host = host
	out := httptest.NewRecorder()
	handler.ServeHTTP(out, req)
	return answer{Status: out.Code, Body: out.Body.String(), Header: out.Header()}
}
