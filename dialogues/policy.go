package dialogues

import (
	"errors"
	"slices"

	"github.com/vcm-forum/forum/dialogues/people"
)

// Role is what a person does in one dialogue.
type Role string

// Roles. Outsider is everyone without a seat.
const (
	Facilitator   Role = "facilitator"
	CoFacilitator Role = "cofacilitator"
	Rapporteur    Role = "rapporteur"
	Interpreter   Role = "interpreter"
	Participant   Role = "participant"
	Observer      Role = "observer"
	Outsider      Role = ""
)

// Roles lists the roles of members.
func Roles() []Role {
	return []Role{Facilitator, CoFacilitator, Rapporteur, Interpreter, Participant, Observer}
}

// Act is something one may be allowed to do in a dialogue.
type Act string

// Acts.
const (
	See         Act = "see"         // read the dialogue and everything in it
	Know        Act = "know"        // read its title, objective and session times
	Join        Act = "join"        // take a participant's seat
	Attend      Act = "attend"      // be noted as present in a session
	Contribute  Act = "contribute"  // say something, reply, support, raise a hand
	Revise      Act = "revise"      // edit or withdraw what one said oneself
	Prepare     Act = "prepare"     // edit the dialogue, its questions, sessions and agendas
	Staff       Act = "staff"       // invite people, give and take roles
	ChangeState Act = "changestate" // open, close, archive
	Chair       Act = "chair"       // run a live session
	Moderate    Act = "moderate"    // hide and restore contributions
	Minute      Act = "minute"      // write the summary, publish the minutes
	Export      Act = "export"      // take lists and minutes away as files
)

// Acts lists the acts.
func Acts() []Act {
	return []Act{See, Know, Join, Attend, Contribute, Revise, Prepare, Staff, ChangeState, Chair, Moderate, Minute, Export}
}

// Errors of policy. Hidden is answered exactly like something that does not
// exist; Refused says openly that the reader lacks the role; the others that
// the moment has passed.
var (
	ErrHidden    = errors.New("not found")
	ErrRefused   = errors.New("not allowed for this role")
	ErrWrongTime = errors.New("not possible in this state")
)

// Seat is an actor before a dialogue: who, in which role. It is what every
// decision in a dialogue is made of.
type Seat struct {
	Actor    people.Actor
	Role     Role
	Dialogue Dialogue
}

// Can tells whether the seat's holder may do something; see [Seat.Check].
func (s Seat) Can(act Act) bool { return s.Check(act) == nil }

// Check decides. A person who may not know of the dialogue gets ErrHidden
// whatever they try; one who knows it gets ErrRefused or ErrWrongTime.
func (s Seat) Check(act Act) error {
	if !s.mayKnow() {
		return ErrHidden
	}
	if act == Know {
		return nil
	}
	if !s.mayDo(act) {
		if act == See && s.Dialogue.Visibility == Invitation {
			return ErrHidden
		}
		return ErrRefused
	}
	if !slices.Contains(statesFor(act), s.Dialogue.State) {
		return ErrWrongTime
	}
	return nil
}

// mayKnow: a draft is known to those who prepare it; a dialogue by invitation
// and a rehearsal to their members; every other to everyone.
func (s Seat) mayKnow() bool {
	switch {
	case s.Dialogue.ID == "":
		return false
	case s.Dialogue.IsRehearsal():
		return s.Role != Outsider
	case s.Dialogue.State == Draft:
		return s.prepares()
	case s.Dialogue.Visibility == Invitation:
		return s.Role != Outsider
	default:
		return true
	}
}

// prepares: facilitators, co-facilitators, and the rapporteur and interpreters
// who need the texts beforehand.
func (s Seat) prepares() bool {
	return slices.Contains([]Role{Facilitator, CoFacilitator, Rapporteur, Interpreter}, s.Role)
}

// mayDo says which roles may do an act, whatever the dialogue's state.
func (s Seat) mayDo(act Act) bool {
	if s.Dialogue.IsRehearsal() && !slices.Contains(rehearsed(), act) {
		return false
	}
	leads := s.Role == Facilitator || s.Role == CoFacilitator
	speaks := leads || s.Role == Rapporteur || s.Role == Participant || s.Role == Interpreter
	switch act {
	case See, Export:
		return s.Role != Outsider || s.Dialogue.Visibility == Public
	case Know:
		return true
	case Join:
		return s.Role == Outsider && s.Actor.IsKnown() && s.Dialogue.Visibility == Public
	case Attend:
		return s.Role != Outsider
	case Contribute, Revise:
		return speaks
	case Prepare, Chair, Moderate:
		return leads
	case Minute:
		return leads || s.Role == Rapporteur
	case Staff, ChangeState:
		return s.Role == Facilitator
	}
	return false
}

// rehearsed: in a rehearsal one speaks, chairs, moderates and minutes as in the
// session itself; nobody is invited, and nothing is prepared or taken away.
func rehearsed() []Act {
	return []Act{See, Know, Attend, Contribute, Revise, Chair, Moderate, Minute}
}

// statesFor says in which states of the dialogue an act is possible.
func statesFor(act Act) []State {
	switch act {
	case See, Know, Export, Staff, ChangeState:
		return States()
	case Join, Attend, Contribute, Chair:
		return []State{Open}
	case Revise:
		return []State{Open, Closed} // until it is archived everyone may take back their words
	case Prepare:
		return []State{Draft, Open}
	case Moderate, Minute:
		return []State{Open, Closed}
	}
	return nil
}

// CanRevise tells: the author, and nobody else, may edit or withdraw a contribution,
// as long as it can be read and the dialogue is not archived.
func (s Seat) CanRevise(c Contribution) bool {
	return c.AuthorID != "" && c.AuthorID == s.Actor.ID() && c.State == Visible && s.Can(Revise)
}

// CanWithdraw tells: the author may take back what can be read, by facilitators
// alone too, as long as the dialogue is not archived.
func (s Seat) CanWithdraw(c Contribution) bool {
	if c.State == Moderated {
		c.State = Visible
	}
	return s.CanRevise(c)
}

// CanReadText tells: a visible contribution is read by all who see the dialogue, one
// that was moderated by those who moderate and by its author, one that was
// withdrawn or erased by nobody.
func (s Seat) CanReadText(c Contribution) bool {
	switch c.State {
	case Visible:
		return s.Can(See)
	case Moderated:
		return s.Can(See) && (s.mayDo(Moderate) || (c.AuthorID != "" && c.AuthorID == s.Actor.ID()))
	case Withdrawn, Erased:
		return false
	}
	return false
}

// ShowsAuthor tells: a name is shown when its owner chose so. "Group only" holds for
// everyone, facilitators included; authors see by other marks what is theirs.
func (c Contribution) ShowsAuthor() bool { return c.Attribution == Named && c.AuthorID != "" }
