package server_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// hall is a live session with a chair and somebody who could take over, both
// in browsers without scripts.
type hall struct {
	*forum
	dialogue, session record.ID
	lead, co          people.Actor
	chair, other      *browser
}

func newHall(t *testing.T, db *database.DB) *hall {
	t.Helper()
	h := &hall{forum: start(t, db)}
	h.lead = h.person("Lucía", func(p *people.Person) { p.Convener = true })
	h.co = h.person("Tomás", nil)
	ctx, by := t.Context(), dialogues.Call{Actor: h.lead}
	h.dialogue = record.ID(h.must(h.dialogues.CreateDialogue(ctx, by, dialogues.DialogueForm{
		Kind: dialogues.Regional, Title: "Land", Objective: "agree", Language: "en", Visibility: dialogues.Public,
	})).Room)
	h.must(h.dialogues.SetRole(ctx, by, h.dialogue, h.co.ID(), dialogues.CoFacilitator))
	h.must(h.dialogues.SetState(ctx, by, h.dialogue, dialogues.Open))
	form := dialogues.SessionForm{Title: "First", StartsAt: database.Now(), TimeZone: "America/Lima", Minutes: 60, Guests: true}
	h.session = h.must(h.dialogues.PlanSession(ctx, by, h.dialogue, form)).ID
	for _, title := range []string{"Welcome", "Maps"} {
		h.must(h.dialogues.AddItem(ctx, by, h.dialogue, h.session, dialogues.AgendaItemForm{Title: title, Minutes: 20}))
	}
	h.chair, h.other = h.as(h.lead), h.as(h.co)
	return h
}

func (h *hall) path(of string) string { return "/sessions/" + string(h.session) + of }

// press sends the form of the button whose markup matches, as a browser without scripts.
func (h *hall) press(b *browser, button string) answer {
	h.t.Helper()
	console := b.get(h.path("/console")).Body
	m := regexp.MustCompile(`formaction="([^"]+)"(?: name="([^"]+)" value="([^"]+)")?[^>]*` + button).FindStringSubmatch(console)
	if m == nil {
		h.t.Fatalf("no button %s on the console:\n%s", button, console)
	}
	return b.post(m[1], url.Values{m[2]: {m[3]}})
}

// A step of chairing is taken back with the button that says what it takes
// back; a second press comes too late and says so.
func TestTheConsoleTakesAStepBack(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		h := newHall(t, db)
		h.chair.post(h.path("/open"), nil)
		h.chair.post(h.path("/timer"), url.Values{"add": {"-5"}})
		if body := h.chair.get(h.path("/console")).Body; !strings.Contains(body, "Undo: clock changed by −5 min") {
			t.Errorf("nothing to undo on the console:\n%s", body)
		}
		h.press(h.chair, `data-shortcut="n"`)
		console := h.other.get(h.path("/console")).Body
		if !strings.Contains(console, "Undo: item 2 started") {
			t.Errorf("the other console does not offer it:\n%s", console)
		}
		step := regexp.MustCompile(`name="step" value="([^"]+)"`).FindStringSubmatch(console)
		if got := h.press(h.other, `data-shortcut="u"`); got.Status != http.StatusSeeOther {
			t.Errorf("undo: %d", got.Status)
		}
		now, err := h.dialogues.Hall(t.Context(), h.dialogue, h.session)
		if err != nil || now.Current.Title != "Welcome" || now.Agenda[1].Started != nil {
			t.Errorf("after the undo: %+v, %v", now.Current, err)
		}
		late := h.chair.post(h.path("/undo"), url.Values{"step": {step[1]}})
		if late.Status != http.StatusConflict || !strings.Contains(late.Body, "can no longer be undone") {
			t.Errorf("a second undo: %d", late.Status)
		}
		if body := h.chair.get(h.path("/console")).Body; strings.Contains(body, "/undo") {
			t.Error("an undo is offered although nothing is left to undo")
		}
	})
}

// Whoever is given the chair is told so on their console and on their phone;
// everybody's console says who chairs.
func TestTheNewChairIsTold(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		h := newHall(t, db)
		h.chair.post(h.path("/open"), nil)
		told := regexp.MustCompile(`id="my-chair" role="status">`)
		if told.MatchString(h.other.get(h.path("/console")).Body) {
			t.Fatal("told before it is so")
		}
		h.chair.post(h.path("/chair"), url.Values{"person": {string(h.co.ID())}})
		for _, page := range []string{"/console", ""} {
			if !told.MatchString(h.other.get(h.path(page)).Body) {
				t.Errorf("the new chair is not told on %q", page)
			}
			if body := h.chair.get(h.path(page)).Body; told.MatchString(body) || !strings.Contains(body, "In the chair: Tomás") {
				t.Errorf("the old chair on %q: told %v", page, told.MatchString(body))
			}
		}
	})
}

// The wall says before a session how to come in and what it will be about, and
// after it what came of it; a code that opens nothing is not shown.
func TestTheWallBeforeAndAfter(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		h := newHall(t, db)
		now, err := h.dialogues.Hall(t.Context(), h.dialogue, h.session)
		if err != nil {
			t.Fatal(err)
		}
		code := now.Code[:3] + " " + now.Code[3:]
		shows(t, h.chair.get(h.path("")).Body, "Who has joined, by group")
		shows(t, h.chair.get(h.path("/hall")).Body, code, "Join with your phone", "Begins today at ", "Lima time", "Welcome", "Maps", `class="qr"`)
		h.chair.post(h.path("/open"), nil)
		h.must(h.dialogues.RaiseHand(t.Context(), dialogues.Call{Actor: h.co}, h.dialogue, h.session))
		h.press(h.chair, `data-shortcut=" "`)
		h.chair.post(h.path("/close"), nil)
		after := h.chair.get(h.path("/hall")).Body
		shows(t, after, "Thank you", "<dt>people were here</dt><dd>2</dd>", "<dt>person had the floor</dt><dd>1</dd>", "The minutes will be here", `class="qr"`)
		shows(t, h.chair.get(h.path("")).Body, "Who was here, by group")
		if strings.Contains(after, code) {
			t.Error("the code of a session that is over is on the wall")
		}
		h.chair.post(h.path("/publish"), nil)
		shows(t, h.chair.get(h.path("/hall")).Body, "Read the minutes here")
	})
}

func shows(t *testing.T, page string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(page, w) {
			t.Errorf("%q is not on the page:\n%s", w, page)
		}
	}
}

// A session is planned in the zone of the one before it; the first in that of
// whoever plans it, else of the dialogue's country.
func TestANewSessionKnowsItsZone(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		h := newHall(t, db)
		chosen := func(dialogue record.ID) string {
			m := regexp.MustCompile(`<option value="([^"]+)" selected>[^<]*</option>`).FindAllStringSubmatch(h.chair.get("/dialogues/"+string(dialogue)+"/sessions/new").Body, -1)
			if len(m) == 0 {
				return ""
			}
			return m[0][1]
		}
		if got := chosen(h.dialogue); got != "America/Lima" {
			t.Errorf("after a session in Lima: %q", got)
		}
		for country, want := range map[string]string{"KE": "Africa/Nairobi", "BR": "UTC"} {
			fresh := record.ID(h.must(h.dialogues.CreateDialogue(t.Context(), dialogues.Call{Actor: h.lead}, dialogues.DialogueForm{
				Kind: dialogues.National, Title: "Land", Objective: "agree", Language: "en", Visibility: dialogues.Public, Countries: []string{country},
			})).Room)
			if got := chosen(fresh); got != want {
				t.Errorf("the first session in %s: %q, want %q", country, got, want)
			}
		}
	})
}

// What was removed by mistake is put back with one button, on the page where it stood.
func TestWhatWasRemovedIsPutBack(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		h := newHall(t, db)
		restore := regexp.MustCompile(`action="([^"]+/restore)"`)
		h.must(h.dialogues.AddQuestion(t.Context(), dialogues.Call{Actor: h.lead}, h.dialogue, dialogues.QuestionForm{Title: "Who maps?", Answer: dialogues.AnswerOpen}))
		for page, title := range map[string]string{"/dialogues/" + string(h.dialogue) + "/questions": "Who maps?", h.path("/agenda"): "Maps"} {
			removes := regexp.MustCompile(`formaction="([^"]+/remove)"`).FindAllStringSubmatch(h.chair.get(page).Body, -1)
			if got := h.chair.post(removes[len(removes)-1][1], nil); got.Status != http.StatusSeeOther {
				t.Fatalf("remove on %s: %d", page, got.Status)
			}
			after := h.chair.get(page).Body
			shows(t, after, "It can be put back below", "Put back: "+title)
			if got := h.chair.post(restore.FindStringSubmatch(after)[1], nil); got.Status != http.StatusSeeOther {
				t.Errorf("restore on %s: %d", page, got.Status)
			}
			if back := h.chair.get(page).Body; strings.Contains(back, "/restore") || !strings.Contains(back, title) {
				t.Errorf("%q is not back on %s", title, page)
			}
		}
	})
}

// Open consoles hear who chairs now, and get the step that can be taken back.
func TestOpenConsolesHearOfTheNewChair(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		h := newHall(t, db)
		h.chair.post(h.path("/open"), nil)
		s := h.other.watch(h.dialogue, "console")
		h.chair.post(h.path("/chair"), url.Values{"person": {string(h.co.ID())}})
		for {
			f := s.next()
			if f.Say == "" {
				continue
			}
			if f.Say != "Tomás chairs the session now." {
				t.Errorf("says %q", f.Say)
			}
			shows(t, f.raw, `data-chair=\"`+string(h.co.ID()), "Undo: chair handed to Tomás")
			return
		}
	})
}
