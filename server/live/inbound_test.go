package live_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/vcm-forum/forum/server/live"
)

func TestWhatABrowserMayNotSend(t *testing.T) {
	key := string([]byte{0, 0, 0, 0})
	for _, row := range []struct {
		name string
		send string
		code int
	}{
		{"a small text", "\x81\x85" + key + "hello", 1008},
		{"a text of 512 bytes", "\x81\xfe\x02\x00" + key + long(512), 1008},
		{"a text of 513 bytes", "\x81\xfe\x02\x01" + key, 1009},
		{"64 KiB and one byte", "\x82\xff\x00\x00\x00\x00\x00\x01\x00\x01" + key, 1009},
		{"a negative length", "\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff" + key, 1009},
		{"the first fragment of something endless", "\x01\x81" + key + "x", 1008},
		{"a fragment of nothing", "\x80\x81" + key + "x", 1002},
		{"a reserved bit", "\xc9\x80" + key, 1002},
		{"an unknown data opcode", "\x83\x80" + key, 1002},
		{"an unknown control opcode", "\x8b\x80" + key, 1002},
		{"an unmasked ping", "\x89\x00", 1002},
		{"a fragmented ping", "\x09\x80" + key, 1002},
		{"a ping that is too long", "\x89\xfe\x00\x7e" + key, 1002},
		{"a close of one byte", "\x88\x81" + key + "x", 1002},
		{"a close with a code that must not be sent", "\x88\x82" + key + "\x03\xed", 1002},
		{"a close with a reason that is not UTF-8", "\x88\x83" + key + "\x03\xe8\xff", 1007},
		{"a close without a code", "\x88\x80" + key, 1000},
		{"a close with a code", "\x88\x82" + key + "\x03\xe9", 1001},
		{"a flood of pings", string(bytes.Repeat([]byte("\x89\x80"+key), 100)), 1008},
	} {
		t.Run(row.name, func(t *testing.T) {
			h := openHall(t, live.Config{})
			l, _ := h.enter(t, here())
			if _, err := io.WriteString(l.NetConn(), row.send); err != nil {
				t.Fatal(err)
			}
			if code := l.ending(); code != row.code {
				t.Errorf("close code %d, want %d", code, row.code)
			}
			_ = l.Close()
			eventually(t, "the connection is forgotten", func() bool { return h.hub.Stats().Sockets == 0 })
		})
	}
}

func TestAnOffenderWhoGoesOnTalkingIsCut(t *testing.T) {
	h := openHall(t, live.Config{CloseWait: 20 * time.Millisecond})
	l, _ := h.enter(t, here())
	for {
		if err := l.WriteMessage(websocket.TextMessage, []byte("me again")); err != nil {
			break
		}
	}
	eventually(t, "the connection is forgotten", func() bool { s := h.hub.Stats(); return s.Sockets == 0 && s.Offences == 1 })
}

func TestAPingIsAnswered(t *testing.T) {
	h := openHall(t, live.Config{Tick: time.Millisecond})
	l, _ := h.enter(t, here())
	answer := make(chan string, 1)
	l.SetPongHandler(func(text string) error { answer <- text; return io.EOF })
	if err := l.WriteControl(websocket.PingMessage, []byte("there?"), time.Time{}); err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := receive(l.Conn); err != nil {
			break
		}
	}
	if got := <-answer; got != "there?" {
		t.Errorf("pong %q, want the ping's text", got)
	}
}

// FuzzReadFrame: no bytes whatever make the reader fail in an unforeseen way, and it takes no more than one frame.
func FuzzReadFrame(f *testing.F) {
	f.Add([]byte("\x89\x83\x01\x02\x03\x04abc\x89"))
	f.Add([]byte("\x81\xfe\x02\x00"))
	f.Add([]byte("\x88\x82\x00\x00\x00\x00\x03\xe8"))
	f.Fuzz(func(t *testing.T, sent []byte) {
		rest := bytes.NewReader(sent)
		opcode, body, err := live.ReadFrame(rest)
		if err != nil {
			return
		}
		taken := sent[:len(sent)-rest.Len()]
		if want := 6 + len(body); len(taken) != want {
			t.Fatalf("took %d bytes, want %d", len(taken), want)
		}
		key := binary.BigEndian.Uint32(taken[2:6])
		if opcode < 8 || opcode > 10 || len(body) > 125 || key == 0 && !bytes.Equal(body, taken[6:]) {
			t.Fatalf("opcode %d, body %q from %q", opcode, body, taken)
		}
	})
}
