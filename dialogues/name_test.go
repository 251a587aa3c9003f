package dialogues_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

func TestNoGuestPassesAsWhoLeads(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		st := newForum(t, db).stage(dialogues.Public)
		join := func(name string) (people.Actor, error) {
			form := dialogues.JoinForm{Name: name, Group: people.IPLC, Language: "en"}
			id, _, err := st.s.JoinSession(t.Context(), dialogues.Call{}, st.hall(st.planned).Code, form)
			if err != nil {
				return people.Actor{}, err
			}
			return st.actor(id), nil
		}
		before := st.fingerprint()
		for _, name := range []string{"Lead", "LEÀD", " l e a d ", "Lеad", "L\u200bead", "Somebody Cofacilitator"} {
			_, err := join(name)
			var invalid people.Invalid
			if !errors.As(err, &invalid) || invalid["name"].Key != "error.name_taken" {
				t.Errorf("join as %+q: %v", name, err)
			}
		}
		if diff := cmp.Diff(before, st.fingerprint()); diff != "" {
			t.Errorf("refused, but changed:\n%s", diff)
		}
		for _, name := range []string{"Lead (Páramo Vivo)", "Somebody participant"} {
			if guest, err := join(name); err != nil || guest.Person.Name != name {
				t.Errorf("join as %q: %q, %v", name, guest.Person.Name, err)
			}
		}
		guest, err := join("Rosa")
		if err != nil {
			t.Fatal(err)
		}
		if err := st.s.GuestMayBe(t.Context(), guest.ID(), "lead"); err == nil {
			t.Error("a guest who is here may take the facilitator's name")
		}
		if err := st.s.GuestMayBe(t.Context(), guest.ID(), "Rosa Chumpi"); err != nil {
			t.Errorf("a guest's new name: %v", err)
		}
	})
}
