package communitypages

import (
	"html/template"
	"slices"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

// door is something that the reader can do now, as a large button.
type door struct {
	Path, Picto string
	Key         string // of its words
	N           int    // what its words count
	Asked       bool   // somebody waits for it
}

// doors are what a reader can do about a consultation now. They follow from what the reader sees and may do, and decide nothing:
// each page behind them asks again.
func doors(seat consultations.Seat, v consultations.View) []door {
	var out []door
	switch {
	case seat.Is(v.Consultation, consultations.Holder, consultations.Member):
		out = ownDoors(seat, v)
	case seat.Is(v.Consultation, consultations.Facilitator):
		out = helperDoors(v)
	case seat.Is(v.Consultation, consultations.Proponent):
		out = guestDoors(v)
	}
	return append(out, door{Path: talkPath(v, ""), Picto: "proposal", Key: "do.all"})
}

// parted are the doors that somebody waits for, and the others.
func parted(all []door) (asked, others []door) {
	for _, d := range all {
		if d.Asked {
			asked = append(asked, d)
		} else {
			others = append(others, d)
		}
	}
	return asked, others
}

// opened is a door as it stands on a page.
type opened struct {
	Path    string
	Picture template.HTML
	Words   string
}

// doors puts doors into the words that fit the reader.
func (o ours) doors(in []door) []opened {
	var out []opened
	for _, d := range in {
		out = append(out, opened{d.Path, o.Picto(d.Picto), o.Say(d.Key, "n", d.N)})
	}
	return out
}

// ownDoors are those of the community's own people.
func ownDoors(seat consultations.Seat, v consultations.View) []door {
	can := func(a consultations.Act) bool { return seat.Can(a, v.Consultation) }
	out := draftDoors(seat, v)
	add := func(when bool, d door) {
		if when {
			out = append(out, d)
		}
	}
	hears, takes, decided := in(v, consultations.PlanAgreed, consultations.Disclosing), in(v, consultations.Deliberating), slices.ContainsFunc(v.Aspects, page.Yes)
	add(in(v, consultations.Invited), door{Path: talkPath(v, "/plan"), Picto: "plan", Key: "do.plan", Asked: can(consultations.Plan)})
	add(hears && len(v.Missing) == 0, door{Path: talkPath(v, "/told"), Picto: "disclosing", Key: "do.received", Asked: can(consultations.Hear)})
	add(hears && len(v.Missing) > 0, door{Path: talkPath(v, "/told"), Picto: "disclosing", Key: "do.hear", N: len(v.Missing)})
	add(takes, door{Path: talkPath(v, "/told"), Picto: "ask", Key: "do.hear_again"})
	add(takes && can(consultations.Convene), door{Path: talkPath(v, "/sessions"), Picto: "internal", Key: "do.meet"})
	add(takes && can(consultations.Hear), door{Path: talkPath(v, "/time"), Picto: "duration", Key: "do.longer"})
	add(decided && can(consultations.Stop), door{Path: talkPath(v, "/stop"), Picto: "withdraw", Key: "do.stop"})
	add(can(consultations.Give), door{Path: talkPath(v, "/release"), Picto: "who_may_see", Key: "do.release"})
	return out
}

// draftDoors lead to what is written down and waits for those who confirm it.
func draftDoors(seat consultations.Seat, v consultations.View) []door {
	var out []door
	for _, d := range v.Drafts {
		next := draftDoor(v, d)
		if seat.Can(consultations.Confirm, v.Consultation) && !hasConfirmed(seat, v, d.ID) {
			next.Picto, next.Key, next.Asked = "confirm", "do.confirm", true
		}
		out = append(out, next)
	}
	return out
}

// hasConfirmed tells whether the reader has confirmed a draft already.
func hasConfirmed(seat consultations.Seat, v consultations.View, draft record.ID) bool {
	d := seat.Community.Consultation(v.Consultation).Draft(draft)
	return d != nil && slices.ContainsFunc(d.Counted(), func(c consultations.Confirmation) bool { return holds(seat, c.Holder) })
}

// draftDoor leads to an answer that waits: for people, or once enough have spoken
// for one of the institutions that the protocol wants to hear.
func draftDoor(v consultations.View, d consultations.DraftView) door {
	next := door{Path: talkPath(v, "/drafts/"+string(d.ID)), Picto: "read_aloud", Key: "do.read", N: d.Waiting}
	if d.Waiting == 0 {
		next.Key = "do.read_body"
	}
	return next
}

// tellDoor leads to what was explained, and says how much is missing.
func tellDoor(v consultations.View) door {
	next := door{Path: talkPath(v, "/told"), Picto: "disclosing", Key: "do.tell", N: len(v.Missing), Asked: true}
	if len(v.Missing) == 0 {
		next.Key, next.Asked = "do.told", false
	}
	return next
}

// holds tells whether a reader is a holder: the person behind a mandate.
func holds(seat consultations.Seat, holder record.ID) bool {
	return slices.ContainsFunc(seat.Community.Mandates, func(m consultations.Mandate) bool {
		return m.Holder == holder && m.Account != "" && m.Account == seat.Actor.ID()
	})
}

// helperDoors: what a facilitator sees missing comes before what can be looked at.
func helperDoors(v consultations.View) []door {
	out := make([]door, 0, len(v.Drafts))
	for _, d := range v.Drafts {
		next := draftDoor(v, d)
		next.Asked = true
		out = append(out, next)
	}
	add := func(when bool, d door) {
		if when {
			out = append(out, d)
		}
	}
	add(in(v, consultations.Identified), door{Path: talkPath(v, ""), Picto: "invited", Key: "do.invite", Asked: true})
	add(in(v, consultations.Invited), door{Path: talkPath(v, "/plan"), Picto: "plan", Key: "do.plan", Asked: true})
	add(in(v, consultations.PlanAgreed, consultations.Disclosing), tellDoor(v))
	add(in(v, consultations.Deliberating), door{Path: talkPath(v, "/sessions"), Picto: "negotiation", Key: "do.meet"})
	add(in(v, consultations.Deliberating) && timeIsOver(v), door{Path: talkPath(v, "/drafts/new"), Picto: "decision", Key: "do.write"})
	add(in(v, append(page.Yeses(), talking()...)...), door{Path: talkPath(v, "/stop"), Picto: "withdraw", Key: "do.relay"})
	return out
}

// guestDoors: of a proponent only what both sides do together.
func guestDoors(v consultations.View) []door {
	var out []door
	agreed := slices.Contains(v.PlanAgreed, string(consultations.SideProponent))
	if in(v, consultations.Invited) {
		out = append(out, door{Path: talkPath(v, "/plan"), Picto: "plan", Key: "do.plan", Asked: v.Plan != "" && !agreed})
	}
	if in(v, consultations.PlanAgreed, consultations.Disclosing) {
		out = append(out, tellDoor(v))
	}
	return out
}

// in tells whether a part of the proposal is in one of the states.
func in(v consultations.View, states ...consultations.State) bool {
	return slices.ContainsFunc(v.Aspects, func(a consultations.AspectView) bool { return slices.Contains(states, a.State) })
}

// talking are the states in which the community can end the talks.
func talking() []consultations.State {
	return []consultations.State{
		consultations.Identified, consultations.Invited, consultations.PlanAgreed, consultations.Disclosing,
		consultations.Deliberating, consultations.Pending, consultations.Continuing,
	}
}

// timeIsOver tells whether the time has run that the community took for itself.
func timeIsOver(v consultations.View) bool { return v.Window != nil && !v.At.Before(v.Window.Until) }
