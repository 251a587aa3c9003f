package communitypages

import (
	"cmp"
	"html/template"
	"slices"
	"strconv"
	"strings"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/server/page"
)

// homePage is where a community begins. Of each proposal it answers, in this order:
// what is proposed, what is known and not known, how much time is left, what has
// been decided, who has looked, what can be done now. Each seat sees its own side.
type homePage struct {
	ours
	Asks    []opened // what waits for the reader
	Waiting []string // whose account has a new proof, so that nothing that decides is taken from it yet
	Talks   []talk
	Rooms   []opened // the community's other pages
}

// talk is one consultation on its community's home.
type talk struct {
	ours
	View    consultations.View
	Way     page.Way
	Clock   *page.Clock
	Known   *explained
	Older   []older
	Looked  []looked
	Asked   []opened // what somebody waits for
	Answers []answerDoor
	Others  []opened // what can be done beside
}

// older is an earlier version in which a yes of the community still stands.
type older struct {
	Version int
	Parts   []part
	Stop    string // where the yes is taken back; "" for who cannot
}

var homeTemplate = page.Must[homePage]("communities/home.html")

// Home is the community's own home.
func (p *Pages) Home(r *page.Request) error {
	base, err := p.openNamed(r, "home", "", nameFor(r.Words(), r.Sitting), say(r.Words(), r.Sitting, "room.home"))
	if err != nil {
		return err
	}
	reads, names, err := p.recentReads(r)
	if err != nil {
		return err
	}
	waits := asks(r.Sitting)
	data := homePage{ours: base, Rooms: base.doors(rooms(r.Sitting))}
	if data.Waiting, err = base.waiting(r); err != nil {
		return err
	}
	for _, v := range views(r.Sitting) {
		asked, others := parted(doors(r.Sitting, v))
		us, here := base.Us(), zone(base.Reader())
		waits = append(waits, asked...)
		x := r.Sitting.Community.Consultation(v.Consultation)
		data.Talks = append(data.Talks, talk{
			ours: base, View: v, Way: base.WayOf(v, us, here), Clock: base.ClockOf(v, us, here), Known: base.explained(v), Older: base.older(x), Looked: base.lookedAt(v, reads, names),
			Asked: base.doors(asked), Answers: base.answersOf(x, v), Others: base.doors(others),
		})
	}
	data.Asks = base.doors(waits)
	return homeTemplate.OK(r, data)
}

// waiting tells the community whose account has a new proof without the one before:
// the others know whether the person asked for it.
func (o ours) waiting(r *page.Request) ([]string, error) {
	if !o.Us() {
		return nil, nil
	}
	until, err := r.Kit.Door.Waiting(r)
	var out []string
	for _, m := range r.Sitting.Community.Mandates {
		if at, waits := until[m.Account]; waits && live(m) {
			out = append(out, o.T("door.waits_other", "name", m.Name.Body, "time", o.Moment(at)))
		}
	}
	return out, err
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
func (t talk) Parts() []part { return t.parts(t.View) }

func (o ours) parts(v consultations.View) []part {
	var out []part
	for _, a := range v.Aspects {
		out = append(out, part{ours: o, AspectView: a})
	}
	return out
}

// Stand are the parts with how they stand. What one answer said to several of them is
// said once, where it means the same for each: of two parts that were withdrawn from,
// one may have had a yes and the other not.
func (t talk) Stand() []part {
	var out []part
	for _, p := range t.Parts() {
		alike := slices.IndexFunc(out, func(o part) bool {
			return p.Decision != "" && o.Decision == p.Decision && o.Says() == p.Says() && o.Then() == p.Then() && o.Stood() == p.Stood()
		})
		if alike < 0 {
			out = append(out, p)
			continue
		}
		out[alike].Also = append(out[alike].Also, p.Called())
	}
	return out
}

// older are the earlier versions of a proposal in which a yes still stands.
func (o ours) older(x *consultations.Consultation) []older {
	var out []older
	for _, v := range page.OlderYes(o.Seat, x) {
		one := older{Version: v.Number, Parts: o.parts(v.View)}
		if o.Seat.Can(consultations.Stop, x.ID) || o.Seat.Can(consultations.Relay, x.ID) {
			one.Stop = talkPath(v.View, "/stop?version="+strconv.Itoa(one.Version))
		}
		out = append(out, one)
	}
	return out
}

// Summary is what was proposed, in the words of whoever proposes it.
func (t talk) Summary() string {
	if t.View.Proposal == nil {
		return ""
	}
	return t.View.Proposal.Summary
}

// Answered tells whether some part has an answer, or had one.
func (t talk) Answered() bool {
	open := append(talking(), consultations.Withheld, consultations.Barred)
	return len(t.Older) > 0 || slices.ContainsFunc(t.View.Aspects, func(a consultations.AspectView) bool { return !slices.Contains(open, a.State) })
}

// Over tells whether the talks have ended, for every part and every version: then
// what was explained and how much time is left are no questions any more.
func (t talk) Over() bool {
	ended := []consultations.State{consultations.Refused, consultations.DeclinedState, consultations.Withdrawn, consultations.Lapsed}
	return len(t.Older) == 0 && !slices.ContainsFunc(t.View.Aspects, func(a consultations.AspectView) bool { return !slices.Contains(ended, a.State) })
}

// TimeSays is what stands where no time runs; "" for who is not told of it.
//
// i18n: community.us.time_not_yet community.us.time_none community.them.time_not_yet community.them.time_none
func (t talk) TimeSays() string {
	switch {
	case !t.Seat.Can(consultations.SeeAll, t.View.Consultation):
		return ""
	case in(t.View, consultations.Withheld, consultations.Identified, consultations.Invited, consultations.PlanAgreed, consultations.Disclosing):
		return t.Say("time_not_yet")
	}
	return t.Say("time_none")
}

// Beside names what stands beside the state of a part: its conditions and other voices, as many as there are.
func (a part) Beside() string {
	var out []string
	if n := len(a.Conditions); n > 0 {
		out = append(out, a.T("community.with_conditions", "n", n))
	}
	if n := len(a.Dissent); n > 0 {
		out = append(out, a.T("community.with_dissent", "n", n))
	}
	if a.Statement != "" && len(out) == 0 {
		out = append(out, a.Say("in_words"))
	}
	return strings.Join(out, " · ")
}

// StandsAlike is how all parts stand while none was answered and all stand alike; ""
// where each says so for itself.
func (t talk) StandsAlike() string {
	parts := t.Parts()
	if len(parts) == 0 || slices.ContainsFunc(parts, func(a part) bool { return a.State != parts[0].State }) {
		return ""
	}
	return parts[0].Says()
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
	Also []string // other parts that stand so by the same answer
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
		{"/prompts", "voice", "room.prompts", consultations.SeeInternal},
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
