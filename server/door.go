package server

import (
	"crypto/hmac"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/people"
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

// Decides asks for it too.
func (s *Server) Decides(r *page.Request) error { return s.prove(r, true) }

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

// doorPage asks whoever came for a proof. What they sent is kept in it, to be sent
// again with the proof.
type doorPage struct {
	page.Base
	Form   page.Form
	Action string
	Kept   []kept
	Step   bool // asked for a step
	Sent   bool // a form came
	None   bool // the account has nothing to show
	Waits  bool // nothing that it shows counts yet
	Says   string
	Next   string // where to go on after signing in again
	Stop   string // where a withdrawal is sent, for who came for that
}

// kept is a field of the form that waits.
type kept struct{ Name, Value string }

var doorTemplate = page.Must[doorPage]("forum/door.html")

// doorway is where a page that was asked for is asked for again, with a proof.
const doorway = "/communities/door"

func (s *Server) showDoor(r *page.Request, u *page.Unproven) error {
	req := r.Context.Request()
	r.Sitting = consultations.Seat{} // the page tells nothing of the community
	title := r.P.T("door.title")
	if u.Step {
		title = r.P.T("door.step_title")
	}
	var invalid people.Invalid
	if u.Problem.Key != "" && !u.Waits {
		invalid = people.Invalid{proofField: u.Problem}
	}
	form := page.Form{Words: r.Words(), Values: url.Values{}, Invalid: invalid}
	data := doorPage{
		Base: r.Base(title), Form: form.Named(proofField, "consultation.proof"), Action: req.URL.RequestURI(),
		Step: u.Step, Sent: req.Method == http.MethodPost && req.URL.Path != doorway, None: u.None, Waits: u.Waits, Next: req.URL.RequestURI(),
	}
	if u.Waits {
		data.Says = r.P.T(u.Problem.Key, u.Problem.Args...)
	}
	data.keep(r)
	data.Again = data.Next
	return doorTemplate.Show(r, u.Status, data)
}

// keep holds on to what came. A page that was asked for is its address; a file cannot
// be kept, and is handed in again where it was.
func (d *doorPage) keep(r *page.Request) {
	req := r.Context.Request()
	switch {
	case req.Method != http.MethodPost:
		if strings.HasSuffix(req.URL.Path, "/stop") {
			d.Stop = d.Action
		}
		d.Action, d.Kept = doorway, []kept{{"next", d.Next}}
	case page.BringsFile(req):
		query := req.URL.Query()
		query.Del("csrf")
		d.Next = req.URL.Path + "/new?" + query.Encode()
		d.Action, d.Kept = doorway, []kept{{"next", d.Next}}
	case req.URL.Path == doorway:
		d.Next = page.LocalPath(r.FormValue("next"), "/communities")
		d.Kept = []kept{{"next", d.Next}}
	default:
		d.Next = "/communities/" + string(r.ID("community"))
		for _, name := range slices.Sorted(maps.Keys(req.PostForm)) {
			for _, value := range req.PostForm[name] {
				if name != proofField && name != "csrf" {
					d.Kept = append(d.Kept, kept{name, value})
				}
			}
		}
	}
}

// Proof is the field that is asked for.
func (d doorPage) Proof() page.Field {
	field := d.Form.Field("password", proofField, "consultation.proof").Need().Complete("current-password")
	field.Value = ""
	return field
}

// SignIn is where whoever has nothing to show signs in again, to come back here.
func (d doorPage) SignIn() string { return "/signin?" + page.Query("next", d.Next) }

// Stops are the ways to stop.
func (doorPage) Stops() []consultations.DecisionType {
	return []consultations.DecisionType{consultations.Withdraw, consultations.Suspend, consultations.Declined}
}

// Written is what the form held that somebody has written, to be copied.
func (d doorPage) Written() []string {
	var out []string
	for _, k := range d.Kept {
		if strings.ContainsAny(k.Value, " \n") {
			out = append(out, k.Value)
		}
	}
	return out
}

// enter goes on to where whoever came through the door wanted to go.
func (s *Server) enter(r *page.Request) error {
	return r.Redirect(http.StatusSeeOther, page.LocalPath(r.FormValue("next"), "/communities"))
}
