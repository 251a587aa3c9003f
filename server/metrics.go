package server

import (
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"

	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/dialogues/record"
)

// Metrics answers with figures about the running server in the text format of
// Prometheus (version 0.0.4). It names no person and no dialogue, and is served
// on a listener of its own, which must be loopback.
func (s *Server) Metrics() http.Handler {
	return s.onlyOurHosts(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		var b strings.Builder
		s.writeMetrics(&b, req)
		_, _ = w.Write([]byte(b.String())) // who asked is gone if this fails
	}))
}

func (s *Server) writeMetrics(b *strings.Builder, req *http.Request) {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	live, work := s.hub.Stats(), s.writer.Stats()
	lines, rooms := int64(0), 0
	heads, err := record.Heads(req.Context(), s.dialogues.Read)
	kept, unread := ledger.Heads(s.dialogues.Read.WithContext(req.Context()))
	for _, head := range heads {
		// How many communities have a record, and how much happens there, is theirs.
		if !slices.ContainsFunc(kept, func(h ledger.Head) bool { return h.ID == head.Room }) {
			lines += head.Seq
			rooms++
		}
	}
	err = errors.Join(err, unread)
	metric(b, "forum_up_seconds", "Since the server started.", "gauge", s.cfg.Now().Sub(s.started).Seconds())
	metric(b, "forum_database_ok", "1 when the record can be read.", "gauge", map[bool]float64{true: 1}[err == nil])
	metric(b, "forum_rooms", "Rooms of the record.", "gauge", float64(rooms))
	metric(b, "forum_record_lines", "Lines of the record.", "gauge", float64(lines))
	metric(b, "forum_writes_total", "Actions that were run.", "counter", float64(work.Actions))
	metric(b, "forum_commits_total", "Commits that carried them.", "counter", float64(work.Commits))
	metric(b, "forum_commit_failures_total", "Commits that failed as a whole.", "counter", float64(work.Failures))
	metric(b, "forum_commit_seconds_total", "Time spent in commits.", "counter", work.Busy.Seconds())
	metric(b, "forum_sockets", "Open sockets.", "gauge", float64(live.Sockets))
	metric(b, "forum_socket_frames_total", "Lines handed to sockets.", "counter", float64(live.Frames))
	metric(b, "forum_socket_bytes_total", "Bytes handed to sockets.", "counter", float64(live.Bytes))
	metric(b, "forum_socket_drops_total", "Sockets given up as too slow.", "counter", float64(live.Drops))
	metric(b, "forum_socket_revoked_total", "Sockets ended because the right had.", "counter", float64(live.Revoked))
	metric(b, "forum_goroutines", "Goroutines.", "gauge", float64(runtime.NumGoroutine()))
	metric(b, "forum_heap_bytes", "Memory in use.", "gauge", float64(memory.HeapInuse))
}

func metric(b *strings.Builder, name, help, kind string, value float64) {
	fmt.Fprintf(b, "# HELP %s %s\n# TYPE %s %s\n%s %g\n", name, help, name, kind, name, value)
}
