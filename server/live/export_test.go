package live

import "io"

// ReadFrame lets the fuzz test read what clients send.
func ReadFrame(r io.Reader) (opcode byte, body []byte, err error) {
	return readFrame(r, make([]byte, maxControl))
}
