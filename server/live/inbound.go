package live

import (
	"encoding/binary"
	"io"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

const (
	maxControl = 125 // bytes in a control frame (RFC 6455, section 5.5)
	maxData    = 512 // bytes in a data frame that is refused for being one, not for its size
)

// offence is the close code for a frame that should not have been sent.
type offence int

func (o offence) Error() string { return "websocket frame refused" }

// readFrame reads one control frame, into buf. Data frames are offences: nobody talks to this end of a socket. They are
// refused by their header, before any of their content is read.
func readFrame(r io.Reader, buf []byte) (opcode byte, body []byte, err error) {
	const reserved, masked = 0x70, 0x80
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	opcode = head[0] & 0x0f
	size := int(head[1] &^ masked)
	if head[0]&reserved != 0 || head[1]&masked == 0 {
		return 0, nil, offence(websocket.CloseProtocolError)
	}
	if opcode == opText || opcode == opBinary {
		return 0, nil, refuseData(r, size)
	}
	const finalControl = 0x88
	if head[0]&finalControl != finalControl || opcode > opPong || size > maxControl {
		return 0, nil, offence(websocket.CloseProtocolError)
	}
	var key [4]byte
	if _, err := io.ReadFull(r, key[:]); err != nil {
		return 0, nil, err
	}
	body = buf[:size]
	if _, err := io.ReadFull(r, body); err != nil {
		return 0, nil, err
	}
	for i := range body {
		body[i] ^= key[i%4]
	}
	return opcode, body, nil
}

// refuseData tells a message that should not have been sent from one that is too big besides.
func refuseData(r io.Reader, size int) error {
	const in16bits, in64bits = 126, 127
	switch size {
	case in16bits:
		var long [2]byte
		if _, err := io.ReadFull(r, long[:]); err != nil {
			return err
		}
		size = int(binary.BigEndian.Uint16(long[:]))
	case in64bits:
		size = maxData + 1
	}
	if size > maxData {
		return offence(websocket.CloseMessageTooBig)
	}
	return offence(websocket.ClosePolicyViolation)
}

// answerToClose returns the code to answer a close frame with: its own, if it is a proper one.
func answerToClose(body []byte) (code int) {
	if len(body) == 0 {
		return websocket.CloseNormalClosure
	}
	if len(body) == 1 {
		return websocket.CloseProtocolError
	}
	code = int(binary.BigEndian.Uint16(body))
	switch {
	case !utf8.Valid(body[2:]):
		return websocket.CloseInvalidFramePayloadData
	case code >= 1000 && code <= 1003, code >= 1007 && code <= 1014, code >= 3000 && code <= 4999:
		return code
	}
	return websocket.CloseProtocolError
}
