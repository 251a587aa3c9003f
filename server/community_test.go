package server_test

import (
	"net"
	"net/http"
	"strings"
	"testing"

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

func TestCommunitiesAreNotShownOverAnOpenNetwork(t *testing.T) {
	w := consult(t, databasetest.SQLite(t), func(cfg *server.Config) {
		cfg.LAN = true
		_, everywhere, _ := net.ParseCIDR("127.0.0.0/8")
		cfg.Trusted = []*net.IPNet{everywhere}
	}).today()
	hilda := w.as(w.persons["Hilda"])
	for _, path := range []string{"/communities", w.at("")} {
		for from, want := range map[string]int{"127.0.0.1": http.StatusOK, "192.168.1.7": http.StatusForbidden} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.web.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("X-Forwarded-For", from)
			got := hilda.do(req)
			if got.Status != want || strings.Contains(got.Body, canary) != (want == http.StatusOK) {
				t.Errorf("%s from %s: %d, want %d", path, from, got.Status, want)
			}
		}
	}
}
