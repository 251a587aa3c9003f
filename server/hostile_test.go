package server_test

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/vcm-forum/forum/server/database/databasetest"
)

// counted counts what somebody took of a body.
type counted struct {
	io.Reader
	n atomic.Int64 // the client may still be sending when it has the answer
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n.Add(int64(n))
	return n, err //nolint:wrapcheck // io.EOF is looked for
}

// endless has no end.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// What a visitor sends as a file is not read before it is known who they are, however
// the type is spelt: it would be put, in clear and without end, where temporary files
// are. What they send there as a form is read no further than any other form.
func TestHostileFileOfAVisitor(t *testing.T) {
	w := consult(t, databasetest.SQLite(t), withFiles(t)).today()
	multipart := "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n"
	for _, c := range []struct {
		path, kind, head string
		mib              int64
	}{
		{"/files", "multipart/form-data; boundary=x", multipart, 16},
		{"/files", "Multipart/Form-Data; boundary=x", multipart, 16},
		{"/files", "MULTIPART/mixed; boundary=x", multipart, 16},
		{"/files", "application/x-www-form-urlencoded", "csrf=", 12}, // what the sockets between them hold, and not the 10 MiB of a form beside it
		{"/files/uploads/" + strings.Repeat("a", 32), "application/x-www-form-urlencoded", "csrf=", 12},
	} {
		if n := w.readOfAVisitor(c.path, c.kind, c.head); n > c.mib<<20 {
			t.Errorf("%s to %s: %d MiB were read of somebody who may send none", c.kind, c.path, n>>20)
		}
	}
}

// readOfAVisitor is how much of an endless body goes out before the server hangs up.
func (w *consulted) readOfAVisitor(path, kind, head string) int64 {
	w.t.Helper()
	body := &counted{Reader: io.MultiReader(strings.NewReader(head), io.LimitReader(endless{}, 64<<20), strings.NewReader("\r\n--x--\r\n"))}
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.web.URL+w.at(path), body)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	if res, err := w.web.Client().Do(req); err == nil { // the server may hang up before all is sent
		_ = res.Body.Close()
	}
	return body.n.Load()
}

// Who hands in what the community keeps to itself is not told that it has it.
func TestHostileHandedInTwice(t *testing.T) {
	w := consult(t, databasetest.SQLite(t), withFiles(t)).today()
	files := "/communities/" + string(w.community) + "/files"
	w.as(w.persons["Hilda"]).upload(files, recording())
	obi, fresh := w.as(w.persons["Obi"]), recording()
	fresh[len(fresh)-1] ^= 1
	for name, content := range map[string][]byte{"one that nobody had": fresh, "one of the community": recording()} {
		_, digest, _ := strings.Cut(obi.upload(files, content).Location, "evidence=")
		if got := obi.get(files + "/" + digest); got.Status != http.StatusOK {
			t.Errorf("%s: %d", name, got.Status)
		}
	}
}
