package record_test

import (
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

func TestTheRecordIsAppendOnly(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := newWriter(t, db, nil)
		mustDo(t, w, keep("room", "a"))
		statements := []string{
			"UPDATE record_entries SET verb = 'changed'",
			"UPDATE record_entries SET seq = 9 WHERE room = 'room'",
			"DELETE FROM record_entries",
		}
		if db.Dialect == database.Postgres {
			statements = append(statements, "TRUNCATE record_entries", "TRUNCATE record_entries CASCADE")
		}
		for _, statement := range statements {
			err := db.Write.WithContext(t.Context()).Exec(statement).Error
			if err == nil || !strings.Contains(err.Error(), "append-only") {
				t.Errorf("%s: %v, want a refusal", statement, err)
			}
		}
		checkWhole(t, db, "room", 1)
		if got := lines(t, db, "room")[0].Verb; got != said {
			t.Errorf("the line's verb became %q", got)
		}
	})
}

// SQLite replaces a row without asking the delete trigger unless recursive
// triggers are on; the writer never says OR REPLACE, but somebody at the file might.
func TestALineCannotBeReplaced(t *testing.T) {
	db := databasetest.SQLite(t)
	w := newWriter(t, db, nil)
	mustDo(t, w, keep("room", "a"))
	err := db.Write.WithContext(t.Context()).Exec(`INSERT OR REPLACE INTO record_entries (room, seq, at, verb, version, data, digest)
		VALUES ('room', 1, '2030-01-01 00:00:00+00:00', 'forged', 0, '', '')`).Error
	if got := lines(t, db, "room")[0].Verb; got != said {
		t.Errorf("INSERT OR REPLACE (%v) made the line's verb %q", err, got)
	}
}

func TestHeads(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := newWriter(t, db, nil)
		empty, err := record.HeadOf(t.Context(), db.Read, "b")
		if err != nil || empty != (record.Head{Room: "b"}) {
			t.Errorf("HeadOf an empty room = %+v, %v", empty, err)
		}
		for _, room := range []string{"b", "a", "b"} {
			mustDo(t, w, keep(room, record.NewID()))
		}
		heads, err := record.Heads(t.Context(), db.Read)
		if err != nil || len(heads) != 2 || heads[0].Room != "a" || heads[1].Room != "b" || heads[1].Seq != 2 {
			t.Errorf("Heads = %+v, %v", heads, err)
		}
		last := lines(t, db, "b")[1]
		if !heads[1].At.Equal(last.At) {
			t.Errorf("head at %s, last line at %s", heads[1].At, last.At)
		}
	})
}

func TestAfterGoesOnWhereItStopped(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := newWriter(t, db, nil)
		for range 5 {
			mustDo(t, w, keep("room", record.NewID()))
		}
		mustDo(t, w, keep("other", record.NewID()))
		var got []int64
		for from := int64(0); ; {
			page, err := record.After(t.Context(), db.Read, "room", from, 2)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			for _, e := range page {
				got = append(got, e.Seq)
			}
			from = got[len(got)-1]
		}
		if diff := cmp.Diff([]int64{1, 2, 3, 4, 5}, got); diff != "" {
			t.Errorf("pages (-want +got):\n%s", diff)
		}
	})
}

func TestLaterIDsSortLater(t *testing.T) {
	ids := make([]string, 1000)
	for i := range ids {
		ids[i] = string(record.NewID())
		if _, ok := record.ParseID(ids[i]); !ok {
			t.Fatalf("ParseID refuses %q", ids[i])
		}
	}
	if !sort.StringsAreSorted(ids) {
		t.Error("ids made one after another do not sort")
	}
}

func TestParseIDTakesTheCanonicalFormAlone(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     bool
	}{
		{"the canonical form", "0190f3a1-7b1c-7def-8123-456789abcdef", true},
		{"capitals", "0190F3A1-7B1C-7DEF-8123-456789ABCDEF", false},
		{"braces", "{0190f3a1-7b1c-7def-8123-456789abcdef}", false},
		{"a URN", "urn:uuid:0190f3a1-7b1c-7def-8123-456789abcdef", false},
		{"no dashes", "0190f3a17b1c7def8123456789abcdef", false},
		{"a condition of SQL", "1=1", false},
		{"nothing", "", false},
		{"a blank at the end", "0190f3a1-7b1c-7def-8123-456789abcde ", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if id, ok := record.ParseID(tt.in); ok != tt.want || (ok && string(id) != tt.in) || (!ok && id != "") {
				t.Errorf("ParseID(%q) = %q, %v", tt.in, id, ok)
			}
		})
	}
}

func TestDigestTellsPartsApart(t *testing.T) {
	lists := [][]string{{}, {""}, {"", ""}, {"ab"}, {"a", "b"}, {"1:a"}, {"a", ""}, {"", "a"}, {"a1:b"}}
	seen := map[string]int{}
	for i, parts := range lists {
		d := record.Digest(parts...)
		if before, again := seen[d]; again {
			t.Errorf("%q and %q have one digest", lists[before], parts)
		}
		seen[d] = i
		if len(d) != 64 || d != record.Digest(parts...) {
			t.Errorf("Digest(%q) = %q", parts, d)
		}
	}
}

func FuzzParseID(f *testing.F) {
	f.Add("0190f3a1-7b1c-7def-8123-456789abcdef")
	f.Add("urn:uuid:0190f3a1-7b1c-7def-8123-456789abcdef")
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		id, ok := record.ParseID(s)
		if ok && (string(id) != s || len(s) != 36 || strings.Trim(s, "0123456789abcdef-") != "") {
			t.Errorf("ParseID(%q) = %q", s, id)
		}
		if !ok && id != "" {
			t.Errorf("ParseID(%q) refused and gave %q", s, id)
		}
	})
}
