// Package dialoguepages holds the pages of dialogues and live sessions: each
// handler reads the form, calls one action or query, and renders or redirects.
// What the socket tells is rendered here too (stream.go), from the same
// fragments as the pages.
package dialoguepages

import (
	"context"
	"errors"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

// Logins is what these pages need of signing in: a guest who joins keeps the
// place on this phone.
type Logins interface {
	StartGuest(ctx context.Context, guest record.ID, device string) (token string, err error)
}

// Guesses limits wrong session codes by the address they come from.
type Guesses interface {
	Blocked(address string) bool
	Wrong(address string)
}

// Pages are the pages of dialogues and sessions; see [New].
type Pages struct {
	Kit       *page.Kit
	Dialogues *dialogues.Service
	People    *people.Service
	Logins    Logins
	Guesses   Guesses
	kept      *caches
	names     nameGeneration
}

// New makes pages ready to serve.
func New(p *Pages) *Pages {
	p.kept = newCaches()
	return p
}

// ErrTooMany says that somebody asks too often.
var ErrTooMany = errors.New("too many attempts")

// scene reads what fragments of the request's dialogue need.
func (p *Pages) scene(r *page.Request) (scene, []dialogues.QuestionView, error) {
	questions, err := p.Dialogues.Questions(r.Ctx(), r.Seat.Dialogue.ID)
	if err != nil {
		return scene{}, nil, err
	}
	sessions, err := p.Dialogues.Sessions(r.Ctx(), r.Seat.Dialogue.ID)
	return newScene(r.Words(), SightOf(r.Seat), r.Seat.Dialogue, questions, sessions), questions, err
}

func dialoguePath(id record.ID) string { return "/dialogues/" + string(id) }
func sessionPath(id record.ID) string  { return "/sessions/" + string(id) }

// crumbs lead from the list to a page of a dialogue.
func crumbs(r *page.Request, last string) []page.Crumb {
	out := []page.Crumb{{Path: "/dialogues", Name: r.P.T("nav.dialogues")}}
	if d := r.Seat.Dialogue; d.ID != "" {
		out = append(out, page.Crumb{Path: dialoguePath(d.ID), Name: d.Title})
	}
	return append(out, page.Crumb{Name: last})
}
