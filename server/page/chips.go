package page

import "net/url"

// Chip is one filter that narrows a list, and the address of the list without it.
type Chip struct{ Text, Path string }

// Chips are the filters of a list that are set. They show how a list came to be
// as short as it is, above all to whoever followed a link to it.
type Chips struct {
	r      *Request
	anchor string // where on the page the list is, with its #
	All    []Chip
}

// Chips begins the filters of the list that the request asks for.
func (r *Request) Chips(anchor string) Chips { return Chips{r: r, anchor: anchor} }

// Add notes a filter by its name in the address and its words; none where value is "".
func (c *Chips) Add(param, name, value string) {
	if value == "" {
		return
	}
	text := value
	if name != "" {
		text = c.r.P.T("list.chip", "name", name, "value", value)
	}
	c.All = append(c.All, Chip{text, c.r.without(param) + c.anchor})
}

// Code notes a filter whose value is a code with words in the catalog.
func (c *Chips) Code(param, name, prefix, code string) {
	if code != "" {
		c.Add(param, name, c.r.P.T(prefix+code))
	}
}

// without is the request's address without one parameter, on the first page.
func (r *Request) without(param string) string {
	query := r.QueryParams()
	left := url.Values{}
	for name, values := range query {
		if name != param && name != "page" {
			left[name] = values
		}
	}
	address := url.URL{Path: r.Context.Request().URL.Path, RawQuery: left.Encode()}
	return address.String()
}
