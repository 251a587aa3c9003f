package live_test

import (
	"errors"
	"testing"
	"time"

	"github.com/vcm-forum/forum/server/live"
)

// never is a Poll that leaves everything to the bell.
const never = time.Hour

func TestTheBellIsNotBelieved(t *testing.T) {
	h := openHall(t, live.Config{Poll: never})
	l, _ := h.enter(t, here())
	for _, told := range []int64{1, 1000, 0, -1} {
		h.hub.Ring("1", told) // about nothing
		seq := h.record.write("said")
		h.hub.Ring("1", told)
		l.wantLines(seq, seq)
	}
}

func TestALineWrittenDuringTheGreetingIsTold(t *testing.T) {
	h := openHall(t, live.Config{Poll: never})
	h.record.change(func(r *ledger) {
		r.asked = func() { h.record.write("meanwhile") } // its bell rings before anyone follows
	})
	l, got := h.enter(t, here())
	if got.Seq != 0 {
		t.Errorf("hello = %+v, want the head before the line", got)
	}
	l.wantLines(1, 1)
}

func TestALostRingCostsOnlyTime(t *testing.T) {
	h := openHall(t, live.Config{Tick: 2 * time.Millisecond, Poll: 10 * time.Millisecond})
	l, _ := h.enter(t, here())
	h.record.write("unheard of")
	l.wantLines(1, 1)
}

func TestARecordThatCannotBeReadIsReadLater(t *testing.T) {
	h := openHall(t, live.Config{})
	early, _ := h.enter(t, here())
	h.record.change(func(r *ledger) { r.broken = errors.New("disk on fire") })
	h.write("1")
	late := h.join(t, here())
	h.record.change(func(r *ledger) { r.broken = nil })
	early.wantLines(1, 1)
	late.wantLines(1, 1)
}

func TestAGapInTheRecordIsNotJumped(t *testing.T) {
	h := openHall(t, live.Config{Tick: 2 * time.Millisecond, Poll: 10 * time.Millisecond})
	l, _ := h.enter(t, here())
	h.record.change(func(r *ledger) { r.skip = 2 })
	h.write("1", "2", "3")
	l.wantLines(1, 1)
	h.record.change(func(r *ledger) { r.skip = 0 })
	l.wantLines(2, 3)
}
