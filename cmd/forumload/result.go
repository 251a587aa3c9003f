package main

import (
	"fmt"
	"io"
	"time"
)

// result is how a run went. Times are milliseconds; the ledger's figures count
// from the beginning of the program.
type result struct {
	Guests     int     `json:"guests"`
	Messages   int     `json:"messages"`
	Seconds    float64 `json:"seconds"`
	Heard      int64   `json:"heard"` // lines, by all listeners, in this run
	Retried    int64   `json:"retried"`
	AckP50     float64 `json:"ack_p50"` // from sending to the answer
	AckP99     float64 `json:"ack_p99"`
	FirstP50   float64 `json:"first_p50"` // from the answer to the first listener
	FirstP99   float64 `json:"first_p99"`
	LastP50    float64 `json:"last_p50"` // from the answer to the last listener
	LastP99    float64 `json:"last_p99"`
	FrameBytes float64 `json:"frame_bytes"` // of a line, as the first listener got them

	Acknowledged int   `json:"acknowledged"`
	Lost         int   `json:"lost"`    // acknowledged and never told
	Doubled      int   `json:"doubled"` // told twice, or answered in two ways
	Gaps         int64 `json:"gaps"`    // lines that did not follow the one before
	CameBack     int64 `json:"came_back"`
	Reloads      int64 `json:"reloads"` // histories that could not be continued
}

// Kept tells whether every promise was kept.
func (r result) Kept() bool { return r.Lost == 0 && r.Doubled == 0 && r.Gaps == 0 && r.Reloads == 0 }

func (c *crowd) result(o order, t *timings) result {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := result{
		Guests: len(c.guests), Messages: o.Messages, Seconds: time.Since(t.began).Seconds(), Heard: c.ledger.heard.Load() - t.heard, Retried: t.again.Load(),
		AckP50: at(t.ack, 0.5), AckP99: at(t.ack, 0.99), FirstP50: at(t.first, 0.5), FirstP99: at(t.first, 0.99),
		LastP50: at(t.last, 0.5), LastP99: at(t.last, 0.99),
		FrameBytes: float64(c.ledger.readBytes.Load()-t.readBytes) / float64(max(1, c.ledger.read.Load()-t.read)),
		Gaps:       c.ledger.gaps.Load(), CameBack: c.ledger.back.Load(), Reloads: c.ledger.lost.Load(),
	}
	r.Acknowledged, r.Lost, r.Doubled = c.ledger.verdict()
	return r
}

func (r result) print(w io.Writer) {
	fmt.Fprintf(w, "%d guests, %d contributions in %.1f s, %d lines heard by everyone together\n", r.Guests, r.Messages, r.Seconds, r.Heard)
	fmt.Fprintf(w, "lost %d, doubled %d, gaps %d, histories that broke %d; connections that came back %d, posts repeated %d\n",
		r.Lost, r.Doubled, r.Gaps, r.Reloads, r.CameBack, r.Retried)
	fmt.Fprintf(w, "%-32s %8s %8s\n", "milliseconds", "p50", "p99")
	fmt.Fprintf(w, "%-32s %8.1f %8.1f\n", "sent to acknowledged", r.AckP50, r.AckP99)
	fmt.Fprintf(w, "%-32s %8.1f %8.1f\n", "acknowledged to first listener", r.FirstP50, r.FirstP99)
	fmt.Fprintf(w, "%-32s %8.1f %8.1f\n", "acknowledged to last listener", r.LastP50, r.LastP99)
	if r.Kept() {
		fmt.Fprintln(w, "every promise was kept")
	} else {
		fmt.Fprintln(w, "PROMISES WERE BROKEN")
	}
}
