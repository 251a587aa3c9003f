package server_test

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/server"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

func TestACommunityIsSeenByItsOwnAlone(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := consult(t, db).propose().tell().deliberate()
		w.decide(consultations.ConsentConditions, w.aspects[0])
		w.today()
		for name, want := range map[string]int{"Hilda": http.StatusOK, "Mira": http.StatusOK, "Nadia": http.StatusNotFound, "Admin": http.StatusNotFound} {
			got := w.as(w.persons[name]).get("/communities/" + string(w.community))
			if got.Status != want || strings.Contains(got.Body, canary) != (want == http.StatusOK) {
				t.Errorf("%s: %d, want %d", name, got.Status, want)
			}
		}
	})
}

// A phone that lay about is not a way into a community's record; it is one back in
// for whoever signs in again. What is sent meanwhile is still taken.
func TestALoginThatLayIdleIsOverAtACommunity(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := consult(t, db).today()
		path := "/communities/" + string(w.community)
		hilda := w.as(w.persons["Hilda"])
		if got := hilda.get(path); got.Status != http.StatusOK {
			t.Fatalf("at first: %d", got.Status)
		}
		w.signin.Wait()
		set := db.Write.WithContext(t.Context()).Exec("UPDATE logins SET seen_at = ?", database.Now().Add(-16*time.Minute))
		if set.Error != nil {
			t.Fatal(set.Error)
		}
		if got := hilda.get("/dialogues"); got.Status != http.StatusOK {
			t.Errorf("elsewhere: %d", got.Status)
		}
		w.signin.Wait() // that the login is in use again is noted beside the request
		if set = db.Write.WithContext(t.Context()).Exec("UPDATE logins SET seen_at = ?", database.Now().Add(-16*time.Minute)); set.Error != nil {
			t.Fatal(set.Error)
		}
		if got := hilda.get(path); got.Status != http.StatusSeeOther || !strings.HasPrefix(got.Location, "/signin?next=") {
			t.Errorf("after a quarter of an hour: %d %s", got.Status, got.Location)
		}
		if got := hilda.get(path); got.Status != http.StatusNotFound {
			t.Errorf("and again: %d, want the login to be over", got.Status)
		}
	})
}

func TestCommunitiesAreNotShownOverAnOpenNetwork(t *testing.T) {
	w := consult(t, databasetest.SQLite(t), func(cfg *server.Config) {
		cfg.LAN = true
		_, everywhere, _ := net.ParseCIDR("127.0.0.0/8")
		cfg.Trusted = []*net.IPNet{everywhere}
	}).today()
	hilda := w.as(w.persons["Hilda"])
	path := "/communities/" + string(w.community)
	for from, want := range map[string]int{"127.0.0.1": http.StatusOK, "192.168.1.7": http.StatusForbidden} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.web.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Forwarded-For", from)
		got := hilda.do(req)
		if got.Status != want || strings.Contains(got.Body, canary) != (want == http.StatusOK) {
			t.Errorf("from %s: %d, want %d", from, got.Status, want)
		}
	}
}
