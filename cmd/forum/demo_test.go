package main

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/consultations/vault"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
	"github.com/vcm-forum/forum/server/testkit"
)

// demonstrated is a demonstration, as its people find it.
type demonstrated struct {
	*testing.T
	*consultations.Service
	people map[string]people.Actor // by name
	began  time.Time               // when it was filled
}

func demonstrateOn(t *testing.T, db *database.DB) *demonstrated {
	t.Helper()
	keys := vault.Temporary()
	d := &demonstrated{T: t, people: map[string]people.Actor{}, began: database.Now(), Service: &consultations.Service{
		Writer: record.NewWriter(record.WriterConfig{DB: db.Write, Now: database.Now}), Read: db.Read, Vault: keys, Now: database.Now, Host: "forum.example",
	}}
	t.Cleanup(d.Writer.Stop)
	if seeded, err := seedDemo(t.Context(), db, d.Service); err != nil || !seeded {
		t.Fatalf("seeded %v, %v", seeded, err)
	}
	persons := &people.Service{Writer: d.Writer, Read: db.Read}
	for n := 1; ; n++ {
		page, _, err := persons.List(t.Context(), people.Filter{Kind: people.Account, Page: n})
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			return d
		}
		for _, p := range page {
			d.people[p.Name] = people.Actor{Person: p}
		}
	}
}

// of are a person's seats, of the community that was founded first before others.
func (d *demonstrated) of(name string) []consultations.Seat {
	d.Helper()
	seats, err := d.Mine(d.Context(), d.people[name])
	if err != nil {
		d.Fatal(err)
	}
	slices.SortFunc(seats, func(a, b consultations.Seat) int {
		return strings.Compare(b.Community.Name.Body, a.Community.Name.Body)
	})
	return seats
}

// sees is what a person sees of a community's consultation, counted from 0.
func (d *demonstrated) sees(name string, community, n int) (consultations.View, bool) {
	d.Helper()
	seat := d.of(name)[community]
	return seat.See(seat.Community.Consultations[n], 1)
}

func (d *demonstrated) states(name string, community, n int) []consultations.State {
	d.Helper()
	view, _ := d.sees(name, community, n)
	var out []consultations.State
	for _, a := range view.Aspects {
		out = append(out, a.State)
	}
	return out
}

func TestTheDemonstrationHasEveryKindOfAnswer(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		d := demonstrateOn(t, db)
		for _, test := range []struct {
			what      string
			who       string
			talk      [2]int // community, consultation
			want      []consultations.State
			dissents  int
			condition int
		}{
			{"agreed to and taken back", "Casimira Ondal", [2]int{0, 0}, []consultations.State{consultations.Withdrawn}, 0, 0},
			{
				"an answer for each part", "Casimira Ondal",
				[2]int{0, 1},
				[]consultations.State{consultations.InForceIf, consultations.Refused, consultations.Deliberating},
				2, 3,
			},
			{"declined", "Marcelina Daro", [2]int{0, 0}, []consultations.State{consultations.DeclinedState, consultations.DeclinedState, consultations.DeclinedState}, 0, 0},
			{
				"as its proponent sees it", "Edgar Vásquez Ruiz",
				[2]int{0, 1},
				[]consultations.State{consultations.InForceIf, consultations.Refused, consultations.Deliberating},
				2, 3,
			},
			{
				"as its auditor sees it", "Noemí Aldana",
				[2]int{0, 1},
				[]consultations.State{consultations.InForceIf, consultations.Refused, consultations.Deliberating},
				2, 3,
			},
		} {
			if diff := cmp.Diff(test.want, d.states(test.who, test.talk[0], test.talk[1])); diff != "" {
				t.Errorf("%s: %s", test.what, diff)
			}
			view, _ := d.sees(test.who, test.talk[0], test.talk[1])
			if first := view.Aspects[0]; len(first.Dissent) != test.dissents || len(first.Conditions) != test.condition {
				t.Errorf("%s: %d other voices, %d conditions", test.what, len(first.Dissent), len(first.Conditions))
			}
		}
		d.checkWithdrawal()
		d.checkProgramme()
		d.checkMandates()
		d.checkLogs(db)
	})
}

// What was taken back was in force from one day to another, was said by radio and
// entered later by somebody else, and whoever holds a copy was told.
func (d *demonstrated) checkWithdrawal() {
	d.Helper()
	seat := d.of("Casimira Ondal")[0]
	talk := seat.Community.Consultations[0]
	aspect := seat.Community.Proposals[0].Newest().Aspects[0].ID
	standing := seat.Community.Standing(talk, 1, aspect, seat.At)
	held := slices.IndexFunc(standing.Periods, func(p consultations.Period) bool { return p.State == consultations.InForce })
	last := standing.Periods[len(standing.Periods)-1]
	if held < 0 || !standing.Periods[held].To.Equal(last.From) || last.Known.Sub(last.From) != 9*time.Hour || !last.Mark.Late {
		d.Errorf("in force in period %d, last %+v", held, last)
	}
	taken, _ := talk.Decision(standing.Decision)
	spoke, _ := seat.Community.Mandate(taken.Mandates[0])
	if taken.Via != consultations.Radio || spoke.Account != "" || spoke.Name.Body != "Hilario Careza" || !strings.Contains(taken.Witnesses.Body, "Teodosio") {
		d.Errorf("taken back by %+v, %+v", spoke, taken)
	}
	if copies := seat.Community.Exports; len(copies) != 1 || len(copies[0].Noticed) != 1 || copies[0].At.After(last.From) {
		d.Errorf("copies: %+v", copies)
	}
	if public, ok := seat.Community.Audience(consultations.ToPublic, talk, seat.At).See(talk, 1); !ok || public.Aspects[0].State != consultations.Withdrawn {
		d.Errorf("the public sees %+v", public)
	}
}

// Of the programme the community has more time for one part; of its own meetings
// nothing but counts is written down, and the proponent sees none of them.
func (d *demonstrated) checkProgramme() {
	d.Helper()
	ours, _ := d.sees("Yésica Tuvira", 0, 1)
	if ours.Window == nil || ours.Window.Until.Before(d.began) || len(ours.Missing) > 0 {
		d.Errorf("window %+v, missing %v", ours.Window, ours.Missing)
	}
	meetings := 0
	for _, m := range ours.Sessions {
		if m.Kind != consultations.InternalOnly {
			continue
		}
		meetings++
		if len(m.Counts) == 0 || m.Notes+m.Names+m.Place != "" {
			d.Errorf("a meeting among themselves: %+v", m)
		}
	}
	theirs, _ := d.sees("Edgar Vásquez Ruiz", 0, 1)
	if meetings != 2 || len(theirs.Sessions) > 0 || theirs.Name != "" {
		d.Errorf("%d meetings; the proponent sees %+v of %q", meetings, theirs.Sessions, theirs.Name)
	}
	seat := d.of("Casimira Ondal")[0]
	if _, seen := seat.Community.Audience(consultations.ToPublic, seat.Community.Consultations[1], seat.At).See(seat.Community.Consultations[1], 1); seen {
		d.Error("the public sees what was not released to it")
	}
}

// The first mandates were attested from outside, the later one waits.
func (d *demonstrated) checkMandates() {
	d.Helper()
	seat := d.of("Yésica Tuvira")[0]
	for _, m := range seat.Community.Mandates {
		ready := m.ReadyAt()
		if m.Founding == ready.After(d.began) || ready.IsZero() || m.Founding == m.AttestedAt.IsZero() {
			d.Errorf("mandate of %s: founding %v, attested %s, ready %s", m.Name.Body, m.Founding, m.AttestedAt, ready)
		}
	}
	if _, may := seat.Community.HolderWith(seat.Actor.ID(), consultations.Decide, "", d.began); may || len(seat.Community.Mandates) != 5 {
		d.Errorf("%d mandates; who waits may decide: %v", len(seat.Community.Mandates), may)
	}
}

// The logs are as they were written, in an order that can have been: no two steps
// at one time, none before the one it follows, none to come.
func (d *demonstrated) checkLogs(db *database.DB) {
	d.Helper()
	report, err := ledger.Verify(db.Read, ledger.Verifying{Open: func(h ledger.Head) (ledger.Sealer, error) { return d.Vault.Unwrap(h.Key) }})
	if err != nil || len(report.Findings) > 0 || report.Logs != 2 {
		d.Fatalf("%d logs, findings %v, %v", report.Logs, report.Findings, err)
	}
	for _, name := range []string{"Casimira Ondal", "Marcelina Daro"} {
		seat := d.of(name)[0]
		log, err := d.Log(d.Context(), seat, 1000)
		if err != nil {
			d.Fatal(err)
		}
		steps := map[time.Time]int{}
		for i, e := range log.Entries {
			steps[e.At]++
			if e.At.After(d.began) || e.At.Before(d.began.AddDate(0, 0, -demoDays)) || (i > 0 && e.At.After(log.Entries[i-1].At)) {
				d.Errorf("entry %d, %s, at %s", e.Index, e.Kind, e.At)
			}
		}
		for at, n := range steps {
			if n > 3 { // a step enters three events at the most
				d.Errorf("%d entries at %s", n, at)
			}
		}
	}
}

// Nobody takes the demonstration for real: what it names says so, and no words of
// it claim what the product never says.
func TestTheDemonstrationOfConsultationsIsMarked(t *testing.T) {
	words, err := readDemo[demoConsultations]("consultations.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range words.Communities {
		if !strings.Contains(c.Name, "inventada") {
			t.Errorf("%q does not say that it is invented", c.Name)
		}
	}
	raw, err := demoFiles.ReadFile("demo/consultations.json")
	if err != nil {
		t.Fatal(err)
	}
	if said := testkit.Judgements(t, "es", string(raw)); said != nil {
		t.Errorf("says %v", said)
	}
	for _, talk := range words.Talks[:2] {
		for _, topic := range consultations.Topics() {
			if talk.Told[topic] == "" {
				t.Errorf("%s: nothing about %s", talk.ID, topic)
			}
		}
	}
}

// A demonstration that cannot be finished leaves an empty forum, which the next
// start fills.
func TestADemonstrationIsWholeOrNothing(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx, stop := context.WithCancel(t.Context())
		broken := &consultations.Service{Vault: vault.Temporary(), Words: func(string, consultations.Decided, time.Time) string {
			stop()
			return ""
		}}
		if seeded, err := seedDemo(ctx, db, broken); err == nil || seeded {
			t.Fatalf("seeded %v, %v", seeded, err)
		}
		d := demonstrateOn(t, db)
		if seeded, err := seedDemo(t.Context(), db, d.Service); err != nil || seeded {
			t.Errorf("seeded twice: %v, %v", seeded, err)
		}
	})
}
