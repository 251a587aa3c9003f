package record_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// forget ends a passing room.
func forget(room string) record.Action {
	return record.Action{Room: room, Run: func(tx *record.Tx) error { tx.Forget(); return nil }}
}

func TestAPassingRoomIsToldLikeAnyOther(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := newWriter(t, db, nil)
		for i, id := range []record.ID{"a", "b", "c"} {
			action := keep("stage", id)
			action.Passing = i == 0 // what the room is, is said when it begins
			if receipt := mustDo(t, w, action); receipt.Seq != int64(i+1) {
				t.Errorf("line of %s is %d, want %d", id, receipt.Seq, i+1)
			}
		}
		var subjects []record.ID
		for _, e := range lines(t, db, "stage") {
			subjects = append(subjects, e.Subject)
		}
		if diff := cmp.Diff([]record.ID{"a", "b", "c"}, subjects); diff != "" {
			t.Errorf("lines (-want +got):\n%s", diff)
		}
		if n := count(t, db, "record_entries"); n != 0 {
			t.Errorf("%d lines on the record, want none", n)
		}
	})
}

func TestForgettingTakesAPassingRoomAway(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := newWriter(t, db, nil)
		first := keep("stage", "a")
		first.Passing, first.Key, first.Asked = true, "key", "a"
		mustDo(t, w, first)
		mustDo(t, w, keep("room", "b"))
		mustDo(t, w, forget("stage"))
		for table, want := range map[string]int64{"record_entries": 1, "record_passing_entries": 0, "record_heads": 1, "record_answers": 0} {
			if n := count(t, db, table); n != want {
				t.Errorf("%s has %d rows, want %d", table, n, want)
			}
		}
	})
}

func TestTheRecordForgetsNothing(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := newWriter(t, db, nil)
		mustDo(t, w, keep("room", "a"))
		if _, err := w.Do(t.Context(), forget("room")); err == nil {
			t.Error("a room on the record was forgotten")
		}
		again := keep("room", "b")
		again.Passing = true // too late: the room is on the record
		mustDo(t, w, again)
		checkWhole(t, db, "room", 2)
		if n := count(t, db, "record_passing_entries"); n != 0 {
			t.Errorf("%d lines beside the record, want none", n)
		}
	})
}
