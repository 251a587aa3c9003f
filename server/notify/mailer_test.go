package notify_test

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"github.com/vcm-forum/forum/server/notify"
	"github.com/vcm-forum/forum/server/notify/notifytest"
)

func config(office *notifytest.Office, mode notify.TLS) notify.Config {
	return notify.Config{
		Host: "127.0.0.1", Port: office.Port, TLS: mode, Roots: office.Roots,
		From: "VCM Forum <forum@forum.example>", BaseURL: "https://forum.example/base",
		Now: func() time.Time { return time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC) },
	}
}

func mailer(t *testing.T, cfg notify.Config) *notify.Mailer {
	t.Helper()
	m, err := notify.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func still(context.Context) error { return nil }

func invitation() notify.Message {
	return notify.Message{
		ID: "01999999-aaaa-7bbb-8ccc-dddddddddddd", Kind: notify.Invitation, To: "amina@mangroves.example",
		Subject: "Você está convidada: diálogo sobre manguezais", Text: "Olá Amina,\n.\nhttps://forum.example/i/abc\n", Still: still,
	}
}

func TestSend(t *testing.T) {
	for _, mode := range []notify.TLS{notify.StartTLS, notify.Implicit, notify.Plain} {
		t.Run(string(mode), func(t *testing.T) {
			office := notifytest.Open(t, mode)
			cfg := config(office, mode)
			cfg.User, cfg.Password = "forum", "long and secret"
			msg := invitation()
			msg.HTML = "<p>Olá Amina</p>"
			if err := mailer(t, cfg).Send(t.Context(), msg); err != nil {
				t.Fatalf("Send() = %v", err)
			}
			taken := office.Taken()
			if len(taken) != 1 || taken[0].From != "forum@forum.example" || taken[0].To != msg.To || office.User() != "forum" {
				t.Fatalf("the mail server took %+v from user %q", taken, office.User())
			}
			if mode == notify.StartTLS && !office.Private() {
				t.Error("the message went in the open")
			}
			got, err := netmail.ReadMessage(strings.NewReader(taken[0].Data))
			if err != nil {
				t.Fatal(err)
			}
			subject, err := new(mime.WordDecoder).DecodeHeader(got.Header.Get("Subject"))
			if err != nil || subject != msg.Subject {
				t.Errorf("subject %q, %v", subject, err)
			}
			for header, want := range map[string]string{
				"From": `"VCM Forum" <forum@forum.example>`, "To": "<amina@mangroves.example>", "Date": "Fri, 20 Nov 2026 09:00:00 +0000",
				"Message-Id": "<01999999-aaaa-7bbb-8ccc-dddddddddddd@forum.example>", "Auto-Submitted": "auto-generated",
				"X-Mailer": "", "User-Agent": "", "Bcc": "",
			} {
				if v := got.Header.Get(header); v != want {
					t.Errorf("%s: %q, want %q", header, v, want)
				}
			}
			if diff := cmp.Diff([]string{msg.Text, msg.HTML}, parts(t, got)); diff != "" {
				t.Errorf("parts (-want +got):\n%s", diff)
			}
		})
	}
}

// parts decodes the texts of a message.
func parts(t *testing.T, m *netmail.Message) []string {
	t.Helper()
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	reader := multipart.NewReader(m.Body, params["boundary"])
	var texts []string
	for {
		part, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			return texts
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, strings.ReplaceAll(string(text), "\r\n", "\n"))
	}
}

func TestWithoutAServerThereIsNoMail(t *testing.T) {
	m := mailer(t, notify.Config{BaseURL: "http://127.0.0.1:8080"})
	if err := m.Send(t.Context(), invitation()); !errors.Is(err, notify.ErrNoMail) || m.Works() {
		t.Errorf("Send() = %v, Works() = %v; want ErrNoMail", err, m.Works())
	}
	if err := (*notify.Mailer)(nil).Test(t.Context(), "a@b.example", "s", "t"); !errors.Is(err, notify.ErrNoMail) {
		t.Errorf("Test() of no mailer = %v, want ErrNoMail", err)
	}
	if got := m.URL("i", "abc"); got != "http://127.0.0.1:8080/i/abc" {
		t.Errorf("URL() = %q", got)
	}
}

func TestLinksBeginWithTheConfiguredAddress(t *testing.T) {
	m := mailer(t, notify.Config{BaseURL: "https://forum.example/base/"})
	for path, want := range map[string]string{
		"i/abc": "https://forum.example/base/i/abc", "//evil.example/x": "https://forum.example/base/evil.example/x",
		"../../x": "https://forum.example/x", "https://evil.example": "https://forum.example/base/https:/evil.example",
	} {
		if got := m.URL(path); got != want {
			t.Errorf("URL(%q) = %q, want %q", path, got, want)
		}
	}
}

// What somebody typed must not become a header, a second address or a second message.
func TestNothingTypedBecomesAHeader(t *testing.T) {
	office := notifytest.Open(t, notify.StartTLS)
	m := mailer(t, config(office, notify.StartTLS))
	change := func(alter func(*notify.Message)) notify.Message {
		msg := invitation()
		alter(&msg)
		return msg
	}
	for name, tc := range map[string]struct {
		msg  notify.Message
		want error
	}{
		"a line in the subject":         {change(func(m *notify.Message) { m.Subject = "Hi\r\nBcc: thief@evil.example" }), notify.ErrHeader},
		"a bare LF in the subject":      {change(func(m *notify.Message) { m.Subject = "Hi\nBcc: thief@evil.example" }), notify.ErrHeader},
		"a bare CR in the subject":      {change(func(m *notify.Message) { m.Subject = "Hi\rBcc: thief@evil.example" }), notify.ErrHeader},
		"NUL in the subject":            {change(func(m *notify.Message) { m.Subject = "Hi\x00" }), notify.ErrHeader},
		"a line separator":              {change(func(m *notify.Message) { m.Subject = "Hi\u2028Bcc: x" }), notify.ErrHeader},
		"next line (U+0085)":            {change(func(m *notify.Message) { m.Subject = "Hi\u0085Bcc: x" }), notify.ErrHeader},
		"broken text in the subject":    {change(func(m *notify.Message) { m.Subject = "Hi\xff" }), notify.ErrHeader},
		"no subject":                    {change(func(m *notify.Message) { m.Subject = "" }), notify.ErrHeader},
		"an endless subject":            {change(func(m *notify.Message) { m.Subject = strings.Repeat("x", 201) }), notify.ErrHeader},
		"a line in the address":         {change(func(m *notify.Message) { m.To = "a@b.example\r\nRCPT TO:<thief@evil.example>" }), notify.ErrHeader},
		"two addresses":                 {change(func(m *notify.Message) { m.To = "a@b.example, thief@evil.example" }), notify.ErrAddress},
		"a name before the address":     {change(func(m *notify.Message) { m.To = "A <a@b.example>" }), notify.ErrAddress},
		"a quoted address":              {change(func(m *notify.Message) { m.To = `"a@b.example> thief"@evil.example` }), notify.ErrAddress},
		"options after the address":     {change(func(m *notify.Message) { m.To = "a@b.example NOTIFY=SUCCESS" }), notify.ErrAddress},
		"no address":                    {change(func(m *notify.Message) { m.To = "" }), notify.ErrAddress},
		"an endless address":            {change(func(m *notify.Message) { m.To = strings.Repeat("a", 250) + "@b.example" }), notify.ErrAddress},
		"a line in the id":              {change(func(m *notify.Message) { m.ID = "x>\r\nBcc: thief@evil.example" }), notify.ErrHeader},
		"another domain in the id":      {change(func(m *notify.Message) { m.ID = "x@evil.example" }), notify.ErrHeader},
		"no words":                      {change(func(m *notify.Message) { m.Text = "" }), notify.ErrMessage},
		"words that are no text":        {change(func(m *notify.Message) { m.Text = "\xff" }), notify.ErrMessage},
		"endless words":                 {change(func(m *notify.Message) { m.HTML = strings.Repeat("x", 1<<20) }), notify.ErrMessage},
		"a kind nobody registered":      {change(func(m *notify.Message) { m.Kind = "newsletter" }), notify.ErrKind},
		"no kind":                       {change(func(m *notify.Message) { m.Kind = "" }), notify.ErrKind},
		"an invitation without a check": {change(func(m *notify.Message) { m.Still = nil }), notify.ErrKind},
	} {
		if err := m.Send(t.Context(), tc.msg); !errors.Is(err, tc.want) || !errors.Is(err, notify.ErrMessage) {
			t.Errorf("%s: Send() = %v, want %v", name, err, tc.want)
		}
	}
	if n := office.Sessions(); n != 0 {
		t.Errorf("%d conversations about messages that cannot be sent", n)
	}
}

// A body may look like SMTP; it stays a body.
func TestABodyStaysABody(t *testing.T) {
	office := notifytest.Open(t, notify.StartTLS)
	msg := invitation()
	msg.Text = "one\n.\nMAIL FROM:<thief@evil.example>\nRCPT TO:<b@c.example>\r\n.\r\nDATA\nBcc: x\n"
	if err := mailer(t, config(office, notify.StartTLS)).Send(t.Context(), msg); err != nil {
		t.Fatal(err)
	}
	if taken := office.Taken(); len(taken) != 1 || taken[0].To != msg.To || !strings.Contains(taken[0].Data, "MAIL FROM:<thief") {
		t.Errorf("the mail server took %+v, want one letter with that body", taken)
	}
}

func TestWhatMayNoLongerBeToldIsNotSent(t *testing.T) {
	office := notifytest.Open(t, notify.StartTLS)
	revoked := errors.New("revoked")
	msg := invitation()
	msg.Still = func(context.Context) error { return revoked }
	if err := mailer(t, config(office, notify.StartTLS)).Send(t.Context(), msg); !errors.Is(err, revoked) {
		t.Errorf("Send() = %v, want what the check said", err)
	}
	if taken := office.Taken(); len(taken) != 0 {
		t.Errorf("sent %d letters", len(taken))
	}
}

func TestAServerWithoutTLSGetsNeitherPasswordNorMail(t *testing.T) {
	office := notifytest.Open(t, notify.Plain)
	cfg := config(office, notify.StartTLS)
	cfg.User, cfg.Password = "forum", "long and secret"
	err := mailer(t, cfg).Send(t.Context(), invitation())
	var failed *notify.SendError
	if !errors.As(err, &failed) || !failed.Temporary {
		t.Errorf("Send() = %v, want a SendError", err)
	}
	if taken := office.Taken(); len(taken) != 0 || office.User() != "" {
		t.Errorf("took %d letters and user %q", len(taken), office.User())
	}
}

func TestAServerThatNobodyVouchesForGetsNothing(t *testing.T) {
	for _, mode := range []notify.TLS{notify.StartTLS, notify.Implicit} {
		office := notifytest.Open(t, mode)
		cfg := config(office, mode)
		cfg.Roots = notifytest.Open(t, notify.StartTLS).Roots
		if err := mailer(t, cfg).Send(t.Context(), invitation()); err == nil || len(office.Taken()) != 0 {
			t.Errorf("%s: Send() = %v, took %d letters", mode, err, len(office.Taken()))
		}
	}
}

func TestFailures(t *testing.T) {
	for _, tc := range []struct {
		name      string
		prepare   func(*notifytest.Office, *notify.Config)
		code      int
		temporary bool
	}{
		{"an unknown mailbox is final", func(o *notifytest.Office, _ *notify.Config) {
			o.RefuseRcpt = &smtp.SMTPError{Code: 550, Message: "no amina@mangroves.example here"}
		}, 550, false},
		{"a full mailbox may be tried again", func(o *notifytest.Office, _ *notify.Config) {
			o.RefuseRcpt = &smtp.SMTPError{Code: 452, Message: "amina@mangroves.example is full"}
		}, 452, true},
		{"a sender that is refused is final", func(o *notifytest.Office, _ *notify.Config) {
			o.RefuseMail = &smtp.SMTPError{Code: 553, Message: "forum@forum.example may not"}
		}, 553, false},
		{"a password that is refused for now may be tried again", func(_ *notifytest.Office, c *notify.Config) { c.User, c.Password = "forum", "wrong" }, 454, true},
		{"a server that is away may be tried again", func(_ *notifytest.Office, c *notify.Config) { c.Port = 1 }, 0, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			office := notifytest.Open(t, notify.StartTLS)
			cfg := config(office, notify.StartTLS)
			tc.prepare(office, &cfg)
			err := mailer(t, cfg).Send(t.Context(), invitation())
			var failed *notify.SendError
			if !errors.As(err, &failed) || failed.Code != tc.code || failed.Temporary != tc.temporary || failed.Cause == nil {
				t.Fatalf("Send() = %#v, want code %d, temporary %v", err, tc.code, tc.temporary)
			}
			if strings.Contains(err.Error(), "@") {
				t.Errorf("%q can be logged and names an address", err)
			}
		})
	}
}

func TestAServerThatNeverAnswersIsLeft(t *testing.T) {
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() }) // nothing depends on it
	cfg := config(&notifytest.Office{Port: listener.Addr().(*net.TCPAddr).Port}, notify.StartTLS)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	if err := mailer(t, cfg).Send(ctx, invitation()); err == nil || time.Since(began) > 10*time.Second {
		t.Errorf("Send() = %v after %v, want an error when the request ends", err, time.Since(began))
	}
}

func TestConfigurationsThatAreRefused(t *testing.T) {
	good := notify.Config{Host: "mail.example", From: "forum@forum.example", BaseURL: "https://forum.example"}
	for name, alter := range map[string]func(*notify.Config){
		"no base URL":                      func(c *notify.Config) { c.BaseURL = "" },
		"a base URL without a scheme":      func(c *notify.Config) { c.BaseURL = "forum.example" },
		"a base URL of another kind":       func(c *notify.Config) { c.BaseURL = "javascript://forum.example" },
		"a base URL with a query":          func(c *notify.Config) { c.BaseURL = "https://forum.example?x=" },
		"no sender":                        func(c *notify.Config) { c.From = "" },
		"two senders":                      func(c *notify.Config) { c.From = "a@b.example, c@d.example" },
		"a line in the sender":             func(c *notify.Config) { c.From = "Forum\r\nBcc: x <forum@forum.example>" },
		"an unknown TLS mode":              func(c *notify.Config) { c.TLS = "maybe" },
		"a password in the open":           func(c *notify.Config) { c.TLS, c.User = notify.Plain, "forum" },
		"a port that does not exist":       func(c *notify.Config) { c.Port = 70000 },
		"a password in the open, by proxy": func(c *notify.Config) { c.TLS, c.User, c.Host = notify.Plain, "forum", "127.0.0.1.evil.example" },
	} {
		cfg := good
		alter(&cfg)
		if _, err := notify.New(cfg); err == nil {
			t.Errorf("%s: New() took it", name)
		}
	}
	if _, err := notify.New(good); err != nil {
		t.Errorf("New() = %v", err)
	}
}

func TestEveryKindHasAPolicy(t *testing.T) {
	seen := map[notify.Kind]bool{}
	for _, spec := range notify.Kinds() {
		if spec.Kind == "" || spec.Policy == "" || seen[spec.Kind] {
			t.Errorf("kind %+v: want a name once, and a policy", spec)
		}
		seen[spec.Kind] = true
	}
}

// Whatever is put into a message, the mail server gets one letter to one
// address with no header that was not meant, or nothing.
func FuzzMessage(f *testing.F) {
	f.Add("amina@mangroves.example", "Hello", "words", "id-1")
	f.Add("a@b.example\r\nBcc: x@y.example", "Hi\r\nX: y", ".\r\nMAIL FROM:<x>", "a>")
	f.Add("a@[127.0.0.1]", "=?utf-8?q?=0D=0ABcc:_x@y.example?=", "\r\n.\r\n", "")
	f.Add("ü@ß.example", strings.Repeat("ä", 190), "x", "-")
	f.Fuzz(func(t *testing.T, to, subject, text, id string) {
		office := notifytest.Open(t, notify.Plain)
		m := mailer(t, config(office, notify.Plain))
		err := m.Send(t.Context(), notify.Message{ID: id, Kind: notify.TestMail, To: to, Subject: subject, Text: text})
		taken := office.Taken()
		if err != nil {
			if len(taken) != 0 {
				t.Fatalf("failed with %v and sent %d letters", err, len(taken))
			}
			return
		}
		if len(taken) != 1 || taken[0].To != to {
			t.Fatalf("took %+v, want one letter to %q", taken, to)
		}
		got, err := netmail.ReadMessage(strings.NewReader(taken[0].Data))
		if err != nil {
			t.Fatal(err)
		}
		for header := range got.Header {
			switch header {
			case "Auto-Submitted", "Content-Transfer-Encoding", "Content-Type", "Date", "From", "Message-Id",
				"Mime-Version", "Subject", "To", "X-Auto-Response-Suppress":
			default:
				t.Fatalf("header %q from subject %q, address %q", header, subject, to)
			}
		}
	})
}
