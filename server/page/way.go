package page

import (
	"slices"
	"time"

	"github.com/vcm-forum/forum/consultations"
)

// Way is the path that a consultation goes, with where it stands on it. A
// community's home and the consultation's own page draw the same one.
type Way struct {
	Words
	Steps   []WayStep
	Decided bool // every part has come to an answer of some kind
}

// WayStep is one step of the way. The one that lasts says what that means.
type WayStep struct {
	Picto, Name, Note string
	Since             string // the day on which it was reached; "" for what lies ahead
	Now               bool
}

// milestone is a step before it is put into words, with the states in which it is
// the one that lasts.
type milestone struct {
	key, picto string
	states     []consultations.State
}

// milestones are the steps in the order in which a consultation meets them. Whoever
// wants to keep talking hears and asks again.
func milestones() []milestone {
	return []milestone{
		{"proposal", "proposal", []consultations.State{consultations.Identified}},
		{"invited", "invited", []consultations.State{consultations.Invited}},
		{"plan", "plan", []consultations.State{consultations.PlanAgreed}},
		{"told", "disclosing", []consultations.State{consultations.Disclosing, consultations.Continuing}},
		{"time", "deliberating", []consultations.State{consultations.Deliberating}},
		{"confirm", "read_aloud", []consultations.State{consultations.Pending}},
		{"decided", "decision", []consultations.State{
			consultations.DeclinedState, consultations.Cooling, consultations.InForce, consultations.InForceIf, consultations.Refused,
			consultations.Suspended, consultations.Withdrawn, consultations.UnderReview, consultations.Lapsed, consultations.ContestedState,
		}},
	}
}

// milestoneOf is the step that a state belongs to; negative for none: nobody has
// asked, or nobody may.
func milestoneOf(s consultations.State) int {
	return slices.IndexFunc(milestones(), func(m milestone) bool { return slices.Contains(m.states, s) })
}

// ways puts a view into the words of a way.
type ways struct {
	Words
	us   bool
	view consultations.View
	zone *time.Location
}

// WayOf is the way of a consultation as far as its reader sees it; to us it speaks
// as the community does. It stands where the part stands that has come least far:
// what one part has got to says nothing of the others, and nobody may be hurried
// past it. Where one part stands nowhere there is no way.
func (w Words) WayOf(v consultations.View, us bool, zone *time.Location) Way {
	s := ways{w, us, v, zone}
	at := len(milestones())
	for _, a := range v.Aspects {
		at = min(at, milestoneOf(a.State))
	}
	if at < 0 || at == len(milestones()) {
		return Way{}
	}
	out := Way{Words: w, Decided: at == len(milestones())-1}
	for n, m := range milestones() {
		step := WayStep{Picto: m.picto, Name: s.say("consult.way." + m.key), Since: s.since(n, at), Now: n == at} // i18n: consult.way.*
		if n < at && step.Since == "" && len(s.here(at)[0].History) > 0 {
			continue // it went another way: who declines when invited was told nothing
		}
		if step.Now {
			step.Note = s.note(n)
		}
		out.Steps = append(out.Steps, step)
	}
	return out
}

// say is a sentence in the voice that suits the reader.
func (s ways) say(key string, args ...any) string {
	if s.us && s.P.Has(key+".for_us") {
		key += ".for_us"
	}
	return s.T(key, args...)
}

// here are the parts that stand at a step.
func (s ways) here(step int) []consultations.AspectView {
	return slices.DeleteFunc(slices.Clone(s.view.Aspects), func(a consultations.AspectView) bool { return milestoneOf(a.State) != step })
}

// since is the day on which the part that has come least far came to a step.
func (s ways) since(step, at int) string {
	if step > at {
		return ""
	}
	least := s.here(at)[0]
	for _, p := range slices.Backward(least.History) {
		if milestoneOf(p.State) == step {
			return s.P.Date(p.From, s.zone)
		}
	}
	if step == at && !least.Since.IsZero() {
		return s.P.Date(least.Since, s.zone)
	}
	return ""
}

// note says what the step that lasts means, or which parts are at it where others
// have gone on.
func (s ways) note(step int) string {
	here := s.here(step)
	alike := !slices.ContainsFunc(here, func(a consultations.AspectView) bool {
		return a.State != here[0].State || a.Unagreed() != here[0].Unagreed()
	})
	switch {
	case len(here) < len(s.view.Aspects):
		names := make([]string, len(here))
		for i, a := range here {
			names[i] = s.PartName(a)
		}
		return s.T("consult.way.here", "parts", s.P.List(names))
	case !alike:
		return s.T("consult.way.each_part")
	}
	return s.StateWords(here[0], s.us)
}

// PartName is what a part of a proposal is called: its number where its title is
// not shown.
func (w Words) PartName(a consultations.AspectView) string {
	if a.Title != "" {
		return a.Title
	}
	return w.T("consultation.part", "number", a.Number, "of", a.Of)
}

// StateWords says how a part stands: as the community says it of itself, or as one
// speaks of it.
func (w Words) StateWords(a consultations.AspectView, us bool) string {
	key := "consult.state." + string(a.State)
	if a.Unagreed() {
		key += ".no_yes"
	}
	return ways{Words: w, us: us}.say(key)
}

// Clock is the community's own time: how much of it is left, in days.
type Clock struct {
	Words
	Left, All   int
	Says, Until string
}

const aDay = 24 * time.Hour

// ClockOf is nil while no time runs: before it was opened, once every part has its
// answer, and when the community wants to hear more, since then it begins anew. A
// day that has begun counts as one.
func (w Words) ClockOf(v consultations.View, us bool, zone *time.Location) *Clock {
	runs := slices.ContainsFunc(v.Aspects, func(a consultations.AspectView) bool {
		return a.State == consultations.Deliberating || a.State == consultations.Pending
	})
	if v.Window == nil || !runs {
		return nil
	}
	days := func(d time.Duration) int { return int((d + aDay - 1) / aDay) }
	s := ways{w, us, v, zone}
	out := &Clock{Words: w, Left: max(0, days(v.Window.Until.Sub(v.At))), All: max(1, days(v.Window.Until.Sub(v.Window.Opened)))}
	if out.Says = s.say("consult.clock.over"); out.Left > 0 { // i18n: consult.clock.*
		out.Says = s.say("consult.clock.left", "n", out.Left, "all", out.All)
		out.Until = s.say("consult.clock.until", "date", w.P.Date(v.Window.Until, zone))
	}
	return out
}

// StatePicto is the picture of how a part stands.
func StatePicto(s consultations.State) string {
	names := map[consultations.State]string{
		consultations.Identified: "proposal", consultations.Barred: "declined_to_engage", consultations.PlanAgreed: "plan",
		consultations.Pending: "read_aloud", consultations.InForce: "consent", consultations.InForceIf: "consent_with_conditions",
		consultations.Refused: "no", consultations.Continuing: "not_now_keep_talking", consultations.Suspended: "suspend",
		consultations.Withdrawn: "withdraw",
	}
	if name, ok := names[s]; ok {
		return name
	}
	return string(s) // invited, declined_to_engage, disclosing, deliberating, cooling, under_review, lapsed, contested, withheld
}
