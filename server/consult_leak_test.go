package server_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/vcm-forum/forum/server/database"
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
