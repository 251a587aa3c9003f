package database_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// Each node hears what the other committed, and neither hears itself or what was undone.
func TestNodesHearOneAnother(t *testing.T) {
	here := databasetest.Postgres(t)
	there, err := database.Open(t.Context(), database.Config{URL: here.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = there.Close() }) // nothing depends on it
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	notify := func(db *database.DB, room string, then error) {
		err := db.Write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
			return errors.Join(db.Notify(tx, room, 7), then)
		})
		if !errors.Is(err, then) {
			t.Errorf("notify of %s: %v", room, err)
		}
	}
	heard := map[*database.DB]chan string{here: make(chan string, 1000), there: make(chan string, 1000)}
	for db, rooms := range heard {
		go db.Listen(ctx, slog.New(slog.DiscardHandler), func(room string, seq int64) {
			if seq != 7 {
				t.Errorf("line %d of %s, want 7", seq, room)
			}
			rooms <- room
		})
	}
	again := time.NewTicker(20 * time.Millisecond) // until both have begun to listen
	defer again.Stop()
	for waiting := 2; waiting > 0; {
		notify(here, "undone", errors.ErrUnsupported)
		notify(here, "here", nil)
		notify(there, "there", nil)
		select {
		case room := <-heard[here]:
			if room != "there" {
				t.Fatalf("a node heard %q, want what the other said", room)
			}
			waiting--
			heard[here] = nil
		case room := <-heard[there]:
			if room != "here" {
				t.Fatalf("a node heard %q, want what the other said", room)
			}
			waiting--
			heard[there] = nil
		case <-again.C:
		case <-ctx.Done():
			t.Fatal("nothing was heard")
		}
	}
}
