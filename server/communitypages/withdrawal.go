package communitypages

import (
	"slices"
	"strconv"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/server/page"
)

// withdrawal is the strip on every page that says that an answer can be taken back,
// and leads there whoever may do it or write it down for another. It stands also where
// nothing was answered yet, so that it says nothing of that to who may not know.
type withdrawal struct {
	Text  string
	Heard []page.Heard
	Doors []opened
}

// withdrawalFor makes the strip for a seat.
func withdrawalFor(w page.Words, seat consultations.Seat) *withdrawal {
	strip := &withdrawal{Text: say(w, seat, "withdrawal"), Heard: w.Heard(seat, "withdraw")}
	if label(w, seat) == "" {
		if seat.Inside() {
			strip.Doors = []opened{{Path: path(seat.Community.ID, "/mandates"), Words: w.T("community.who_can")}}
		}
		return strip
	}
	strip.Doors = stops(w, seat)
	if len(strip.Doors) == 1 {
		strip.Doors[0].Words = label(w, seat)
	}
	return strip
}

// label is what taking back is called from a seat; "" for who can neither do it nor
// write it down for another.
func label(w page.Words, seat consultations.Seat) string {
	switch {
	case seat.Can(consultations.Stop, ""):
		return w.T("community.take_back")
	case seat.Can(consultations.Relay, ""):
		return w.T("community.relay")
	}
	return ""
}

// withdrawalIn is the strip of the list of communities: what can be stopped in each.
func withdrawalIn(w page.Words, seats []consultations.Seat) *withdrawal {
	if len(seats) == 0 {
		return nil
	}
	strip := &withdrawal{Text: say(w, seats[0], "withdrawal")}
	for _, seat := range seats {
		if label(w, seat) == "" {
			continue
		}
		found := stops(w, seat)
		for _, d := range found {
			words := nameFor(w, seat)
			if len(found) > 1 {
				words = w.T("list.chip", "name", words, "value", d.Words)
			}
			d.Words = w.T("list.chip", "name", label(w, seat), "value", words)
			strip.Doors = append(strip.Doors, d)
		}
	}
	return strip
}

// stops are all that can be stopped, each version of a proposal in which a yes stands
// for itself: nothing that was agreed is hidden by what came after it.
func stops(w page.Words, seat consultations.Seat) []opened {
	var out []opened
	for _, v := range views(seat) {
		name := w.T("community.a_proposal")
		if v.Proposal != nil {
			name = v.Proposal.Title
		}
		if slices.ContainsFunc(v.Aspects, page.Yes) || in(v, talking()...) {
			out = append(out, opened{Path: talkPath(v, "/stop"), Words: name})
		}
		for _, old := range page.OlderYes(seat, seat.Community.Consultation(v.Consultation)) {
			words := w.T("list.chip", "name", name, "value", w.T("community.version", "version", old.Number))
			out = append(out, opened{Path: talkPath(v, "/stop?version="+strconv.Itoa(old.Number)), Words: words})
		}
	}
	return out
}

// talkPath is the address of a consultation, or of something of it.
func talkPath(v consultations.View, rest string) string {
	return path(v.Community, "/consultations/"+string(v.Consultation)+rest)
}
