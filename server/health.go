package server

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

// healthz says that the process answers.
func (s *Server) healthz(r *page.Request) error { return r.String(http.StatusOK, "ok\n") }

// probeTime is how long a write may take before the server counts as unwell.
const probeTime = 3 * time.Second

// readyz writes a row through the writer: 503 while the disk takes no writes,
// while the database is away, and once the server has begun to stop.
func (s *Server) readyz(r *page.Request) error {
	select {
	case <-s.ending:
		return r.String(http.StatusServiceUnavailable, "stopping\n")
	default:
	}
	ctx, cancel := context.WithTimeout(r.Ctx(), probeTime)
	defer cancel()
	_, err := s.writer.Do(ctx, record.Action{Run: record.Probe})
	if err != nil {
		s.cfg.Logger.WarnContext(r.Ctx(), "not ready", slog.String("error", err.Error()))
		return r.String(http.StatusServiceUnavailable, "cannot write\n")
	}
	return r.String(http.StatusOK, "ready\n")
}
