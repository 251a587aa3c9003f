package server_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// nodes are two whole servers on one database, as they stand behind a balancer.
func nodes(t *testing.T) (a *world, b *forum) {
	t.Helper()
	first := databasetest.Postgres(t)
	second, err := database.Open(t.Context(), database.Config{URL: first.URL})
	if err != nil {
		t.Fatalf("open a second time: %v", err)
	}
	t.Cleanup(func() { _ = second.Close() }) // after the server that uses it
	b = start(t, second)
	a = build(start(t, first))
	b.persons = a.persons
	return a, b
}

// on is the same browser before another node, as if a balancer had sent it there.
func (b *browser) on(f *forum) *browser {
	return &browser{f: f, Client: b.Client, token: b.token, actor: b.actor, signedIn: b.signedIn}
}

// spoken reads lines of the socket up to one of that number, and fails when they
// do not come in order, without a gap, and in time.
func (s *socket) spoken(from, to int64, within time.Duration) {
	s.t.Helper()
	began := time.Now()
	for want := from; want <= to; {
		f := s.next()
		if f.Seq == 0 {
			continue
		}
		if f.Seq != want {
			s.t.Fatalf("line %d, want %d", f.Seq, want)
		}
		want++
	}
	if took := time.Since(began); took > within {
		s.t.Errorf("lines %d to %d took %v, want at most %v", from, to, took, within)
	}
}

// What is written on one node reaches the readers of the other, in order and at
// once, and a page that comes back to the other node lacks nothing.
func TestTwoNodesTellTheSame(t *testing.T) {
	a, b := nodes(t)
	room := a.objects["public"].dialogue
	reader := a.as(people.Actor{})
	far := reader.on(b).watch(room, "dialogue")
	near := reader.watch(room, "dialogue")
	var last int64
	for range 5 {
		line := say(a, "participant", "said on the first node", dialogues.Named, "").Seq
		far.spoken(line, line, time.Second)
		near.spoken(line, line, time.Second)
		line = b.must(b.say(room, a.objects["public"].question)).Seq
		near.spoken(line, line, time.Second)
		far.spoken(line, line, time.Second)
		last = line
	}
	_ = far.Close()
	for range 3 {
		say(a, "participant", "said while the reader is away", dialogues.Named, "")
	}
	back := reader.resume(t, room, last) // a page of the second node comes back to the first
	back.spoken(last+1, last+3, 10*time.Second)
	line := b.must(b.say(room, a.objects["public"].question)).Seq
	back.spoken(line, line, time.Second)
}

// say lets the participant say something on this node.
func (f *forum) say(room, question record.ID) (record.Receipt, error) {
	return f.dialogues.AddContribution(f.t.Context(), dialogues.Call{Actor: f.persons["participant"]}, room, dialogues.ContributionForm{
		Question: question, Kind: dialogues.Risk, Language: "en", Attribution: dialogues.GroupOnly, Body: "said on the second node",
	})
}

// seq is the number of a room's newest line.
func (f *forum) seq(room record.ID) int64 {
	f.t.Helper()
	head, err := record.HeadOf(f.t.Context(), f.dialogues.Read, string(room))
	if err != nil {
		f.t.Fatalf("head: %v", err)
	}
	return head.Seq
}

// resume opens a socket as a page does that has read up to a line.
func (b *browser) resume(t *testing.T, room record.ID, after int64) *socket {
	t.Helper()
	head, err := record.HeadOf(t.Context(), b.f.dialogues.Read, string(room))
	if err != nil {
		t.Fatalf("head: %v", err)
	}
	ticket, _ := b.ticket(room, "dialogue")
	s, status := b.dialAfter(ticket, head.Epoch, after, nil)
	if s == nil {
		t.Fatalf("socket: %d", status)
	}
	if hello := s.next(); hello.Hello == nil || !hello.Hello.Recovered {
		t.Fatalf("first frame %s, want one that goes on", hello.raw)
	}
	return s
}

// Losing a seat on one node ends the socket on the other within two seconds.
func TestARightLostOnOneNodeIsLostOnTheOther(t *testing.T) {
	a, b := nodes(t)
	room := a.objects["listed"].dialogue
	lead := dialogues.Call{Actor: a.persons["facilitator"]}
	for name, end := range map[string]func(){
		"participant": func() {
			a.must(a.dialogues.SetRole(t.Context(), lead, room, a.persons["participant"].ID(), dialogues.Outsider))
		},
		"observer": func() {
			a.must(record.Receipt{}, a.people.Suspend(t.Context(), a.persons["administrator"], a.persons["observer"].ID()))
		},
		"rapporteur": func() { a.must(record.Receipt{}, a.signin.EndAll(t.Context(), "", a.persons["rapporteur"].ID())) },
	} {
		s := a.as(a.persons[name]).on(b).watch(room, "room")
		began := time.Now()
		end()
		if code := s.closedWith(); code != 4002 {
			t.Errorf("%s: closed with %d, want 4002", name, code)
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("%s: took %v, want at most two seconds", name, took)
		}
	}
}

// A ticket opens a socket on whichever node the balancer chooses, for the same
// browser and nobody else.
func TestATicketIsGoodOnEveryNode(t *testing.T) {
	a, b := nodes(t)
	room := a.objects["public"].dialogue
	me, other := a.as(a.persons["participant"]), a.as(a.persons["observer"])
	ticket, _ := me.ticket(room, "room")
	if _, status := other.on(b).dial(ticket, nil); status != http.StatusForbidden {
		t.Errorf("another browser on the other node: %d, want 403", status)
	}
	if _, status := me.on(b).dial(ticket, nil); status != http.StatusSwitchingProtocols {
		t.Errorf("on the other node: %d, want 101", status)
	}
	if _, status := me.on(b).dial(ticket, nil); status != http.StatusForbidden {
		t.Errorf("there again: %d, want 403", status)
	}
	page := me.on(b).get("/dialogues/" + string(room))
	if page.Status != http.StatusOK || !strings.Contains(page.Body, `data-after="`+strconv.FormatInt(a.seq(room), 10)) {
		t.Errorf("the page on the other node: %d, want it as new as on the first", page.Status)
	}
}
