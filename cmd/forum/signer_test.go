package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/server/sealing"
)

// lines hands what a command prints to whoever waits for it.
type lines chan string

func (l lines) Write(p []byte) (int, error) {
	l <- string(p)
	return len(p), nil
}

func TestASignerIsMadeCopiedAndAsked(t *testing.T) {
	var out, complaints bytes.Buffer
	keys, socket := filepath.Join(t.TempDir(), "signer"), filepath.Join(t.TempDir(), "socket")
	if code := run(t.Context(), []string{"signer", "--keys", keys, "--listen", socket}, &out, &complaints); code != 1 || !strings.Contains(complaints.String(), "--add-key") {
		t.Errorf("without a key: %d %s", code, &complaints)
	}
	copied := filepath.Join(t.TempDir(), "copy")
	if code := run(t.Context(), []string{"signer", "--keys", keys, "--add-key", "--backup", copied}, &out, &complaints); code != 0 {
		t.Fatalf("%d %s", code, &complaints)
	}
	if !strings.Contains(out.String(), "log prefix HOST/l/ A") || !strings.Contains(out.String(), "copied keys and memory to "+copied) {
		t.Errorf("printed %s", &out)
	}
	for range 2 { // the second remembers what the first has signed
		ctx, stop := context.WithCancel(t.Context())
		printed, ended := make(lines, 1), make(chan int, 1)
		go func() {
			ended <- run(ctx, []string{"signer", "--keys", keys, "--listen", socket}, printed, &complaints)
		}()
		select {
		case <-printed:
		case code := <-ended:
			t.Fatalf("ended with %d: %s", code, &complaints)
		}
		c := ledger.Checkpoint{Origin: "forum.example/l/" + strings.Repeat("0a", 16), Size: 1, Root: tlog.RecordHash([]byte("entry"))}
		answer, err := sealing.ToSocket(socket).AddCheckpoint(t.Context(), ledger.Ask(0, nil, c.Text()+"\n"))
		if err != nil || (answer.Status != ledger.Signed && answer.Body != "1\n") {
			t.Errorf("%+v, %v", answer, err)
		}
		stop()
		if code := <-ended; code != 0 {
			t.Errorf("ended with %d: %s", code, &complaints)
		}
	}
}
