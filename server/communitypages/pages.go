// Package communitypages holds the pages of a community: its own home, what it
// says of itself, its institutions and rules, who speaks for it, who may come
// near, who has seen its record, and the proofs that it keeps.
//
// They come first in the community's words. Who may do what is decided in
// consultations; each handler reads a form, calls one action or query, and
// renders or redirects. What a page shows of a consultation is a
// consultations.View and nothing else.
package communitypages

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

// Pages are the pages of communities.
type Pages struct {
	Kit           *page.Kit
	Consultations *consultations.Service // nil where there are no consultations
	People        *people.Service
}

// ours is what every page of one community begins with.
type ours struct {
	page.Base
	Seat       consultations.Seat
	Name       string
	Withdrawal *withdrawal
}

// open enters that the reader looks at a page, and begins it; title is the key of
// what it is called, as [ours.Say] has it. Also one whose form
// comes back with what was typed. Nothing of the record is shown when that cannot
// be written down.
func (p *Pages) open(r *page.Request, what, title string) (ours, error) {
	plain := say(r.Words(), r.Sitting, title)
	return p.openNamed(r, what, "", plain, plain)
}

// openNamed opens a page whose title is somebody's name; plain stands for it where
// the browser keeps it.
func (p *Pages) openNamed(r *page.Request, what string, subject record.ID, title, plain string) (ours, error) {
	if err := p.Consultations.Reading(r.Ctx(), r.Sitting, what, subject); err != nil {
		return ours{}, err
	}
	name := nameFor(r.Words(), r.Sitting)
	base := r.Base(title, crumbs(r, name, title)...)
	base.Plain = plain
	return ours{base, r.Sitting, name, withdrawalFor(r.Words(), r.Sitting)}, nil
}

// crumbs lead from the list of communities to a page of one.
func crumbs(r *page.Request, name, last string) []page.Crumb {
	way := []page.Crumb{{Path: "/communities", Name: r.P.T("community.list")}}
	if name != last {
		way = append(way, page.Crumb{Path: path(r.Sitting.Community.ID, ""), Name: name})
	}
	return append(way, page.Crumb{Name: last})
}

// under puts another page of the community into the way to this one.
func (o *ours) under(rest, name string) {
	o.Crumbs = slices.Insert(o.Crumbs, len(o.Crumbs)-1, page.Crumb{Path: o.Root() + rest, Name: name})
}

// nameFor is what a community is called before a reader: its own name for its
// own people and those who help them, for others once it lets them know it.
func nameFor(w page.Words, seat consultations.Seat) string {
	if seat.Can(consultations.SeeAll, "") {
		return seat.Community.Name.Body
	}
	for _, view := range views(seat) {
		if view.Name != "" {
			return view.Name
		}
	}
	return w.T("community.unnamed")
}

// views are the consultations of a community as the reader sees them, each in its
// newest version, the newest first.
func views(seat consultations.Seat) []consultations.View {
	var out []consultations.View
	for _, x := range slices.Backward(seat.Community.Consultations) {
		p, found := seat.Community.Proposal(x.Proposal)
		if !found || !seat.Can(consultations.Know, x.ID) {
			continue
		}
		if view, shown := seat.See(x, p.Newest().Number); shown {
			out = append(out, view)
		}
	}
	return out
}

// Us tells whether the reader is of the community: then the pages say "we".
func (o ours) Us() bool { return o.Seat.Inside() }

// Say is a sentence in the voice that fits the reader: as the community says it
// to itself, or as one speaks of it.
func (o ours) Say(key string, args ...any) string { return say(o.Words, o.Seat, key, args...) }

// i18n: community.us.* community.them.*
func say(w page.Words, seat consultations.Seat, key string, args ...any) string {
	if seat.Inside() {
		return w.T("community.us."+key, args...)
	}
	return w.T("community.them."+key, args...)
}

// Root is the address of the community's home.
func (o ours) Root() string { return path(o.Seat.Community.ID, "") }

// Tongue is the language in which the community's own words most likely stand.
func (o ours) Tongue() string {
	if len(o.Seat.Community.Languages) == 0 {
		return ""
	}
	return o.Spoken(o.Seat.Community.Languages[0])
}

// Spoken is a language for the lang attribute: "und" for those without a code,
// which no voice can read aloud.
func (o ours) Spoken(tag string) string {
	if strings.HasPrefix(tag, "x-") {
		return "und"
	}
	return tag
}

// institution is what one of the community's institutions is called. Others are
// told its kind.
func (o ours) institution(id record.ID) string {
	i, found := o.Seat.Community.Institution(id)
	if !found || o.Seat.Can(consultations.SeeAll, "") {
		return i.Name.Body
	}
	return o.T("consult.institution." + string(i.Kind))
}

// Day is a day where the reader lives; a dash for none.
func (o ours) Day(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return o.P.Date(t, zone(o.Reader()))
}

// Moment is a day and a time of day where the reader lives, with its zone.
func (o ours) Moment(t time.Time) string { return o.P.DateTime(t, zone(o.Reader())) }

// zone is a person's time zone; UTC where they have not said one.
func zone(p people.Person) *time.Location {
	z, err := time.LoadLocation(p.TimeZone)
	if err != nil {
		return time.UTC
	}
	return z
}

// heard is what to say after a word that may take others' too: what it brought
// about, or that it waits for them.
func (p *Pages) heard(r *page.Request, flash string, done func(*consultations.Community) bool) string {
	seat, err := p.Consultations.SeatOf(r.Ctx(), r.Actor, r.Sitting.Community.ID)
	if err != nil || done(seat.Community) {
		return flash
	}
	return "flash.community_word"
}

// path is the address of a community, or of something of it.
func path(community record.ID, rest string) string { return "/communities/" + string(community) + rest }

// invalidIn finds what a form has wrong, for a page to show it again.
func invalidIn(r *page.Request, err error) (people.Invalid, bool) {
	var invalid people.Invalid
	ok := errors.As(err, &invalid) && !r.WantsJSON()
	return invalid, ok
}
