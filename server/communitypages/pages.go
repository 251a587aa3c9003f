// Package communitypages holds the pages of a community: its own home, what it
// says of itself, its institutions and rules, who speaks for it, who may come
// near, who has seen its record, and the proofs that it keeps.
//
// They come first in the community's words. Who may do what is decided in
// consultations; each handler reads a form, calls one action or query, and
// renders or redirects.
package communitypages

import (
	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

// Pages are the pages of communities.
type Pages struct {
	Kit           *page.Kit
	Consultations *consultations.Service // nil where there are no consultations
	People        *people.Service
}

// path is the address of a community, or of something of it.
func path(community record.ID, rest string) string { return "/communities/" + string(community) + rest }

// crumbs lead from the list of communities to a page of one.
func crumbs(r *page.Request, last string) []page.Crumb {
	return []page.Crumb{
		{Path: "/communities", Name: r.P.T("community.list")},
		{Path: path(r.Sitting.Community.ID, ""), Name: r.Sitting.Community.Name.Body},
		{Name: last},
	}
}
