// Package peoplepages holds the pages about people themselves: signing in,
// links, one's account and data, who sits in a dialogue, access sheets. Each
// handler reads the form, calls one action or query, and renders or redirects.
//
// How identity is proven is not decided here (see server/signin), nor what a
// role allows (see dialogues); this package carries tokens between cookies,
// addresses and those two.
package peoplepages

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/i18n"
	"github.com/vcm-forum/forum/server/page"
	"github.com/vcm-forum/forum/server/signin"
)

// Letter is a link on its way to somebody's mailbox.
type Letter struct {
	To       string
	Language i18n.Language // in which it is written
	Link     signin.Link   // what it is for; whoever sends asks signin.Service.StillHolds once more
	URL      string        // absolute, holds the token
	From     string        // the name of whoever invites; "" for other purposes
	Dialogue string        // the title an invitation is for; "" for other purposes
}

// Letters takes letters on their way. An error means that the letter was not
// accepted; what happens to it later nobody here learns.
type Letters interface {
	Send(ctx context.Context, letter Letter) error
}

// Pages are the pages about people.
type Pages struct {
	Kit       *page.Kit
	Dialogues *dialogues.Service
	People    *people.Service
	Logins    *signin.Service
	Limits    *signin.Limiter // by client address; nil limits nothing
	Letters   Letters         // needed when Kit.Mail says that mail can be sent
	// Consultations holds whom somebody speaks for, who leaves; nil where there are none.
	Consultations *consultations.Service
	waiting       sync.WaitGroup // what was begun beside requests
}

// Wait returns when what was begun beside requests is done; the server calls
// it before it stops the writer.
func (p *Pages) Wait() { p.waiting.Wait() }

// besideLimit bounds what runs beside a request.
const besideLimit = 30 * time.Second

// beside does something after the answer, so that how long it takes tells the
// sender nothing. A failure is logged without whom it was about.
func (p *Pages) beside(r *page.Request, doing string, do func(ctx context.Context) error) {
	ctx := context.WithoutCancel(r.Ctx())
	p.waiting.Go(func() {
		ctx, cancel := context.WithTimeout(ctx, besideLimit)
		defer cancel()
		if err := do(ctx); err != nil {
			p.Kit.Logger.WarnContext(ctx, "work beside a request failed", slog.String("doing", doing), slog.Any("error", err))
		}
	})
}

// Cookies of these pages. The phone's says which access sheet is bound to it;
// the guest's waits, for minutes, until its owner has signed in to an account.
const (
	phoneCookie = "forum_phone"
	guestCookie = "forum_guest"
	phoneLife   = 90 * 24 * time.Hour
)

// allow spends one attempt of whoever asks, counted by address.
func (p *Pages) allow(r *page.Request, kind signin.LimitKind) bool {
	return p.Limits.Allow(kind, signin.ClientKey(r.RealIP()))
}

// formed is a page around one form. Fields find their hints by their names.
type formed struct {
	page.Base
	Form page.Form
} //i18n:account.name.hint account.group.hint account.email.hint account.passphrase_new.hint account.passphrase_maybe.hint invite.email.hint invite.note.hint sheet.many.hint sheet.note.hint

// Secret is a field for a passphrase. What was typed is never sent back.
func (f formed) Secret(name, label, complete string) page.Field {
	field := f.Form.Field("password", name, label)
	field.Value = ""
	return field.Complete(complete)
}

// Code is a field for the code of a phone app. A code counts once, so that what
// was typed is of no more use.
func (f formed) Code(name, label string) page.Field {
	field := f.Form.Field("text", name, label)
	field.Value = ""
	return field.Need().Complete("one-time-code")
}

// LanguageList offers the languages of the pages under their own names.
func (f formed) LanguageList() []page.Option {
	var out []page.Option
	for _, l := range f.LanguageChoices() {
		out = append(out, page.Option{Value: l.Code, Label: l.Name})
	}
	return out
}

// ZoneList offers time zones.
func (f formed) ZoneList() []page.Option { return f.ZoneOptions(f.Form.Value("time_zone")) }

// statusOf is 422 for a page that comes back with problems.
func statusOf(invalid people.Invalid) int {
	if len(invalid) > 0 {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

// problems reads from an error what a form can show beside its fields.
func problems(r *page.Request, err error) (people.Invalid, bool) {
	var invalid people.Invalid
	ok := errors.As(err, &invalid) && !r.WantsJSON()
	return invalid, ok
}

// nextOf is where the reader wanted to go before signing in came between.
func nextOf(r *page.Request) string { return page.LocalPath(r.FormValue("next"), "/") }

// goTo answers a write with the page to go on to.
func goTo(r *page.Request, path string) error { return r.Redirect(http.StatusSeeOther, path) }

// zone is the reader's time zone; UTC where they have not said one.
func zone(r *page.Request) *time.Location {
	z, err := time.LoadLocation(r.Actor.Person.TimeZone)
	if err != nil {
		return time.UTC
	}
	return z
}

func dialoguePath(id record.ID) string { return "/dialogues/" + string(id) }
func sessionPath(id record.ID) string  { return "/sessions/" + string(id) }

// accountCrumbs lead to a page of the reader's account.
func accountCrumbs(r *page.Request, last string) []page.Crumb {
	return []page.Crumb{{Path: "/account", Name: r.P.T("account.title")}, {Name: last}}
}

// checkEmail notes in v what is wrong with an address, and returns its stored form.
func checkEmail(v people.Invalid, email string) string {
	profile := people.Profile{Name: "-", Email: email, StakeholderGroup: people.Research}
	if problem, bad := profile.Check()["email"]; bad {
		v.Add("email", problem.Key, problem.Args...)
	}
	if profile.Email == "" {
		v.Add("email", "error.required")
	}
	return profile.Email
}
