package consultationpages

import (
	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/server/page"
)

type showPage struct {
	page.Base
	View consultations.View
	Seat consultations.Seat
}

var showTemplate = page.Must[showPage]("consultations/show.html")

// Show is a consultation in one version, as far as the reader sees it.
func (p *Pages) Show(r *page.Request) error {
	view, err := p.view(r)
	if err != nil {
		return err
	}
	if r.WantsJSON() {
		return r.JSON(200, view)
	}
	title := r.P.T("consultation.title")
	if view.Proposal != nil {
		title = view.Proposal.Title
	}
	crumbs := []page.Crumb{{Path: "/communities", Name: r.P.T("community.list")}, {Path: "/communities/" + string(view.Community), Name: view.Name}, {Name: title}}
	return showTemplate.OK(r, showPage{r.Base(title, crumbs...), view, r.Sitting})
}

// view is what the reader sees of the consultation that the address names. That
// they look is entered before they see anything.
func (p *Pages) view(r *page.Request) (consultations.View, error) {
	c := r.Sitting.Community
	x := c.Consultation(r.ID("consultation"))
	if x == nil {
		return consultations.View{}, consultations.ErrHidden
	}
	proposal, _ := c.Proposal(x.Proposal)
	version := page.Number(r.QueryParam("version"))
	if r.QueryParam("version") == "" {
		version = proposal.Newest().Number
	}
	view, ok := r.Sitting.See(x, version)
	if !ok {
		return consultations.View{}, consultations.ErrHidden
	}
	return view, p.Consultations.Reading(r.Ctx(), r.Sitting, "consultation", x.ID)
}
