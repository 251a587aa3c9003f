package page_test

import (
	"slices"
	"testing"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/server/i18n"
	"github.com/vcm-forum/forum/server/page"
)

func words(t *testing.T) page.Words {
	t.Helper()
	catalogs, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	return page.Words{P: catalogs.Printer("en")}
}

// stood is a part that has gone through states, one a day.
func stood(states ...consultations.State) consultations.AspectView {
	day := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	out := consultations.AspectView{Title: string(states[len(states)-1]), State: states[len(states)-1]}
	for n, s := range states {
		out.Since = day.AddDate(0, 0, n)
		out.History = append(out.History, consultations.PeriodView{State: s, From: out.Since})
	}
	return out
}

// Every state that a part can be in has its step or, where nobody has asked or may,
// none; and the path stands where the part stands that has come least far.
func TestTheWayStandsWithWhoHasComeLeastFar(t *testing.T) {
	w := words(t)
	none := []consultations.State{consultations.Withheld, consultations.Barred}
	for _, s := range consultations.States() {
		way := w.WayOf(consultations.View{Aspects: []consultations.AspectView{stood(s)}}, false, time.UTC)
		if got := len(way.Steps) == 0; got != slices.Contains(none, s) {
			t.Errorf("%s: no step is %v", s, got)
		}
	}
	told := []consultations.State{consultations.Identified, consultations.Invited, consultations.PlanAgreed, consultations.Disclosing}
	yes := stood(append(slices.Clone(told), consultations.Deliberating, consultations.Pending, consultations.InForce)...)
	for name, tt := range map[string]struct {
		parts   []consultations.AspectView
		now     int
		note    string
		decided bool
	}{
		"one part is being told":      {[]consultations.AspectView{stood(told...)}, 3, "The project is explaining its plans to us. We may ask for more.", false},
		"one of two has its answer":   {[]consultations.AspectView{yes, stood(told...)}, 3, "Here now: disclosing.", false},
		"who keeps talking hears":     {[]consultations.AspectView{yes, stood(append(slices.Clone(told), consultations.Deliberating, consultations.Continuing)...)}, 3, "Here now: continuing.", false},
		"both have answers of a kind": {[]consultations.AspectView{yes, stood(append(slices.Clone(told), consultations.Refused)...)}, 6, "Each part has its own answer.", true},
	} {
		way := w.WayOf(consultations.View{Aspects: tt.parts}, true, time.UTC)
		at := slices.IndexFunc(way.Steps, func(s page.WayStep) bool { return s.Now })
		if at != tt.now || way.Steps[at].Note != tt.note || way.Decided != tt.decided {
			t.Errorf("%s: step %d, %q, decided: %v", name, at, way.Steps[at].Note, way.Decided)
		}
		if first, last := way.Steps[0].Since, way.Steps[6].Since; first != "1 March 2026" || (last != "") != tt.decided {
			t.Errorf("%s: begun on %q, decided on %q", name, first, last)
		}
	}
}

// Who declined when they were invited was told nothing, took no time and read nothing back.
func TestTheWayShowsNoStepThatWasNotTaken(t *testing.T) {
	w := words(t)
	declined := stood(consultations.Identified, consultations.Invited, consultations.DeclinedState)
	way := w.WayOf(consultations.View{Aspects: []consultations.AspectView{declined}}, true, time.UTC)
	if n := len(way.Steps); n != 3 || !way.Steps[2].Now {
		t.Errorf("%d steps: %+v", n, way.Steps)
	}
}

// A day that has begun is counted, of what is left and of what there is in all, and
// time that nobody waits for is not shown to run.
func TestTheClockCountsDaysThatHaveBegun(t *testing.T) {
	w := words(t)
	opened := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		state     consultations.State
		until, at time.Duration
		left, all int
		says      string
	}{
		"at the beginning":          {consultations.Deliberating, 30 * 24 * time.Hour, 0, 30, 30, "30 of 30 days are left"},
		"longer by some hours":      {consultations.Deliberating, 30*24*time.Hour + 2*time.Hour, 0, 31, 31, "31 of 31 days are left"},
		"an hour before the end":    {consultations.Pending, 30 * 24 * time.Hour, 30*24*time.Hour - time.Hour, 1, 30, "One of 30 days is left"},
		"when it is over":           {consultations.Deliberating, 30 * 24 * time.Hour, 30 * 24 * time.Hour, 0, 30, "The shortest time that the community gave itself is over. It may take more."},
		"of who wants to hear more": {consultations.Continuing, 30 * 24 * time.Hour, 0, -1, 0, ""},
	} {
		c := w.ClockOf(consultations.View{
			At: opened.Add(tt.at), Window: &consultations.WindowView{Opened: opened, Until: opened.Add(tt.until)}, Aspects: []consultations.AspectView{stood(tt.state)},
		}, false, time.UTC)
		switch {
		case tt.left < 0 && c != nil:
			t.Errorf("%s: a clock runs: %+v", name, c)
		case tt.left >= 0 && (c == nil || c.Left != tt.left || c.All != tt.all || c.Says != tt.says):
			t.Errorf("%s: %+v", name, c)
		}
	}
}
