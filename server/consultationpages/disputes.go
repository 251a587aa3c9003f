package consultationpages

import (
	"net/url"
	"slices"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

type conditionsPage struct {
	scene
	Conditions []condition
}

// condition is a condition of an answer, with the form that says how it stands.
type condition struct {
	consultations.ConditionView
	Parts, Standing string
	Sheet           *sheet
}

var conditionsTemplate = page.Must[conditionsPage]("consultations/conditions.html")

// Conditions shows the conditions of the answers that stand, and lets those who
// check them say how they stand.
func (p *Pages) Conditions(r *page.Request) error { return p.showConditions(r, trouble{}) }

func (p *Pages) showConditions(r *page.Request, t trouble) error {
	s, err := p.scene(r, "conditions", "consultation.conditions", t)
	if err != nil {
		return err
	}
	return conditionsTemplate.Show(r, s.Status(), conditionsPage{s, s.conditions()})
}

// conditions are those that the reader sees, each once, with the parts it holds for.
func (s scene) conditions() []condition {
	var out []condition
	parts := map[record.ID][]record.ID{}
	for _, a := range s.View.Aspects {
		for _, k := range a.Conditions {
			if parts[k.ID] == nil {
				out = append(out, condition{ConditionView: k, Standing: s.T("consult.condition." + string(k.Status))})
			}
			parts[k.ID] = append(parts[k.ID], a.ID)
		}
	}
	for i := range out {
		k := &out[i]
		k.Parts = s.PartNames(parts[k.ID])
		if s.Can(string(consultations.Verify)) {
			form := s.form("condition-"+string(k.ID), url.Values{"status": {string(k.Status)}}, "status", "consultation.condition_status", "finding", "consultation.finding")
			k.Sheet = form.to("/conditions/" + string(k.ID))
		}
	}
	return out
}

// ConditionChoices are the ways in which a condition can stand. Giving one up is
// the community's alone.
func (s sheet) ConditionChoices() []page.Option {
	all := []consultations.ConditionStatus{consultations.ConditionOpen, consultations.ConditionMet, consultations.ConditionBroken}
	if s.Can(string(consultations.Confirm)) {
		all = append(all, consultations.ConditionWaived)
	}
	return page.Options(s.Words, "consult.condition.", all)
}

// SetCondition says how a condition stands.
func (p *Pages) SetCondition(r *page.Request) error {
	waives := r.FormValue("status") == string(consultations.ConditionWaived)
	if waives && r.Sitting.Can(consultations.Confirm, r.ID("consultation")) { // nobody else is heard
		if err := r.Decides(); err != nil {
			return err
		}
	}
	id := r.ID("condition")
	receipt, err := p.Consultations.SetCondition(r.Ctx(), r.Consult(), r.Sitting.Community.ID, r.ID("consultation"), id,
		consultations.ConditionStatus(r.FormValue("status")), r.FormValue("finding"))
	if err == nil && waives && p.waits(r, id) {
		r.Flash("flash.community_word")
		return r.Done(receipt, here(r, "/conditions"))
	}
	return answer(r, receipt, err, "condition-"+string(id), here(r, "/conditions"), p.showConditions)
}

// waits tells whether giving a condition up takes the word of others, too.
func (p *Pages) waits(r *page.Request, condition record.ID) bool {
	seat, err := p.Consultations.SeatOf(r.Ctx(), r.Actor, r.Sitting.Community.ID)
	if err != nil {
		return false
	}
	x := seat.Community.Consultation(r.ID("consultation"))
	return x != nil && slices.ContainsFunc(x.Conditions, func(k consultations.Condition) bool {
		return k.ID == condition && k.Status != consultations.ConditionWaived
	})
}

// RaiseChange says that something is not as it was told.
func (p *Pages) RaiseChange(r *page.Request) error {
	receipt, err := p.Consultations.RaiseChange(r.Ctx(), r.Consult(), r.Sitting.Community.ID, r.ID("consultation"), versionOf(r), partsOf(r), r.FormValue("what"))
	return answer(r, receipt, err, "change", here(r, ""), p.showChange)
}

type contestPage struct {
	scene
	Contests []contest
	Sheet    *sheet // of who can say that something is disputed
}

var contestTemplate = page.Must[contestPage]("consultations/contest.html")

// Contest shows what is disputed, and the forms by which the community's own
// institution rules on it.
func (p *Pages) Contest(r *page.Request) error { return p.showContest(r, trouble{}) }

func (p *Pages) showContest(r *page.Request, t trouble) error {
	s, err := p.scene(r, "contest", "consultation.contest", t)
	if err != nil {
		return err
	}
	data := contestPage{scene: s}
	if s.SeesAll() {
		data.Contests = s.contests()
	}
	if s.canDispute() {
		form := s.form("dispute", url.Values{}, "aspects", "consultation.which_parts", "reason", "consultation.reason")
		data.Sheet = &form
	}
	return contestTemplate.Show(r, s.Status(), data)
}

// canDispute: a holder, and a body that hears grievances.
func (s scene) canDispute() bool {
	return s.Seat.Is(s.View.Consultation, consultations.Holder, consultations.Ombudsman)
}

// contest is something disputed, with the form by which the institution rules.
type contest struct {
	consultations.ContestView
	Parts   string
	Sheet   *sheet
	Options []page.Option
}

// contests are those that are open, and those that were ruled on.
func (s scene) contests() []contest {
	var out []contest
	for _, t := range slices.Backward(s.View.Contests) {
		one := contest{ContestView: t, Parts: s.T("consultation.all_parts")}
		if len(t.Aspects) > 0 {
			one.Parts = s.PartNames(t.Aspects)
		}
		if !t.Resolved && s.Can(string(consultations.Rule)) {
			one.Sheet = s.form("rule-"+string(t.ID), url.Values{}, "stands", "consultation.stands").to("/contest/" + string(t.ID))
			one.Options = s.standing()
		}
		out = append(out, one)
	}
	return out
}

// standing are the answers between which the institution chooses.
func (s scene) standing() []page.Option {
	var out []page.Option
	for _, d := range s.View.Decisions {
		if !d.Void {
			label := s.T("consultation.answer_of", "answer", s.T("consult.decision."+string(d.Type)), "parts", s.PartNames(d.Aspects), "entry", d.Entry)
			out = append(out, page.Option{Value: string(d.ID), Label: label})
		}
	}
	return out
}

// Dispute says that what stands is contested.
func (p *Pages) Dispute(r *page.Request) error {
	receipt, err := p.Consultations.Dispute(r.Ctx(), r.Consult(), r.Sitting.Community.ID, r.ID("consultation"), partsOf(r), institutionOf(r), r.FormValue("reason"))
	return answer(r, receipt, err, "dispute", here(r, "/contest"), p.showContest)
}

// institutionOf is the institution that the reader speaks for, "" for none.
func institutionOf(r *page.Request) record.ID {
	for _, power := range consultations.Powers() {
		if m, ok := r.Sitting.Community.HolderWith(r.Actor.ID(), power, r.ID("consultation"), r.Sitting.At); ok {
			return m.Institution
		}
	}
	return ""
}

// Rule is one holder's word on which answer stands.
func (p *Pages) Rule(r *page.Request) error {
	if err := r.Decides(); err != nil {
		return err
	}
	id := r.ID("contest")
	receipt, err := p.Consultations.RuleOnContest(r.Ctx(), r.Consult(), r.Sitting.Community.ID, r.ID("consultation"), id, r.FormID("stands"))
	return answer(r, receipt, err, "rule-"+string(id), here(r, "/contest"), p.showContest)
}

type changePage struct {
	scene
	Sheet sheet
}

var changeTemplate = page.Must[changePage]("consultations/change.html")

// Change shows the form that says that something is not as it was told. Anyone
// who has a seat can raise it.
func (p *Pages) Change(r *page.Request) error { return p.showChange(r, trouble{}) }

func (p *Pages) showChange(r *page.Request, t trouble) error {
	s, err := p.scene(r, "change", "consultation.change", t)
	if err != nil {
		return err
	}
	return changeTemplate.Show(r, s.Status(), changePage{s, s.form("change", url.Values{}, "aspects", "consultation.which_parts", "what", "consultation.change_what")})
}
