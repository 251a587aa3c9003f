package server_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// hallPassphrase is what holders of the test show once more.
const hallPassphrase = "three goats on a hill"

// keyed gives somebody a passphrase and opens their browser.
func (w *consulted) keyed(name string) *browser {
	w.t.Helper()
	if err := w.signin.SetPassphrase(w.t.Context(), w.persons[name], "", hallPassphrase); err != nil {
		w.t.Fatalf("passphrase of %s: %v", name, err)
	}
	return w.as(w.persons[name])
}

// sent sends a form and expects to be led on.
func (w *consulted) sent(b *browser, path string, fields url.Values) answer {
	w.t.Helper()
	got := b.post(path, fields)
	if got.Status != http.StatusSeeOther {
		w.t.Fatalf("POST %s %v: %d\n%s", path, fields, got.Status, mainOf(got.Body))
	}
	return got
}

// mainOf is what a page says, for messages.
func mainOf(body string) string {
	_, main, _ := strings.Cut(body, "<main")
	return regexp.MustCompile(`(<[^>]*>|\s)+`).ReplaceAllString(main, " ")
}

// refused sends a form and expects the page back, with a sentence and what was typed.
func (w *consulted) refused(b *browser, path string, fields url.Values, status int, words ...string) {
	w.t.Helper()
	got := b.post(path, fields)
	if got.Status != status {
		w.t.Errorf("POST %s: %d, want %d", path, got.Status, status)
	}
	shows(w.t, got.Body, words...)
	if !strings.Contains(got.Body, `class="withdrawal"`) && !strings.HasSuffix(path, "/stop") {
		w.t.Errorf("POST %s is answered by a page without the way back out", path)
	}
}

// The whole way, as browsers without scripts go it: from a proposal to an answer,
// each step refused where it was asked for until it is due.
func TestAConsultationGoesItsWayByForms(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := consult(t, db).today()
		hilda, hana, fara, pablo := w.keyed("Hilda"), w.keyed("Hana"), w.keyed("Fara"), w.keyed("Pablo")
		w.proposedBy(fara)
		w.agreedBy(hilda, pablo)
		w.toldBy(pablo, hilda)
		w.takesTime(hilda)
		w.back.Store(0)
		w.wait(31 * aDay)
		for name, b := range map[string]**browser{"Hilda": &hilda, "Hana": &hana, "Fara": &fara} {
			*b = w.as(w.persons[name]) // a month has passed: they sign in again
		}
		draft := w.writtenBy(fara)
		w.confirmedBy(draft, hilda, hana)
		shows(t, hilda.get(w.talk("")).Body, "We have said yes to this part with our conditions", "No planting near the spring", "Four families disagree")
	})
}

func (w *consulted) proposedBy(fara *browser) {
	w.t.Helper()
	path := "/communities/" + string(w.community) + "/proposals"
	form := url.Values{"title": {canary + " trees"}, "summary": {canary + " summary"}, "aspects": {"Planting\nCredits"}, "proponent": {"nobody@forum.example"}}
	got := fara.post(path, form)
	if got.Status != http.StatusUnprocessableEntity {
		w.t.Errorf("a proponent without an account: %d", got.Status)
	}
	shows(w.t, got.Body, "There is no such account", canary+" summary")
	form.Del("proponent")
	w.did(w.talks.GiveSeat(w.t.Context(), w.by("Fara"), w.community, w.persons["Pablo"].ID(), consultations.Proponent, ""))
	shows(w.t, fara.post(path, form).Body, "Pablo", canary+" summary")
	form.Set("guest", string(w.persons["Hilda"].ID()))
	shows(w.t, fara.post(path, form).Body, `href="#guest"`)
	form.Set("guest", string(w.persons["Pablo"].ID()))
	at := w.sent(fara, path, form).Location
	w.consultation = record.ID(at[len(at)-36:])
	w.sent(fara, w.talk("/move"), url.Values{"move": {"invite"}})
	w.refused(fara, w.talk("/move"), url.Values{"move": {"invite"}}, http.StatusConflict, "this is not possible")
	for _, a := range w.newestParts() {
		w.aspects = append(w.aspects, a.ID)
	}
}

func (w *consulted) newestParts() []consultations.Aspect {
	p, _ := w.of("Hilda").Community.Proposal(w.record().Proposal)
	return p.Newest().Aspects
}

func (w *consulted) agreedBy(hilda, pablo *browser) {
	w.t.Helper()
	w.refused(hilda, w.talk("/plan"), url.Values{"plan": {" "}}, http.StatusUnprocessableEntity, "error-summary")
	w.sent(hilda, w.talk("/plan"), url.Values{"plan": {"We meet in the big house."}})
	shown := regexp.MustCompile(`name="mark" value="([0-9a-f]+)"`).FindStringSubmatch(pablo.get(w.talk("/plan")).Body)
	if shown == nil {
		w.t.Fatal("the proponent cannot agree to the plan")
	}
	w.sent(hilda, w.talk("/plan"), url.Values{"plan": {"We meet under the tree."}})
	w.refused(pablo, w.talk("/plan/agree"), url.Values{"mark": shown[1:]}, http.StatusUnprocessableEntity, "The words were changed", "under the tree")
	for _, b := range []*browser{pablo, hilda} {
		now := regexp.MustCompile(`name="mark" value="([0-9a-f]+)"`).FindStringSubmatch(b.get(w.talk("/plan")).Body)
		w.sent(b, w.talk("/plan/agree"), url.Values{"mark": now[1:]})
	}
	if body := hilda.get(w.talk("/plan")).Body; strings.Count(body, "Has agreed") != 2 || strings.Contains(body, `name="mark"`) {
		w.t.Error("the plan does not show that both have agreed")
	}
}

func (w *consulted) toldBy(pablo, hilda *browser) {
	w.t.Helper()
	w.refused(pablo, w.talk("/told"), url.Values{"topic": {"nature"}, "language": {"es"}, "medium": {"text"}}, http.StatusUnprocessableEntity, "error-summary")
	w.refused(pablo, w.talk("/told"), url.Values{"topic": {"nature"}, "language": {"es"}, "medium": {"oral"}, "body": {"Said in the yard"}}, http.StatusUnprocessableEntity, "Said in the yard")
	for i, topic := range consultations.Topics() {
		if i == 13 {
			w.refused(hilda, w.talk("/move"), url.Values{"move": {"receive"}}, http.StatusConflict, "One topic has not yet been told")
		}
		w.sent(pablo, w.talk("/told"), url.Values{"topic": {string(topic)}, "language": {"es"}, "medium": {"text"}, "body": {canary + " told"}, "translator": {"Tomás"}})
	}
	item := string(w.record().Disclosures[0].ID)
	w.sent(hilda, w.talk("/told/"+item), url.Values{"played_back": {"They plant on the old fields."}})
	shows(w.t, hilda.get(w.talk("/told")).Body, "They plant on the old fields.", "taken by us")
	if strings.Contains(pablo.get(w.talk("/told")).Body, "They plant on the old fields.") {
		w.t.Error("the proponent reads what was told back")
	}
	w.sent(hilda, w.talk("/move"), url.Values{"move": {"receive"}})
	w.sent(hilda, w.talk("/move"), url.Values{"move": {"ask_more"}, "reason": {"And the spring?"}})
	shows(w.t, pablo.get(w.talk("/told")).Body, "And the spring?")
	w.sent(hilda, w.talk("/move"), url.Values{"move": {"receive"}})
}

func (w *consulted) takesTime(hilda *browser) {
	w.t.Helper()
	w.refused(hilda, w.talk("/sessions"), url.Values{"kind": {"internal"}, "count_women": {"many"}, "notes": {"kept words"}}, http.StatusUnprocessableEntity, "kept words")
	w.sent(hilda, w.talk("/sessions"), url.Values{"kind": {"internal"}, "held": {w.of("Hilda").At.Format("2006-01-02")}, "count_women": {"12"}, "count_men": {"9"}})
	shows(w.t, hilda.get(w.talk("/sessions")).Body, "Women: 12", "Men: 9")
	form := url.Values{"type": {"consent"}, "aspects": {string(w.aspects[0])}, "language": {"es"}, "statement": {"Words that stay"}}
	w.refused(hilda, w.talk("/drafts"), form, http.StatusConflict, "The community takes its time until", "Words that stay")
	yesterday, later := w.of("Hilda").At.AddDate(0, 0, -1), w.of("Hilda").At.AddDate(0, 0, 30)
	w.refused(hilda, w.talk("/time"), url.Values{"until": {yesterday.Format("2006-01-02")}}, http.StatusUnprocessableEntity, "only be made longer")
	w.sent(hilda, w.talk("/time"), url.Values{"until": {later.Add(24 * time.Hour).Format("2006-01-02")}})
}

func (w *consulted) writtenBy(fara *browser) string {
	w.t.Helper()
	form := url.Values{
		"type": {"consent"}, "aspects": {string(w.aspects[0])}, "language": {"es"}, "statement": {"Plántenlo en los potreros viejos."},
		"conditions": {"No planting near the spring"}, "dissent": {"Four families disagree"},
	}
	w.refused(fara, w.talk("/drafts"), form, http.StatusUnprocessableEntity, "A yes with conditions is written down as one", "Four families disagree")
	form.Set("type", "consent_with_conditions")
	at := w.sent(fara, w.talk("/drafts"), form).Location
	shows(w.t, fara.get(at).Body, "Plántenlo en los potreros viejos.", "No planting near the spring", "Four families disagree", "2 more people must confirm", "One of them must be of: "+canary+" women.")
	return at
}

var digestField = regexp.MustCompile(`name="digest" value="([0-9a-f]{64})"`)

// words is the digest of what stands on a page that reads an answer back.
func (b *browser) words(draft string) string {
	b.f.t.Helper()
	m := digestField.FindStringSubmatch(b.get(draft).Body)
	if m == nil {
		b.f.t.Fatal("no digest to confirm")
	}
	return m[1]
}

func (w *consulted) confirmedBy(draft string, hilda, hana *browser) {
	w.t.Helper()
	old := hilda.words(draft)
	w.refused(hilda, draft+"/confirm", url.Values{"digest": {old}, "proof": {"not the passphrase"}}, http.StatusUnprocessableEntity, "This is not right. Nothing was recorded.")
	w.refused(hilda, draft+"/confirm", url.Values{"digest": {old}}, http.StatusUnprocessableEntity, "This is not right.")
	fara := w.as(w.persons["Fara"])
	w.sent(fara, w.talk("/drafts"), url.Values{
		"draft": {draft[len(draft)-36:]}, "type": {"consent_with_conditions"}, "aspects": {string(w.aspects[0])}, "language": {"es"}, "statement": {"Other words."},
		"conditions": {"No planting near the spring"}, "dissent": {"Four families disagree"},
	})
	w.refused(hilda, draft+"/confirm", url.Values{"digest": {old}, "proof": {hallPassphrase}}, http.StatusUnprocessableEntity, "The words were changed since they were read back", "Other words.")
	w.refused(fara, draft+"/confirm", url.Values{"digest": {hilda.words(draft)}, "proof": {hallPassphrase}}, http.StatusForbidden, "This takes the word of somebody whose mandate says so")
	form := url.Values{"digest": {hilda.words(draft)}, "proof": {hallPassphrase}, "key": {"once"}}
	w.sent(hilda, draft+"/confirm", form)
	w.sent(hilda, draft+"/confirm", form) // a press too many
	shows(w.t, hana.get(draft).Body, "One more person must confirm", "Hilda")
	w.sent(hana, draft+"/confirm", url.Values{"digest": {hana.words(draft)}, "proof": {hallPassphrase}})
	if n := len(w.record().Decisions); n != 1 {
		w.t.Errorf("%d decisions, want one", n)
	}
}

// Who confirms for somebody without an account says how their word came, and
// brings what shows it and two who were there.
func TestAWordIsEnteredForAnotherOnlyWithWhatShowsIt(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := consult(t, db).propose().tell().deliberate()
		elder := w.elder()
		draft := w.talk("/drafts/" + string(w.draft(consultations.NotNow, w.aspects[1])))
		w.today()
		fara := w.keyed("Fara")
		form := url.Values{"relay": {"1"}, "digest": {fara.words(draft)}, "proof": {hallPassphrase}, "form": {"voice"}, "via": {"radio"}, "witnesses": {"Rosa", ""}}
		w.refused(fara, draft+"/confirm", form, http.StatusUnprocessableEntity, "Whose word it is")
		form.Set("mandate", string(w.mandates["Horst"]))
		w.refused(fara, draft+"/confirm", form, http.StatusUnprocessableEntity, "has an account and says it there")
		form.Set("mandate", string(elder))
		w.refused(fara, draft+"/confirm", form, http.StatusUnprocessableEntity, "Name two people who were there", "Add the recording or the picture")
		if len(w.record().Drafts[0].Confirmed) != 0 {
			t.Error("a word was entered")
		}
	})
}

// A draft can be set aside, and then it cannot be confirmed.
func TestADraftIsSetAside(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := consult(t, db).propose().tell().deliberate()
		draft := w.talk("/drafts/" + string(w.draft(consultations.NotNow, w.aspects[1])))
		w.today()
		hilda := w.keyed("Hilda")
		digest := hilda.words(draft)
		w.sent(w.as(w.persons["Fara"]), draft+"/drop", nil)
		if got := hilda.post(draft+"/confirm", url.Values{"digest": {digest}, "proof": {hallPassphrase}}); got.Status == http.StatusSeeOther {
			t.Errorf("it was confirmed all the same: %d", got.Status)
		}
	})
}

// The next version says what it changes and takes over no answer.
func TestANewVersionBeginsAnew(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := decided(t, db)
		pablo, hilda := w.as(w.persons["Pablo"]), w.as(w.persons["Hilda"])
		form := url.Values{"title": {canary + " proposal"}, "summary": {"It is larger now."}, "aspects": {canary + " study\n" + canary + " flights"}}
		w.sent(pablo, w.talk("/version"), form)
		w.refused(pablo, w.talk("/version"), form, http.StatusUnprocessableEntity, "Nothing has changed")
		newest := hilda.get(w.talk("")).Body
		shows(t, newest, "<ins><span class=\"visually-hidden\">Added: </span>It is larger now.</ins>", "Nobody has asked us anything yet.")
		_, stands, _ := strings.Cut(newest, `id="stands"`)
		if stands, _, _ = strings.Cut(stands, "</section>"); stands == "" || strings.Contains(stands, "We have said yes") {
			t.Error("the new version shows the old one's answer as its own")
		}
		shows(t, newest, "Version 1 came before. A yes to it still stands", "We have said yes to this part with our conditions", "/stop?version=1")
		old := hilda.get(w.talk("?version=1")).Body
		shows(t, old, "This is version 1.", canary+" summary", "We have said yes to this part with our conditions")
	})
}

// A recording is handed in on its own page, comes back with its digest, and is
// played where it was told; a word is confirmed for another by one.
func TestARecordingTellsAndConfirms(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := consult(t, db, withFiles(t)).propose().tell().deliberate()
		elder := w.elder()
		draft := w.talk("/drafts/" + string(w.draft(consultations.NotNow, w.aspects[1])))
		w.today()
		pablo, fara := w.as(w.persons["Pablo"]), w.keyed("Fara")
		shows(t, pablo.get(w.talk("/told")).Body, "/files/new?next=")
		digest := w.handed(pablo)
		shows(t, pablo.get(w.talk("/told?evidence="+digest)).Body, `name="evidence" value="`+digest+`"`, "<audio controls")
		form := url.Values{"topic": {"risks_costs"}, "language": {tongue}, "medium": {"audio"}}
		w.refused(pablo, w.talk("/told"), form, http.StatusUnprocessableEntity, "Add the recording or the picture")
		form.Set("evidence", strings.Repeat("0", 64))
		w.refused(pablo, w.talk("/told"), form, http.StatusUnprocessableEntity, "Add the recording or the picture")
		form.Set("evidence", digest)
		w.sent(pablo, w.talk("/told"), form)
		shows(t, w.as(w.persons["Mira"]).get(w.talk("/told")).Body, "/files/"+digest)
		w.sent(fara, draft+"/confirm", url.Values{
			"relay": {"1"}, "digest": {fara.words(draft)}, "proof": {hallPassphrase}, "form": {"voice"}, "via": {"radio"}, "witnesses": {"Rosa", "Inés"},
			"mandate": {string(elder)}, "evidence": {w.handed(fara)},
		})
		shows(t, fara.get(draft).Body, "Elena", "Voice. Entered by another person.")
	})
}

// elder is somebody who speaks for the assembly and has no account.
func (w *consulted) elder() record.ID {
	w.t.Helper()
	id := w.did(w.talks.EnterMandate(w.t.Context(), w.by("Hilda"), w.community, consultations.MandateForm{
		Name: "Elena", Institution: w.assembly, Powers: consultations.Powers(), Resolution: []consultations.Digest{paper},
	}))
	for _, name := range []string{"Horst", "Hana"} {
		w.did(w.talks.Vouch(w.t.Context(), w.by(name), w.community, id, ""))
	}
	w.wait(4 * aDay)
	return id
}

// handed hands in the test's recording and gives its digest.
func (w *consulted) handed(b *browser) string {
	w.t.Helper()
	got := b.upload("/communities/"+string(w.community)+"/files", recording())
	_, digest, ok := strings.Cut(got.Location, "evidence=")
	if !ok {
		w.t.Fatalf("upload: %d %s", got.Status, got.Location)
	}
	return digest
}
