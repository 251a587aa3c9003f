package live

import (
	"context"
	"log/slog"
	"time"
)

// reporter writes at most one line a minute about connections that had to be ended, however many they were: whoever
// misbehaves must not be able to fill the log.
type reporter struct {
	logger *slog.Logger
	at     time.Time
	last   Stats
}

func (r *reporter) maybe(ctx context.Context, now time.Time, s Stats) {
	if now.Sub(r.at) < time.Minute || s.Drops == r.last.Drops && s.Offences == r.last.Offences {
		return
	}
	r.logger.LogAttrs(ctx, slog.LevelWarn, "sockets ended",
		slog.Int64("slow", s.Drops-r.last.Drops), slog.Int64("offences", s.Offences-r.last.Offences),
		slog.Int("open", s.Sockets))
	r.at, r.last = now, s
}
