package backup_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/backup"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
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
		lanes = 4
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
func (f *forum) account(name string) dialogues.Call {
	f.t.Helper()
	profile := people.Profile{Name: name, StakeholderGroup: people.CivilSociety, Country: "CO", Organisation: "Forest Network"}
	id, err := f.people.Create(f.t.Context(), "", profile, func(p *people.Person) { p.Convener = true })
	if err != nil {
		f.t.Fatal(err)
	}
	p, err := f.people.ByID(f.t.Context(), id)
	if err != nil {
		f.t.Fatal(err)
	}
	return dialogues.Call{Actor: people.Actor{Person: p}}
}

// talk is an open dialogue with somebody who leads it, a question and a live session.
type talk struct {
	*forum
	lead              dialogues.Call
	id                record.ID
	question, session record.ID
}

func (f *forum) talk(title string) *talk {
	f.t.Helper()
	ctx := f.t.Context()
	k := &talk{forum: f, lead: f.account("Lead of " + title)}
	k.id = f.must(f.s.CreateDialogue(ctx, k.lead, dialogues.DialogueForm{
		Kind: dialogues.Regional, Title: title, Objective: "agree on baselines", Language: "en", Languages: []string{"es"},
		Visibility: dialogues.Public, Organisation: "Forest Network", Countries: []string{"CO", "PE"}, Groups: []string{"SIDS"},
		GroupName: "offsets accepted", GroupMembers: []string{"CL"},
	})).ID
	k.question = f.must(f.s.AddQuestion(ctx, k.lead, k.id, dialogues.QuestionForm{Title: "What holds you back?", Answer: dialogues.AnswerOpen})).ID
	f.must(f.s.SetState(ctx, k.lead, k.id, dialogues.Open))
	form := dialogues.SessionForm{Title: "live", StartsAt: time.Date(2040, 5, 6, 14, 0, 0, 0, time.UTC), TimeZone: "America/Bogota", Minutes: 60, Guests: true}
	k.session = f.must(f.s.PlanSession(ctx, k.lead, k.id, form)).ID
	return k
}

func (k *talk) say(by dialogues.Call, body string, parent record.ID) (record.Receipt, error) {
	form := dialogues.ContributionForm{
		Question: k.question, Session: k.session, Parent: parent, Kind: dialogues.Experience, Language: "en", Attribution: dialogues.Named, Body: body,
	}
	return k.s.AddContribution(k.t.Context(), by, k.id, form)
}

// live fills the talk with rows of every table: nested questions and items,
// replies, an edited and a moderated contribution, hands, a guest who became
// somebody's account.
func (k *talk) live() {
	k.t.Helper()
	ctx, f := k.t.Context(), k.forum
	f.must(f.s.AddQuestion(ctx, k.lead, k.id, dialogues.QuestionForm{Parent: k.question, Title: "Since when?", Answer: dialogues.AnswerOpen}))
	f.must(f.s.AddItem(ctx, k.lead, k.id, k.session, dialogues.AgendaItemForm{Title: "Debate", Minutes: 30, Question: k.question}))
	debate := k.agenda()[0].ID
	f.must(f.s.AddItem(ctx, k.lead, k.id, k.session, dialogues.AgendaItemForm{Title: "First part", Minutes: 10, Parent: debate}))
	f.must(f.s.OpenSession(ctx, k.lead, k.id, k.session))
	f.must(f.s.StartItem(ctx, k.lead, k.id, k.session, debate))
	session, err := f.s.Session(ctx, k.id, k.session)
	if err != nil {
		k.t.Fatal(err)
	}
	guest, receipt, err := f.s.JoinSession(ctx, dialogues.Call{Key: "join " + string(k.id)}, session.Code, dialogues.JoinForm{Name: "Ñandú 🌱", Group: people.Research})
	f.must(receipt, err)
	p, err := f.people.ByID(ctx, guest)
	if err != nil {
		k.t.Fatal(err)
	}
	asGuest := dialogues.Call{Actor: people.Actor{Person: p}}
	said := f.must(k.say(asGuest, "<b>Two</b> years & \u2028 more: \"né\" 日本語 \u202eabc", "")).ID
	f.must(k.say(k.lead, "Here too.\n\nSecond line.", said))
	f.must(f.s.Support(ctx, k.lead, k.id, said, true))
	f.must(f.s.ReviseContribution(ctx, asGuest, k.id, said, 1, "Three years."))
	f.must(f.s.Moderate(ctx, k.lead, k.id, f.must(k.say(k.lead, "Hidden words.", "")).ID, true))
	f.must(f.s.RaiseHand(ctx, asGuest, k.id, k.session))
	form := dialogues.SessionForm{Title: "to come", StartsAt: time.Date(2040, 5, 7, 14, 0, 0, 0, time.UTC), TimeZone: "UTC", Minutes: 60}
	f.must(f.s.Rehearse(ctx, k.lead, k.id, f.must(f.s.PlanSession(ctx, k.lead, k.id, form)).ID))
	run(k.t, f.db, "INSERT INTO ledger_logs VALUES (?, ?, 1, ?, ?)", k.id, "forum.example/l/"+string(k.id), make([]byte, 32), []byte("wrapped"))
	run(k.t, f.db, "INSERT INTO ledger_entries VALUES (?, 0, ?, ?)", k.id, make([]byte, 256), make([]byte, 32))
	run(k.t, f.db, "INSERT INTO ledger_fields VALUES (?, 0, 0, ?, ?), (?, 0, 1, NULL, NULL)", k.id, make([]byte, 32), []byte("sealed"), k.id)
	run(k.t, f.db, "INSERT INTO ledger_checkpoints VALUES (?, 1, 'note', ?)", k.id, database.Now())
	run(k.t, f.db, "INSERT INTO ledger_origins VALUES (?, 1, ?, '')", k.id, "forum.example/l/restored-"+string(k.id))
	run(k.t, f.db, "INSERT INTO consultation_seats VALUES (?, ?)", "who-"+string(k.id), k.id)
	run(k.t, f.db, "INSERT INTO consultation_links VALUES (?, ?, ?)", "link-"+string(k.id), k.id, k.id)
	run(k.t, f.db, "INSERT INTO ndc_parties VALUES (?, 4, 3, 'Pauw et al.')", k.id)
	run(k.t, f.db, "INSERT INTO ndc_documents VALUES (?, ?, 'https://example.org/Peru%CC%81.pdf', 1, 'Perú', 'ndc', 'es', '', 'in_force', '2025-10-01')", k.id, k.id)
	claimer := f.account("Claimer")
	if err := f.s.MergePerson(ctx, claimer, guest, claimer.Actor.ID()); err != nil {
		k.t.Fatal(err)
	}
}

func (k *talk) agenda() []dialogues.AgendaLine {
	k.t.Helper()
	hall, err := k.s.Hall(k.t.Context(), k.id, k.session)
	if err != nil {
		k.t.Fatal(err)
	}
	return hall.Agenda
}

// backUp writes a backup into a new folder of the test's.
func backUp(t *testing.T, db *database.DB) (string, backup.Manifest) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "backup")
	m, err := backup.Write(t.Context(), backup.Source{DB: db, Program: "test"}, dir)
	if err != nil {
		t.Fatalf("Write: %v", err)
	}
	return dir, m
}

func restore(t *testing.T, db *database.DB, dir string) backup.Manifest {
	t.Helper()
	m, err := backup.Restore(t.Context(), backup.Target{DB: db}, dir)
	if err != nil {
		t.Fatalf("Restore: %v", err)
	}
	return m
}

// engines opens a fresh database on each engine.
var engines = map[string]func(testing.TB) *database.DB{database.SQLite: databasetest.SQLite, database.Postgres: databasetest.Postgres}

// eachPair runs a test for every engine to back up and every one to restore on.
func eachPair(t *testing.T, run func(t *testing.T, from, to *database.DB)) {
	t.Helper()
	for _, from := range []string{database.SQLite, database.Postgres} {
		for _, to := range []string{database.SQLite, database.Postgres} {
			t.Run(from+" to "+to, func(t *testing.T) { run(t, engines[from](t), engines[to](t)) })
		}
	}
}

// tables are the names of all tables of the forum.
func tables(t *testing.T, db *database.DB) []string {
	t.Helper()
	query := `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'`
	if db.Dialect == database.Postgres {
		query = `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`
	}
	var names []string
	if err := db.Read.WithContext(t.Context()).Raw(query).Scan(&names).Error; err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	return slices.DeleteFunc(names, func(name string) bool { return name == "goose_db_version" })
}

// contents is every row of every table, as lines that are the same on both engines.
func contents(t *testing.T, db *database.DB) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, table := range tables(t, db) {
		var rows []map[string]any
		if err := db.Read.WithContext(t.Context()).Table(table).Find(&rows).Error; err != nil {
			t.Fatal(err)
		}
		lines := []string{}
		for _, row := range rows {
			for column, v := range row {
				row[column] = plain(v)
			}
			lines = append(lines, fmt.Sprintf("%q", row)) // fmt sorts the keys
		}
		slices.Sort(lines)
		all[table] = lines
	}
	return all
}

func plain(v any) any {
	switch v := v.(type) {
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	case bool:
		if v {
			return "1"
		}
		return "0"
	case nil:
		return "(null)"
	}
	return fmt.Sprintf("%v", v)
}

// run runs one statement.
func run(t *testing.T, db *database.DB, statement string, args ...any) {
	t.Helper()
	if err := db.Write.WithContext(t.Context()).Exec(statement, args...).Error; err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// count counts rows.
func count(t *testing.T, db *database.DB, from string, args ...any) (n int64) {
	t.Helper()
	if err := db.Read.WithContext(t.Context()).Raw("SELECT count(*) FROM "+from, args...).Scan(&n).Error; err != nil {
		t.Fatalf("count %s: %v", from, err)
	}
	return n
}
