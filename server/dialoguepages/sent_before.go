package dialoguepages

import (
	"cmp"
	"net/http"

	"github.com/google/uuid"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

// sentBefore is what a form has recorded already; zero for one that is new.
type sentBefore struct {
	Path  string // where its words stand
	Other bool   // it has been sent again with other words, which are not recorded
}

// sentBefore looks up what the reader has recorded with a form.
func (p *Pages) sentBefore(r *page.Request, key string) (sentBefore, error) {
	receipt, err := record.Answered(r.Ctx(), p.Dialogues.Read, r.Actor.ID(), key)
	if err != nil || receipt.ID == "" || receipt.Room != r.Seat.Dialogue.Room() {
		return sentBefore{}, err
	}
	return sentBefore{Path: "/contributions/" + string(receipt.ID)}, nil
}

// withOtherWords is for a form that comes back because its key has been used for other words.
func (b sentBefore) withOtherWords() sentBefore { b.Other = true; return b }

// keyOf is the key of the form that is shown now. Words that were sent with a
// used key are a form of their own: sent once more, they are recorded.
func (b sentBefore) keyOf(r *page.Request) string {
	if b.Other {
		return uuid.NewString()
	}
	return cmp.Or(r.FormKey(), r.Call().Key, uuid.NewString())
}

// status is what the page is answered with.
func (b sentBefore) status(invalid people.Invalid) int {
	if b.Other {
		return http.StatusConflict
	}
	return statusOf(invalid)
}
