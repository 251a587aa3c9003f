package page

import (
	"net/url"
	"slices"
	"strconv"
)

// Pager leads through a list that does not fit on one page.
type Pager struct {
	Page, Pages int
	Previous    string // address, "" at the beginning
	Next        string // address, "" at the end
}

// NewPager makes a pager for page number at of total rows.
func NewPager(r *Request, at, total, perPage int) Pager {
	p := Pager{Page: max(1, at), Pages: max(1, (total+perPage-1)/perPage)}
	if p.Page > 1 {
		p.Previous = withPage(r.Context.Request().URL, p.Page-1)
	}
	if p.Page < p.Pages {
		p.Next = withPage(r.Context.Request().URL, p.Page+1)
	}
	return p
}

func withPage(u *url.URL, n int) string {
	q := u.Query()
	q.Set("page", strconv.Itoa(n))
	return u.Path + "?" + q.Encode()
}

// Number reads a page number; 1 for anything else, and no more than a million,
// beyond which no list goes.
func Number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > 1_000_000 {
		return 1
	}
	return n
}

// OneOf is s if it is one of the values, the empty value otherwise: what comes
// from an address is compared, never passed on.
func OneOf[T ~string](s string, values []T) T {
	if slices.Contains(values, T(s)) {
		return T(s)
	}
	return ""
}
