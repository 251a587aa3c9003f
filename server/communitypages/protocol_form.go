package communitypages

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

// adoptPage is the form for the next version of the rules.
type adoptPage struct {
	ours
	Form page.Form
	Next int
	// Several says that the community has people who speak for it: as many as a
	// decision needs must write down the same.
	Several bool
	File    consultations.Digest
}

var adoptTemplate = page.Must[adoptPage]("communities/adopt.html")

// ProtocolForm offers the next version, as the one that holds now.
func (p *Pages) ProtocolForm(r *page.Request) error {
	if !r.Sitting.Owns() {
		return consultations.ErrRefused
	}
	return p.showAdopt(r, nil)
}

func (p *Pages) showAdopt(r *page.Request, invalid people.Invalid) error {
	base, err := p.open(r, "protocol", "adopt")
	if err != nil {
		return err
	}
	data := adoptOf(r, base, invalid)
	return adoptTemplate.Show(r, data.Form.Status(), data)
}

func adoptOf(r *page.Request, base ours, invalid people.Invalid) adoptPage {
	form := r.Form(valuesOf(r.Sitting.Community.Protocol()), invalid).Named(
		"institution", "community.adopted_by", "rule", "community.rule.words", "kind", "community.rule.kind", "confirmations", "community.figure.confirmations",
		"deliberate_days", "community.figure.deliberate_days", "internal_sessions", "community.figure.internal_sessions", "cooling_days", "community.figure.cooling_days",
		"cool_off_days", "community.figure.cool_off_days", "review_days", "community.figure.review_days", "mandate_hours", "community.figure.mandate_hours",
		"languages", "community.rule.languages", "not_recorded", "community.rule.not_recorded")
	base.under("/protocol", base.Say("room.protocol"))
	c := r.Sitting.Community
	return adoptPage{base, form, len(c.Protocols) + 1, founded(c), handed(r)}
}

// valuesOf fills the form with a version.
func valuesOf(p consultations.Protocol) url.Values {
	r := p.Rules
	out := url.Values{
		"institution": {string(p.Institution)}, "rule": {p.Rule.Body}, "not_recorded": {p.NotRecorded.Body}, "kind": {r.Kind}, "languages": {strings.Join(r.Languages, ", ")},
	}
	for name, n := range map[string]int{
		"confirmations": r.Quorum(), "deliberate_days": r.DeliberateDays, "internal_sessions": r.InternalSessions, "cooling_days": r.CoolingDays,
		"cool_off_days": r.CoolOffDays, "review_days": r.ReviewDays, "mandate_hours": int(r.MandateWait().Hours()),
	} {
		out.Set(name, strconv.Itoa(n))
	}
	out["groups"], out["forms"], out["media"] = texts(r.Groups), texts(r.Forms), texts(r.Media)
	if r.AnyElder {
		out.Set("any_elder", "1")
	}
	return out
}

func texts[T ~string](in []T) []string {
	var out []string
	for _, v := range in {
		out = append(out, string(v))
	}
	return out
}

// Institutions are the community's own, as choices.
func (a adoptPage) Institutions() []page.Option { return institutionOptions(a.Seat.Community) }

func institutionOptions(c *consultations.Community) []page.Option {
	var out []page.Option
	for _, i := range c.Institutions {
		out = append(out, page.Option{Value: string(i.ID), Label: i.Name.Body})
	}
	return out
}

// Kinds are the ways of deciding.
func (a adoptPage) Kinds() []page.Option { return page.Options(a.Words, "community.kind.", kinds()) }

// Boxes are what can be ticked, in groups.
func (a adoptPage) Boxes() []boxes {
	return []boxes{
		{"groups", a.T("community.rule.groups"), a.T("community.tick_groups"), a.ticked("groups", page.Options(a.Words, "consult.institution.", consultations.Bodies()))},
		{"media", a.T("community.rule.media"), a.T("community.tick_none"), a.ticked("media", page.Options(a.Words, "consult.medium.", consultations.Media()))},
		{"forms", a.T("community.rule.forms"), a.T("community.tick_none"), a.ticked("forms", page.Options(a.Words, "consult.form.", consultations.Forms()))},
	}
}

// boxes are several choices of which any may be taken.
type boxes struct {
	Name, Label, Hint string
	Options           []page.Option
}

func (a adoptPage) ticked(field string, options []page.Option) []page.Option {
	for i := range options {
		options[i].Chosen = a.Form.Has(field, options[i].Value)
	}
	return options
}

// Figures are the fields for numbers, in the order in which they come to count.
func (a adoptPage) Figures() []page.Field {
	var out []page.Field
	for _, name := range []string{"confirmations", "deliberate_days", "internal_sessions", "cooling_days", "cool_off_days", "review_days", "mandate_hours"} {
		out = append(out, a.Form.Field("number", name, "community.figure."+name).Need()) // i18n: community.figure.*
	}
	return out
}

// Adopt makes the next version of the rules.
func (p *Pages) Adopt(r *page.Request) error {
	receipt, err := p.Consultations.AdoptProtocol(r.Ctx(), r.Consult(), r.Sitting.Community.ID, protocolForm(r))
	if invalid, ok := invalidIn(r, err); ok {
		return p.showAdopt(r, invalid)
	}
	if err != nil {
		return err
	}
	return p.adopted(r, receipt)
}

// adopted leads to the rules, and says whether the new ones hold yet.
func (p *Pages) adopted(r *page.Request, receipt record.Receipt) error {
	before := r.Sitting.Community.Protocol().Version
	r.Flash(p.heard(r, "flash.community_protocol", func(c *consultations.Community) bool { return c.Protocol().Version > before }))
	return r.Done(receipt, path(r.Sitting.Community.ID, "/protocol"))
}

// Second is another holder's word for rules that one has moved.
func (p *Pages) Second(r *page.Request) error {
	receipt, err := p.Consultations.SecondProtocol(r.Ctx(), r.Consult(), r.Sitting.Community.ID, r.FormValue("motion"))
	if err != nil {
		return err
	}
	return p.adopted(r, receipt)
}

// protocolForm reads the rules from the form.
func protocolForm(r *page.Request) consultations.ProtocolForm {
	return consultations.ProtocolForm{
		Institution: r.FormID("institution"), Rule: r.FormValue("rule"), NotRecorded: r.FormValue("not_recorded"), Documents: evidence(r, "document"),
		Rules: consultations.Rules{
			Kind: page.OneOf(r.FormValue("kind"), kinds()), Confirmations: figure(r, "confirmations"), Groups: known(r.List("groups"), consultations.Bodies()),
			DeliberateDays: figure(r, "deliberate_days"), InternalSessions: figure(r, "internal_sessions"), CoolingDays: figure(r, "cooling_days"),
			MandateHours: figure(r, "mandate_hours"), CoolOffDays: figure(r, "cool_off_days"), ReviewDays: figure(r, "review_days"),
			Forms: known(r.List("forms"), consultations.Forms()), Languages: tags(r.FormValue("languages")), Media: known(r.List("media"), consultations.Media()),
			AnyElder: r.FormValue("any_elder") == "1",
		},
	}
}

// figure reads a number of the rules: none is 0, and what is no number is one that
// the rules refuse, so that no slip of the pen makes a rule.
func figure(r *page.Request, field string) int {
	typed := strings.TrimSpace(r.FormValue(field))
	if typed == "" {
		return 0
	}
	n, err := strconv.Atoi(typed)
	if err != nil {
		return -1
	}
	return n
}

// known are those of the values that are codes of a list.
func known[T ~string](in []string, all []T) []T {
	var out []T
	for _, v := range in {
		if code := page.OneOf(v, all); code != "" && !slices.Contains(out, code) {
			out = append(out, code)
		}
	}
	return out
}
