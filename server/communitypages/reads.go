package communitypages

import (
	"cmp"
	"html/template"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server/page"
)

// readsPage says who has looked at the record.
type readsPage struct {
	ours
	page.Pager
	Chips   []page.Chip
	Filter  page.Form
	Reads   []readLine
	Total   int
	More    bool // there are older ones than the page goes back to
	Exports template.URL
}

// readLine is one look at the record, in plain words.
type readLine struct {
	consultations.ReadEntry
	Called, Role, Saw string
}

var readsTemplate = page.Must[readsPage]("communities/reads.html")

const (
	readsPerPage = 50
	mostReads    = 2000 // how far back the page and its file go
)

// Reads lists who has looked at the record, the newest first.
func (p *Pages) Reads(r *page.Request) error {
	base, err := p.open(r, "reads", "room.reads")
	if err != nil {
		return err
	}
	lines, more, err := p.readsOf(r, base)
	if err != nil {
		return err
	}
	q := r.QueryParams()
	at := min(page.Number(q.Get("page")), max(1, (len(lines)+readsPerPage-1)/readsPerPage))
	from := min(len(lines), (at-1)*readsPerPage)
	data := readsPage{
		ours: base, Pager: page.NewPager(r, at, len(lines), readsPerPage), Chips: chipsOf(r), Filter: r.Form(q, nil), Total: len(lines), More: more,
		Reads:   lines[from:min(len(lines), from+readsPerPage)],
		Exports: template.URL(url.Values{"q": {q.Get("q")}, "as": {q.Get("as")}, "what": {q.Get("what")}, "sort": {q.Get("sort")}}.Encode()), //nolint:gosec // encoded
	}
	return readsTemplate.OK(r, data)
}

// chipsOf are the filters that are set.
func chipsOf(r *page.Request) []page.Chip {
	chips := r.Chips("#found")
	chips.Add("q", r.P.T("community.read_who"), r.QueryParam("q"))
	if r.QueryParam("as") == string(fromOutside) {
		chips.Add("as", "", r.P.T("community.read_outside"))
	}
	chips.Code("as", r.P.T("community.read_as"), "consult.role.", string(page.OneOf(r.QueryParam("as"), roles())))
	chips.Code("what", r.P.T("community.read_what"), "community.read.", page.OneOf(r.QueryParam("what"), seen()))
	return chips.All
}

// readsOf reads, names, narrows and sorts what the address asks for.
func (p *Pages) readsOf(r *page.Request, base ours) (lines []readLine, more bool, err error) {
	found, err := p.Consultations.Reads(r.Ctx(), r.Sitting, mostReads)
	if err != nil {
		return nil, false, err
	}
	names, err := p.names(r, readers(found))
	if err != nil {
		return nil, false, err
	}
	as, what := page.OneOf(r.QueryParam("as"), append(roles(), fromOutside)), page.OneOf(r.QueryParam("what"), seen())
	words := strings.Fields(people.Fold(r.QueryParam("q")))
	for _, e := range found {
		line := base.readLine(e, names[e.Account])
		name := people.Fold(line.Called)
		missing := slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(name, word) })
		if !missing && (as == "" || e.As == as || (as == fromOutside && outside(e.As))) && (what == "" || codeOf(e.What) == what) {
			lines = append(lines, line)
		}
	}
	sortReads(lines, r.QueryParam("sort"))
	return lines, len(found) == mostReads, nil
}

// fromOutside is the filter for everyone who is not of the community.
const fromOutside consultations.Role = "outside"

func outside(as consultations.Role) bool {
	return as != consultations.Holder && as != consultations.Member
}

// sortReads: they come with the newest first.
func sortReads(lines []readLine, by string) {
	switch by {
	case "oldest":
		slices.Reverse(lines)
	case "name":
		slices.SortStableFunc(lines, func(a, b readLine) int { return cmp.Compare(people.Fold(a.Called), people.Fold(b.Called)) })
	}
}

func (o ours) readLine(e consultations.ReadEntry, name string) readLine {
	out := readLine{e, name, o.roleName(e.As), o.T("community.read." + codeOf(e.What))} // i18n: community.read.*
	for _, t := range talkOptions(o) {
		if t.Value == string(e.Subject) {
			out.Saw = o.T("list.chip", "name", out.Saw, "value", t.Label)
		}
	}
	if m, ok := o.Seat.Community.Mandate(e.Subject); ok {
		out.Saw = o.T("list.chip", "name", out.Saw, "value", m.Name.Body)
	}
	return out
}

// roles are those in which somebody can have looked.
func roles() []consultations.Role {
	return append([]consultations.Role{consultations.Holder}, consultations.Roles()...)
}

// seen are the codes of what can be looked at that have words of their own.
func seen() []string {
	return []string{
		"home", "list", "about", "protocol", "mandates", "mandate", "seats", "reads", "reads_file", "log", "prompts", "bundle", "consultation", "proposal", "plan", "disclosure", "sessions",
		"window", "draft", "decisions", "receipt", "conditions", "change", "contest", "stop", "release", "export", "file", "other",
	}
}

// codeOf is the code under which something that was looked at has words.
func codeOf(what string) string {
	return cmp.Or(page.OneOf(what, seen()), "other")
}

// RoleOptions are the roles to narrow the list to, everyone from outside first.
func (p readsPage) RoleOptions() []page.Option {
	all := []page.Option{{Value: string(fromOutside), Label: p.T("community.read_outside")}}
	return append(all, page.Options(p.Filter.Words, "consult.role.", roles())...)
}

// SeenOptions are what can be looked at.
func (p readsPage) SeenOptions() []page.Option {
	return page.Options(p.Filter.Words, "community.read.", seen())
}

// SortOptions are the orders of the list.
func (p readsPage) SortOptions() []page.Option {
	return page.Options(p.Filter.Words, "community.sort.", []string{"newest", "oldest", "name"}) // i18n: community.sort.*
}

// ReadsCSV is the list as it is narrowed, as a file.
func (p *Pages) ReadsCSV(r *page.Request) error {
	base, err := p.open(r, "reads_file", "room.reads")
	if err != nil {
		return err
	}
	lines, _, err := p.readsOf(r, base)
	if err != nil {
		return err
	}
	table := [][]string{{"time", "name", "role", "what", "entry"}}
	for _, l := range lines {
		table = append(table, []string{l.At.UTC().Format(time.RFC3339), l.Called, string(l.As), l.Saw, base.P.Number(int(l.Index))})
	}
	return page.SendCSV(r, "who-has-looked.csv", table)
}
