package consultationpages

import (
	"errors"
	"slices"
	"strings"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/record"
)

// deed is something that the reader can do now, or could once what is in its way
// has happened.
type deed struct {
	Picto, Name string
	For         string             // the parts that it is about, where not all are
	Path        string             // of the page on which it is done
	Move        consultations.Move // or the step that its button takes
	Blocked     string
}

// deeds are what the reader can do now. The machine says what is possible; who is
// not told how an aspect stands is offered only what their own knowledge allows.
func (s scene) deeds() []deed {
	var out []deed
	for _, d := range []struct {
		move        consultations.Move
		act         consultations.Act
		picto, path string
	}{
		{consultations.MoveInvite, consultations.Approach, "invited", ""},
		{consultations.MovePlan, consultations.Plan, "plan", "/plan"},
		{consultations.MoveDisclose, consultations.Tell, "disclosing", "/told#tell"},
		{consultations.MoveReceive, consultations.Hear, "confirm", "/told#received"},
		{consultations.MoveAskMore, consultations.Hear, "ask", "/told#received"},
		{consultations.MoveReopen, consultations.Confirm, "invited", ""},
	} {
		possible, blocked := s.possible(d.move)
		possible = possible || (d.move == consultations.MoveDisclose && s.stands(consultations.Disclosing))
		if !s.takes(d.move, d.act) || (!possible && blocked == nil) {
			continue
		}
		one := deed{Picto: d.picto, Name: s.Say("deed." + string(d.move)), Blocked: blockedWords(s.Words, blocked, s.zone)}
		one.For = s.onlyFor(d.move)
		if at := s.Blocked("move-" + string(d.move)); at != "" {
			one.Blocked = at
		}
		if d.path == "" {
			one.Move = d.move
		} else {
			one.Path = s.To(d.path)
		}
		out = append(out, one)
	}
	return append(out, s.answers()...)
}

// Turn says whose turn it is where the reader can only wait.
func (s scene) Turn() string {
	if !s.SeesAll() {
		return ""
	}
	switch {
	case s.us && s.stands(consultations.Identified):
		return s.Say("turn.invite")
	case s.us && (s.stands(consultations.PlanAgreed) || s.stands(consultations.Continuing)):
		return s.Say("turn.disclose")
	case !s.us && s.stands(consultations.Disclosing):
		_, blocked := s.possible(consultations.MoveReceive)
		return strings.TrimSpace(s.Say("turn.receive") + " " + blockedWords(s.Words, blocked, s.zone))
	}
	return ""
}

// takes tells whether a step is the reader's to take: the community is not told to
// invite itself.
func (s scene) takes(m consultations.Move, act consultations.Act) bool {
	others := s.us && !slices.Contains(stepOf(m).By, consultations.SideCommunity)
	return s.Seat.Can(act, s.View.Consultation) && !others
}

// stands tells whether the reader sees a part in a state.
func (s scene) stands(state consultations.State) bool {
	return slices.ContainsFunc(s.View.Aspects, func(a consultations.AspectView) bool { return a.State == state })
}

// answers are the drafts that wait for a word, and writing one down.
func (s scene) answers() (out []deed) {
	if !s.SeesAll() {
		return nil
	}
	for _, d := range s.View.Drafts {
		out = append(out, deed{Picto: "read_aloud", Name: s.Say("deed.read", "answer", s.T("consult.decision."+string(d.Type)), "n", d.Waiting), Path: s.To("/drafts/" + string(d.ID))})
	}
	var writable []consultations.DecisionType
	for _, t := range consultations.Draftable() {
		if possible, blocked := s.possible(consultations.Move(t)); possible || blocked != nil {
			writable = append(writable, t)
		}
	}
	if len(writable) > 0 && s.Seat.Can(consultations.Transcribe, s.View.Consultation) {
		one := deed{Picto: "decision", Name: s.Say("deed.draft"), Path: s.To("/drafts/new")}
		if slices.Equal(writable, []consultations.DecisionType{consultations.No}) { // before the community's own time there is no other answer
			one.Picto, one.Name = "no", s.Say("deed.draft_no")
		}
		out = append(out, one)
	}
	return out
}

// possible asks for a step of any part, by what the reader may know; see
// [consultations.Seat.May].
func (s scene) possible(m consultations.Move) (possible bool, blocked *consultations.Blocked) {
	err := s.Seat.May(m, s.talk, s.Version)
	blocked, _ = errors.AsType[*consultations.Blocked](err)
	return err == nil, blocked
}

// onlyFor names the parts from whose state a step leads on, where some stand
// elsewhere.
func (s scene) onlyFor(m consultations.Move) string {
	var parts []record.ID
	for _, a := range s.View.Aspects {
		if slices.Contains(stepOf(m).From, a.State) {
			parts = append(parts, a.ID)
		}
	}
	if len(parts) == len(s.View.Aspects) {
		return ""
	}
	return s.PartNames(parts)
}

// stepOf is the machine's row of a step.
func stepOf(m consultations.Move) consultations.Step {
	rows := consultations.Machine()
	if i := slices.IndexFunc(rows, func(s consultations.Step) bool { return s.Move == m }); i >= 0 {
		return rows[i]
	}
	return consultations.Step{}
}

// More are the pages for what is seldom needed.
func (s scene) More() []Tab {
	var out []Tab
	add := func(shown bool, rest, picto, key string) {
		if shown {
			out = append(out, Tab{Path: s.To(rest), Picto: picto, Name: s.Say(key)})
		}
	}
	changing, _ := s.possible(consultations.MoveChange)
	changing = changing || !s.Seat.Informed(s.talk) // who is not told whether something was agreed can say it all the same
	add(s.View.Window != nil && s.Can(string(consultations.Hear)), "/time", "duration", "more.time")
	add(len(s.conditions()) > 0, "/conditions", "condition", "more.conditions")
	add(changing, "/change", "under_review", "more.change")
	add(s.Can(string(consultations.Give)), "/publish", "voice", "more.publish")
	add(s.canDispute(), "/contest", "contested", "more.contest")
	add(s.View.Proposal != nil && s.Can(string(consultations.Propose)), "/version", "proposal", "more.version")
	if s.Can(string(consultations.Invite)) {
		out = append(out, Tab{Path: "/communities/" + string(s.View.Community) + "/seats", Picto: "witness", Name: s.Say("more.seats")})
	}
	return out
}
