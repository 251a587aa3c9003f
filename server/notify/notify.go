// Package notify sends mail: the few messages people ask for or are invited by,
// one at a time, over SMTP. It knows no person, no page and no language: the
// caller brings the address and the words, from the catalogs, and the package
// sees to it that nothing goes out that was not registered, and nothing that
// somebody typed can become a header.
//
// It keeps nothing. An outbox that tries again belongs between the record and
// [Mailer.Send]: its row's id makes the Message-ID, so that a message sent
// twice is one message in the mailbox, and [SendError] says whether to try again.
package notify

import (
	"errors"
	"fmt"
	"slices"
)

// Kind says what a mail is about.
type Kind string

// Kinds of mail.
const (
	SignInLink   Kind = "sign_in_link"  // to the address of an account, at the request of whoever typed it
	ProveAddress Kind = "prove_address" // to the new address of an account, at its owner's request
	Invitation   Kind = "invitation"    // to an address that a facilitator names
	CopyChanged  Kind = "copy_changed"  // to the recipient of a copy of a consultation, whose address stands in the copy's entry
	TestMail     Kind = "test"          // to an administrator, who asked whether mail works
)

// KindSpec registers a kind: under which policy of server/access it may be
// sent, and whether it must be looked at again right before it goes.
type KindSpec struct {
	Kind   Kind
	Policy string // row of the policy matrix; never empty
	// Recheck: the right to be told may end between the request and the
	// sending, so a message must bring Still.
	Recheck bool
}

// Kinds lists every kind of mail. One that is not here cannot be sent.
func Kinds() []KindSpec {
	return []KindSpec{
		{SignInLink, "mail.sign_in_link", true},
		{ProveAddress, "mail.prove_address", true},
		{Invitation, "mail.invitation", true},
		{CopyChanged, "mail.copy_changed", true},
		{TestMail, "mail.test", false},
	}
}

func specOf(kind Kind) (KindSpec, bool) {
	all := Kinds()
	at := slices.IndexFunc(all, func(s KindSpec) bool { return s.Kind == kind })
	if at < 0 {
		return KindSpec{}, false
	}
	return all[at], true
}

// Errors of sending. ErrNoMail says that this server sends none: pages then
// offer the link itself, to be printed or handed over.
var (
	ErrNoMail  = errors.New("this server sends no mail")
	ErrMessage = errors.New("the message cannot be sent as it is")
	ErrKind    = fmt.Errorf("%w: its kind is not registered, or brings no check", ErrMessage)
	ErrHeader  = fmt.Errorf("%w: an address or a subject is not one line of text", ErrMessage)
	ErrAddress = fmt.Errorf("%w: that is no e-mail address", ErrMessage)
)

// SendError is a conversation with the mail server that failed. Its text has
// neither address nor words, so that it can be logged.
type SendError struct {
	Code      int   // the server's answer; 0 when it gave none
	Temporary bool  // another try later may succeed
	Cause     error // what the mail server or the network said, for the operator's eyes: it may name addresses
}

// Error says how far it came.
func (e *SendError) Error() string {
	if e.Code == 0 {
		return "the mail server could not be talked to"
	}
	return fmt.Sprintf("the mail server answered %d", e.Code)
}
