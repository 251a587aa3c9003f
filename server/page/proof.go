package page

import (
	"time"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// Door asks whoever sends a request to show once more who they are: by their
// passphrase or a code of their second factor, in the field "proof". The server is one.
type Door interface {
	// Fresh asks before what a phone left lying open must not do.
	Fresh(r *Request) error
	// Decides asks before what speaks for a community and protects nothing. It waits
	// after a proof of the account was replaced without the one before.
	Decides(r *Request) error
	// Waiting are those of the accounts that speak for the community of whom nothing
	// that decides is taken yet, and until when.
	Waiting(r *Request) (map[record.ID]time.Time, error)
}

// Fresh is nil once whoever sent the request has shown who they are, else an
// [*Unproven], which is answered by a page that asks and keeps what was typed.
func (r *Request) Fresh() error { return r.Kit.Door.Fresh(r) }

// Decides is Fresh for a word that speaks for a community.
func (r *Request) Decides() error { return r.Kit.Door.Decides(r) }

// Unproven says that a request has not shown who sends it.
type Unproven struct { //nolint:errname // it is a page that asks; "error" would be read as a fault of ours
	Problem people.Problem // what is wrong with the proof that came, or why none counts; zero where none came
	Status  int
	Step    bool // a step asks for it, not the time that went by
	None    bool // the account has nothing to show
	Waits   bool // nothing that it shows counts yet
}

// Says is the key of what it says to a program.
func (u *Unproven) Says() string {
	switch {
	case u.Problem.Key != "":
		return u.Problem.Key
	case u.None:
		return "consultation.proof_none"
	case u.Step:
		return "door.step_lead"
	default:
		return "door.lead"
	}
}

func (u *Unproven) Error() string { return "not shown who it is: " + u.Problem.Key }
