package consultationpages

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

type sessionsPage struct {
	scene
	Sheet sheet
}

var sessionsTemplate = page.Must[sessionsPage]("consultations/sessions.html")

// Sessions shows the meetings: how many came, and names only where the community
// wrote them.
func (p *Pages) Sessions(r *page.Request) error { return p.showSessions(r, trouble{}) }

func (p *Pages) showSessions(r *page.Request, t trouble) error {
	s, err := p.scene(r, "sessions", "consultation.sessions", t)
	if err != nil {
		return err
	}
	labels := []string{"kind", "consultation.session_kind", "held", "consultation.held", "place", "consultation.place", "names", "consultation.names", "notes", "consultation.notes"}
	for _, who := range whoCame() {
		labels = append(labels, "count_"+who, "consultation.count."+who)
	}
	return sessionsTemplate.Show(r, s.Status(), sessionsPage{s, s.form("session", url.Values{}, labels...)})
}

// whoCame are the groups by which people are counted. Who they are is not asked.
func whoCame() []string { return []string{"women", "men", "youth", "elders", "guests"} } // i18n: consultation.count.*

// Came says how many came, by group.
func (s scene) Came(counts map[string]int) string {
	var out []string
	for _, who := range whoCame() {
		if n := counts[who]; n > 0 {
			out = append(out, s.T("consultation.came", "who", s.T("consultation.count."+who), "number", n))
		}
	}
	return strings.Join(out, " · ")
}

// SessionPicto is the picture of a kind of meeting.
func (s scene) SessionPicto(k consultations.SessionKind) string {
	switch k {
	case consultations.PlanMeeting:
		return "plan"
	case consultations.Information:
		return "disclosing"
	case consultations.InternalOnly:
		return "internal"
	case consultations.Negotiation:
		return "negotiation"
	case consultations.DecisionMeet:
		return "decision"
	case consultations.ReviewMeet:
		return "under_review"
	case consultations.Validation:
		return "confirm"
	}
	return "community"
}

// WhoCame are the fields by which people are counted.
func (s sheet) WhoCame() []page.Field {
	var out []page.Field
	for _, who := range whoCame() {
		out = append(out, s.Form.Field("number", "count_"+who, "consultation.count."+who))
	}
	return out
}

// Kinds are the kinds of meeting that the reader may write down. Meetings of the
// community among itself are its own to write.
func (s scene) Kinds() []page.Option {
	var kinds []consultations.SessionKind
	for _, k := range consultations.SessionKinds() {
		if k != consultations.InternalOnly || s.us {
			kinds = append(kinds, k)
		}
	}
	return page.Options(s.Words, "consult.session.", kinds)
}

// WriteSession writes down that people met.
func (p *Pages) WriteSession(r *page.Request) error {
	in, err := readSession(r)
	var receipt record.Receipt
	if err == nil {
		receipt, err = p.Consultations.WriteSession(r.Ctx(), r.Consult(), r.Sitting.Community.ID, r.ID("consultation"), in)
	}
	return answer(r, receipt, err, "session", here(r, "/sessions"), p.showSessions)
}

func readSession(r *page.Request) (consultations.SessionForm, error) {
	in := consultations.SessionForm{
		Version: versionOf(r),
		Kind:    consultations.SessionKind(r.FormValue("kind")), Held: dayIn(r, "held"), Counts: map[string]int{},
		ProponentPresent: r.FormValue("proponent_present") == "1", Place: r.FormValue("place"), Names: r.FormValue("names"), Notes: r.FormValue("notes"),
	}
	v := people.Invalid{}
	for _, who := range whoCame() {
		typed := strings.TrimSpace(r.FormValue("count_" + who))
		if typed == "" {
			continue
		}
		n, err := strconv.Atoi(typed)
		if err != nil || n < 0 || n > mostCame {
			v.Add("count_"+who, "consult.error.between", "min", 0, "max", mostCame)
			continue
		}
		in.Counts[who] = n
	}
	return in, v.Err()
}

// mostCame bounds a count of people at a meeting.
const mostCame = 100_000

// inputDay is how <input type="date"> writes a day.
const inputDay = "2006-01-02"

// dayIn reads a day as its first moment in the reader's time; zero for anything
// that is none.
func dayIn(r *page.Request, field string) time.Time {
	t, _ := time.ParseInLocation(inputDay, strings.TrimSpace(r.FormValue(field)), zoneOf(r))
	return t
}
