// Package access is the registry of who may reach what. A route, an event on
// the socket, an export, a feed or a mail is registered together with a Policy,
// and the server does not start when one of them has no row in the matrix
// (matrix.txt) or a row has nothing behind it.
//
// The package declares; it does not decide about a dialogue or a community. That
// is dialogues.Seat.Check and consultations.Seat.Check, the same for page, JSON,
// socket, search, export and feed.
package access

import (
	"fmt"
	"slices"
	"strings"

	_ "embed"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues"
)

// Who is the least somebody must be, whatever the object.
type Who string

// Kinds of caller.
const (
	Anyone        Who = "anyone"        // with or without a login
	Known         Who = "known"         // a person: account or guest
	Account       Who = "account"       // an account, second factor passed
	Convener      Who = "convener"      // an account that may create dialogues
	Administrator Who = "administrator" // an account that may run the server
	Half          Who = "half"          // a login that still owes its second factor, or a full one
)

// Policy is one rule of the law. With an Act the caller must also hold a seat
// that allows it in the dialogue which the address names.
type Policy struct {
	Name string
	Who  Who
	Act  dialogues.Act // "" for what belongs to no dialogue
	// Consult is what the caller's seat with the community that the address names
	// must allow; "" for what belongs to none.
	Consult consultations.Act
}

// Policies of the forum. A name is what matrix.txt and `forum routes` call it.
var (
	Open      = Policy{"open", Anyone, "", ""}
	Own       = Policy{"own", Known, "", ""}
	OwnHalf   = Policy{"own.half", Half, "", ""}
	OwnAcct   = Policy{"own.account", Account, "", ""}
	Convene   = Policy{"dialogue.create", Convener, "", ""}
	Operate   = Policy{"operate", Administrator, "", ""}
	KnowOf    = Policy{"dialogue.know", Anyone, dialogues.Know, ""}
	See       = Policy{"dialogue.see", Anyone, dialogues.See, ""}
	Export    = Policy{"dialogue.export", Anyone, dialogues.Export, ""}
	Join      = Policy{"dialogue.join", Known, dialogues.Join, ""}
	Attend    = Policy{"session.attend", Known, dialogues.Attend, ""}
	Speak     = Policy{"dialogue.contribute", Known, dialogues.Contribute, ""}
	Revise    = Policy{"dialogue.revise", Known, dialogues.Revise, ""}
	Prepare   = Policy{"dialogue.prepare", Account, dialogues.Prepare, ""}
	TakeChair = Policy{"dialogue.take_chair", Administrator, dialogues.Know, ""}
	Staff     = Policy{"dialogue.staff", Account, dialogues.Staff, ""}
	SetState  = Policy{"dialogue.state", Account, dialogues.ChangeState, ""}
	Chair     = Policy{"session.chair", Account, dialogues.Chair, ""}
	Moderate  = Policy{"dialogue.moderate", Account, dialogues.Moderate, ""}
	Minute    = Policy{"session.minute", Account, dialogues.Minute, ""}

	// Mine is what shows somebody of which communities they are. Before it stands the
	// door that stands before each of them (server/door.go).
	Mine         = Policy{"community.mine", Account, "", ""}
	Found        = Policy{"community.found", Convener, "", ""}
	KnowPeople   = consult(consultations.Know)
	SeePeople    = consult(consultations.SeeAll)
	DefineSelf   = consult(consultations.DefineSelf)
	EnterMandate = consult(consultations.EnterMandate)
	Attest       = consult(consultations.Attest)
	Contest      = consult(consultations.Gainsay)
	Rule         = consult(consultations.Rule)
	Propose      = consult(consultations.Propose)
	Approach     = consult(consultations.Approach)
	PlanTalk     = consult(consultations.Plan)
	Tell         = consult(consultations.Tell)
	Hear         = consult(consultations.Hear)
	WriteMeeting = consult(consultations.Convene)
	Transcribe   = consult(consultations.Transcribe)
	ConfirmIt    = consult(consultations.Confirm)
	RaiseChange  = consult(consultations.RaiseChange)
	VerifyIt     = consult(consultations.Verify)
	Give         = consult(consultations.Give)
	SeeReads     = consult(consultations.SeeReads)
	SeeMandates  = consult(consultations.SeeMandates)
	SeeProofs    = consult(consultations.SeeProofs)
	InvitePeople = consult(consultations.Invite)
	HandIn       = consult(consultations.HandIn)
)

// consult is a policy about a community. Whoever has no seat there, signed in or
// not, gets the same answer as for a community that does not exist.
func consult(act consultations.Act) Policy {
	return Policy{"consult." + string(act), Anyone, "", act}
}

// Policies lists every policy.
func Policies() []Policy {
	return []Policy{
		Open, Own, OwnHalf, OwnAcct, Convene, Operate, KnowOf, See, Export, Join, Attend, Speak, Revise,
		Prepare, TakeChair, Staff, SetState, Chair, Moderate, Minute,
		Mine, Found, KnowPeople, SeePeople, DefineSelf, EnterMandate, Attest, Contest, Rule, Propose, Approach, PlanTalk, Tell, Hear, WriteMeeting,
		Transcribe, ConfirmIt, RaiseChange, VerifyIt, Give, SeeReads, SeeMandates, SeeProofs, InvitePeople, HandIn,
	}
}

// Kind says what is registered.
type Kind string

// Kinds of entry.
const (
	Route Kind = "route" // METHOD /path
	Event Kind = "event" // a verb that the socket tells
	Mail  Kind = "mail"  // a kind of mail
	Job   Kind = "job"   // something that runs by itself
)

// Entry is one thing that can reach somebody, with its policy.
type Entry struct {
	Kind   Kind
	Name   string
	Policy Policy
}

//go:embed matrix.txt
var matrix string

// Row is one line of the law.
type Row struct {
	Kind   Kind
	Name   string
	Policy string
}

// Rows parses matrix.txt: kind, name and policy, the policy being the last word.
func Rows() ([]Row, error) {
	var rows []Row
	for n, line := range strings.Split(matrix, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		words := strings.Fields(line)
		if len(words) < 3 {
			return nil, fmt.Errorf("matrix.txt:%d: want kind, name, policy", n+1)
		}
		last := len(words) - 1
		rows = append(rows, Row{Kind(words[0]), strings.Join(words[1:last], " "), words[last]})
	}
	return rows, nil
}

// Check holds what is registered against the matrix. Every difference is named
// in the error: an entry without a row, with another policy, or a dead row.
func Check(entries []Entry) error {
	rows, err := Rows()
	if err != nil {
		return err
	}
	var wrong []string
	for _, e := range entries {
		i := slices.IndexFunc(rows, func(r Row) bool { return r.Kind == e.Kind && r.Name == e.Name })
		switch {
		case i < 0:
			wrong = append(wrong, fmt.Sprintf("add a row for %s %s", e.Kind, e.Name))
		case rows[i].Policy != e.Policy.Name:
			wrong = append(wrong, fmt.Sprintf("%s %s is registered as %s, the matrix says %s", e.Kind, e.Name, e.Policy.Name, rows[i].Policy))
		}
	}
	for _, r := range rows {
		if !slices.ContainsFunc(entries, func(e Entry) bool { return e.Kind == r.Kind && e.Name == r.Name }) {
			wrong = append(wrong, fmt.Sprintf("nothing is behind the row %s %s", r.Kind, r.Name))
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("access matrix: %s", strings.Join(wrong, "; "))
	}
	return nil
}
