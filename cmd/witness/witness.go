package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// witness cosigns what extends what it has seen.
type witness struct {
	keys   []key
	logs   *policy
	memory *memory
	now    func() time.Time
	log    *slog.Logger

	// mu makes comparing with the memory and adding to it one step, else of two
	// requests at once the smaller could be remembered last.
	mu sync.Mutex
}

// refusalError is why a checkpoint is not cosigned.
type refusalError struct {
	status int    // of HTTP, as C2SP tlog-witness has it
	reason string // a sentence
	size   int64  // of the tree last seen, with status 409
}

func (r *refusalError) Error() string { return r.reason }

// add answers a request with the lines of the witness's signatures, or refuses.
func (w *witness) add(body string) (string, error) {
	r, ok := parseRequest(body)
	if !ok {
		return "", &refusalError{status: http.StatusBadRequest, reason: "this is no request to add a checkpoint"}
	}
	keys := w.logs.keysOf(r.tree.origin)
	if len(keys) == 0 {
		return "", &refusalError{status: http.StatusNotFound, reason: "this witness does not follow this log"}
	}
	// Signatures of keys that are not known are ignored, those of known ones must hold.
	n, err := note.Open([]byte(r.signed), note.VerifierList(keys...))
	if err != nil {
		return "", &refusalError{status: http.StatusForbidden, reason: "the checkpoint is not signed by its log"}
	}
	if r.old > r.tree.size {
		return "", &refusalError{status: http.StatusBadRequest, reason: "the old size is larger than the new one"}
	}
	if err := w.remember(r, n); err != nil {
		return "", err
	}
	var answer strings.Builder
	for _, k := range w.keys {
		answer.WriteString(k.cosign(n.Text, w.now()))
	}
	return answer.String(), nil
}

// remember takes a signed tree as the largest that was seen, if it extends the
// one before. Whoever asks from another size than the one last seen is told it.
func (w *witness) remember(r request, n *note.Note) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	seen, err := w.memory.seen(r.tree.origin)
	if err != nil {
		return err
	}
	switch {
	case r.tree.size == seen.size && r.tree.root != seen.root:
		file, err := w.memory.accuse(r.tree, r.signed)
		reason := "the log has two histories of one size: keep " + file + ", which proves it, and tell others"
		return errors.Join(&refusalError{status: http.StatusConflict, reason: reason, size: seen.size}, err)
	case r.old != seen.size:
		reason := fmt.Sprintf("the log was last seen at size %d: ask again from there", seen.size)
		return &refusalError{status: http.StatusConflict, reason: reason, size: seen.size}
	case !extends(r, seen):
		return &refusalError{status: http.StatusUnprocessableEntity, reason: "the proof does not show that the checkpoint extends what was seen"}
	case r.old == r.tree.size && r.old > 0:
		return nil // nothing new: seen again, and signed again with the time of now
	}
	return w.memory.see(r.tree, signedBy(n))
}

// extends tells whether the proof joins the seen tree to the new one. Every tree
// extends the empty one, and from there C2SP allows no proof.
func extends(r request, seen tree) bool {
	if r.old == r.tree.size || r.old == 0 {
		return len(r.proof) == 0
	}
	return tlog.CheckTree(r.proof, r.tree.size, r.tree.root, seen.size, seen.root) == nil
}

// signedBy is a checkpoint with those of its signatures that were checked.
func signedBy(n *note.Note) string {
	var text strings.Builder
	text.WriteString(n.Text + "\n")
	for _, s := range n.Sigs {
		fmt.Fprintf(&text, "— %s %s\n", s.Name, s.Base64)
	}
	return text.String()
}

// emptyRoot is the root of a log without entries (RFC 6962, section 2.1).
var emptyRoot = tlog.Hash(sha256.Sum256(nil))

// handler answers POST /add-checkpoint.
func (w *witness) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /add-checkpoint", func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, maxRequest))
		if err != nil {
			http.Error(rw, "the request is too long or broke off", http.StatusBadRequest)
			return
		}
		answer, err := w.add(string(body))
		if err != nil {
			w.refuse(r.Context(), rw, err)
			return
		}
		rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(rw, answer) // whoever did not hear it asks again
	})
	return mux
}

func (w *witness) refuse(ctx context.Context, rw http.ResponseWriter, err error) {
	refused, ok := errors.AsType[*refusalError](err)
	if !ok {
		w.log.ErrorContext(ctx, "not signed", slog.Any("error", err))
		http.Error(rw, "the witness cannot remember and so does not sign", http.StatusInternalServerError)
		return
	}
	w.log.WarnContext(ctx, "not signed", slog.Int("status", refused.status), slog.String("reason", strings.ReplaceAll(err.Error(), "\n", "; ")))
	if refused.status != http.StatusConflict {
		http.Error(rw, refused.reason, refused.status)
		return
	}
	rw.Header().Set("Content-Type", "text/x.tlog.size")
	rw.WriteHeader(refused.status)
	_, _ = fmt.Fprintf(rw, "%d\n", refused.size) // whoever did not hear it asks again
}
