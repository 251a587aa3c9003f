package consultations_test

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// TestTheMachineIsTheOneOfTheSpecification compares every row with the table of
// the model, from every state.
func TestTheMachineIsTheOneOfTheSpecification(t *testing.T) {
	rows := map[consultations.Move]consultations.Step{}
	for _, row := range consultations.Machine() {
		if _, twice := rows[row.Move]; twice {
			t.Errorf("%s has two rows", row.Move)
		}
		rows[row.Move] = row
		for _, from := range consultations.States() {
			to, want := leads(row.Move, from)
			if row.Move == consultations.MoveIdentify {
				to, want = consultations.Identified, from == consultations.Withheld
			}
			if got := slices.Contains(row.From, from); got != want || (got && row.To != to) {
				t.Errorf("%s from %s: %v to %s, want %v to %s", row.Move, from, got, row.To, want, to)
			}
		}
		if row.Protects && (len(row.Guards) > 0 || row.To == consultations.InForce || row.To == consultations.InForceIf) {
			t.Errorf("%s protects, and waits for %v or leads to %s", row.Move, row.Guards, row.To)
		}
		if yes := row.To == consultations.InForce || row.To == consultations.InForceIf; yes && !slices.Equal(row.By, []consultations.Side{consultations.SideCommunity}) {
			t.Errorf("%s leads to a yes and is made by %v", row.Move, row.By)
		}
	}
	if len(rows) != 18 {
		t.Errorf("the machine has %d rows, the specification 18", len(rows))
	}
}

// sequence is one random history of a consultation, beside its model.
type sequence struct {
	*world
	*rapid.T
	model  *model
	before int64
	log    []string
	as     string // who acts while a history is led to where it begins; "" for anybody
}

// who acts: those of the community, those beside it, those before it, and those
// who are nothing to it, each with what they are.
func (q *sequence) who() (name string, side consultations.Side) {
	sides := map[string]consultations.Side{
		"Hilda": consultations.SideCommunity, "Horst": consultations.SideCommunity, "Hana": consultations.SideCommunity,
		"Fara": consultations.SideFacilitator, "Proponent": consultations.SideProponent, "Obi": "", "Mira": "", "Nadia": "", "Admin": "",
	}
	if q.as != "" {
		return q.as, sides[q.as]
	}
	name = rapid.SampledFrom([]string{"Hilda", "Hilda", "Horst", "Hana", "Hana", "Fara", "Fara", "Proponent", "Proponent", "Obi", "Mira", "Nadia", "Admin"}).Draw(q.T, "who")
	return name, sides[name]
}

// did compares what happened with what the model says of it.
func (q *sequence) did(what string, err error, legal bool) {
	q.log = append(q.log, what)
	size := q.size()
	if legal != (err == nil) {
		q.T.Fatalf("%s: %v, the model says it is possible: %v\n%v\n%v", what, err, legal, q.states(), q.log)
	}
	if err != nil && size != q.before {
		q.T.Fatalf("%s was refused and %d entries were appended", what, size-q.before)
	}
	if err != nil && !saysWhy(err) {
		q.T.Fatalf("%s fails with %v", what, err)
	}
	q.before = size
	for i, state := range q.states() {
		if state != q.model.aspects[i].state {
			q.T.Fatalf("after %s aspect %d is %s, the model says %s\n%v", what, i+1, state, q.model.aspects[i].state, q.log)
		}
	}
}

// saysWhy tells whether an error is one of those that people are told of.
func saysWhy(err error) bool {
	var invalid people.Invalid
	var blocked *consultations.Blocked
	known := []error{consultations.ErrHidden, consultations.ErrRefused, consultations.ErrWrongTime, consultations.ErrNotFound}
	return errors.As(err, &invalid) || errors.As(err, &blocked) || slices.ContainsFunc(known, func(k error) bool { return errors.Is(err, k) })
}

func (q *sequence) states() (out []consultations.State) {
	for _, a := range q.aspects {
		out = append(out, q.at(a, q.clock).State)
	}
	return out
}

// some are some of the two aspects, as numbers and as ids.
func (q *sequence) some() (numbers []int, ids []record.ID) {
	numbers = rapid.SliceOfNDistinct(rapid.IntRange(0, 1), 1, 2, rapid.ID).Draw(q.T, "aspects")
	for _, n := range numbers {
		ids = append(ids, q.aspects[n])
	}
	return numbers, ids
}

// steps are what a random history consists of.
func (q *sequence) steps() map[string]func() {
	both := []int{0, 1}
	of := func(side consultations.Side, sides ...consultations.Side) bool { return slices.Contains(sides, side) }
	move := func(m consultations.Move, sides ...consultations.Side) {
		name, side := q.who()
		legal := of(side, sides...) && len(q.model.any(m, both)) > 0
		_, err := q.Move(q.ctx(), q.by(name), q.community, q.consultation, 1, m, "")
		if legal {
			q.model.take(m, both)
		}
		q.did(name+" "+string(m), err, legal)
	}
	return map[string]func(){
		"invite":  func() { move(consultations.MoveInvite, consultations.SideFacilitator, consultations.SideProponent) },
		"receive": func() { move(consultations.MoveReceive, consultations.SideCommunity) },
		"ask":     func() { move(consultations.MoveAskMore, consultations.SideCommunity) },
		"reopen":  func() { move(consultations.MoveReopen, consultations.SideCommunity) },
		"plan": func() {
			name, side := q.who()
			legal := of(side, consultations.SideCommunity, consultations.SideFacilitator) && len(q.model.any(consultations.MovePlan, both)) > 0 ||
				side == consultations.SideProponent && q.model.guess(consultations.MovePlan)
			_, err := q.WritePlan(q.ctx(), q.by(name), q.community, q.consultation, planned)
			if legal {
				q.model.plan, q.model.agreed = true, [2]bool{}
			}
			q.did(name+" writes a plan", err, legal)
		},
		"agree": func() {
			name, side := q.who()
			n := slices.Index([]consultations.Side{consultations.SideCommunity, consultations.SideProponent}, side)
			possible := len(q.model.any(consultations.MovePlan, both)) > 0
			if side == consultations.SideProponent {
				possible = q.model.guess(consultations.MovePlan)
			}
			legal := n >= 0 && q.model.plan && possible && !q.model.agreed[n]
			_, err := q.AgreePlan(q.ctx(), q.by(name), q.community, q.consultation, q.record("Hilda").PlanMark())
			if legal {
				if q.model.agreed[n] = true; q.model.agreed == [2]bool{true, true} {
					q.model.take(consultations.MovePlan, both)
				}
			}
			q.did(name+" agrees to the plan", err, legal)
		},
		"tell": func() { q.tell(consultations.Topics()[rapid.IntRange(0, 13).Draw(q.T, "topic")]) },
		"tell all": func() {
			for _, topic := range consultations.Topics() {
				q.tell(topic)
			}
		},
		"meet": func() {
			name, side := q.who()
			_, err := q.WriteSession(q.ctx(), q.by(name), q.community, q.consultation, consultations.SessionForm{Version: 1, Kind: consultations.InternalOnly, Held: q.clock})
			if side == consultations.SideCommunity {
				q.model.sessions++
			}
			q.did(name+" writes a session", err, side == consultations.SideCommunity)
		},
		"extend": func() {
			name, side := q.who()
			until := q.clock.AddDate(0, 0, rapid.IntRange(-5, 20).Draw(q.T, "days"))
			legal := side == consultations.SideCommunity && !q.model.until.IsZero() && until.After(q.model.until)
			_, err := q.ExtendWindow(q.ctx(), q.by(name), q.community, q.consultation, 1, until)
			if legal {
				q.model.until = until
			}
			q.did(name+" extends the window", err, legal)
		},
		"change": func() {
			name, side := q.who()
			numbers, ids := q.some()
			told := side == consultations.SideCommunity || side == consultations.SideFacilitator || name == "Mira"
			blind := side == consultations.SideProponent || name == "Obi" // heard whatever is agreed, and told nothing by it
			legal := blind || told && len(q.model.any(consultations.MoveChange, numbers)) > 0
			_, err := q.RaiseChange(q.ctx(), q.by(name), q.community, q.consultation, 1, ids, "Otra cosa.")
			if legal && len(q.model.any(consultations.MoveChange, numbers)) > 0 {
				q.model.take(consultations.MoveChange, numbers)
			}
			q.did(name+" raises a change", err, legal)
		},
		"stop": func() {
			name, side := q.who()
			kind := rapid.SampledFrom([]consultations.DecisionType{consultations.Withdraw, consultations.Suspend, consultations.Declined}).Draw(q.T, "kind")
			numbers, ids := q.some()
			reached := q.model.any(moves(kind), numbers)
			legal := side == consultations.SideCommunity && len(reached) > 0
			_, err := q.Stop(q.ctx(), q.by(name), q.community, q.consultation, consultations.StopForm{Version: 1, Type: kind, Aspects: ids})
			if legal {
				q.model.take(moves(kind), reached)
			}
			q.did(fmt.Sprint(name, " stops: ", kind, numbers), err, legal)
		},
		"draft":    q.drafts,
		"drop":     q.drops,
		"confirm":  q.confirms,
		"confirms": q.confirms,
		"decide": func() {
			q.drafts()
			for range 3 {
				q.confirms()
			}
		},
		"a day":  func() { q.pass(day) },
		"weeks":  func() { q.pass(12 * day) },
		"months": func() { q.pass(60 * day) },
	}
}

// lead brings a history to where it begins: anywhere between nothing and a yes.
func (q *sequence) lead(steps map[string]func()) {
	way := [][2]string{
		{"Fara", "invite"},
		{"Hilda", "plan"},
		{"Hilda", "agree"},
		{"Proponent", "agree"},
		{"Proponent", "tell all"},
		{"Hilda", "receive"},
		{"Hana", "meet"},
		{"Hana", "weeks"},
		{"Fara", "draft"},
		{"Hilda", "confirm"},
		{"Hana", "confirm"},
		{"Hana", "weeks"},
	}
	for _, step := range way[:rapid.IntRange(0, len(way)).Draw(q.T, "begins after")] {
		q.as = step[0]
		steps[step[1]]()
	}
	q.as = ""
}

func (q *sequence) pass(d time.Duration) {
	q.wait(d)
	q.model.pass(d)
	q.did("time passes", nil, true)
}

func (q *sequence) tell(topic consultations.Topic) {
	name, side := q.who()
	telling := q.model.aspects[0].state == consultations.Disclosing || q.model.aspects[1].state == consultations.Disclosing
	legal := side == consultations.SideFacilitator && (telling || len(q.model.any(consultations.MoveDisclose, []int{0, 1})) > 0)
	if side == consultations.SideProponent {
		legal = q.model.guess(consultations.MoveDisclose) || q.model.guess(consultations.MoveReceive) // it is being told, as far as they know
	}
	_, err := q.Disclose(q.ctx(), q.by(name), q.community, q.consultation, consultations.DisclosureForm{
		Version: 1, Topic: topic, Language: tongue, Medium: consultations.Audio, Evidence: paper,
	})
	if legal {
		q.model.tell(topic)
	}
	q.did(name+" tells "+string(topic), err, legal)
}

func (q *sequence) drafts() {
	name, side := q.who()
	kind := rapid.SampledFrom(consultations.Draftable()).Draw(q.T, "kind")
	numbers, ids := q.some()
	legal := (side == consultations.SideCommunity || side == consultations.SideFacilitator) && len(q.model.any(moves(kind), numbers)) == len(numbers)
	if kind == consultations.Renew {
		legal = legal && !slices.ContainsFunc(numbers, func(n int) bool { return !q.model.aspects[n].agreed })
	}
	form := q.words(kind, ids...)
	form.Version = 1
	receipt, err := q.Transcribe(q.ctx(), q.by(name), q.community, q.consultation, form)
	if legal {
		q.model.take(consultations.MoveDraft, numbers)
		q.model.drafts = append(q.model.drafts, &modelDraft{id: receipt.ID, kind: kind, aspects: numbers})
	}
	q.did(fmt.Sprint(name, " writes down ", kind, numbers), err, legal)
}

// newest is one of the newest drafts.
func (q *sequence) newest() *modelDraft {
	n := len(q.model.drafts)
	if n == 0 {
		return &modelDraft{id: record.NewID(), over: true}
	}
	return q.model.drafts[n-1-rapid.IntRange(0, min(n-1, 1)).Draw(q.T, "draft")]
}

func (q *sequence) drops() {
	name, side := q.who()
	d := q.newest()
	legal := !d.over && (side == consultations.SideCommunity || side == consultations.SideFacilitator && len(d.confirmed) == 0)
	_, err := q.DropDraft(q.ctx(), q.by(name), q.community, q.consultation, d.id)
	if legal {
		d.over = true
		q.model.take(consultations.MoveDrop, d.aspects)
	}
	q.did(name+" drops a draft", err, legal)
}

func (q *sequence) confirms() {
	name, side := q.who()
	d := q.newest()
	form := consultations.ConfirmForm{Draft: d.id}
	if draft := q.record("Hilda").Draft(d.id); draft != nil {
		form.Digest = draft.Digest
	}
	legal := side == consultations.SideCommunity && q.model.confirm(d, name)
	_, err := q.Confirm(q.ctx(), q.by(name), q.community, q.consultation, form)
	q.did(fmt.Sprint(name, " confirms ", d.kind, d.aspects), err, legal)
}

// TestTheMachineDoesWhatTheModelDoes runs random histories by random people. After
// every step state and model are equal; what is not possible is refused and leaves
// no entry. `-rapid.checks=10000` runs as many as the security requirements ask for;
// without it there are few, so that the tests stay quick.
func TestTheMachineDoesWhatTheModelDoes(t *testing.T) {
	histories, most := 0, askedFor(40)
	var w *world
	rapid.Check(t, func(rt *rapid.T) {
		if histories++; histories > most {
			return
		}
		if histories%20 == 1 { // a long log is slow to read again after each step
			w = one(t).modelled()
		}
		w.sequence(rt, histories).run(func() {})
	})
}

// askedFor is how many histories are run: few, unless `-rapid.checks` says how many.
func askedFor(few int) int {
	asked := flag.Lookup("rapid.checks")
	if asked.Value.String() == asked.DefValue {
		return few
	}
	n, _ := strconv.Atoi(asked.Value.String()) // the flag has been read as a number
	return n
}

// modelled is a community under the protocol of the model.
func (w *world) modelled() *world {
	w.Helper()
	w.founded()
	w.protocol(modelRules())
	w.seated("Mira", consultations.Member)
	return w
}

// run takes random steps from a random place on; between comes before each of them.
func (q *sequence) run(between func()) {
	steps := q.steps()
	q.lead(steps)
	names := slices.Sorted(maps.Keys(steps))
	for range rapid.IntRange(1, 40).Draw(q.T, "steps") {
		between()
		steps[rapid.SampledFrom(names).Draw(q.T, "step")]()
	}
}

// sequence is a new consultation about a proposal of somebody new.
func (w *world) sequence(rt *rapid.T, n int) *sequence {
	w.people["Proponent"] = w.person(fmt.Sprint("Proponent ", n), false)
	form := w.form(fmt.Sprint("Proposal ", n)) // not one that was refused before
	form.Proponent, form.Aspects = w.people["Proponent"].ID(), []string{"Estudio", "Créditos"}
	w.consultation = w.must(w.Propose(w.ctx(), w.by("Fara"), w.community, form))
	w.aspects = w.standing().aspects
	return &sequence{world: w, T: rt, model: newModel(w.clock), before: w.size()}
}
