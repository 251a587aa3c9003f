package main_test

import (
	"archive/zip"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
	"github.com/vcm-forum/forum/server/testkit"
)

// held is what was said and done in the session, to be looked for afterwards.
type held struct{ dialogue, session record.ID }

const (
	heldWords = "A tax that nobody understands is a tax that nobody trusts."
	heldReply = "We said the same in our village."
)

// A session is run on a real conversation that was held elsewhere: it has a
// question to work on, its statements can be supported and answered, and the
// minutes hold what was said in the room and nothing of what was there before.
func TestASessionIsRunOnAnImport(t *testing.T) {
	dir := testkit.SharedData(t, "polis", "scoop-hivemind.taxes")
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		lead := administrator(t, db, "Lead", "")
		code, out, stderr := command(t, append([]string{"import", "polis", dir}, at(db)...)...)
		m := dialogueLine.FindStringSubmatch(out)
		if code != 0 || m == nil {
			t.Fatalf("exit %d, printed %q, said %q", code, out, stderr)
		}
		srv, err := server.New(server.Config{DB: db, BaseURL: "http://forum.example"})
		if err != nil {
			t.Fatal(err)
		}
		writer, _, talks, _ := srv.Services()
		t.Cleanup(writer.Stop)
		h := hold(t, talks, record.ID(m[1]), lead)
		checkHeld(t, srv, h)
		archive := filepath.Join(t.TempDir(), "dialogue.zip")
		code, _, stderr = command(t, slices.Concat([]string{"export", "--dialogue", m[1], "--out", archive}, at(db))...)
		if code != 0 {
			t.Fatalf("export: exit %d, said %q", code, stderr)
		}
		if all := zipped(t, archive); !strings.Contains(all, heldWords) || !strings.Contains(all, heldReply) {
			t.Error("the archive lacks what was said in the session")
		}
	})
}

// hold runs the session: a guest joins by code, speaks, supports and answers.
func hold(t *testing.T, s *dialogues.Service, dialogue, lead record.ID) held {
	t.Helper()
	ctx := t.Context()
	must := func(r record.Receipt, err error) record.Receipt {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	chair := dialogues.Call{Actor: people.Actor{Person: people.Person{ID: lead, Kind: people.Account, Administrator: true}}}
	questions, err := s.Questions(ctx, dialogue)
	must(record.Receipt{}, err)
	form := dialogues.SessionForm{Title: "On taxes", StartsAt: database.Now(), TimeZone: "Pacific/Auckland", Minutes: 60, Guests: true}
	session := must(s.PlanSession(ctx, chair, dialogue, form)).ID
	must(s.AddItem(ctx, chair, dialogue, session, dialogues.AgendaItemForm{Title: "What we heard", Minutes: 30, Question: questions[0].ID}))
	must(s.OpenSession(ctx, chair, dialogue, session))
	open, err := s.Session(ctx, dialogue, session)
	must(record.Receipt{}, err)
	guest, _, err := s.JoinSession(ctx, dialogues.Call{Key: "join"}, open.Code, dialogues.JoinForm{Name: "Aroha", Group: people.IPLC, Language: "en"})
	must(record.Receipt{}, err)
	by := dialogues.Call{Actor: people.Actor{Person: people.Person{ID: guest, Kind: people.Guest, StakeholderGroup: people.IPLC}}}
	imported, total, err := s.Contributions(ctx, dialogues.Seat{Actor: chair.Actor, Role: dialogues.Facilitator, Dialogue: seatOf(t, s, dialogue)}, dialogues.SaidFilter{Order: dialogues.Oldest})
	must(record.Receipt{}, err)
	if total == 0 {
		t.Fatal("nothing was imported")
	}
	must(s.Support(ctx, by, dialogue, imported[0].ID, true))
	must(s.AddContribution(ctx, by, dialogue, dialogues.ContributionForm{Parent: imported[0].ID, Language: "en", Attribution: dialogues.Named, Body: heldReply}))
	must(s.AddContribution(ctx, by, dialogue, dialogues.ContributionForm{
		Question: questions[0].ID, Session: session, Kind: dialogues.Risk, Language: "en", Attribution: dialogues.Named, Body: heldWords,
	}))
	hand := must(s.RaiseHand(ctx, by, dialogue, session)).ID
	must(s.CallHand(ctx, chair, dialogue, session, hand))
	must(s.CloseSession(ctx, chair, dialogue, session))
	must(s.PublishMinutes(ctx, chair, dialogue, session))
	return held{dialogue, session}
}

func seatOf(t *testing.T, s *dialogues.Service, dialogue record.ID) dialogues.Dialogue {
	t.Helper()
	seat, err := s.SeatOf(t.Context(), people.Actor{}, dialogue)
	if err != nil {
		t.Fatal(err)
	}
	return seat.Dialogue
}

// checkHeld reads the minutes as a visitor.
func checkHeld(t *testing.T, srv *server.Server, h held) {
	t.Helper()
	answer := httptest.NewRecorder()
	srv.Handler().ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://forum.example/sessions/"+string(h.session)+"/minutes", nil))
	page := answer.Body.String()
	if answer.Code != http.StatusOK || strings.Count(page, heldWords) != 1 || !strings.Contains(page, "Aroha") {
		t.Errorf("minutes: %d, words %d times, speaker named %v", answer.Code, strings.Count(page, heldWords), strings.Contains(page, "Aroha"))
	}
	if strings.Contains(page, "Polis ") {
		t.Error("the minutes hold statements that were made elsewhere")
	}
}

// zipped is everything in an archive, one file after the other.
func zipped(t *testing.T, name string) string {
	t.Helper()
	z, err := zip.OpenReader(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = z.Close() }()
	var all strings.Builder
	for _, file := range z.File {
		r, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&all, r); err != nil {
			t.Fatal(err)
		}
		_ = r.Close()
	}
	return all.String()
}
