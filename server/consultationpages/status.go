package consultationpages

import (
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/server/page"
)

// statusPage says to whoever holds a copy whether it still says how things stand.
type statusPage struct {
	scene
	Changed bool
	Made    string
}

var statusTemplate = page.Must[statusPage]("consultations/status.html")

// Status is the page behind a copy's link. Anybody may open it who has the link;
// one that leads nowhere is answered like any address that does not exist.
func (p *Pages) Status(r *page.Request) error {
	if p.Consultations == nil {
		return consultations.ErrHidden
	}
	status, err := p.Consultations.ByLink(r.Ctx(), r.Param("token"))
	if err != nil {
		return err
	}
	r.Response().Header().Set("Cache-Control", "no-store")
	r.Response().Header().Set("X-Robots-Tag", "noindex, nofollow")
	if r.WantsJSON() {
		return r.JSON(200, status)
	}
	s := scene{Base: r.Base(r.P.T("consultation.status")), zone: time.UTC, request: r}
	s.Consults, s.Plain = true, s.Title
	s.View.At, s.View.Aspects = status.At, status.Aspects
	return statusTemplate.OK(r, statusPage{s, status.Changed, s.When(status.Made)})
}
