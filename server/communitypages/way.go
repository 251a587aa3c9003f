package communitypages

import (
	"slices"
	"time"

	"github.com/vcm-forum/forum/consultations"
)

// milestone is one step of the way of a consultation, with its picture.
type milestone struct {
	Picto string
	Key   string // of its words
	Since time.Time
	Now   bool
}

// stations are the steps in their order, each with the states in which it is the
// one that lasts. What ends a way early is no step of it.
func stations() []milestoneStates {
	return []milestoneStates{
		{"proposal", "way.proposal", []consultations.State{consultations.Withheld, consultations.Identified}},
		{"invited", "way.invited", []consultations.State{consultations.Invited}},
		{"plan", "way.plan", []consultations.State{consultations.PlanAgreed}},
		{"disclosing", "way.told", []consultations.State{consultations.Disclosing}},
		{"deliberating", "way.time", []consultations.State{consultations.Deliberating, consultations.Continuing}},
		{"confirm", "way.confirm", []consultations.State{consultations.Pending}},
		{"decision", "way.decided", nil},
	}
}

type milestoneStates struct {
	picto, key string
	states     []consultations.State
}

// station is the step of the way that a state belongs to: the last one for
// whatever a decision led to.
func station(s consultations.State) int {
	all := stations()
	i := slices.IndexFunc(all, func(m milestoneStates) bool { return slices.Contains(m.states, s) })
	if i < 0 {
		return len(all) - 1
	}
	return i
}

// wayOf is the way of a consultation. It stands where the part stands that has
// come least far: what one part has got to says nothing of the others.
func wayOf(v consultations.View) []milestone {
	if len(v.Aspects) == 0 {
		return nil
	}
	least := slices.MinFunc(v.Aspects, func(a, b consultations.AspectView) int { return station(a.State) - station(b.State) })
	if least.State == consultations.Withheld {
		return nil
	}
	at := station(least.State)
	var out []milestone
	for i, m := range stations() {
		out = append(out, milestone{Picto: m.picto, Key: m.key, Since: reached(least, i, at), Now: i == at})
	}
	return out
}

// reached is when an aspect came to a step, zero for one that lies ahead or that
// nothing is known of.
func reached(a consultations.AspectView, step, at int) time.Time {
	if step > at {
		return time.Time{}
	}
	for _, p := range slices.Backward(a.History) {
		if station(p.State) == step {
			return p.From
		}
	}
	if step == at {
		return a.Since
	}
	return time.Time{}
}

// clock is the community's own time: how much is left of it, and until when.
type clock struct {
	Left, All int // days
	Until     time.Time
}

const aDay = 24 * time.Hour

// clockOf is nil while no time runs, and once every part has its answer. A day that
// has begun counts as one.
func clockOf(v consultations.View) *clock {
	if v.Window == nil || !in(v, consultations.Deliberating, consultations.Pending, consultations.Continuing) {
		return nil
	}
	days := func(d time.Duration) int { return int((d + aDay - 1) / aDay) }
	return &clock{Left: max(0, days(v.Window.Until.Sub(v.At))), All: max(1, days(v.Window.Until.Sub(v.Window.Opened))), Until: v.Window.Until}
}

// picto is the picture of a state.
func picto(s consultations.State) string {
	names := map[consultations.State]string{
		consultations.Identified: "proposal", consultations.Barred: "declined_to_engage", consultations.PlanAgreed: "plan",
		consultations.Pending: "confirm", consultations.InForce: "consent", consultations.InForceIf: "consent_with_conditions",
		consultations.Refused: "no", consultations.Continuing: "not_now_keep_talking", consultations.Suspended: "suspend",
		consultations.Withdrawn: "withdraw",
	}
	if name, ok := names[s]; ok {
		return name
	}
	return string(s) // invited, declined_to_engage, disclosing, deliberating, cooling, under_review, lapsed, contested, withheld
}
