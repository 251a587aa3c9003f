package backup_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/vcm-forum/forum/server/backup"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// oddity is a row of values that are easily bent on their way.
type oddity struct {
	ID     int64
	Words  *string
	Number *int64
	Share  *float64
	Yes    *bool
	At     *time.Time
	Raw    []byte
}

func oddities() []oddity {
	all := []oddity{{ID: 1}} // nothing but NULL
	add := func(o oddity) { o.ID = int64(len(all) + 1); all = append(all, o) }
	for _, s := range []string{"", " ", "null", "a\nb\r\nc\td", `\ " ' ; --`, "<script>&amp;", "\u2028\u2029\ufeff", "é e\u0301", "日本語 🌱👩‍🌾", "\u202eabc", "\ufffd", "2026-01-02 03:04:05"} {
		add(oddity{Words: &s})
	}
	for _, n := range []int64{0, -1, math.MaxInt64, math.MinInt64, 1<<53 + 1} {
		add(oddity{Number: &n})
	}
	for _, x := range []float64{0, 0.1, -1e308, math.SmallestNonzeroFloat64, 3} {
		add(oddity{Share: &x})
	}
	for _, yes := range []bool{true, false} {
		add(oddity{Yes: &yes})
	}
	for _, at := range []time.Time{
		database.Now(), time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), time.Date(2026, 1, 2, 3, 4, 5, 120000, time.UTC),
		time.Date(1969, 12, 31, 23, 59, 59, 999999000, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC),
	} {
		add(oddity{At: &at})
	}
	for _, raw := range [][]byte{{}, {0}, []byte("text"), {0xff, 0xfe, 0, '"', '\n'}} {
		add(oddity{Raw: raw})
	}
	return all
}

func TestValuesSurviveTheWay(t *testing.T) {
	eachPair(t, func(t *testing.T, from, to *database.DB) {
		for _, db := range []*database.DB{from, to} {
			run(t, db, "CREATE TABLE oddities (id BIGINT PRIMARY KEY, words TEXT, number BIGINT, share DOUBLE PRECISION, yes BOOLEAN, at TIMESTAMP, raw BYTEA)")
		}
		want := oddities()
		if err := from.Write.WithContext(t.Context()).Create(want).Error; err != nil {
			t.Fatal(err)
		}
		dir, _ := backUp(t, from)
		restore(t, to, dir)
		var got []oddity
		if err := to.Read.WithContext(t.Context()).Order("id").Find(&got).Error; err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" { // SQLite's driver reads no bytes as nil
			t.Errorf("(-written, +restored)\n%s", diff)
		}
		if a, b := count(t, from, "oddities WHERE raw IS NULL"), count(t, to, "oddities WHERE raw IS NULL"); a != b {
			t.Errorf("%d rows without bytes became %d", a, b)
		}
		// What is compared as text in SQLite must be the very text that the program writes.
		for _, o := range want {
			if o.At != nil && count(t, to, "oddities WHERE at = ?", *o.At) != 1 {
				t.Errorf("%s is not found by itself", o.At)
			}
		}
	})
}

func TestTextThatIsNoUTF8IsKeptByteForByte(t *testing.T) {
	from, to := databasetest.SQLite(t), databasetest.SQLite(t)
	const torn = "torn \xf0\x9f end"
	for _, db := range []*database.DB{from, to} {
		run(t, db, "CREATE TABLE oddities (id BIGINT PRIMARY KEY, words TEXT)")
	}
	run(t, from, "INSERT INTO oddities VALUES (1, ?), (2, ?)", torn, `{"bytes":"YQ=="}`)
	dir, _ := backUp(t, from)
	restore(t, to, dir)
	var got []string
	if err := to.Read.WithContext(t.Context()).Raw("SELECT words FROM oddities ORDER BY id").Scan(&got).Error; err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{torn, `{"bytes":"YQ=="}`}, got); diff != "" {
		t.Error(diff)
	}
}

func TestAValueOfAnotherTypeIsNotBent(t *testing.T) {
	for i, value := range []any{"text", 1.5} {
		t.Run(fmt.Sprintf("%T", value), func(t *testing.T) {
			db := databasetest.SQLite(t)
			run(t, db, "CREATE TABLE oddities (id BIGINT PRIMARY KEY, yes BOOLEAN)")
			run(t, db, "INSERT INTO oddities VALUES (?, ?)", i, value) // SQLite takes anything
			if _, err := backup.Write(t.Context(), backup.Source{DB: db, Program: "test"}, t.TempDir()); err == nil {
				t.Error("Write succeeded")
			}
		})
	}
}
