package communitypages

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server/page"
)

// aboutPage is what the community says of itself, and its institutions.
type aboutPage struct {
	ours
	Form   page.Form // of the description
	Adding page.Form // of an institution
	Spans  []span    // of the form
}

// span is a row of days in which nobody may come, as it is typed.
type span struct {
	N        int
	From, To string
	Yearly   bool
}

var aboutTemplate = page.Must[aboutPage]("communities/about.html")

// inputDay is how <input type="date"> writes a day.
const inputDay = "2006-01-02"

// emptySpans are as many rows as a form offers for new days.
const emptySpans = 2

// About shows what the community says of itself.
func (p *Pages) About(r *page.Request) error { return p.showAbout(r, nil, nil) }

// showAbout shows the page with what is wrong with either of its forms.
func (p *Pages) showAbout(r *page.Request, described, added people.Invalid) error {
	base, err := p.open(r, "about", "room.about")
	if err != nil {
		return err
	}
	data := aboutOf(r, base, described, added)
	return aboutTemplate.Show(r, max(data.Form.Status(), data.Adding.Status()), data)
}

func aboutOf(r *page.Request, base ours, described, added people.Invalid) aboutPage {
	c := r.Sitting.Community
	values := url.Values{"name": {c.Name.Body}, "identifies": {string(c.Identifies)}, "languages": {strings.Join(c.Languages, ", ")}}
	if c.OralOnly {
		values.Set("oral_only", "1")
	}
	if c.NoContact {
		values.Set("no_contact", "1")
	}
	spans := spansOf(c.Blackouts)
	if described != nil {
		spans = typedSpans(r)
	}
	return aboutPage{
		ours: base, Spans: spans,
		Form:   r.Form(values, described).Named("name", "community.name", "identifies", "community.identifies", "languages", "community.languages", "blackouts", "community.blackouts"),
		Adding: r.Form(nil, added).At("new-").Named("kind", "community.institution_kind", "name", "community.institution_name", "about", "community.institution_about"),
	}
}

// Alone: who lives in isolation has not been asked, so nobody takes that back here.
func (a aboutPage) Alone() bool { return a.Seat.Community.NoContact }

// Identities are how a community may describe itself.
func (a aboutPage) Identities() []page.Option {
	return page.Options(a.Words, "consult.people.", consultations.Identities())
}

// Bodies are the kinds of institution.
func (a aboutPage) Bodies() []page.Option {
	return page.Options(a.Words, "consult.institution.", consultations.Bodies())
}

// Speaks are its languages by name.
func (a aboutPage) Speaks() string {
	var names []string
	for _, tag := range a.Seat.Community.Languages {
		names = append(names, a.TongueName(tag))
	}
	return a.P.List(names)
}

// Closed are the days in which nobody may come, in words.
func (a aboutPage) Closed() []string {
	var out []string
	for _, s := range a.Seat.Community.Blackouts {
		from, to := a.P.Date(s.From, time.UTC), a.P.Date(lastDay(s), time.UTC)
		key := "community.closed"
		if s.Yearly {
			key, from, to = "community.closed_yearly", a.dayAndMonth(s.From), a.dayAndMonth(lastDay(s))
		}
		out = append(out, a.T(key, "from", from, "to", to)) // i18n: community.closed community.closed_yearly
	}
	return out
}

// dayAndMonth is a day of every year.
func (a aboutPage) dayAndMonth(t time.Time) string {
	return a.T("community.day_of_year", "day", t.UTC().Day(), "month", a.T(fmt.Sprintf("date.month.%d", int(t.UTC().Month()))))
}

// lastDay: a span ends before its last moment, people name its last day.
func lastDay(s consultations.Span) time.Time { return s.To.AddDate(0, 0, -1) }

// spansOf are the rows of a form: what is there, and some empty ones.
func spansOf(in []consultations.Span) []span {
	var out []span
	for _, s := range in {
		out = append(out, span{From: s.From.UTC().Format(inputDay), To: lastDay(s).UTC().Format(inputDay), Yearly: s.Yearly})
	}
	return numbered(append(out, make([]span, emptySpans)...))
}

func numbered(in []span) []span {
	for i := range in {
		in[i].N = i + 1
	}
	return in
}

// typedSpans are the rows as they were typed.
func typedSpans(r *page.Request) []span {
	from, to, yearly := r.List("from"), r.List("to"), r.List("yearly")
	var out []span
	for i := range min(len(from), len(to)) {
		s := span{From: from[i], To: to[i]}
		for _, n := range yearly {
			s.Yearly = s.Yearly || n == fmt.Sprint(i+1)
		}
		out = append(out, s)
	}
	return numbered(out)
}

// spans reads the rows of a form; one that is left empty is none, and one that is
// no pair of days is left for the rules to refuse.
func spans(r *page.Request) []consultations.Span {
	var out []consultations.Span
	for _, s := range typedSpans(r) {
		if s.From == "" && s.To == "" {
			continue
		}
		from, _ := time.Parse(inputDay, s.From)
		to, err := time.Parse(inputDay, s.To)
		if err == nil {
			to = to.AddDate(0, 0, 1)
		}
		out = append(out, consultations.Span{From: from, To: to, Yearly: s.Yearly})
	}
	return out
}

// Describe says what the community is, anew.
func (p *Pages) Describe(r *page.Request) error {
	form := communityForm(r)
	form.Blackouts = spans(r)
	receipt, err := p.Consultations.Describe(r.Ctx(), r.Consult(), r.Sitting.Community.ID, form)
	if invalid, ok := invalidIn(r, err); ok {
		return p.showAbout(r, invalid, nil)
	}
	if err != nil {
		return err
	}
	r.Flash("flash.community_described")
	return r.Done(receipt, path(r.Sitting.Community.ID, "/about"))
}

// AddInstitution names one of the community's institutions.
func (p *Pages) AddInstitution(r *page.Request) error {
	receipt, err := p.Consultations.AddInstitution(r.Ctx(), r.Consult(), r.Sitting.Community.ID, consultations.InstitutionForm{
		Kind: consultations.Body(r.FormValue("kind")), Name: r.FormValue("name"), About: r.FormValue("about"),
	})
	if invalid, ok := invalidIn(r, err); ok {
		return p.showAbout(r, nil, invalid)
	}
	if err != nil {
		return err
	}
	r.Flash("flash.community_institution")
	return r.Done(receipt, path(r.Sitting.Community.ID, "/about#institutions"))
}
