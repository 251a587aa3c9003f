package dialogues_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// An item comes back where it stood with the sub-items that went with it; not
// with those removed before, and not into minutes that are taken.
func TestARemovedItemComesBack(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		st := newForum(t, db).stage(dialogues.Public)
		lead := as(st.by[dialogues.Facilitator])
		sub := func(title string) record.ID {
			st.must(st.s.AddItem(t.Context(), lead, st.id, st.planned, dialogues.AgendaItemForm{Parent: st.plannedFst, Title: title, Minutes: 5}))
			agenda := st.hall(st.planned).Agenda
			return agenda[len(agenda)-1].ID
		}
		remove := func(id record.ID) { st.must(st.s.RemoveItem(t.Context(), lead, st.id, st.planned, id)) }
		early := sub("went first")
		remove(early)
		sub("went along")
		remove(st.plannedFst)
		if _, err := st.s.RestoreItem(t.Context(), lead, st.id, st.planned, early); !errors.Is(err, dialogues.ErrNotFound) {
			t.Errorf("a sub-item without its item: %v", err)
		}
		removed, err := st.s.RemovedItems(t.Context(), st.planned)
		if err != nil || len(removed) != 2 || removed[0].ID != st.plannedFst || removed[1].ID != st.goneItem {
			t.Errorf("can be put back: %+v, %v", removed, err)
		}
		long := st.item(st.planned, "Long", 45)
		var invalid people.Invalid
		if _, err := st.s.RestoreItem(t.Context(), lead, st.id, st.planned, st.plannedFst); !errors.As(err, &invalid) {
			t.Errorf("no time is left: %v", err)
		}
		remove(long)
		st.must(st.s.RestoreItem(t.Context(), lead, st.id, st.planned, st.plannedFst))
		var titles []string
		for _, line := range st.hall(st.planned).Agenda {
			titles = append(titles, line.Number+" "+line.Title)
		}
		if diff := cmp.Diff([]string{"1 Opening", "1.1 went along"}, titles); diff != "" {
			t.Errorf("agenda (-want +got):\n%s", diff)
		}
	})
}

func TestARemovedQuestionComesBack(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		st := newForum(t, db).stage(dialogues.Public)
		lead := as(st.by[dialogues.Facilitator])
		before, err := st.s.Questions(t.Context(), st.id)
		if err != nil {
			t.Fatal(err)
		}
		st.must(st.s.RemoveQuestion(t.Context(), lead, st.id, st.spare))
		removed, err := st.s.RemovedQuestions(t.Context(), st.id)
		if err != nil || len(removed) != 2 || removed[0].ID != st.spare {
			t.Errorf("can be put back: %+v, %v", removed, err)
		}
		st.must(st.s.RestoreQuestion(t.Context(), lead, st.id, st.spare))
		after, err := st.s.Questions(t.Context(), st.id)
		if diff := cmp.Diff(before, after); err != nil || diff != "" {
			t.Errorf("questions (-before +after), %v:\n%s", err, diff)
		}
		if _, err := st.s.RestoreQuestion(t.Context(), lead, st.id, st.spare); !errors.Is(err, dialogues.ErrNotFound) {
			t.Errorf("twice: %v", err)
		}
	})
}
