package server_test

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// A ticket with any letter changed opens nothing, and is not used up by that.
func TestForgedTicketsOpenNothing(t *testing.T) {
	w := build(start(t, databasetest.SQLite(t)))
	b := w.as(people.Actor{})
	ticket, _ := b.ticket(w.objects["public"].dialogue, "dialogue")
	for i := range ticket {
		forged := []byte(ticket)
		forged[i] = map[bool]byte{true: 'B', false: 'A'}[forged[i] == 'A']
		if _, status := b.dial(string(forged), nil); status != http.StatusForbidden {
			t.Errorf("letter %d changed: %d, want 403", i, status)
		}
	}
	for name, forged := range map[string]string{
		"nothing": "", "half a ticket": ticket[:len(ticket)/2], "a longer ticket": ticket + "AAAA", "no base64": "%%%",
	} {
		if _, status := b.dial(forged, nil); status != http.StatusForbidden {
			t.Errorf("%s: %d, want 403", name, status)
		}
	}
	if _, status := b.dial(ticket, nil); status != http.StatusSwitchingProtocols {
		t.Errorf("the ticket itself: %d, want 101", status)
	}
}

// A ticket lives half a minute and opens one socket, however long after the
// first use it is tried again.
func TestTicketsRunOut(t *testing.T) {
	var late atomic.Int64
	w := build(start(t, databasetest.SQLite(t), func(cfg *server.Config) {
		cfg.Now = func() time.Time { return database.Now().Add(time.Duration(late.Load())) }
	}))
	room, b := w.objects["public"].dialogue, w.as(people.Actor{})
	for _, tt := range []struct {
		name          string
		first, second time.Duration // after the ticket was given
		want          [2]int
	}{
		{"at once, and again", 0, 0, [2]int{101, 403}},
		{"late, and again", 25 * time.Second, 28 * time.Second, [2]int{101, 403}},
		{"too late", 30 * time.Second, 31 * time.Second, [2]int{403, 403}},
		{"at once, and again when the used ones have been turned over", 0, 29 * time.Second, [2]int{101, 403}},
	} {
		ticket, _ := b.ticket(room, "dialogue")
		given := late.Load()
		for i, after := range []time.Duration{tt.first, tt.second} {
			late.Store(given + int64(after))
			if _, status := b.dial(ticket, nil); status != tt.want[i] {
				t.Errorf("%s: %d, want %d", tt.name, status, tt.want[i])
			}
			other, _ := b.ticket(room, "dialogue") // others come and go meanwhile
			b.dial(other, nil)
		}
	}
}
