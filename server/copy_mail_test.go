package server_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
	"github.com/vcm-forum/forum/server/notify"
	"github.com/vcm-forum/forum/server/notify/notifytest"
)

// A withdrawal reaches whoever has a copy: by a mail that says nothing of what it is
// about, whose link says how things stand.
func TestAWithdrawalReachesTheRecipientOfACopy(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		office := notifytest.Open(t, notify.Plain)
		w := consult(t, db, func(cfg *server.Config) {
			mailer, err := notify.New(notify.Config{Host: "127.0.0.1", Port: office.Port, TLS: notify.Plain, From: "forum@forum.example", BaseURL: cfg.BaseURL})
			if err != nil {
				t.Fatal(err)
			}
			cfg.Mail = mailer
		}).propose().tell().deliberate()
		w.decide(consultations.Consent, w.aspects[0])
		w.today()
		hilda := w.keyed("Hilda")
		form := url.Values{"recipient": {canary + " registry"}, "address": {"no address"}, "for": {""}, "as": {"page"}, "version": {"1"}}
		w.refused(hilda, w.talk("/export"), form, 422, "Enter an e-mail address")
		form.Set("address", "Registry@Example.org")
		if got := hilda.post(w.talk("/export"), form); got.Status != 200 {
			t.Fatalf("the copy is not handed out: %d", got.Status)
		}
		shows(t, hilda.get(w.talk("/export")).Body, "told by mail when it changes")
		tell := func(n int) []notifytest.Letter {
			t.Helper()
			if err := w.srv.TellRecipients(t.Context()); err != nil {
				t.Fatal(err)
			}
			if len(office.Taken()) != n {
				t.Fatalf("%d letters, want %d", len(office.Taken()), n)
			}
			return office.Taken()
		}
		tell(0)
		w.sent(hilda, w.talk("/stop"), url.Values{"type": {"withdraw"}, "version": {"1"}})
		letter := tell(1)[0]
		if letter.To != "registry@example.org" || strings.Contains(letter.Data, canary) || strings.Contains(strings.ToLower(letter.Data), "withdr") {
			t.Errorf("the letter tells: %s", letter.Data)
		}
		link := regexp.MustCompile(`/c/[a-z2-7]{20,}`).FindString(strings.ReplaceAll(letter.Data, "=\r\n", ""))
		shows(t, w.as(people.Actor{}).get(link).Body, "taken its yes back")
		tell(1)
		shows(t, hilda.get(w.talk("/export")).Body, "told by mail")
	})
}
