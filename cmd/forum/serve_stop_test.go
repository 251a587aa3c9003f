package main_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// Told to stop, the server answers what it has accepted, tells sockets to come
// back, lets nobody new in, and ends well in time.
func serveUntilTold(t *testing.T, program string) {
	s := newForum(t, program, "--demo")
	s.start()
	v := visit(t, s.base)
	socket := v.follow()
	body, finish := io.Pipe()
	sent, answered := make(chan struct{}), make(chan int, 1)
	go func() { answered <- v.post("/language", body, sent) }()
	<-sent // the server has the head of a form and waits for the rest
	if _, err := io.WriteString(finish, "csrf="+url.QueryEscape(v.csrf)); err != nil {
		t.Fatal(err)
	}
	stopped := make(chan struct{})
	began := time.Now()
	go func() { defer close(stopped); s.stop() }()
	if code := closeCode(socket); code != websocket.CloseServiceRestart {
		t.Errorf("the socket ended with %d, want 1012", code)
	}
	if _, err := io.WriteString(finish, "&language=fr"); err != nil {
		t.Fatal(err)
	}
	_ = finish.Close() // never fails
	if status := <-answered; status != http.StatusSeeOther {
		t.Errorf("the form that was under way: %d, want 303", status)
	}
	<-stopped
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("stopping took %v, want at most ten seconds", took)
	}
	if answers(s.addr) {
		t.Error("somebody new was let in after the end")
	}
}

// visitor is a browser without scripts that nobody is signed in with.
type visitor struct {
	t *testing.T
	*http.Client
	base, csrf string
}

func visit(t *testing.T, base string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	v := &visitor{t: t, base: base, Client: &http.Client{Jar: jar, Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}}
	_, page := read(t, v.Client, base+"/join")
	found := regexp.MustCompile(`name="csrf" value="([^"]+)"`).FindStringSubmatch(page)
	if found == nil {
		t.Fatal("no form token on /join")
	}
	v.csrf = found[1]
	return v
}

// post sends a form whose body comes bit by bit, and says when the first of it
// is about to go.
func (v *visitor) post(path string, body io.Reader, sent chan<- struct{}) int {
	first := io.MultiReader(readerFunc(func([]byte) (int, error) { close(sent); return 0, io.EOF }), body)
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.base+path, first)
	if err != nil {
		return 0
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", v.base)
	res, err := v.Do(req)
	if err != nil {
		v.t.Logf("POST %s: %v", path, err)
		return 0
	}
	_ = res.Body.Close() // its status is enough
	return res.StatusCode
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// follow opens the socket of the first public dialogue, as its page does.
func (v *visitor) follow() *websocket.Conn {
	v.t.Helper()
	_, list := read(v.t, v.Client, v.base+"/dialogues.json")
	var dialogues []struct{ ID, Visibility string }
	if err := json.Unmarshal([]byte(list), &dialogues); err != nil || len(dialogues) == 0 {
		v.t.Fatalf("no dialogues to follow (%v)", err)
	}
	room := dialogues[0].ID
	for _, d := range dialogues {
		if d.Visibility == "public" {
			room = d.ID
		}
	}
	form := url.Values{"csrf": {v.csrf}, "room": {room}, "view": {"dialogue"}}
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.base+"/live/ticket", strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := v.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }() // it has been read
	var given struct{ Ticket string }
	if err := json.NewDecoder(res.Body).Decode(&given); err != nil {
		v.t.Fatalf("ticket: %s, %v", res.Status, err)
	}
	dialer := websocket.Dialer{Jar: v.Jar}
	address := strings.Replace(v.base, "http", "ws", 1) + "/live?epoch=0&after=0&ticket=" + url.QueryEscape(given.Ticket)
	conn, _, err := dialer.DialContext(v.t.Context(), address, http.Header{"Origin": {v.base}}) //nolint:bodyclose // an upgraded answer has no body
	if err != nil {
		v.t.Fatalf("open the socket: %v", err)
	}
	v.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// closeCode reads a socket to its end; 0 when it ends without a word.
func closeCode(conn *websocket.Conn) int {
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	for {
		_, _, err := conn.ReadMessage()
		if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
			return closed.Code
		}
		if err != nil {
			return 0
		}
	}
}
