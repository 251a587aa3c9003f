package communitypages

import (
	"slices"

	"github.com/vcm-forum/forum/consultations"
)

// asks are what waits for a reader about the community itself: mandates to stand
// behind, to attest, to rule on, rules that others want; and for those who help with the record, what it
// lacks before anybody can speak for the community.
func asks(seat consultations.Seat) []door {
	out := mandateAsks(seat)
	for _, m := range seat.Community.Moved {
		if seat.Can(consultations.Rule, "") && !spoken(seat, m.Motion) {
			out = append(out, door{Path: path(seat.Community.ID, "/protocol#moved"), Picto: "protocol", Key: "ask.rules", Asked: true})
		}
	}
	if seat.Can(consultations.DefineSelf, "") {
		out = append(out, lacking(seat.Community)...)
	}
	return out
}

// mandateAsks are the mandates that wait for the reader's own word.
func mandateAsks(seat consultations.Seat) []door {
	var out []door
	for _, m := range seat.Community.Mandates {
		at := path(seat.Community.ID, "/mandates/"+string(m.ID))
		switch {
		case mayVouch(seat, m) && !m.Founding:
			out = append(out, door{Path: at, Picto: "mandate", Key: "ask.vouch", Asked: true})
		case mayAttest(seat, m):
			out = append(out, door{Path: at, Picto: "witness", Key: "ask.attest", Asked: true})
		case mayRule(seat, m):
			out = append(out, door{Path: at, Picto: "contested", Key: "ask.rule", Asked: true})
		}
	}
	return out
}

// lacking is the next thing that a record needs, one at a time.
func lacking(c *consultations.Community) []door {
	next := func(rest, picto, key string) []door {
		return []door{{Path: path(c.ID, rest), Picto: picto, Key: key, Asked: true}}
	}
	unwitnessed := slices.ContainsFunc(c.Mandates, func(m consultations.Mandate) bool { return m.Founding && m.AttestedAt.IsZero() && live(m) })
	witness := slices.ContainsFunc(c.Seats, func(s consultations.Sitting) bool { return s.Role == consultations.Observer && s.Ended.IsZero() })
	switch {
	case c.NoContact:
		return nil
	case len(c.Institutions) == 0:
		return next("/about#institutions", "institution", "ask.institution")
	case len(c.Protocols) == 0:
		return next("/protocol/new", "protocol", "ask.protocol")
	case len(c.Mandates) == 0:
		return next("/mandates/new", "mandate", "ask.mandate")
	case unwitnessed && !witness:
		return next("/seats", "witness", "ask.witness")
	case unwitnessed:
		return next("/mandates", "mandate", "ask.founding")
	}
	return nil
}

// live: neither ended nor rejected.
func live(m consultations.Mandate) bool {
	return m.EndedAt.IsZero() && m.Standing != consultations.Rejected
}
