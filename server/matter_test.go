package server_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// A line brings each view the fragments of a session that it can have changed,
// and no others: a contribution to a thousand phones is a contribution.
func TestALineBringsWhatItCanHaveChanged(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := build(start(t, db))
		o, d, ctx := w.objects["public"], w.dialogues, t.Context()
		lead, speaker := dialogues.Call{Actor: w.persons["facilitator"]}, dialogues.Call{Actor: w.persons["participant"]}
		views := map[string]*socket{
			"room": w.as(speaker.Actor).watch(o.dialogue, "room"), "console": w.as(lead.Actor).watch(o.dialogue, "console"),
			"hall": w.as(w.persons["cofacilitator"]).watch(o.dialogue, "hall"), "dialogue": w.as(w.persons["observer"]).watch(o.dialogue, "dialogue"),
		}
		whole := map[string]string{
			"room": "room-agenda room-chair room-floor room-now room-present room-speakers room-timer", "console": "console-hands console-timer console-undo room-agenda room-chair room-present",
			"hall": "hall-question hall-said hall-speakers hall-timer room-present",
		}
		over := map[string]string{"room": whole["room"], "console": whole["console"], "hall": "hall-wait room-present"}
		words := map[string]string{"hall": "hall-said"}
		hands := map[string]string{"room": "room-floor room-speakers", "console": "console-hands console-undo", "hall": "hall-speakers"}
		handsAndPeople := map[string]string{"room": "room-floor room-present room-speakers", "console": "console-hands console-undo room-present", "hall": "hall-speakers room-present"}
		form := dialogues.ContributionForm{
			Question: o.question, Session: o.session, Kind: dialogues.Risk, Language: "en", Attribution: dialogues.Named, Body: "a risk",
		}
		var said, hand record.ID
		for _, step := range []struct {
			name string
			want map[string]string
			do   func() (record.Receipt, error)
		}{
			{"the session opens", whole, func() (record.Receipt, error) { return d.OpenSession(ctx, lead, o.dialogue, o.session) }},
			{"something is said", words, func() (record.Receipt, error) { return d.AddContribution(ctx, speaker, o.dialogue, form) }},
			{"it is supported", words, func() (record.Receipt, error) { return d.Support(ctx, lead, o.dialogue, said, true) }},
			{"a hand of somebody new goes up", handsAndPeople, func() (record.Receipt, error) { return d.RaiseHand(ctx, speaker, o.dialogue, o.session) }},
			{"it is called", hands, func() (record.Receipt, error) { return d.CallHand(ctx, lead, o.dialogue, o.session, hand) }},
			{"the clock is set", whole, func() (record.Receipt, error) {
				return d.SetTimer(ctx, lead, o.dialogue, o.session, dialogues.TimerAdd, 5)
			}},
			{"the session closes and hands go down", over, func() (record.Receipt, error) { return d.CloseSession(ctx, lead, o.dialogue, o.session) }},
		} {
			receipt := w.must(step.do())
			switch step.name {
			case "something is said":
				said = receipt.ID
			case "a hand of somebody new goes up":
				hand = receipt.ID
			}
			got := map[string]string{}
			for view, s := range views {
				if fragments := s.fragments(w.head(o.dialogue), o.session); fragments != "" {
					got[view] = fragments
				}
			}
			if diff := cmp.Diff(step.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", step.name, diff)
			}
		}
	})
}

func (w *world) head(dialogue record.ID) int64 {
	w.t.Helper()
	_, _, service, _ := w.srv.Services()
	head, err := record.HeadOf(w.t.Context(), service.Read, string(dialogue))
	if err != nil {
		w.t.Fatal(err)
	}
	return head.Seq
}

// fragments reads up to a line and names what was brought of a session.
func (s *socket) fragments(until int64, session record.ID) string {
	s.t.Helper()
	var names []string
	for f := s.next(); ; f = s.next() {
		for _, op := range f.Ops {
			if name, ok := strings.CutSuffix(op.ID, "-"+string(session)); ok {
				names = append(names, name)
			}
		}
		if f.Seq == until {
			slices.Sort(names)
			return strings.Join(names, " ")
		}
	}
}
