package consultationpages

import (
	"strconv"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/server/page"
)

// older is another version of the proposal in which a yes of the community still
// stands, with the page on which it is taken back.
type older struct {
	Version int
	Path    string
	Parts   []part
}

// Older are those, the newest first, without the one that the page is about. They
// stand on every page of a consultation from which an answer can be taken back.
func (s scene) Older() []older {
	var out []older
	if !s.Seat.Can(consultations.Stop, s.talk.ID) && !s.Seat.Can(consultations.Relay, s.talk.ID) {
		return nil
	}
	for _, v := range page.OlderYes(s.Seat, s.talk) {
		if v.Number == s.Version {
			continue
		}
		one := older{Version: v.Number, Path: path(s.View.Community, s.View.Consultation, "/stop?version="+strconv.Itoa(v.Number))}
		for _, a := range v.Aspects {
			one.Parts = append(one.Parts, part{s, a})
		}
		out = append(out, one)
	}
	return out
}
