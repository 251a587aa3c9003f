package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// plainLog is a log as a forum keeps it, with the key of all logs of its host.
type plainLog struct {
	origin string
	signer note.Signer
	vkey   string
	rule   string
	hashes []tlog.Hash
}

var logKey = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))

func newLog(id int, size int, salt string) *plainLog {
	l := &plainLog{origin: fmt.Sprintf("forum.example/l/%032x", id)}
	public := append([]byte{1}, logKey.Public().(ed25519.PublicKey)...)
	l.rule = "log prefix forum.example/l/ " + base64.StdEncoding.EncodeToString(public)
	l.vkey, _ = note.NewEd25519VerifierKey(l.origin, public[1:])
	seed := base64.StdEncoding.EncodeToString(append([]byte{1}, logKey.Seed()...))
	signer, err := note.NewSigner("PRIVATE+KEY+" + strings.Join(strings.SplitN(l.vkey, "+", 3)[:2], "+") + "+" + seed)
	if err != nil {
		panic(err)
	}
	l.signer = signer
	for i := range size {
		stored, err := tlog.StoredHashes(int64(i), fmt.Appendf(nil, "%s %d", salt, i), l)
		if err != nil {
			panic(err)
		}
		l.hashes = append(l.hashes, stored...)
	}
	return l
}

func (l *plainLog) ReadHashes(indexes []int64) (found []tlog.Hash, err error) {
	for _, i := range indexes {
		found = append(found, l.hashes[i])
	}
	return found, nil
}

func (l *plainLog) body(size int64) string {
	root, err := tlog.TreeHash(size, l)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf("%s\n%d\n%s\n", l.origin, size, root)
}

func (l *plainLog) checkpoint(size int64) string {
	signed, err := note.Sign(&note.Note{Text: l.body(size)}, l.signer)
	if err != nil {
		panic(err)
	}
	return string(signed)
}

// ask is a request to go from one size to another.
func (l *plainLog) ask(old, size int64) string { return l.askFor(old, size, l.checkpoint(size)) }

func (l *plainLog) askFor(old, size int64, checkpoint string) string {
	text := fmt.Sprintf("old %d\n", old)
	if old > 0 && old < size {
		proof, err := tlog.ProveTree(size, old, l)
		if err != nil {
			panic(err)
		}
		for _, h := range proof {
			text += h.String() + "\n"
		}
	}
	return text + "\n" + checkpoint
}

// house is where a witness lives: its key, its rules, its memory.
type house struct {
	t                   *testing.T
	keys, policy, state string
	vkey                string
}

func newHouse(t *testing.T, rules string) house {
	t.Helper()
	dir := t.TempDir()
	h := house{t, filepath.Join(dir, "key"), filepath.Join(dir, "policy"), filepath.Join(dir, "state"), ""}
	h.vkey = strings.TrimSpace(strings.TrimPrefix(h.run(0, "", "key", "--keys", h.keys, "ngo.example/witness"), "witness "))
	if err := os.WriteFile(h.policy, []byte(rules+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h house) flags() []string {
	return []string{"--keys", h.keys, "--policy", h.policy, "--state", h.state}
}

// run is the program; it returns all that was printed.
func (h house) run(code int, in string, args ...string) string {
	h.t.Helper()
	var out bytes.Buffer
	if got := run(h.t.Context(), args, strings.NewReader(in), &out, &out); got != code {
		h.t.Fatalf("%q = %d, want %d: %s", args, got, code, &out)
	}
	return out.String()
}

// open starts a witness in the house, with HTTP before it, until the test or close ends it.
func (h house) open(around func(http.Handler) http.Handler) (url string, stop func()) {
	h.t.Helper()
	w, err := (&setup{h.keys, h.policy, h.state}).open(slog.New(slog.DiscardHandler))
	if err != nil {
		h.t.Fatal(err)
	}
	server := httptest.NewServer(around(w.handler()))
	stop = sync.OnceFunc(func() { server.Close(); w.memory.close() })
	h.t.Cleanup(stop)
	return server.URL, stop
}

func plainly(h http.Handler) http.Handler { return h }

func post(t *testing.T, url, body string) (status int, contentType, answer string) {
	t.Helper()
	resp, err := http.Post(url+"/add-checkpoint", "text/plain", strings.NewReader(body))
	if err != nil {
		return 0, "", err.Error()
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, "", err.Error()
	}
	return resp.StatusCode, resp.Header.Get("Content-Type"), string(text)
}

// signedTime checks a cosignature by the words of C2SP alone, and returns its time.
func (h house) signedTime(body, line string) time.Time {
	h.t.Helper()
	name, rest, _ := strings.Cut(h.vkey, "+")
	id, key, _ := strings.Cut(rest, "+")
	public, err := base64.StdEncoding.DecodeString(key)
	if err != nil || public[0] != 4 {
		h.t.Fatal("the key", h.vkey)
	}
	encoded, ok := strings.CutPrefix(line, "— "+name+" ")
	signature, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(encoded, "\n"))
	if !ok || err != nil || len(signature) != 4+8+64 || fmt.Sprintf("%x", signature[:4]) != id {
		h.t.Fatalf("the signature %q of %s", line, h.vkey)
	}
	at := binary.BigEndian.Uint64(signature[4:])
	if !ed25519.Verify(public[1:], fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", at, body), signature[12:]) {
		h.t.Fatalf("the signature %q does not hold", line)
	}
	return time.Unix(int64(at), 0)
}
