package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

// guest is one person's phone: cookies, the session's page, a socket.
type guest struct {
	base string
	web  *http.Client
	path string // of the session, /sessions/ID

	room, csrf, question string // as the session's page says
	epoch, after         int64  // where the page stands in the record
}

// What a page says to a script. It is read as a script would: by names and ids.
var (
	formToken  = regexp.MustCompile(`name="csrf" value="([^"]+)"`)
	pageToken  = regexp.MustCompile(`data-csrf="([^"]+)"`)
	pageRoom   = regexp.MustCompile(`data-room="([^"]+)"`)
	pageEpoch  = regexp.MustCompile(`data-epoch="([0-9]+)"`)
	pageAfter  = regexp.MustCompile(`data-after="([0-9]+)"`)
	pageOption = regexp.MustCompile(`name="question"(?s:.*?)<option value="([0-9a-f-]{36})"`)
)

// newGuest shares connections with the other guests, and nothing else.
func newGuest(base string, transport http.RoundTripper) (*guest, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, fmt.Errorf("make a cookie jar: %w", err)
	}
	return &guest{base: base, web: &http.Client{
		Jar: jar, Transport: transport, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// answer is what a request came back with.
type answer struct {
	status   string // "200 OK"
	code     int
	location string
	body     string
}

// send makes one request; fields make it a form.
func (g *guest) send(ctx context.Context, path string, fields url.Values, header http.Header) (answer, error) {
	method, body := http.MethodGet, ""
	if fields != nil {
		method, body = http.MethodPost, fields.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, g.base+path, strings.NewReader(body))
	if err != nil {
		return answer{}, fmt.Errorf("make request: %w", err)
	}
	maps.Copy(req.Header, header)
	if fields != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", g.base)
	}
	res, err := g.web.Do(req)
	if err != nil {
		return answer{}, fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return answer{}, fmt.Errorf("%s %s: %w", method, path, err)
	}
	return answer{res.Status, res.StatusCode, res.Header.Get("Location"), string(raw)}, nil
}

// enter joins the session by its code.
func (g *guest) enter(ctx context.Context, code, name, group string) error {
	door, err := g.send(ctx, "/join/"+code, nil, nil)
	if err != nil {
		return err
	}
	token := found(formToken, door.body)
	if token == "" {
		return fmt.Errorf("no session can be joined with the code %s", code)
	}
	in, err := g.send(ctx, "/join/"+code, url.Values{"csrf": {token}, "name": {name}, "group": {group}, "country": {"KE"}}, nil)
	if err != nil {
		return err
	}
	if g.path = in.location; in.code != http.StatusSeeOther || !strings.HasPrefix(g.path, "/sessions/") {
		return fmt.Errorf("joining was answered %s", in.status)
	}
	return nil
}

// open loads the session's page.
func (g *guest) open(ctx context.Context) error {
	shown, err := g.send(ctx, g.path, nil, nil)
	if err != nil {
		return err
	}
	page := shown.body
	g.room, g.csrf, g.question = found(pageRoom, page), found(pageToken, page), found(pageOption, page)
	g.epoch, _ = strconv.ParseInt(found(pageEpoch, page), 10, 64)
	g.after, _ = strconv.ParseInt(found(pageAfter, page), 10, 64)
	if g.room == "" || g.question == "" {
		return fmt.Errorf("the session's page (%s) is not that of a live session with a question", shown.status)
	}
	return nil
}

// socket opens a socket that continues after a line.
func (g *guest) socket(ctx context.Context, after int64) (*websocket.Conn, error) {
	given, err := g.send(ctx, "/live/ticket", url.Values{"room": {g.room}, "view": {"room"}}, http.Header{"X-Csrf-Token": {g.csrf}})
	if err != nil {
		return nil, err
	}
	var pass struct{ Ticket string }
	if err := json.Unmarshal([]byte(given.body), &pass); err != nil || pass.Ticket == "" {
		return nil, fmt.Errorf("asking for a ticket was answered %s", given.status)
	}
	query := url.Values{"ticket": {pass.Ticket}, "epoch": {strconv.FormatInt(g.epoch, 10)}, "after": {strconv.FormatInt(after, 10)}}
	dialer := websocket.Dialer{Jar: g.web.Jar, ReadBufferSize: 8 << 10, HandshakeTimeout: 30 * time.Second}
	conn, res, err := dialer.DialContext(ctx, "ws"+strings.TrimPrefix(g.base, "http")+"/live?"+query.Encode(), http.Header{"Origin": {g.base}})
	if err != nil {
		return nil, fmt.Errorf("open socket: %w", err)
	}
	_ = res.Body.Close()
	return conn, nil
}

// receipt is what a write is answered with once it is on disk.
type receipt struct {
	Room  string
	Epoch int64
	Seq   int64
	ID    string
}

// say contributes under a key, so that a repetition is the same contribution.
func (g *guest) say(ctx context.Context, key, text string) (receipt, error) {
	var r receipt
	fields := url.Values{
		"csrf": {g.csrf}, "question": {g.question}, "kind": {"experience"}, "language": {"en"}, "attribution": {"named"}, "body": {text},
	}
	said, err := g.send(ctx, g.path+"/contributions", fields, http.Header{"Accept": {"application/json"}, "Idempotency-Key": {key}})
	if err != nil {
		return r, err
	}
	if said.code != http.StatusOK {
		return r, fmt.Errorf("contributing was answered %s", said.status)
	}
	if err := json.Unmarshal([]byte(said.body), &r); err != nil || r.Seq == 0 {
		return r, fmt.Errorf("contributing was answered %.80q", said.body)
	}
	return r, nil
}

func found(pattern *regexp.Regexp, page string) string {
	if m := pattern.FindStringSubmatch(page); m != nil {
		return m[1]
	}
	return ""
}
