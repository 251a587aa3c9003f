package consultationpages

import (
	"net/url"
	"slices"
	"strings"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/server/page"
)

type planPage struct {
	scene
	Sheet *sheet // nil for who cannot write it, or once both sides have agreed
	Agree *sheet // of the side that has not agreed yet
}

var planTemplate = page.Must[planPage]("consultations/plan.html")

// Plan shows how the two sides want to talk, and lets each agree to it.
func (p *Pages) Plan(r *page.Request) error { return p.showPlan(r, trouble{}) }

func (p *Pages) showPlan(r *page.Request, t trouble) error {
	s, err := p.scene(r, "plan", "consultation.plan", t)
	if err != nil {
		return err
	}
	data := planPage{scene: s}
	if s.canPlan() || s.Tried("plan") {
		form := s.form("plan", url.Values{"plan": {s.View.Plan}}, "plan", "consultation.plan_words")
		data.Sheet = &form
	}
	mine := s.side()
	waits := s.View.PlanMark != "" && mine != "" && !slices.Contains(s.View.PlanAgreed, string(mine)) && s.canPlan()
	if waits || s.Tried("agree") {
		form := s.form("agree", url.Values{}, "plan", "consultation.plan_words")
		data.Agree = &form
	}
	return planTemplate.Show(r, s.Status(), data)
}

// Sides are the two sides, each with whether it has agreed.
func (s planPage) Sides() []Tab {
	var out []Tab
	for side, picto := range map[consultations.Side]string{consultations.SideCommunity: "community", consultations.SideProponent: "guest"} {
		out = append(out, Tab{Picto: picto, Name: s.T("consultation.side." + string(side)), Current: slices.Contains(s.View.PlanAgreed, string(side))})
	}
	slices.SortFunc(out, func(a, b Tab) int { return strings.Compare(a.Picto, b.Picto) })
	return out
}

// canPlan tells whether there is a plan to write or agree to: once the community
// was invited, and until both sides have agreed.
func (s scene) canPlan() bool {
	possible, blocked := s.possible(consultations.MovePlan)
	return s.Can(string(consultations.Plan)) && (possible || blocked != nil) && !s.Old()
}

// side is the side for which the reader can agree to a plan, "" for none.
func (s scene) side() consultations.Side {
	c := s.Seat.Community
	if _, ok := c.HolderWith(s.Seat.Actor.ID(), consultations.Agree, s.talk.ID, s.View.At); ok {
		return consultations.SideCommunity
	}
	if p, _ := c.Proposal(s.talk.Proposal); p.Proponent == s.Seat.Actor.ID() {
		return consultations.SideProponent
	}
	return ""
}

// WritePlan says how the two sides want to talk; both agree to it anew.
func (p *Pages) WritePlan(r *page.Request) error {
	receipt, err := p.Consultations.WritePlan(r.Ctx(), r.Consult(), r.Sitting.Community.ID, r.ID("consultation"), r.FormValue("plan"))
	return answer(r, receipt, err, "plan", here(r, "/plan"), p.showPlan)
}

// AgreePlan is the reader's side's word for the plan that they were shown.
func (p *Pages) AgreePlan(r *page.Request) error {
	mark := consultations.Digest(r.FormValue("mark")) // none is refused as another plan
	receipt, err := p.Consultations.AgreePlan(r.Ctx(), r.Consult(), r.Sitting.Community.ID, r.ID("consultation"), mark)
	return answer(r, receipt, err, "agree", here(r, "/plan"), p.showPlan)
}
