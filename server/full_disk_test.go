package server_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// limit has SQLite take no page more than it has, as a full disk does; 0 gives it room
// again. It returns how many entries the community's log has.
func (w *consulted) limit(db *database.DB, pages int64) (entries int64) {
	w.t.Helper()
	write := db.Write.WithContext(w.t.Context())
	if pages == 0 {
		pages = 1 << 30
	}
	for _, s := range []struct {
		query string
		into  *int64
	}{{"PRAGMA max_page_count = " + strconv.FormatInt(pages, 10), new(int64)}, {"SELECT size FROM ledger_logs", &entries}} {
		if err := write.Raw(s.query).Row().Scan(s.into); err != nil {
			w.t.Fatal(err)
		}
	}
	return entries
}

// R16: when the disk is full, nobody sees a word of a record, whatever they ask for:
// that they saw it could not be entered. Pages without a record go on, and once there
// is room again everything does, without a restart.
func TestOnAFullDiskNoRecordIsRead(t *testing.T) {
	db := databasetest.SQLite(t)
	w := decidedPeople(t, db)
	paths := slices.Concat(w.communityPages()[1:], []string{w.talk(""), w.talk("/told"), w.talk("/decisions"), w.talk("/sessions")})
	hilda := w.as(w.persons["Hilda"])
	before, seen := w.limit(db, 1), int64(0)
	for full := false; !full; {
		for _, path := range paths {
			got := hilda.get(path)
			switch {
			case got.Status == http.StatusOK:
				seen++
			case got.Status != http.StatusInsufficientStorage:
				t.Fatalf("%s: %d", path, got.Status)
			case strings.Contains(got.Body, canary):
				t.Errorf("%s: a word of the record is shown", path)
			default:
				full = true
			}
		}
		if seen > 5000 {
			t.Fatal("the disk never filled up")
		}
	}
	if entered := w.limit(db, 1) - before; entered != seen {
		t.Errorf("%d pages were read, %d readings are entered", seen, entered)
	}
	for _, path := range []string{"/", "/dialogues"} {
		if got := hilda.get(path); got.Status >= http.StatusInternalServerError {
			t.Errorf("%s: %d", path, got.Status)
		}
	}
	w.limit(db, 0)
	for _, path := range paths {
		if got := hilda.get(path); got.Status != http.StatusOK {
			t.Errorf("%s with room again: %d", path, got.Status)
		}
	}
}
