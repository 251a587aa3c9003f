package peoplepages_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
	"github.com/vcm-forum/forum/server/i18n"
	"github.com/vcm-forum/forum/server/page"
	"github.com/vcm-forum/forum/server/peoplepages"
	"github.com/vcm-forum/forum/server/signin"
	"github.com/vcm-forum/forum/static"
)

const passphrase = "three goats on a hill"

// forum is the server as far as these pages need it, with a mailbox.
type forum struct {
	*testing.T
	*peoplepages.Pages
	clock   atomic.Int64 // microseconds
	mu      sync.Mutex
	letters []peoplepages.Letter
	broken  bool // the mail server accepts nothing
}

func newForum(t *testing.T) *forum {
	t.Helper()
	db := databasetest.SQLite(t)
	f := &forum{T: t}
	f.clock.Store(time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC).UnixMicro())
	writer := record.NewWriter(record.WriterConfig{DB: db.Write, Lanes: 1, Now: f.now})
	persons := &people.Service{Writer: writer, Read: db.Read}
	limits := signin.NewLimiter(f.now, nil)
	logins := &signin.Service{
		Writer: writer, Read: db.Read, People: persons, Now: f.now, Mail: true, Limits: limits,
		Hasher: signin.NewHasher(signin.HasherConfig{Cost: signin.Cost{Memory: 8, Time: 1, Threads: 1}}),
	}
	f.Pages = &peoplepages.Pages{
		Kit: f.kit(db), Dialogues: &dialogues.Service{Writer: writer, Read: db.Read, Now: f.now},
		People: persons, Logins: logins, Limits: limits, Letters: f,
	}
	t.Cleanup(func() {
		f.Wait()
		logins.Wait()
		writer.Stop()
		if n := f.Kit.Catalogs.Slips(); n != 0 {
			t.Errorf("%d texts were missing or lacked a value", n)
		}
	})
	return f
}

func (f *forum) kit(*database.DB) *page.Kit {
	catalogs, err := i18n.Load()
	f.must(err)
	files, err := static.Load()
	f.must(err)
	return &page.Kit{
		Languages: i18n.Languages(),
		Catalogs:  catalogs, Files: files, Logger: slog.New(slog.DiscardHandler), BaseURL: "https://forum.test", Secure: true,
		Mail: true, Now: f.now,
	}
}

func (f *forum) now() time.Time { return time.UnixMicro(f.clock.Load()).UTC() }

// Send keeps a letter in the mailbox.
func (f *forum) Send(_ context.Context, letter peoplepages.Letter) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.broken {
		return errors.New("connection refused")
	}
	f.letters = append(f.letters, letter)
	return nil
}

func (f *forum) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

// account makes an account that is not signed in anywhere.
func (f *forum) account(name, email string, change func(*people.Person)) people.Actor {
	f.Helper()
	profile := people.Profile{Name: name, Email: email, StakeholderGroup: people.Research, Country: "KE", Language: "en"}
	hashed, err := f.Logins.Hasher.Hash(f.Context(), passphrase)
	f.must(err)
	_, err = f.People.Create(f.Context(), "", profile, func(p *people.Person) {
		p.Passphrase = hashed
		if change != nil {
			change(p)
		}
	})
	f.must(err)
	p, err := f.People.ByEmail(f.Context(), email)
	f.must(err)
	return people.Actor{Person: p}
}

// dialogue makes an open public dialogue with a session that is planned.
func (f *forum) dialogue(by people.Actor) (record.ID, dialogues.Session) {
	f.Helper()
	call := dialogues.Call{Actor: by}
	made, err := f.Dialogues.CreateDialogue(f.Context(), call, dialogues.DialogueForm{
		Kind: dialogues.Regional, Title: "Andes", Objective: "A shared list", Language: "en", Visibility: dialogues.Public,
	})
	f.must(err)
	id := record.ID(made.Room)
	_, err = f.Dialogues.SetState(f.Context(), call, id, dialogues.Open)
	f.must(err)
	_, err = f.Dialogues.PlanSession(f.Context(), call, id, dialogues.SessionForm{
		Title: "Second meeting", StartsAt: f.now().Add(time.Hour), TimeZone: "America/Lima", Minutes: 90, Guests: true,
	})
	f.must(err)
	sessions, err := f.Dialogues.Sessions(f.Context(), id)
	f.must(err)
	return id, sessions[0]
}

// browser is somebody's phone: it keeps cookies.
type browser struct {
	*forum
	cookies map[string]*http.Cookie
	agent   string
}

func (f *forum) browser() *browser {
	return &browser{f, map[string]*http.Cookie{}, "Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"}
}

// answer is what came back.
type answer struct {
	Status int
	Where  string
	Body   string
	Clears string // what the browser is to forget
	Err    error
}

// get asks for a page, post sends a form; params are name-value pairs of the route.
func (b *browser) get(handle func(*page.Request) error, target string, params ...string) answer {
	return b.do(http.MethodGet, handle, target, nil, params)
}

func (b *browser) post(handle func(*page.Request) error, target string, form url.Values, params ...string) answer {
	return b.do(http.MethodPost, handle, target, form, params)
}

func (b *browser) do(method string, handle func(*page.Request) error, target string, form url.Values, params []string) answer {
	b.Helper()
	request := httptest.NewRequestWithContext(b.Context(), method, target, strings.NewReader(form.Encode()))
	request.Header.Set("User-Agent", b.agent)
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, c := range b.cookies {
		request.AddCookie(c)
	}
	out := httptest.NewRecorder()
	err := handle(b.request(request, out, params))
	for _, c := range out.Result().Cookies() {
		b.cookies[c.Name] = c
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
	body, readErr := io.ReadAll(out.Result().Body)
	b.must(readErr)
	return answer{out.Code, out.Header().Get("Location"), string(body), out.Header().Get("Clear-Site-Data"), err}
}

// request is what the guard makes of it.
func (b *browser) request(request *http.Request, out http.ResponseWriter, params []string) *page.Request {
	c := echo.New().NewContext(request, out)
	var names, values []string
	for i := 0; i+1 < len(params); i += 2 {
		names, values = append(names, params[i]), append(values, params[i+1])
	}
	c.SetParamNames(names...)
	c.SetParamValues(values...)
	r := &page.Request{Context: c, Kit: b.Kit, P: b.Kit.Catalogs.Printer(i18n.English)}
	token := r.CookieValue(page.LoginCookie)
	r.BindForms(token)
	if token != "" {
		presence, err := b.Logins.Who(request.Context(), token)
		if err != nil && !errors.Is(err, signin.ErrNobody) {
			b.Fatal(err)
		}
		r.Actor, r.Half = presence.Actor, errors.Is(err, signin.ErrHalf)
	}
	dialogue := r.ID("dialogue")
	var err error
	if session := r.ID("session"); session != "" {
		dialogue, err = b.Dialogues.SessionDialogue(request.Context(), session)
		b.must(err)
		r.Session, err = b.Dialogues.Session(request.Context(), dialogue, session)
		b.must(err)
	}
	if dialogue != "" {
		r.Seat, err = b.Dialogues.SeatOf(request.Context(), r.Actor, dialogue)
		b.must(err)
	}
	return r
}

// signIn signs the browser in.
func (b *browser) signIn(email string) *browser {
	b.Helper()
	got := b.post(b.SignIn, "/signin", url.Values{"email": {email}, "passphrase": {passphrase}, "next": {"/dialogues"}})
	b.want(got, "/dialogues")
	return b
}

// want checks that a form led on.
func (f *forum) want(got answer, where string) {
	f.Helper()
	if got.Err != nil || got.Status != http.StatusSeeOther || got.Where != where {
		f.Fatalf("answer is %d to %q, error %v, want a step to %q\n%s", got.Status, got.Where, got.Err, where, main(got.Body))
	}
}

// page checks that a page has one heading of the first rank and no key without a text.
func (f *forum) page(got answer, status int, holds ...string) {
	f.Helper()
	if got.Err != nil || got.Status != status {
		f.Fatalf("answer is %d, error %v, want %d\n%s", got.Status, got.Err, status, main(got.Body))
	}
	body := main(got.Body)
	if n := strings.Count(body, "<h1"); n != 1 {
		f.Errorf("page has %d h1, want 1", n)
	}
	if missing := keyLike.FindAllString(body, -1); missing != nil {
		f.Errorf("page shows keys instead of words: %q", missing)
	}
	for _, text := range holds {
		if !strings.Contains(body, text) {
			f.Errorf("page lacks %q\n%s", text, body)
		}
	}
}

var keyLike = regexp.MustCompile(`\b(account|signin|invite|link|totp|sheet|privacy|flash|error|form|action|role|group|nav)\.[a-z_]+(\.[a-z_]+)*\b`)

// main is what stands in a page's main element.
func main(body string) string {
	_, after, _ := strings.Cut(body, "<main")
	inside, _, _ := strings.Cut(after, "</main>")
	return inside
}

// tokenIn finds the token of the only link in a text.
func (f *forum) tokenIn(text string) string {
	f.Helper()
	found := regexp.MustCompile(`https://forum\.test/l/([A-Za-z0-9_-]{43})`).FindStringSubmatch(text)
	if found == nil {
		f.Fatalf("no link in %s", text)
	}
	return found[1]
}
