package adminpages_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/adminpages"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
	"github.com/vcm-forum/forum/server/i18n"
	"github.com/vcm-forum/forum/server/page"
	"github.com/vcm-forum/forum/server/signin"
	"github.com/vcm-forum/forum/static"
)

// office is the operator's pages with an operator before them.
type office struct {
	*testing.T
	*adminpages.Pages
	writer *record.Writer
	me     people.Actor
	health adminpages.Health
}

var now = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

func each(t *testing.T, run func(o *office)) {
	t.Helper()
	databasetest.Each(t, func(t *testing.T, db *database.DB) { run(newOffice(t, db)) })
}

func newOffice(t *testing.T, db *database.DB) *office {
	t.Helper()
	clock := func() time.Time { return now }
	o := &office{T: t, writer: record.NewWriter(record.WriterConfig{DB: db.Write, Lanes: 1, Now: clock})}
	catalogs, err := i18n.Load()
	o.must(err)
	files, err := static.Load()
	o.must(err)
	persons := &people.Service{Writer: o.writer, Read: db.Read}
	o.health = adminpages.Health{Version: "v1.2.3", Engine: "SQLite 3.53", Started: now.Add(-time.Hour), Sockets: 7, LastBackup: now.Add(-time.Hour), DiskFull: 0.5}
	o.Pages = &adminpages.Pages{
		Kit:    &page.Kit{Catalogs: catalogs, Languages: i18n.Languages(), Files: files, Logger: slog.New(slog.DiscardHandler), BaseURL: "https://forum.test", Mail: true, Now: clock},
		People: persons, Read: db.Read, Health: func(context.Context) adminpages.Health { return o.health },
		Logins: &signin.Service{Writer: o.writer, Read: db.Read, People: persons, Now: clock},
	}
	t.Cleanup(func() {
		o.Logins.Wait()
		o.writer.Stop()
		if n := catalogs.Slips(); n != 0 {
			t.Errorf("%d texts were missing or lacked a value", n)
		}
	})
	o.me = o.person("Amina", "amina@example.org", func(p *people.Person) { p.Administrator = true })
	return o
}

func (o *office) must(err error) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
}

func (o *office) person(name, email string, change func(*people.Person)) people.Actor {
	o.Helper()
	profile := people.Profile{Name: name, Email: email, StakeholderGroup: people.IPLC, Country: "KE", Language: "en"}
	_, err := o.People.Create(o.Context(), "", profile, change)
	o.must(err)
	p, err := o.People.ByEmail(o.Context(), email)
	o.must(err)
	return people.Actor{Person: p}
}

// do asks as the operator; params are name-value pairs of the route.
func (o *office) do(handle func(*page.Request) error, target string, form url.Values, params ...string) (*httptest.ResponseRecorder, error) {
	o.Helper()
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	request := httptest.NewRequestWithContext(o.Context(), method, target, strings.NewReader(form.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	out := httptest.NewRecorder()
	c := echo.New().NewContext(request, out)
	if len(params) == 2 {
		c.SetParamNames(params[0])
		c.SetParamValues(params[1])
	}
	r := &page.Request{Context: c, Kit: o.Kit, P: o.Kit.Catalogs.Printer(i18n.English), Actor: o.me}
	r.BindForms("secret")
	return out, handle(r)
}

// page checks that an answer is a page with one heading and no key without a text.
func (o *office) page(out *httptest.ResponseRecorder, err error, status int, holds ...string) string {
	o.Helper()
	_, body, _ := strings.Cut(out.Body.String(), "<main")
	if err != nil || out.Code != status {
		o.Fatalf("answer is %d, error %v, want %d\n%s", out.Code, err, status, body)
	}
	if n := strings.Count(body, "<h1"); n != 1 {
		o.Errorf("page has %d h1, want 1", n)
	}
	if missing := keyLike.FindAllString(body, -1); missing != nil {
		o.Errorf("page shows keys instead of words: %q", missing)
	}
	for _, text := range holds {
		if !strings.Contains(body, text) {
			o.Errorf("page lacks %q\n%s", text, body)
		}
	}
	return body
}

var keyLike = regexp.MustCompile(`\b(admin|flash|error|form|action|role|group|nav)\.[a-z_]+(\.[a-z_]+)*\b`)

// sent checks that a form led on.
func (o *office) sent(out *httptest.ResponseRecorder, err error, where string) {
	o.Helper()
	if err != nil || out.Code != http.StatusSeeOther || out.Header().Get("Location") != where {
		o.Fatalf("answer is %d to %q, error %v, want a step to %q\n%s", out.Code, out.Header().Get("Location"), err, where, out.Body)
	}
}

func TestTheServerSaysInWordsHowItIsDoing(t *testing.T) {
	tests := []struct {
		name   string
		change func(*adminpages.Health)
		want   string
	}{
		{"all is well", func(*adminpages.Health) {}, "The disk is 50% full."},
		{"nothing can be written", func(h *adminpages.Health) { h.ReadOnly = true }, "Nothing can be written right now."},
		{"there is no backup", func(h *adminpages.Health) { h.LastBackup = time.Time{} }, "There is no backup yet."},
		{"the backup is late", func(h *adminpages.Health) { h.LastBackup = now.Add(-100 * time.Hour) }, "It is late"},
		{"the disk is nearly full", func(h *adminpages.Health) { h.DiskFull = 0.97 }, "Soon nothing can be written"},
		{"the disk cannot be seen", func(h *adminpages.Health) { h.DiskFull = -1 }, "cannot be told here"},
		{"mail does not go out", func(h *adminpages.Health) { h.MailFailing, h.MailWaiting = now, 3 }, "3 letters are waiting."},
	}
	each(t, func(o *office) {
		for _, tt := range tests {
			well := o.health
			tt.change(&o.health)
			out, err := o.do(o.Server, "/admin", nil)
			o.page(out, err, http.StatusOK, tt.want, "7 screens", "v1.2.3", "1 hour")
			o.health = well
		}
	})
}

func TestPeopleAreFoundSuspendedAndRestored(t *testing.T) {
	each(t, func(o *office) {
		rosa := o.person("Rosa Chumpi", "rosa@example.org", func(p *people.Person) { p.Passphrase, p.TOTPSecret = "stored passphrase", "STOREDSECRET" })
		id, path := string(rosa.ID()), "/admin/people/"+string(rosa.ID())
		out, err := o.do(o.ListPeople, "/admin/people?q=chumpi&group=iplc&kind=account", nil)
		if body := o.page(out, err, http.StatusOK, "Rosa Chumpi", "1 person"); strings.Contains(body, "Amina") || strings.Contains(body, "stored") {
			o.Error("the list shows what it should not")
		}
		out, err = o.do(o.ListPeople, "/admin/people?q=nobody", nil)
		o.page(out, err, http.StatusOK, "Nobody fits this.")
		out, err = o.do(o.Suspend, path+"/suspend", url.Values{}, "person", id)
		o.sent(out, err, path)
		out, err = o.do(o.Person, path, nil, "person", id)
		if body := o.page(out, err, http.StatusOK, "Suspended since 20 November 2026"); strings.Contains(body, "STOREDSECRET") || strings.Contains(body, "stored passphrase") {
			o.Error("the page shows a secret")
		}
		if p, err := o.People.ByID(o.Context(), rosa.ID()); err != nil || p.Active() {
			o.Errorf("Rosa is still active (%v)", err)
		}
		out, err = o.do(o.Restore, path+"/restore", url.Values{}, "person", id)
		o.sent(out, err, path)
		out, err = o.do(o.ClearSecondFactor, path+"/second-factor", url.Values{}, "person", id)
		o.sent(out, err, path)
		out, err = o.do(o.EndLogins, path+"/logins", url.Values{}, "person", id)
		o.sent(out, err, path)
		out, err = o.do(o.PeopleCSV, "/admin/people.csv?q=rosa", nil)
		if err != nil || !strings.Contains(out.Body.String(), `"account","Rosa Chumpi","rosa@example.org","iplc","KE","no","no","no","2026-11-20`) || strings.Contains(out.Body.String(), "Amina") {
			o.Errorf("table is %s (%v)", out.Body, err)
		}
	})
}

func TestRightsAreGivenButNotTakenFromTheLast(t *testing.T) {
	each(t, func(o *office) {
		rosa := o.person("Rosa", "rosa@example.org", nil)
		path := "/admin/people/" + string(rosa.ID())
		out, err := o.do(o.SetRights, path+"/rights", url.Values{"convener": {"1"}}, "person", string(rosa.ID()))
		o.sent(out, err, path)
		if p, err := o.People.ByID(o.Context(), rosa.ID()); err != nil || !p.Convener || p.Administrator {
			o.Errorf("rights are %v and %v (%v)", p.Convener, p.Administrator, err)
		}
		out, err = o.do(o.SetRights, "/admin/people/x/rights", url.Values{}, "person", string(o.me.ID()))
		o.page(out, err, http.StatusConflict, `role="alert"`)
		if _, err = o.do(o.Suspend, "/admin/people/x/suspend", url.Values{}, "person", string(o.me.ID())); !errors.Is(err, people.ErrNotAllowed) {
			o.Errorf("suspending oneself gives %v", err)
		}
	})
}

func TestMailIsTriedOut(t *testing.T) {
	each(t, func(o *office) {
		var answer error
		o.TestMail = func(context.Context, string, i18n.Language) error { return answer }
		out, err := o.do(o.Mail, "/admin/mail", nil)
		o.page(out, err, http.StatusOK, "amina@example.org")
		out, err = o.do(o.SendTestMail, "/admin/mail", url.Values{"email": {"nowhere"}})
		o.page(out, err, http.StatusUnprocessableEntity, "nowhere", `id="email-error"`)
		out, err = o.do(o.SendTestMail, "/admin/mail", url.Values{"email": {"ana@example.org"}})
		o.page(out, err, http.StatusOK, "ana@example.org", `role="status"`)
		answer = errors.New("connection refused")
		out, err = o.do(o.SendTestMail, "/admin/mail", url.Values{"email": {"ana@example.org"}})
		o.page(out, err, http.StatusBadGateway, "connection refused", "ana@example.org")
	})
}

func TestSomebodyWhoMayConveneIsInvited(t *testing.T) {
	each(t, func(o *office) {
		out, err := o.do(o.ShowInvite, "/admin/invite", nil)
		o.page(out, err, http.StatusOK, "cannot make such invitations")
		o.InviteConvener = func(context.Context, people.Actor, string) (string, signin.Link, error) {
			return signin.NewToken(), signin.Link{ExpiresAt: now.Add(time.Hour)}, nil
		}
		out, err = o.do(o.Invite, "/admin/invite", url.Values{})
		o.page(out, err, http.StatusOK, "https://forum.test/l/", `class="qr"`)
		mailed := ""
		o.SendInvite = func(_ context.Context, to string, _ i18n.Language, _ signin.Link, _ string) error {
			mailed = to
			return nil
		}
		out, err = o.do(o.Invite, "/admin/invite", url.Values{"email": {"Luis@example.org"}})
		o.sent(out, err, "/admin/invite")
		if mailed != "luis@example.org" {
			o.Errorf("mailed to %q", mailed)
		}
	})
}

func TestABackupBeginsOrSaysWhyNot(t *testing.T) {
	each(t, func(o *office) {
		if _, err := o.do(o.MakeBackup, "/admin/backup", url.Values{}); !errors.Is(err, people.ErrNotAllowed) {
			o.Errorf("without a way to back up: %v", err)
		}
		var answer error
		o.Backup = func(context.Context) error { return answer }
		out, err := o.do(o.MakeBackup, "/admin/backup", url.Values{})
		o.sent(out, err, "/admin")
		answer = errors.New("no space left")
		out, err = o.do(o.MakeBackup, "/admin/backup", url.Values{})
		o.page(out, err, http.StatusInternalServerError, `role="alert"`)
	})
}

func TestTheRecordShowsWhatWasDoneTheNewestFirst(t *testing.T) {
	each(t, func(o *office) {
		rosa := o.person("Rosa", "rosa@example.org", nil)
		for range 60 {
			o.must(o.People.Suspend(o.Context(), o.me, rosa.ID()))
		}
		out, err := o.do(o.Record, "/admin/record", nil)
		body := o.page(out, err, http.StatusOK, "Suspended: Rosa", "Amina", "62 lines")
		if !strings.Contains(body, ">62<") || strings.Contains(body, ">12<") || !strings.Contains(body, ">13<") {
			o.Error("the first page does not show lines 62 to 13")
		}
		out, err = o.do(o.Record, "/admin/record?page=2", nil)
		o.page(out, err, http.StatusOK, ">12<", ">1<", "the server")
		out, err = o.do(o.Record, "/admin/record?page=9", nil)
		o.page(out, err, http.StatusOK)
	})
}

func TestAForgottenPassphraseGetsALinkThatIsShownOnce(t *testing.T) {
	each(t, func(o *office) {
		rosa := o.person("Rosa", "rosa@example.org", nil)
		out, err := o.do(o.Person, "/admin/people/x", nil, "person", string(rosa.ID()))
		o.page(out, err, http.StatusOK, "/admin/people/"+string(rosa.ID())+"/passphrase")
		out, err = o.do(o.OfferPassphrase, "/admin/people/x/passphrase", url.Values{}, "person", string(rosa.ID()))
		body := o.page(out, err, http.StatusOK, `class="qr"`, "https://forum.test/l/")
		token := regexp.MustCompile(`forum\.test/l/([A-Za-z0-9_-]{43})`).FindStringSubmatch(body)[1]
		if link, err := o.Logins.Peek(t.Context(), token); err != nil || link.PersonID != rosa.ID() {
			t.Errorf("the link is for %s, %v", link.PersonID, err)
		}
		out, err = o.do(o.Record, "/admin/record", nil)
		o.page(out, err, http.StatusOK, "Link for a new passphrase made", "Amina", "Rosa")
		out, err = o.do(o.Person, "/admin/people/x", nil, "person", string(o.me.ID()))
		if strings.Contains(o.page(out, err, http.StatusOK), "/passphrase") {
			t.Error("an administrator can make one for themselves")
		}
	})
}
