package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// frame is what the socket tells.
type frame struct {
	Hello *struct {
		Room      string
		Epoch     int64
		Seq       int64
		Recovered bool
	}
	Seq  int64
	Verb string
	ID   string
	Say  string
	Ops  []struct{ Op, ID, In, HTML, Text string }
	raw  string
}

// socket is an open page's socket.
type socket struct {
	t *testing.T
	*websocket.Conn
}

// ticket asks for a ticket as a page does; "" when it is refused.
func (b *browser) ticket(room record.ID, view string) (string, int) {
	b.f.t.Helper()
	got := b.post("/live/ticket", url.Values{"room": {string(room)}, "view": {view}})
	var t struct{ Ticket string }
	_ = json.Unmarshal([]byte(got.Body), &t) // a refusal has no ticket
	return t.Ticket, got.Status
}

// dial opens a socket with a ticket; the header says where the page is from.
func (b *browser) dial(ticket string, header http.Header) (*socket, int) {
	b.f.t.Helper()
	return b.dialAfter(ticket, 0, 0, header)
}

// dialAfter is dial for a page that shows the record up to a line.
func (b *browser) dialAfter(ticket string, epoch, after int64, header http.Header) (*socket, int) {
	b.f.t.Helper()
	address, _ := url.Parse(b.f.web.URL)
	if header == nil {
		header = http.Header{"Origin": {b.f.web.URL}}
	}
	var cookies []string
	for _, c := range b.Jar.Cookies(address) {
		cookies = append(cookies, c.Name+"="+c.Value)
	}
	header.Set("Cookie", strings.Join(cookies, "; "))
	conn, res, err := websocket.DefaultDialer.DialContext(b.f.t.Context(), fmt.Sprintf("ws://%s/live?epoch=%d&after=%d&ticket=%s", address.Host, epoch, after, url.QueryEscape(ticket)), header)
	if err != nil {
		defer res.Body.Close()
		return nil, res.StatusCode
	}
	b.f.t.Cleanup(func() { _ = conn.Close() })
	return &socket{b.f.t, conn}, http.StatusSwitchingProtocols
}

// watch opens a socket on a room and reads its greeting.
func (b *browser) watch(room record.ID, view string) *socket {
	b.f.t.Helper()
	ticket, status := b.ticket(room, view)
	if status != http.StatusOK {
		b.f.t.Fatalf("ticket: %d", status)
	}
	s, status := b.dial(ticket, nil)
	if s == nil {
		b.f.t.Fatalf("socket: %d", status)
	}
	if hello := s.next(); hello.Hello == nil {
		b.f.t.Fatalf("first frame %s, want hello", hello.raw)
	}
	return s
}

// next reads one frame, or fails after ten seconds.
func (s *socket) next() frame {
	s.t.Helper()
	f, err := s.read()
	if err != nil {
		s.t.Fatalf("read socket: %v", err)
	}
	return f
}

func (s *socket) read() (frame, error) {
	_ = s.SetReadDeadline(time.Now().Add(10 * time.Second))
	_, raw, err := s.ReadMessage()
	if err != nil {
		return frame{}, err
	}
	f := frame{raw: string(raw)}
	return f, json.Unmarshal(raw, &f)
}

// closedWith reads until the socket ends and returns its code.
func (s *socket) closedWith() int {
	s.t.Helper()
	for {
		_, err := s.read()
		if err == nil {
			continue
		}
		if closed, ok := err.(*websocket.CloseError); ok { //nolint:errorlint // the library returns it bare
			return closed.Code
		}
		s.t.Fatalf("socket ended without a code: %v", err)
	}
}

func say(w *world, who, body string, attribution dialogues.Attribution, parent record.ID) record.Receipt {
	w.t.Helper()
	o := w.objects["public"]
	return w.must(w.dialogues.AddContribution(w.t.Context(), dialogues.Call{Actor: w.persons[who]}, o.dialogue, dialogues.ContributionForm{
		Question: o.question, Parent: parent, Kind: dialogues.Risk, Language: "en", Attribution: attribution, Body: body,
	}))
}

// What is said reaches every view in order; "group only" reaches nobody with a name, in any frame.
func TestSocketTellsWhatIsSaid(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := build(start(t, db))
		room := w.objects["public"].dialogue
		sockets := map[string]*socket{
			"a visitor": w.as(people.Actor{}).watch(room, "dialogue"), "a participant": w.as(w.persons["participant"]).watch(room, "room"),
			"the chair": w.as(w.persons["facilitator"]).watch(room, "console"), "the wall": w.as(w.persons["cofacilitator"]).watch(room, "hall"),
		}
		first := say(w, "participant", "a plain risk", dialogues.Named, "")
		secret := say(w, "rapporteur", "a risk without a name", dialogues.GroupOnly, "")
		say(w, "interpreter", "a quiet reply", dialogues.GroupOnly, first.ID)
		for name, s := range sockets {
			last := int64(0)
			for last < secret.Seq+1 {
				f := s.next()
				if f.Seq == 0 {
					continue
				}
				if last != 0 && f.Seq != last+1 {
					t.Errorf("%s got line %d after %d", name, f.Seq, last)
				}
				last = f.Seq
				for _, hidden := range []string{"rapporteur", "interpreter", string(w.persons["rapporteur"].ID()), string(w.persons["interpreter"].ID())} {
					if f.Seq >= secret.Seq && strings.Contains(f.raw, hidden) {
						t.Errorf("%s: line %d names %q: %s", name, f.Seq, hidden, f.raw)
					}
				}
				if f.Seq == secret.Seq+1 && strings.Contains(f.Say, "participant") {
					t.Errorf("%s: a reply is announced under the name of whom it answers: %s", name, f.Say)
				}
			}
		}
	})
}

// A ticket opens one socket, once, for the browser that asked, from this server's own pages.
func TestSocketHandshake(t *testing.T) {
	w := build(start(t, databasetest.SQLite(t)))
	room := w.objects["public"].dialogue
	me, other := w.as(w.persons["participant"]), w.as(w.persons["observer"])
	other.csrf()
	host := strings.TrimPrefix(w.web.URL, "http://")
	for name, tc := range map[string]struct {
		from   *browser
		header http.Header
		want   int
	}{
		"from a page of this server":        {me, nil, http.StatusSwitchingProtocols},
		"from another browser":              {other, nil, http.StatusForbidden},
		"without an origin":                 {me, http.Header{}, http.StatusForbidden},
		"from nowhere":                      {me, http.Header{"Origin": {"null"}}, http.StatusForbidden},
		"from another site":                 {me, http.Header{"Origin": {"https://evil.example"}}, http.StatusForbidden},
		"from the same host by https":       {me, http.Header{"Origin": {"https://" + host}}, http.StatusForbidden},
		"from a host that begins like ours": {me, http.Header{"Origin": {w.web.URL + ".evil.example"}}, http.StatusForbidden},
	} {
		ticket, _ := me.ticket(room, "room")
		s, status := tc.from.dial(ticket, tc.header)
		if status != tc.want {
			t.Errorf("%s: %d, want %d", name, status, tc.want)
		}
		if s == nil {
			continue
		}
		if _, status := me.dial(ticket, nil); status != http.StatusForbidden {
			t.Errorf("%s, the same ticket again: %d, want 403", name, status)
		}
	}
	for kind, want := range map[string]int{"listed": http.StatusForbidden, "invitation": http.StatusNotFound, "draft": http.StatusNotFound} {
		if _, status := w.as(w.persons["account"]).ticket(w.objects[kind].dialogue, "dialogue"); status != want {
			t.Errorf("ticket for a dialogue that is %s: %d, want %d", kind, status, want)
		}
	}
	if _, status := me.ticket(room, "console"); status != http.StatusForbidden {
		t.Errorf("ticket for the console as participant: %d, want 403", status)
	}
}

// Whatever ends a right ends the open sockets that rest on it within two
// seconds, and a ticket kept for later opens nothing.
func TestRevocationReachesOpenSockets(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := build(start(t, db))
		room := w.objects["listed"].dialogue
		lead := dialogues.Call{Actor: w.persons["facilitator"]}
		for name, end := range map[string]func(){
			"participant": func() {
				w.must(w.dialogues.SetRole(t.Context(), lead, room, w.persons["participant"].ID(), dialogues.Outsider))
			},
			"observer": func() {
				w.must(record.Receipt{}, w.people.Suspend(t.Context(), w.persons["administrator"], w.persons["observer"].ID()))
			},
			"rapporteur": func() { w.must(record.Receipt{}, w.signin.EndAll(t.Context(), "", w.persons["rapporteur"].ID())) },
			"interpreter": func() {
				w.must(w.dialogues.SetRole(t.Context(), lead, room, w.persons["interpreter"].ID(), dialogues.Observer))
			},
		} {
			b := w.as(w.persons[name])
			s := b.watch(room, "room")
			kept, _ := b.ticket(room, "room")
			began := time.Now()
			end()
			if code := s.closedWith(); code != 4002 {
				t.Errorf("%s: closed with %d, want 4002", name, code)
			}
			if took := time.Since(began); took > 2*time.Second {
				t.Errorf("%s: took %v, want at most two seconds", name, took)
			}
			if _, status := b.dial(kept, nil); name != "interpreter" && status == http.StatusSwitchingProtocols {
				t.Errorf("%s: a ticket kept from before still opens", name)
			}
		}
	})
}

// Who has just joined is not thrown out by the line that says so.
func TestJoiningDoesNotEndTheSocket(t *testing.T) {
	w := build(start(t, databasetest.SQLite(t)))
	room := w.objects["public"].dialogue
	someone := w.as(people.Actor{})
	someone.watch(room, "dialogue") // the room is being watched
	b := w.as(people.Actor{})
	b.get("/join/" + w.code)
	if got := b.post("/join/"+w.code, url.Values{"name": {"Newcomer"}, "group": {"iplc"}, "key": {"1"}}); got.Status != http.StatusSeeOther {
		t.Fatalf("join: %d", got.Status)
	}
	b.token = ""
	s := b.watch(room, "room")
	first := say(w, "participant", "one", dialogues.Named, "")
	for f := s.next(); f.Seq < first.Seq; f = s.next() {
	}
	deadline := time.Now().Add(2500 * time.Millisecond)
	for time.Now().Before(deadline) {
		_ = s.SetReadDeadline(deadline)
		if _, _, err := s.ReadMessage(); err != nil && websocket.IsCloseError(err, 4002) {
			t.Fatal("the newcomer's socket was ended")
		} else if err != nil {
			break // nothing more was told before the deadline
		}
	}
}
