package consultationpages

import (
	"net/url"
	"slices"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

// stopPage is where the community takes back, pauses or declines. It asks for no
// reason and for nothing else: one choice, one button.
type stopPage struct {
	scene
	Sheet    sheet
	Choices  []answerCard
	Holds    bool   // the reader's own mandate says so
	Relay    *sheet // of who enters what somebody said by voice, radio, phone or paper
	Mandates []page.Option
}

var stopTemplate = page.Must[stopPage]("consultations/stop.html")

// Stop shows the page.
func (p *Pages) Stop(r *page.Request) error { return p.showStop(r, trouble{}) }

func (p *Pages) showStop(r *page.Request, t trouble) error {
	s, err := p.scene(r, "stop", "consultation.stop", t)
	if err != nil {
		return err
	}
	data := stopPage{scene: s, Sheet: s.form("stop", url.Values{"type": {r.QueryParam("type")}}, relayLabels()...), Holds: s.Can(string(consultations.Stop))}
	if s.SeesAll() {
		data.Choices = s.stops(data.Sheet.Form.Value("type"))
	}
	if s.Can(string(consultations.Relay)) {
		relay := s.form("relay", url.Values{}, relayLabels()...).from("/stop")
		data.Relay, data.Mandates = &relay, s.mandates(consultations.Protect)
	}
	return stopTemplate.Show(r, s.Status(), data)
}

// stops are the steps that the machine knows from here, the furthest one chosen
// already: whoever is in a hurry presses the button. What the machine does not
// know from here is not offered; nothing else keeps it away.
func (s scene) stops(chosen string) []answerCard {
	var out []answerCard
	for _, t := range []consultations.DecisionType{consultations.Withdraw, consultations.Suspend, consultations.Declined} {
		move := consultations.Move(t)
		if t == consultations.Declined {
			move = consultations.MoveDecline
		}
		if possible, _ := s.possible(move); !possible {
			continue
		}
		card := s.card(t, chosen == string(t) || (chosen == "" && len(out) == 0))
		if t == consultations.Withdraw && !s.agreed() {
			card.Name, card.Hint = s.T("consult.decision.withdraw.no_yes"), s.T("consult.decision.withdraw.no_yes.hint")
		}
		out = append(out, card)
	}
	return out
}

// agreed tells whether there is, or was, a yes to take back.
func (s scene) agreed() bool {
	return slices.ContainsFunc(s.View.Aspects, func(a consultations.AspectView) bool {
		return slices.ContainsFunc(a.History, func(p consultations.PeriodView) bool {
			return p.State == consultations.InForce || p.State == consultations.InForceIf || p.State == consultations.Cooling
		})
	})
}

// TakeBack takes the step at once.
func (p *Pages) TakeBack(r *page.Request) error {
	in := consultations.StopForm{
		Version: stopped(r), Aspects: partsOf(r), Type: consultations.DecisionType(r.FormValue("type")), Language: string(r.P.Lang()), Statement: r.FormValue("statement"),
	}
	by, at := r.Consult(), "stop"
	var err error
	if r.FormValue("relay") == "1" {
		at = "relay"
		by, err = p.relayedStop(r, &in)
	}
	var receipt record.Receipt
	if err == nil {
		receipt, err = p.Consultations.Stop(r.Ctx(), by, r.Sitting.Community.ID, r.ID("consultation"), in)
	}
	next := here(r, "")
	if !r.Sitting.Can(consultations.Know, "") {
		next = "/communities" // delivered after the mandate has ended
	}
	return answer(r, receipt, err, at, next, p.showStop)
}

// stopped is the version that is taken back: the one that the form names. A page of the
// newest names none, and stops all that there is to stop, of older ones too.
func stopped(r *page.Request) int {
	if r.FormValue("version") == "" {
		return 0
	}
	return versionOf(r)
}

// relayedStop reads what somebody said without a line: whose word it is, how it
// came, and two who heard it.
func (p *Pages) relayedStop(r *page.Request, in *consultations.StopForm) (consultations.Call, error) {
	by := r.Consult()
	in.Mandate, in.Via, in.Witnesses = r.FormID("mandate"), viaOf(r), r.List("witnesses")
	in.Form = consultations.ByVoice
	if in.Via == consultations.Paper {
		in.Form = consultations.BySignature
	}
	by.Claim.Via, by.Claim.Asserted = in.Via, assertedOn(r)
	if in.Mandate == "" {
		return by, people.Invalid{"mandate": {Key: "error.choose_one"}}
	}
	digest, _, err := p.file(r)
	in.Evidence = digest
	return by, err
}
