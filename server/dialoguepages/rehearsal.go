package dialoguepages

import (
	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

// Rehearse leads into the rehearsal of a session: the console of its copy.
func (p *Pages) Rehearse(r *page.Request) error {
	receipt, err := p.Dialogues.Rehearse(r.Ctx(), r.Call(), r.Seat.Dialogue.ID, r.Session.ID)
	if err != nil {
		return err
	}
	return r.Done(receipt, sessionPath(receipt.ID)+"/console")
}

// Prompt lets an invented participant raise a hand or say something, under a
// name and in words of the facilitator's language.
func (p *Pages) Prompt(r *page.Request) error {
	form := dialogues.PromptForm{Name: r.P.T("rehearsal.extra"), Language: string(r.P.Lang())}
	if r.FormValue("what") == "words" {
		form.Body = r.P.T("rehearsal.sample")
	}
	return p.ran(r, consolePath(r), func(by dialogues.Call) (record.Receipt, error) {
		return p.Dialogues.Prompt(r.Ctx(), by, r.Seat.Dialogue.ID, r.Session.ID, form)
	})
}

// EndRehearsal takes the rehearsal away and goes back to the session itself.
func (p *Pages) EndRehearsal(r *page.Request) error {
	receipt, err := p.Dialogues.EndRehearsal(r.Ctx(), r.Call(), r.Seat.Dialogue.ID)
	if err != nil {
		return err
	}
	r.Flash("flash.rehearsal_ended")
	return r.Done(receipt, sessionPath(r.Seat.Dialogue.RehearsalOf)+"/agenda")
}
