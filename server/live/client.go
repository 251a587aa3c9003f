package live

import (
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gorilla/websocket"
)

// client is one open socket.
type client struct {
	Subscriber
	hub    *Hub
	room   *room
	conn   net.Conn        // what is read and written
	socket net.Conn        // the TCP connection below it; the same unless TLS lies between
	raw    syscall.RawConn // for writes that are tried without waiting; nil when that is not possible

	stage atomic.Int32
	heard atomic.Int32 // frames received since the last heartbeat
	over  atomic.Bool  // nothing but the close goes out any more; set under mu
	place int          // in room.clients; guarded by room.mu
	seq   int64        // last line sent; owned by the usher, then by the follower

	// Owned by the hub's clock.
	due    time.Time // next heartbeat
	silent int       // heartbeats without an answer
	crowd  int       // version of the presence last sent

	mu      sync.Mutex
	queue   net.Buffers // what the socket would not take
	queued  int         // its bytes, and those being written
	writing bool        // a goroutine is emptying the queue, and nobody else may write
	torn    bool        // the queue begins in the middle of a frame

	heardBytes [maxControl]byte
}

func newClient(h *Hub, conn net.Conn, s Subscriber) *client {
	c := &client{Subscriber: s, hub: h, conn: conn, socket: conn}
	c.due = time.Now().Add(time.Duration(lot(int(h.config.Beat))))
	if over, ok := conn.(interface{ NetConn() net.Conn }); ok {
		c.socket = over.NetConn()
	}
	if tcp, ok := c.socket.(*net.TCPConn); ok {
		const kernelQueue = 64 << 10 // what the kernel keeps for a client that does not read
		_ = tcp.SetWriteBuffer(kernelQueue)
	}
	if tcp, ok := conn.(*net.TCPConn); ok && canTry {
		c.raw, _ = tcp.SyscallConn() // nil on failure: then writes wait in the queue
	}
	return c
}

// lot draws a number below n, which must be positive.
func lot(n int) int {
	return rand.IntN(n) //nolint:gosec // it spreads load and guards nothing
}

func (c *client) at(stage int32) bool { return c.stage.Load() == stage && !c.over.Load() }

// idle says whether the socket has taken everything.
func (c *client) idle() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.writing
}

// light says whether the socket keeps up well enough to be sent lines as they come.
func (c *client) light() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.queued <= c.hub.config.QueueBytes/2
}

// send passes on whole frames, or ends the connection if too much waits already. It does not block.
func (c *client) send(frames []byte, try *tryer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over.Load() {
		return
	}
	try.bytes += int64(len(frames))
	if c.queued > 0 && c.queued+len(frames) > c.hub.config.QueueBytes {
		c.finish(CloseSlow, try)
		return
	}
	c.push(frames, try)
}

// push tries to write, and queues the rest. The caller holds c.mu.
func (c *client) push(frames []byte, try *tryer) {
	if !c.writing && c.raw != nil {
		n, err := try.write(c.raw, frames)
		if err != nil {
			c.cut()
			return
		}
		if n == len(frames) {
			return
		}
		frames, c.torn = frames[n:], n > 0
	}
	c.queue = append(c.queue, frames)
	c.queued += len(frames)
	if !c.writing {
		c.writing = true
		c.hub.work.Go(c.write) // stops when the queue is empty, or at a deadline
	}
}

// write empties the queue, everything that waits in one system call.
func (c *client) write() {
	for waiting, n := c.take(); n > 0; waiting, n = c.take() {
		if _, err := waiting.WriteTo(c.conn); err != nil {
			c.fail(err)
			return
		}
		c.mu.Lock()
		c.queued -= n
		c.mu.Unlock()
	}
	if c.over.Load() {
		c.hangUp()
	} else if c.at(catching) {
		ring(c.room.doors)
	}
}

// take gives the writer what waits; when nothing does, others may write again.
func (c *client) take() (waiting net.Buffers, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var deadline time.Time
	if c.writing = len(c.queue) > 0; c.writing {
		deadline = time.Now().Add(c.hub.config.WriteWait)
	}
	if !c.over.Load() { // else the deadline of the close is set
		_ = c.conn.SetWriteDeadline(deadline)
	}
	waiting, c.queue, c.torn = c.queue, nil, false
	for _, frames := range waiting {
		n += len(frames)
	}
	return waiting, n
}

// fail gives up a connection that could not be written to.
func (c *client) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if errors.Is(err, os.ErrDeadlineExceeded) && !c.over.Load() {
		c.hub.counts.count(CloseSlow)
	}
	c.cut()
}

// cut makes the reader stop, and it closes the socket; what lies in the kernel is thrown away. The caller holds c.mu.
func (c *client) cut() {
	c.over.Store(true)
	if tcp, ok := c.socket.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.conn.SetDeadline(time.Unix(1, 0))
}

// end says goodbye with a close code. The connection is given CloseWait to take it.
func (c *client) end(code int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.over.Load() {
		c.finish(code, newTryer())
	}
}

// finish drops whatever has not begun to go out and sends the close instead. The caller holds c.mu.
func (c *client) finish(code int, try *tryer) {
	c.over.Store(true)
	c.hub.counts.count(code)
	_ = c.conn.SetDeadline(time.Now().Add(c.hub.config.CloseWait))
	if c.torn {
		c.queue = c.queue[:1]
	} else {
		c.queue = nil
	}
	c.push(closeFrame(code), try)
	if !c.writing {
		c.hangUp()
	}
}

// hangUp tells the other side that nothing more will come. It answers by closing, and the reader notices.
func (c *client) hangUp() {
	if half, ok := c.conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
}

// beat sends the heartbeat if it is due, and ends a connection that has not answered the last two.
func (c *client) beat(now time.Time, frames []byte, try *tryer) {
	if now.Before(c.due) {
		return
	}
	c.due = now.Add(c.hub.config.Beat)
	if c.heard.Swap(0) > 0 {
		c.silent = 0
	}
	if c.silent == 2 {
		c.end(CloseSlow)
		return
	}
	c.silent++
	c.send(frames, try)
}

// read hears the connection out. It is the goroutine that closes it.
func (c *client) read() {
	defer c.leave()
	code := c.listen()
	if code == 0 {
		return
	}
	c.end(code)
	_, _ = io.Copy(io.Discard, c.conn) // until it hangs up, or CloseWait is over
}

func (c *client) leave() {
	c.mu.Lock()
	c.over.Store(true)
	c.mu.Unlock()
	_ = c.socket.Close()
	c.hub.remove(c)
}

// listen returns the code to end the connection with, or 0 when it is broken already.
func (c *client) listen() (code int) {
	const perBeat = 64 // frames that no browser comes near
	for {
		opcode, body, err := readFrame(c.conn, c.heardBytes[:])
		refused, isOffence := errors.AsType[offence](err)
		switch {
		case isOffence:
			return int(refused)
		case err != nil:
			return 0
		case opcode == opClose:
			return answerToClose(body)
		case c.heard.Add(1) > perBeat:
			return websocket.ClosePolicyViolation
		case opcode == opPing:
			c.send(appendFrame(nil, opPong, body), newTryer())
		}
	}
}
