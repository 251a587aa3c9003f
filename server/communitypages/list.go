package communitypages

import (
	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/server/page"
)

type listPage struct {
	page.Base
	Seats []consultations.Seat
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
	return listTemplate.OK(r, listPage{r.Base(r.P.T("community.list")), seats})
}
