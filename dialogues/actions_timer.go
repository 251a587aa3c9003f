package dialogues

import (
	"context"
	"time"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// TimerOp is something one does with the clock everyone sees.
type TimerOp string

// What one does with the timer.
const (
	TimerStart  TimerOp = "start"  // anew, with the given minutes
	TimerPause  TimerOp = "pause"  // stop, keep what is left
	TimerResume TimerOp = "resume" // go on with what is left
	TimerAdd    TimerOp = "add"    // give the given minutes more
	TimerClear  TimerOp = "clear"  // no timer
)

// SetTimer works the session's clock. Minutes are used by start and add; add
// takes away when they are negative.
func (s *Service) SetTimer(ctx context.Context, by Call, dialogue, id record.ID, op TimerOp, minutes int64) (record.Receipt, error) {
	if err := checkTimer(op, minutes).Err(); err != nil {
		return record.Receipt{}, err
	}
	return s.chair(ctx, by, dialogue, id, []any{id, op, minutes}, func(t *turn, session *Session) (Step, error) {
		session.setTimer(op, time.Duration(minutes)*time.Minute, t.Now)
		left, _ := session.TimerRemaining(t.Now)
		t.note(TimerSet, id, Facts{Session: id, State: string(op), Millis: left.Milliseconds()})
		return Step{Verb: TimerSet, Op: op, Minutes: minutes}, nil
	})
}

func checkTimer(op TimerOp, minutes int64) people.Invalid {
	v := people.Invalid{}
	choose(v, "op", op, []TimerOp{TimerStart, TimerPause, TimerResume, TimerAdd, TimerClear})
	least := int64(1)
	if op == TimerAdd {
		least = -LongestSession
	}
	if (op == TimerStart || op == TimerAdd) && (minutes < least || minutes > LongestSession || minutes == 0) {
		v.Add("minutes", "error.number_range", "min", least, "max", LongestSession)
	}
	return v
}

// setTimer keeps an absolute end while the timer runs and the rest while it stands.
func (s *Session) setTimer(op TimerOp, d time.Duration, now time.Time) {
	left, _ := s.TimerRemaining(now)
	running := s.TimerEndsAt != nil
	switch op {
	case TimerStart:
		left, running = d, true
	case TimerPause:
		running = false
	case TimerResume:
		running = left != 0
	case TimerAdd:
		left = max(left+d, min(left, 0)) // taking away ends the time at the earliest now: nobody overruns by it
	case TimerClear:
		left, running = 0, false
	}
	s.TimerEndsAt, s.TimerLeft = nil, left.Milliseconds()
	if running {
		ends := now.Add(left)
		s.TimerEndsAt, s.TimerLeft = &ends, 0
	}
}
