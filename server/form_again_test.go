package server_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

var keyField = regexp.MustCompile(`name="key" value="([^"]+)"`)

// open follows a link to a form and returns the form's own address and key.
func (b *browser) open(link, form string) (address, key string) {
	b.f.t.Helper()
	got := b.get(link)
	if got.Status != http.StatusSeeOther {
		b.f.t.Fatalf("GET %s: %d, want a redirect to a fresh form", link, got.Status)
	}
	return got.Location, b.keyAt(got.Location, form)
}

// keyAt reads the key of the form that is sent to an address, as the page shows it now.
func (b *browser) keyAt(page, form string) string {
	b.f.t.Helper()
	got := b.get(page)
	_, after, found := strings.Cut(got.Body, `action="`+form+`"`)
	m := keyField.FindStringSubmatch(after)
	if got.Status != http.StatusOK || !found || m == nil {
		b.f.t.Fatalf("GET %s: %d without a form for %s", page, got.Status, form)
	}
	return m[1]
}

// Somebody without scripts goes back after their words were recorded and sends
// the form again: the words are said once, and they are led to them. A form that
// is opened anew is a new one, and other words are never dropped silently.
func TestTheSameFormSaysItOnce(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := build(start(t, db))
		o := w.objects["public"]
		b := w.as(w.persons["participant"])
		page, thread := "/dialogues/"+string(o.dialogue), "/contributions/"+string(o.contribution)
		for name, form := range map[string]struct{ link, action string }{
			"a contribution": {page + "/say?question=" + string(o.question), page + "/contributions"},
			"a reply":        {thread + "?form", thread + "/reply"},
		} {
			words := url.Values{
				"question": {string(o.question)}, "kind": {"risk"}, "language": {"en"}, "attribution": {"named"}, "body": {"once only: " + name},
			}
			send := func(key, body string) answer {
				words.Set("key", key)
				words.Set("body", body)
				return b.post(form.action, words)
			}
			address, key := b.open(form.link, form.action)
			if got := send(key, "once only: "+name); got.Status != http.StatusSeeOther {
				t.Fatalf("%s: %d, want a redirect", name, got.Status)
			}
			if got := b.get(address); !strings.Contains(got.Body, "your words are recorded") {
				t.Errorf("%s: going back does not say that the words are recorded", name)
			}
			again := send(b.keyAt(address, form.action), "once only: "+name)
			if again.Status != http.StatusSeeOther || !strings.HasPrefix(again.Location, "/contributions/") {
				t.Errorf("%s, sent again: %d %s, want to be led to what is recorded", name, again.Status, again.Location)
			}
			if got := b.get(again.Location); !strings.Contains(got.Body, "already recorded") || !strings.Contains(got.Body, "once only: "+name) {
				t.Errorf("%s, sent again: the page does not show the words and that they were recorded before", name)
			}
			if n := w.timesSaid(o, "once only: "+name); n != 1 {
				t.Errorf("%s was said %d times, want once", name, n)
			}
			other := send(key, "other words: "+name)
			if other.Status != http.StatusConflict || !strings.Contains(other.Body, "other words: "+name) || strings.Contains(other.Body, `value="`+key+`"`) {
				t.Errorf("%s with other words: %d, want the form with the words and a fresh key", name, other.Status)
			}
			if _, fresh := b.open(form.link, form.action); fresh == key {
				t.Errorf("%s: a form that is opened anew has the old key", name)
			} else if got := send(fresh, "once only: "+name); got.Status != http.StatusSeeOther {
				t.Errorf("%s: a new form answers %d", name, got.Status)
			}
			if n := w.timesSaid(o, "once only: "+name); n != 2 {
				t.Errorf("%s by two forms was said %d times, want twice", name, n)
			}
		}
	})
}

// timesSaid is how often something stands in a dialogue.
func (w *world) timesSaid(o objects, words string) int {
	w.t.Helper()
	seat, err := w.dialogues.SeatOf(w.t.Context(), w.persons["participant"], o.dialogue)
	if err != nil {
		w.t.Fatal(err)
	}
	said, _, err := w.dialogues.Contributions(w.t.Context(), seat, dialogues.SaidFilter{})
	if err != nil {
		w.t.Fatal(err)
	}
	n := 0
	for _, c := range said {
		for _, one := range append(c.Replies, c) {
			if one.Body == words {
				n++
			}
		}
	}
	return n
}

func TestFormDoesNotGuessWhatAContributionIsMeantAs(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := build(start(t, db))
		o := w.objects["public"]
		b := w.as(w.persons["participant"])
		say := "/dialogues/" + string(o.dialogue) + "/say?question=" + string(o.question)
		address, key := b.open(say, "/dialogues/"+string(o.dialogue)+"/contributions")
		if got := b.get(address); strings.Contains(got.Body, `name="kind" value="experience" checked`) {
			t.Error("a kind is chosen before anybody chose it")
		}
		got := b.post("/dialogues/"+string(o.dialogue)+"/contributions", url.Values{
			"question": {string(o.question)}, "language": {"en"}, "attribution": {"named"}, "body": {"of no kind"}, "key": {key},
		})
		if got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, `id="kind-error"`) || !strings.Contains(got.Body, "of no kind") {
			t.Errorf("sent without a kind: %d, want 422 with an error beside the field and the words kept", got.Status)
		}
	})
}
