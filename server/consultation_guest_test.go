package server_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// onceOnly is what differs between two pages that say the same: tokens and keys of
// forms, and the time.
var onceOnly = regexp.MustCompile(`value="[^"]{20,}"|csrf=[^"&]*|\d{4}-\d\d-\d\dT[0-9:.]+Z|\d\d:\d\d|\d\d?\s[A-Z][a-z]+\s\d{4}|form=[0-9a-f-]{36}`)

// shownTo is all that somebody is shown of the consultation, by address.
func (w *consulted) shownTo(name string) map[string]string {
	w.t.Helper()
	b, out := w.as(w.persons[name]), map[string]string{}
	for _, rest := range []string{"", "/plan", "/told", "/sessions", "/conditions", "/stop", "/change", "/export", "/version"} {
		out[rest] = onceOnly.ReplaceAllString(b.get(w.talk(rest)).Body, "")
	}
	return out
}

// What the community decides and does not show changes nothing on the pages of the
// one who wants something of it: no button vanishes, and nothing says why one waits.
func TestAGuestsPagesDoNotTellWhatIsWithheld(t *testing.T) {
	ctx := t.Context()
	stop := func(w *consulted) {
		w.did(w.talks.Stop(ctx, w.by("Hilda"), w.community, w.consultation, consultations.StopForm{Version: 1, Type: consultations.Declined}))
	}
	invited := func(w *consulted) {
		w.did(w.talks.Move(ctx, w.by("Fara"), w.community, w.consultation, 1, consultations.MoveInvite, ""))
		w.did(w.talks.WritePlan(ctx, w.by("Hilda"), w.community, w.consultation, "plan"))
	}
	deliberating := func(w *consulted) { w.tell().deliberate() }
	for name, c := range map[string]struct{ until, then func(w *consulted) }{
		"declined before the invitation": {func(*consulted) {}, stop},
		"declined after the invitation":  {invited, stop},
		"declined while deliberating":    {func(w *consulted) { w.tell() }, stop},
		"a yes":                          {deliberating, func(w *consulted) { w.decide(consultations.Consent, w.aspects...) }},
		"a no":                           {deliberating, func(w *consulted) { w.decide(consultations.No, w.aspects...) }},
		"a dispute": {deliberating, func(w *consulted) {
			w.did(w.talks.Dispute(ctx, w.by("Hilda"), w.community, w.consultation, nil, w.assembly, "x"))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := consult(t, databasetest.SQLite(t)).propose()
			c.until(w)
			before := w.shownTo("Pablo")
			c.then(w)
			for rest, after := range w.shownTo("Pablo") {
				if after != before[rest] {
					t.Errorf("%q tells the proponent", rest)
				}
			}
		})
	}
}

// After a no that was shown to nobody, the next version's pages and their answers say
// neither that there was one nor until when nobody may ask.
func TestAGuestIsNotToldOfAWithheldNoByAnotherVersion(t *testing.T) {
	w := consult(t, databasetest.SQLite(t)).propose().tell().deliberate()
	w.decide(consultations.No, w.aspects...)
	w.wait(aDay)
	w.did(w.talks.ChangeProposal(t.Context(), w.by("Pablo"), w.community, w.consultation, consultations.ProposalForm{Title: "x", Summary: "y", Aspects: []string{"a"}}))
	w.today()
	pablo := w.as(w.persons["Pablo"])
	invite := pablo.post(w.talk("/move"), url.Values{"move": {"invite"}, "version": {"2"}})
	if invite.Status != http.StatusConflict {
		t.Errorf("the invitation: %d", invite.Status)
	}
	shows(t, invite.Body, "The community has not opened talks about this, or it was done already.")
	anew := pablo.post(w.at("/proposals"), url.Values{"title": {"Others"}, "summary": {"s"}, "aspects": {"a"}})
	shows(t, anew.Body, "The community has not opened talks about this, or it was done already.")
	for what, body := range map[string]string{"the page": pablo.get(w.talk("")).Body, "the answer": invite.Body} {
		for _, tells := range []string{"said no", "Nobody may ask", "ask again"} {
			if strings.Contains(body, tells) {
				t.Errorf("%s says %q", what, tells)
			}
		}
		if !strings.Contains(body, `value="invite"`) {
			t.Errorf("%s offers no invitation any more", what)
		}
	}
}
