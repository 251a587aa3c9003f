package live_test

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/vcm-forum/forum/server/live"
)

// ledger is a record kept in memory: one room's lines in order, each with a text.
type ledger struct {
	mu     sync.Mutex
	epoch  int64
	lines  []string
	render func(seq int64, text string, audience live.Audience) []byte // nil: renderPlain
	broken error                                                       // what reading answers, if not nil
	skip   int64                                                       // a line that is not there
	asked  func()                                                      // called once, after the next Head
}

func renderPlain(_ int64, text string, audience live.Audience) []byte {
	return fmt.Appendf(nil, `{"text":%q,"to":%q}`, text, audience.Language)
}

// write commits texts and returns the number of the last line.
func (l *ledger) write(texts ...string) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, texts...)
	return int64(len(l.lines))
}

func (l *ledger) change(f func(*ledger)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f(l)
}

func (l *ledger) Head(context.Context, string) (epoch, seq int64, err error) {
	l.mu.Lock()
	epoch, seq, err = l.epoch, int64(len(l.lines)), l.broken
	asked := l.asked
	l.asked = nil
	l.mu.Unlock()
	if asked != nil {
		asked()
	}
	return epoch, seq, err
}

func (l *ledger) Lines(_ context.Context, _ string, after int64, limit int, audiences []live.Audience) ([]live.Line, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken != nil {
		return nil, l.broken
	}
	var lines []live.Line
	for seq := after + 1; seq <= int64(len(l.lines)) && len(lines) < limit; seq++ {
		if seq != l.skip {
			lines = append(lines, l.line(seq, audiences))
		}
	}
	return lines, nil
}

func (l *ledger) line(seq int64, audiences []live.Audience) live.Line {
	render := l.render
	if render == nil {
		render = renderPlain
	}
	line := live.Line{Seq: seq, Payloads: make([][]byte, len(audiences))}
	for i, audience := range audiences {
		line.Payloads[i] = render(seq, l.lines[seq-1], audience)
	}
	return line
}

// long is a text of n bytes.
func long(n int) string { return strings.Repeat("x", n) }
