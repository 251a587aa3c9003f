package server

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/dialoguepages"
	"github.com/vcm-forum/forum/server/page"
	"github.com/vcm-forum/forum/server/signin"
)

// failure is what an error means to whoever asked: a status and a sentence.
type failure struct {
	is     error
	status int
	key    string
}

// failures is the one table of errors. The first row that matches counts;
// anything else is a fault of ours, logged once and shown as such.
var failures = []failure{
	{dialogues.ErrHidden, http.StatusNotFound, "error.not_found"},
	{dialogues.ErrNotFound, http.StatusNotFound, "error.not_found"},
	{dialogues.ErrNoSuchCode, http.StatusNotFound, "error.no_such_code"},
	{people.ErrNotFound, http.StatusNotFound, "error.not_found"},
	{dialogues.ErrRefused, http.StatusForbidden, "error.forbidden"},
	{people.ErrNotAllowed, http.StatusForbidden, "error.forbidden"},
	{dialogues.ErrLastFacilitator, http.StatusConflict, "error.last_facilitator"},
	{people.ErrLastAdmin, http.StatusConflict, "error.last_admin"},
	{dialogues.ErrStepGone, http.StatusConflict, "error.step_gone"},
	{dialogues.ErrWrongTime, http.StatusConflict, "error.wrong_time"},
	{people.ErrEmailTaken, http.StatusConflict, "error.email_taken"},
	{record.ErrKeyReused, http.StatusConflict, "error.key_reused"},
	{errForm, http.StatusForbidden, "error.csrf"},
	{errSignIn, http.StatusUnauthorized, "error.sign_in"},
	{errUnencrypted, http.StatusForbidden, "error.unencrypted"},
	{dialoguepages.ErrTooMany, http.StatusTooManyRequests, "error.rate"},
	{signin.ErrWrong, http.StatusUnprocessableEntity, "error.sign_in_wrong"},
	{signin.ErrLinkUnknown, http.StatusNotFound, "error.not_found"},
	{signin.ErrLinkOther, http.StatusForbidden, "error.forbidden"},
	{signin.ErrLinkNeeds, http.StatusUnprocessableEntity, "error.invalid"},
	{signin.ErrLink, http.StatusGone, "error.expired"},
	{signin.ErrSuspended, http.StatusForbidden, "error.forbidden"},
	{signin.ErrNobody, http.StatusNotFound, "error.not_found"},
	{signin.ErrNotThis, http.StatusConflict, "error.wrong_time"},
	{signin.ErrTooMany, http.StatusTooManyRequests, "error.rate"},
	{signin.ErrBusy, http.StatusServiceUnavailable, "error.unavailable"},
	{record.ErrBusy, http.StatusServiceUnavailable, "error.unavailable"},
	{record.ErrStopped, http.StatusServiceUnavailable, "error.unavailable"},
	{context.DeadlineExceeded, http.StatusServiceUnavailable, "error.unavailable"},
	{context.Canceled, 499, "error.unavailable"},
}

var (
	errForm   = errors.New("form token missing or not this browser's")
	errSignIn = errors.New("not signed in")
	// errUnencrypted: in a hall everybody on the network can read along.
	errUnencrypted = errors.New("not over an open network")
)

// meaning finds what an error means.
func meaning(err error) failure {
	for _, f := range failures {
		if errors.Is(err, f.is) {
			return f
		}
	}
	if _, ok := errors.AsType[people.Invalid](err); ok {
		return failure{err, http.StatusUnprocessableEntity, "error.invalid"}
	}
	if unproven, ok := errors.AsType[*page.Unproven](err); ok {
		return failure{err, unproven.Status, unproven.Says()}
	}
	if blocked, ok := errors.AsType[*consultations.Blocked](err); ok {
		return failure{err, http.StatusConflict, "consult.guard." + string(blocked.Guard)}
	}
	if web, ok := errors.AsType[*echo.HTTPError](err); ok {
		switch web.Code {
		case http.StatusNotFound, http.StatusMethodNotAllowed:
			return failure{err, web.Code, "error.not_found"}
		case http.StatusRequestEntityTooLarge:
			return failure{err, web.Code, "error.request_too_large"}
		case http.StatusBadRequest, http.StatusUnsupportedMediaType:
			return failure{err, http.StatusBadRequest, "error.bad_request"}
		}
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return failure{err, http.StatusRequestEntityTooLarge, "error.request_too_large"}
	}
	if isDiskFull(err) {
		return failure{err, http.StatusInsufficientStorage, "error.disk_full"}
	}
	return failure{err, http.StatusInternalServerError, "error.unexpected"}
}

type errorPage struct {
	page.Base
	Says string
}

var errorTemplate = page.Must[errorPage]("forum/error.html")

// answerError is echo's error handler: one sentence in the reader's language,
// as a page or as JSON, and one log line for what is our fault.
func (s *Server) answerError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	r, f := s.requestOf(c), meaning(err)
	id := c.Response().Header().Get(echo.HeaderXRequestID)
	if f.status >= http.StatusInternalServerError && f.status != http.StatusServiceUnavailable {
		s.kit.Logger.ErrorContext(c.Request().Context(), "request failed", slog.String("route", c.Path()), slog.String("method", c.Request().Method),
			slog.String("request", id), slog.String("error", err.Error()))
	}
	if r.WantsJSON() {
		_ = c.JSON(f.status, jsonError(r, f, err, id)) // the client is gone if this fails
		return
	}
	if errors.Is(err, errSignIn) && c.Request().Method == http.MethodGet {
		_ = c.Redirect(http.StatusSeeOther, "/signin?next="+url.QueryEscape(c.Request().URL.RequestURI()))
		return
	}
	if unproven, ok := errors.AsType[*page.Unproven](err); ok {
		s.shown(r, s.showDoor(r, unproven), f.status, id)
		return
	}
	title := r.P.T(f.key + "_title")
	if !r.P.Has(f.key + "_title") {
		title = r.P.T("error.title")
	}
	data := errorPage{Base: r.Base(title), Says: sentence(r, f, err, id)}
	data.Plain = title
	s.shown(r, errorTemplate.Show(r, f.status, data), f.status, id)
}

// shown answers with the status alone where the page that says why has failed.
func (s *Server) shown(r *page.Request, err error, status int, id string) {
	if err != nil {
		s.kit.Logger.ErrorContext(r.Ctx(), "error page failed", slog.String("request", id), slog.String("error", err.Error()))
		_ = r.NoContent(status)
	}
}

func sentence(r *page.Request, f failure, err error, id string) string {
	if invalid, ok := errors.AsType[people.Invalid](err); ok {
		for _, p := range invalid {
			return r.P.T(p.Key, p.Args...)
		}
	}
	if unproven, ok := errors.AsType[*page.Unproven](err); ok {
		return r.P.T(f.key, unproven.Problem.Args...)
	}
	if blocked, ok := errors.AsType[*consultations.Blocked](err); ok {
		return r.P.T(f.key, "n", blocked.N, "time", r.P.Date(blocked.Until, time.UTC))
	}
	return r.P.T(f.key, "id", id, "time", r.P.Duration(time.Minute), "max", largestBody)
}

// apiError is an error as JSON: a sentence, and one for each field.
type apiError struct {
	Error  string            `json:"error"`
	Fields map[string]string `json:"fields,omitempty"`
}

func jsonError(r *page.Request, f failure, err error, id string) apiError {
	out := apiError{Error: sentence(r, f, err, id)}
	if unproven, ok := errors.AsType[*page.Unproven](err); ok && unproven.Problem.Key != "" {
		out.Fields = map[string]string{proofField: out.Error}
	}
	if invalid, ok := errors.AsType[people.Invalid](err); ok {
		out.Fields = map[string]string{}
		for field, p := range invalid {
			out.Fields[field] = r.P.T(p.Key, p.Args...)
		}
	}
	return out
}
