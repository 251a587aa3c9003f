package communitypages

import (
	"cmp"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/server/page"
)

type listPage struct {
	page.Base
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
	data.Withdrawal = withdrawalIn(data.Words, seats)
	return listTemplate.OK(r, data)
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
