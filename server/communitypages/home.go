package communitypages

import (
	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/server/page"
)

type homePage struct {
	page.Base
	Seat consultations.Seat
	Name string
}

var homeTemplate = page.Must[homePage]("communities/home.html")

// Home is where a community begins: what is asked of it, how much time is left,
// what it has decided, what can be done now.
func (p *Pages) Home(r *page.Request) error {
	if err := p.Consultations.Reading(r.Ctx(), r.Sitting, "home", ""); err != nil {
		return err
	}
	name := r.Sitting.Community.Name.Body
	return homeTemplate.OK(r, homePage{r.Base(name, page.Crumb{Path: "/communities", Name: r.P.T("community.list")}, page.Crumb{Name: name}), r.Sitting, name})
}
