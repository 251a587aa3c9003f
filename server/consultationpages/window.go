package consultationpages

import (
	"net/url"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

type windowPage struct {
	scene
	Sheet sheet
}

var windowTemplate = page.Must[windowPage]("consultations/window.html")

// Window shows how much of the community's own time is left, and lets it take more.
func (p *Pages) Window(r *page.Request) error { return p.showWindow(r, trouble{}) }

func (p *Pages) showWindow(r *page.Request, t trouble) error {
	s, err := p.scene(r, "window", "consultation.window", t)
	if err != nil {
		return err
	}
	return windowTemplate.Show(r, s.Status(), windowPage{s, s.form("extend", url.Values{}, "until", "consultation.until")})
}

// Extend gives the community more time. There is no form that takes some away.
func (p *Pages) Extend(r *page.Request) error {
	until := dayIn(r, "until")
	var receipt record.Receipt
	err := error(people.Invalid{"until": {Key: "error.required"}})
	if !until.IsZero() {
		receipt, err = p.Consultations.ExtendWindow(r.Ctx(), r.Consult(), r.Sitting.Community.ID, r.ID("consultation"), versionOf(r), until)
	}
	return answer(r, receipt, err, "extend", here(r, "/time"), p.showWindow)
}
