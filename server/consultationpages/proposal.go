package consultationpages

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

// proposePage puts a new proposal before a community.
type proposePage struct {
	page.Base
	Form      page.Form
	Community record.ID
	Says      string
	Self      bool          // the reader proposes in their own name
	Guests    []page.Option // who can answer for it: those let in as the project
}

var proposeTemplate = page.Must[proposePage]("consultations/propose.html")

// Propose shows the form of a new proposal. Nobody is asked anything by it.
func (p *Pages) Propose(r *page.Request) error { return p.showPropose(r, trouble{}) }

func (p *Pages) showPropose(r *page.Request, t trouble) error {
	c := r.Sitting.Community
	if err := p.Consultations.Reading(r.Ctx(), r.Sitting, "proposal", ""); err != nil {
		return err
	}
	title := r.P.T("consultation.propose")
	name := r.P.T("consultation.community")
	if r.Sitting.Can(consultations.SeeAll, "") {
		name = c.Name.Body
	}
	guests, err := p.guests(r)
	if err != nil {
		return err
	}
	values := url.Values{}
	if len(guests) == 1 {
		values.Set("guest", guests[0].Value)
	}
	data := proposePage{
		Base:      r.Base(title, page.Crumb{Path: "/communities", Name: r.P.T("community.list")}, page.Crumb{Path: "/communities/" + string(c.ID), Name: name}, page.Crumb{Name: title}),
		Form:      r.Form(values, t.invalid).Named("guest", "consultation.guest", "proponent", "consultation.proponent", "title", "consultation.proposal_title", "summary", "consultation.summary", "aspects", "consultation.parts"),
		Community: c.ID, Says: t.says, Self: proposesOnly(r.Sitting), Guests: guests,
	}
	data.Consults, data.Plain = true, title
	status := t.status
	if status == 0 {
		status = http.StatusOK
	}
	return proposeTemplate.Show(r, status, data)
}

// proposesOnly tells whether somebody can propose in their own name alone.
func proposesOnly(s consultations.Seat) bool {
	return s.Is("", consultations.Proponent) && !s.Is("", consultations.Facilitator)
}

// guests are those who sit before the community as the project, by name, for who
// may see who sits there.
func (p *Pages) guests(r *page.Request) ([]page.Option, error) {
	if !r.Sitting.Can(consultations.SeeAll, "") {
		return nil, nil
	}
	ids := guestsOf(r.Sitting.Community)
	names, err := people.Names(r.Ctx(), p.People.Read, ids)
	if err != nil {
		return nil, err
	}
	var out []page.Option
	for _, id := range ids {
		if names[id] != "" {
			out = append(out, page.Option{Value: string(id), Label: names[id]})
		}
	}
	return page.ByName(out), nil
}

// guestsOf are the accounts that sit there as the project, each once.
func guestsOf(c *consultations.Community) (ids []record.ID) {
	for _, sits := range c.Seats {
		if sits.Role == consultations.Proponent && sits.Ended.IsZero() && !slices.Contains(ids, sits.Account) {
			ids = append(ids, sits.Account)
		}
	}
	return ids
}

// AddProposal puts a proposal before the community.
func (p *Pages) AddProposal(r *page.Request) error {
	in, err := p.readProposal(r)
	var receipt record.Receipt
	if err == nil {
		receipt, err = p.Consultations.Propose(r.Ctx(), r.Consult(), r.Sitting.Community.ID, in)
	}
	return answer(r, receipt, err, "propose", path(r.Sitting.Community.ID, receipt.ID, ""), p.showPropose)
}

// readProposal reads a proposal. Who answers for it is one of those who sit there
// already, or named by the address of their account, since nobody can look through
// the accounts. An address that is typed says more than a choice that stood there.
func (p *Pages) readProposal(r *page.Request) (consultations.ProposalForm, error) {
	in := consultations.ProposalForm{
		Proponent: r.Actor.ID(), Title: r.FormValue("title"), Summary: r.FormValue("summary"), Answers: r.FormValue("answers"), Aspects: linesOf(r, "aspects"),
	}
	if proposesOnly(r.Sitting) {
		return in, nil
	}
	email, guests := people.NormalEmail(r.FormValue("proponent")), guestsOf(r.Sitting.Community)
	if guest := r.FormID("guest"); email == "" && slices.Contains(guests, guest) {
		in.Proponent = guest
		return in, nil
	}
	if email == "" && len(guests) > 0 {
		return in, people.Invalid{"guest": {Key: "error.choose_one"}}
	}
	person, err := p.People.ByEmail(r.Ctx(), email)
	if errors.Is(err, people.ErrNotFound) {
		return in, people.Invalid{"proponent": {Key: "consult.error.no_account"}}
	}
	in.Proponent = person.ID
	return in, err
}

// linesOf reads a field with one thing a line.
func linesOf(r *page.Request, field string) []string {
	var out []string
	for line := range strings.Lines(r.FormValue(field)) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

type versionPage struct {
	scene
	Sheet sheet
}

var versionTemplate = page.Must[versionPage]("consultations/version.html")

// NextVersion shows the form of the proposal's next version, filled with this one.
func (p *Pages) NextVersion(r *page.Request) error { return p.showVersion(r, trouble{}) }

func (p *Pages) showVersion(r *page.Request, t trouble) error {
	s, err := p.scene(r, "proposal", "consultation.next_version", t)
	if err != nil {
		return err
	}
	values := url.Values{}
	if v := s.View.Proposal; v != nil {
		values = url.Values{"title": {v.Title}, "summary": {v.Summary}, "answers": {v.Answers}}
	}
	var parts []string
	for _, a := range s.View.Aspects {
		parts = append(parts, a.Title)
	}
	values.Set("aspects", strings.Join(parts, "\n"))
	return versionTemplate.Show(r, s.Status(), versionPage{s, s.form("version", values,
		"title", "consultation.proposal_title", "summary", "consultation.summary", "answers", "consultation.answers_no", "aspects", "consultation.parts")})
}

// AddVersion makes the next version. It inherits no answer.
func (p *Pages) AddVersion(r *page.Request) error {
	receipt, err := p.Consultations.ChangeProposal(r.Ctx(), r.Consult(), r.Sitting.Community.ID, r.ID("consultation"), consultations.ProposalForm{
		Title: r.FormValue("title"), Summary: r.FormValue("summary"), Answers: r.FormValue("answers"), Aspects: linesOf(r, "aspects"),
	})
	return answer(r, receipt, err, "version", here(r, ""), p.showVersion)
}
