package consultations

import (
	"slices"
	"time"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// Errors of policy, the same as everywhere: what one may not know of is answered
// like what does not exist.
var (
	ErrHidden    = dialogues.ErrHidden
	ErrRefused   = dialogues.ErrRefused
	ErrWrongTime = dialogues.ErrWrongTime
	ErrNotFound  = dialogues.ErrNotFound
)

// Role is what an account is to a community beside the mandates it may hold.
type Role string

// Roles. A holder is a role too: it comes from a mandate and is never given.
const (
	Holder      Role = "holder"
	Member      Role = "member"      // of the community, without a mandate
	Facilitator Role = "facilitator" // helps; writes down, decides nothing
	Observer    Role = "observer"    // a witness from outside
	Proponent   Role = "proponent"   // wants something of the community
	Auditor     Role = "auditor"
	Ombudsman   Role = "grievance_body"
	Outsider    Role = ""
)

// Roles lists those that can be given.
func Roles() []Role { return []Role{Member, Facilitator, Observer, Proponent, Auditor, Ombudsman} }

// Sitting is an account in a role, for one consultation or (""), for all.
type Sitting struct {
	Account      record.ID
	Role         Role
	Consultation record.ID
	Since        time.Time
	Ended        time.Time
}

// Act is something one may be allowed to do.
type Act string

// Acts.
const (
	Know         Act = "know"          // see that the community and its consultations exist
	SeeAll       Act = "see_all"       // read all but internal sessions
	SeeInternal  Act = "see_internal"  // read what the community said among itself
	DefineSelf   Act = "define_self"   // name, languages, institutions, protocol, prompts
	EnterMandate Act = "enter_mandate" // write a mandate down
	Vouch        Act = "vouch"         // confirm a mandate, as one of the institution
	Attest       Act = "attest"        // attest as a witness from outside
	Gainsay      Act = "dispute"       // contest a mandate or a decision
	Rule         Act = "rule"          // rule on what is contested
	Propose      Act = "propose"       // make a proposal or its next version
	Approach     Act = "approach"      // identify, invite
	Plan         Act = "plan"          // write the plan of how to talk
	Tell         Act = "tell"          // disclose
	Hear         Act = "hear"          // accept, receive, ask for more, extend the window
	Convene      Act = "convene"       // write down a session
	Transcribe   Act = "transcribe"    // write a decision down
	Confirm      Act = "confirm"       // say that it is the decision
	Stop         Act = "stop"          // withdraw, suspend, decline
	Relay        Act = "relay"         // enter what a holder said by voice, radio or paper
	RaiseChange  Act = "raise_change"
	Verify       Act = "verify"       // say how a condition stands
	Give         Act = "give"         // release, revoke, erase words
	SeeReads     Act = "see_reads"    // who has seen the record
	SeeMandates  Act = "see_mandates" // who speaks for the community
	SeeProofs    Act = "see_proofs"   // checkpoints and proofs, which say nothing
	HandIn       Act = "hand_in"      // hand in a file as evidence
	Invite       Act = "invite"       // give and take seats
)

// Acts lists the acts.
func Acts() []Act {
	return []Act{
		Know, SeeAll, SeeInternal, DefineSelf, EnterMandate, Vouch, Attest, Gainsay, Rule, Propose, Approach, Plan, Tell, Hear,
		Convene, Transcribe, Confirm, Stop, Relay, RaiseChange, Verify, Give, SeeReads, SeeMandates, SeeProofs, HandIn, Invite,
	}
}

// Seat is an account before a community: all that decisions about it are made of.
type Seat struct {
	Actor     people.Actor
	Community *Community // nil for one who may not know of it
	guise     []Role     // of an audience that is looked through the eyes of; see [Community.Audience]
	At        time.Time
}

// Roles are what the account is to the community, in a consultation or ("") in any.
func (s Seat) Roles(consultation record.ID) []Role {
	if s.guise != nil {
		return s.guise
	}
	if s.Community == nil || s.Actor.Person.Kind != people.Account || !s.Actor.IsKnown() {
		return nil
	}
	var out []Role
	for _, m := range s.Community.mandatesOf(s.Actor.ID()) {
		live := m.Within(s.At) && m.Standing != Rejected && !m.ReadyAt().IsZero()
		if live && (consultation == "" || m.Consultation == "" || m.Consultation == consultation) {
			out = append(out, Holder)
			break
		}
	}
	for _, t := range s.Community.Seats {
		if t.Account == s.Actor.ID() && t.Ended.IsZero() && (consultation == "" || t.Consultation == "" || t.Consultation == consultation) {
			out = append(out, t.Role)
		}
	}
	if slices.Contains(out, Proponent) {
		return []Role{Proponent} // whatever else somebody let them be
	}
	return out
}

// Is tells whether the account has one of the roles.
func (s Seat) Is(consultation record.ID, roles ...Role) bool {
	return slices.ContainsFunc(s.Roles(consultation), func(r Role) bool { return slices.Contains(roles, r) })
}

// Inside tells whether the account is of the community.
func (s Seat) Inside() bool { return s.Is("", Holder, Member) }

// Audience is a seat through which one sees what an audience sees of a
// consultation, before anything is shown to it. It can do nothing.
func (c *Community) Audience(a Audience, x *Consultation, now time.Time) Seat {
	s := Seat{Community: c, At: now, guise: []Role{}}
	if role, ok := roleOf(a); ok {
		s.guise = []Role{role}
	}
	if a == ToProponent {
		p, _ := c.Proposal(x.Proposal)
		s.Actor.Person.ID = p.Proponent
	}
	return s
}

// roleOf is the role of an audience; the public has none.
func roleOf(a Audience) (Role, bool) {
	role, ok := map[Audience]Role{ToProponent: Proponent, ToAuditor: Auditor, ToObserver: Observer}[a]
	return role, ok
}

// Can tells whether the seat's holder may do something; see [Seat.Check].
func (s Seat) Can(act Act, consultation record.ID) bool { return s.Check(act, consultation) == nil }

// Check decides what an account may try. Whether the moment is right is asked of
// the machine. An operator or administrator has no right here by that alone.
func (s Seat) Check(act Act, consultation record.ID) error {
	roles := s.Roles(consultation)
	if len(roles) == 0 {
		return ErrHidden
	}
	if slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(allowed(act), r) }) && s.powers(act, consultation) {
		return nil
	}
	return ErrRefused
}

// allowed says which roles may try an act. What a mandate must say for it is in [Seat.powers].
func allowed(act Act) []Role {
	switch act {
	case Know:
		return append(Roles(), Holder)
	case SeeAll:
		return []Role{Holder, Member, Facilitator}
	case SeeInternal, SeeReads:
		return []Role{Holder, Member}
	case SeeMandates, SeeProofs, Attest, RaiseChange, Gainsay:
		return allowedProofs(act)
	case DefineSelf:
		return []Role{Holder, Facilitator}
	case EnterMandate:
		return []Role{Holder, Facilitator}
	case Vouch, Rule, Hear, Confirm, Stop, Give:
		return []Role{Holder}
	case HandIn:
		return []Role{Holder, Member, Facilitator, Proponent, Observer}
	case Approach, Tell:
		return []Role{Facilitator, Proponent}
	case Propose, Plan:
		return []Role{Facilitator, Proponent, Holder}
	case Convene, Transcribe, Relay, Invite:
		return []Role{Holder, Facilitator}
	case Verify:
		return []Role{Holder, Auditor}
	}
	return nil
}

func allowedProofs(act Act) []Role {
	switch act { //nolint:exhaustive // asked for these alone
	case Attest:
		return []Role{Observer, Auditor, Ombudsman}
	case RaiseChange:
		return append(Roles(), Holder)
	case Gainsay:
		return []Role{Holder, Member, Observer, Ombudsman, Facilitator}
	default:
		return []Role{Holder, Member, Facilitator, Observer, Auditor, Ombudsman}
	}
}

// Owns tells whether what the community says of itself may be written down from
// this seat: by its facilitator while it has nobody who speaks for it, from the
// first mandate on by its holders alone.
func (s Seat) Owns() bool {
	held := slices.ContainsFunc(s.Community.Mandates, func(m Mandate) bool {
		return !m.ReadyAt().IsZero() && m.Within(s.At) && m.Standing != Rejected
	})
	return s.Is("", Holder) || (!held && s.Is("", Facilitator))
}

// powers: acts that speak for the community need a mandate that says so. Acts
// that a facilitator may also do are not asked of a facilitator. One whose mandate is
// contested may still say no, rule on others' and close what was opened; which of
// these it is, the action asks.
func (s Seat) powers(act Act, consultation record.ID) bool {
	power := map[Act]Power{Vouch: Decide, Rule: Decide, Hear: Receive, Confirm: Decide, Stop: Protect, Give: ReleaseOf}[act]
	if power == "" {
		return true
	}
	_, ok := s.Community.HolderWith(s.Actor.ID(), power, consultation, s.At)
	if !ok && (act == Confirm || act == Rule || act == Give) {
		_, ok = s.Community.holderStill(s.Actor.ID(), power, consultation, s.At)
	}
	return ok
}

// helped tells whether an account has written for the community what it says of
// itself. Who did is not free of it by leaving.
func (c *Community) helped(account record.ID) bool {
	return account == c.Enroller || slices.ContainsFunc(c.Seats, func(t Sitting) bool { return t.Account == account && t.Role == Facilitator })
}

// interested tells whether an account can never speak for the community: the
// proponent, a facilitator, an auditor, whoever was its witness, and whoever runs the
// server. Who helped or wanted something is not free of it by leaving; whom somebody
// only called a proponent is.
func (c *Community) interested(p people.Person) bool {
	outside := slices.ContainsFunc(c.Seats, func(t Sitting) bool {
		return t.Account == p.ID && t.Role != Member && (t.Ended.IsZero() || t.Role == Facilitator || (t.Role == Proponent && c.proposed(p.ID)))
	})
	witness := slices.ContainsFunc(c.Mandates, func(m Mandate) bool { return m.AttestedBy == p.ID })
	return outside || witness || p.Administrator || c.Enroller == p.ID
}

// proposed tells whether an account has itself proposed or told the community something.
func (c *Community) proposed(account record.ID) bool {
	wrote := slices.ContainsFunc(c.Proposals, func(p Proposal) bool {
		return slices.ContainsFunc(p.Versions, func(v ProposalVersion) bool { return v.By == account })
	})
	return wrote || slices.ContainsFunc(c.Consultations, func(x *Consultation) bool {
		return slices.ContainsFunc(x.Disclosures, func(d Disclosure) bool { return d.By == account })
	})
}
