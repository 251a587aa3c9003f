package consultations_test

import (
	"errors"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// Two programs on one database: what one of them did, the other knows at its next
// step, and neither needs to have been there before. `make soak` runs many more of
// these histories and rounds than a usual run.

// nodes are programs that serve one world. None knows of the others: each has
// connections, a writer and a memory of its own.
type nodes struct {
	*world
	on   []*database.DB
	serv []*consultations.Service
}

// twoNodes puts a second program beside the one of a new world.
func twoNodes(t *testing.T, db *database.DB) *nodes {
	t.Helper()
	w := newWorld(t, db)
	cfg := database.Config{URL: db.URL}
	if db.Dialect == database.SQLite {
		cfg = database.Config{Dir: filepath.Dir(db.File)}
	}
	other, err := database.Open(t.Context(), cfg)
	if err != nil {
		t.Fatalf("open the database a second time: %v", err)
	}
	n := &nodes{w, []*database.DB{db, other}, []*consultations.Service{w.Service, w.serving(other, w.Vault)}}
	t.Cleanup(func() {
		for _, s := range n.serv {
			s.Writer.Stop()
		}
		_ = other.Close() // nothing depends on it
	})
	return n
}

// restart kills a node and starts it again: what it remembered is gone.
func (n *nodes) restart(i int) {
	n.serv[i].Writer.Stop()
	n.serv[i] = n.serving(n.on[i], n.Vault)
	n.Service = n.serv[i]
}

// turn lets either of the nodes serve the next step, killed before or not.
func (n *nodes) turn(q *sequence) func() {
	return func() {
		i := rapid.IntRange(0, 1).Draw(q.T, "node")
		if n.Service = n.serv[i]; rapid.IntRange(0, 9).Draw(q.T, "killed") == 0 {
			n.restart(i)
		}
		q.did("a node serves", nil, true)
	}
}

// TestTwoNodesDoWhatTheModelDoes is the test above on two nodes, one of which is
// killed now and then: whoever serves is where the model is, before and after.
func TestTwoNodesDoWhatTheModelDoes(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		histories, most := 0, askedFor(6)
		n := twoNodes(t, db)
		rapid.Check(t, func(rt *rapid.T) {
			if histories++; histories > most {
				return
			}
			if histories%20 == 1 { // a community of its own; see above
				clear(n.mandates)
				n.modelled()
			}
			q := n.sequence(rt, histories)
			q.run(n.turn(q))
		})
	})
}

// call is one thing that was asked of a node, between two ticks of one clock, and
// what came of it: of a step whether it was taken, of a look which state it saw.
type call struct {
	from, to int64
	move     consultations.Move // "" for a look
	done     bool
	saw      consultations.State
}

// agrees tells whether what came of a call is right where the state was this, and
// gives the state after it.
func (c call) agrees(s consultations.State) (consultations.State, bool) {
	if c.move == "" {
		return s, c.saw == s
	}
	to, ok := leads(c.move, s)
	if !ok {
		to = s
	}
	return to, c.done == ok
}

// linearizable tells whether some order of the calls, in which none comes before one
// that had ended when it began, explains what came of each, from one state to another.
func linearizable(calls []call, from, to consultations.State) bool {
	if len(calls) == 0 {
		return from == to
	}
	for i, c := range calls {
		if slices.ContainsFunc(calls, func(o call) bool { return o.to < c.from }) {
			continue
		}
		if next, ok := c.agrees(from); ok && linearizable(slices.Delete(slices.Clone(calls), i, i+1), next, to) {
			return true
		}
	}
	return false
}

// A checker that finds nothing wrong proves nothing.
func TestTheCheckerKnowsWhatCannotBe(t *testing.T) {
	const pending, yes, gone = consultations.Pending, consultations.InForce, consultations.Withdrawn
	confirmed := call{from: 1, to: 4, move: consultations.MoveConsent, done: true}
	refused := call{from: 1, to: 4, move: consultations.MoveConsent}
	back := call{from: 2, to: 5, move: consultations.MoveWithdraw, done: true}
	for name, tt := range map[string]struct {
		calls []call
		to    consultations.State
		want  bool
	}{
		"the yes first":                 {[]call{confirmed, back}, gone, true},
		"the withdrawal first":          {[]call{refused, back}, gone, true},
		"a yes that outlives it":        {[]call{confirmed, back}, yes, false},
		"refused for no reason":         {[]call{refused}, pending, false},
		"a yes after the withdrawal":    {[]call{{from: 6, to: 7, move: consultations.MoveConsent, done: true}, back}, gone, false},
		"a look back":                   {[]call{confirmed, back, {from: 6, to: 7, saw: yes}}, gone, false},
		"a look while it happens":       {[]call{confirmed, back, {from: 3, to: 7, saw: yes}}, gone, true},
		"two looks the wrong way round": {[]call{confirmed, back, {from: 2, to: 3, saw: gone}, {from: 4, to: 5, saw: yes}}, gone, false},
	} {
		if got := linearizable(tt.calls, pending, tt.to); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

// TestTheLastWordAgainstAWithdrawal: on two nodes at once the last word for a yes, a
// withdrawal, a change that is raised, a suspension, and people who look. Whatever
// came of each is what some order of them gives, and in none is the yes still there.
func TestTheLastWordAgainstAWithdrawal(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		n := twoNodes(t, db)
		met := map[consultations.Move]int{}
		for range (askedFor(raceRounds) + raceRounds - 1) / raceRounds {
			clear(n.mandates)
			n.founded()
			n.seated("Mira", consultations.Member)
			n.contended()
			for _, aspect := range n.aspects {
				for _, c := range n.race(aspect) {
					if c.done {
						met[c.move]++
					}
				}
			}
			n.verified()
		}
		t.Logf("taken: %v", met)
	})
}

// raceRounds is how many aspects one consultation has, each of which is raced for.
const raceRounds = 12

// contended is a consultation of many aspects, in which all has been told.
func (n *nodes) contended() {
	n.Helper()
	form := n.form("First")
	form.Aspects = nil
	for i := range raceRounds {
		form.Aspects = append(form.Aspects, "Parte "+string(rune('a'+i)))
	}
	n.consultation = n.must(n.Propose(n.ctx(), n.by("Fara"), n.community, form))
	n.aspects = n.standing().aspects
	n.told().deliberated()
}

// race has the last word for a yes meet what stops it.
func (n *nodes) race(aspect record.ID) []call {
	n.Helper()
	n.move("Hilda", consultations.MoveAskMore) // a change may have closed the window
	n.move("Hilda", consultations.MoveReceive)
	n.wait(31 * day)
	draft := n.draft(consultations.Consent, aspect)
	if err := n.confirm("Hilda", draft); err != nil {
		n.Fatal(err)
	}
	calls := n.atOnce(aspect, n.wordFor(draft))
	for i := range n.serv {
		n.Service = n.serv[i]
		end := n.at(aspect, n.clock).State
		if end != consultations.Withdrawn || !linearizable(calls, consultations.Pending, end) {
			n.Fatalf("node %d is at %s after %+v", i, end, calls)
		}
	}
	n.restart(rand.IntN(len(n.serv)))
	return calls
}

// atOnce asks all of it at the same time, each of either node.
func (n *nodes) atOnce(aspect record.ID, word consultations.ConfirmForm) []call {
	only := []record.ID{aspect}
	stop := func(s *consultations.Service, name string, kind consultations.DecisionType) error {
		_, err := s.Stop(n.ctx(), n.by(name), n.community, n.consultation, consultations.StopForm{Version: 1, Type: kind, Aspects: only})
		return err
	}
	asks := map[consultations.Move]func(*consultations.Service) error{
		consultations.MoveConsent: func(s *consultations.Service) error {
			_, err := s.Confirm(n.ctx(), n.by("Hana"), n.community, n.consultation, word)
			return err
		},
		consultations.MoveWithdraw: func(s *consultations.Service) error { return stop(s, "Horst", consultations.Withdraw) },
		consultations.MoveSuspend:  func(s *consultations.Service) error { return stop(s, "Hilda", consultations.Suspend) },
		consultations.MoveChange: func(s *consultations.Service) error {
			_, err := s.RaiseChange(n.ctx(), n.by("Mira"), n.community, n.consultation, 1, only, "Otra cosa.")
			return err
		},
	}
	var (
		ticks atomic.Int64
		all   sync.WaitGroup
		mu    sync.Mutex
		calls []call
	)
	start := make(chan struct{})
	begin := func(c call, s *consultations.Service, ask func(*consultations.Service, *call) error) {
		all.Go(func() {
			<-start
			c.from = ticks.Add(1)
			err := ask(s, &c)
			c.to = ticks.Add(1)
			c.done = err == nil
			if err != nil && !errors.Is(err, consultations.ErrWrongTime) {
				n.Errorf("%s: %v", c.move, err)
			}
			mu.Lock()
			defer mu.Unlock()
			calls = append(calls, c)
		})
	}
	either := func() *consultations.Service { return n.serv[rand.IntN(len(n.serv))] }
	for move, ask := range asks {
		begin(call{move: move}, either(), func(s *consultations.Service, _ *call) error { return ask(s) })
	}
	for range 3 {
		begin(call{}, either(), func(s *consultations.Service, c *call) error {
			seat, err := s.SeatOf(n.ctx(), n.people["Fara"], n.community)
			if err == nil {
				c.saw = seat.Community.Standing(seat.Community.Consultation(n.consultation), 1, aspect, n.clock).State
			}
			return err
		})
	}
	close(start)
	all.Wait()
	return calls
}
