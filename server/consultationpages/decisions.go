package consultationpages

import (
	"net/url"
	"slices"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/server/page"
)

// decisionsPage lists every answer that was recorded, also those that stand no
// more. Nothing is taken out of it.
type decisionsPage struct {
	scene
	Decisions []decision
}

// decision is an answer with all that belongs to it.
type decision struct {
	scene
	D    consultations.DecisionView
	How  string
	Said int    // holders who have said so far that it was entered in error
	Void *sheet // nil where it cannot be said to be entered in error
}

var decisionsTemplate = page.Must[decisionsPage]("consultations/decisions.html")

// Decisions shows the answers, and lets a holder say that one was entered in error.
func (p *Pages) Decisions(r *page.Request) error { return p.showDecisions(r, trouble{}) }

func (p *Pages) showDecisions(r *page.Request, t trouble) error {
	s, err := p.scene(r, "decisions", "consultation.decisions", t)
	if err != nil {
		return err
	}
	data := decisionsPage{scene: s}
	for _, d := range slices.Backward(s.View.Decisions) {
		data.Decisions = append(data.Decisions, s.decision(d))
	}
	return decisionsTemplate.Show(r, s.Status(), data)
}

func (s scene) decision(d consultations.DecisionView) decision {
	out := decision{scene: s, D: d}
	if d.Via != consultations.Self {
		out.How = s.T("consultation.entered_by_another", "how", s.T("consult.via."+string(d.Via)))
	}
	if d.Void {
		return out
	}
	words := s.Seat.Community.Spoken(consultations.MotionOf("void", d.ID))
	out.Said = len(words)
	mine := slices.ContainsFunc(words, func(w consultations.Word) bool {
		m, _ := s.Seat.Community.Mandate(w.Mandate)
		return m.Account == s.Seat.Actor.ID()
	})
	// What protects is no error where the holder said it: after a no comes only a new
	// answer. What somebody entered for them may never have been said.
	voidable := !stepOf(moveOf(d.Type)).Protects || d.Via != consultations.Self
	if voidable && !mine && s.Can(string(consultations.Confirm)) {
		out.Void = s.form("void-"+string(d.ID), url.Values{}, "reason", "consultation.void_reason").to("/decisions/" + string(d.ID) + "/void")
	}
	return out
}

// Answer is what was decided, in the community's own voice.
func (d decision) Answer() string { return d.T("consult.decision." + string(d.D.Type)) }

// Voided says that the answer was entered by mistake.
func (d decision) Voided() string { return d.StateWords(consultations.AspectView{State: "void"}, d.us) }

// moveOf is the step that an answer takes.
func moveOf(t consultations.DecisionType) consultations.Move {
	if t == consultations.Declined {
		return consultations.MoveDecline
	}
	return consultations.Move(t)
}

// Void says that a decision was entered in error. It stays where it is.
func (p *Pages) Void(r *page.Request) error {
	if err := r.Decides(); err != nil {
		return err
	}
	id := r.ID("decision")
	receipt, err := p.Consultations.Void(r.Ctx(), r.Consult(), r.Sitting.Community.ID, r.ID("consultation"), id, r.FormValue("reason"))
	return answer(r, receipt, err, "void-"+string(id), here(r, "/decisions"), p.showDecisions)
}
