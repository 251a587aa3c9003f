package communitypages

import (
	"cmp"
	"errors"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/server/page"
)

// answerDoor is one of the answers that the community can give now, as a door to where
// it is written down. Each has the same frame: a no is no lesser answer than a yes.
type answerDoor struct {
	opened
	Blocked string // what it still waits for; "" for what can be given now
	Heard   []page.Heard
}

// answersOf are the answers to the newest version of a proposal, those that say less
// than yes first, for who writes down and confirms for the community. Where it has
// answered everything there are none.
func (o ours) answersOf(x *consultations.Consultation, v consultations.View) []answerDoor {
	if !o.Us() || !o.Seat.Can(consultations.Transcribe, x.ID) {
		return nil
	}
	var out []answerDoor
	given := false
	for _, t := range []consultations.DecisionType{consultations.No, consultations.NotNow, consultations.Declined, consultations.ConsentConditions, consultations.Consent} {
		possible, blocked := o.answerable(x, v, moveFor(t))
		if !possible && blocked == nil {
			continue
		}
		given = given || possible
		out = append(out, o.answerDoor(v, t, possible, blocked))
	}
	if !given {
		return nil
	}
	return out
}

func (o ours) answerDoor(v consultations.View, t consultations.DecisionType, possible bool, blocked *consultations.Blocked) answerDoor {
	key := "consult.decision." + string(t)
	out := answerDoor{opened: opened{talkPath(v, "/drafts/new?type="+string(t)), o.Picto(string(t)), o.T(key)}, Heard: o.Heard(o.Seat, "answer_"+string(t))}
	if t == consultations.Declined {
		out.Path = talkPath(v, "/stop?type="+string(t))
	}
	if !possible {
		out.Blocked = o.T("consult.guard."+string(blocked.Guard), "n", blocked.N, "time", o.Moment(blocked.Until))
	}
	return out
}

// moveFor is the step of the machine that an answer takes.
func moveFor(t consultations.DecisionType) consultations.Move {
	if t == consultations.Declined {
		return consultations.MoveDecline
	}
	return consultations.Move(t)
}

// answerable asks the machine for each part: one is enough.
func (o ours) answerable(x *consultations.Consultation, v consultations.View, m consultations.Move) (possible bool, blocked *consultations.Blocked) {
	if m == consultations.MoveDecline && !o.Seat.Can(consultations.Stop, x.ID) {
		return false, nil
	}
	for _, a := range v.Aspects {
		err := o.Seat.Community.May(m, consultations.Case{Consultation: x, Version: newest(o.Seat, x), Aspect: a.ID, Now: v.At})
		if err == nil {
			return true, nil
		}
		if b, ok := errors.AsType[*consultations.Blocked](err); ok {
			blocked = b
		}
	}
	return false, blocked
}

// newest is the number of the newest version of what a consultation is about.
func newest(seat consultations.Seat, x *consultations.Consultation) int {
	p, _ := seat.Community.Proposal(x.Proposal)
	return p.Newest().Number
}

// roleOptions are roles as choices, in the voice that fits the reader.
func (o ours) roleOptions(roles []consultations.Role) []page.Option {
	out := make([]page.Option, len(roles))
	for i, role := range roles {
		out[i] = page.Option{Value: string(role), Label: o.roleName(role)}
	}
	return out
}

// roleName is what somebody is to the community. Only its own people call the
// project their guest.
func (o ours) roleName(role consultations.Role) string {
	if role == consultations.Proponent && !o.Us() {
		return o.T("community.the_project")
	}
	return o.T("consult.role." + cmp.Or(string(role), "member"))
}
