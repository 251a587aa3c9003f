package server

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/dialoguepages"
	"github.com/vcm-forum/forum/server/live"
)

// watchEvery is how soon a right that was lost anywhere, or by the mere passing
// of time, is lost for open sockets here.
const watchEvery = time.Second

// watch looks once a second at what the open sockets of this node rest on: the
// logins that opened them, and the seats and the visibility of their dialogues.
// It asks the database and remembers only how far it has read, so that it is
// right on every node, whoever took the right away.
func (s *Server) watch(ctx context.Context) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	read := map[string]int64{} // per room, the line up to which seats were looked at
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		logins, rooms := s.openSockets()
		if err := s.cutEnded(ctx, logins); err != nil {
			s.cfg.Logger.ErrorContext(ctx, "asking which logins are over failed", slog.String("error", err.Error()))
		}
		for room := range read {
			if !rooms[room] {
				delete(read, room)
			}
		}
		for room := range rooms {
			if err := s.cutUnseated(ctx, room, read); err != nil {
				s.cfg.Logger.ErrorContext(ctx, "asking who lost a seat failed", slog.String("error", err.Error()))
			}
		}
	}
}

// openSockets are the logins and rooms of the sockets on this node.
func (s *Server) openSockets() (logins []record.ID, rooms map[string]bool) {
	seen := map[string]bool{}
	rooms = map[string]bool{}
	s.hub.Revoke(func(sub live.Subscriber) bool {
		rooms[sub.Room] = true
		if sub.Login != "" && !seen[sub.Login] {
			seen[sub.Login] = true
			logins = append(logins, record.ID(sub.Login))
		}
		return false
	})
	return logins, rooms
}

// cutEnded ends the sockets of logins that are over: signed out, expired, or of
// somebody suspended or erased. One query, whatever their number.
func (s *Server) cutEnded(ctx context.Context, logins []record.ID) error {
	over, err := s.signin.Ended(ctx, logins)
	if err == nil && len(over) > 0 {
		s.cutLogins(over)
	}
	return err
}

// cutUnseated ends those sockets of a room that show more, or less, than their
// owners' seats allow now; their pages load again, and the guard decides anew.
// It looks when a room is first seen here and after every line about seats.
// Who has just joined and sees what they may is left in peace.
func (s *Server) cutUnseated(ctx context.Context, room string, read map[string]int64) error {
	news, err := s.seatsMoved(ctx, room, read)
	if err != nil || !news {
		return err
	}
	dialogue, roles, err := s.dialogues.Seats(ctx, record.ID(room))
	if err != nil && !errors.Is(err, dialogues.ErrHidden) { // gone altogether: nobody may see it
		return err
	}
	s.hub.Revoke(func(sub live.Subscriber) bool {
		if sub.Room != room {
			return false
		}
		person := people.Person{ID: record.ID(sub.Person)}
		seat := dialogues.Seat{Actor: people.Actor{Person: person}, Role: roles[person.ID], Dialogue: dialogue}
		return !seat.Can(dialogues.See) || sub.Audience.Sight != string(dialoguepages.SightOf(seat)) ||
			(sub.Audience.View == dialoguepages.ViewConsole && !seat.Can(dialogues.Chair))
	})
	return nil
}

// seatsMoved tells whether seats may have changed in a room since it was last
// asked, and notes up to which line it looked. A room that has fewer lines than
// before is gone: a rehearsal that has ended.
func (s *Server) seatsMoved(ctx context.Context, room string, read map[string]int64) (bool, error) {
	head, err := record.HeadOf(ctx, s.dialogues.Read, room)
	after, known := read[room]
	if err != nil || (known && head.Seq == after) {
		return false, err
	}
	lines, err := record.AfterAbout(ctx, s.dialogues.Read, room, after, seatVerbs())
	if err != nil {
		return false, err
	}
	read[room] = head.Seq
	return !known || len(lines) > 0 || head.Seq < after, nil
}

// seatVerbs are the lines after which somebody may see less, or more.
func seatVerbs() []record.Verb {
	return []record.Verb{
		dialogues.MemberAdded, dialogues.MemberChanged, dialogues.MemberRemoved, dialogues.DialogueChanged, dialogues.DialogueState,
	}
}
