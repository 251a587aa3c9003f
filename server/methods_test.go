package server_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

var formKey = regexp.MustCompile(`\bform=[0-9a-f-]{36}`)

func (b *browser) send(method, path string) answer {
	b.f.t.Helper()
	req, err := http.NewRequestWithContext(b.f.t.Context(), method, b.f.web.URL+path, nil)
	if err != nil {
		b.f.t.Fatalf("%s %s: %v", method, path, err)
	}
	req.Header.Set("Origin", b.f.web.URL)
	return b.do(req)
}

// HEAD answers what GET answers, without the body: on every address, for who may
// see it and who may not.
func TestHeadAnswersAsGet(t *testing.T) {
	w := build(start(t, databasetest.SQLite(t)))
	varies := []string{"Date", "X-Request-Id", "Set-Cookie", "Content-Length"}
	for _, caller := range []people.Actor{{}, w.persons["participant"]} {
		b := w.as(caller)
		for _, e := range sorted(w.srv.Entries()) {
			method, path, _ := strings.Cut(e.Name, " ")
			if method != http.MethodGet || strings.Contains(path, "*") {
				continue
			}
			path = w.objects["listed"].fill(path, w.code)
			get, head := b.get(path), b.send(http.MethodHead, path)
			for _, name := range varies {
				get.Header.Del(name)
				head.Header.Del(name)
			}
			for _, a := range []answer{get, head} { // a link to a form leads to a fresh one each time
				if to := a.Header.Get("Location"); to != "" {
					a.Header.Set("Location", formKey.ReplaceAllString(to, "form=fresh"))
				}
			}
			if head.Body != "" || head.Status != get.Status {
				t.Errorf("HEAD %s: %d with %d bytes, GET: %d", path, head.Status, len(head.Body), get.Status)
			}
			if diff := cmp.Diff(get.Header, head.Header); diff != "" {
				t.Errorf("HEAD %s (-GET +HEAD):\n%s", path, diff)
			}
		}
	}
}

func TestOtherMethodsAreToldWhatIsAllowed(t *testing.T) {
	w := build(start(t, databasetest.SQLite(t)))
	b := w.as(people.Actor{})
	public := "/dialogues/" + string(w.objects["public"].dialogue)
	for _, tt := range []struct {
		name, method, path string
		status             int
		allow              []string
	}{
		{"deleting a page", http.MethodDelete, "/privacy", 405, []string{"GET"}},
		{"putting where one may post", http.MethodPut, "/signin", 405, []string{"GET", "POST"}},
		{"reading what is only for sending", http.MethodGet, public + "/join", 405, []string{"POST"}},
		{"a method nobody knows", "BREW", "/privacy", 405, []string{"GET"}},
		{"tracing", http.MethodTrace, "/privacy", 405, []string{"GET"}},
		{"asking what is allowed", http.MethodOptions, "/signin", 204, []string{"GET", "POST"}},
		{"deleting what is not there", http.MethodDelete, "/nothing", 404, nil},
		{"posting to a static file", http.MethodPost, "/static/x.css", 405, []string{"GET"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := b.send(tt.method, tt.path)
			if got.Status != tt.status {
				t.Errorf("%s %s: %d, want %d", tt.method, tt.path, got.Status, tt.status)
			}
			allow := strings.Split(got.Header.Get("Allow"), ", ")
			for _, method := range tt.allow {
				if !slices.Contains(allow, method) {
					t.Errorf("%s %s allows %q, want %s among it", tt.method, tt.path, allow, method)
				}
			}
			if slices.Contains(tt.allow, "GET") && !slices.Contains(allow, "HEAD") {
				t.Errorf("%s %s allows %q, want HEAD among it", tt.method, tt.path, allow)
			}
			if tt.allow == nil && got.Header.Get("Allow") != "" {
				t.Errorf("%s %s allows %q, want nothing", tt.method, tt.path, allow)
			}
			if got.Header.Get("Content-Security-Policy") == "" {
				t.Errorf("%s %s has no content policy", tt.method, tt.path)
			}
		})
	}
}

// A slash too many leads to the page, and never off this server.
func TestASlashTooManyIsForgiven(t *testing.T) {
	f := start(t, databasetest.SQLite(t))
	b := f.as(people.Actor{})
	for path, want := range map[string]string{
		"/dialogues/": "/dialogues", "/dialogues/?q=a%2Fb&page=2": "/dialogues?q=a%2Fb&page=2", "/join/ABC//": "/join/ABC",
		"//evil.example/": "/evil.example", "///": "/", "/%5Cevil.example/": "/%5Cevil.example", "/%2F%2Fevil.example/": "/%2F%2Fevil.example",
		"/%09evil.example/": "/%09evil.example", "/static/": "/static",
	} {
		got := ask(t, f.srv.Handler(), "127.0.0.1", "localhost", path)
		if got.Status != http.StatusPermanentRedirect || got.Header.Get("Location") != want {
			t.Errorf("%s: %d to %q, want 308 to %q", path, got.Status, got.Header.Get("Location"), want)
		}
	}
	for _, path := range []string{"/", "/dialogues", "/join"} {
		if got := b.get(path); got.Status != http.StatusOK {
			t.Errorf("%s: %d, want 200", path, got.Status)
		}
	}
}
