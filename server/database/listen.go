package database

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"gorm.io/gorm"
)

// channel is where nodes tell each other that a room has grown.
const channel = "forum_record"

// Notify rings the other nodes' bell for a room, exactly if the transaction
// commits. PostgreSQL folds equal notifications of one transaction together.
func Notify(tx *gorm.DB, room string, seq int64) error {
	err := tx.Exec("SELECT pg_notify(?, ?)", channel, strconv.FormatInt(seq, 10)+" "+room).Error
	if err != nil {
		return fmt.Errorf("notify other nodes: %w", err)
	}
	return nil
}

// Listen calls ring whenever any node's bell rings, until ctx ends. It comes
// back after a lost connection; what was missed meanwhile is found by whoever
// re-reads the record, which a bell never replaces.
func Listen(ctx context.Context, url string, logger *slog.Logger, ring func(room string, seq int64)) {
	for ctx.Err() == nil {
		if err := listenOnce(ctx, url, ring); err != nil && ctx.Err() == nil {
			logger.WarnContext(ctx, "listening for other nodes stopped", slog.String("error", err.Error()))
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

func listenOnce(ctx context.Context, url string, ring func(string, int64)) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // it is going away either way
	if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	for {
		notice, err := conn.WaitForNotification(ctx)
		if err != nil {
			return fmt.Errorf("wait: %w", err)
		}
		number, room, ok := strings.Cut(notice.Payload, " ")
		seq, err := strconv.ParseInt(number, 10, 64)
		if ok && err == nil {
			ring(room, seq)
		}
	}
}
