package server_test

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vcm-forum/forum/server"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// Many who ask whether the server is ready cost one write a second, and a disk
// that takes no more writes is noticed at the next.
func TestReadinessIsProbedOnceASecond(t *testing.T) {
	db := databasetest.SQLite(t)
	var seconds atomic.Int64
	srv, err := server.New(server.Config{DB: db, BaseURL: "http://forum.example", Now: func() time.Time {
		return time.Date(2026, 5, 6, 7, 8, 0, 0, time.UTC).Add(time.Duration(seconds.Load()) * time.Second)
	}})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	writer, _, _, _ := srv.Services()
	t.Cleanup(writer.Stop)
	ready := func() int { return ask(t, srv.Handler(), "192.0.2.7", "forum.example", "/readyz").Status }
	for second := range int64(3) {
		seconds.Store(second)
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				if got := ready(); got != http.StatusOK {
					t.Errorf("in second %d: %d, want 200", second, got)
				}
			})
		}
		all.Wait()
		if got := writer.Stats().Actions; got != second+1 {
			t.Errorf("in second %d: %d writes, want %d", second, got, second+1)
		}
	}
	breakProbe(t, db)
	if got := ready(); got != http.StatusOK {
		t.Errorf("within the second of the last probe: %d, want 200", got)
	}
	seconds.Add(1)
	if got := ready(); got != http.StatusServiceUnavailable {
		t.Errorf("once writing fails: %d, want 503", got)
	}
}

// breakProbe makes the row that readiness writes unwritable.
func breakProbe(t *testing.T, db *database.DB) {
	t.Helper()
	if err := db.Write.WithContext(t.Context()).Exec("DROP TABLE record_probe").Error; err != nil {
		t.Fatal(err)
	}
}
