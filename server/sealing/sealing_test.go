package sealing_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/server/sealing"
)

// one is the request for a log of one entry.
func one() string {
	c := ledger.Checkpoint{Origin: "forum.example/l/" + strings.Repeat("0a", 16), Size: 1, Root: tlog.RecordHash([]byte("entry"))}
	return ledger.Ask(0, nil, c.Text()+"\n")
}

func newSigner(t *testing.T) *ledger.Signer {
	t.Helper()
	dir := t.TempDir()
	if _, err := ledger.AddKey(dir); err != nil {
		t.Fatal(err)
	}
	s, err := ledger.NewSigner(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // nothing depends on it
	return s
}

func TestASignerAnswersOnItsSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "signer")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- sealing.Server(ctx, listener, newSigner(t)) }()
	client := sealing.ToSocket(path)
	for _, want := range []int{ledger.Signed, ledger.OtherSize} {
		answer, err := client.AddCheckpoint(t.Context(), one())
		if err != nil || answer.Status != want {
			t.Errorf("%+v, %v, want %d", answer, err, want)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("Server: %v", err)
	}
	if _, err := client.AddCheckpoint(t.Context(), one()); err == nil {
		t.Error("it answers after its end")
	}
}

func TestAnswersAreThoseOfC2SP(t *testing.T) {
	web := httptest.NewServer(sealing.Handler(newSigner(t)))
	defer web.Close()
	for _, row := range []struct {
		what, method, body string
		status             int
		kind               string
	}{
		{"a request", "POST", one(), 200, "text/plain; charset=utf-8"},
		{"once more", "POST", one(), 409, "text/x.tlog.size"},
		{"nonsense", "POST", "old", 400, "text/plain; charset=utf-8"},
		{"too much", "POST", strings.Repeat("a", 1<<20), 400, "text/plain; charset=utf-8"},
		{"no post", "GET", "", 405, "text/plain; charset=utf-8"},
	} {
		request, err := http.NewRequestWithContext(t.Context(), row.method, web.URL+"/add-checkpoint", strings.NewReader(row.body))
		if err != nil {
			t.Fatal(err)
		}
		response, err := web.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close() // only its head counts
		if kind := response.Header.Get("Content-Type"); response.StatusCode != row.status || kind != row.kind {
			t.Errorf("%s: %d %s, want %d %s", row.what, response.StatusCode, kind, row.status, row.kind)
		}
	}
}

func TestAWitnessThatSendsElsewhereIsNotFollowed(t *testing.T) {
	elsewhere := httptest.NewServer(sealing.Handler(newSigner(t)))
	defer elsewhere.Close()
	web := httptest.NewServer(http.RedirectHandler(elsewhere.URL+"/add-checkpoint", http.StatusTemporaryRedirect))
	defer web.Close()
	answer, err := sealing.ToURL(web.URL+"/").AddCheckpoint(t.Context(), one())
	if err != nil || answer.Status != http.StatusTemporaryRedirect {
		t.Errorf("%+v, %v", answer, err)
	}
}
