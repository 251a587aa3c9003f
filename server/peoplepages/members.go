package peoplepages

import (
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

type membersPage struct {
	formed // the form that invites
	page.Pager
	Dialogue dialogues.Dialogue
	Filter   page.Form
	Members  []memberLine
	Total    int
	Any      bool         // a filter is set
	Exports  template.URL // the filter as a query
	Waiting  []inviteLine // invitations that nobody has accepted yet
	Fresh    *freshInvite // just made, shown once
	Problem  string       // why the last change was refused
}

// memberLine is a seat with what may become of it.
type memberLine struct {
	dialogues.Member
	Choices []page.Option
	Mine    bool
}

var membersTemplate = page.Must[membersPage]("people/members.html")

// membersPerPage is how many seats a page shows.
const membersPerPage = 100

// Members lists who has a seat in the dialogue and who is invited.
func (p *Pages) Members(r *page.Request) error {
	return p.showMembers(r, http.StatusOK, func(*membersPage) {})
}

// showMembers shows the page after a change has been made to it.
func (p *Pages) showMembers(r *page.Request, status int, change func(*membersPage)) error {
	members, err := p.filtered(r)
	if err != nil {
		return err
	}
	waiting, err := p.waitingInvites(r)
	if err != nil {
		return err
	}
	d, q := r.Seat.Dialogue, r.QueryParams()
	title := r.P.T("invite.people")
	at := min(page.Number(q.Get("page")), max(1, (len(members)+membersPerPage-1)/membersPerPage))
	data := membersPage{
		formed:   formed{r.Base(title, dialogueCrumbs(r, title)...), r.Form(url.Values{"role": {string(dialogues.Participant)}}, nil)},
		Dialogue: d, Filter: r.Form(q, nil), Total: len(members), Any: q.Get("q") != "" || q.Get("role") != "",
		Exports: template.URL(url.Values{"q": {q.Get("q")}, "role": {q.Get("role")}}.Encode()), //nolint:gosec // encoded
		Waiting: waiting,
		Pager:   page.NewPager(r, at, len(members), membersPerPage),
	}
	from := min(len(members), (at-1)*membersPerPage)
	for _, m := range members[from:min(len(members), from+membersPerPage)] {
		data.Members = append(data.Members, memberLine{m, roleChoices(r.Words(), m), m.PersonID == r.Actor.ID()})
	}
	change(&data)
	return membersTemplate.Show(r, status, data)
}

// dialogueCrumbs lead from the list of dialogues to a page of one.
func dialogueCrumbs(r *page.Request, last string) []page.Crumb {
	d := r.Seat.Dialogue
	return []page.Crumb{{Path: "/dialogues", Name: r.P.T("nav.dialogues")}, {Path: dialoguePath(d.ID), Name: d.Title}, {Name: last}}
}

// filtered reads the members that the address asks for.
func (p *Pages) filtered(r *page.Request) ([]dialogues.Member, error) {
	members, err := p.Dialogues.Members(r.Ctx(), r.Seat.Dialogue.ID)
	if err != nil {
		return nil, err
	}
	role := page.OneOf(r.QueryParam("role"), dialogues.Roles())
	words := strings.Fields(people.Fold(r.QueryParam("q")))
	return slices.DeleteFunc(members, func(m dialogues.Member) bool {
		name := people.Fold(m.Name)
		missing := slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(name, word) })
		return missing || (role != "" && m.Role != role)
	}), nil
}

// roleChoices: a guest, who is known by one phone alone, takes part or observes.
func roleChoices(w page.Words, m dialogues.Member) []page.Option {
	roles := dialogues.Roles()
	if m.Kind == people.Guest {
		roles = []dialogues.Role{dialogues.Participant, dialogues.Observer}
	}
	out := page.Options(w, "role.", roles)
	for i := range out {
		out[i].Chosen = out[i].Value == string(m.Role)
	}
	return out
}

// RoleOptions are the roles, for the filter and for invitations.
func (m membersPage) RoleOptions() []page.Option {
	return page.Options(m.Form.Words, "role.", dialogues.Roles())
}

// ChangeMember gives a member another role or ends their seat.
func (p *Pages) ChangeMember(r *page.Request) error {
	role, flash := page.OneOf(r.FormValue("role"), dialogues.Roles()), "flash.account_role"
	if r.FormValue("remove") == "1" {
		role, flash = dialogues.Outsider, "flash.account_removed"
	} else if role == "" {
		return people.Invalid{"role": {Key: "error.choose_one"}}
	}
	person := r.FormID("person")
	receipt, err := p.Dialogues.SetRole(r.Ctx(), r.Call(), r.Seat.Dialogue.ID, person, role)
	if errors.Is(err, dialogues.ErrLastFacilitator) && !r.WantsJSON() {
		return p.showMembers(r, http.StatusConflict, func(m *membersPage) { m.Problem = r.P.T("invite.last_facilitator") })
	}
	if err != nil {
		return err
	}
	r.Flash(flash)
	next := dialoguePath(r.Seat.Dialogue.ID)
	if person != r.Actor.ID() {
		next += "/people"
	}
	return r.Done(receipt, next)
}

// MembersCSV exports the list as it is filtered.
func (p *Pages) MembersCSV(r *page.Request) error {
	members, err := p.filtered(r)
	if err != nil {
		return err
	}
	table := [][]string{{"name", "role", "stakeholder_group", "country", "kind", "since"}}
	for _, m := range members {
		table = append(table, []string{
			m.Name, string(m.Role), string(m.StakeholderGroup), m.Country, string(m.Kind), m.CreatedAt.UTC().Format("2006-01-02"),
		})
	}
	return page.SendCSV(r, "people.csv", table)
}

// nameOf finds the name of a member; a dash stands for one who has left.
func nameOf(members []dialogues.Member, id record.ID) string {
	for _, m := range members {
		if m.PersonID == id {
			return m.Name
		}
	}
	return "–"
}
