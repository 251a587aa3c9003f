package consultations

import (
	"slices"
	"time"

	"github.com/vcm-forum/forum/dialogues/record"
)

// State is how an aspect of a version stands. There is no state that says that
// a project has consent.
type State string

// States. Nothing recorded is Withheld, never a yes.
const (
	Withheld       State = "withheld"
	Identified     State = "identified"
	Barred         State = "barred"
	Invited        State = "invited"
	DeclinedState  State = "declined_to_engage"
	PlanAgreed     State = "plan_agreed"
	Disclosing     State = "disclosing"
	Deliberating   State = "deliberating"
	Pending        State = "decision_pending_confirmation"
	Cooling        State = "cooling"
	InForce        State = "in_force"
	InForceIf      State = "in_force_conditional"
	Refused        State = "refused"
	Continuing     State = "continuing"
	Suspended      State = "suspended"
	Withdrawn      State = "withdrawn"
	UnderReview    State = "under_review"
	Lapsed         State = "lapsed"
	ContestedState State = "contested"
)

// States lists them in the order in which a consultation may meet them.
func States() []State {
	return []State{
		Withheld, Identified, Barred, Invited, DeclinedState, PlanAgreed, Disclosing, Deliberating, Pending, Cooling,
		InForce, InForceIf, Refused, Continuing, Suspended, Withdrawn, UnderReview, Lapsed, ContestedState,
	}
}

// holds tells whether what was agreed may be done in this state.
func (s State) holds() bool { return s == InForce || s == InForceIf }

// Move is a step of the machine.
type Move string

// Moves.
const (
	MoveIdentify Move = "identify"
	MoveInvite   Move = "invite"
	MoveDecline  Move = "decline"
	MovePlan     Move = "agree_plan"
	MoveDisclose Move = "disclose"
	MoveReceive  Move = "receive"
	MoveAskMore  Move = "ask_more"
	MoveDraft    Move = "draft"
	MoveDrop     Move = "drop_draft"
	MoveConsent  Move = "consent"
	MoveIf       Move = "consent_with_conditions"
	MoveRefuse   Move = "no"
	MoveNotNow   Move = "not_now_keep_talking"
	MoveWithdraw Move = "withdraw"
	MoveSuspend  Move = "suspend"
	MoveRenew    Move = "renew"
	MoveChange   Move = "raise_change"
	MoveReopen   Move = "reopen"
)

// Side is who may take a step.
type Side string

// Sides. A step that protects is the community's alone, whoever relays it.
const (
	SideCommunity   Side = "community"
	SideFacilitator Side = "facilitator"
	SideProponent   Side = "proponent"
	SideAnyone      Side = "anyone"
)

// Step is one row of the machine: from which states a move leads where, who may
// make it, and what must hold. Page, actions, tests and the drawing on the page
// are made of these rows and of nothing else.
type Step struct {
	Move     Move
	From     []State
	To       State
	By       []Side
	Power    Power // that the community's side needs
	Guards   []Guard
	Protects bool // wins against what was done without knowing of it; never waits
}

// Guard is something that must hold, by the name of the sentence that says so.
type Guard string

// Guards.
const (
	GuardContact    Guard = "no_contact" // of no step: there is none out of Barred; it answers a proposal
	GuardBlackout   Guard = "blackout"
	GuardCoolOff    Guard = "cool_off"
	GuardNewVersion Guard = "new_version"
	GuardAskedBack  Guard = "asked_back"
	GuardProtocol   Guard = "protocol"
	GuardDisclosed  Guard = "disclosed"
	GuardWindow     Guard = "window"
	GuardSessions   Guard = "internal_sessions"
	GuardContest    Guard = "contest"
	GuardUnaltered  Guard = "unaltered"
	GuardNotNow     Guard = "not_now" // of no step: what a guest is told who is not told why; see tact.go
)

// Blocked says which guard stops a step, and what its sentence needs.
type Blocked struct { //nolint:errname // it is what pages show beside a step; "error" would be read as a fault of ours
	Guard Guard
	Until time.Time
	N     int
}

func (b *Blocked) Error() string { return "not yet: " + string(b.Guard) }

// machine is the whole of it. Cooling, review dates and expiry are not here: they
// come by time alone and are in [Community.Standing].
func machine() []Step {
	community, both := []Side{SideCommunity}, []Side{SideCommunity, SideFacilitator}
	ready := []Guard{GuardUnaltered, GuardContest, GuardDisclosed, GuardWindow, GuardSessions}
	late := []State{InForce, InForceIf, Cooling, Suspended, UnderReview}
	open := []State{Pending, Deliberating}
	return []Step{
		{Move: MoveIdentify, From: []State{Withheld}, To: Identified, By: []Side{SideFacilitator, SideProponent}},
		{
			Move: MoveInvite, From: []State{Identified}, To: Invited, By: []Side{SideFacilitator, SideProponent},
			Guards: []Guard{GuardBlackout, GuardCoolOff, GuardNewVersion, GuardAskedBack},
		},
		{
			Move: MoveDecline, From: []State{Identified, Invited, PlanAgreed, Disclosing, Deliberating, Pending, Continuing, Refused},
			To: DeclinedState, By: community, Power: Protect, Protects: true,
		},
		{Move: MovePlan, From: []State{Invited}, To: PlanAgreed, By: []Side{SideCommunity, SideProponent}, Power: Agree, Guards: []Guard{GuardProtocol}},
		{Move: MoveDisclose, From: []State{PlanAgreed, Deliberating, Pending, Continuing, Suspended, UnderReview}, To: Disclosing, By: []Side{SideFacilitator, SideProponent}},
		{Move: MoveReceive, From: []State{Disclosing}, To: Deliberating, By: community, Power: Receive, Guards: []Guard{GuardDisclosed}},
		{Move: MoveAskMore, From: []State{Deliberating, Pending}, To: Disclosing, By: community, Power: Receive},
		{Move: MoveDraft, From: []State{Deliberating}, To: Pending, By: both, Power: Decide},
		{Move: MoveDrop, From: []State{Pending}, To: Deliberating, By: both, Power: Decide},
		{Move: MoveConsent, From: open, To: InForce, By: community, Power: Decide, Guards: ready},
		{Move: MoveIf, From: open, To: InForceIf, By: community, Power: Decide, Guards: ready},
		{Move: MoveRenew, From: []State{Pending, Suspended, UnderReview}, To: InForce, By: community, Power: Decide, Guards: ready},
		{Move: MoveRefuse, From: append([]State{Pending, Deliberating, Disclosing, PlanAgreed, Invited}, late...), To: Refused, By: community, Power: Decide, Protects: true},
		{Move: MoveNotNow, From: open, To: Continuing, By: community, Power: Decide},
		{Move: MoveWithdraw, From: append([]State{Invited, PlanAgreed, Disclosing, Deliberating, Continuing, Pending, Lapsed}, late...), To: Withdrawn, By: community, Power: Protect, Protects: true},
		{Move: MoveSuspend, From: []State{InForce, InForceIf, Cooling, UnderReview}, To: Suspended, By: community, Power: Protect, Protects: true},
		{Move: MoveChange, From: []State{InForce, InForceIf, Cooling, Suspended}, To: UnderReview, By: []Side{SideAnyone}, Protects: true},
		{Move: MoveReopen, From: []State{DeclinedState, Refused, Withdrawn, Lapsed}, To: Identified, By: community, Power: Decide},
	}
}

// Machine gives the rows, for the drawing and for tests.
func Machine() []Step { return machine() }

//nolint:gochecknoglobals // built once, never changed: every mark of a log is looked up in it
var rows = machine()

// stepFor finds the row for a move out of a state.
func stepFor(m Move, from State) (Step, bool) {
	return find(rows, func(s Step) bool { return s.Move == m && slices.Contains(s.From, from) })
}

// moveOf is the move that an answer makes.
func moveOf(t DecisionType) Move {
	switch t {
	case Consent:
		return MoveConsent
	case ConsentConditions:
		return MoveIf
	case No:
		return MoveRefuse
	case NotNow:
		return MoveNotNow
	case Declined:
		return MoveDecline
	case Withdraw:
		return MoveWithdraw
	case Suspend:
		return MoveSuspend
	case Renew:
		return MoveRenew
	}
	return ""
}

// protects tells whether a move is one that protects.
func (m Move) protects() bool {
	s, ok := find(rows, func(s Step) bool { return s.Move == m })
	return ok && s.Protects
}

// ends tells whether the talks are over with a move, until the community opens them again.
func (m Move) ends() bool { return m == MoveRefuse || m == MoveDecline || m == MoveWithdraw }

// Case is what a guard looks at.
type Case struct {
	*Consultation
	Version int
	Aspect  record.ID
	Now     time.Time
}

// May tells whether a move is possible now: nil, ErrWrongTime when the state does
// not know it, or what blocks it.
func (c *Community) May(m Move, x Case) error {
	step, ok := stepFor(m, c.Standing(x.Consultation, x.Version, x.Aspect, x.Now).Path)
	if !ok {
		return ErrWrongTime
	}
	for _, g := range step.Guards {
		if b := c.blocks(g, x); b != nil {
			return b
		}
	}
	return nil
}

// blocks asks one guard. It returns nil when the guard lets the step pass.
func (c *Community) blocks(g Guard, x Case) *Blocked {
	rules := c.rules(x.Consultation, x.Version)
	b := &Blocked{Guard: g}
	stops := false
	switch g { //nolint:exhaustive // the two others are of no step
	case GuardBlackout:
		stops = c.InBlackout(x.Now)
	case GuardCoolOff:
		b.Until, stops = c.coolOff(x)
	case GuardNewVersion:
		stops = x.refusedIn(x.Version)
	case GuardAskedBack:
		stops = !x.askedBack(x.Version)
	case GuardProtocol:
		stops = len(c.Protocols) == 0
	case GuardDisclosed:
		b.N = len(c.Missing(x.Consultation, x.Version))
		stops = b.N > 0
	case GuardWindow:
		w, open := x.window(x.Version)
		b.Until, stops = w.Until, !open || x.Now.Before(w.Until)
	case GuardSessions:
		b.N = rules.InternalSessions - x.internalSessions(x.Version)
		stops = b.N > 0
	case GuardContest:
		stops = c.Standing(x.Consultation, x.Version, x.Aspect, x.Now).Contested
	case GuardUnaltered:
		stops = c.Altered
	}
	if !stops {
		return nil
	}
	return b
}

// coolOff: after a no, nobody may ask again before the community's time has run.
func (c *Community) coolOff(x Case) (time.Time, bool) {
	now := c.Protocol().Rules.CoolOffDays
	var until time.Time
	for _, m := range x.Marks {
		if m.Move.ends() {
			days := max(now, c.ProtocolVersion(x.Pinned(m.Version)).Rules.CoolOffDays) // a later protocol makes it no shorter
			until = latest(until, m.At.AddDate(0, 0, days))
		}
	}
	return until, x.Now.Before(until)
}

// refusedIn tells whether this very version was refused: it cannot be asked again.
func (x *Consultation) refusedIn(version int) bool {
	return slices.ContainsFunc(x.Marks, func(m Mark) bool { return m.Version == version && m.Move == MoveRefuse })
}

// askedBack: after a no of any version, only the community's own invitation opens
// the next round.
func (x *Consultation) askedBack(int) bool {
	ended, reopened := int64(-1), int64(-1)
	for _, m := range x.Marks {
		if m.Move.ends() {
			ended = max(ended, m.Entry)
		}
		if m.Move == MoveReopen {
			reopened = m.Entry
		}
	}
	return ended < 0 || reopened > ended
}

func (t Contest) covers(aspect record.ID) bool {
	return len(t.Aspects) == 0 || slices.Contains(t.Aspects, aspect)
}
