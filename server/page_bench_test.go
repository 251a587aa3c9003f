package server_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vcm-forum/forum/server"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
	"github.com/vcm-forum/forum/server/testkit"
)

// BenchmarkDialoguePage asks for a dialogue's page with 200 contributions over
// kept connections, as one of ten participants who wrote them and as a visitor,
// plain and compressed, and for as many static bytes of net/http, turn by turn in
// the same process.
// One operation is one request of each. Cold is the first request after the
// server's start, when no fragment has been rendered yet.
func BenchmarkDialoguePage(b *testing.B) {
	databasetest.Each(b, func(b *testing.B, db *database.DB) {
		a := newArena(b, db)
		a.speak(b, 200)
		path := "/dialogues/" + string(a.dialogue)
		for _, reader := range []struct{ name, token string }{{"participant", a.member}, {"visitor", ""}} {
			for _, coding := range []string{"identity", "gzip"} {
				b.Run(reader.name+"/"+coding, func(b *testing.B) {
					ours := visit{url: a.web.URL + path, token: reader.token, coding: coding}
					size := ours.once(b)
					static := visit{url: serveStatic(b, size), coding: coding}
					a.comparePages(b, &ours, &static, path)
					b.ReportMetric(float64(size)/1000, "kB/page")
				})
			}
		}
	})
}

func (a *arena) comparePages(b *testing.B, ours, static *visit, path string) {
	const turn = 50
	for left := b.N; left > 0; left -= turn {
		ours.many(b, min(turn, left))
		static.many(b, min(turn, left))
	}
	testkit.AtLeast(b, "cached-page/s-against-static", ours.rate(), static.rate(), 0.10)
	cold := visit{token: ours.token, coding: ours.coding}
	for range 3 {
		cold.url = a.freshServer(b) + path
		cold.many(b, 1)
	}
	testkit.Beside(b, "cold-page/s-against-static", cold.rate(), static.rate())
}

// freshServer is another server on the same database, which has rendered nothing yet.
func (a *arena) freshServer(b *testing.B) (url string) {
	web := httptest.NewUnstartedServer(nil)
	srv, err := server.New(server.Config{DB: a.db, BaseURL: "http://" + web.Listener.Addr().String()})
	if err != nil {
		b.Fatalf("New: %v", err)
	}
	writer, _, _, _ := srv.Services()
	b.Cleanup(writer.Stop)
	web.Config.Handler = srv.Handler()
	web.Start()
	b.Cleanup(web.Close)
	return web.URL
}

// serveStatic serves so many bytes with nothing but net/http.
func serveStatic(b *testing.B, size int) (url string) {
	body := make([]byte, size)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Length", fmt.Sprint(size))
		_, _ = w.Write(body)
	}))
	b.Cleanup(web.Close)
	return web.URL
}

// visit asks for one address again and again.
type visit struct {
	url, token, coding string
	done               int
	took               time.Duration
}

func (v *visit) rate() float64 { return float64(v.done) / v.took.Seconds() }

// readers are the connections of a browser bench: two, as there are cores.
const pageReaders = 2

var pageClient = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: pageReaders, DisableCompression: true}}

func (v *visit) many(b *testing.B, n int) {
	b.Helper()
	began := time.Now()
	var begun atomic.Int64
	var all sync.WaitGroup
	for range pageReaders {
		all.Go(func() {
			for begun.Add(1) <= int64(n) {
				v.once(b)
			}
		})
	}
	all.Wait()
	v.took += time.Since(began)
	v.done += n
}

// once returns the size of the answer, as it travelled.
func (v *visit) once(b *testing.B) int {
	req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, v.url, nil)
	if err != nil {
		b.Error(err)
		return 0
	}
	req.Header.Set("Accept-Encoding", v.coding)
	if v.token != "" {
		req.AddCookie(&http.Cookie{Name: "forum_login", Value: v.token})
	}
	res, err := pageClient.Do(req)
	if err != nil {
		b.Error(err)
		return 0
	}
	defer res.Body.Close()
	size, err := io.Copy(io.Discard, res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		b.Errorf("GET %s: %s, %v", v.url, res.Status, err)
	}
	return int(size)
}
