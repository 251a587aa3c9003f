package communitypages

import (
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/server/page"
)

// mandatesPage says who speaks for the community, in what, since when and by
// which resolution of its own institution.
type mandatesPage struct {
	ours
	Narrow  narrow
	Now     []mandateCard // those that hold, or will once something is complete
	Before  []mandateCard // those that are over
	CanAdd  bool
	Waiting []opened
}

// mandateCard is a mandate as it stands on a page.
type mandateCard struct {
	ours
	consultations.Mandate
	How string // see [how]
}

var mandatesTemplate = page.Must[mandatesPage]("communities/mandates.html")

// Mandates lists who speaks for the community.
func (p *Pages) Mandates(r *page.Request) error {
	base, err := p.open(r, "mandates", "room.mandates")
	if err != nil {
		return err
	}
	data := mandatesPage{ours: base, Narrow: base.narrowMandates(r), CanAdd: r.Sitting.Can(consultations.EnterMandate, ""), Waiting: base.doors(mandateAsks(r.Sitting))}
	cards := base.mandatesOf(r)
	data.Narrow.Count = base.T("community.people_count", "n", len(cards))
	for _, card := range cards {
		if card.Past() {
			data.Before = append(data.Before, card)
		} else {
			data.Now = append(data.Now, card)
		}
	}
	return mandatesTemplate.OK(r, data)
}

func (o ours) narrowMandates(r *page.Request) narrow {
	n := narrowed(r, o.Root()+"/mandates", o.T("community.holder_name")).
		By(r, "of", o.T("community.for_institution"), true, o.bodies()).
		By(r, "sort", o.T("community.sort"), false, page.Options(o.Words, "community.sort.", []string{"newest", "oldest", "name"})).
		Of(len(o.Seat.Community.Mandates))
	if o.Us() {
		n = n.File(o.Root() + "/mandates.csv")
	}
	return n
}

// bodies are the institutions as the reader may know them, as choices.
func (o ours) bodies() []page.Option {
	var out []page.Option
	for _, i := range o.Seat.Community.Institutions {
		out = append(out, page.Option{Value: string(i.ID), Label: o.institution(i.ID)})
	}
	return out
}

// mandatesOf are the mandates that the address asks for, the newest first.
func (o ours) mandatesOf(r *page.Request) []mandateCard {
	var out []mandateCard
	of := r.QueryParam("of")
	for _, m := range slices.Backward(o.Seat.Community.Mandates) {
		if card := o.mandate(m); (of == "" || string(m.Institution) == of) && finds(r.QueryParam("q"), card.Called(), card.For()) {
			out = append(out, card)
		}
	}
	switch r.QueryParam("sort") {
	case "oldest":
		slices.Reverse(out)
	case "name":
		byName(out, mandateCard.Called)
	}
	return out
}

// MandatesCSV is the list as it is narrowed, as a file for the community itself.
func (p *Pages) MandatesCSV(r *page.Request) error {
	base, err := p.open(r, "mandates_file", "room.mandates")
	if err != nil {
		return err
	}
	table := [][]string{{"name", "institution", "powers", "from", "until", "stands"}}
	for _, m := range base.mandatesOf(r) {
		table = append(table, []string{m.Called(), m.For(), strings.Join(texts(m.Powers), " "), dayOf(m.From), dayOf(m.Until), m.How})
	}
	return page.SendCSV(r, "who-speaks.csv", table)
}

// dayOf is a day as programs read it; "" for none.
func dayOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(inputDay)
}

// Past tells whether the mandate is over.
func (m mandateCard) Past() bool {
	return slices.Contains([]string{"ended", "rejected", "over"}, m.How)
}

func (o ours) mandate(m consultations.Mandate) mandateCard {
	return mandateCard{o, m, how(m, o.Seat.At)}
}

// Path is the mandate's own page.
func (m mandateCard) Path() string { return m.Root() + "/mandates/" + string(m.ID) }

// Called is its holder's name.
func (m mandateCard) Called() string { return m.Mandate.Name.Body }

// Draw is the picture of how it stands.
func (m mandateCard) Draw() template.HTML {
	names := map[string]string{"contested": "contested", "witness": "witness", "vouching": "confirm", "waiting": "duration", "later": "duration", "ended": "lapsed", "over": "lapsed", "rejected": "void"}
	if name, ok := names[m.How]; ok {
		return m.Picto(name)
	}
	return m.Picto("mandate")
}

// For is the institution for which it lets somebody speak.
func (m mandateCard) For() string { return m.institution(m.Institution) }

// Stands is how it stands, in words, and what it still waits for.
func (m mandateCard) Stands() string {
	ready, missing := m.ReadyAt(), m.Rules.Quorum()-len(m.Confirmed)
	if m.Founding {
		missing = foundingNames - len(m.Confirmed)
	}
	left := m.P.Duration(rounded(ready.Sub(m.Seat.At)))
	ended := m.EndedAt
	if m.How == "over" {
		ended = m.Until
	}
	return m.T("community.mandate."+m.How, "n", max(0, missing), "date", m.Day(ready), "time", left, "from", m.Day(m.From), "ended", m.Day(ended)) // i18n: community.mandate.*
}

const aDay = 24 * time.Hour

// rounded is a time to wait in whole days, in hours once it is short: never less
// than it is.
func rounded(d time.Duration) time.Duration {
	step := aDay
	if d <= 2*aDay {
		step = time.Hour
	}
	return max(time.Hour, (d+step-1)/step*step)
}

// Holds is from when until when it was given.
func (m mandateCard) Holds() string {
	if m.Until.IsZero() {
		return m.T("community.from_on", "from", m.Day(m.From))
	}
	return m.T("community.from_to", "from", m.Day(m.From), "to", m.Day(m.Until.AddDate(0, 0, -1)))
}

// Gives are the powers that it gives, in words.
func (m mandateCard) Gives() []string { return named(m.Words, "consult.power.", m.Powers) }

// Scope names the one consultation that it is limited to; "" for none.
func (m mandateCard) Scope() string {
	x := m.Seat.Community.Consultation(m.Consultation)
	if x == nil {
		return ""
	}
	p, _ := m.Seat.Community.Proposal(x.Proposal)
	if view, ok := m.Seat.See(x, p.Newest().Number); ok && view.Proposal != nil {
		return view.Proposal.Title
	}
	return m.T("community.one_proposal")
}

// Short is the beginning of the digest of its first evidence, to be compared aloud.
func (m mandateCard) Short() string {
	const figures = 16
	if len(m.Resolution) == 0 || len(m.Resolution[0]) < figures {
		return ""
	}
	return string(m.Resolution[0][:figures])
}
