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

// One's own data say nothing of communities, where whoever finds a phone would learn of
// them, and say so to everybody alike. Whoever leaves speaks for nobody any more, and the
// community's record says so.
func TestWhoLeavesGivesTheMandateBack(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := consult(t, db).propose().today()
		for _, name := range []string{"Hilda", "Nadia"} {
			b := w.as(w.persons[name])
			if file := b.get("/account/data.json"); strings.Contains(file.Body, canary) || strings.Contains(file.Body, string(w.community)) {
				t.Errorf("the file of %s says something", name)
			}
			shows(t, b.get("/account/data").Body, "stands in its own record, which belongs to the community")
			shows(t, b.get("/account/erase").Body, "If you speak for a community here, your mandate ends")
		}
		w.sent(w.as(w.persons["Hilda"]), "/account/erase", nil)
		m, _ := w.of("Horst").Community.Mandate(w.mandates["Hilda"])
		if m.EndedAt.IsZero() || m.Name.Body != "Hilda" {
			t.Errorf("the mandate of who has left: %+v", m)
		}
		shows(t, w.as(w.persons["Horst"]).get(w.at("/mandates/"+string(m.ID))).Body, "Ended on")
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
