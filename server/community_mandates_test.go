package server_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// address gives a person an e-mail address, under which others find them.
func (w *consulted) address(name string) string {
	w.t.Helper()
	email := strings.ToLower(name) + "@people.example"
	w.must(record.Receipt{}, w.people.Change(w.t.Context(), w.persons["Admin"].ID(), w.persons[name].ID(), func(p *people.Person) error {
		p.Email = email
		return nil
	}))
	return email
}

// goes posts a form that is accepted, and gives where it leads.
func goes(t *testing.T, b *browser, path string, fields url.Values) string {
	t.Helper()
	got := b.post(path, fields)
	if got.Status != http.StatusSeeOther {
		t.Fatalf("POST %s: %d", path, got.Status)
	}
	return got.Location
}

// A community's first mandate, from an empty record to one who may confirm, by the
// pages alone.
func TestAFirstMandateByThePages(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := consult(t, db)
		email, witness := w.address("Nadia"), w.address("Obi")
		fara, obi := w.as(w.persons["Fara"]), w.as(w.persons["Obi"])
		home := goes(t, fara, "/communities", url.Values{"name": {"Puerto Nuevo"}, "identifies": {"indigenous"}, "languages": {"es, x-inventado"}})
		reads(t, fara, home, "Puerto Nuevo", "Write down the community’s institutions")
		goes(t, fara, home+"/institutions", url.Values{"kind": {"assembly"}, "name": {"Asamblea"}})
		w.community = record.ID(strings.TrimPrefix(home, "/communities/"))
		assembly := string(w.of("Fara").Community.Institutions[0].ID)
		reads(t, fara, home, "Write down the community’s own rules")
		goes(t, fara, home+"/protocol", url.Values{"institution": {assembly}, "rule": {"Hablamos"}, "confirmations": {"2"}, "deliberate_days": {"20"}, "groups": {"womens_body", "nonsense"}})
		reads(t, fara, home+"/protocol", "Hablamos", "at least 20 days", "Women’s body", "Version 1")
		at := goes(t, fara, home+"/mandates", url.Values{
			"name": {"Nadia Ruiz"}, "email": {email}, "institution": {assembly}, "powers": {"confirm_decision", "withdraw"}, "resolution": {"Acta 12, del 3 de mayo"}, "from": {"2026-01-01"},
		})
		reads(t, fara, at, "Nadia Ruiz", "2 more people have to stand behind it", "Acta 12, del 3 de mayo", "Write this name down")
		goes(t, fara, at+"/vouch", url.Values{"name": {"Rosa"}})
		reads(t, fara, home, "Let a witness from outside in")
		goes(t, fara, home+"/seats", url.Values{"email": {witness}, "role": {"observer"}})
		if got := obi.post(at+"/attest", nil); got.Status != http.StatusConflict {
			t.Errorf("attested before two stand behind it: %d", got.Status)
		}
		goes(t, fara, at+"/vouch", url.Values{"name": {"Inés"}})
		reads(t, obi, home, "A first mandate waits for a witness", strings.TrimPrefix(at, home))
		goes(t, obi, at+"/attest", nil)
		reads(t, fara, at, "Can confirm from", "30 days to wait", "Rosa stands behind it", "Attested by a witness from outside")
		w.wait(30*aDay + 1)
		reads(t, w.as(w.persons["Nadia"]), at, "Counts since")
	})
}

// Another holder follows the protocol: holders vouch with their accounts; what is
// contested is ruled on by others than whom it is about.
func TestALaterMandateByThePages(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := consult(t, db).today()
		email := w.address("Nadia")
		hilda, horst, mira := w.keyed("Hilda"), w.keyed("Horst"), w.as(w.persons["Mira"])
		at := goes(t, hilda, w.at("/mandates"), url.Values{
			"name": {"Nadia"}, "email": {email}, "institution": {string(w.women)}, "powers": {"confirm_decision"}, "resolution": {"a recording of the women’s meeting"}, "from": {"2026-01-01"},
		})
		reads(t, hilda, w.at(""), "A new mandate: say whether you stand behind it")
		goes(t, hilda, at+"/vouch", nil)
		if got := hilda.post(at+"/vouch", nil); got.Status != http.StatusConflict {
			t.Errorf("vouched twice: %d", got.Status)
		}
		if got := w.as(w.persons["Nadia"]).get(at); got.Status != http.StatusNotFound {
			t.Errorf("seen by its holder before it counts: %d", got.Status)
		}
		goes(t, horst, at+"/vouch", nil)
		reads(t, w.as(w.persons["Nadia"]), at, "Still 3 days to wait")
		goes(t, mira, at+"/contest", url.Values{"reason": {"She was not at the meeting"}})
		reads(t, horst, at, "Contested by Mira", "She was not at the meeting", "Does this mandate stand?")
		reads(t, horst, w.at(""), "A mandate is contested: your word is needed")
		if body := mira.get(at).Body; strings.Contains(body, "/rule\"") {
			t.Error("a member is asked to rule")
		}
		if got := horst.post(at+"/rule", nil); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "Choose one of the answers") {
			t.Errorf("ruled without a word: %d", got.Status)
		}
		goes(t, horst, at+"/rule", url.Values{"stands": {"no"}, "proof": {hallPassphrase}})
		reads(t, horst, at, "It takes the same word of others")
		reads(t, hilda, at, "Contested. Nobody confirms", "1 of those who speak for the community says that it does not stand")
		if got := horst.post(at+"/rule", url.Values{"stands": {"no"}, "proof": {hallPassphrase}}); got.Status != http.StatusConflict {
			t.Errorf("said twice: %d", got.Status)
		}
		goes(t, hilda, at+"/rule", url.Values{"stands": {"no"}, "proof": {hallPassphrase}})
		reads(t, hilda, at, "The institution said that it does not stand")
		other := w.at("/mandates/" + string(w.mandates["Hana"]))
		goes(t, horst, other+"/end", url.Values{"proof": {hallPassphrase}})
		reads(t, hilda, other, "Counts since", "1 of those who speak for the community wants to end it")
		own := w.at("/mandates/" + string(w.mandates["Horst"]))
		if left := goes(t, horst, own+"/end", url.Values{"proof": {hallPassphrase}}); left != "/communities" {
			t.Errorf("who ended their own is led to %s", left)
		}
		reads(t, hilda, own, "Ended on")
		if got := horst.get(w.at("")); got.Status != http.StatusNotFound {
			t.Errorf("who ended their own mandate still sees the record: %d", got.Status)
		}
	})
}

// A lost account is another one's by the word of two, and never of one.
func TestALostAccountByThePages(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := consult(t, db).today()
		email := w.address("Nadia")
		at := w.at("/mandates/" + string(w.mandates["Horst"]))
		hilda := w.keyed("Hilda")
		goes(t, hilda, at+"/account", url.Values{"email": {email}, "proof": {hallPassphrase}})
		reads(t, hilda, at, "Another person has to say so too")
		if got := w.as(w.persons["Nadia"]).get(at); got.Status != http.StatusNotFound {
			t.Errorf("by one word: %d", got.Status)
		}
		goes(t, w.keyed("Hana"), at+"/account", url.Values{"email": {email}, "proof": {hallPassphrase}})
		if got := w.as(w.persons["Nadia"]).get(at); got.Status != http.StatusOK {
			t.Errorf("by two words: %d", got.Status)
		}
		if got := w.as(w.persons["Horst"]).get(at); got.Status != http.StatusNotFound {
			t.Errorf("the old account still sees: %d", got.Status)
		}
	})
}

func TestSeatsByThePages(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := consult(t, db).propose().today()
		email := w.address("Nadia")
		hilda, fara, nadia := w.as(w.persons["Hilda"]), w.as(w.persons["Fara"]), w.as(w.persons["Nadia"])
		if body := fara.get(w.at("/seats")).Body; strings.Contains(body, `value="member"`) || !strings.Contains(body, `value="proponent"`) {
			t.Error("who helps may let in others than a proponent")
		}
		if got := fara.post(w.at("/seats"), url.Values{"email": {email}, "role": {"auditor"}}); got.Status != http.StatusForbidden {
			t.Errorf("who helps lets an auditor in: %d", got.Status)
		}
		goes(t, hilda, w.at("/seats"), url.Values{"email": {email}, "role": {"auditor"}, "consultation": {string(w.consultation)}})
		reads(t, hilda, w.at("/seats"), "Nadia", "Auditor", canary+" proposal")
		if got := nadia.get(w.at("")); got.Status != http.StatusOK {
			t.Errorf("let in: %d", got.Status)
		}
		for role, says := range map[string]string{"auditor": "takes part in this way already", "proponent": "sits on another side"} {
			got := hilda.post(w.at("/seats"), url.Values{"email": {email}, "role": {role}, "consultation": {string(w.consultation)}})
			if got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, says) || !strings.Contains(got.Body, email) {
				t.Errorf("let in as %s: %d", role, got.Status)
			}
		}
		goes(t, hilda, w.at("/seats/take"), url.Values{"account": {string(w.persons["Nadia"].ID())}, "role": {string(consultations.Auditor)}})
		if got := nadia.get(w.at("")); got.Status != http.StatusNotFound {
			t.Errorf("sent away: %d", got.Status)
		}
	})
}

// What the institution decided may be a recording that was handed in on the way.
func TestAMandateByARecording(t *testing.T) {
	w := consult(t, databasetest.SQLite(t), withFiles(t)).today()
	hilda := w.as(w.persons["Hilda"])
	reads(t, hilda, w.at("/mandates/new"), w.at("/files/new?next="))
	got := hilda.upload(w.at("/files"), recording())
	_, digest, found := strings.Cut(got.Location, "evidence=")
	if !found {
		t.Fatalf("handed in: %d %s", got.Status, got.Location)
	}
	reads(t, hilda, w.at("/mandates/new?evidence="+digest), `name="evidence" value="`+digest, "The file that was handed in")
	fields := url.Values{"name": {"Rosa"}, "institution": {string(w.assembly)}, "powers": {"withdraw"}, "evidence": {digest}}
	at := goes(t, hilda, w.at("/mandates"), fields)
	reads(t, hilda, at, w.at("/files/"+digest))
	if body := w.as(w.persons["Obi"]).get(at).Body; strings.Contains(body, digest) {
		t.Error("a witness from outside is led to a file they may not read")
	}
	fields.Set("evidence", strings.Repeat("0", 64))
	if got := hilda.post(w.at("/mandates"), fields); got.Status != http.StatusUnprocessableEntity {
		t.Errorf("by a file that is not there: %d", got.Status)
	}
}
