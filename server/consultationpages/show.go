package consultationpages

import (
	"net/http"
	"strconv"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/server/page"
)

type showPage struct {
	scene
	Way     page.Way
	Deeds   []deed
	Machine []place
	Changed []piece // what differs from the version before
}

var showTemplate = page.Must[showPage]("consultations/show.html")

// Show is a consultation in one version, as far as the reader sees it. Its twin
// for programs is the view itself.
func (p *Pages) Show(r *page.Request) error {
	if r.WantsJSON() {
		s, err := p.scene(r, "consultation", "", trouble{})
		if err != nil {
			return err
		}
		return r.JSON(http.StatusOK, s.View)
	}
	return p.show(r, trouble{})
}

func (p *Pages) show(r *page.Request, t trouble) error {
	s, err := p.scene(r, "consultation", "", t)
	if err != nil {
		return err
	}
	data := showPage{scene: s, Way: s.WayOf(s.View, s.us, s.zone), Deeds: s.deeds(), Machine: s.machine(), Changed: s.changed()}
	return showTemplate.Show(r, s.Status(), data)
}

// Move takes a step that is no decision: to invite, to say that everything was
// told, to ask for more, to open the talks again.
func (p *Pages) Move(r *page.Request) error {
	move := consultations.Move(r.FormValue("move"))
	receipt, err := p.Consultations.Move(r.Ctx(), r.Consult(), r.Sitting.Community.ID, r.ID("consultation"), versionOf(r), move, r.FormValue("reason"))
	again, next := p.show, here(r, "")
	if move == consultations.MoveReceive || move == consultations.MoveAskMore {
		again, next = p.told, here(r, "/told")
	}
	return answer(r, receipt, err, "move-"+string(move), next, again)
}

// Versions lists the versions of the proposal, the newest first.
func (s scene) Versions() []Tab {
	if s.View.Proposal == nil || s.View.Proposal.Of < 2 {
		return nil
	}
	var out []Tab
	for n := s.View.Proposal.Of; n > 0; n-- {
		at := path(s.View.Community, s.View.Consultation, "?version="+strconv.Itoa(n))
		out = append(out, Tab{Path: at, Name: s.T("consultation.version", "number", n), Current: n == s.Version})
	}
	return out
}

// Old tells whether a newer version lies before the community.
func (s scene) Old() bool { return s.Version < s.Newest }
