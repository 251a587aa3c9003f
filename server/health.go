package server

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

// healthz says that the process answers.
func (s *Server) healthz(r *page.Request) error { return r.String(http.StatusOK, "ok\n") }

// probeTime is how long a write may take before the server counts as unwell.
const probeTime = 3 * time.Second

// probeMemory is how long an answer holds, so that nobody keeps the disk busy
// by asking.
const probeMemory = time.Second

// probe is the newest answer to the question whether a row can be written. Who
// asks while it is being found out waits for that same answer.
type probe struct {
	mu  sync.Mutex
	at  time.Time // when it was found; zero at first
	err error
}

// canWrite writes a row through the writer, at most once a second. The asker's
// leaving does not spoil the answer for the others.
func (s *Server) canWrite(ctx context.Context) error {
	p := &s.probe
	p.mu.Lock()
	defer p.mu.Unlock()
	if age := s.cfg.Now().Sub(p.at); age >= 0 && age < probeMemory {
		return p.err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), probeTime)
	defer cancel()
	_, p.err = s.writer.Do(ctx, record.Action{Run: record.Probe})
	p.at = s.cfg.Now()
	if p.err != nil {
		s.cfg.Logger.WarnContext(ctx, "not ready", slog.String("error", p.err.Error()))
	}
	return p.err
}

// readyz answers 503 while the disk takes no writes, while the database is
// away, and once the server has begun to stop.
func (s *Server) readyz(r *page.Request) error {
	select {
	case <-s.ending:
		return r.String(http.StatusServiceUnavailable, "stopping\n")
	default:
	}
	if s.canWrite(r.Ctx()) != nil {
		return r.String(http.StatusServiceUnavailable, "cannot write\n")
	}
	return r.String(http.StatusOK, "ready\n")
}
