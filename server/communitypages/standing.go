package communitypages

import (
	"slices"
	"time"

	"github.com/vcm-forum/forum/consultations"
)

// mayVouch tells whether a reader can stand behind a mandate now: as one who
// holds a mandate to confirm, or for a founding one by writing down a name.
func mayVouch(seat consultations.Seat, m consultations.Mandate) bool {
	mine := m.Account != "" && m.Account == seat.Actor.ID()
	if !live(m) {
		return false
	}
	if m.Founding {
		return len(m.Confirmed) < foundingNames && seat.Can(consultations.EnterMandate, "")
	}
	said := slices.ContainsFunc(m.Confirmed, func(c consultations.Confirming) bool { return c.By == seat.Actor.ID() })
	return !mine && !said && len(m.Confirmed) < m.Rules.Quorum() && seat.Can(consultations.Vouch, "")
}

// foundingNames are as many named persons as a founding mandate needs.
const foundingNames = 2

// mayAttest tells whether a reader can attest a founding mandate now.
func mayAttest(seat consultations.Seat, m consultations.Mandate) bool {
	ready := m.Founding && live(m) && m.AttestedAt.IsZero() && len(m.Confirmed) >= foundingNames
	return ready && m.EnteredBy != seat.Actor.ID() && seat.Can(consultations.Attest, "") && !seat.Is("", consultations.Facilitator, consultations.Proponent)
}

// mayContest tells whether a reader can contest a mandate now.
func mayContest(seat consultations.Seat, m consultations.Mandate) bool {
	return live(m) && m.Standing != consultations.Disputed && seat.Can(consultations.Gainsay, "")
}

// mayRule tells whether a reader can rule on a contested mandate: another holder,
// never whoever it is about or who contested it.
func mayRule(seat consultations.Seat, m consultations.Mandate) bool {
	return live(m) && m.Standing == consultations.Disputed && !holds(seat, m.Holder) && m.ContestedBy != seat.Actor.ID() && seat.Can(consultations.Rule, "")
}

// mayEnd tells whether a reader can end a mandate: their own, or another's as one
// who may confirm decisions.
func mayEnd(seat consultations.Seat, m consultations.Mandate) bool {
	own := m.Account != "" && m.Account == seat.Actor.ID()
	return m.EndedAt.IsZero() && (own || (seat.Can(consultations.Rule, "") && !spoken(seat, endOf(m))))
}

// mayMove tells whether a reader can say that a holder has another account: as one
// of two others who may confirm decisions, and who have the person before them.
func mayMove(seat consultations.Seat, m consultations.Mandate) bool {
	first := m.Moving.Account != "" && m.Moving.By == seat.Actor.ID()
	return live(m) && !first && !holds(seat, m.Holder) && seat.Can(consultations.Rule, "")
}

// spoken tells whether a reader has said a motion already.
func spoken(seat consultations.Seat, motion string) bool {
	return slices.ContainsFunc(seat.Community.Spoken(motion), func(w consultations.Word) bool { return holds(seat, w.Holder) })
}

// endOf and ruleOf name what several holders must say of a mandate.
func endOf(m consultations.Mandate) string { return consultations.MotionOf("end mandate", m.ID) }

func ruleOf(m consultations.Mandate, stands bool) string {
	return consultations.MotionOf("rule on mandate", []any{m.ID, m.ContestedAt, stands})
}

// how is how a mandate stands at a time, as a key of words.
func how(m consultations.Mandate, now time.Time) string {
	ready := m.ReadyAt()
	switch {
	case !m.EndedAt.IsZero():
		return "ended"
	case m.Standing == consultations.Rejected:
		return "rejected"
	case m.Standing == consultations.Disputed:
		return "contested"
	case !m.Until.IsZero() && !now.Before(m.Until):
		return "over"
	case ready.IsZero() && m.Founding && len(m.Confirmed) >= foundingNames:
		return "witness"
	case ready.IsZero():
		return "vouching"
	case now.Before(m.From):
		return "later"
	case now.Before(ready):
		return "waiting"
	}
	return "holds"
}
