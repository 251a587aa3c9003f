package page

import (
	"slices"

	"github.com/vcm-forum/forum/consultations"
)

// Earlier is an earlier version of a proposal as a reader sees it.
type Earlier struct {
	Number int
	consultations.View
}

// OlderYes are the earlier versions of what a consultation is about in which the
// community has still said yes to something, as a seat sees them, the newest first.
// A new version takes nothing back: whoever made it could else hide the yes from
// the button that ends it.
func OlderYes(seat consultations.Seat, x *consultations.Consultation) []Earlier {
	var out []Earlier
	p, _ := seat.Community.Proposal(x.Proposal)
	for _, v := range slices.Backward(p.Versions) {
		if v.Number == p.Newest().Number {
			continue
		}
		view, shown := seat.See(x, v.Number)
		view.Aspects = slices.DeleteFunc(slices.Clone(view.Aspects), func(a consultations.AspectView) bool { return !Yes(a) })
		if shown && len(view.Aspects) > 0 {
			out = append(out, Earlier{v.Number, view})
		}
	}
	return out
}

// Yes tells whether the community has said yes to a part and not taken it back,
// whatever keeps that from its effect: a wait, a pause, a review, a dispute.
func Yes(a consultations.AspectView) bool {
	state := a.State
	if n := len(a.History); state == consultations.ContestedState && n > 0 {
		state = a.History[n-1].State
	}
	return slices.Contains(Yeses(), state)
}

// Yeses are the states in which there is a yes that can be taken back or paused.
func Yeses() []consultations.State {
	return []consultations.State{consultations.Cooling, consultations.InForce, consultations.InForceIf, consultations.Suspended, consultations.UnderReview}
}
