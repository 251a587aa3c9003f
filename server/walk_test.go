package server_test

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/access"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// law is policies.txt: what each caller gets, by policy and dialogue.
type law struct {
	callers []string
	cells   map[string]string // "policy dialogue caller" → outcome
}

func readLaw(t *testing.T) law {
	t.Helper()
	raw, err := os.ReadFile("access/policies.txt")
	if err != nil {
		t.Fatal(err)
	}
	l := law{cells: map[string]string{}}
	for line := range strings.SplitSeq(string(raw), "\n") {
		if strings.HasPrefix(line, "# policy ") {
			l.callers = strings.Fields(line)[3:]
		}
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(line, "#") {
			continue
		}
		if len(words) != len(l.callers)+2 {
			t.Fatalf("policies.txt: %q has %d cells, want %d", words[0], len(words)-2, len(l.callers))
		}
		for i, caller := range l.callers {
			l.cells[words[0]+" "+words[1]+" "+caller] = words[i+2]
		}
	}
	return l
}

// canary is in every word of the dialogues that some may not see.
const canary = "QZWALKCANARY"

// objects are what a route's address is filled with, one set per kind of dialogue.
type objects struct{ dialogue, question, session, item, hand, contribution record.ID }

// world is a dialogue of each kind, with a person in each role.
type world struct {
	*forum
	objects map[string]objects
	code    string
}

func build(f *forum) *world {
	w := &world{forum: f, objects: map[string]objects{}}
	maker := f.person("maker", func(p *people.Person) { p.Convener = true })
	f.person("account", nil)
	f.person("administrator", func(p *people.Person) { p.Administrator = true })
	for _, role := range append(dialogues.Roles(), "suspended") {
		f.person(string(role), nil)
	}
	for _, kind := range []string{"public", "listed", "invitation", "draft"} {
		w.objects[kind] = w.dialogue(maker, kind)
	}
	w.objects["rehearsal"] = w.rehearsal()
	f.must(record.Receipt{}, f.people.Suspend(f.t.Context(), f.persons["administrator"], f.persons["suspended"].ID()))
	return w
}

func (w *world) dialogue(maker people.Actor, kind string) objects {
	ctx, d := w.t.Context(), w.dialogues
	by := dialogues.Call{Actor: maker}
	visibility := dialogues.Visibility(kind)
	if kind == "draft" {
		visibility = dialogues.Public
	}
	id := record.ID(w.must(d.CreateDialogue(ctx, by, dialogues.DialogueForm{
		Kind: dialogues.Regional, Title: canary + " title " + kind, Objective: canary + " objective", Background: canary, Language: "en", Visibility: visibility,
	})).Room)
	o := objects{dialogue: id, hand: record.NewID()}
	o.question = w.must(d.AddQuestion(ctx, by, id, dialogues.QuestionForm{Title: canary + " question", Answer: dialogues.AnswerOpen})).ID
	o.session = w.must(d.PlanSession(ctx, by, id, dialogues.SessionForm{Title: canary + " session", StartsAt: database.Now().AddDate(0, 0, 1), TimeZone: "UTC", Minutes: 60, Guests: true})).ID
	w.must(d.AddItem(ctx, by, id, o.session, dialogues.AgendaItemForm{Title: canary + " item", Minutes: 10}))
	hall, err := d.Hall(ctx, id, o.session)
	w.must(record.Receipt{}, err)
	o.item = hall.Agenda[0].ID
	for _, role := range dialogues.Roles() {
		w.must(d.SetRole(ctx, by, id, w.persons[string(role)].ID(), role))
	}
	w.must(d.SetRole(ctx, by, id, w.persons["suspended"].ID(), dialogues.Facilitator))
	w.must(d.SetState(ctx, by, id, dialogues.Open))
	w.guest(hall.Code, kind)
	lead := dialogues.Call{Actor: w.persons["facilitator"]}
	o.contribution = w.must(d.AddContribution(ctx, lead, id, dialogues.ContributionForm{
		Question: o.question, Kind: dialogues.Risk, Language: "en", Attribution: dialogues.Named, Body: canary + " words",
	})).ID
	w.must(d.OpenSession(ctx, lead, id, o.session))
	w.must(d.CloseSession(ctx, lead, id, o.session))
	w.must(d.PublishMinutes(ctx, lead, id, o.session))
	if kind == "public" {
		next := w.must(d.PlanSession(ctx, by, id, dialogues.SessionForm{Title: "next", StartsAt: database.Now().AddDate(0, 0, 2), TimeZone: "UTC", Minutes: 60, Guests: true})).ID
		session, err := d.Session(ctx, id, next)
		w.must(record.Receipt{}, err)
		w.code = session.Code
	}
	if kind == "draft" {
		w.backToDraft(id)
	}
	return o
}

// rehearsal is that of the public dialogue's next session, held to its end.
func (w *world) rehearsal() objects {
	ctx, d, lead := w.t.Context(), w.dialogues, dialogues.Call{Actor: w.persons["facilitator"]}
	next, err := d.SessionByCode(ctx, w.code)
	w.must(record.Receipt{}, err)
	receipt := w.must(d.Rehearse(ctx, lead, next.DialogueID, next.ID))
	o := objects{dialogue: record.ID(receipt.Room), session: receipt.ID, hand: record.NewID(), item: record.NewID()}
	questions, err := d.Questions(ctx, o.dialogue)
	w.must(record.Receipt{}, err)
	o.question = questions[0].ID
	session, err := d.Session(ctx, o.dialogue, o.session)
	w.must(record.Receipt{}, err)
	w.guest(session.Code, "rehearsal")
	o.contribution = w.must(d.AddContribution(ctx, lead, o.dialogue, dialogues.ContributionForm{
		Question: o.question, Kind: dialogues.Risk, Language: "en", Attribution: dialogues.Named, Body: canary + " words",
	})).ID
	w.must(d.OpenSession(ctx, lead, o.dialogue, o.session))
	w.must(d.CloseSession(ctx, lead, o.dialogue, o.session))
	w.must(d.PublishMinutes(ctx, lead, o.dialogue, o.session))
	return o
}

// guest joins one guest everywhere, under the name "guest".
func (w *world) guest(code, kind string) {
	actor, ok := w.persons["guest"]
	person, _, err := w.dialogues.JoinSession(w.t.Context(), dialogues.Call{Actor: actor}, code, dialogues.JoinForm{Name: "Guest", Group: people.IPLC, Language: "en"})
	if err != nil {
		w.t.Fatalf("guest joins %s: %v", kind, err)
	}
	if !ok {
		p, err := w.people.ByID(w.t.Context(), person)
		w.must(record.Receipt{}, err)
		w.persons["guest"] = people.Actor{Person: p}
	}
}

// backToDraft is the one thing no action does: the walk wants a draft that has
// everything in it, to see that nothing of it shows.
func (w *world) backToDraft(id record.ID) {
	_, err := w.dialogues.Writer.Do(w.t.Context(), record.Action{Run: func(tx *record.Tx) error {
		return tx.DB.Exec("UPDATE dialogues SET state = 'draft' WHERE id = ?", id).Error
	}})
	w.must(record.Receipt{}, err)
}

func (o objects) fill(path, code string) string {
	return strings.NewReplacer(":dialogue", string(o.dialogue), ":question", string(o.question), ":session", string(o.session),
		":item", string(o.item), ":hand", string(o.hand), ":contribution", string(o.contribution), ":code", code,
		":token", "nothing", ":link", string(record.NewID()), ":login", string(record.NewID()), ":person", string(record.NewID()), "/*", "/none.css").Replace(path)
}

// The walk: every route, as every caller, on every kind of dialogue, answers as
// policies.txt says; what is denied shows nothing of the dialogue.
func TestWalk(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := build(start(t, db))
		l := readLaw(t)
		requests, denied := 0, 0
		for _, caller := range l.callers {
			actor := w.persons[caller]
			b := w.visit(caller, actor)
			for _, e := range sorted(w.srv.Entries()) {
				for _, kind := range kindsOf(e) {
					got := w.try(b, e, w.objects[kind])
					want := l.cells[e.Policy.Name+" "+kind+" "+caller]
					requests++
					if want != "ok" {
						denied++
					}
					if !fits(e, got, want) {
						t.Errorf("%s on %s as %s: %d %s, the law says %s", e.Name, kind, caller, got.Status, got.Location, want)
					}
					if want != "ok" && want != "late" && kind != "public" && strings.Contains(got.Body, canary+" words") {
						t.Errorf("%s on %s as %s shows what is denied", e.Name, kind, caller)
					}
					if want == "hid" && (strings.Contains(got.Body, canary) || strings.Contains(got.Location, canary)) {
						t.Errorf("%s on %s as %s gives away that it exists", e.Name, kind, caller)
					}
				}
			}
		}
		t.Logf("%d routes and callers, %d of them denied", requests, denied)
	})
}

// visit opens a browser for a caller; a suspended person's login is one that
// was opened before, which signing in now would refuse.
func (w *world) visit(caller string, actor people.Actor) *browser {
	if caller == "suspended" {
		return w.as(people.Actor{})
	}
	return w.as(actor)
}

// sorted leaves to the end what changes who the caller is.
func sorted(entries []access.Entry) []access.Entry {
	var first, last []access.Entry
	for _, e := range entries {
		switch {
		case e.Kind != access.Route, e.Name == "GET /live":
		case e.Name == "POST /account/erase", e.Name == "POST /account/security/end-others": // end the person, or the walk; peoplepages tests them
		case e.Name == "POST /dialogues/:dialogue/rehearsal/end": // ends what is walked on; rehearsal_test.go tests it
		case strings.HasSuffix(e.Name, "/join") || strings.HasSuffix(e.Name, "/join/:code"), strings.Contains(e.Name, "POST /signout"),
			strings.Contains(e.Name, "POST /account"), strings.HasPrefix(e.Name, "POST /admin"):
			last = append(last, e)
		default:
			first = append(first, e)
		}
	}
	slices.SortStableFunc(last, func(a, b access.Entry) int { return strings.Compare(a.Name, b.Name) })
	return append(first, last...)
}

func kindsOf(e access.Entry) []string {
	if e.Policy.Act == "" {
		return []string{"-"}
	}
	return []string{"public", "listed", "invitation", "draft", "rehearsal"}
}

func (w *world) try(b *browser, e access.Entry, o objects) answer {
	method, path, _ := strings.Cut(e.Name, " ")
	path = o.fill(path, w.code)
	if method == http.MethodPost {
		if changesLogin(e.Name) && b.signedIn {
			b = w.as(b.actor) // it may end the login: not the one the walk goes on with
		}
		return b.post(path, nil)
	}
	return b.get(path)
}

// changesLogin names what may end or replace the login it comes with.
func changesLogin(name string) bool {
	for _, path := range []string{"POST /signin", "POST /l/", "POST /signout", "POST /account/security", "POST /account/passphrase"} {
		if strings.HasPrefix(name, path) {
			return true
		}
	}
	return false
}

// fits holds an answer against a cell. What is allowed may still be refused for
// what was (not) sent; it is never a matter of who asks.
func fits(e access.Entry, got answer, want string) bool {
	signIn := got.Status == http.StatusUnauthorized || (got.Status == http.StatusSeeOther && strings.HasPrefix(got.Location, "/signin?next="))
	switch {
	case e.Name == "POST /signin/second" && want == "ok":
		return signIn // a full login owes no second step and is sent to begin anew
	case want == "in":
		return signIn
	case want == "no":
		return got.Status == http.StatusForbidden
	case want == "hid":
		return got.Status == http.StatusNotFound
	case want == "late":
		return got.Status == http.StatusConflict
	case want == "ok" && e.Policy == access.Revise:
		return !signIn && got.Status < 500 // whose words they are is asked by the action
	case want == "ok":
		return !signIn && got.Status != http.StatusForbidden && got.Status < 500
	}
	return false
}

// What does not exist, is malformed, or is something else's id is answered with
// the same bytes as what one may not know of.
func TestHiddenLooksLikeNothing(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := build(start(t, db))
		b := w.as(w.persons["account"])
		hidden := strip(b.get("/dialogues/" + string(w.objects["invitation"].dialogue)).Body)
		for name, id := range map[string]string{
			"an unknown id": string(record.NewID()), "no id": "nothing", "zero": "0", "minus one": "-1",
			"a session's id": string(w.objects["public"].session), "an id in capitals": strings.ToUpper(string(w.objects["public"].dialogue)),
		} {
			got := b.get("/dialogues/" + id)
			if got.Status != http.StatusNotFound || strip(got.Body) != hidden {
				t.Errorf("%s: %d, and the page differs: %v", name, got.Status, strip(got.Body) != hidden)
			}
		}
	})
}

// strip takes out what differs on every page: tokens, keys and its own address.
func strip(body string) string {
	var out []string
	for line := range strings.SplitSeq(body, "\n") {
		if !strings.Contains(line, "name=\"csrf\"") {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

// A form without a token, with another browser's, or from another site changes nothing.
func TestForeignFormsAreRefused(t *testing.T) {
	w := build(start(t, databasetest.SQLite(t)))
	me, other := w.as(w.persons["participant"]), w.as(w.persons["observer"])
	before := w.count()
	for name, change := range map[string]func(*http.Request){
		"without a token":             func(r *http.Request) {},
		"with another person's token": func(r *http.Request) { r.Header.Set("X-CSRF-Token", other.csrf()) },
		"from another site": func(r *http.Request) {
			r.Header.Set("X-CSRF-Token", me.csrf())
			r.Header.Set("Origin", "https://evil.example")
		},
		"as a cross-site request": func(r *http.Request) {
			r.Header.Set("X-CSRF-Token", me.csrf())
			r.Header.Set("Sec-Fetch-Site", "cross-site")
		},
	} {
		for _, e := range w.srv.Entries() {
			method, path, _ := strings.Cut(e.Name, " ")
			if e.Kind != access.Route || method != http.MethodPost {
				continue
			}
			req, err := http.NewRequestWithContext(t.Context(), method, w.web.URL+w.objects["public"].fill(path, w.code), nil)
			if err != nil {
				t.Fatal(err)
			}
			change(req)
			if got := me.do(req); got.Status != http.StatusForbidden {
				t.Errorf("%s %s: %d, want 403", e.Name, name, got.Status)
			}
		}
	}
	if after := w.count(); after != before {
		t.Errorf("the record grew from %s to %s", before, after)
	}
}

func (w *world) count() string {
	heads, err := record.Heads(w.t.Context(), w.dialogues.Read)
	w.must(record.Receipt{}, err)
	return fmt.Sprint(heads)
}
