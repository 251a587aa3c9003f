package communitypages

import (
	"cmp"
	"html/template"
	"slices"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/server/page"
)

// homePage is where a community begins: what is asked of it, how much time is
// left, what it has decided, what can be done now. Each seat sees its own side.
type homePage struct {
	ours
	Asks  []opened
	Talks []talk
	Rooms []opened // the community's other pages
}

// talk is one consultation on its community's home.
type talk struct {
	ours
	View   consultations.View
	Way    page.Way
	Clock  *page.Clock
	Asked  []opened // what somebody waits for
	Others []opened // what can be done beside
}

var homeTemplate = page.Must[homePage]("communities/home.html")

// Home is the community's own home.
func (p *Pages) Home(r *page.Request) error {
	base, err := p.open(r, "home", "", nameFor(r.Words(), r.Sitting))
	if err != nil {
		return err
	}
	data := homePage{ours: base, Asks: base.doors(asks(r.Sitting)), Rooms: base.doors(rooms(r.Sitting))}
	for _, v := range views(r.Sitting) {
		asked, others := parted(doors(r.Sitting, v))
		us, here := base.Us(), zone(base.Reader())
		data.Talks = append(data.Talks, talk{base, v, base.WayOf(v, us, here), base.ClockOf(v, us, here), base.doors(asked), base.doors(others)})
	}
	return homeTemplate.OK(r, data)
}

// Lead says what the reader is here.
func (h homePage) Lead() string {
	return h.T("community.home." + cmp.Or(string(roleOf(h.Seat)), "member"))
} // i18n: community.home.*

// Nothing is what stands where there is no consultation to see. Whoever is not
// told of any learns no more than that.
func (h homePage) Nothing() string {
	if h.Seat.Can(consultations.SeeAll, "") {
		return h.Say("nothing_proposed")
	}
	return h.T("community.nothing_shown")
}

// roleOf is the first of somebody's roles: a holder before all others.
func roleOf(seat consultations.Seat) consultations.Role {
	if roles := seat.Roles(""); len(roles) > 0 {
		return roles[0]
	}
	return consultations.Outsider
}

// Named is what was proposed, as far as the reader may know it.
func (t talk) Named() string {
	if t.View.Proposal == nil {
		return t.T("community.a_proposal")
	}
	return t.View.Proposal.Title
}

// Anchor is where the consultation stands on the page.
func (t talk) Anchor() string { return "talk-" + string(t.View.Consultation) }

// Parts are the parts of the proposal, each with how it stands.
func (t talk) Parts() []part {
	var out []part
	for _, a := range t.View.Aspects {
		out = append(out, part{t.ours, a})
	}
	return out
}

// Alike tells whether every part stands where the way says already: then their
// names are enough.
func (t talk) Alike() bool {
	return len(t.Way.Steps) > 0 && !t.Way.Decided && !slices.ContainsFunc(t.View.Aspects, func(a consultations.AspectView) bool {
		return a.State != t.View.Aspects[0].State
	})
}

// AsOfWords say when, and up to which entry of the record, all of this holds.
func (t talk) AsOfWords() string {
	if t.View.AsOf == 0 {
		return t.T("community.as_of_time", "time", t.Moment(t.View.At))
	}
	return t.T("community.as_of", "time", t.Moment(t.View.At), "entry", t.P.Number(int(t.View.AsOf)))
}

// part is one part of a proposal as it is shown: never without its conditions,
// who disagreed, and since when it stands so.
type part struct {
	ours
	consultations.AspectView
}

// Picture is the pictogram of its state.
func (a part) Picture() template.HTML { return a.Picto(page.StatePicto(a.State)) }

// Called is its title, its number where the title is withheld.
func (a part) Called() string {
	if a.Title == "" {
		return a.T("community.part_of", "number", a.Number, "of", a.Of)
	}
	return a.Title
}

// Says is its state in words: as the community says it of itself, or as others do.
func (a part) Says() string { return a.StateWords(a.AspectView, a.Us()) }

// Stood is since when it stands so, and by which entry.
func (a part) Stood() string {
	if a.Since.IsZero() {
		return ""
	}
	return a.T("community.since", "time", a.Moment(a.Since), "entry", a.P.Number(int(a.AsOf)))
}

// Then is when time alone changes that it stands so; "" where it does not.
//
// i18n: community.until.*
func (a part) Then() string {
	if a.Until.IsZero() {
		return ""
	}
	key := "asked"   // a no, an end of the talks, a yes taken back: when asking again is possible
	switch a.State { //nolint:exhaustive // the others end alike
	case consultations.Cooling:
		key = "cooling"
	case consultations.InForce, consultations.InForceIf, consultations.UnderReview:
		key = "review"
	}
	return a.T("community.until."+key, "date", a.Day(a.Until))
}

// Came says by what way the answer reached the record, where another entered it.
func (a part) Came() string {
	if a.Via == consultations.Self {
		return ""
	}
	return a.T("community.came", "via", a.T("consult.via."+string(a.Via)))
}

// rooms are the community's other pages, for whoever may open them.
func rooms(seat consultations.Seat) []door {
	var out []door
	for _, room := range []struct {
		rest, picto, key string
		act              consultations.Act
	}{
		{"/mandates", "mandate", "room.mandates", consultations.SeeMandates},
		{"/protocol", "protocol", "room.protocol", consultations.SeeAll},
		{"/about", "community", "room.about", consultations.SeeAll},
		{"/seats", "guest", "room.seats", consultations.SeeAll},
		{"/reads", "seen_by", "room.reads", consultations.SeeReads},
		{"/log", "receipt", "room.log", consultations.SeeProofs},
		{"/keep", "keep_on_phone", "room.keep", consultations.SeeAll},
		{"/proposals/new", "proposal", "room.propose", consultations.Propose},
	} {
		own := room.act == consultations.Propose && seat.Inside() // what it wants of itself needs no proposal
		if seat.Can(room.act, "") && !own {
			out = append(out, door{Path: path(seat.Community.ID, room.rest), Picto: room.picto, Key: room.key})
		}
	}
	return out
}
