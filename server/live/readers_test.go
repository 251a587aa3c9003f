package live_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gorilla/websocket"
)

// The listeners of a benchmark live in a process of their own, so that the server's share of the processor can be told
// from theirs. It is this test binary, started with the address and the number of sockets in this variable.
const readersVar = "LIVE_BENCH_READERS"

func TestMain(m *testing.M) {
	if order := os.Getenv(readersVar); order != "" {
		if err := runReaders(order); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// crowd is the process of the listeners, seen from the server.
type crowd struct {
	size  int
	heard *bufio.Reader // one byte when all are connected, then one for each message that all have
}

func newCrowd(b *testing.B, address string, size int) *crowd {
	b.Helper()
	raiseFileLimit()
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), readersVar+"="+address+" "+strconv.Itoa(size))
	command.Stderr = os.Stderr
	hold, err := command.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { // the readers go when their input ends
		_ = hold.Close()
		_ = command.Wait()
	})
	c := &crowd{size: size, heard: bufio.NewReader(out)}
	c.await(b)
	return c
}

func (c *crowd) await(tb testing.TB) {
	if _, err := c.heard.ReadByte(); err != nil {
		tb.Errorf("the readers have gone: %v", err)
	}
}

func runReaders(order string) error {
	raiseFileLimit()
	address, count, _ := strings.Cut(order, " ")
	size, err := strconv.Atoi(count)
	if err != nil {
		return fmt.Errorf("number of readers: %w", err)
	}
	t := &tally{size: int32(size), out: os.Stdout}
	for range size {
		conn, response, err := websocket.DefaultDialer.Dial("ws://"+address, nil)
		if err != nil {
			return fmt.Errorf("connect: %w", err)
		}
		_ = response.Body.Close()
		go t.listen(conn.NetConn())
	}
	t.say()
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// tally counts who has heard which message, and reports each that all have.
type tally struct {
	size int32
	have [4096]atomic.Int32 // by number of the message, modulo
	mu   sync.Mutex
	out  io.Writer
}

func (t *tally) say() {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, _ = t.out.Write([]byte{'.'})
}

func (t *tally) listen(conn net.Conn) {
	r := bufio.NewReaderSize(conn, 16<<10)
	line := []byte(`{"seq":`)
	for n := 0; ; {
		body, err := nextBody(r)
		if err != nil {
			return
		}
		if !bytes.HasPrefix(body, line) {
			continue
		}
		slot := &t.have[n%len(t.have)]
		n++
		if slot.Add(1) == t.size {
			slot.Store(0)
			t.say()
		}
	}
}

// nextBody reads one frame as cheaply as possible. The result is valid until the next call.
func nextBody(r *bufio.Reader) ([]byte, error) {
	head, err := r.Peek(4)
	if err != nil {
		return nil, err
	}
	size, skip := int(head[1]), 2
	if size == 126 {
		size, skip = int(binary.BigEndian.Uint16(head[2:])), 4
	}
	if _, err := r.Discard(skip); err != nil {
		return nil, err
	}
	body, err := r.Peek(size)
	if err != nil {
		return nil, err
	}
	_, err = r.Discard(size)
	return body, err
}
