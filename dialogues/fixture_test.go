package dialogues_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
)

// forum is the domain on one database, as the program sets it up.
type forum struct {
	t      *testing.T
	db     *database.DB
	s      *dialogues.Service
	people *people.Service
}

func newForum(t *testing.T, db *database.DB) *forum {
	t.Helper()
	lanes := 1
	if db.Dialect == database.Postgres {
		lanes = 8
	}
	w := record.NewWriter(record.WriterConfig{DB: db.Write, Lanes: lanes, Now: database.Now})
	t.Cleanup(w.Stop)
	return &forum{t, db, &dialogues.Service{Writer: w, Read: db.Read, Now: database.Now}, &people.Service{Writer: w, Read: db.Read}}
}

func (f *forum) must(receipt record.Receipt, err error) record.Receipt {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
	return receipt
}

// account makes a person who may convene.
func (f *forum) account(name string) people.Actor {
	f.t.Helper()
	profile := people.Profile{Name: name, StakeholderGroup: people.CivilSociety, Country: "CO", Language: "es"}
	id, err := f.people.Create(f.t.Context(), "", profile, func(p *people.Person) { p.Convener = true })
	if err != nil {
		f.t.Fatal(err)
	}
	return f.actor(id)
}

func (f *forum) actor(id record.ID) people.Actor {
	f.t.Helper()
	p, err := f.people.ByID(f.t.Context(), id)
	if err != nil {
		f.t.Fatal(err)
	}
	return people.Actor{Person: p}
}

func as(actor people.Actor) dialogues.Call { return dialogues.Call{Actor: actor} }

func dialogueForm(title string, v dialogues.Visibility) dialogues.DialogueForm {
	return dialogues.DialogueForm{
		Kind: dialogues.Regional, Title: title, Objective: "agree on baselines", Background: "much was tried",
		Language: "en", Languages: []string{"es"}, Visibility: v, Organisation: "Forest Network",
		Countries: []string{"CO", "PE"}, Groups: []string{"SIDS"}, GroupName: "offsets accepted", GroupMembers: []string{"CL"},
	}
}

func questionForm(title string) dialogues.QuestionForm {
	return dialogues.QuestionForm{Title: title, Answer: dialogues.AnswerOpen}
}

func sessionForm(title string) dialogues.SessionForm {
	return dialogues.SessionForm{Title: title, StartsAt: time.Date(2040, 5, 6, 14, 0, 0, 0, time.UTC), TimeZone: "America/Bogota", Minutes: 60, Guests: true}
}

func say(question record.ID, body string) dialogues.ContributionForm {
	return dialogues.ContributionForm{Question: question, Kind: dialogues.Experience, Language: "en", Attribution: dialogues.Named, Body: body}
}

// stage is an open dialogue with one person in each role, a question, a live
// session with an agenda, a planned one, and something said.
type stage struct {
	*forum
	id                        record.ID
	by                        map[dialogues.Role]people.Actor // Outsider is somebody without a seat
	question, spare, gone     record.ID                       // spare: nothing was said to it; gone: removed
	live, planned, over       record.ID
	first, second, plannedFst record.ID // agenda items
	goneItem                  record.ID // one that was removed from the planned session
	said, hidden              record.ID // a participant's words; hidden: moderated ones
	hand                      record.ID // the rapporteur's, raised in the live session
	step                      record.ID // the last step of chairing it
}

func (f *forum) stage(v dialogues.Visibility) *stage {
	f.t.Helper()
	st := &stage{forum: f, by: map[dialogues.Role]people.Actor{}}
	lead := f.account("Lead")
	st.by[dialogues.Facilitator] = lead
	ctx := f.t.Context()
	st.id = f.must(f.s.CreateDialogue(ctx, as(lead), dialogueForm("Carbon rights", v))).ID
	for _, role := range append(dialogues.Roles()[1:], dialogues.Outsider) {
		st.by[role] = f.account("Somebody " + string(role))
		if role != dialogues.Outsider {
			f.must(f.s.SetRole(ctx, as(lead), st.id, st.by[role].ID(), role))
		}
	}
	st.question = f.must(f.s.AddQuestion(ctx, as(lead), st.id, questionForm("What holds you back?"))).ID
	st.spare = f.must(f.s.AddQuestion(ctx, as(lead), st.id, questionForm("What else?"))).ID
	st.gone = f.must(f.s.AddQuestion(ctx, as(lead), st.id, questionForm("Removed?"))).ID
	f.must(f.s.RemoveQuestion(ctx, as(lead), st.id, st.gone))
	f.must(f.s.SetState(ctx, as(lead), st.id, dialogues.Open))
	st.live, st.planned, st.over = st.session("live"), st.session("planned"), st.session("over")
	st.first, st.second = st.item(st.live, "Opening", 20), st.item(st.live, "Debate", 40)
	st.goneItem = st.item(st.planned, "Removed", 15)
	f.must(f.s.RemoveItem(ctx, as(lead), st.id, st.planned, st.goneItem))
	st.plannedFst = st.item(st.planned, "Opening", 20)
	for _, id := range []record.ID{st.over, st.live} {
		f.must(f.s.OpenSession(ctx, as(lead), st.id, id))
	}
	f.must(f.s.CloseSession(ctx, as(lead), st.id, st.over))
	member := as(st.by[dialogues.Participant])
	st.said = f.must(f.s.AddContribution(ctx, member, st.id, say(st.question, "Registration takes two years."))).ID
	st.hidden = f.must(f.s.AddContribution(ctx, member, st.id, say(st.question, "Hidden words."))).ID
	f.must(f.s.Moderate(ctx, as(lead), st.id, st.hidden, true))
	f.must(f.s.RaiseHand(ctx, as(st.by[dialogues.Rapporteur]), st.id, st.live))
	f.must(f.s.SetTimer(ctx, as(lead), st.id, st.live, dialogues.TimerAdd, 1))
	hall := st.hall(st.live)
	st.hand, st.step = hall.Hands[0].ID, hall.LastStep.ID
	return st
}

func (st *stage) session(title string) record.ID {
	st.t.Helper()
	return st.must(st.s.PlanSession(st.t.Context(), as(st.by[dialogues.Facilitator]), st.id, sessionForm(title))).ID
}

// item adds an agenda item; its id is read back, since the line names the session.
func (st *stage) item(session record.ID, title string, minutes int64) record.ID {
	st.t.Helper()
	form := dialogues.AgendaItemForm{Title: title, Minutes: minutes, Question: st.question}
	st.must(st.s.AddItem(st.t.Context(), as(st.by[dialogues.Facilitator]), st.id, session, form))
	agenda := st.hall(session).Agenda
	return agenda[len(agenda)-1].ID
}

func (st *stage) hall(session record.ID) dialogues.Hall {
	st.t.Helper()
	hall, err := st.s.Hall(st.t.Context(), st.id, session)
	if err != nil {
		st.t.Fatal(err)
	}
	return hall
}

func (st *stage) sees(role dialogues.Role) dialogues.Seat {
	st.t.Helper()
	seat, err := st.s.SeatOf(st.t.Context(), st.by[role], st.id)
	if err != nil {
		st.t.Fatal(err)
	}
	return seat
}

// verbs are what the record says since a line, in order.
func (f *forum) verbs(room record.ID, after int64) []record.Verb {
	f.t.Helper()
	entries, err := record.After(f.t.Context(), f.db.Read, string(room), after, 1000)
	if err != nil {
		f.t.Fatal(err)
	}
	var verbs []record.Verb
	for _, e := range entries {
		verbs = append(verbs, e.Verb)
	}
	return verbs
}

func (f *forum) head(room record.ID) int64 {
	f.t.Helper()
	head, err := record.HeadOf(f.t.Context(), f.db.Read, string(room))
	if err != nil {
		f.t.Fatal(err)
	}
	return head.Seq
}

// fingerprint is the content of every table, a row a text: what must not change
// when something is refused. It is taken hundreds of times, so no more is done
// with a row than to write it down.
func (f *forum) fingerprint() map[string][]string {
	f.t.Helper()
	query := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'`
	if f.db.Dialect == database.Postgres {
		query = `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`
	}
	var tables []string
	if err := f.db.Read.WithContext(f.t.Context()).Raw(query).Scan(&tables).Error; err != nil {
		f.t.Fatal(err)
	}
	prints := map[string][]string{}
	for _, table := range tables {
		prints[table] = f.content(table)
	}
	return prints
}

// content is a table, a row a text.
func (f *forum) content(table string) []string {
	f.t.Helper()
	rows, err := f.db.Read.WithContext(f.t.Context()).Raw("SELECT * FROM " + table + " ORDER BY 1, 2").Rows()
	if err != nil {
		f.t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		f.t.Fatal(err)
	}
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	var content []string
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			f.t.Fatal(err)
		}
		for i, value := range values {
			if text, ok := value.([]byte); ok {
				values[i] = string(text) // as some drivers give it
			}
		}
		content = append(content, fmt.Sprint(values))
	}
	if err := rows.Err(); err != nil {
		f.t.Fatal(err)
	}
	return content
}

func (f *forum) count(table string) int64 {
	f.t.Helper()
	var n int64
	if err := f.db.Read.WithContext(f.t.Context()).Table(table).Count(&n).Error; err != nil {
		f.t.Fatal(err)
	}
	return n
}
