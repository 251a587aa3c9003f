package dialoguepages

import (
	"cmp"
	"html/template"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server/page"
)

type listPage struct {
	page.Base
	page.Pager
	Form    page.Form
	Cards   []cardView
	Total   int64
	Exports template.URL // the filter as a query, for the export links
	Chips   []page.Chip
}

var listTemplate = page.Must[listPage]("dialogues/list.html")

// listFilter reads the filter from the address. Only the names below do
// anything, so that no column can be asked about through a back door.
func listFilter(r *page.Request) dialogues.ListFilter {
	q := r.QueryParams()
	country, _ := people.CountryByCode(q.Get("country"))
	return dialogues.ListFilter{
		Search: q.Get("q"), Kind: page.OneOf(q.Get("kind"), dialogues.Kinds()), State: page.OneOf(q.Get("state"), dialogues.States()),
		Country: country.Code, Mine: q.Get("mine") == "1", Order: cmp.Or(page.OneOf(q.Get("sort"), dialogues.Orders()), dialogues.Active),
		Page: page.Number(q.Get("page")),
	}
}

// List shows the dialogues the reader may know of.
func (p *Pages) List(r *page.Request) error {
	f := listFilter(r)
	cards, total, err := p.Dialogues.List(r.Ctx(), r.Actor, f)
	if err != nil {
		return err
	}
	data := listPage{
		Base: r.Base(r.P.T("nav.dialogues")), Form: r.Form(r.QueryParams(), nil), Total: total,
		Pager: page.NewPager(r, f.Page, int(total), dialogues.PerPage), Exports: template.URL(queryWithout(r.QueryParams(), "page").Encode()), //nolint:gosec // encoded
		Chips: listChips(r, f),
	}
	for _, c := range cards {
		data.Cards = append(data.Cards, cardView{r.Words(), c})
	}
	return listTemplate.OK(r, data)
}

// listChips are the filters that are set.
func listChips(r *page.Request, f dialogues.ListFilter) []page.Chip {
	c := r.Chips("")
	c.Add("q", r.P.T("list.search"), f.Search)
	c.Code("kind", r.P.T("list.kind"), "dialogue.kind.", string(f.Kind))
	c.Code("state", r.P.T("list.state"), "state.", string(f.State))
	if f.Country != "" {
		c.Add("country", r.P.T("list.country"), r.P.Country(f.Country))
	}
	if f.Mine {
		c.Add("mine", "", r.P.T("list.mine"))
	}
	return c.All
}

// KindOptions, StateOptions and the others are the choices of the filter.
func (l listPage) KindOptions() []page.Option {
	return page.Options(l.Words, "dialogue.kind.", dialogues.Kinds())
}

// StateOptions are the states one can ask for; drafts are seen by who prepares them.
func (l listPage) StateOptions() []page.Option {
	return page.Options(l.Words, "state.", dialogues.States())
}

// OrderOptions are the ways to sort.
func (l listPage) OrderOptions() []page.Option {
	return page.Options(l.Words, "sort.", dialogues.Orders())
}

func queryWithout(q url.Values, name string) url.Values {
	out := url.Values{}
	for key, values := range q {
		if key != name {
			out[key] = values
		}
	}
	return out
}

// listed is a dialogue as lists give it away: JSON, and the columns of the CSV.
// The counts are left out where the reader may not see what they count.
type listed struct {
	ID            string    `json:"id"`
	Title         string    `json:"title"`
	Kind          string    `json:"kind"`
	State         string    `json:"state"`
	Visibility    string    `json:"visibility"`
	Languages     string    `json:"languages"`
	Countries     string    `json:"countries"`
	Organiser     string    `json:"organiser"`
	Contributions *int64    `json:"contributions,omitempty"`
	People        *int64    `json:"people,omitempty"`
	Created       time.Time `json:"created"`
	URL           string    `json:"url"`
}

// exportLimit bounds an export; more must be narrowed by a filter.
const exportLimit = 10000

func (p *Pages) listed(r *page.Request) ([]listed, error) {
	f := listFilter(r)
	f.Page, f.Limit = 1, exportLimit
	cards, _, err := p.Dialogues.List(r.Ctx(), r.Actor, f)
	out := make([]listed, len(cards))
	for i, c := range cards {
		out[i] = listed{
			string(c.ID), c.Title, string(c.Kind), string(c.State), string(c.Visibility), c.Languages, strings.Join(c.Countries, " "),
			c.Organiser, nil, nil, c.CreatedAt, p.Kit.BaseURL + dialoguePath(c.ID),
		}
		if c.Sees {
			out[i].Contributions, out[i].People = &c.Contributions, &c.People
		}
	}
	return out, err
}

// ListJSON exports the list as JSON.
func (p *Pages) ListJSON(r *page.Request) error {
	rows, err := p.listed(r)
	if err != nil {
		return err
	}
	return page.SendJSON(r, "dialogues.json", rows)
}

// ListCSV exports the list as CSV.
func (p *Pages) ListCSV(r *page.Request) error {
	rows, err := p.listed(r)
	if err != nil {
		return err
	}
	table := [][]string{{"id", "title", "kind", "state", "visibility", "languages", "countries", "organiser", "contributions", "people", "created", "url"}}
	for _, d := range rows {
		table = append(table, []string{
			d.ID, d.Title, d.Kind, d.State, d.Visibility, d.Languages, d.Countries, d.Organiser,
			countOf(d.Contributions), countOf(d.People), d.Created.Format(time.RFC3339), d.URL,
		})
	}
	return page.SendCSV(r, "dialogues.csv", table)
}

// countOf is a count as a cell, empty where there is none.
func countOf(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}
