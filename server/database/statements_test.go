package database_test

import (
	"errors"
	"fmt"
	"testing"

	"gorm.io/gorm"

	"github.com/vcm-forum/forum/server/database/databasetest"
)

// A connection that keeps its statements gives the same answers as one that does
// not: while the same text is still being read, after a failure, beyond the number
// that is kept, and when a table has changed its shape.
func TestKeptStatementsAnswerLikeFreshOnes(t *testing.T) {
	db := databasetest.SQLite(t)
	run := func(tx *gorm.DB, statement string, values ...any) {
		t.Helper()
		if err := tx.Exec(statement, values...).Error; err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	count := func(tx *gorm.DB, query string, values ...any) (n int) {
		t.Helper()
		if err := tx.Raw(query, values...).Scan(&n).Error; err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		return n
	}
	write := db.Write.WithContext(t.Context())
	run(write, "CREATE TABLE numbers (n BIGINT PRIMARY KEY)")
	const insert, above = "INSERT INTO numbers (n) VALUES (?)", "SELECT n FROM numbers WHERE n > ? ORDER BY n"
	for n := range 5 {
		run(write, insert, n)
	}
	if err := write.Exec(insert, 3).Error; !errors.Is(err, gorm.ErrDuplicatedKey) {
		t.Errorf("a number twice: %v, want %v", err, gorm.ErrDuplicatedKey)
	}
	run(write, insert, 5)
	err := write.Transaction(func(tx *gorm.DB) error {
		rows, err := tx.Raw(above, 0).Rows()
		if err != nil {
			return err
		}
		defer rows.Close()
		for want := 1; rows.Next(); want++ {
			var got int
			if err := rows.Scan(&got); err != nil || got != want {
				t.Errorf("read %d, %v, want %d", got, err, want)
			}
			if next := count(tx, above+" LIMIT 1", got); next != want+1 && want < 5 {
				t.Errorf("%d follows %d", next, got)
			}
			if next := count(tx, above, got); next == 0 && want < 5 { // the very text that is being read
				t.Errorf("nothing follows %d", got)
			}
		}
		return rows.Err()
	})
	if err != nil {
		t.Error(err)
	}
	for n := range 600 {
		if got := count(write, fmt.Sprintf("SELECT COUNT(*) + %d FROM numbers", n)); got != n+6 {
			t.Errorf("6 + %d = %d", n, got)
		}
	}
	run(write, "ALTER TABLE numbers ADD COLUMN name TEXT NOT NULL DEFAULT 'none'")
	var all []map[string]any
	if err := write.Raw("SELECT * FROM numbers").Scan(&all).Error; err != nil || len(all) != 6 || all[0]["name"] != "none" {
		t.Errorf("after a column was added: %v, %v", all, err)
	}
}
