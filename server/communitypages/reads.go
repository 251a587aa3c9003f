package communitypages

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/server/page"
)

// readsPage says who has looked at the record: each person once a day, with what
// they saw. Single looks are folded behind it, and all of them are in the file.
type readsPage struct {
	ours
	page.Pager
	Narrow narrow
	Groups []readGroup
	More   bool // there are older ones than the page goes back to
}

// readLine is one look at the record, in plain words.
type readLine struct {
	consultations.ReadEntry
	Called, Role, Saw string
}

// readGroup is all that one person looked at on one day.
type readGroup struct {
	Called, Role, Date string
	Outside            bool
	N                  int
	Saw                string     // what, and how often
	Looks              []readLine // the newest of them
	More               int        // looks that only the file has
	at                 time.Time
}

var readsTemplate = page.Must[readsPage]("communities/reads.html")

const (
	groupsPerPage = 20
	looksShown    = 10   // of a person on a day
	mostReads     = 5000 // how far back the page and its file go
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
	groups := base.perPersonAndDay(lines, r.QueryParam("sort"))
	at := min(page.Number(r.QueryParam("page")), max(1, (len(groups)+groupsPerPage-1)/groupsPerPage))
	from := min(len(groups), (at-1)*groupsPerPage)
	n := narrowed(r, base.Root()+"/reads", r.P.T("community.read_who")).
		By(r, "as", r.P.T("community.read_as"), true, lookers(base)).
		By(r, "what", r.P.T("community.read_what"), true, page.Options(base.Words, "community.read.", seen())).
		By(r, "sort", r.P.T("community.sort"), false, page.Options(base.Words, "community.sort.", []string{"newest", "oldest", "name", "most"})). // i18n: community.sort.*
		File(base.Root() + "/reads.csv")
	n.Count = base.T("community.reads_count", "n", len(lines))
	return readsTemplate.OK(r, readsPage{
		ours: base, Pager: page.NewPager(r, at, len(groups), groupsPerPage), Narrow: n, More: more,
		Groups: groups[from:min(len(groups), from+groupsPerPage)],
	})
}

// readsOf reads, names and narrows what the address asks for, the newest first.
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
	saw := base.subjects()
	for _, e := range found {
		shown := (as == "" || e.As == as || (as == fromOutside && outside(e.As))) && (what == "" || codeOf(e.What) == what)
		if shown && finds(r.QueryParam("q"), names[e.Account]) {
			lines = append(lines, base.readLine(e, names[e.Account], saw))
		}
	}
	return lines, len(found) == mostReads, nil
}

// perPersonAndDay puts looks together: whoever comes a hundred times in a day is one
// line, in which nobody else is lost.
func (o ours) perPersonAndDay(lines []readLine, by string) []readGroup {
	type key struct{ who, as, day string }
	var order []key
	looks := map[key][]readLine{}
	for _, l := range lines {
		k := key{string(l.Account), string(l.As), l.At.In(zone(o.Reader())).Format(inputDay)}
		if looks[k] == nil {
			order = append(order, k)
		}
		looks[k] = append(looks[k], l)
	}
	out := make([]readGroup, 0, len(order))
	for _, k := range order {
		out = append(out, o.readGroup(looks[k]))
	}
	sortGroups(out, by)
	return out
}

func (o ours) readGroup(looks []readLine) readGroup {
	first := looks[0]
	var saw []string
	times := map[string]int{}
	for _, l := range looks {
		if times[l.Saw]++; times[l.Saw] == 1 {
			saw = append(saw, l.Saw)
		}
	}
	for i, what := range saw {
		if times[what] > 1 {
			saw[i] = o.T("community.saw_times", "what", what, "n", times[what])
		}
	}
	shown := looks[:min(len(looks), looksShown)]
	return readGroup{
		Called: first.Called, Role: first.Role, Date: o.Day(first.At), Outside: outside(first.As), N: len(looks),
		Saw: strings.Join(saw, " · "), Looks: shown, More: len(looks) - len(shown), at: first.At,
	}
}

// sortGroups: they come with the newest first.
func sortGroups(groups []readGroup, by string) {
	switch by {
	case "oldest":
		slices.Reverse(groups)
	case "name":
		byName(groups, func(g readGroup) string { return g.Called })
	case "most":
		slices.SortStableFunc(groups, func(a, b readGroup) int { return cmp.Compare(b.N, a.N) })
	}
}

// fromOutside is the filter for everyone who is not of the community.
const fromOutside consultations.Role = "outside"

func outside(as consultations.Role) bool {
	return as != consultations.Holder && as != consultations.Member
}

// subjects are the names of what a look can be about, by its id.
func (o ours) subjects() map[string]string {
	out := map[string]string{}
	for _, t := range talkOptions(o) {
		out[t.Value] = t.Label
	}
	for _, m := range o.Seat.Community.Mandates {
		out[string(m.ID)] = m.Name.Body
	}
	return out
}

func (o ours) readLine(e consultations.ReadEntry, name string, subjects map[string]string) readLine {
	out := readLine{e, name, o.roleName(e.As), o.T("community.read." + codeOf(e.What))} // i18n: community.read.*
	if about, ok := subjects[string(e.Subject)]; ok {
		out.Saw = o.T("list.chip", "name", out.Saw, "value", about)
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
		"home", "list", "about", "protocol", "mandates", "mandate", "mandates_file", "seats", "seats_file", "reads", "reads_file", "log", "prompts", "bundle",
		"consultation", "proposal", "plan", "disclosure", "sessions",
		"window", "draft", "decisions", "receipt", "conditions", "change", "contest", "stop", "release", "export", "file", "other",
	}
}

// codeOf is the code under which something that was looked at has words.
func codeOf(what string) string {
	return cmp.Or(page.OneOf(what, seen()), "other")
}

// lookers are the roles to narrow the list to, everyone from outside first.
func lookers(o ours) []page.Option {
	all := []page.Option{{Value: string(fromOutside), Label: o.T("community.read_outside")}}
	return append(all, o.roleOptions(roles())...)
}

// ReadsCSV is every look of the list as it is narrowed, as a file.
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
