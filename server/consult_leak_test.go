package server_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/vcm-forum/forum/server"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// logBook keeps what the server logs.
type logBook struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(p)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.String()
}

// Nothing of a consultation stands in clear where the keys are not: in no table, in
// no file of the database, in no line of the log, however detailed; and no table
// names who has to do with a community.
func TestNothingOfAConsultationStandsInClear(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		book := &logBook{}
		w := walked(t, db, func(cfg *server.Config) {
			cfg.Logger = slog.New(slog.NewTextHandler(book, &slog.HandlerOptions{Level: slog.LevelDebug}))
		}, withFiles(t))
		files := "/communities/" + string(w.community) + "/files"
		if got := w.as(w.persons["Hilda"]).upload(files, recording()); !strings.Contains(got.Location, "evidence=") {
			t.Fatalf("upload: %d", got.Status)
		}
		for role, actor := range w.callers() {
			w.allBodies(role, actor)
		}
		for table, rows := range dump(t, db) {
			if strings.Contains(rows, canary) {
				t.Errorf("words of a consultation stand in table %s", table)
			}
			told := strings.HasPrefix(table, "ledger_") || strings.HasPrefix(table, "consultation_") || strings.HasPrefix(table, "record_")
			for name, p := range w.persons {
				if told && strings.Contains(rows, string(w.community)) && about(rows, string(w.community), string(p.ID())) {
					t.Errorf("table %s says that %s has to do with the community", table, name)
				}
			}
		}
		if said := book.String(); strings.Contains(said, canary) || strings.Contains(said, string(w.community)) {
			t.Error("the log tells of a consultation")
		}
		if db.Dialect == database.SQLite {
			for _, file := range []string{db.File, db.File + "-wal"} {
				raw, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if bytes.Contains(raw, []byte(canary)) {
					t.Errorf("words of a consultation stand in %s", file)
				}
			}
		}
	})
}

// about tells whether one row holds both.
func about(rows string, a, b string) bool {
	for row := range strings.SplitSeq(rows, "\n") {
		if strings.Contains(row, a) && strings.Contains(row, b) {
			return true
		}
	}
	return false
}

// dump is every table as text, a row a line.
func dump(t *testing.T, db *database.DB) map[string]string {
	t.Helper()
	names := "SELECT name FROM sqlite_master WHERE type = 'table'"
	if db.Dialect == database.Postgres {
		names = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
	}
	var tables []string
	if err := db.Read.WithContext(t.Context()).Raw(names).Scan(&tables).Error; err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, table := range tables {
		var rows []map[string]any
		if err := db.Read.WithContext(t.Context()).Table(table).Find(&rows).Error; err != nil {
			t.Fatalf("read %s: %v", table, err)
		}
		var text strings.Builder
		for _, row := range rows {
			for name, v := range row {
				if raw, ok := v.([]byte); ok {
					v = string(raw)
				}
				fmt.Fprintf(&text, "%s=%v ", name, v)
			}
			text.WriteByte('\n')
		}
		out[table] = text.String()
	}
	if len(out) < 20 {
		t.Errorf("only %d tables were looked at", len(out))
	}
	return out
}
