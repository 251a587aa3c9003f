package communitypages

import (
	"cmp"
	"html/template"
	"net/url"
	"slices"
	"strings"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server/page"
)

// narrow is what narrows and sorts a list of these pages: words to look for, choices,
// and the order. All of it is in the address, so that the list can be come back to.
type narrow struct {
	page.Words
	Action  string // the address of the list
	Query   url.Values
	Looks   string // what the words are looked for in; "" for a list without words
	Choices []choice
	Chips   []page.Chip
	Count   string
	CSV     string // where the list is a file; "" for none
	Few     bool   // the list is read at a glance: there is nothing to narrow
}

// choice is one choice among several.
type choice struct {
	Name, Label string
	Any         bool // nothing may be chosen
	Options     []page.Option
}

// narrowed begins the filters of a list.
func narrowed(r *page.Request, action, looks string) narrow {
	n := narrow{Words: r.Words(), Action: action, Query: r.QueryParams(), Looks: looks}
	chips := r.Chips("#found")
	chips.Add("q", looks, n.Query.Get("q"))
	n.Chips = chips.All
	return n
}

// By adds a choice. One that is made shows above the list and can be taken away; the
// order of the list (Any is false) only shows in the form.
func (n narrow) By(r *page.Request, name, label string, anything bool, options []page.Option) narrow {
	chosen := n.Query.Get(name)
	options = slices.Clone(options)
	for i := range options {
		if options[i].Chosen = options[i].Value == chosen; options[i].Chosen && anything {
			chips := r.Chips("#found")
			chips.Add(name, label, options[i].Label)
			n.Chips = append(n.Chips, chips.All...)
		}
	}
	n.Choices = append(n.Choices, choice{name, label, anything, options})
	return n
}

// File says where the list as it is narrowed can be had as a file.
func (n narrow) File(address string) narrow {
	q := url.Values{}
	for name, values := range n.Query {
		if name != "page" && len(values) > 0 && values[0] != "" {
			q.Set(name, values[0])
		}
	}
	n.CSV = address
	if len(q) > 0 {
		n.CSV += "?" + q.Encode()
	}
	return n
}

// Export is the address of the file.
func (n narrow) Export() template.URL {
	return template.URL(n.CSV) //nolint:gosec // a path of ours and an encoded query
}

// Of says how long the list is as a whole. One of a few is shown without a filter.
func (n narrow) Of(total int) narrow {
	const glance = 5
	n.Few = total <= glance && len(n.Chips) == 0
	return n
}

// Q is what is looked for.
func (n narrow) Q() string { return n.Query.Get("q") }

// Open tells whether the form stands open: where something narrows the list already.
func (n narrow) Open() bool { return len(n.Chips) > 0 }

// finds tells whether all the words that are looked for stand in one of the texts,
// whatever their accents.
func finds(q string, texts ...string) bool {
	all := people.Fold(strings.Join(texts, " "))
	return !slices.ContainsFunc(strings.Fields(people.Fold(q)), func(word string) bool { return !strings.Contains(all, word) })
}

// byName sorts by what things are called, whatever their accents.
func byName[T any](list []T, name func(T) string) {
	slices.SortStableFunc(list, func(a, b T) int { return cmp.Compare(people.Fold(name(a)), people.Fold(name(b))) })
}
