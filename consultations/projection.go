package consultations

import (
	"slices"
	"strings"
	"time"

	"github.com/vcm-forum/forum/dialogues/record"
)

// sight is what a reader may see of a consultation.
type sight struct {
	inside   bool // of the community: everything
	helps    bool // a facilitator: everything but what was said among the community
	proposes bool // the proponent of this proposal
	parts    func(Part) bool
}

func (s sight) all() bool { return s.inside || s.helps }

// sees is the one place that decides.
func (s Seat) sees(x *Consultation) sight {
	p, _ := s.Community.Proposal(x.Proposal)
	roles := s.Roles(x.ID)
	is := func(r Role) bool { return slices.Contains(roles, r) }
	return sight{
		inside: is(Holder) || is(Member), helps: is(Facilitator) && !is(Proponent), proposes: is(Proponent) && p.Proponent == s.Actor.ID(),
		parts: func(part Part) bool { return s.released(x, part, roles) },
	}
}

// released asks the releases of the community for a part.
func (s Seat) released(x *Consultation, part Part, roles []Role) bool {
	return slices.ContainsFunc(s.Community.Releases, func(r Release) bool {
		return (r.Consultation == x.ID || r.Consultation == "") && r.Lets(part, s.At) && s.reached(r, x, roles)
	})
}

// reached tells whether a release is for this reader. What is said to one who wants
// something is not said to everyone who wants something else.
func (s Seat) reached(r Release, x *Consultation, roles []Role) bool {
	if r.Account != "" {
		return r.Account == s.Actor.ID()
	}
	p, _ := s.Community.Proposal(x.Proposal)
	other := p.Proponent != s.Actor.ID() && !s.Community.sits(s.Actor.ID(), Proponent, x.ID)
	role, _ := roleOf(r.To)
	return r.To == ToPublic || (slices.Contains(roles, role) && (role != Proponent || !other))
}

// See makes the view of a consultation, in one version, for a seat. ok is false
// when the reader sees nothing of it, as when it does not exist.
func (s Seat) See(x *Consultation, version int) (v View, ok bool) {
	c := s.Community
	eye := s.sees(x)
	v = View{Community: c.ID, Consultation: x.ID, AsOf: c.Size, At: s.At}
	p, _ := c.Proposal(x.Proposal)
	content, found := p.Version(version)
	if !found {
		return View{}, false
	}
	if eye.all() || eye.parts(PartName) {
		v.Name = c.Name.Body
	}
	if eye.all() || eye.proposes || eye.parts(PartProposal) {
		v.Proposal = &ProposalView{
			Title: content.Title.Body, Summary: content.Summary.Body, Answers: content.Answers.Body, Version: version, Of: len(p.Versions),
			Content: content.Content, Files: content.Files,
		}
	}
	for n, a := range content.Aspects {
		if seen, shown := s.aspect(x, version, a, eye); shown {
			seen.Number, seen.Of = n+1, len(content.Aspects)
			v.Aspects = append(v.Aspects, seen)
		}
	}
	s.seeTalk(&v, x, version, eye)
	s.seeSessions(&v, x, version, eye)
	if !eye.all() {
		v.hideNumbers(eye.parts(PartStatus))
	}
	if !eye.all() && !eye.proposes && len(v.Aspects) == 0 && v.Proposal == nil && len(v.Disclosures) == 0 && len(v.Sessions) == 0 {
		return View{}, false
	}
	return v, true
}

// hideNumbers takes out of a view for somebody from outside how far the log is,
// which would tell that the community is at work. Who may know how things stand
// gets the entries that brought them there.
func (v *View) hideNumbers(status bool) {
	v.AsOf, v.PlanEntry = 0, 0
	for _, a := range v.Aspects {
		v.AsOf = max(v.AsOf, a.Entry, a.AsOf)
	}
	for i := range v.Disclosures {
		v.Disclosures[i].Entry = 0
	}
	for i := range v.Sessions {
		v.Sessions[i].Entry = 0
	}
	v.Asked = slices.Clone(v.Asked)
	for i := range v.Asked {
		v.Asked[i].Entry = 0
	}
	for i := range v.Aspects {
		if !status {
			v.Aspects[i].Entry, v.Aspects[i].AsOf = 0, 0
		}
	}
}

// Parts are those that a seat sees of a consultation.
func (s Seat) Parts(x *Consultation) []Part {
	eye := s.sees(x)
	return slices.DeleteFunc(Parts(), func(p Part) bool { return !eye.all() && !eye.parts(p) })
}

// party: what both sides do together, the proponent knows of: that it was invited,
// that a plan was agreed, that it is telling. From then on it is the community's.
func (s State) party() bool {
	return slices.Contains([]State{Withheld, Identified, Invited, PlanAgreed, Disclosing}, s)
}

// lastTogether is the last state that both sides made, and since when. That it
// is over, and what came after it, is the community's.
func (s Standing) lastTogether() (State, time.Time) {
	for _, p := range slices.Backward(s.Periods) {
		if p.State.party() {
			return p.State, p.From
		}
	}
	return Withheld, time.Time{}
}

// aspect is how an aspect stands, as far as it is shown at all.
func (s Seat) aspect(x *Consultation, version int, a Aspect, eye sight) (AspectView, bool) {
	st := s.Community.Standing(x, version, a.ID, s.At)
	v := AspectView{ID: a.ID, State: st.State, Since: st.Since, Contested: st.Contested}
	if eye.all() || eye.proposes || eye.parts(PartProposal) {
		v.Title = a.Title.Body
	}
	switch {
	case eye.all(), eye.parts(PartStatus):
	case eye.proposes:
		state, since := st.lastTogether()
		return AspectView{ID: a.ID, Title: v.Title, State: state, Since: since}, true
	default:
		return AspectView{}, false
	}
	v.AsOf, v.Until = st.Entry, s.Community.until(x, st, s.At)
	for _, p := range st.Periods {
		v.History = append(v.History, PeriodView{State: p.State, From: p.From, To: p.To, Entry: p.Mark.Entry, Late: p.Known.After(p.From) && p.Mark.Late})
	}
	s.decision(&v, x, st.Decision, eye)
	return v, true
}

// StillAgreed are the versions of which something was agreed that is not over: it holds,
// soon will, or rests. Whoever wants to take back must see each of them, whatever
// was proposed since.
func (c *Community) StillAgreed(x *Consultation, now time.Time) []int {
	var out []int
	p, _ := c.Proposal(x.Proposal)
	for _, v := range p.Versions {
		rests := slices.ContainsFunc(v.Aspects, func(a Aspect) bool {
			path := c.Standing(x, v.Number, a.ID, now).Path
			return path.holds() || path == Cooling || path == Suspended || path == UnderReview
		})
		if rests {
			out = append(out, v.Number)
		}
	}
	return out
}

// until is when time alone changes how an aspect stands; zero: never.
func (c *Community) until(x *Consultation, st Standing, now time.Time) time.Time {
	if len(st.Periods) == 0 {
		return time.Time{}
	}
	m := st.Periods[len(st.Periods)-1].Mark
	switch {
	case st.Path == Cooling:
		return m.Effective
	case st.Path.holds() && !m.ReviewAt.IsZero() && (m.ExpiresAt.IsZero() || m.ReviewAt.Before(m.ExpiresAt)):
		return m.ReviewAt
	case st.Path.holds(), st.Path == UnderReview:
		return m.ExpiresAt
	case m.Move.ends():
		if until, running := c.coolOff(Case{Consultation: x, Now: now}); running {
			return until
		}
	}
	return time.Time{}
}

// decision adds what a state rests on. Whoever sees how an aspect stands sees its
// conditions and who disagreed.
func (s Seat) decision(v *AspectView, x *Consultation, id record.ID, eye sight) {
	d, ok := x.Decision(id)
	if !ok {
		return
	}
	v.Decision, v.Entry, v.Language, v.Via, v.Dissent = d.ID, d.Entry, d.Language, d.Via, d.Dissent
	v.Conditions = x.conditionsOf(d.ID)
	if eye.all() || eye.parts(PartStatement) {
		v.Statement = d.Statement.Body
	}
	if eye.all() || eye.parts(PartInstitution) {
		v.Body = s.bodyOf(d)
	}
}

// seeTalk adds plan, what was told, and what is being decided.
func (s Seat) seeTalk(v *View, x *Consultation, version int, eye sight) {
	c := s.Community
	if eye.all() || eye.proposes {
		v.Plan, v.PlanEntry, v.PlanMark, v.Asked = x.Plan.Body, x.PlanEntry, x.PlanMark(), x.Asked
		for side := range x.PlanAgreed {
			v.PlanAgreed = append(v.PlanAgreed, side)
		}
		slices.Sort(v.PlanAgreed)
		v.Missing = c.Missing(x, version)
	}
	if eye.all() || eye.proposes || eye.parts(PartDisclosure) {
		for _, d := range x.Disclosures {
			if d.Version != version {
				continue
			}
			item := DisclosureView{
				ID: d.ID, Topic: d.Topic, Language: d.Language, Medium: d.Medium, Body: d.Body.Body, Evidence: d.Evidence,
				Translator: d.Translator.Body, Witness: d.Witness.Body, Entry: d.Entry, Counts: d.tells() && c.accepts(c.rules(x, version), d), At: d.At,
			}
			if eye.all() {
				item.Accepted, item.PlayedBack = d.Accepted > 0, d.PlayedBack.Body
			}
			v.Disclosures = append(v.Disclosures, item)
		}
	}
	if !eye.all() {
		return
	}
	if w, open := x.window(version); open {
		v.Window = &WindowView{w.Opened, w.Until}
	}
	for _, d := range x.Drafts {
		if d.Version == version && d.Decided == "" && !d.Dropped {
			v.Drafts = append(v.Drafts, d.view(c.rules(x, version)))
		}
	}
	for _, m := range x.Changes {
		v.Changes = append(v.Changes, WordView{MoveChange, m.What.Body, m.At, m.Entry})
	}
	s.seeDecisions(v, x, version)
}

// view is a draft as it is read back.
func (d Draft) view(r Rules) DraftView {
	counted := len(d.Counted())
	out := DraftView{
		ID: d.ID, Revision: d.Revision, Type: d.Type, Aspects: d.Aspects, Language: d.Language, Statement: d.Statement.Body,
		Conditions: d.Conditions, Dissent: d.Dissent, Evidence: d.Evidence, ReviewAt: d.ReviewAt, ExpiresAt: d.ExpiresAt, Digest: d.Digest,
		At: d.At, Entry: d.Entry, Confirmed: counted, Waiting: max(0, r.Quorum()-counted),
	}
	for _, o := range d.Confirmed {
		if o.Stale && o.Digest == d.Digest {
			out.Stale++
		}
	}
	return out
}

// seeDecisions adds every decision as it was made, and what is disputed.
func (s Seat) seeDecisions(v *View, x *Consultation, version int) {
	var stale []record.ID
	p, _ := s.Community.Proposal(x.Proposal)
	content, _ := p.Version(version)
	for _, a := range content.Aspects {
		stale = append(stale, s.Community.Standing(x, version, a.ID, s.At).Stale...)
	}
	for _, d := range x.Decisions {
		if d.Version == version {
			v.Decisions = append(v.Decisions, DecisionView{
				ID: d.ID, Type: d.Type, Aspects: d.Aspects, Body: s.bodyOf(d), Language: d.Language, Statement: d.Statement.Body,
				Conditions: x.conditionsOf(d.ID), Dissent: d.Dissent, Via: d.Via, At: d.At, Asserted: d.Claim.Asserted, Effective: d.Effective,
				Entry: d.Entry, Stale: slices.Contains(stale, d.ID), Void: d.Voided > 0, VoidReason: d.VoidReason.Body,
			})
		}
	}
	for _, t := range x.Contests {
		i, _ := s.Community.Institution(t.Institution)
		v.Contests = append(v.Contests, ContestView{
			ID: t.ID, Aspects: t.Aspects, Body: i.Name.Body, Reason: t.Reason.Body, At: t.At, Entry: t.Entry, Words: len(t.Words), Resolved: t.Resolved > 0,
		})
	}
}

// bodyOf names the institutions whose holders made a decision.
func (s Seat) bodyOf(d Decision) string {
	var names []string
	for _, id := range d.Mandates {
		m, _ := s.Community.Mandate(id)
		if i, _ := s.Community.Institution(m.Institution); i.Name.Body != "" && !slices.Contains(names, i.Name.Body) {
			names = append(names, i.Name.Body)
		}
	}
	return strings.Join(names, ", ")
}

// conditionsOf are the conditions of a decision and how they stand.
func (x *Consultation) conditionsOf(decision record.ID) []ConditionView {
	var out []ConditionView
	for _, k := range x.Conditions {
		if words := list(k.Words); k.Decision == decision && k.N < len(words) {
			out = append(out, ConditionView{ID: k.ID, Words: words[k.N], Status: k.Status, Finding: k.Finding.Body})
		}
	}
	return out
}

// seeSessions adds meetings. Of internal ones those from outside see nothing
// unless the community let them in or released that they were; a proponent never does.
func (s Seat) seeSessions(v *View, x *Consultation, version int, eye sight) {
	for _, m := range x.Sessions {
		if m.Version != version {
			continue
		}
		internal := m.Kind == InternalOnly
		let := slices.Contains(m.Invited, s.Actor.ID()) && !s.Is(x.ID, Proponent)
		open := eye.inside || let || (eye.helps && !internal) || (eye.parts(PartSessions) && (!internal || s.Is(x.ID, Auditor, Observer)))
		if !open {
			continue
		}
		seen := SessionView{ID: m.ID, Entry: m.Entry, Kind: m.Kind, Held: m.Held, Counts: m.Counts, Proponent: m.ProponentPresent}
		if eye.inside || let || (eye.helps && !internal) {
			seen.Place, seen.Notes, seen.Evidence = m.Place.Body, m.Notes.Body, m.Evidence
		}
		if eye.inside || eye.parts(PartAttendance) {
			seen.Names = m.Names.Body
		}
		v.Sessions = append(v.Sessions, seen)
	}
}
