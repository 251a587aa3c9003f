package server_test

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
	"github.com/vcm-forum/forum/server/testkit"
)

// verifier builds the independent verifier, which shares no line with the forum.
func verifier(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "verify")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", path, "./cmd/verify")
	build.Dir = testkit.Root(t)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the verifier: %v\n%s", err, out)
	}
	return path
}

// checks runs the verifier and returns how it ended and what it said.
func checks(t *testing.T, program string, args ...string) (code int, said string) {
	t.Helper()
	run := exec.CommandContext(t.Context(), program, args...)
	out, err := run.CombinedOutput()
	if err != nil && run.ProcessState == nil {
		t.Fatalf("run the verifier: %v", err)
	}
	return run.ProcessState.ExitCode(), string(out)
}

// What the forum hands out is accepted by a program that was written from the
// page of formats alone, and by nothing else than exactly it.
func TestTheIndependentVerifierAcceptsReceiptAndBundle(t *testing.T) {
	program := verifier(t)
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := consult(t, db).propose().tell().deliberate()
		w.decide(consultations.ConsentConditions, w.aspects[0])
		w.seal()
		dir := t.TempDir()
		policy := keep(t, dir, "policy", []byte(w.policy()))

		x := w.record()
		receipt, err := w.talks.ReceiptOf(t.Context(), w.of("Hilda"), x, x.Decisions[0].ID)
		if err != nil || receipt.Text == "" {
			t.Fatalf("receipt: %+v, %v", receipt, err)
		}
		if len(receipt.Text) > 2048 || strings.Contains(receipt.Text, canary) {
			t.Errorf("the receipt has %d bytes, or says too much", len(receipt.Text))
		}
		file := keep(t, dir, "receipt", []byte(receipt.Text))
		code, said := checks(t, program, "receipt", file, "--policy", policy)
		if code != 0 || !strings.Contains(said, receipt.ShortCode) || !strings.Contains(said, receipt.Words) {
			t.Errorf("verify receipt: %d, %s", code, said)
		}
		changed := keep(t, dir, "changed", []byte(strings.Replace(receipt.Text, "slot ", "slot  ", 1)))
		if code, said := checks(t, program, "receipt", changed, "--policy", policy); code != 3 {
			t.Errorf("verify a changed receipt: %d, %s", code, said)
		}

		var bundle bytes.Buffer
		if err := w.talks.Bundle(t.Context(), w.of("Hilda"), &bundle); err != nil {
			t.Fatalf("bundle: %v", err)
		}
		folder := unpack(t, bundle.Bytes())
		if code, said := checks(t, program, "log", folder, "--policy", policy); code != 0 {
			t.Errorf("verify the bundle: %d, %s", code, said)
		}
		lines, err := os.ReadFile(filepath.Join(folder, "log.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		keep(t, folder, "log.jsonl", bytes.Join(bytes.SplitAfter(lines, []byte("\n"))[1:], nil))
		if code, said := checks(t, program, "log", folder, "--policy", policy); code != 3 {
			t.Errorf("verify a bundle without its first entry: %d, %s", code, said)
		}
	})
}

func (w *consulted) policy() string {
	w.t.Helper()
	log, err := w.talks.Log(w.t.Context(), w.of("Hilda"), 1)
	if err != nil {
		w.t.Fatal(err)
	}
	return log.Policy
}

func keep(t *testing.T, dir, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// unpack writes a ZIP's files into a folder.
func unpack(t *testing.T, raw []byte) string {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, f := range in.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		keep(t, dir, f.Name, content)
	}
	return dir
}
