package dialogues_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// The minutes tell everybody who chaired and from when to when; a handing over
// that was taken back did not happen.
func TestMinutesTellWhoChaired(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		st := newForum(t, db).stage(dialogues.Public)
		lead, co := st.by[dialogues.Facilitator], st.by[dialogues.CoFacilitator]
		hand := func(by, to record.ID) {
			st.must(st.s.HandChair(t.Context(), as(st.actor(by)), st.id, st.live, to))
		}
		hand(lead.ID(), co.ID())
		if err := st.undo(dialogues.Facilitator, st.hall(st.live).LastStep.ID); err != nil {
			t.Fatal(err)
		}
		hand(lead.ID(), co.ID())
		hand(co.ID(), lead.ID())
		st.must(st.s.CloseSession(t.Context(), as(lead), st.id, st.live))
		st.must(st.s.OpenSession(t.Context(), as(co), st.id, st.live))
		m, err := st.s.Minutes(t.Context(), st.sees(dialogues.Facilitator), st.hall(st.live).Session)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for i, c := range m.Chairs {
			names = append(names, c.Name)
			if i > 0 && (m.Chairs[i-1].To == nil || c.From.Before(*m.Chairs[i-1].To)) {
				t.Errorf("%s chairs from %s, before the one before ended: %+v", c.Name, c.From, m.Chairs[i-1])
			}
		}
		if diff := cmp.Diff([]string{"Lead", "Somebody cofacilitator", "Lead", "Somebody cofacilitator"}, names); diff != "" {
			t.Errorf("who chaired (-want +got):\n%s", diff)
		}
		if last := m.Chairs[len(m.Chairs)-1]; last.To != nil {
			t.Errorf("the last still chairs, but the minutes say until %s", last.To)
		}
		if n := m.Attendance["civil_society"]; n != 3 {
			t.Errorf("%d were there, want the lead, the rapporteur and the co-facilitator who took the chair", n)
		}
	})
}
