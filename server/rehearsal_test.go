package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
	"github.com/vcm-forum/forum/server/dialoguepages"
)

// A facilitator rehearses a session as a browser without scripts does, with
// somebody watching over a socket, and ends it.
func TestARehearsalFromTheBrowser(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := build(start(t, db))
		lead, stranger := w.as(w.persons["facilitator"]), w.as(w.persons["participant"])
		w.must(w.dialogues.EndRehearsal(t.Context(), dialogues.Call{Actor: w.persons["facilitator"]}, w.objects["rehearsal"].dialogue))
		next, err := w.dialogues.SessionByCode(t.Context(), w.code)
		w.must(record.Receipt{}, err)
		began := lead.post("/sessions/"+string(next.ID)+"/rehearsal", nil)
		console := began.Location
		if began.Status != http.StatusSeeOther || !strings.HasSuffix(console, "/console") {
			t.Fatalf("start: %d %s", began.Status, console)
		}
		session := strings.TrimSuffix(strings.TrimPrefix(console, "/sessions/"), "/console")
		id, err := w.dialogues.SessionDialogue(t.Context(), record.ID(session))
		w.must(record.Receipt{}, err)
		watcher := lead.watch(id, dialoguepages.ViewConsole)
		for _, path := range []string{"/open", "/prompt"} {
			if got := lead.post("/sessions/"+session+path, nil); got.Status != http.StatusSeeOther {
				t.Errorf("POST %s: %d", path, got.Status)
			}
		}
		if page := lead.get(console); !strings.Contains(page.Body, "Nothing you do here is kept.") || !strings.Contains(page.Body, "Invented participant") {
			t.Error("the console says neither that it is a rehearsal nor who raised a hand")
		}
		if got := stranger.get(console); got.Status != http.StatusNotFound {
			t.Errorf("a participant of the dialogue opens it: %d", got.Status)
		}
		ended := lead.post("/dialogues/"+string(id)+"/rehearsal/end", nil)
		if ended.Location != "/sessions/"+string(next.ID)+"/agenda" {
			t.Errorf("the end leads to %q", ended.Location)
		}
		if code := watcher.closedWith(); code != 4002 {
			t.Errorf("the socket ended with %d, want 4002", code)
		}
		if got := lead.get(console); got.Status != http.StatusNotFound {
			t.Errorf("after the end: %d", got.Status)
		}
	})
}
