package consultations

import (
	"cmp"
	"slices"
	"time"

	"github.com/vcm-forum/forum/dialogues/record"
)

// Mark is one thing that moves aspects of a version.
type Mark struct {
	Move      Move
	Version   int
	Aspects   []record.ID // none: all of the version
	Entry     int64
	Base      int64     // who made it had seen the entries before this one
	At        time.Time // when it was entered
	Since     time.Time // from when it counts: a step that protects from when it was taken, every other from its entry
	Done      time.Time // when it was taken, as far as that can be believed
	Effective time.Time // for a yes: when its cooling time is over
	ReviewAt  time.Time
	ExpiresAt time.Time
	If        bool // a yes under conditions, which is never shown as a plain one
	Decision  record.ID
	Late      bool
	Aside     bool // an institution ruled that it does not stand, or it was entered in error
}

func (m Mark) covers(version int, aspect record.ID) bool {
	return m.Version == version && (len(m.Aspects) == 0 || slices.Contains(m.Aspects, aspect))
}

// knew tells whether who made m had seen o.
func (m Mark) knew(o Mark) bool { return o.Entry < m.Base }

// concurrent: made without knowing of each other.
func concurrent(a, b Mark) bool { return a.Entry != b.Entry && !a.knew(b) && !b.knew(a) }

// yes tells whether the mark would let something happen.
func (m Mark) yes() bool { return m.Move == MoveConsent || m.Move == MoveIf || m.Move == MoveRenew }

// no tells whether the mark answers that it must not happen.
func (m Mark) no() bool { return m.Move == MoveRefuse || m.Move == MoveDecline }

// Period is a stretch of time in one state. To is zero while it lasts.
type Period struct {
	State State
	From  time.Time
	To    time.Time
	Known time.Time // when the record came to know of it; after From for what was reported late
	Mark  Mark
}

// Standing is how one aspect of one version stands, as of an entry of the log
// and a time.
type Standing struct {
	State     State // what is shown: Contested before anything else
	Path      State // where the machine is, whatever is contested
	AsOf      int64 // size of the log
	At        time.Time
	Since     time.Time
	Entry     int64 // that brought it there
	Contested bool
	Decision  record.ID // that the state rests on; "" for none
	Periods   []Period
	met       [][2]record.ID // decisions that came upon each other
	Stale     []record.ID    // decisions that never entered into force, since something that protects was done without their knowing
}

// Standing says how an aspect stands at a time. It is a pure function of the
// log: the order in which late steps arrived makes no difference.
func (c *Community) Standing(x *Consultation, version int, aspect record.ID, now time.Time) Standing {
	s := Standing{Path: Withheld, State: Withheld, AsOf: c.Size, At: now}
	marks, stale := arrange(x.marksOf(version, aspect))
	for _, m := range stale {
		s.Stale = append(s.Stale, m.Decision)
	}
	for _, m := range marks {
		if m.Since.After(now) {
			continue
		}
		s.pass(m.Since)
		s.take(m)
	}
	s.pass(now)
	if c.NoContact && !now.Before(c.barredAt) {
		s.enter(Barred, c.barredAt, Mark{At: c.barredAt}) // from then on: what was before was
	}
	s.State, s.Contested = s.Path, x.contested(aspect, s) || c.disputed(x, s)
	if s.Contested && s.Path != Withdrawn && s.Path != DeclinedState {
		s.State = ContestedState
	}
	return s
}

// disputed tells whether a yes that holds, or soon will, rests on the word of
// somebody whose mandate is contested or was rejected.
func (c *Community) disputed(x *Consultation, s Standing) bool {
	d, ok := x.Decision(s.Decision)
	return ok && d.Type.yes() && (s.Path.holds() || s.Path == Cooling) && slices.ContainsFunc(d.Mandates, func(id record.ID) bool {
		m, _ := c.Mandate(id)
		begun := !m.ContestedAt.IsZero() && !s.At.Before(m.ContestedAt)
		return begun && (m.Standing != Upheld || s.At.Before(m.RuledAt))
	})
}

// contested tells whether a contest covers the aspect at the time of the standing.
// What was in force until somebody disputed it was in force until then.
func (x *Consultation) contested(aspect record.ID, s Standing) bool {
	return slices.ContainsFunc(x.Contests, func(t Contest) bool {
		open := !s.At.Before(t.At) && (t.Resolved == 0 || s.At.Before(t.ResolvedAt))
		return open && t.covers(aspect) && (t.Against == "" || s.meets(t.ID, t.Against))
	})
}

// meets tells whether two decisions came upon each other: one was taken while the
// other stood, or one never took effect since it did not know of the other.
func (s Standing) meets(a, b record.ID) bool {
	return slices.Contains(s.Stale, a) || slices.Contains(s.Stale, b) ||
		slices.Contains(s.met, [2]record.ID{a, b}) || slices.Contains(s.met, [2]record.ID{b, a})
}

// InForce tells whether the community's yes to an aspect of a version held at a
// time, by all that the log says now.
func (c *Community) InForce(x *Consultation, version int, aspect record.ID, t time.Time) bool {
	return c.Standing(x, version, aspect, t).State.holds()
}

// take applies a mark where the machine knows it from here. One that comes from
// a state which does not know it changes nothing: it stays in the record.
func (s *Standing) take(m Mark) {
	if s.Decision != "" && m.Decision != "" && s.Decision != m.Decision {
		s.met = append(s.met, [2]record.ID{s.Decision, m.Decision})
	}
	step, ok := stepFor(m.Move, s.Path)
	if !ok && m.Move == MoveDecline {
		step, ok = stepFor(MoveWithdraw, s.Path) // who does not wish to engage takes back what was agreed meanwhile
	}
	if !ok {
		return
	}
	to, from := m.leadsTo(step), m.Since
	if n := len(s.Periods); n > 0 {
		from = latest(from, s.Periods[n-1].From)
	}
	if m.yes() && m.Effective.After(m.Since) {
		to = Cooling
	}
	s.enter(to, from, m)
}

// leadsTo is where a step leads for this mark: a yes under conditions is one
// whatever it was written down as.
func (m Mark) leadsTo(step Step) State {
	if step.To == InForce && m.If {
		return InForceIf
	}
	return step.To
}

// enter closes the period that lasts and begins the next.
func (s *Standing) enter(to State, from time.Time, m Mark) {
	if n := len(s.Periods); n > 0 {
		s.Periods[n-1].To = from
	}
	s.Periods = append(s.Periods, Period{State: to, From: from, Known: m.At, Mark: m})
	s.Path, s.Since, s.Decision, s.Entry = to, from, m.Decision, m.Entry
}

// pass lets time go by: a cooling time ends in force, a review date opens a
// review, an end makes it lapse. Nothing ever becomes a yes by time that was not
// decided as one.
func (s *Standing) pass(t time.Time) {
	for n := len(s.Periods); n > 0; n = len(s.Periods) {
		m := s.Periods[n-1].Mark
		switch {
		case s.Path == Cooling && !m.Effective.After(t):
			step, _ := find(rows, func(r Step) bool { return r.Move == m.Move })
			s.enter(m.leadsTo(step), m.Effective, m)
		case s.Path.holds() && due(m.ReviewAt, t) && (m.ExpiresAt.IsZero() || m.ReviewAt.Before(m.ExpiresAt)):
			s.enter(UnderReview, m.ReviewAt, m)
		case s.Path.holds() && due(m.ExpiresAt, t):
			s.enter(Lapsed, m.ExpiresAt, m)
		case s.Path == UnderReview && m.yes() && due(m.ExpiresAt, t):
			s.enter(Lapsed, m.ExpiresAt, m)
		default:
			return
		}
	}
}

func due(at, t time.Time) bool { return !at.IsZero() && !at.After(t) }

// marksOf are the marks of an aspect that stand, in the order of the log.
func (x *Consultation) marksOf(version int, aspect record.ID) []Mark {
	var out []Mark
	for _, m := range x.Marks {
		if m.covers(version, aspect) && !m.Aside {
			out = append(out, m)
		}
	}
	return out
}

// arrange puts marks into the order in which they count. What somebody knew of
// comes before what they did; among steps that did not know of each other, the
// one that was done first, then the one that protects more. A yes that did not
// know of a no does not count at all: it is put to the institution. One holder's word
// that the community does not wish to engage, given after the yes, does not undo what
// several said before it; it takes it back from then on. Stopping what
// was allowed comes after it, whether or not one knew of the other, and leaves it
// what it was until then. The order of arrival plays no part.
func arrange(marks []Mark) (order, stale []Mark) {
	rest := slices.DeleteFunc(slices.Clone(marks), func(m Mark) bool {
		overtaken := m.yes() && slices.ContainsFunc(marks, func(p Mark) bool { return p.no() && concurrent(m, p) && !p.after(m) })
		if overtaken {
			stale = append(stale, m)
		}
		return overtaken
	})
	for len(rest) > 0 {
		next := -1
		for i, m := range rest {
			free := !slices.ContainsFunc(rest, m.follows)
			if free && (next < 0 || before(m, rest[next])) {
				next = i
			}
		}
		order = append(order, rest[next])
		rest = slices.Delete(rest, next, next+1)
	}
	return order, stale
}

// after tells of a decline whether it was taken after a yes that it did not know of.
func (m Mark) after(o Mark) bool { return m.Move == MoveDecline && m.Done.After(o.Done) }

// follows tells whether m comes after o: it knew of it, or it stops what o allowed,
// which it does whether or not it knew.
func (m Mark) follows(o Mark) bool {
	stops := m.Move == MoveWithdraw || m.Move == MoveSuspend || m.after(o)
	return m.knew(o) || (stops && o.yes() && concurrent(m, o))
}

// before orders two marks that did not know of each other.
func before(a, b Mark) bool {
	return cmp.Or(a.Done.Compare(b.Done), cmp.Compare(rank(a.Move), rank(b.Move)), cmp.Compare(a.Decision, b.Decision)) < 0
}

// rank: of two at the same moment the one that protects more is taken last, so that it stands.
func rank(m Move) int {
	return slices.Index([]Move{MoveRenew, MoveConsent, MoveIf, MoveNotNow, MoveChange, MoveSuspend, MoveRefuse, MoveDecline, MoveWithdraw}, m)
}
