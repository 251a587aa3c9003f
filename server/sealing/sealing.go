// Package sealing carries checkpoints over HTTP, C2SP tlog-witness: a handler
// for who signs (the forum's own signer on a socket of this machine, a witness
// somewhere), and a client for who asks.
package sealing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/vcm-forum/forum/consultations/ledger"
)

// largestBody is far above a proof of 63 hashes and a checkpoint with a hundred
// signatures, in bytes.
const largestBody = 64 << 10

// patience bounds one request. A witness may wait for its disk.
const patience = 20 * time.Second

// Handler answers POST …/add-checkpoint.
func Handler(signer *ledger.Signer) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /add-checkpoint", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largestBody))
		if err != nil {
			http.Error(w, "the request is too long or broke off", http.StatusBadRequest)
			return
		}
		answer := signer.AddCheckpoint(string(body))
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		if answer.Status == ledger.OtherSize {
			w.Header().Set("Content-Type", "text/x.tlog.size")
		}
		w.WriteHeader(answer.Status)
		_, _ = io.WriteString(w, answer.Body) // who asked may be gone; what was signed is remembered
	})
	return mux
}

// Server serves a handler until the context ends, within limits that one slow
// or dead client cannot use up.
func Server(ctx context.Context, listener net.Listener, signer *ledger.Signer) error {
	web := &http.Server{Handler: Handler(signer), ReadTimeout: patience, WriteTimeout: patience, MaxHeaderBytes: 8 << 10}
	stop := context.AfterFunc(ctx, func() { _ = web.Close() }) // it signs nothing more; what it signed is on disk
	defer stop()
	if err := web.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the signer: %w", err)
	}
	return nil
}

// Client asks a signer or a witness; it is a [ledger.Asker].
type Client struct {
	url  string
	http *http.Client
}

// ToSocket asks the signer that listens on a unix socket.
func ToSocket(path string) *Client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", path)
	}
	return &Client{"http://signer", &http.Client{Timeout: patience, Transport: &http.Transport{DialContext: dial}}}
}

// ToURL asks a witness under the address before /add-checkpoint. It follows no
// redirect: a witness has one address.
func ToURL(url string) *Client {
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{strings.TrimSuffix(url, "/"), &http.Client{Timeout: patience, CheckRedirect: stay}}
}

// AddCheckpoint sends one request and returns the answer.
func (c *Client) AddCheckpoint(ctx context.Context, body string) (ledger.Answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+"/add-checkpoint", strings.NewReader(body))
	if err != nil {
		return ledger.Answer{}, fmt.Errorf("ask for a signature: %w", err)
	}
	request.Header.Set("Content-Type", "text/plain; charset=utf-8")
	response, err := c.http.Do(request)
	if err != nil {
		return ledger.Answer{}, fmt.Errorf("ask for a signature: %w", err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, largestBody))
	if err != nil {
		return ledger.Answer{}, fmt.Errorf("read the answer: %w", err)
	}
	return ledger.Answer{Status: response.StatusCode, Body: string(answer)}, nil
}
