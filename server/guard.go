package server

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/access"
	"github.com/vcm-forum/forum/server/dialoguepages"
	"github.com/vcm-forum/forum/server/i18n"
	"github.com/vcm-forum/forum/server/page"
	"github.com/vcm-forum/forum/server/signin"
)

// route is one address with the policy that guards it. A route without a policy
// cannot be written down, and one without a row in the matrix does not start.
type route struct {
	method, path string
	policy       access.Policy
	handle       func(*page.Request) error
}

// longestRequest bounds the work of one request; sockets are not under it.
const longestRequest = 15 * time.Second

// longestUpload bounds a request that brings a file, on the slowest line that phones have.
const longestUpload = 30 * time.Minute

// requestKey is where the guard keeps the request for the error page.
const requestKey = "forum.request"

// install registers a route behind its guard.
func (s *Server) install(e *echo.Echo, rt route) {
	e.Add(rt.method, rt.path, func(c echo.Context) error {
		longest := longestRequest
		if takesFiles(c) {
			longest = longestUpload
		}
		ctx, cancel := context.WithTimeout(c.Request().Context(), longest)
		defer cancel()
		c.SetRequest(c.Request().WithContext(ctx))
		r, err := s.identify(c)
		if err != nil {
			return err
		}
		if err := s.authorise(r, rt); err != nil {
			return err
		}
		return rt.handle(r)
	})
}

// identify finds out who asks and in which language.
func (s *Server) identify(c echo.Context) (*page.Request, error) {
	r := &page.Request{Context: c, Kit: s.kit}
	c.Set(requestKey, r)
	r.P = s.kit.Catalogs.Printer(i18n.English)
	token := r.CookieValue(page.LoginCookie)
	r.BindForms(token)
	if token != "" {
		presence, err := s.signin.Who(c.Request().Context(), token)
		if err != nil && !errors.Is(err, signin.ErrNobody) {
			return nil, err
		}
		r.Actor, r.Half = presence.Actor, errors.Is(err, signin.ErrHalf)
		r.Opened, r.Keyed = presence.Login.CreatedAt, presence.HasPassphrase || presence.HasTOTP
	}
	r.P = s.kit.Catalogs.Printer(s.language(r))
	noStore(r)
	return r, nil
}

// language: the person's choice, else this browser's, else what it says it reads.
func (s *Server) language(r *page.Request) i18n.Language {
	if l, ok := s.kit.Speaks(r.CookieValue(page.LanguageCookie)); ok {
		return l
	}
	if l, ok := s.kit.Speaks(r.Actor.Person.Language); ok && r.Actor.IsKnown() {
		return l
	}
	return i18n.Match(r.Context.Request().Header.Get("Accept-Language"), s.kit.Languages)
}

// noStore: what a person sees is theirs and stays in no cache; what a visitor
// sees may be kept by their own browser, to come back to.
func noStore(r *page.Request) {
	h := r.Response().Header()
	h.Set("Cache-Control", "private, no-cache")
	if r.Actor.IsKnown() || r.Half {
		h.Set("Cache-Control", "no-store")
	}
	h.Add("Vary", "Cookie, Accept-Language, Accept")
}

// authorise checks the form, the caller and the seat, in this order. It runs
// before every handler; actions check again inside their transaction.
func (s *Server) authorise(r *page.Request, rt route) error {
	if rt.method != http.MethodGet && rt.method != http.MethodHead && !r.CheckCSRF() {
		return errForm
	}
	if err := s.limit(r, rt); err != nil {
		return err
	}
	if rt.policy.Act != "" {
		return s.seat(r, rt)
	}
	if rt.policy.Consult != "" {
		return s.sitting(r, rt)
	}
	if err := checkCaller(r, rt.policy.Who); err != nil || rt.policy != access.Mine {
		return err
	}
	return s.approach(r, rt)
}

// limit bounds how often one login, or one address without a login, may send
// forms. It is far above what people do and far below what a script can.
func (s *Server) limit(r *page.Request, rt route) error {
	if rt.method == http.MethodGet {
		return nil
	}
	kind, key := signin.PostByAddress, signin.ClientKey(r.RealIP())
	if r.Actor.Login != "" {
		kind, key = signin.PostByLogin, string(r.Actor.Login)
	}
	if !s.limits.Allow(kind, key) {
		return dialoguepages.ErrTooMany
	}
	return nil
}

// seat finds the dialogue the address names and holds the policy's act against
// the caller's seat. What the caller may not know of is answered first, so that
// nobody learns of it by being asked to sign in.
func (s *Server) seat(r *page.Request, rt route) error {
	dialogue, err := s.dialogueOf(r)
	if err != nil {
		return err
	}
	if r.Seat, err = s.dialogues.SeatOf(r.Ctx(), r.Actor, dialogue); err != nil {
		return err
	}
	if err := r.Seat.Check(dialogues.Know); err != nil {
		return err
	}
	if err := checkCaller(r, rt.policy.Who); err != nil {
		return err
	}
	if id := r.Param("session"); id != "" {
		if r.Session, err = s.dialogues.Session(r.Ctx(), dialogue, r.ID("session")); err != nil {
			return err
		}
	}
	err = r.Seat.Check(rt.policy.Act)
	if errors.Is(err, dialogues.ErrRefused) && !r.Actor.IsKnown() {
		return errSignIn
	}
	return err
}

// sitting reads the caller's seat with the community that the address names. A
// visitor is not asked to sign in: that would say that there is something.
func (s *Server) sitting(r *page.Request, rt route) (err error) {
	if s.consultations == nil {
		return consultations.ErrHidden
	}
	r.Sitting, err = s.consultations.SeatOf(r.Ctx(), r.Actor, r.ID("community"))
	if errors.Is(err, consultations.ErrHidden) && isLateStop(r, rt) {
		r.Sitting = consultations.Seat{Actor: r.Actor, Community: &consultations.Community{ID: r.ID("community")}, At: s.cfg.Now()}
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.approach(r, rt); err != nil {
		return err
	}
	return r.Sitting.Check(rt.policy.Consult, r.ID("consultation"))
}

// stopping is where a community takes back, pauses and declines.
const stopping = "/communities/:community/consultations/:consultation/stop"

// isLateStop: what somebody who was a holder stopped on a phone without a line is
// delivered after their mandate has ended, too. They see nothing here any more; who
// they were, the action asks, which answers everyone else as if there were nothing.
func isLateStop(r *page.Request, rt route) bool {
	return rt.method == http.MethodPost && rt.path == stopping && r.Actor.Person.Kind == people.Account && r.Consult().Claim.Late
}

func isLoopback(address string) bool {
	ip := net.ParseIP(address)
	return ip != nil && ip.IsLoopback()
}

// dialogueOf resolves the address: by dialogue, session or contribution.
func (s *Server) dialogueOf(r *page.Request) (record.ID, error) {
	switch {
	case r.Param("dialogue") != "":
		if id := r.ID("dialogue"); id != "" {
			return id, nil
		}
		return "", dialogues.ErrHidden
	case r.Param("session") != "":
		return s.dialogues.SessionDialogue(r.Ctx(), r.ID("session"))
	case r.Param("contribution") != "":
		return s.dialogues.ContributionDialogue(r.Ctx(), r.ID("contribution"))
	default:
		return "", dialogues.ErrHidden
	}
}

// checkCaller asks whether the caller is at least who the policy wants.
func checkCaller(r *page.Request, who access.Who) error {
	p := r.Actor.Person
	switch who {
	case access.Anyone:
		return nil
	case access.Half:
		return orSignIn(r.Half || r.Actor.IsKnown())
	case access.Known:
		return orSignIn(r.Actor.IsKnown())
	case access.Account, access.Convener, access.Administrator:
	}
	if !r.Actor.IsKnown() {
		return errSignIn
	}
	allowed := map[access.Who]bool{
		access.Account: p.Kind == people.Account, access.Convener: p.CanConvene(), access.Administrator: p.CanAdminister(),
	}
	if !allowed[who] {
		return dialogues.ErrRefused
	}
	return nil
}

func orSignIn(ok bool) error {
	if ok {
		return nil
	}
	return errSignIn
}

// requestOf is the request as the guard left it, or a plain one where it never
// got that far (an unknown address).
func (s *Server) requestOf(c echo.Context) *page.Request {
	if r, ok := c.Get(requestKey).(*page.Request); ok {
		return r
	}
	r, err := s.identify(c)
	if err != nil {
		r = &page.Request{Context: c, Kit: s.kit}
		r.P = s.kit.Catalogs.Printer(i18n.Match(c.Request().Header.Get("Accept-Language"), s.kit.Languages))
		r.BindForms("")
	}
	return r
}
