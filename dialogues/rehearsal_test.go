package dialogues_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// rows counts every table of the database, so that one that a rehearsal is
// taught to write to later is looked at too.
func (f *forum) rows() map[string]string {
	f.t.Helper()
	list := "SELECT name FROM sqlite_master WHERE type = 'table'"
	if f.db.Dialect == database.Postgres {
		list = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
	}
	var tables []string
	if err := f.db.Read.WithContext(f.t.Context()).Raw(list).Scan(&tables).Error; err != nil {
		f.t.Fatal(err)
	}
	out := map[string]string{}
	for _, table := range tables {
		var n int64
		if err := f.db.Read.WithContext(f.t.Context()).Table(table).Count(&n).Error; err != nil {
			f.t.Fatal(err)
		}
		out[table] = fmt.Sprint(n)
	}
	heads, err := record.Heads(f.t.Context(), f.db.Read)
	if err != nil {
		f.t.Fatal(err)
	}
	out["heads"] = fmt.Sprint(heads)
	return out
}

// rehearse plays a whole session in a rehearsal: guests join, speak, support,
// reply, raise hands; the chair gives the floor, moves on, closes, publishes.
func (st *stage) rehearse() record.Receipt {
	st.t.Helper()
	ctx, lead := st.t.Context(), as(st.by[dialogues.Facilitator])
	r := st.must(st.s.Rehearse(ctx, lead, st.id, st.planned))
	room, session := record.ID(r.Room), r.ID
	held, err := st.s.Session(ctx, room, session)
	st.must(record.Receipt{}, err)
	form := dialogues.JoinForm{Name: "Phone", Group: people.IPLC, Language: "es"}
	phone, _, err := st.s.JoinSession(ctx, dialogues.Call{Key: "join"}, held.Code, form)
	st.must(record.Receipt{}, err)
	guest := as(st.actor(phone))
	st.must(st.s.OpenSession(ctx, lead, room, session))
	questions, err := st.s.Questions(ctx, room)
	st.must(record.Receipt{}, err)
	words := say(questions[0].ID, "Only a trial.")
	words.Session = session
	said := st.must(st.s.AddContribution(ctx, guest, room, words)).ID
	st.must(st.s.Support(ctx, lead, room, said, true))
	st.must(st.s.AddContribution(ctx, lead, room, dialogues.ContributionForm{Parent: said, Language: "en", Attribution: dialogues.Named, Body: "A reply."}))
	st.must(st.s.RaiseHand(ctx, guest, room, session))
	st.must(st.s.Prompt(ctx, lead, room, session, dialogues.PromptForm{Name: "Extra 1", Language: "en"}))
	st.must(st.s.Prompt(ctx, lead, room, session, dialogues.PromptForm{Name: "Extra 2", Language: "en", Body: "An invented sentence."}))
	hall, err := st.s.Hall(ctx, room, session)
	st.must(record.Receipt{}, err)
	if len(hall.Hands) != 2 || hall.Current == nil {
		st.t.Fatalf("%d hands, current item %v; want two and one", len(hall.Hands), hall.Current)
	}
	st.must(st.s.CallHand(ctx, lead, room, session, hall.Hands[0].ID))
	st.must(st.s.SetTimer(ctx, lead, room, session, dialogues.TimerAdd, 5))
	st.must(st.s.CloseSession(ctx, lead, room, session))
	st.must(st.s.PublishMinutes(ctx, lead, room, session))
	return r
}

func TestARehearsalLeavesNothing(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		st := newForum(t, db).stage(dialogues.Public)
		before := st.rows()
		r := st.rehearse()
		if during := st.rows(); during["record_entries"] != before["record_entries"] {
			t.Errorf("the record grew from %s to %s lines", before["record_entries"], during["record_entries"])
		}
		st.must(st.s.EndRehearsal(t.Context(), as(st.by[dialogues.CoFacilitator]), record.ID(r.Room)))
		if diff := cmp.Diff(before, st.rows()); diff != "" {
			t.Errorf("rows of each table before and after (-want +got):\n%s", diff)
		}
	})
}

// A phone that tried the rehearsal and then came to the real session keeps its place there.
func TestAGuestWhoStaysIsKept(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		st := newForum(t, db).stage(dialogues.Public)
		ctx, lead := t.Context(), as(st.by[dialogues.Facilitator])
		r := st.must(st.s.Rehearse(ctx, lead, st.id, st.planned))
		trial, err := st.s.Session(ctx, record.ID(r.Room), r.ID)
		st.must(record.Receipt{}, err)
		really, err := st.s.Session(ctx, st.id, st.live)
		st.must(record.Receipt{}, err)
		form := dialogues.JoinForm{Name: "Phone", Group: people.IPLC, Language: "es"}
		phone, _, err := st.s.JoinSession(ctx, dialogues.Call{Key: "join"}, trial.Code, form)
		st.must(record.Receipt{}, err)
		_, _, err = st.s.JoinSession(ctx, as(st.actor(phone)), really.Code, form)
		st.must(record.Receipt{}, err)
		st.must(st.s.EndRehearsal(ctx, lead, record.ID(r.Room)))
		if seat, err := st.s.SeatOf(ctx, st.actor(phone), st.id); err != nil || seat.Role != dialogues.Participant {
			t.Errorf("seat after the rehearsal: %q, %v", seat.Role, err)
		}
	})
}

func TestWhoPreparesASessionRehearsesItTogether(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		st := newForum(t, db).stage(dialogues.Public)
		ctx := t.Context()
		for role, want := range map[dialogues.Role]error{
			dialogues.Outsider: dialogues.ErrRefused, dialogues.Participant: dialogues.ErrRefused, dialogues.Rapporteur: dialogues.ErrRefused,
		} {
			if _, err := st.s.Rehearse(ctx, as(st.by[role]), st.id, st.planned); !errors.Is(err, want) {
				t.Errorf("%q rehearses: %v, want %v", role, err, want)
			}
		}
		for name, session := range map[string]record.ID{"one that is live": st.live, "one that is over": st.over} {
			if _, err := st.s.Rehearse(ctx, as(st.by[dialogues.Facilitator]), st.id, session); !errors.Is(err, dialogues.ErrWrongTime) {
				t.Errorf("rehearsing %s: %v", name, err)
			}
		}
		first := st.must(st.s.Rehearse(ctx, as(st.by[dialogues.Facilitator]), st.id, st.planned))
		second := st.must(st.s.Rehearse(ctx, as(st.by[dialogues.CoFacilitator]), st.id, st.planned))
		if first.Room != second.Room || first.ID != second.ID {
			t.Errorf("two rehearsals of one session: %v and %v", first, second)
		}
		room := record.ID(first.Room)
		if _, err := st.s.Rehearse(ctx, as(st.by[dialogues.Facilitator]), room, first.ID); !errors.Is(err, dialogues.ErrRefused) {
			t.Errorf("a rehearsal of a rehearsal: %v", err)
		}
		agenda, err := st.s.Hall(ctx, room, first.ID)
		if err != nil || len(agenda.Agenda) != 1 || agenda.Agenda[0].Title != "Opening" {
			t.Errorf("the rehearsal's agenda is %v, %v", agenda.Agenda, err)
		}
	})
}

// Nothing of a rehearsal is in a list, and only its members know of it.
func TestARehearsalIsInNoList(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		st := newForum(t, db).stage(dialogues.Public)
		ctx, lead := t.Context(), st.by[dialogues.Facilitator]
		_, before, err := st.s.List(ctx, lead, dialogues.ListFilter{})
		st.must(record.Receipt{}, err)
		r := st.must(st.s.Rehearse(ctx, as(lead), st.id, st.planned))
		st.must(st.s.OpenSession(ctx, as(lead), record.ID(r.Room), r.ID))
		if _, after, err := st.s.List(ctx, lead, dialogues.ListFilter{}); err != nil || after != before {
			t.Errorf("%d dialogues in the list, %d before, %v", after, before, err)
		}
		meetings, err := st.s.Meetings(ctx, lead, []dialogues.SessionState{dialogues.Live, dialogues.Planned}, time.Time{}, 50)
		st.must(record.Receipt{}, err)
		for _, m := range meetings {
			if m.DialogueID == record.ID(r.Room) {
				t.Error("the rehearsal is among the sessions")
			}
		}
		for role, want := range map[dialogues.Role]bool{
			dialogues.Outsider: false, dialogues.Participant: false, dialogues.Observer: false,
			dialogues.Interpreter: true, dialogues.Rapporteur: true, dialogues.CoFacilitator: true,
		} {
			if seat, err := st.s.SeatOf(ctx, st.by[role], record.ID(r.Room)); err != nil || seat.Can(dialogues.Know) != want {
				t.Errorf("%q knows of the rehearsal: %v, want %v (%v)", role, seat.Can(dialogues.Know), want, err)
			}
		}
	})
}

func TestARehearsalThatNobodyEndsIsEnded(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		st := newForum(t, db).stage(dialogues.Public)
		before := st.rows()
		st.rehearse()
		during := st.rows()
		st.must(record.Receipt{}, st.s.EndOldRehearsals(t.Context()))
		if diff := cmp.Diff(during, st.rows()); diff != "" {
			t.Errorf("a rehearsal under way was touched (-before +after):\n%s", diff)
		}
		st.s.Now = func() time.Time { return database.Now().Add(dialogues.LongestRehearsal + time.Minute) }
		st.must(record.Receipt{}, st.s.EndOldRehearsals(t.Context()))
		if diff := cmp.Diff(before, st.rows()); diff != "" {
			t.Errorf("rows of each table (-want +got):\n%s", diff)
		}
	})
}
