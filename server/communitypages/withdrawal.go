package communitypages

import (
	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/server/page"
)

// withdrawal is the strip on every page that says that an answer can be taken
// back, and leads there whoever may do it or write it down for another.
type withdrawal struct{ Text, Path, Label string }

// withdrawalFor is nil while nothing was put before the community.
func withdrawalFor(w page.Words, seat consultations.Seat) *withdrawal {
	seen := views(seat)
	if len(seen) == 0 {
		return nil
	}
	strip := &withdrawal{Text: say(w, seat, "withdrawal")}
	root := path(seat.Community.ID, "")
	target := root + "#talks"
	if len(seen) == 1 {
		target = talkPath(seen[0], "/stop")
	}
	switch {
	case seat.Can(consultations.Stop, ""):
		strip.Path, strip.Label = target, w.T("community.take_back")
	case seat.Can(consultations.Relay, ""):
		strip.Path, strip.Label = target, w.T("community.relay")
	case seat.Inside():
		strip.Path, strip.Label = root+"/mandates", w.T("community.who_can")
	}
	return strip
}

// talkPath is the address of a consultation, or of something of it.
func talkPath(v consultations.View, rest string) string {
	return path(v.Community, "/consultations/"+string(v.Consultation)+rest)
}
