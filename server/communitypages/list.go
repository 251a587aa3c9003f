package communitypages

import (
	"cmp"
	"slices"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/server/page"
)

type listPage struct {
	page.Base
	Narrow     narrow
	Cards      []card
	Withdrawal *withdrawal
}

// card is a community in the list: its name as far as the reader may know it,
// what they are there, and how much waits for them.
type card struct {
	Path, Name, Role string
	About            []string // what was proposed there
	Waiting          int
	Next             *opened // the first of it
}

var listTemplate = page.Must[listPage]("communities/list.html")

// List shows the communities in which the reader has a seat. Nobody sees how
// many others there are.
func (p *Pages) List(r *page.Request) error {
	if p.Consultations == nil {
		return consultations.ErrHidden
	}
	seats, err := p.Consultations.Mine(r.Ctx(), r.Actor)
	if err != nil {
		return err
	}
	data := listPage{Base: r.Base(r.P.T("community.list"))}
	data.Plain = data.Title
	for _, seat := range seats {
		if err := p.Consultations.Reading(r.Ctx(), seat, "list", ""); err != nil {
			return err
		}
		data.Cards = append(data.Cards, cardOf(data.Base, seat))
	}
	data.Narrow = narrowList(r, len(data.Cards))
	data.Cards = narrowCards(r, data.Cards)
	data.Narrow.Count = data.T("community.list_count", "n", len(data.Cards))
	data.Withdrawal = withdrawalIn(data.Words, seats)
	return listTemplate.OK(r, data)
}

func narrowList(r *page.Request, all int) narrow {
	waits := []page.Option{{Value: "yes", Label: r.P.T("community.list_waits")}}
	return narrowed(r, "/communities", r.P.T("community.list_find")).
		By(r, "waits", r.P.T("community.list_only"), true, waits).
		By(r, "sort", r.P.T("community.sort"), false, page.Options(r.Words(), "community.sort.", []string{"name", "waiting"})).
		Of(all)
}

// narrowCards are the communities that the address asks for, by name where it asks
// for no order.
func narrowCards(r *page.Request, cards []card) []card {
	cards = slices.DeleteFunc(cards, func(c card) bool {
		return !finds(r.QueryParam("q"), append(c.About, c.Name)...) || (r.QueryParam("waits") == "yes" && c.Waiting == 0)
	})
	byName(cards, func(c card) string { return c.Name })
	if r.QueryParam("sort") == "waiting" {
		slices.SortStableFunc(cards, func(a, b card) int { return b.Waiting - a.Waiting })
	}
	return cards
}

func cardOf(base page.Base, seat consultations.Seat) card {
	o := ours{Base: base, Seat: seat}
	out := card{
		Path: o.Root(), Name: nameFor(base.Words, seat),
		Role: base.T("consult.role." + cmp.Or(string(roleOf(seat)), "member")),
	}
	waiting, _ := parted(asks(seat))
	for _, v := range views(seat) {
		if v.Proposal != nil {
			out.About = append(out.About, v.Proposal.Title)
		}
		asked, _ := parted(doors(seat, v))
		waiting = append(waiting, asked...)
	}
	if out.Waiting = len(waiting); out.Waiting > 0 {
		out.Next = &o.doors(waiting[:1])[0]
	}
	return out
}
