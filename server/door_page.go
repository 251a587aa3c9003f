package server

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server/page"
)

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
