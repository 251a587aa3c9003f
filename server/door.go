package server

import (
	"crypto/hmac"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
	"github.com/vcm-forum/forum/server/signin"
)

// The door stands before everything that shows something of a community: phones there
// are shared, lost and taken. It is open for a quarter of an hour after whoever holds
// the login has shown who they are, or has last come through it; what they do elsewhere
// in the forum does not hold it open. After that it asks for the passphrase or a code,
// and keeps what was typed. Steps that speak for a community ask whenever they are taken.
//
// A withdrawal never waits at the door: it is taken of a login that lay idle, which is
// shown nothing.

// longestIdle is how long the door stays open.
const longestIdle = 15 * time.Minute

// approach lets a request near a community's record.
func (s *Server) approach(r *page.Request, rt route) error {
	if s.consultations == nil {
		return consultations.ErrHidden
	}
	if s.cfg.LAN && !r.Kit.Secure && !isLoopback(r.RealIP()) {
		return errUnencrypted
	}
	if s.cfg.Now().Sub(s.lastNear(r)) > longestIdle {
		stops := rt.method == http.MethodPost && rt.path == stopping
		if stops && r.FormValue(proofField) == "" {
			r.Asleep = true
			return nil
		}
		if err := s.prove(r, false); err != nil {
			return err
		}
	}
	s.stayNear(r)
	return nil
}

// lastNear is when the login was opened or last used near a community's record. The
// browser keeps it, under a mark that only the keys of this forum make and that holds
// for this login alone: so every node knows it, and no reading costs a write.
func (s *Server) lastNear(r *page.Request) time.Time {
	at, mark, _ := strings.Cut(r.CookieValue(page.NearCookie), ".")
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil || !hmac.Equal([]byte(mark), []byte(s.nearMark(r, at))) {
		return r.Opened
	}
	if near := time.Unix(seconds, 0); near.After(r.Opened) {
		return near
	}
	return r.Opened
}

func (s *Server) nearMark(r *page.Request, at string) string {
	return s.cfg.Vault.Mark("near", string(r.Actor.Login), at)
}

// stayNear holds the door open from now on.
func (s *Server) stayNear(r *page.Request) {
	at := strconv.FormatInt(s.cfg.Now().Unix(), 10)
	r.SetCookie(page.NearCookie, at+"."+s.nearMark(r, at), longestIdle)
}

// proofField is where forms hold a passphrase or a code.
const proofField = "proof"

// Fresh asks for the passphrase or a code in this very request.
func (s *Server) Fresh(r *page.Request) error { return s.prove(r, true) }

// Decides asks for it too, once the account is settled: whoever makes links for a new
// passphrase, or reads somebody's mail, would otherwise say yes for a community in five
// minutes. It waits as long as an account that a mandate was moved to.
func (s *Server) Decides(r *page.Request) error {
	waiting, err := s.waiting(r, r.Actor.ID())
	if err != nil {
		return err
	}
	if until, waits := waiting[r.Actor.ID()]; waits {
		says := people.Problem{Key: "door.waits", Args: []any{"time", r.P.DateTime(until, zoneOf(r.Actor.Person))}}
		return &page.Unproven{Problem: says, Status: http.StatusForbidden, Step: true, Waits: true}
	}
	return s.prove(r, true)
}

// Waiting are the accounts that wait so, of those that speak for the community.
func (s *Server) Waiting(r *page.Request) (map[record.ID]time.Time, error) {
	var accounts []record.ID
	for _, m := range r.Sitting.Community.Mandates {
		if m.Account != "" && m.EndedAt.IsZero() {
			accounts = append(accounts, m.Account)
		}
	}
	return s.waiting(r, accounts...)
}

func (s *Server) waiting(r *page.Request, accounts ...record.ID) (map[record.ID]time.Time, error) {
	wait := r.Sitting.Community.Protocol().Rules.MandateWait()
	out, err := s.signin.Replaced(r.Ctx(), s.cfg.Now().Add(-wait), accounts...)
	for account, at := range out {
		out[account] = at.Add(wait)
	}
	return out, err
}

// zoneOf is a person's time zone; UTC where they have not said one.
func zoneOf(p people.Person) *time.Location {
	zone, err := time.LoadLocation(p.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// prove asks once in a request: a code is spent by it.
func (s *Server) prove(r *page.Request, step bool) error {
	if r.Proved {
		return nil
	}
	unproven := &page.Unproven{Status: http.StatusUnauthorized, Step: step, None: !r.Keyed}
	proof := ""
	if !page.BringsFile(r.Context.Request()) {
		proof = r.FormValue(proofField)
	}
	if unproven.None || proof == "" {
		return unproven
	}
	err := s.signin.Proves(r.Ctx(), r.Actor, proof)
	if err == nil {
		r.Proved = true
		return nil
	}
	for _, f := range []struct {
		is     error
		status int
		key    string
	}{
		{signin.ErrWrong, http.StatusUnprocessableEntity, "consultation.proof_wrong"},
		{signin.ErrTooMany, http.StatusTooManyRequests, "consultation.trouble.too_many"},
		{signin.ErrBusy, http.StatusServiceUnavailable, "error.unavailable"},
	} {
		if errors.Is(err, f.is) {
			unproven.Status, unproven.Problem = f.status, people.Problem{Key: f.key}
			return unproven
		}
	}
	return fmt.Errorf("ask for a proof: %w", err)
}
