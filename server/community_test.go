package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/consultations"
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
