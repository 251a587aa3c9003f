package signin_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
	"github.com/vcm-forum/forum/server/signin"
)

const (
	passphrase = "three goats on a hill"
	firefox    = "Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"
)

// forum is the part of the server that signing in needs, on one database, with
// a clock that the test turns.
type forum struct {
	*testing.T
	*signin.Service
	db        *database.DB
	dialogues *dialogues.Service
	clock     atomic.Int64 // microseconds
	hashes    atomic.Int64 // passphrases computed

	mu   sync.Mutex
	gone []record.ID // what OnEnd was told
}

// each runs a test on both databases.
func each(t *testing.T, run func(f *forum)) {
	t.Helper()
	databasetest.Each(t, func(t *testing.T, db *database.DB) { run(newForum(t, db)) })
}

func newForum(t *testing.T, db *database.DB) *forum {
	t.Helper()
	f := &forum{T: t, db: db}
	f.clock.Store(time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC).UnixMicro())
	lanes := 1
	if db.Dialect == database.Postgres {
		lanes = 4
	}
	writer := record.NewWriter(record.WriterConfig{DB: db.Write, Lanes: lanes, Now: f.now})
	f.dialogues = &dialogues.Service{Writer: writer, Read: db.Read, Now: f.now}
	f.Service = &signin.Service{
		Writer: writer, Read: db.Read, People: &people.Service{Writer: writer, Read: db.Read}, Now: f.now, Mail: true,
		Hasher: signin.NewHasher(signin.HasherConfig{Cost: signin.Cost{Memory: 8, Time: 1, Threads: 1}, Waiting: 1000, Derive: f.derive}),
		OnEnd: func(logins []record.ID) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.gone = append(f.gone, logins...)
		},
	}
	t.Cleanup(func() {
		f.Wait()
		writer.Stop()
	})
	return f
}

func (f *forum) derive(given string, salt []byte, c signin.Cost, length uint32) []byte {
	f.hashes.Add(1)
	return signin.Argon2id(given, salt, c, length)
}

func (f *forum) now() time.Time        { return time.UnixMicro(f.clock.Load()).UTC() }
func (f *forum) later(d time.Duration) { f.clock.Add(d.Microseconds()) }
func (f *forum) profile(name, email string) people.Profile {
	return people.Profile{Name: name, Email: email, StakeholderGroup: people.IPLC, Country: "KE", Language: "en"}
}

// node is a second server on the same database, with a writer of its own.
func (f *forum) node() *signin.Service {
	f.Helper()
	writer := record.NewWriter(record.WriterConfig{DB: f.db.Write, Now: f.now})
	f.Cleanup(writer.Stop)
	return &signin.Service{
		Writer: writer, Read: f.db.Read, People: &people.Service{Writer: writer, Read: f.db.Read}, Now: f.now, Hasher: f.Hasher,
	}
}

// account makes an account with the test's passphrase.
func (f *forum) account(name, email string, change func(*people.Person)) people.Person {
	f.Helper()
	hashed, err := f.Hasher.Hash(f.Context(), passphrase)
	f.must(err)
	id, err := f.People.Create(f.Context(), "", f.profile(name, email), func(p *people.Person) {
		p.Passphrase = hashed
		if change != nil {
			change(p)
		}
	})
	f.must(err)
	return f.person(id)
}

// guest makes a guest and the login of their phone.
func (f *forum) guest(name string) signin.Presence {
	f.Helper()
	var id record.ID
	_, err := f.Writer.Do(f.Context(), record.Action{Run: func(tx *record.Tx) error {
		p, err := people.Insert(tx, people.Guest, f.profile(name, ""), nil)
		id = p.ID
		return err
	}})
	f.must(err)
	started, err := f.Start(f.Context(), id, firefox)
	f.must(err)
	return f.who(started.Token)
}

func (f *forum) person(id record.ID) people.Person {
	f.Helper()
	p, err := f.People.ByID(f.Context(), id)
	f.must(err)
	return p
}

// signIn signs an account in with the test's passphrase.
func (f *forum) signIn(email string) signin.Started {
	f.Helper()
	started, err := f.SignIn(f.Context(), email, passphrase, firefox)
	f.must(err)
	return started
}

func (f *forum) who(token string) signin.Presence {
	f.Helper()
	p, err := f.Who(f.Context(), token)
	f.must(err)
	return p
}

func (f *forum) wantNobody(what, token string) {
	f.Helper()
	f.want(what, who(f.Context(), f.Service, token), signin.ErrNobody)
}

func who(ctx context.Context, s *signin.Service, token string) error {
	_, err := s.Who(ctx, token)
	return err
}

// want fails the test unless err is the error wanted (nil for none).
func (f *forum) want(what string, err, want error) {
	f.Helper()
	if !errors.Is(err, want) {
		f.Errorf("%s: error %v, want %v", what, err, want)
	}
}

// wantInvalid fails the test unless err names this problem of this field.
func (f *forum) wantInvalid(what string, err error, field, key string) {
	f.Helper()
	var invalid people.Invalid
	if !errors.As(err, &invalid) || invalid[field].Key != key {
		f.Errorf("%s: error %v, want field %s with %s", what, err, field, key)
	}
}

func (f *forum) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

// wantEnded fails the test unless exactly these logins were told to the server
// since the last call.
func (f *forum) wantEnded(what string, logins ...record.ID) {
	f.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	told := map[record.ID]bool{}
	for _, id := range f.gone {
		told[id] = true
	}
	for _, id := range logins {
		if !told[id] {
			f.Errorf("%s: the server was not told that login %s has ended", what, id)
		}
	}
	if len(told) != len(logins) {
		f.Errorf("%s: %d logins ended, want %d", what, len(told), len(logins))
	}
	f.gone = nil
}

// lines returns the verbs of a room, in order.
func (f *forum) lines(room string) []record.Verb {
	f.Helper()
	entries, err := record.After(f.Context(), f.db.Read, room, 0, 1000)
	f.must(err)
	var verbs []record.Verb
	for _, e := range entries {
		verbs = append(verbs, e.Verb)
	}
	return verbs
}

// dialogue opens a dialogue by invitation with a facilitator.
func (f *forum) dialogue() (record.ID, people.Actor) {
	f.Helper()
	lead := people.Actor{Person: f.account("Facilitator "+string(record.NewID()), string(record.NewID())+"@forum.example", func(p *people.Person) { p.Convener = true })}
	receipt, err := f.dialogues.CreateDialogue(f.Context(), dialogues.Call{Actor: lead}, dialogues.DialogueForm{
		Kind: dialogues.Regional, Title: "Mangroves", Objective: "Rules that hold", Language: "en", Visibility: dialogues.Invitation,
	})
	f.must(err)
	id := record.ID(receipt.Room)
	_, err = f.dialogues.SetState(f.Context(), dialogues.Call{Actor: lead}, id, dialogues.Open)
	f.must(err)
	return id, lead
}

// session plans a session for an hour from now.
func (f *forum) session(dialogue record.ID, lead people.Actor) record.ID {
	f.Helper()
	receipt, err := f.dialogues.PlanSession(f.Context(), dialogues.Call{Actor: lead}, dialogue, dialogues.SessionForm{
		Title: "First meeting", StartsAt: f.now().Add(time.Hour), TimeZone: "Africa/Nairobi", Minutes: 90, Guests: true,
	})
	f.must(err)
	return receipt.ID
}

// role is the role of a person in a dialogue.
func (f *forum) role(dialogue, person record.ID) dialogues.Role {
	f.Helper()
	seat, err := f.dialogues.SeatOf(f.Context(), people.Actor{Person: people.Person{ID: person}}, dialogue)
	f.must(err)
	return seat.Role
}

// link makes a link.
func (f *forum) link(in signin.LinkForm) string {
	f.Helper()
	token, _, err := f.NewLink(f.Context(), in)
	f.must(err)
	return token
}

// use uses a link and returns the error alone.
func (f *forum) use(in signin.UseForm) error {
	f.Helper()
	_, err := f.Use(f.Context(), in)
	return err
}

// race calls f n times at the same moment and counts successes; every failure
// must be one of want.
func race(t *testing.T, n int, call func(i int) error, want ...error) int64 {
	t.Helper()
	var wins atomic.Int64
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-start
			err := call(i)
			if err == nil {
				wins.Add(1)
				return
			}
			for _, w := range want {
				if errors.Is(err, w) {
					return
				}
			}
			t.Errorf("call %d: error %v, want one of %v", i, err, want)
		})
	}
	close(start)
	all.Wait()
	return wins.Load()
}
