package dialoguepages

import (
	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

// The acts of running a session: each is one button of the console or the
// phone, a form of its own, and returns to where it was pressed.

// Open starts the session.
func (p *Pages) Open(r *page.Request) error {
	return p.ran(r, consolePath(r), func(by dialogues.Call) (record.Receipt, error) {
		return p.Dialogues.OpenSession(r.Ctx(), by, r.Seat.Dialogue.ID, r.Session.ID)
	})
}

// Close ends the session.
func (p *Pages) Close(r *page.Request) error {
	return p.ran(r, sessionPath(r.Session.ID)+"/minutes", func(by dialogues.Call) (record.Receipt, error) {
		return p.Dialogues.CloseSession(r.Ctx(), by, r.Seat.Dialogue.ID, r.Session.ID)
	})
}

// Cancel calls a planned session off.
func (p *Pages) Cancel(r *page.Request) error {
	return p.ran(r, dialoguePath(r.Seat.Dialogue.ID), func(by dialogues.Call) (record.Receipt, error) {
		return p.Dialogues.CancelSession(r.Ctx(), by, r.Seat.Dialogue.ID, r.Session.ID)
	})
}

// StartItem makes an agenda item the current one.
func (p *Pages) StartItem(r *page.Request) error {
	return p.ran(r, consolePath(r), func(by dialogues.Call) (record.Receipt, error) {
		return p.Dialogues.StartItem(r.Ctx(), by, r.Seat.Dialogue.ID, r.Session.ID, r.FormID("item"))
	})
}

// Timer works the clock. A button that gives or takes minutes says how many in
// its one value, "add".
func (p *Pages) Timer(r *page.Request) error {
	op, minutes := dialogues.TimerOp(r.FormValue("op")), r.Number("minutes")
	if r.FormValue("add") != "" {
		op, minutes = dialogues.TimerAdd, r.Number("add")
	}
	return p.ran(r, consolePath(r), func(by dialogues.Call) (record.Receipt, error) {
		return p.Dialogues.SetTimer(r.Ctx(), by, r.Seat.Dialogue.ID, r.Session.ID, op, minutes)
	})
}

// HandChair passes the chair on.
func (p *Pages) HandChair(r *page.Request) error {
	return p.ran(r, consolePath(r), func(by dialogues.Call) (record.Receipt, error) {
		return p.Dialogues.HandChair(r.Ctx(), by, r.Seat.Dialogue.ID, r.Session.ID, r.FormID("person"))
	})
}

// Hand raises or lowers the reader's own hand.
func (p *Pages) Hand(r *page.Request) error {
	return p.ran(r, sessionPath(r.Session.ID), func(by dialogues.Call) (record.Receipt, error) {
		if r.FormValue("down") == "1" {
			return p.Dialogues.LowerHand(r.Ctx(), by, r.Seat.Dialogue.ID, r.Session.ID)
		}
		return p.Dialogues.RaiseHand(r.Ctx(), by, r.Seat.Dialogue.ID, r.Session.ID)
	})
}

// CallHand gives somebody the floor.
func (p *Pages) CallHand(r *page.Request) error {
	return p.ran(r, consolePath(r), func(by dialogues.Call) (record.Receipt, error) {
		return p.Dialogues.CallHand(r.Ctx(), by, r.Seat.Dialogue.ID, r.Session.ID, r.ID("hand"))
	})
}

// EndHand ends a turn or takes a hand off the list.
func (p *Pages) EndHand(r *page.Request) error {
	return p.ran(r, consolePath(r), func(by dialogues.Call) (record.Receipt, error) {
		return p.Dialogues.EndHand(r.Ctx(), by, r.Seat.Dialogue.ID, r.Session.ID, r.ID("hand"))
	})
}

// Attend enters the session as a member.
func (p *Pages) Attend(r *page.Request) error {
	return p.ran(r, sessionPath(r.Session.ID), func(by dialogues.Call) (record.Receipt, error) {
		return p.Dialogues.AttendSession(r.Ctx(), by, r.Seat.Dialogue.ID, r.Session.ID)
	})
}

func consolePath(r *page.Request) string { return sessionPath(r.Session.ID) + "/console" }

// ran runs an act that is pressed many times from one page: the page's key
// would make all presses one, so it is used only where a script sends its own.
func (p *Pages) ran(r *page.Request, next string, act func(dialogues.Call) (record.Receipt, error)) error {
	by := dialogues.Call{Actor: r.Actor, Key: r.Context.Request().Header.Get("Idempotency-Key")}
	receipt, err := act(by)
	if err != nil {
		return err
	}
	return r.Done(receipt, next)
}
