package consultationpages

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

// scene is what every page of a consultation is made of: what the reader sees of
// it, in which voice it speaks to them, and what went wrong with what they asked.
type scene struct {
	page.Base
	View    consultations.View
	Seat    consultations.Seat
	Version int
	Newest  int
	files   bool // recordings, pictures and papers can be handed in
	us      bool // the reader is of the community: pages say "we"
	zone    *time.Location
	trouble trouble
	request *page.Request
	step    string // of the pages, beside which the community may have put its voice
	talk    *consultations.Consultation
}

// scene reads a consultation for a page called title, a key of the catalog; ""
// is the consultation's own page. That the reader looks is entered before they
// see anything.
func (p *Pages) scene(r *page.Request, what, title string, t trouble) (scene, error) {
	x := r.Sitting.Community.Consultation(r.ID("consultation"))
	if x == nil {
		return scene{}, consultations.ErrHidden
	}
	if r.Asleep {
		return scene{}, &page.Unproven{Status: http.StatusUnauthorized, None: !r.Keyed}
	}
	newest, version := newestOf(r.Sitting.Community, x), versionOf(r)
	view, ok := r.Sitting.See(x, version)
	if !ok {
		return scene{}, consultations.ErrHidden
	}
	if err := p.Consultations.Reading(r.Ctx(), r.Sitting, what, x.ID); err != nil {
		return scene{}, err
	}
	s := scene{
		View: view, Seat: r.Sitting, Version: version, Newest: newest, us: r.Sitting.Inside(), zone: zoneOf(r), trouble: t, files: p.Consultations.Files != nil, request: r, talk: x, step: what,
	}
	s.Base = r.Base(s.name(r, title), s.crumbs(r, title)...)
	s.Plain = s.name(r, cmp.Or(title, "consultation.title"))
	s.Consults, s.Again = true, path(view.Community, x.ID, "")
	return s, nil
}

// newestOf is the newest version of what is proposed.
func newestOf(c *consultations.Community, x *consultations.Consultation) int {
	p, _ := c.Proposal(x.Proposal)
	return p.Newest().Number
}

// versionOf is the version that the address or the form asks for, the newest
// where they name none.
func versionOf(r *page.Request) int {
	if asked := r.FormValue("version"); asked != "" {
		return page.Number(asked)
	}
	if x := r.Sitting.Community.Consultation(r.ID("consultation")); x != nil {
		return newestOf(r.Sitting.Community, x)
	}
	return 0
}

func (s scene) name(r *page.Request, title string) string {
	if title == "" {
		return s.proposal(r)
	}
	if s.us && r.P.Has(title+".for_us") { // i18n: consultation.window.for_us consultation.told.for_us consultation.transcribe.for_us
		title += ".for_us"
	}
	return r.P.T(title)
}

// proposal is what the consultation is about, in the words of its title.
func (s scene) proposal(r *page.Request) string {
	if s.View.Proposal == nil || s.View.Proposal.Title == "" {
		return r.P.T("consultation.title")
	}
	return s.View.Proposal.Title
}

func (s scene) crumbs(r *page.Request, title string) []page.Crumb {
	name := s.View.Name
	if name == "" {
		name = r.P.T("consultation.community")
	}
	out := []page.Crumb{{Path: "/communities", Name: r.P.T("community.list")}, {Path: "/communities/" + string(s.View.Community), Name: name}}
	if title == "" {
		return append(out, page.Crumb{Name: s.proposal(r)})
	}
	return append(out, page.Crumb{Path: path(s.View.Community, s.View.Consultation, s.query()), Name: s.proposal(r)}, page.Crumb{Name: s.name(r, title)})
}

// query keeps an old version in the address.
func (s scene) query() string {
	if s.Version == s.Newest {
		return ""
	}
	return "?version=" + strconv.Itoa(s.Version)
}

// To is the address of another page of the consultation, in the same version.
func (s scene) To(rest string) string {
	rest, anchor, found := strings.Cut(rest, "#")
	query := s.query()
	if strings.Contains(rest, "?") {
		query = strings.Replace(query, "?", "&", 1)
	}
	if found {
		query += "#" + anchor
	}
	return path(s.View.Community, s.View.Consultation, rest) + query
}

// Voices are the recordings that the community has put beside this page.
func (s scene) Voices() []page.Heard { return s.Heard(s.Seat, s.step) }

// Us tells whether the page speaks to the community itself.
func (s scene) Us() bool { return s.us }

// Say is a sentence in the voice that suits the reader: "we" to the community,
// "the community" to everyone else.
func (s scene) Say(key string, args ...any) string {
	key = "consultation.say." + key // i18n: consultation.say.*
	if s.us && s.P.Has(key+".for_us") {
		key += ".for_us"
	}
	return s.T(key, args...)
}

// StateName is the short name of a state, for lists of what was and what can be.
func (s scene) StateName(state consultations.State) string {
	return s.T("consultation.state." + string(state))
}

// StatePicto is the picture of a state.
func (s scene) StatePicto(state consultations.State) string { return page.StatePicto(state) }

// Clock is the community's own time while it runs.
func (s scene) Clock() *page.Clock { return s.ClockOf(s.View, s.us, s.zone) }

// When is a moment in the reader's time.
func (s scene) When(t time.Time) string { return s.P.DateTime(t, s.zone) }

// Day is the day of a moment in the reader's time.
func (s scene) Day(t time.Time) string { return s.P.Date(t, s.zone) }

// AsOf says at what time and entry something stood so. Who is not told how far
// the record has come is told the time alone.
func (s scene) AsOf(entry int64) string {
	if entry <= 0 {
		return s.T("consultation.as_of", "time", s.When(s.View.At))
	}
	return s.T("consultation.as_of_entry", "time", s.When(s.View.At), "entry", entry)
}

// Noted says when something was entered, and where in the record.
func (s scene) Noted(t time.Time, entry int64) string {
	if entry <= 0 {
		return s.When(t)
	}
	return s.T("consultation.noted", "time", s.When(t), "entry", entry)
}

// Stretch is from when to when something stood so.
func (s scene) Stretch(p consultations.PeriodView) string {
	out := s.T("consultation.since", "time", s.When(p.From))
	if !p.To.IsZero() {
		out = s.T("consultation.from_to", "from", s.When(p.From), "to", s.When(p.To))
	}
	if p.Late {
		out += " · " + s.T("consultation.reported_late")
	}
	return out
}

// SeesAll tells whether the reader may read everything but what the community
// said among itself.
func (s scene) SeesAll() bool { return s.Seat.Can(consultations.SeeAll, s.View.Consultation) }

// Can tells whether the reader may try an act.
func (s scene) Can(act string) bool {
	return s.Seat.Can(consultations.Act(act), s.View.Consultation)
}

// Tab is one page of the consultation.
type Tab struct {
	Path, Picto, Name string
	Current           bool
}

// Tabs lead to the pages of the consultation that have something for the reader.
func (s scene) Tabs() []Tab {
	all, party := s.SeesAll(), s.View.Plan != "" || s.Can("propose")
	var out []Tab
	add := func(shown bool, rest, picto, key string) {
		if shown {
			current := s.request.Context.Request().URL.Path == path(s.View.Community, s.View.Consultation, rest)
			out = append(out, Tab{s.To(rest), picto, s.T(key), current})
		}
	}
	add(true, "", "proposal", "consultation.tab.show")
	add(all || party, "/plan", "plan", "consultation.tab.plan")
	add(all || party || len(s.View.Disclosures) > 0, "/told", "disclosing", "consultation.tab.told")
	add(all || len(s.View.Sessions) > 0, "/sessions", "internal", "consultation.tab.sessions")
	add(all, "/decisions", "decision", "consultation.tab.decisions")
	add(s.Can("give"), "/release", "who_may_see", "consultation.tab.release")
	add(true, "/export", "receipt", "consultation.tab.export")
	return out
}

// part is one aspect with all that is said of it.
type part struct {
	scene
	A consultations.AspectView
}

// Parts are the aspects that the reader sees.
func (s scene) Parts() []part {
	out := make([]part, len(s.View.Aspects))
	for i, a := range s.View.Aspects {
		out[i] = part{s, a}
	}
	return out
}

// PartName is what an aspect is called.
func (s scene) PartName(id record.ID) string {
	for _, a := range s.View.Aspects {
		if a.ID == id {
			return s.Words.PartName(a)
		}
	}
	return s.T("consultation.part_other")
}

// PartNames names several aspects.
func (s scene) PartNames(ids []record.ID) string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = s.PartName(id)
	}
	return s.P.List(names)
}

// Name is the aspect's title, or its number.
func (p part) Name() string { return p.PartName(p.A.ID) }

// Says is how the part stands, in words.
func (p part) Says() string { return p.StateWords(p.A, p.us) }

// UntilWords say what time alone will change.
func (p part) UntilWords() string {
	key := "consultation.until_review"
	if p.A.State == consultations.Cooling {
		key = "consultation.until_cooled"
	}
	if ended := []consultations.State{consultations.Refused, consultations.DeclinedState, consultations.Withdrawn}; slices.Contains(ended, p.A.State) {
		key = "consultation.until_asked"
	}
	return p.T(key, "time", p.When(p.A.Until))
}
