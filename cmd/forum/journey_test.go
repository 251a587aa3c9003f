package main_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
	"github.com/vcm-forum/forum/server/testkit"
)

// TestJourney walks through a dialogue as people live it, in a browser, with
// the program as it ships: from the first administrator's link to the minutes,
// with two phones, one of which runs no script, and with a server that is
// killed in the middle. Every page of the way is examined.
func TestJourney(t *testing.T) {
	t.Parallel() // most of a walk is waiting
	browser, axe := startBrowser(t), string(bytesOf(t, testkit.Axe(t)))
	forum := buildForum(t)
	walk := func(t *testing.T, databaseURL string) {
		(&journey{t: t, browser: browser, axe: axe, server: startForum(t, forum, databaseURL)}).walk() //nolint:contextcheck // each person holds the context of a tab
	}
	t.Run(database.SQLite, func(t *testing.T) { walk(t, "") })
	t.Run(database.Postgres, func(t *testing.T) { walk(t, databasetest.PostgresURL(t)) })
}

// journey is one walk: who takes part, and what was said and done on the way,
// which the minutes must tell.
type journey struct {
	t       *testing.T
	browser context.Context //nolint:containedctx // tabs are opened along the way
	axe     string
	server  *forumServer
	pages   int // looked at so far

	amina *person // facilitates, on a laptop
	tomas *person // phone A
	lian  *person // phone B, which runs no script
	wall  *person // the hall's screen; nobody is signed in

	dialogue, session string // paths
	code              string
	spoken            []utterance
	opened, closed    time.Time
}

// utterance is one contribution as the minutes must show it.
type utterance struct {
	By, Group, Question, Kind, Text string
	Supports                        int
}

// The words of the walk. They hold what gets lost or executed where somebody
// was careless.
const (
	objective = "Agree what a nested programme needs from each country’s cadastre."
	tenure    = "Our territory has no title yet, and the map of the programme ends at its border."
	registry  = "A registry <b>per state</b> & one for the nation: who reconciles them?"
	double    = "In Pará we counted the same hectare twice: \"2×\" — see §3.\nThe second count was never withdrawn."
	duringCut = "Sent while the server was gone; it must arrive once."
	afterCut  = "Written on the page without scripts, sent after the restart."
	summary   = "Two registries were compared. Agreed: one reconciliation a year.\nOpen: who pays."
)

// walk is the whole way, on one engine.
func (j *journey) walk() {
	began := time.Now()
	j.amina = j.newPerson("Amina Okafor", laptopWidth, laptopHeight, true)
	j.wall = j.newPerson("the hall", 1920, 1080, true)
	j.tomas = j.newPerson("Tomás Quispe", phoneWidth, phoneHeight, true)
	j.lian = j.newPerson("Lian Wei", phoneWidth, phoneHeight, false)
	for _, step := range []struct {
		name string
		walk func()
	}{
		{"the first administrator signs in", j.signIn},
		{"she creates a dialogue", j.createDialogue},
		{"she plans a session", j.planSession},
		{"she opens the session", j.openSession},
		{"two phones join by code", j.joinByCode},
		{"people speak in writing", j.contribute},
		{"a hand is raised", j.raiseHand},
		{"a contribution is supported", j.support},
		{"the server is killed", j.outage},
		{"the session goes on and ends", j.conclude},
		{"the minutes tell what was said", j.checkMinutes},
		{"the server stops in order", j.server.stop},
	} {
		from := time.Now()
		step.walk()
		j.t.Logf("%5.1fs %s", time.Since(from).Seconds(), step.name)
	}
	j.t.Logf("%5.1fs in all, %d pages", time.Since(began).Seconds(), j.pages)
}

// signIn uses the link that an empty forum prints.
func (j *journey) signIn() {
	p := j.amina
	p.open("/")
	j.look(p, "home before anything")
	p.open(j.server.first)
	j.look(p, "first administrator")
	p.write("#name", p.name)
	p.press("label:has(input[name=group][value=market_facilitator])")
	p.choose("#country", "Kenya")
	p.choose("#language", "en")
	p.write("#email", "amina@example.org")
	p.write("#passphrase", "seven quiet herons wade at dawn")
	p.submit("main button")
	p.at("/admin")
	j.look(p, "operator")
	if p.read("form[action='/signout'] button") == "" {
		p.fatal("she is not signed in")
	}
}

// createDialogue makes a regional dialogue with three questions, one of them a
// part of another, and opens it.
func (j *journey) createDialogue() {
	p := j.amina
	p.open("/dialogues/new")
	j.look(p, "new dialogue")
	p.write("#title", "Nesting and double counting")
	p.write("#objective", objective)
	p.press("label:has(input[name=kind][value=regional])")
	p.press("details:has(#countries) summary")
	p.press("label:has(input[name=countries][value=BR])")
	p.press("label:has(input[name=countries][value=PE])")
	p.submit("main form.form .actions button")
	p.at("/questions")
	j.dialogue = strings.TrimSuffix(value[string](p, "location.pathname"), "/questions")
	j.look(p, "questions empty")
	j.ask("Whose land is on the map?", "")
	j.ask("How do registries talk to each other?", "")
	j.ask("What happens to a hectare counted twice?", "How do registries")
	j.look(p, "questions")
	p.submit("button[name=state][value=open]")
	p.until("an open dialogue", "document.querySelector('.badge.is-open')")
	if got := value[string](p, "[...document.querySelectorAll('.tree-row b')].map(e => e.textContent).join(' ')"); got != "1 2 2.1" {
		p.t.Errorf("questions are numbered %q, want 1 2 2.1", got)
	}
	j.look(p, "dialogue opened")
}

// ask adds a question; under names the one it is a part of.
func (j *journey) ask(title, under string) {
	p := j.amina
	p.write("#title", title)
	p.write("#background", "What we know: "+title)
	if under != "" {
		p.choose("#parent", under)
	}
	p.submit("section[aria-labelledby=new] button")
	p.until("the question in the tree", "[...document.querySelectorAll('.tree summary')].some(e => e.textContent.includes("+quote(title)+"))")
}

// planSession schedules a session with two agenda items that fit.
func (j *journey) planSession() {
	p := j.amina
	p.submit("a[href='" + j.dialogue + "/sessions/new']")
	j.look(p, "plan a session")
	p.write("#title", "First exchange")
	p.choose("#starts", time.Now().UTC().Add(time.Hour).Format("2006-01-02T15:04"))
	p.choose("#time_zone", "America/Lima")
	p.write("#minutes", "60")
	p.submit("main form.form .actions button")
	p.at("/agenda")
	j.session = strings.TrimSuffix(value[string](p, "location.pathname"), "/agenda")
	j.look(p, "agenda empty")
	j.item("Land and maps", 25, "Whose land")
	j.item("Registries", 30, "How do registries")
	j.look(p, "agenda")
}

func (j *journey) item(title string, minutes int, question string) {
	p := j.amina
	form := "section[aria-labelledby=new] "
	p.write(form+"#title", title)
	p.write(form+"#minutes", fmt.Sprint(minutes))
	p.choose(form+"#question", question)
	p.submit(form + "button")
	p.until("the item in the agenda", "[...document.querySelectorAll('.tree summary')].some(e => e.textContent.includes("+quote(title)+"))")
}

// openSession goes to the console and opens, which begins the first item.
func (j *journey) openSession() {
	p := j.amina
	p.submit("a[href='" + j.session + "/console']")
	j.look(p, "console before")
	j.wall.open(j.session + "/hall")
	j.look(j.wall, "hall before")
	j.wall.stay()
	j.opened = time.Now()
	p.submit("button[formaction$='/open']")
	p.until("a live session", "document.querySelector('.console-bar .badge.is-live')")
	j.code = p.read(".code-small")
	j.wall.renewed() // what one can do has changed: open pages ask anew, each in its own time
	j.wall.until("the first question on the wall", asked("Whose land is on the map?"))
	p.stay()
	j.look(p, "console live")
}

// startItem goes on to the next agenda item, by key, and waits until the wall
// asks its question.
func (j *journey) startItem(question string) {
	p := j.amina
	p.press("button[data-shortcut=n]")
	j.wall.until("the question on the wall", asked(question))
}

// asked is the condition that the wall asks a question.
func asked(question string) string {
	return "document.querySelector('.hall-question')?.textContent === " + quote(question)
}

// joinByCode lets both phones in by typing the code.
func (j *journey) joinByCode() {
	j.look(j.wall, "hall live")
	j.join(j.tomas, "iplc", "Peru")
	j.join(j.lian, "research", "")
	j.look(j.tomas, "room on phone A")
	j.look(j.lian, "room on phone B")
	j.tomas.stay()
	j.amina.until("both groups present", present("IP", 1)+" && "+present("RS", 1))
}

// join types the code as people do, in small letters.
func (j *journey) join(p *person, group, country string) {
	p.open("/join")
	j.look(p, "join")
	p.write("#code", strings.ToLower(j.code))
	p.submit("main form button")
	j.look(p, "door")
	p.write("#name", p.name)
	p.press("label:has(input[name=group][value=" + group + "])")
	if country != "" {
		p.choose("#country", country)
	}
	p.submit("main form.form button")
	p.at(j.session)
}

// present is the condition that a group is shown with a number of people.
func present(letters string, n int) string {
	return fmt.Sprintf("[...document.querySelectorAll('.presence li')].some(e => e.querySelector('abbr').textContent === '%s' && e.lastElementChild.textContent === '%d')", letters, n)
}
