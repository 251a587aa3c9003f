package communitypages

import (
	"net/url"
	"slices"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

// enterPage is the form that writes a mandate down.
type enterPage struct {
	ours
	Form     page.Form
	Founding bool // nobody speaks for the community yet
	File     consultations.Digest
}

var enterTemplate = page.Must[enterPage]("communities/enter.html")

// NewMandate offers the form.
func (p *Pages) NewMandate(r *page.Request) error { return p.showEnter(r, nil) }

func (p *Pages) showEnter(r *page.Request, invalid people.Invalid) error {
	base, err := p.open(r, "mandates", "enter")
	if err != nil {
		return err
	}
	data := enterOf(r, base, invalid)
	return enterTemplate.Show(r, data.Form.Status(), data)
}

func enterOf(r *page.Request, base ours, invalid people.Invalid) enterPage {
	values := url.Values{"from": {r.Sitting.At.In(zone(r.Actor.Person)).Format(inputDay)}, "powers": texts([]consultations.Power{consultations.Decide, consultations.Protect})}
	form := r.Form(values, invalid).Named("name", "community.holder_name", "email", "community.holder_email", "holder", "community.known_holder",
		"institution", "community.for_institution", "powers", "community.powers", "consultation", "community.limited_to",
		"from", "community.from_day", "until", "community.until_day", "resolution", "community.resolution")
	base.under("/mandates", base.Say("room.mandates"))
	return enterPage{base, form, !founded(r.Sitting.Community), handed(r)}
}

// founded tells whether somebody can confirm for the community already: then a
// new mandate follows its protocol.
func founded(c *consultations.Community) bool {
	return slices.ContainsFunc(c.Mandates, func(m consultations.Mandate) bool { return !m.ReadyAt().IsZero() && m.Has(consultations.Decide) })
}

// Institutions are the community's own, as choices.
func (e enterPage) Institutions() []page.Option { return institutionOptions(e.Seat.Community) }

// Powers are what a mandate may let its holder do.
func (e enterPage) Powers() boxes {
	out := boxes{Name: "powers", Label: e.T("community.powers"), Options: page.Options(e.Words, "consult.power.", consultations.Powers())}
	for i := range out.Options {
		out.Options[i].Chosen = e.Form.Has("powers", out.Options[i].Value)
	}
	return out
}

// Known are the people who have spoken for the community before, each once.
func (e enterPage) Known() []page.Option {
	var out []page.Option
	for _, m := range slices.Backward(e.Seat.Community.Mandates) {
		if !slices.ContainsFunc(out, func(o page.Option) bool { return o.Value == string(m.Holder) }) {
			out = append(out, page.Option{Value: string(m.Holder), Label: m.Name.Body})
		}
	}
	return out
}

// Talks are the consultations to which a mandate can be limited.
func (e enterPage) Talks() []page.Option { return talkOptions(e.ours) }

func talkOptions(o ours) []page.Option {
	var out []page.Option
	for _, v := range views(o.Seat) {
		label := o.T("community.a_proposal")
		if v.Proposal != nil {
			label = v.Proposal.Title
		}
		out = append(out, page.Option{Value: string(v.Consultation), Label: label})
	}
	return out
}

// EnterMandate writes a mandate down.
func (p *Pages) EnterMandate(r *page.Request) error {
	form, err := p.mandateForm(r)
	var receipt record.Receipt
	if err == nil {
		receipt, err = p.Consultations.EnterMandate(r.Ctx(), r.Consult(), r.Sitting.Community.ID, form)
	}
	if invalid, ok := invalidIn(r, onField(err, "account", "email")); ok {
		return p.showEnter(r, invalid)
	}
	if err != nil {
		return err
	}
	r.Flash("flash.community_mandate")
	return r.Done(receipt, path(r.Sitting.Community.ID, "/mandates/"+string(receipt.ID)))
}

// mandateForm reads the form. An address is of an account that is there; without
// one the holder is a person who has none.
func (p *Pages) mandateForm(r *page.Request) (consultations.MandateForm, error) {
	f := consultations.MandateForm{
		Name: r.FormValue("name"), Holder: r.FormID("holder"), Institution: r.FormID("institution"), Powers: known(r.List("powers"), consultations.Powers()),
		Consultation: r.FormID("consultation"), Resolved: r.FormValue("resolution"), Resolution: evidence(r, "resolution"),
	}
	v := people.Invalid{}
	f.From = day(r, "from", v)
	if f.Until = day(r, "until", v); !f.Until.IsZero() {
		f.Until = f.Until.AddDate(0, 0, 1) // the last day counts
	}
	if err := v.Err(); err != nil {
		return f, err
	}
	if r.FormValue("email") == "" {
		return f, nil
	}
	account, err := p.accountOf(r, "email")
	if err != nil {
		return f, err
	}
	f.Account = account
	for _, m := range r.Sitting.Community.Mandates {
		if m.Account == account && f.Holder == "" {
			f.Holder = m.Holder // the person is known
		}
	}
	return f, nil
}

// day reads a day where the reader lives; none is the zero time.
func day(r *page.Request, field string, v people.Invalid) time.Time {
	typed := r.FormValue(field)
	if typed == "" {
		return time.Time{}
	}
	t, err := time.ParseInLocation(inputDay, typed, zone(r.Actor.Person))
	if err != nil {
		v.Add(field, "error.date", "example", inputDay)
	}
	return t
}
