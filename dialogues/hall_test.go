package dialogues_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

func TestNobodyHasTwoHandsUp(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newForum(t, db)
		st := f.stage(dialogues.Public)
		nodes := []*dialogues.Service{f.s}
		if db.Dialect == database.Postgres {
			nodes = append(nodes, newForum(t, db).s)
		}
		var wg sync.WaitGroup
		for i := range 60 {
			role := []dialogues.Role{dialogues.Participant, dialogues.Interpreter, dialogues.CoFacilitator}[i%3]
			wg.Go(func() {
				if _, err := nodes[i%len(nodes)].RaiseHand(t.Context(), as(st.by[role]), st.id, st.live); err != nil {
					t.Errorf("RaiseHand: %v", err)
				}
			})
		}
		wg.Wait()
		up := map[record.ID]int{}
		hands := st.hall(st.live).Hands
		for i, h := range hands {
			up[h.PersonID]++
			if i > 0 && h.RaisedAt.Before(hands[i-1].RaisedAt) {
				t.Errorf("hand %d went up before the one above it", i)
			}
		}
		if len(hands) != 4 || len(up) != 4 {
			t.Errorf("%d hands of %d people, want the rapporteur's and three more", len(hands), len(up))
		}
	})
}

func TestTheFloorIsTakenInTurn(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		st := newForum(t, db).stage(dialogues.Public)
		lead := as(st.by[dialogues.Facilitator])
		st.must(st.s.RaiseHand(t.Context(), as(st.by[dialogues.Participant]), st.id, st.live))
		second := st.hall(st.live).Hands[1].ID
		st.must(st.s.CallHand(t.Context(), lead, st.id, st.live, st.hand))
		head := st.head(st.id)
		st.must(st.s.CallHand(t.Context(), lead, st.id, st.live, second))
		if diff := cmp.Diff(verbs(dialogues.HandDone, dialogues.HandCalled), st.verbs(st.id, head)); diff != "" {
			t.Errorf("lines (-want +got):\n%s", diff)
		}
		if hands := st.hall(st.live).Hands; len(hands) != 1 || hands[0].State != dialogues.Speaking || hands[0].ID != second {
			t.Errorf("hands: %+v", hands)
		}
		if _, err := st.s.CallHand(t.Context(), lead, st.id, st.live, st.hand); !errors.Is(err, dialogues.ErrWrongTime) {
			t.Errorf("calling a hand that is done: %v", err)
		}
		st.must(st.s.LowerHand(t.Context(), as(st.by[dialogues.Participant]), st.id, st.live))
		st.must(st.s.CloseSession(t.Context(), lead, st.id, st.live))
		minutes, err := st.s.Minutes(t.Context(), st.sees(dialogues.Facilitator), st.hall(st.live).Session)
		if err != nil || len(minutes.Speeches) != 2 {
			t.Errorf("speeches: %+v, %v", minutes.Speeches, err)
		}
		if _, err := st.s.RaiseHand(t.Context(), as(st.by[dialogues.Participant]), st.id, st.live); !errors.Is(err, dialogues.ErrWrongTime) {
			t.Errorf("a hand in a session that is over: %v", err)
		}
	})
}

func TestReceiptOfARaisedHandNamesTheHand(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		st := newForum(t, db).stage(dialogues.Public)
		receipt := st.must(st.s.RaiseHand(t.Context(), as(st.by[dialogues.Participant]), st.id, st.live))
		if want := st.hall(st.live).Hands[1].ID; receipt.ID != want {
			t.Errorf("receipt names %s (the session is %s), want the hand %s", receipt.ID, st.live, want)
		}
	})
}

func TestTheAgendaMustFit(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		st := newForum(t, db).stage(dialogues.Public)
		lead := as(st.by[dialogues.Facilitator])
		add := func(parent record.ID, minutes int64) error {
			_, err := st.s.AddItem(t.Context(), lead, st.id, st.planned, dialogues.AgendaItemForm{Parent: parent, Title: "x", Minutes: minutes})
			return err
		}
		for _, tt := range []struct {
			name string
			do   func() error
			fits bool
		}{
			{"the planned session has 60 minutes, 20 are taken: 41 do not fit", func() error { return add("", 41) }, false},
			{"40 fit", func() error { return add("", 40) }, true},
			{"now not one more", func() error { return add("", 1) }, false},
			{"a sub-item longer than its item", func() error { return add(st.plannedFst, 21) }, false},
			{"a sub-item of fifteen in twenty", func() error { return add(st.plannedFst, 15) }, true},
			{"a second one of six", func() error { return add(st.plannedFst, 6) }, false},
			{"a second one of five", func() error { return add(st.plannedFst, 5) }, true},
			{"the item cannot shrink below its sub-items", func() error {
				_, err := st.s.ChangeItem(t.Context(), lead, st.id, st.planned, st.plannedFst, dialogues.AgendaItemForm{Title: "x", Minutes: 19})
				return err
			}, false},
			{"the session cannot shrink below its agenda", func() error {
				form := sessionForm("short")
				form.Minutes = 59
				_, err := st.s.ChangeSession(t.Context(), lead, st.id, st.planned, form)
				return err
			}, false},
			{"a shorter session cannot take the agenda over", func() error {
				form := sessionForm("copy")
				form.Minutes, form.CopyFrom = 30, st.planned
				_, err := st.s.PlanSession(t.Context(), lead, st.id, form)
				return err
			}, false},
			{"a session as long takes it over", func() error {
				form := sessionForm("copy")
				form.CopyFrom = st.planned
				_, err := st.s.PlanSession(t.Context(), lead, st.id, form)
				return err
			}, true},
		} {
			t.Run(tt.name, func(t *testing.T) {
				before := st.fingerprint()
				err := tt.do()
				var invalid people.Invalid
				if tt.fits != (err == nil) || (err != nil && (!errors.As(err, &invalid) || invalid["minutes"].Key == "")) {
					t.Errorf("got %v, want it to fit: %v", err, tt.fits)
				}
				if err != nil && !cmp.Equal(before, st.fingerprint()) {
					t.Error("refused, but something changed")
				}
			})
		}
	})
}

func TestACopiedAgendaKeepsItsOutline(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		st := newForum(t, db).stage(dialogues.Public)
		lead := as(st.by[dialogues.Facilitator])
		for _, title := range []string{"a", "b"} {
			form := dialogues.AgendaItemForm{Parent: st.first, Title: title, Minutes: 5}
			st.must(st.s.AddItem(t.Context(), lead, st.id, st.live, form))
		}
		form := sessionForm("copy")
		form.CopyFrom = st.live
		id := st.must(st.s.PlanSession(t.Context(), lead, st.id, form)).ID
		outline := func(session record.ID) (lines []string) {
			for _, l := range st.hall(session).Agenda {
				lines = append(lines, l.Number+" "+l.Title)
			}
			return lines
		}
		want := []string{"1 Opening", "1.1 a", "1.2 b", "2 Debate"}
		if diff := cmp.Diff(want, outline(st.live)); diff != "" {
			t.Errorf("outline (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(want, outline(id)); diff != "" {
			t.Errorf("outline of the copy (-want +got):\n%s", diff)
		}
		for _, l := range st.hall(id).Agenda {
			for _, from := range st.hall(st.live).Agenda {
				if l.ID == from.ID || (l.ParentID != "" && l.ParentID == from.ParentID) {
					t.Errorf("item %s of the copy is the original's", l.Number)
				}
			}
		}
	})
}

func TestTimer(t *testing.T) {
	for _, tt := range []struct {
		name    string
		ops     []dialogues.TimerOp
		left    time.Duration // minutes of start and add are 5
		running bool
		timer   bool
	}{
		{"start runs for the minutes", []dialogues.TimerOp{"start"}, 5 * time.Minute, true, true},
		{"start anew forgets what was left", []dialogues.TimerOp{"start", "add", "start"}, 5 * time.Minute, true, true},
		{"pause stands still", []dialogues.TimerOp{"start", "pause"}, 5 * time.Minute, false, true},
		{"pausing twice changes nothing", []dialogues.TimerOp{"start", "pause", "pause"}, 5 * time.Minute, false, true},
		{"resume goes on", []dialogues.TimerOp{"start", "pause", "resume"}, 5 * time.Minute, true, true},
		{"add while it runs", []dialogues.TimerOp{"start", "add"}, 10 * time.Minute, true, true},
		{"add while it stands", []dialogues.TimerOp{"start", "pause", "add"}, 10 * time.Minute, false, true},
		{"clear takes it away", []dialogues.TimerOp{"start", "clear"}, 0, false, false},
		{"clear while it stands", []dialogues.TimerOp{"start", "pause", "clear"}, 0, false, false},
		{"resume without a timer is no timer", []dialogues.TimerOp{"clear", "resume"}, 0, false, false},
		{"pause without a timer is no timer", []dialogues.TimerOp{"clear", "pause"}, 0, false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			st := newForum(t, databasetest.SQLite(t)).stage(dialogues.Public)
			at := time.Date(2040, 1, 2, 3, 4, 5, 6000, time.UTC) // the clock stands
			w := record.NewWriter(record.WriterConfig{DB: st.db.Write, Now: func() time.Time { return at }})
			t.Cleanup(w.Stop)
			s := &dialogues.Service{Writer: w, Read: st.db.Read, Now: func() time.Time { return at }}
			for _, op := range tt.ops {
				st.must(s.SetTimer(t.Context(), as(st.by[dialogues.Facilitator]), st.id, st.live, op, 5))
			}
			session := st.hall(st.live).Session
			left, timer := session.TimerRemaining(at)
			if left != tt.left || timer != tt.timer || (session.TimerEndsAt != nil) != tt.running {
				t.Errorf("left %s, running %v, timer %v; want %s, %v, %v", left, session.TimerEndsAt != nil, timer, tt.left, tt.running, tt.timer)
			}
		})
	}
}

// A clock that stands, or was set back, must not keep people from returning to
// an agenda item.
func TestItemsCanBeSwitchedWhileTheClockStands(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		st := newForum(t, db).stage(dialogues.Public)
		at := database.Now().Add(-time.Hour) // NTP stepped back
		w := record.NewWriter(record.WriterConfig{DB: db.Write, Now: func() time.Time { return at }})
		t.Cleanup(w.Stop)
		s := &dialogues.Service{Writer: w, Read: db.Read, Now: func() time.Time { return at }}
		for i, item := range []record.ID{st.second, st.first, st.second, st.first} {
			if _, err := s.StartItem(t.Context(), as(st.by[dialogues.Facilitator]), st.id, st.live, item); err != nil {
				t.Fatalf("switch %d: %v", i+1, err)
			}
		}
		if current := st.hall(st.live).Current; current == nil || current.ID != st.first {
			t.Errorf("current item: %+v", current)
		}
	})
}

func TestJoiningByCode(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newForum(t, db)
		st := f.stage(dialogues.Invitation)
		code := st.hall(st.live).Code
		guest := dialogues.JoinForm{Name: "  Ana Guaraní ", Group: people.IPLC, Country: "py", Language: "es"}
		id, _, err := f.s.JoinSession(t.Context(), dialogues.Call{Key: "guest's"}, dialogues.NormalCode(" "+code[:3]+"-"+code[3:]), guest)
		if err != nil {
			t.Fatal(err)
		}
		p := f.actor(id).Person
		if p.Kind != people.Guest || p.Name != "Ana Guaraní" || p.Country != "PY" || p.StakeholderGroup != people.IPLC {
			t.Errorf("the guest is %+v", p)
		}
		seat, err := f.s.SeatOf(t.Context(), f.actor(id), st.id)
		if err != nil || seat.Role != dialogues.Participant {
			t.Errorf("the guest's seat: %q, %v", seat.Role, err)
		}
		head := st.head(st.id)
		outsider := st.by[dialogues.Outsider]
		if _, _, err := f.s.JoinSession(t.Context(), as(outsider), code, dialogues.JoinForm{}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(verbs(dialogues.MemberAdded, dialogues.SessionJoined), st.verbs(st.id, head)); diff != "" {
			t.Errorf("a member's lines (-want +got):\n%s", diff)
		}
		head = st.head(st.id)
		if _, _, err := f.s.JoinSession(t.Context(), as(outsider), code, dialogues.JoinForm{}); err != nil || st.head(st.id) != head {
			t.Errorf("joining twice: %v, %d more lines", err, st.head(st.id)-head)
		}
		if seat := st.sees(dialogues.Observer); seat.Role != dialogues.Observer {
			t.Errorf("the observer became %q", seat.Role)
		}
	})
}

func TestAGuestsLinesNameTheGuest(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newForum(t, db)
		st := f.stage(dialogues.Public)
		head := st.head(st.id)
		id, _, err := f.s.JoinSession(t.Context(), dialogues.Call{}, st.hall(st.live).Code, dialogues.JoinForm{Name: "Ana", Group: people.IPLC})
		if err != nil {
			t.Fatal(err)
		}
		entries, err := record.After(t.Context(), db.Read, string(st.id), head, 10)
		if err != nil || len(entries) != 2 {
			t.Fatalf("lines: %+v, %v", entries, err)
		}
		for _, e := range entries {
			if e.Actor != id {
				t.Errorf("%s is by %q, want the guest", e.Verb, e.Actor)
			}
		}
	})
}

// A guest whose answer was lost asks again with the same key and must learn who
// they are, or their phone is nobody's.
func TestAGuestWhoAsksAgainIsTheSameGuest(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newForum(t, db)
		st := f.stage(dialogues.Public)
		form := dialogues.JoinForm{Name: "Ana", Group: people.IPLC}
		call := dialogues.Call{Key: string(record.NewID())}
		first, receipt, err := f.s.JoinSession(t.Context(), call, st.hall(st.live).Code, form)
		if err != nil {
			t.Fatal(err)
		}
		second, again, err := f.s.JoinSession(t.Context(), call, st.hall(st.live).Code, form)
		if err != nil || second != first || again != receipt {
			t.Errorf("asked again: %q, %+v, %v; want %q, %+v", second, again, err, first, receipt)
		}
	})
}

func TestJoiningIsRefusedWithoutATrace(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newForum(t, db)
		st := f.stage(dialogues.Public)
		lead := as(st.by[dialogues.Facilitator])
		closed := sessionForm("members only")
		closed.Guests = false
		private := st.must(f.s.PlanSession(t.Context(), lead, st.id, closed)).ID
		suspended := f.account("Suspended")
		if err := db.Write.WithContext(t.Context()).Exec("UPDATE people SET suspended_at = ? WHERE id = ?", database.Now(), suspended.ID()).Error; err != nil {
			t.Fatal(err)
		}
		ana := dialogues.JoinForm{Name: "Ana", Group: people.IPLC}
		before := f.fingerprint()
		for _, tt := range []struct {
			name, code string
			by         dialogues.Call
			in         dialogues.JoinForm
			want       error // nil: a field to mend
		}{
			{"a code that does not exist", "ZZZZZZ", dialogues.Call{}, ana, dialogues.ErrNoSuchCode},
			{"no code", "", dialogues.Call{}, ana, dialogues.ErrNoSuchCode},
			{"the code of a session that is over", st.hall(st.over).Code, dialogues.Call{}, ana, dialogues.ErrNoSuchCode},
			{"a guest where members only may join", st.hall(private).Code, dialogues.Call{}, ana, dialogues.ErrRefused},
			{"a person suspended a moment ago", st.hall(st.live).Code, as(suspended), dialogues.JoinForm{}, dialogues.ErrRefused},
			{"a guest without a name", st.hall(st.live).Code, dialogues.Call{}, dialogues.JoinForm{Group: people.IPLC}, nil},
			{"a guest without a group", st.hall(st.live).Code, dialogues.Call{}, dialogues.JoinForm{Name: "Ana"}, nil},
		} {
			_, _, err := f.s.JoinSession(t.Context(), tt.by, tt.code, tt.in)
			var invalid people.Invalid
			if tt.want == nil && !errors.As(err, &invalid) || tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
			}
			if diff := cmp.Diff(before, f.fingerprint()); diff != "" {
				t.Errorf("%s: refused, but changed:\n%s", tt.name, diff)
				before = f.fingerprint()
			}
		}
	})
}

// A guest who leaves while joining is either in or not; nothing is torn (under
// the race detector this also shows who writes what when).
func TestAGuestWhoLeavesWhileJoining(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newForum(t, db)
		st := f.stage(dialogues.Public)
		code := st.hall(st.live).Code
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				ctx, leave := context.WithTimeout(t.Context(), time.Duration(i)*time.Millisecond)
				defer leave()
				id, _, err := f.s.JoinSession(ctx, dialogues.Call{}, code, dialogues.JoinForm{Name: "Ana", Group: people.IPLC})
				if (err == nil) != (id != "") {
					t.Errorf("JoinSession = %q, %v", id, err)
				}
			})
		}
		wg.Wait()
	})
}
