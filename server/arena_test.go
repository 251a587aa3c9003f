package server_test

import (
	"context"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/signin"
)

// arena is a server with one public dialogue, three questions and a session that
// is live: what benchmarks and tests of weight and speed need.
type arena struct {
	db        *database.DB
	web       *httptest.Server
	dialogues *dialogues.Service
	lead      people.Actor
	speakers  []people.Actor // ten participants
	token     string         // the facilitator's login
	member    string         // a speaker's login
	dialogue  record.ID
	question  record.ID
	session   dialogues.Session
	said      atomic.Int64
}

func newArena(tb testing.TB, db *database.DB) *arena {
	tb.Helper()
	web := httptest.NewUnstartedServer(nil)
	srv, err := server.New(server.Config{DB: db, BaseURL: "http://" + web.Listener.Addr().String()})
	if err != nil {
		tb.Fatalf("New: %v", err)
	}
	web.Config.Handler = srv.Handler()
	web.Start()
	ctx, stop := context.WithCancel(context.Background())
	ran := make(chan struct{})
	go func() {
		defer close(ran)
		_ = srv.Run(ctx) // ends with ctx
	}()
	writer, folk, service, logins := srv.Services()
	tb.Cleanup(func() {
		stop()
		<-ran // the sockets are gone
		web.Close()
		logins.Wait()
		writer.Stop()
	})
	a := &arena{db: db, web: web, dialogues: service}
	a.lead, a.token = newcomer(tb, folk, logins, "Amina Wanjala")
	a.convene(tb)
	for i := range 10 {
		var speaker people.Actor
		speaker, a.member = newcomer(tb, folk, logins, "Speaker "+strconv.Itoa(i+1))
		if _, err := a.dialogues.JoinDialogue(tb.Context(), dialogues.Call{Actor: speaker}, a.dialogue); err != nil {
			tb.Fatalf("join: %v", err)
		}
		a.speakers = append(a.speakers, speaker)
	}
	return a
}

// newcomer makes a person with a login.
func newcomer(tb testing.TB, folk *people.Service, logins *signin.Service, name string) (people.Actor, string) {
	tb.Helper()
	profile := people.Profile{Name: name, StakeholderGroup: people.CivilSociety, Country: "KE", Language: "en"}
	id, err := folk.Create(tb.Context(), "", profile, func(p *people.Person) { p.Convener = true })
	if err != nil {
		tb.Fatalf("make a person: %v", err)
	}
	person, err := folk.ByID(tb.Context(), id)
	if err != nil {
		tb.Fatalf("load a person: %v", err)
	}
	started, err := logins.Start(tb.Context(), id, "bench")
	if err != nil {
		tb.Fatalf("sign in: %v", err)
	}
	return people.Actor{Person: person}, started.Token
}

// convene opens the dialogue and its session.
func (a *arena) convene(tb testing.TB) {
	tb.Helper()
	ctx, by := tb.Context(), dialogues.Call{Actor: a.lead}
	must := func(receipt record.Receipt, err error) record.ID {
		tb.Helper()
		if err != nil {
			tb.Fatalf("prepare the arena: %v", err)
		}
		return receipt.ID
	}
	a.dialogue = must(a.dialogues.CreateDialogue(ctx, by, dialogues.DialogueForm{
		Kind: dialogues.Regional, Title: "Carbon rights", Objective: "Agree on who may sell what", Language: "en",
		Languages: []string{"es", "fr"}, Visibility: dialogues.Public, Organisation: "Forest Network", Countries: []string{"KE", "TZ"},
	}))
	for i, title := range []string{"What holds you back?", "What has worked?", "Who should decide?"} {
		id := must(a.dialogues.AddQuestion(ctx, by, a.dialogue, dialogues.QuestionForm{Title: title, Answer: dialogues.AnswerOpen}))
		if i == 0 {
			a.question = id
		}
	}
	must(a.dialogues.SetState(ctx, by, a.dialogue, dialogues.Open))
	session := must(a.dialogues.PlanSession(ctx, by, a.dialogue, dialogues.SessionForm{
		Title: "First session", StartsAt: time.Date(2040, 5, 6, 14, 0, 0, 0, time.UTC), TimeZone: "Africa/Nairobi", Minutes: 60, Guests: true,
	}))
	for _, title := range []string{"Opening", "Debate", "Next steps"} {
		must(a.dialogues.AddItem(ctx, by, a.dialogue, session, dialogues.AgendaItemForm{Title: title, Minutes: 20, Question: a.question}))
	}
	must(a.dialogues.OpenSession(ctx, by, a.dialogue, session))
	var err error
	if a.session, err = a.dialogues.Session(ctx, a.dialogue, session); err != nil {
		tb.Fatal(err)
	}
}

// speak adds contributions of two sentences, every second one in the session.
func (a *arena) speak(tb testing.TB, n int) {
	tb.Helper()
	var begun atomic.Int64
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			for begun.Add(1) <= int64(n) {
				i := a.said.Add(1)
				form := dialogues.ContributionForm{
					Question: a.question, Kind: dialogues.Experience, Language: "en", Attribution: dialogues.Named,
					Body: "Registration of activity " + strconv.FormatInt(i, 10) + " takes two years here, and nobody can tell us why. " +
						"Meanwhile the buyers we had found went elsewhere, and the community lost its trust in the project.",
				}
				if i%2 == 0 {
					form.Session = a.session.ID
				}
				by := dialogues.Call{Actor: a.speakers[int(i)%len(a.speakers)]}
				if _, err := a.dialogues.AddContribution(tb.Context(), by, a.dialogue, form); err != nil {
					tb.Errorf("AddContribution: %v", err)
					return
				}
			}
		})
	}
	all.Wait()
}
