package live

import (
	"encoding/binary"
	"encoding/json"
	"strconv"
	"time"

	"github.com/gorilla/websocket"
)

// Websocket frame types (RFC 6455, section 5.2).
const (
	opContinuation byte = 0x0
	opText         byte = 0x1
	opBinary       byte = 0x2
	opClose        byte = 0x8
	opPing         byte = 0x9
	opPong         byte = 0xa
)

// Close codes beside those of the websocket standard; see the package comment.
const (
	CloseSlow    = 4001
	CloseRevoked = 4002
	CloseReload  = 4003
)

// batch is a run of consecutive lines, encoded as websocket frames for one audience. The frames lie one behind the
// other: whoever lacks the last n of them gets the rest of the buffer from there, in one write. It is never changed.
type batch struct {
	first  int64 // number of the first line
	starts []int // where each line's frame begins
	frames []byte
}

// after returns the frames of the lines after seq, and how many they are: none when there would be a gap.
func (b batch) after(seq int64) (frames []byte, lines int64) {
	i := seq + 1 - b.first
	if i < 0 || i >= int64(len(b.starts)) {
		return nil, 0
	}
	return b.frames[b.starts[i]:], int64(len(b.starts)) - i
}

// encode makes one batch for each audience.
func encode(lines []Line, audiences []Audience) map[Audience]batch {
	batches := make(map[Audience]batch, len(audiences))
	for i, audience := range audiences {
		batches[audience] = encodeFor(lines, i)
	}
	return batches
}

func encodeFor(lines []Line, audience int) batch {
	const overhead = 40 // frame header, seq field and number
	size := 0
	for _, line := range lines {
		size += overhead + len(line.payload(audience))
	}
	b := batch{first: lines[0].Seq, starts: make([]int, len(lines)), frames: make([]byte, 0, size)}
	for i, line := range lines {
		b.starts[i] = len(b.frames)
		b.frames = appendLine(b.frames, line.Seq, line.payload(audience))
	}
	return b
}

// payload is the rendering for the audience with this place in the list, nil if there is none.
func (l Line) payload(audience int) []byte {
	if audience >= len(l.Payloads) {
		return nil
	}
	return l.Payloads[audience]
}

// appendLine appends the frame of one line: the payload, with the number spliced in as its first field.
func appendLine(frames []byte, seq int64, payload []byte) []byte {
	var head [32]byte
	opening := strconv.AppendInt(append(head[:0], `{"seq":`...), seq, 10)
	rest := []byte("}")
	if n := len(payload); n > 2 && payload[0] == '{' && payload[n-1] == '}' {
		opening, rest = append(opening, ','), payload[1:]
	}
	frames = appendHeader(frames, opText, len(opening)+len(rest))
	return append(append(frames, opening...), rest...)
}

// appendFrame appends one whole frame; a server's are not masked.
func appendFrame(frames []byte, opcode byte, body []byte) []byte {
	return append(appendHeader(frames, opcode, len(body)), body...)
}

func appendHeader(frames []byte, opcode byte, size int) []byte {
	const final = 0x80
	frames = append(frames, final|opcode)
	switch {
	case size < 126:
		return append(frames, byte(size&0x7f))
	case size <= 0xffff:
		return binary.BigEndian.AppendUint16(append(frames, 126), uint16(size))
	default:
		return binary.BigEndian.AppendUint64(append(frames, 127), uint64(size))
	}
}

func helloFrame(room string, epoch, seq int64, recovered bool, now time.Time) []byte {
	type hello struct {
		Room      string `json:"room"`
		Epoch     int64  `json:"epoch"`
		Seq       int64  `json:"seq"`
		Recovered bool   `json:"recovered"`
		Now       int64  `json:"now"`
	}
	body, _ := json.Marshal(struct { // strings and numbers: cannot fail
		Hello hello `json:"hello"`
	}{hello{room, epoch, seq, recovered, now.UnixMilli()}})
	return appendFrame(nil, opText, body)
}

// beatFrames tells the time, and asks for a sign of life.
func beatFrames(now time.Time) []byte {
	body := strconv.AppendInt([]byte(`{"now":`), now.UnixMilli(), 10)
	return appendFrame(appendFrame(nil, opText, append(body, '}')), opPing, nil)
}

func closeFrame(code int) []byte {
	return appendFrame(nil, opClose, websocket.FormatCloseMessage(code, ""))
}
