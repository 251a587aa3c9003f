package adminpages

import (
	"html/template"
	"net/url"
	"time"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

type peoplePage struct {
	page.Base
	page.Pager
	Form    page.Form
	People  []personLine
	Total   int64
	Any     bool         // a filter is set
	Exports template.URL // the filter as a query
}

// personLine is a person as the operator sees them: neither passphrase nor
// second factor can come into a page from here.
type personLine struct {
	ID            record.ID
	Kind          people.Kind
	Name          string
	Email         string
	Group         people.Group
	Country       string
	Since         string
	Suspended     string // since when; "" for not at all
	Convener      bool
	Administrator bool
	HasTOTP       bool
	HasPassphrase bool
	Me            bool
}

var peopleTemplate = page.Must[peoplePage]("admin/people.html")

// kinds are those one can ask for; authors of imported material are no people here.
func kinds() []people.Kind { return []people.Kind{people.Account, people.Guest} }

func peopleFilter(r *page.Request) people.Filter {
	q := r.QueryParams()
	return people.Filter{
		Search: q.Get("q"), Group: page.OneOf(q.Get("group"), people.Groups()), Kind: page.OneOf(q.Get("kind"), kinds()),
		Suspended: q.Get("suspended") == "1", Page: page.Number(q.Get("page")),
	}
}

// ListPeople shows who has an account or was a guest.
func (p *Pages) ListPeople(r *page.Request) error {
	f := peopleFilter(r)
	found, total, err := p.People.List(r.Ctx(), f)
	if err != nil {
		return err
	}
	title := r.P.T("admin.people")
	q := url.Values{"q": {f.Search}, "group": {string(f.Group)}, "kind": {string(f.Kind)}}
	if f.Suspended {
		q.Set("suspended", "1")
	}
	data := peoplePage{
		Base: r.Base(title, crumbs(r, title)...), Pager: page.NewPager(r, f.Page, int(total), people.PerPage), Form: r.Form(r.QueryParams(), nil),
		Total: total, Any: f.Search != "" || f.Group != "" || f.Kind != "" || f.Suspended, Exports: template.URL(q.Encode()), //nolint:gosec // encoded

	}
	for _, person := range found {
		data.People = append(data.People, lineOf(r, person))
	}
	return peopleTemplate.OK(r, data)
}

func lineOf(r *page.Request, person people.Person) personLine {
	line := personLine{
		ID: person.ID, Kind: person.Kind, Name: person.Name, Email: person.Email, Group: person.StakeholderGroup,
		Country: person.Country, Since: r.P.ShortDate(person.CreatedAt, zone(r)), Convener: person.Convener, Administrator: person.Administrator,
		HasTOTP: person.TOTPSecret != "", HasPassphrase: person.Passphrase != "", Me: person.ID == r.Actor.ID(),
	}
	if person.SuspendedAt != nil {
		line.Suspended = r.P.Date(*person.SuspendedAt, zone(r))
	}
	return line
}

// KindOptions are the kinds of person one can ask for.
func (l peoplePage) KindOptions() []page.Option {
	return page.Options(l.Words, "admin.kind.", kinds()) //i18n:admin.kind.*
}

// mostExported bounds the export; more must be narrowed by a filter.
const mostExported = 10_000

// PeopleCSV exports the list as it is filtered.
func (p *Pages) PeopleCSV(r *page.Request) error {
	f := peopleFilter(r)
	table := [][]string{{"id", "kind", "name", "email", "stakeholder_group", "country", "convener", "administrator", "suspended", "since"}}
	for f.Page = 1; len(table) <= mostExported; f.Page++ {
		found, total, err := p.People.List(r.Ctx(), f)
		if err != nil {
			return err
		}
		for _, person := range found {
			table = append(table, rowOf(person))
		}
		if len(found) == 0 || int64(f.Page*people.PerPage) >= total {
			break
		}
	}
	return page.SendCSV(r, "people.csv", table)
}

func rowOf(p people.Person) []string {
	yes := map[bool]string{true: "yes", false: "no"}
	return []string{
		string(p.ID), string(p.Kind), p.Name, p.Email, string(p.StakeholderGroup), p.Country,
		yes[p.Convener], yes[p.Administrator], yes[p.SuspendedAt != nil], p.CreatedAt.UTC().Format(time.RFC3339),
	}
}
