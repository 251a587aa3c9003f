package server

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/dialoguepages"
	"github.com/vcm-forum/forum/server/live"
	"github.com/vcm-forum/forum/server/page"
)

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
	return r.JSON(http.StatusOK, ticketAnswer{ticket{room, view}.sign(r.Secret(), s.cfg.Now())})
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
	ticket, ok := s.tickets.redeem(r.QueryParam("ticket"), r.Secret(), s.cfg.Now())
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
