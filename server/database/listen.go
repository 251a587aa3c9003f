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
func (db *DB) Notify(tx *gorm.DB, room string, seq int64) error {
	err := tx.Exec("SELECT pg_notify(?, ?)", channel, db.node+" "+strconv.FormatInt(seq, 10)+" "+room).Error
	if err != nil {
		return fmt.Errorf("notify other nodes: %w", err)
	}
	return nil
}

// Listen calls ring whenever another node's bell rings, until ctx ends; this
// node's own writer rings by itself, and sooner or later as it sees fit. It comes
// back after a lost connection; what was missed meanwhile is found by whoever
// re-reads the record, which a bell never replaces.
func (db *DB) Listen(ctx context.Context, logger *slog.Logger, ring func(room string, seq int64)) {
	for ctx.Err() == nil {
		if err := db.listenOnce(ctx, ring); err != nil && ctx.Err() == nil {
			logger.WarnContext(ctx, "listening for other nodes stopped", slog.String("error", err.Error()))
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

func (db *DB) listenOnce(ctx context.Context, ring func(string, int64)) error {
	conn, err := pgx.Connect(ctx, db.URL)
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
		node, line, _ := strings.Cut(notice.Payload, " ")
		number, room, ok := strings.Cut(line, " ")
		seq, err := strconv.ParseInt(number, 10, 64)
		if ok && err == nil && node != db.node {
			ring(room, seq)
		}
	}
}
