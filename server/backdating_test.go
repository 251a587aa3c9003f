package server_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// R33, over HTTP: whatever dates a request carries, in headers, in fields that a form
// has and in fields that none has, what it enters has the time of the server, and the
// day that is claimed of a session is shown as that and nothing else.
func TestNoRequestDatesItsEntry(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := consult(t, db).propose().tell().today()
		hilda := w.as(w.persons["Hilda"])
		before := database.Now()
		const past = "2001-02-03T04:05:06Z"
		fields := url.Values{"kind": {"internal"}, "held": {"2001-02-03"}, "csrf": {hilda.csrf()}}
		for _, name := range []string{"at", "At", "created_at", "time", "date", "entered", "asserted", "device", "claim", "Claim.Asserted", "base", "until", "tz"} {
			fields.Set(name, past)
		}
		fields.Set("late", "1")
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.web.URL+w.talk("/sessions")+"?at="+past+"&created_at="+past, strings.NewReader(fields.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range map[string]string{
			"Content-Type": "application/x-www-form-urlencoded", "Origin": w.web.URL, "Date": "Sat, 03 Feb 2001 04:05:06 GMT", "X-Timestamp": past,
			"X-Request-Start": "t=981173106", "Last-Modified": "Sat, 03 Feb 2001 04:05:06 GMT", "Forwarded": "for=192.0.2.1;date=" + past,
		} {
			req.Header.Set(name, value)
		}
		if got := hilda.do(req); got.Status != http.StatusSeeOther {
			t.Fatalf("a session: %d %s", got.Status, mainOf(got.Body))
		}
		sessions := w.record().Sessions
		made := sessions[len(sessions)-1]
		if made.At.Before(before.Add(-time.Second)) || made.At.After(database.Now()) {
			t.Errorf("it was entered at %v, and its time is %v", before, made.At)
		}
		if day := made.Held.UTC().Format("2006-01-02"); day != "2001-02-03" {
			t.Errorf("the day that was claimed is %s", day)
		}
	})
}
