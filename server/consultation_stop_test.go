package server_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// Taking back takes one choice and one button: no reason, no passphrase, nobody
// else; a form without anything but the choice is enough.
func TestAHolderTakesTheAnswerBackWithOneButton(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := decided(t, db)
		hana := w.as(w.persons["Hana"])
		page := hana.get(w.talk("/stop")).Body
		shows(t, page, "It takes effect at once. No reason is asked", `name="type" value="withdraw" checked`, "This is our word")
		w.sent(hana, w.talk("/stop"), url.Values{"type": {"withdraw"}})
		shows(t, hana.get(w.talk("")).Body, "We have taken our yes back. We owe nobody a reason.", "We had not said yes to this part")
		shows(t, hana.get("/communities/"+string(w.community)).Body, "We have taken our yes back.", "We had not said yes to this part")
		if got := w.record().Decisions; got[len(got)-1].Via != consultations.Self {
			t.Error("it is marked as entered by another")
		}
	})
}

// It stays possible under review, while something is contested, and while another
// answer waits.
func TestTakingBackIsNotHeldUp(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := decided(t, db)
		hilda := w.as(w.persons["Hilda"])
		w.sent(w.as(w.persons["Pablo"]), w.talk("/change"), url.Values{"what": {"The road goes elsewhere."}, "aspects": {string(w.aspects[0])}})
		w.sent(hilda, w.talk("/contest"), url.Values{"reason": {"We were not asked."}})
		shows(t, hilda.get(w.talk("")).Body, "The road goes elsewhere.", "We do not agree on who decides")
		w.sent(hilda, w.talk("/stop"), url.Values{"type": {"withdraw"}, "aspects": {string(w.aspects[0])}})
		shows(t, hilda.get(w.talk("")).Body, "We have taken our yes back.")
	})
}

// The only thing that stands in the way is a missing mandate, and the page says so.
func TestTakingBackNeedsAMandateAndNothingElse(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := decided(t, db)
		for _, name := range []string{"Mira", "Fara", "Pablo"} {
			w.refused(w.as(w.persons[name]), w.talk("/stop"), url.Values{"type": {"withdraw"}}, http.StatusForbidden, "This takes the word of somebody whose mandate says so.")
		}
		for _, name := range []string{"Nadia", "Admin"} {
			if got := w.as(w.persons[name]).post(w.talk("/stop"), url.Values{"type": {"withdraw"}}); got.Status != http.StatusNotFound {
				t.Errorf("%s: %d, want 404", name, got.Status)
			}
		}
		if got := len(w.record().Decisions); got != 2 {
			t.Errorf("%d decisions, want the two from before", got)
		}
	})
}

// What somebody said over the radio before two witnesses is entered for them and
// marked so; the one who enters it is no witness.
func TestATakenBackWordIsEnteredForAnother(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := decided(t, db)
		fara := w.as(w.persons["Fara"])
		form := url.Values{"relay": {"1"}, "type": {"withdraw"}, "mandate": {string(w.mandates["Horst"])}, "via": {"radio"}, "witnesses": {"Rosa", "Fara"}, "statement": {"No more, he said."}}
		w.refused(fara, w.talk("/stop"), form, http.StatusUnprocessableEntity, "Name two people who were there", "No more, he said.", `value="Rosa"`)
		form.Set("witnesses", "Rosa")
		form.Add("witnesses", "Inés")
		w.sent(fara, w.talk("/stop"), form)
		shows(t, w.as(w.persons["Hilda"]).get(w.talk("")).Body, "We have taken our yes back.", "By radio. Entered by another person.")
	})
}

// What a holder took back without a line is taken after their mandate has ended, too,
// and put to the institution. They are shown nothing; everybody else learns no more
// than that there is nothing.
func TestATakenBackWordOfAFormerHolderIsTaken(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := consult(t, db).propose().tell().deliberate()
		w.decide(consultations.Consent, w.aspects[0])
		w.wait(aDay)
		form := url.Values{
			"type": {"withdraw"}, "version": {"1"}, "late": {"1"}, "base": {strconv.FormatInt(w.of("Hilda").Community.Size, 10)},
			"asserted": {w.of("Hilda").At.Format(time.RFC3339)},
		}
		w.wait(aDay)
		w.did(w.talks.EndMandate(t.Context(), w.by("Horst"), w.community, w.mandates["Horst"]))
		w.today()
		for _, name := range []string{"Nadia", "Admin"} {
			nothing := strip(w.as(w.persons[name]).post(strings.Replace(w.talk("/stop"), string(w.community), string(record.NewID()), 1), form).Body)
			if got := w.as(w.persons[name]).post(w.talk("/stop"), form); got.Status != http.StatusNotFound || strip(got.Body) != nothing {
				t.Errorf("%s: %d, want what does not exist", name, got.Status)
			}
		}
		horst, now := w.as(w.persons["Horst"]), url.Values{"type": {"withdraw"}, "version": {"1"}}
		if got := horst.post(w.talk("/stop"), now); got.Status != http.StatusNotFound {
			t.Errorf("as of now: %d, want 404", got.Status)
		}
		got := w.sent(horst, w.talk("/stop"), form)
		if strings.Contains(horst.get(got.Location).Body, canary) {
			t.Error("the former holder is shown something")
		}
		if x := w.record(); len(x.Contests) != 1 || x.Contests[0].Institution != w.assembly {
			t.Errorf("contests %+v, want one for the assembly", x.Contests)
		}
	})
}

// Declining is as easy, before anything was decided.
func TestACommunityDeclines(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := consult(t, db).propose().today()
		hilda := w.as(w.persons["Hilda"])
		shows(t, hilda.get(w.talk("/stop")).Body, `name="type" value="declined_to_engage" checked`)
		w.sent(hilda, w.talk("/stop"), url.Values{"type": {"declined_to_engage"}})
		shows(t, hilda.get(w.talk("")).Body, "We do not wish to engage. Nobody may ask us again unless we say so.")
		w.refused(w.as(w.persons["Fara"]), w.talk("/move"), url.Values{"move": {"invite"}}, http.StatusConflict, "this is not possible")
		w.sent(hilda, w.talk("/move"), url.Values{"move": {"reopen"}})
	})
}

// A condition that is not kept pauses the yes; giving one up is the community's alone.
func TestAConditionIsChecked(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := decided(t, db)
		w.did(w.talks.Release(t.Context(), w.by("Hilda"), w.community, w.consultation, consultations.ReleaseForm{
			Parts: []consultations.Part{consultations.PartStatus}, To: consultations.ToAuditor, Purpose: "audit",
		}))
		aude := w.as(w.persons["Aude"])
		path := w.talk("/conditions/" + string(w.record().Conditions[0].ID))
		w.refused(aude, path, url.Values{"status": {"waived_by_community"}}, http.StatusForbidden, "This takes the word of somebody whose mandate says so.")
		w.sent(aude, path, url.Values{"status": {"breached"}, "finding": {"Planted beside the spring."}})
		shows(t, w.as(w.persons["Hilda"]).get(w.talk("")).Body, "We have paused our yes.", "Not kept", canary+" condition")
		shows(t, aude.get(w.talk("/conditions")).Body, "Planted beside the spring.")
	})
}

// A dispute ends by the institution's holders and by nobody else.
func TestADisputeIsRuledOn(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := decided(t, db)
		w.sent(w.as(w.persons["Hana"]), w.talk("/contest"), url.Values{"reason": {"We were not asked."}, "aspects": {string(w.aspects[2])}})
		x := w.record()
		path, stands := w.talk("/contest/"+string(x.Contests[0].ID)), url.Values{"stands": {string(x.Decisions[1].ID)}, "proof": {hallPassphrase}}
		w.refused(w.keyed("Hana"), path, stands, http.StatusForbidden, "This takes the word of somebody whose mandate says so.")
		w.sent(w.keyed("Hilda"), path, stands)
		shows(t, w.as(w.persons["Mira"]).get(w.talk("/contest")).Body, "One holder has ruled so far.", "We were not asked.")
		w.sent(w.keyed("Horst"), path, stands)
		shows(t, w.as(w.persons["Mira"]).get(w.talk("/contest")).Body, "The institution has ruled.")
	})
}

// What was entered in error stays readable and counts no more; a no is never an error.
func TestAnAnswerEnteredInErrorStaysReadable(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := decided(t, db)
		hilda, x := w.keyed("Hilda"), w.record()
		yes, no := w.talk("/decisions/"+string(x.Decisions[0].ID)+"/void"), w.talk("/decisions/"+string(x.Decisions[1].ID)+"/void")
		w.refused(hilda, yes, url.Values{"reason": {""}, "proof": {hallPassphrase}}, http.StatusUnprocessableEntity, "What the mistake was")
		w.refused(hilda, no, url.Values{"reason": {"We meant yes."}, "proof": {hallPassphrase}}, http.StatusConflict, "this is not possible")
		w.sent(hilda, yes, url.Values{"reason": {"The wrong part."}, "proof": {hallPassphrase}})
		shows(t, hilda.get(w.talk("/decisions")).Body, "One holder has said so.")
		shows(t, hilda.get(w.talk("")).Body, "We have said yes") // what several said, one alone does not undo
		w.sent(w.keyed("Hana"), yes, url.Values{"reason": {"The wrong part."}, "proof": {hallPassphrase}})
		shows(t, hilda.get(w.talk("/decisions")).Body, "This was entered by mistake and does not count.", "The wrong part.", canary+" condition")
		if strings.Contains(mainOf(hilda.get(w.talk("")).Body), "We have said yes") {
			t.Error("it still counts")
		}
	})
}

// Before something is released, the community looks through the other's eyes;
// after it is taken back, they see nothing again.
func TestAReleaseIsLookedAtFirst(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := decided(t, db)
		hilda, aude := w.keyed("Hilda"), w.as(w.persons["Aude"])
		form := url.Values{"parts": {"status"}, "to": {"auditor"}, "purpose": {"to check"}, "look": {"1"}}
		before := len(w.of("Hilda").Community.Releases)
		_, look, _ := strings.Cut(hilda.post(w.talk("/release"), form).Body, "What would be seen by: Auditors")
		look, _, _ = strings.Cut(look, "</section>")
		shows(t, look, "The community has said yes to this part with conditions", canary+" condition", canary+" dissent", "Part 1 of 3")
		if strings.Contains(look, canary+" statement") || strings.Contains(look, canary+" study") {
			t.Error("the preview shows more than the release does")
		}
		if len(w.of("Hilda").Community.Releases) != before {
			t.Error("looking has released it")
		}
		form.Del("look")
		form.Set("proof", hallPassphrase)
		w.refused(hilda, w.talk("/release"), url.Values{"purpose": {"kept words"}, "proof": {hallPassphrase}}, http.StatusUnprocessableEntity, "kept words")
		w.sent(hilda, w.talk("/release"), form)
		shows(t, aude.get(w.talk("")).Body, "said yes to this part with conditions", canary+" condition")
		w.sent(hilda, w.talk("/release/"+string(w.of("Hilda").Community.Releases[0].ID)+"/revoke"), nil)
		if got := aude.get(w.talk("")); got.Status != http.StatusNotFound || strings.Contains(got.Body, canary) {
			t.Errorf("after it was taken back: %d", got.Status)
		}
	})
}

var copyLink = regexp.MustCompile(`<code>(http[^<]+)/c/([a-z2-7]+)</code>`)

// A copy leaves with its recipient registered, and its link says when it no longer
// is how things stand.
func TestACopyIsRegisteredAndFollowed(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := decided(t, db)
		hilda := w.as(w.persons["Hilda"])
		w.refused(hilda, w.talk("/export"), url.Values{"as": {"page"}}, http.StatusUnprocessableEntity, "Who gets the copy")
		w.did(w.talks.Release(t.Context(), w.by("Hilda"), w.community, w.consultation, consultations.ReleaseForm{
			Parts: []consultations.Part{consultations.PartStatus}, To: consultations.ToAuditor, Purpose: "audit",
		}))
		form := url.Values{"as": {"page"}, "for": {"auditor"}, "recipient": {"Archive " + canary}, "key": {"once"}}
		taken := hilda.post(w.talk("/export"), form)
		link := copyLink.FindStringSubmatch(taken.Body)
		if taken.Status != http.StatusOK || link == nil {
			t.Fatalf("%d, no link on the copy", taken.Status)
		}
		shows(t, taken.Body, "Archive "+canary, "A community can take its answer back at any time", canary+" condition", canary+" dissent")
		w.refused(hilda, w.talk("/export"), form, http.StatusConflict, "it was done already")
		shows(t, hilda.get(w.talk("/export")).Body, "Archive "+canary)
		w.followed(link[2])
	})
}

// followed asks a copy's link as somebody without an account, before and after the
// answer was taken back.
func (w *consulted) followed(token string) {
	w.t.Helper()
	visitor := w.as(w.persons["nobody"])
	before := visitor.get("/c/" + token)
	shows(w.t, before.Body, "Nothing was recorded since the copy", "said yes to this part with conditions", canary+" condition")
	for _, hidden := range []string{canary + " statement", canary + " study", canary + " community", "Archive"} {
		if strings.Contains(before.Body, hidden) {
			w.t.Errorf("the link shows %q", hidden)
		}
	}
	if before.Header.Get("X-Robots-Tag") == "" || before.Header.Get("Cache-Control") != "no-store" {
		w.t.Error("the page may be kept or indexed")
	}
	w.sent(w.as(w.persons["Hana"]), w.talk("/stop"), url.Values{"type": {"withdraw"}})
	shows(w.t, visitor.get("/c/"+token).Body, "no longer says how things stand", "has taken its yes back")
	nothing := visitor.get("/nothing/" + token)
	for _, other := range []string{strings.Repeat("a", len(token)), "x", string(record.NewID())} {
		got := visitor.get("/c/" + other)
		if got.Status != http.StatusNotFound || strip(got.Body) != strings.ReplaceAll(strip(nothing.Body), "/nothing/"+token, "/c/"+other) {
			w.t.Errorf("/c/%s: %d, and it differs from what does not exist", other, got.Status)
		}
	}
}

// The file is exactly what the record keeps the digest of, and says where to ask.
func TestACopyAsAFile(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := decided(t, db)
		got := w.as(w.persons["Fara"]).post(w.talk("/export"), url.Values{"as": {"file"}, "recipient": {"Verifier"}})
		if got.Status != http.StatusOK || !strings.HasPrefix(got.Header.Get("Content-Disposition"), "attachment") {
			t.Fatalf("%d %s", got.Status, got.Header.Get("Content-Disposition"))
		}
		shows(t, got.Body, `"status_at": "`+w.web.URL+"/c/", `"in_force_conditional"`, canary+" condition")
		if strings.Contains(got.Body, canary+" among us") || strings.Contains(got.Header.Get("Content-Disposition"), canary) {
			t.Error("it holds what it may not")
		}
	})
}

// A receipt has the words and the code, and no names and no place.
func TestAReceiptForPaper(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := decided(t, db)
		mira, path := w.as(w.persons["Mira"]), w.talk("/decisions/"+string(w.record().Decisions[0].ID)+"/receipt")
		w.seal()
		sealed := mira.get(path).Body
		shows(t, sealed, "Sí, con nuestras condiciones", "Sealed ", `class="qr"`, "vcm-forum/receipt/v1")
		_, paper, _ := strings.Cut(sealed, `<article class="receipt`)
		paper, _, _ = strings.Cut(paper, "</article>")
		for _, name := range []string{"Hilda", "Hana", canary} {
			if strings.Contains(paper, name) {
				t.Errorf("the receipt says %q", name)
			}
		}
	})
}

// The link of a copy that shows no answers, or none any more, tells that something
// changed and nothing else; not even that there is something that it does not show.
func TestALinkWithoutAnswersTellsOfAChangeAlone(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := decided(t, db)
		w.did(w.talks.Release(t.Context(), w.by("Hilda"), w.community, w.consultation, consultations.ReleaseForm{
			Parts: []consultations.Part{consultations.PartProposal}, To: consultations.ToAuditor, Purpose: "to be read",
		}))
		taken := copyLink.FindStringSubmatch(w.as(w.persons["Hilda"]).post(w.talk("/export"), url.Values{"recipient": {"An office"}, "for": {"auditor"}, "as": {"page"}}).Body)
		if taken == nil {
			t.Fatal("no link")
		}
		at := "/c/" + taken[2]
		same := w.as(w.persons["nobody"]).get(at).Body
		shows(t, same, "Nothing was recorded since the copy")
		w.did(w.talks.ChangeProposal(t.Context(), w.by("Pablo"), w.community, w.consultation, consultations.ProposalForm{Title: "x", Summary: "y", Aspects: []string{"a"}}))
		changed := w.as(w.persons["nobody"]).get(at).Body
		shows(t, changed, "no longer says how things stand")
		for _, body := range []string{same, changed} {
			for _, more := range []string{`class="aspects"`, "shows nothing", "This page shows what the copy showed", canary} {
				if strings.Contains(body, more) {
					t.Errorf("the page of the link has %q", more)
				}
			}
		}
	})
}

// Before there was a yes the page offers none to take back, and no answer but a no to
// be written down.
func TestNothingIsTakenBackThatWasNotGiven(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := consult(t, db).propose()
		w.did(w.talks.Move(t.Context(), w.by("Fara"), w.community, w.consultation, 1, consultations.MoveInvite, ""))
		w.today()
		hilda := w.as(w.persons["Hilda"])
		shows(t, hilda.get(w.talk("/stop")).Body, "We withdraw", "We do not wish to engage")
		shows(t, hilda.get(w.talk("")).Body, "Write down that we say no")
		for rest, words := range map[string]string{"/stop": "take our yes back", "": "Write down what we decided"} {
			if strings.Contains(hilda.get(w.talk(rest)).Body, words) {
				t.Errorf("%q says %q", rest, words)
			}
		}
	})
}
