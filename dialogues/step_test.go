package dialogues_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// chaired is a stage whose session has a speaker, a waiting hand and a clock.
func chaired(t *testing.T, db *database.DB) *stage {
	t.Helper()
	st := newForum(t, db).stage(dialogues.Public)
	lead := as(st.by[dialogues.Facilitator])
	st.must(st.s.CallHand(t.Context(), lead, st.id, st.live, st.hand))
	st.must(st.s.RaiseHand(t.Context(), as(st.by[dialogues.Participant]), st.id, st.live))
	st.must(st.s.SetTimer(t.Context(), lead, st.id, st.live, dialogues.TimerStart, 7))
	return st
}

func (st *stage) undo(by dialogues.Role, step record.ID) error {
	_, err := st.s.UndoStep(st.t.Context(), as(st.by[by]), st.id, st.live, step)
	return err
}

// waiting is the hand that waits on a chaired stage.
func (st *stage) waiting() record.ID { return st.hall(st.live).Hands[1].ID }

// After an undo everything stands as it did, and the record has one more line.
func TestEveryStepCanBeTakenBack(t *testing.T) {
	steps := []struct {
		name string
		do   func(st *stage, by dialogues.Call) (record.Receipt, error)
	}{
		{"the floor passed on", func(st *stage, by dialogues.Call) (record.Receipt, error) {
			return st.s.CallHand(st.t.Context(), by, st.id, st.live, st.waiting())
		}},
		{"a turn ended", func(st *stage, by dialogues.Call) (record.Receipt, error) {
			return st.s.EndHand(st.t.Context(), by, st.id, st.live, st.hand)
		}},
		{"a hand taken off the list", func(st *stage, by dialogues.Call) (record.Receipt, error) {
			return st.s.EndHand(st.t.Context(), by, st.id, st.live, st.waiting())
		}},
		{"an item started", func(st *stage, by dialogues.Call) (record.Receipt, error) {
			return st.s.StartItem(st.t.Context(), by, st.id, st.live, st.second)
		}},
		{"minutes added", func(st *stage, by dialogues.Call) (record.Receipt, error) {
			return st.s.SetTimer(st.t.Context(), by, st.id, st.live, dialogues.TimerAdd, 5)
		}},
		{"the clock taken away", func(st *stage, by dialogues.Call) (record.Receipt, error) {
			return st.s.SetTimer(st.t.Context(), by, st.id, st.live, dialogues.TimerClear, 0)
		}},
		{"the chair handed on", func(st *stage, by dialogues.Call) (record.Receipt, error) {
			return st.s.HandChair(st.t.Context(), by, st.id, st.live, st.by[dialogues.CoFacilitator].ID())
		}},
	}
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		st := chaired(t, db)
		for _, tt := range steps {
			t.Run(tt.name, func(t *testing.T) {
				before, present := st.hall(st.live), st.count("attendances")
				st.must(tt.do(st, as(st.by[dialogues.Facilitator])))
				done := st.hall(st.live)
				if cmp.Equal(before, done, cmpopts.IgnoreFields(dialogues.Session{}, "LastStep"), cmpopts.EquateApproxTime(0)) {
					t.Fatal("the step changed nothing")
				}
				head := st.head(st.id)
				if err := st.undo(dialogues.CoFacilitator, done.LastStep.ID); err != nil {
					t.Fatal(err)
				}
				ignored := cmp.Options{
					cmpopts.IgnoreFields(dialogues.Session{}, "LastStep"), cmpopts.IgnoreFields(dialogues.Hall{}, "About"),
					cmpopts.IgnoreFields(dialogues.AgendaLine{}, "Spent"),
				}
				if diff := cmp.Diff(before, st.hall(st.live), ignored); diff != "" || st.count("attendances") != present {
					t.Errorf("after taking it back (%d present, want %d) (-before +after):\n%s", st.count("attendances"), present, diff)
				}
				if diff := cmp.Diff(verbs(dialogues.StepUndone), st.verbs(st.id, head)); diff != "" {
					t.Errorf("lines (-want +got):\n%s", diff)
				}
				if err := st.undo(dialogues.Facilitator, done.LastStep.ID); !errors.Is(err, dialogues.ErrStepGone) {
					t.Errorf("taking it back twice: %v", err)
				}
			})
		}
	})
}

// A step is not taken back where the hall has gone on.
func TestAStepThatWasBuiltUponStays(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		st := chaired(t, db)
		lead, member := as(st.by[dialogues.Facilitator]), as(st.by[dialogues.Participant])
		first := st.hall(st.live).LastStep.ID
		waiting := st.waiting()
		st.must(st.s.CallHand(t.Context(), lead, st.id, st.live, waiting))
		second := st.hall(st.live).LastStep.ID
		for _, tt := range []struct {
			name   string
			before func()
			step   record.ID
		}{
			{"another step came after it", func() {}, first},
			{"who was called has lowered the hand", func() { st.must(st.s.LowerHand(t.Context(), member, st.id, st.live)) }, second},
			{"it never was", func() {}, record.NewID()},
			{"the session is over", func() { st.must(st.s.CloseSession(t.Context(), lead, st.id, st.live)) }, second},
		} {
			tt.before()
			before := st.fingerprint()
			if err := st.undo(dialogues.Facilitator, tt.step); !errors.Is(err, dialogues.ErrStepGone) && !errors.Is(err, dialogues.ErrWrongTime) {
				t.Errorf("%s: %v", tt.name, err)
			}
			if diff := cmp.Diff(before, st.fingerprint()); diff != "" {
				t.Errorf("%s: refused, but changed:\n%s", tt.name, diff)
			}
		}
	})
}

// Somebody whose hand was taken off and who has raised it again is not in the list twice.
func TestAHandDoesNotComeBackBesideItsSecond(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		st := chaired(t, db)
		st.must(st.s.EndHand(t.Context(), as(st.by[dialogues.Facilitator]), st.id, st.live, st.waiting()))
		step := st.hall(st.live).LastStep.ID
		st.must(st.s.RaiseHand(t.Context(), as(st.by[dialogues.Participant]), st.id, st.live))
		if err := st.undo(dialogues.Facilitator, step); !errors.Is(err, dialogues.ErrStepGone) {
			t.Errorf("undo: %v", err)
		}
		if hands := st.hall(st.live).Hands; len(hands) != 2 {
			t.Errorf("%d hands up, want 2", len(hands))
		}
	})
}

func TestAStepIsTakenBackForTwoMinutes(t *testing.T) {
	st := chaired(t, databasetest.SQLite(t))
	hall := st.hall(st.live)
	if hall.Undoable(hall.LastStep.At.Add(dialogues.UndoFor)) == nil {
		t.Error("gone before its time")
	}
	if hall.Undoable(hall.LastStep.At.Add(dialogues.UndoFor+time.Second)) != nil {
		t.Error("still there after its time")
	}
}

// Of many who take the same step back at once one does.
func TestOneTakesAStepBack(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		st := chaired(t, db)
		st.must(st.s.SetTimer(t.Context(), as(st.by[dialogues.Facilitator]), st.id, st.live, dialogues.TimerAdd, 5))
		step := st.hall(st.live).LastStep.ID
		var done, gone atomic.Int64
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				switch err := st.undo([]dialogues.Role{dialogues.Facilitator, dialogues.CoFacilitator}[i%2], step); {
				case err == nil:
					done.Add(1)
				case errors.Is(err, dialogues.ErrStepGone):
					gone.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if done.Load() != 1 || gone.Load() != 7 {
			t.Errorf("%d took it back, %d came too late", done.Load(), gone.Load())
		}
	})
}

// Minutes can be taken away; that ends the time at the earliest now.
func TestMinutesCanBeTakenAway(t *testing.T) {
	st := newForum(t, databasetest.SQLite(t)).stage(dialogues.Public)
	at := time.Date(2040, 1, 2, 3, 4, 5, 6000, time.UTC) // the clock stands
	w := record.NewWriter(record.WriterConfig{DB: st.db.Write, Now: func() time.Time { return at }})
	t.Cleanup(w.Stop)
	s := &dialogues.Service{Writer: w, Read: st.db.Read, Now: func() time.Time { return at }}
	set := func(op dialogues.TimerOp, minutes int64) time.Duration {
		st.must(s.SetTimer(t.Context(), as(st.by[dialogues.Facilitator]), st.id, st.live, op, minutes))
		left, _ := st.hall(st.live).TimerRemaining(at)
		return left
	}
	set(dialogues.TimerStart, 7)
	for _, tt := range []struct {
		minutes int64
		want    time.Duration
	}{{-5, 2 * time.Minute}, {-5, 0}, {1, time.Minute}} {
		if got := set(dialogues.TimerAdd, tt.minutes); got != tt.want {
			t.Errorf("after %+d minutes %s are left, want %s", tt.minutes, got, tt.want)
		}
	}
	set(dialogues.TimerStart, 1)
	at = at.Add(3 * time.Minute)
	if got := set(dialogues.TimerAdd, -1); got != -2*time.Minute {
		t.Errorf("two minutes over time and one taken away: %s", got)
	}
	if _, err := s.SetTimer(t.Context(), as(st.by[dialogues.Facilitator]), st.id, st.live, dialogues.TimerAdd, 0); err == nil {
		t.Error("nothing can be added")
	}
}

// A session that was closed by mistake goes on with the item it was at and the
// minutes that were left.
func TestASessionGoesOnWhereItWasClosed(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		st := newForum(t, db).stage(dialogues.Public)
		lead := as(st.by[dialogues.Facilitator])
		at := database.Now().Add(time.Hour)
		w := record.NewWriter(record.WriterConfig{DB: db.Write, Now: func() time.Time { return at }})
		t.Cleanup(w.Stop)
		s := &dialogues.Service{Writer: w, Read: db.Read, Now: func() time.Time { return at }}
		st.must(s.StartItem(t.Context(), lead, st.id, st.live, st.second))
		at = at.Add(15 * time.Minute)
		st.must(s.CloseSession(t.Context(), lead, st.id, st.live))
		at = at.Add(time.Minute)
		st.must(s.OpenSession(t.Context(), lead, st.id, st.live))
		hall := st.hall(st.live)
		if left, _ := hall.TimerRemaining(at); hall.Current == nil || hall.Current.ID != st.second || left != 25*time.Minute {
			t.Errorf("goes on with %+v and %s left, want the second item and 25 minutes", hall.Current, left)
		}
	})
}
