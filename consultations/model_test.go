package consultations_test

import (
	"slices"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/record"
)

// model is what a consultation promises, written down a second time and as simply
// as possible: no events, no order, no late steps; two aspects, one version.
type model struct {
	now      time.Time
	aspects  [2]modelAspect
	told     map[consultations.Topic]bool
	until    time.Time // of the window; zero: none is open
	sessions int
	plan     bool // is written
	agreed   [2]bool
	refused  bool // this version: it cannot be asked again
	ended    bool // talks are over until the community opens them again
	coolOff  time.Time
	drafts   []*modelDraft
}

type modelAspect struct {
	state  consultations.State
	shared consultations.State // the last that both sides made: all that a proponent knows who is told nothing
	agreed bool                // there was a yes
	yes    consultations.State // what cooling leads to
	turns  time.Time           // when cooling is over
	review time.Time
}

type modelDraft struct {
	id        record.ID
	kind      consultations.DecisionType
	aspects   []int
	confirmed []string
	over      bool // decided or dropped
}

// Figures of the protocol under which the model runs.
const (
	modelDays    = 10
	modelCooling = 5
	modelCoolOff = 30
	modelReview  = 50
)

func modelRules() consultations.Rules {
	return consultations.Rules{
		Confirmations: 2, Groups: []consultations.Body{consultations.Women}, DeliberateDays: modelDays, InternalSessions: 1,
		CoolingDays: modelCooling, CoolOffDays: modelCoolOff, ReviewDays: modelReview,
	}
}

func newModel(now time.Time) *model {
	m := &model{now: now, told: map[consultations.Topic]bool{}}
	for i := range m.aspects {
		m.aspects[i].state, m.aspects[i].shared = consultations.Identified, consultations.Identified
	}
	return m
}

// leads says where a step leads from where: the table of the specification.
func leads(m consultations.Move, from consultations.State) (consultations.State, bool) {
	type states = []consultations.State
	agreedOnce := states{
		consultations.InForce, consultations.InForceIf, consultations.Cooling, consultations.Suspended, consultations.UnderReview,
	}
	talks := states{consultations.Invited, consultations.PlanAgreed, consultations.Disclosing, consultations.Deliberating, consultations.Pending}
	asked := states{consultations.Pending, consultations.Deliberating}
	table := map[consultations.Move]struct {
		from states
		to   consultations.State
	}{
		consultations.MoveInvite: {states{consultations.Identified}, consultations.Invited},
		consultations.MovePlan:   {states{consultations.Invited}, consultations.PlanAgreed},
		consultations.MoveDisclose: {states{
			consultations.PlanAgreed, consultations.Deliberating, consultations.Pending, consultations.Continuing, consultations.Suspended, consultations.UnderReview,
		}, consultations.Disclosing},
		consultations.MoveReceive:  {states{consultations.Disclosing}, consultations.Deliberating},
		consultations.MoveAskMore:  {asked, consultations.Disclosing},
		consultations.MoveDraft:    {states{consultations.Deliberating}, consultations.Pending},
		consultations.MoveDrop:     {states{consultations.Pending}, consultations.Deliberating},
		consultations.MoveConsent:  {asked, consultations.InForce},
		consultations.MoveIf:       {asked, consultations.InForceIf},
		consultations.MoveRenew:    {states{consultations.Pending, consultations.Suspended, consultations.UnderReview}, consultations.InForce},
		consultations.MoveNotNow:   {asked, consultations.Continuing},
		consultations.MoveRefuse:   {slices.Concat(talks, agreedOnce), consultations.Refused},
		consultations.MoveDecline:  {slices.Concat(talks, states{consultations.Identified, consultations.Continuing, consultations.Refused}), consultations.DeclinedState},
		consultations.MoveWithdraw: {slices.Concat(talks, agreedOnce, states{consultations.Continuing, consultations.Lapsed}), consultations.Withdrawn},
		consultations.MoveSuspend:  {states{consultations.InForce, consultations.InForceIf, consultations.Cooling, consultations.UnderReview}, consultations.Suspended},
		consultations.MoveChange:   {states{consultations.InForce, consultations.InForceIf, consultations.Cooling, consultations.Suspended}, consultations.UnderReview},
		consultations.MoveReopen:   {states{consultations.DeclinedState, consultations.Refused, consultations.Withdrawn, consultations.Lapsed}, consultations.Identified},
	}
	return table[m].to, slices.Contains(table[m].from, from)
}

// pass lets time go by.
func (m *model) pass(d time.Duration) {
	m.now = m.now.Add(d)
	for i := range m.aspects {
		a := &m.aspects[i]
		if a.state == consultations.Cooling && !a.turns.After(m.now) {
			a.state = a.yes
		}
		if (a.state == consultations.InForce || a.state == consultations.InForceIf) && !a.review.After(m.now) {
			a.state = consultations.UnderReview
		}
	}
}

// can tells whether an aspect may take a step now.
func (m *model) can(move consultations.Move, aspect int) bool {
	if _, ok := leads(move, m.aspects[aspect].state); !ok {
		return false
	}
	switch move { //nolint:exhaustive // the others need nothing more
	case consultations.MoveInvite:
		return !m.refused && !m.ended && !m.now.Before(m.coolOff)
	case consultations.MoveReceive:
		return len(m.told) == len(consultations.Topics())
	case consultations.MoveConsent, consultations.MoveIf, consultations.MoveRenew:
		return len(m.told) == len(consultations.Topics()) && !m.until.IsZero() && !m.now.Before(m.until) && m.sessions > 0
	}
	return true
}

// any are the aspects that may take a step, of those named.
func (m *model) any(move consultations.Move, of []int) []int {
	return slices.DeleteFunc(slices.Clone(of), func(i int) bool { return !m.can(move, i) })
}

// guess tells whether a step is possible by what a proponent knows.
func (m *model) guess(move consultations.Move) bool {
	return slices.ContainsFunc(m.aspects[:], func(a modelAspect) bool { _, ok := leads(move, a.shared); return ok })
}

// take moves the aspects that know the step from where they are.
func (m *model) take(move consultations.Move, of []int) {
	for _, i := range of {
		if to, ok := leads(move, m.aspects[i].state); ok {
			m.aspects[i].state = to
		}
		if a := &m.aspects[i]; slices.Contains([]consultations.State{consultations.Identified, consultations.Invited, consultations.PlanAgreed, consultations.Disclosing}, a.state) {
			a.shared = a.state
		}
	}
	switch move { //nolint:exhaustive // the others change nothing else
	case consultations.MoveRefuse:
		m.refused = true
		fallthrough
	case consultations.MoveDecline, consultations.MoveWithdraw:
		m.ended, m.coolOff = true, m.now.AddDate(0, 0, modelCoolOff)
	case consultations.MoveReopen:
		m.ended = false
	case consultations.MoveReceive:
		m.until = m.now.AddDate(0, 0, modelDays)
	case consultations.MoveAskMore, consultations.MoveChange:
		m.until = time.Time{}
	}
}

// tell: something new is told. The community hears it before it decides, and a
// yes that was written down before is not what it would say now.
func (m *model) tell(topic consultations.Topic) {
	m.told[topic], m.until = true, time.Time{}
	m.take(consultations.MoveDisclose, []int{0, 1})
	for _, d := range m.drafts {
		if d.kind == consultations.Consent || d.kind == consultations.ConsentConditions || d.kind == consultations.Renew {
			d.over = true
		}
	}
}

// moves is the step that an answer is.
func moves(kind consultations.DecisionType) consultations.Move {
	return map[consultations.DecisionType]consultations.Move{
		consultations.Consent: consultations.MoveConsent, consultations.ConsentConditions: consultations.MoveIf, consultations.No: consultations.MoveRefuse,
		consultations.NotNow: consultations.MoveNotNow, consultations.Declined: consultations.MoveDecline, consultations.Withdraw: consultations.MoveWithdraw,
		consultations.Suspend: consultations.MoveSuspend, consultations.Renew: consultations.MoveRenew,
	}[kind]
}

// confirm is one holder's word. It is refused when with it there would be enough
// and the answer cannot be given now.
func (m *model) confirm(d *modelDraft, name string) bool {
	if d.over || slices.Contains(d.confirmed, name) {
		return false
	}
	all := append(slices.Clone(d.confirmed), name)
	if len(all) < 2 || !slices.Contains(all, "Hana") {
		d.confirmed = all
		return true
	}
	move := moves(d.kind)
	if len(m.any(move, d.aspects)) < len(d.aspects) {
		return false
	}
	d.confirmed, d.over = all, true
	m.take(move, d.aspects)
	if move != consultations.MoveConsent && move != consultations.MoveIf && move != consultations.MoveRenew {
		return true
	}
	for _, i := range d.aspects {
		a := &m.aspects[i]
		a.agreed = true
		a.yes, a.state = a.state, consultations.Cooling
		a.turns = m.now.AddDate(0, 0, modelCooling)
		a.review = a.turns.AddDate(0, 0, modelReview)
	}
	return true
}
