package server_test

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"regexp"
	"sync/atomic"
	"testing"

	"gorm.io/gorm"

	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// A page asks the database as often for many contributions as for few.
func TestPagesAskAsOftenForManyAsForFew(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		a := newArena(t, db)
		asked := countQueries(t, db)
		few := map[string]int64{}
		for _, n := range []int{20, 1980} {
			a.speak(t, n)
			for _, path := range a.livePages() {
				queries := a.asks(t, asked, path)
				if few[path] == 0 {
					few[path] = queries
				}
				t.Logf("%d contributions: %d queries for %.24s…", a.said.Load(), queries, path)
				if queries == 0 || queries != few[path] {
					t.Errorf("%s: %d queries with 20 contributions, %d with %d", path, few[path], queries, a.said.Load())
				}
			}
		}
	})
}

// asks counts the queries of a page just after something was said. Of three times
// it takes the least: what a server does beside counts too.
func (a *arena) asks(t *testing.T, asked *atomic.Int64, path string) int64 {
	t.Helper()
	least := int64(math.MaxInt64)
	for range 3 {
		a.speak(t, 1)
		before := asked.Load()
		a.pageOf(t, a.token, path)
		least = min(least, asked.Load()-before)
	}
	return least
}

// countQueries counts what is read from now on.
func countQueries(t *testing.T, db *database.DB) *atomic.Int64 {
	t.Helper()
	var n atomic.Int64
	count := func(*gorm.DB) { n.Add(1) }
	calls := db.Read.Callback()
	for _, err := range []error{
		calls.Query().Before("gorm:query").Register("test:count", count),
		calls.Row().Before("gorm:row").Register("test:count", count),
		calls.Raw().Before("gorm:raw").Register("test:count", count),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return &n
}

// A phone in a village loads a live page with its stylesheets and scripts in at
// most 60 kB.
func TestLivePagesAreLight(t *testing.T) {
	const most = 60_000
	a := newArena(t, databasetest.SQLite(t))
	a.speak(t, 120) // half of them in the session: as many as its page shows
	loads := regexp.MustCompile(`(?:<link rel="stylesheet" href|<script type="module" src)="([^"]+)"`)
	for _, path := range a.livePages() {
		page, size := a.fetch(t, path)
		sum := size
		for _, m := range loads.FindAllStringSubmatch(page, -1) {
			_, n := a.fetch(t, m[1])
			sum += n
		}
		t.Logf("%.24s…: page %d, with styles and scripts %d bytes", path, size, sum)
		if sum > most {
			t.Errorf("%s weighs %d bytes with styles and scripts, want at most %d", path, sum, most)
		}
	}
}

func (a *arena) livePages() []string {
	session := "/sessions/" + string(a.session.ID)
	return []string{"/dialogues/" + string(a.dialogue), session, session + "/console", session + "/hall"}
}

// fetch loads an address as the facilitator's browser does and returns it unpacked, with
// the number of bytes that travelled.
func (a *arena) fetch(t *testing.T, path string) (body string, travelled int) {
	t.Helper()
	size := 0
	for _, coding := range []string{"gzip", "identity"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.web.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept-Encoding", coding)
		req.AddCookie(&http.Cookie{Name: "forum_login", Value: a.token})
		res, err := a.web.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatal(fmt.Errorf("GET %s: %s, %w", path, res.Status, err))
		}
		if coding == "gzip" {
			size = len(raw)
		}
		body = string(raw)
	}
	return body, size
}
