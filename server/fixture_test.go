package server_test

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/notify"
	"github.com/vcm-forum/forum/server/signin"
)

// forum is a running server on a real port with its services.
type forum struct {
	t         *testing.T
	web       *httptest.Server
	srv       *server.Server
	people    *people.Service
	dialogues *dialogues.Service
	signin    *signin.Service
	persons   map[string]people.Actor
}

// start runs the whole server on a database and stops it with the test.
func start(t *testing.T, db *database.DB, change ...func(*server.Config)) *forum {
	t.Helper()
	web := httptest.NewUnstartedServer(nil)
	base := "http://" + web.Listener.Addr().String()
	mailer, err := notify.New(notify.Config{Host: "127.0.0.1", Port: 1, TLS: notify.Plain, From: "forum@forum.example", BaseURL: base})
	if err != nil {
		t.Fatalf("mail: %v", err)
	}
	limits := signin.DefaultLimits()
	limits[signin.PostByLogin] = signin.Limit{Burst: 1 << 20, Every: time.Microsecond} // the walk posts faster than any person
	limits[signin.PostByAddress] = limits[signin.PostByLogin]
	cfg := server.Config{
		Limits: limits, DB: db, BaseURL: base, Demo: true, Mail: mailer, Backup: func(context.Context) error { return nil },
	}
	for _, c := range change {
		c(&cfg)
	}
	srv, err := server.New(cfg)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	web.Config.Handler = srv.Handler()
	web.Start()
	ctx, stop := context.WithCancel(context.Background())
	ran := make(chan struct{})
	go func() {
		defer close(ran)
		_ = srv.Run(ctx) // ends with ctx
	}()
	f := &forum{t: t, web: web, srv: srv, persons: map[string]people.Actor{}}
	_, f.people, f.dialogues, f.signin = srv.Services()
	t.Cleanup(func() {
		web.CloseClientConnections()
		web.Close()
		writer, _, _, _ := srv.Services()
		f.signin.Wait()
		writer.Stop()
		stop()
		<-ran
	})
	return f
}

// person makes an account that may sign in.
func (f *forum) person(name string, change func(*people.Person)) people.Actor {
	f.t.Helper()
	id, err := f.people.Create(f.t.Context(), "", people.Profile{
		Name: name, StakeholderGroup: people.CivilSociety, Country: "KE", Language: "en",
	}, change)
	if err != nil {
		f.t.Fatalf("create %s: %v", name, err)
	}
	p, err := f.people.ByID(f.t.Context(), id)
	if err != nil {
		f.t.Fatalf("load %s: %v", name, err)
	}
	f.persons[name] = people.Actor{Person: p}
	return f.persons[name]
}

// must is for steps of a fixture that cannot be refused.
func (f *forum) must(receipt record.Receipt, err error) record.Receipt {
	f.t.Helper()
	if err != nil {
		f.t.Fatalf("fixture: %v", err)
	}
	return receipt
}

// browser is somebody's browser: cookies, no scripts.
type browser struct {
	f *forum
	*http.Client
	token    string
	actor    people.Actor
	signedIn bool
}

// as opens a browser that is signed in as a person; the zero Actor is a visitor.
func (f *forum) as(actor people.Actor) *browser {
	f.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		f.t.Fatalf("cookie jar: %v", err)
	}
	b := &browser{f: f, actor: actor, signedIn: actor.ID() != "", Client: &http.Client{
		Jar: jar, Timeout: 20 * time.Second, Transport: f.web.Client().Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	if actor.ID() != "" {
		started, err := f.signin.Start(f.t.Context(), actor.ID(), "test")
		if err != nil {
			f.t.Fatalf("sign in: %v", err)
		}
		address, _ := url.Parse(f.web.URL)
		jar.SetCookies(address, []*http.Cookie{{Name: "forum_login", Value: started.Token, Path: "/"}})
	}
	return b
}

// answer is what came back.
type answer struct {
	Status   int
	Location string
	Body     string
	Header   http.Header
}

func (b *browser) do(req *http.Request) answer {
	b.f.t.Helper()
	res, err := b.Do(req)
	if err != nil {
		b.f.t.Fatalf("%s %s: %v", req.Method, req.URL.Path, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.f.t.Fatalf("%s %s: %v", req.Method, req.URL.Path, err)
	}
	return answer{res.StatusCode, res.Header.Get("Location"), string(body), res.Header}
}

func (b *browser) get(path string) answer {
	b.f.t.Helper()
	req, err := http.NewRequestWithContext(b.f.t.Context(), http.MethodGet, b.f.web.URL+path, nil)
	if err != nil {
		b.f.t.Fatalf("GET %s: %v", path, err)
	}
	return b.do(req)
}

var tokenField = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

// csrf reads a token from a page with a form.
func (b *browser) csrf() string {
	b.f.t.Helper()
	if b.token == "" {
		m := tokenField.FindStringSubmatch(b.get("/join").Body)
		if m == nil {
			b.f.t.Fatal("no form token on /join")
		}
		b.token = m[1]
	}
	return b.token
}

// post sends a form with its token, as a browser without scripts does.
func (b *browser) post(path string, fields url.Values) answer {
	b.f.t.Helper()
	if fields == nil {
		fields = url.Values{}
	}
	fields.Set("csrf", b.csrf())
	req, err := http.NewRequestWithContext(b.f.t.Context(), http.MethodPost, b.f.web.URL+path, strings.NewReader(fields.Encode()))
	if err != nil {
		b.f.t.Fatalf("POST %s: %v", path, err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", b.f.web.URL)
	return b.do(req)
}
