package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/textproto"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/wneessen/go-mail"
)

// TLS says how the conversation with the mail server is kept private.
type TLS string

// TLS modes.
const (
	StartTLS TLS = "starttls" // begins in the open and refuses to go on so; the default, port 587
	Implicit TLS = "tls"      // private from the first byte; port 465
	Plain    TLS = "none"     // for a mail server on this very machine; port 25
)

// Limits of a message and of the conversation about it.
const (
	longestAddress = 254 // RFC 5321, 4.5.3.1.3
	longestSubject = 200 // characters
	longestText    = 64 << 10
	longestTalk    = 20 * time.Second
)

// Config says how mail goes out. An empty Host means that none does.
type Config struct {
	Host     string
	Port     int    // 0 means the usual one of the TLS mode
	User     string // "" means without
	Password string
	From     string // "VCM Forum <forum@example.org>" or the address alone
	TLS      TLS    // "" means StartTLS
	BaseURL  string // https://forum.example.org: every link in a mail begins with it, whatever a request claims
	// Roots are the authorities that may vouch for the mail server; nil means the system's.
	Roots *x509.CertPool
	Now   func() time.Time // nil means time.Now
}

// Message is one mail to one address.
type Message struct {
	ID      string // of its row in the outbox: the same id is the same message; "" draws one
	Kind    Kind
	To      string // the address alone
	Subject string
	Text    string
	HTML    string // optional; the same words
	// Still is asked right before the message goes, for kinds that must be
	// looked at again; an error stops it and is returned.
	Still func(context.Context) error
}

// Mailer sends mail. The zero and the nil Mailer send none.
type Mailer struct {
	cfg  Config
	from *netmail.Address
	base *url.URL
}

// New checks a configuration; it opens no connection (see [Mailer.Test]).
func New(cfg Config) (*Mailer, error) {
	base, err := url.Parse(cfg.BaseURL)
	if err != nil || (base.Scheme != "https" && base.Scheme != "http") || base.Host == "" || base.RawQuery != "" || base.Fragment != "" || base.User != nil {
		return nil, errors.New("the base URL must be like https://forum.example.org")
	}
	m := &Mailer{cfg: cfg, base: base}
	if cfg.Host == "" {
		return m, nil
	}
	if m.cfg.TLS == "" {
		m.cfg.TLS = StartTLS
	}
	if m.cfg.Now == nil {
		m.cfg.Now = time.Now
	}
	if m.from, err = netmail.ParseAddress(cfg.From); err != nil || !oneLine(cfg.From) {
		return nil, errors.New("the sender of mail must be an address, such as VCM Forum <forum@example.org>")
	}
	if m.cfg.TLS == Plain && cfg.User != "" && !loopback(cfg.Host) {
		return nil, errors.New("mail without TLS would send the password in the open: use starttls or tls")
	}
	if _, err := m.client(context.Background()); err != nil {
		return nil, err
	}
	return m, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// Works tells whether this server sends mail at all.
func (m *Mailer) Works() bool { return m != nil && m.cfg.Host != "" }

// URL makes a link of a path of this server, from the configured address alone:
// what a request calls the server is never in a mail.
func (m *Mailer) URL(path ...string) string { return m.base.JoinPath(path...).String() }

// dialUntil opens connections that are closed when ctx ends, however far the
// conversation has come: go-mail looks at its context only while it dials, and
// leaves the connection open when the greeting, STARTTLS or the password fails.
func dialUntil(ctx context.Context) mail.DialContextFunc {
	return func(dialing context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(dialing, network, address)
		if err != nil {
			return nil, fmt.Errorf("dial mail server: %w", err)
		}
		context.AfterFunc(ctx, func() { _ = conn.Close() }) // closed already when all went well
		return conn, nil
	}
}

// client sets up one conversation, which ends with ctx at the latest.
func (m *Mailer) client(ctx context.Context) (*mail.Client, error) {
	options := []mail.Option{
		mail.WithTimeout(longestTalk), mail.WithHELO(m.base.Hostname()), mail.WithoutNoop(),
		mail.WithTLSConfig(&tls.Config{ServerName: m.cfg.Host, MinVersion: tls.VersionTLS12, RootCAs: m.cfg.Roots}),
	}
	switch m.cfg.TLS {
	case StartTLS:
		options = append(options, mail.WithTLSPortPolicy(mail.TLSMandatory), mail.WithDialContextFunc(dialUntil(ctx)))
	case Implicit: // go-mail must dial itself to know that the line is private
		options = append(options, mail.WithSSLPort(false))
	case Plain:
		options = append(options, mail.WithTLSPortPolicy(mail.NoTLS), mail.WithDialContextFunc(dialUntil(ctx)))
	default:
		return nil, fmt.Errorf("mail: TLS mode must be %s, %s or %s", StartTLS, Implicit, Plain)
	}
	if m.cfg.Port != 0 {
		options = append(options, mail.WithPort(m.cfg.Port))
	}
	if m.cfg.User != "" {
		auth := mail.SMTPAuthAutoDiscover
		if m.cfg.TLS == Plain { // this machine alone, New has seen to that
			auth = mail.SMTPAuthPlainNoEnc
		}
		options = append(options, mail.WithSMTPAuth(auth), mail.WithUsername(m.cfg.User), mail.WithPassword(m.cfg.Password))
	}
	client, err := mail.NewClient(m.cfg.Host, options...)
	if err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	return client, nil
}

// Send sends one message and returns once the mail server has taken it.
// Errors: ErrNoMail; ErrMessage and what it says; *SendError; what Still says.
func (m *Mailer) Send(ctx context.Context, msg Message) error {
	if !m.Works() {
		return ErrNoMail
	}
	letter, err := m.letter(msg)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, longestTalk)
	defer cancel()
	client, err := m.client(ctx)
	if err != nil {
		return err
	}
	if msg.Still != nil {
		if err := msg.Still(ctx); err != nil {
			return fmt.Errorf("no longer to be sent: %w", err)
		}
	}
	err = client.DialAndSendWithContext(ctx, letter)
	if err != nil && !letter.IsDelivered() { // a goodbye that failed is no failure: the message was taken
		return sendError(err)
	}
	return nil
}

// Test sends the operator a mail, whose words the caller brings, to find out
// whether mail works; the Cause of its SendError says what does not.
func (m *Mailer) Test(ctx context.Context, to, subject, text string) error {
	return m.Send(ctx, Message{Kind: TestMail, To: to, Subject: subject, Text: text})
}

// letter builds a message that holds nothing but what was checked.
func (m *Mailer) letter(msg Message) (*mail.Msg, error) {
	if err := check(msg); err != nil {
		return nil, err
	}
	letter := mail.NewMsg(mail.WithNoDefaultUserAgent())
	letter.FromMailAddress(m.from)
	if err := letter.To(msg.To); err != nil {
		return nil, ErrAddress
	}
	letter.Subject(msg.Subject)
	letter.SetDateWithValue(m.cfg.Now())
	letter.SetMessageIDWithValue(m.messageID(msg.ID))
	letter.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no holiday notices back, please
	letter.SetGenHeader(mail.HeaderXAutoResponseSuppress, "All")
	letter.SetBodyString(mail.TypeTextPlain, msg.Text)
	if msg.HTML != "" {
		letter.AddAlternativeString(mail.TypeTextHTML, msg.HTML)
	}
	return letter, nil
}

// messageID names a message by its row in the outbox.
func (m *Mailer) messageID(id string) string {
	if id == "" {
		id = uuid.NewString()
	}
	_, domain, _ := strings.Cut(m.from.Address, "@")
	return id + "@" + domain
}

// check refuses whatever could become more than one message to one address.
func check(msg Message) error {
	spec, ok := specOf(msg.Kind)
	if !ok || (spec.Recheck && msg.Still == nil) {
		return ErrKind
	}
	if !oneLine(msg.To) || !oneLine(msg.Subject) || !plainID(msg.ID) {
		return ErrHeader
	}
	if utf8.RuneCountInString(msg.Subject) > longestSubject || msg.Subject == "" {
		return ErrHeader
	}
	if !validAddress(msg.To) {
		return ErrAddress
	}
	for _, part := range []string{msg.Text, msg.HTML} {
		if !utf8.ValidString(part) || strings.ContainsRune(part, 0) || len(part) > longestText {
			return ErrMessage
		}
	}
	if msg.Text == "" {
		return ErrMessage
	}
	return nil
}

// oneLine: no line end of any alphabet, no other control character.
func oneLine(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
	})
}

// plainID: letters, figures and dashes, as ids are written.
func plainID(id string) bool {
	return len(id) <= 64 && !strings.ContainsFunc(id, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-'
	})
}

// validAddress: one address and nothing beside it, without quotes or comments.
func validAddress(s string) bool {
	address, err := netmail.ParseAddress(s)
	return err == nil && address.Address == s && address.Name == "" && len(s) <= longestAddress && !strings.ContainsAny(s, "\"<>(), ;:\\")
}

// sendError keeps of a failure what may be logged.
func sendError(err error) error {
	failed := &SendError{Temporary: true, Cause: err} // what never reached the server can be tried again
	var refused *mail.SendError
	var answer *textproto.Error
	switch {
	case errors.As(err, &refused):
		failed.Code, failed.Temporary = refused.ErrorCode(), refused.IsTemp() || refused.ErrorCode() == 0
	case errors.As(err, &answer):
		failed.Code, failed.Temporary = answer.Code, answer.Code < 500
	}
	return failed
}
