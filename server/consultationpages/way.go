package consultationpages

import (
	"slices"

	"github.com/vcm-forum/forum/consultations"
)

// station is one step of the way that a consultation goes.
type station struct {
	Picto, Name, Note string
	Current           bool
}

// milestone is a step of the way before it is put into words.
type milestone struct {
	key, picto string
	states     []consultations.State
}

// milestones are the steps in the order in which a consultation meets them, with
// the states in which it is at each.
func milestones() []milestone {
	return []milestone{
		{"asked", "invited", []consultations.State{consultations.Identified}},
		{"plan", "plan", []consultations.State{consultations.Invited}},
		{"told", "disclosing", []consultations.State{consultations.PlanAgreed, consultations.Disclosing, consultations.Continuing}},
		{"time", "deliberating", []consultations.State{consultations.Deliberating}},
		{"read", "read_aloud", []consultations.State{consultations.Pending}},
		{"answer", "decision", []consultations.State{
			consultations.Cooling, consultations.InForce, consultations.InForceIf, consultations.Refused, consultations.DeclinedState,
			consultations.Suspended, consultations.Withdrawn, consultations.UnderReview, consultations.Lapsed, consultations.ContestedState,
		}},
	}
}

// way is the path with where we stand on it: at the step of the part that has come
// least far, since nobody may be hurried past it. Who is not told where the
// community stands sees no way, and neither does one that nobody may approach.
func (s scene) way() []station {
	all := milestones()
	at := len(all)
	for _, a := range s.View.Aspects {
		n := slices.IndexFunc(all, func(m milestone) bool { return slices.Contains(m.states, a.State) })
		if n < 0 {
			return nil
		}
		at = min(at, n)
	}
	if at == len(all) {
		return nil
	}
	var out []station
	for n, m := range all {
		out = append(out, station{Picto: m.picto, Name: s.Say("way." + m.key), Current: n == at})
	}
	out[at].Note = s.here(all[at].states)
	return out
}

// here says which parts stand at a step, where not all of them do.
func (s scene) here(states []consultations.State) string {
	var names []string
	for _, a := range s.View.Aspects {
		if slices.Contains(states, a.State) {
			names = append(names, s.PartName(a.ID))
		}
	}
	if len(names) == len(s.View.Aspects) {
		return s.T("consultation.way.now")
	}
	return s.T("consultation.way.now_for", "parts", s.P.List(names))
}
