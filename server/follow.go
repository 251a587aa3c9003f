package server

import (
	"crypto/rand"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/dialoguepages"
	"github.com/vcm-forum/forum/server/live"
	"github.com/vcm-forum/forum/server/page"
)

// A page that wants to follow a room asks for a ticket with an ordinary POST,
// under the same guard as every form, and opens the socket with it. A ticket is
// good once, for half a minute, on this node, for the browser that asked.
const ticketLife = 30 * time.Second

// mostTickets bounds the memory of tickets that nobody used.
const mostTickets = 50_000

type tickets struct {
	mu  sync.Mutex
	now func() time.Time
	all map[string]ticket
}

type ticket struct {
	room, view string
	secret     string // the cookie of the browser that asked
	expires    time.Time
}

func newTickets(now func() time.Time) *tickets {
	return &tickets{now: now, all: map[string]ticket{}}
}

func (t *tickets) issue(room, view, secret string) (string, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.all) >= mostTickets {
		for name, old := range t.all {
			if t.now().After(old.expires) {
				delete(t.all, name)
			}
		}
	}
	if len(t.all) >= mostTickets {
		return "", false
	}
	name := rand.Text()
	t.all[name] = ticket{room, view, secret, t.now().Add(ticketLife)}
	return name, true
}

// redeem uses a ticket up.
func (t *tickets) redeem(name, secret string) (ticket, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	found, ok := t.all[name]
	delete(t.all, name)
	return found, ok && found.secret == secret && t.now().Before(found.expires)
}

// ticketAnswer is what POST /live/ticket answers.
type ticketAnswer struct {
	Ticket string `json:"ticket"`
}

// ticket lets a page follow a room: whoever may see the dialogue.
func (s *Server) ticket(r *page.Request) error {
	room, view := r.FormValue("room"), r.FormValue("view")
	if _, err := s.subscriber(r, room, view); err != nil {
		return err
	}
	name, ok := s.tickets.issue(room, view, r.Secret())
	if !ok {
		return record.ErrBusy
	}
	return r.JSON(http.StatusOK, ticketAnswer{name})
}

// subscriber is what the reader may follow of a room, as things stand now.
func (s *Server) subscriber(r *page.Request, room, view string) (live.Subscriber, error) {
	id, _ := record.ParseID(room)
	seat, err := s.dialogues.SeatOf(r.Ctx(), r.Actor, id)
	if err != nil {
		return live.Subscriber{}, err
	}
	if err := seat.Check(dialogues.See); err != nil {
		return live.Subscriber{}, err
	}
	if !slices.Contains(dialoguepages.Views(), view) {
		return live.Subscriber{}, dialogues.ErrHidden
	}
	if view == dialoguepages.ViewConsole {
		if err := seat.Check(dialogues.Chair); err != nil {
			return live.Subscriber{}, err
		}
	}
	sub := live.Subscriber{
		Room: seat.Dialogue.Room(), Person: string(r.Actor.ID()), Login: string(r.Actor.Login),
		Audience: live.Audience{Language: string(r.P.Lang()), View: view, Sight: string(dialoguepages.SightOf(seat))},
	}
	if view == dialoguepages.ViewRoom {
		sub.Group = string(r.Actor.Person.StakeholderGroup) // a wall and a reader elsewhere are nobody in the room
	}
	return sub, nil
}

// follow opens the socket. Origin, host and ticket are checked before the
// upgrade, and the seat anew: a ticket that was kept is worth no more than its
// owner's rights. It is checked once more after joining the hub, for what was
// taken away in between.
func (s *Server) follow(r *page.Request) error {
	home := []string{s.origin(r.Request())}
	if !live.CheckOrigin(home)(r.Request()) {
		return errForm
	}
	ticket, ok := s.tickets.redeem(r.QueryParam("ticket"), r.Secret())
	if !ok {
		return errForm
	}
	sub, err := s.subscriber(r, ticket.room, ticket.view)
	if err != nil {
		return err
	}
	sub.Epoch, _ = strconv.ParseInt(r.QueryParam("epoch"), 10, 64)
	sub.After, _ = strconv.ParseInt(r.QueryParam("after"), 10, 64)
	upgrader := live.Upgrader(home)
	conn, err := upgrader.Upgrade(r.Response(), r.Request(), nil)
	if err != nil {
		return nil //nolint:nilerr // the upgrader has answered already
	}
	s.hub.Serve(conn, sub)
	if again, err := s.subscriber(r, ticket.room, ticket.view); err != nil || again.Audience != sub.Audience {
		s.hub.Revoke(func(other live.Subscriber) bool {
			return other.Room == sub.Room && other.Person == sub.Person && other.Login == sub.Login
		})
	}
	return nil
}
