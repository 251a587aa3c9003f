package database

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"gorm.io/driver/postgres"
	"gorm.io/gorm"
)

// connections bounds the pool, so that several nodes fit under the usual
// limit of 100 connections of one PostgreSQL.
const connections = 20

func openPostgres(ctx context.Context, cfg Config) (*DB, error) {
	handle, err := gorm.Open(postgres.Open(cfg.URL), gormConfig())
	if err != nil {
		return nil, fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	db := &DB{Write: handle, Read: handle, Dialect: Postgres, URL: cfg.URL, node: rand.Text()}
	pool, err := handle.DB()
	if err != nil {
		return nil, fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	if err := checkPostgres(ctx, handle); err != nil {
		return nil, closeAfter(db, err)
	}
	return db, nil
}

// checkPostgres refuses a server that acknowledges before the write is on disk,
// and one that only reads (a standby).
func checkPostgres(ctx context.Context, db *gorm.DB) error {
	for _, want := range []struct {
		setting string
		good    func(string) bool
		cure    string
	}{
		{"fsync", func(v string) bool { return v == "on" }, "set fsync = on"},
		{"synchronous_commit", func(v string) bool { return v != "off" }, "set synchronous_commit = on"},
		{"full_page_writes", func(v string) bool { return v == "on" }, "set full_page_writes = on"},
		{"transaction_read_only", func(v string) bool { return v == "off" }, "connect to the primary, not to a standby"},
	} {
		var got string
		if err := db.WithContext(ctx).Raw("SELECT current_setting(?)", want.setting).Scan(&got).Error; err != nil {
			return fmt.Errorf("read PostgreSQL setting %s: %w", want.setting, err)
		}
		if !want.good(got) {
			return fmt.Errorf("%w: PostgreSQL %s is %q: %s", ErrUnsafe, want.setting, got, want.cure)
		}
	}
	return nil
}
