package notify_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/vcm-forum/forum/server/notify"
)

// postOffice is a mail server in this process, spoken to over real sockets.
type postOffice struct {
	port  int
	roots *x509.CertPool
	// What it refuses.
	refuseMail, refuseRcpt error

	mu       sync.Mutex
	letters  []letter
	sessions int
	secret   bool // the last session was private when it was authenticated or took mail
	user     string
}

type letter struct{ from, to, data string }

// open starts a post office. mode is how it wants to be spoken to; "deaf" is a
// server that has no TLS at all.
func open(t *testing.T, mode notify.TLS) *postOffice {
	t.Helper()
	office := &postOffice{roots: x509.NewCertPool()}
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		office.mu.Lock()
		defer office.mu.Unlock()
		office.sessions++
		return &counter{office: office, conn: c}, nil
	}))
	server.Domain = "localhost"
	server.ErrorLog = quiet{}
	server.ReadTimeout, server.WriteTimeout = 10*time.Second, 10*time.Second
	server.AllowInsecureAuth = mode == notify.Plain
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	office.port = listener.Addr().(*net.TCPAddr).Port
	if mode != notify.Plain {
		settings := &tls.Config{Certificates: []tls.Certificate{certificate(t, office.roots)}, MinVersion: tls.VersionTLS12}
		if mode == notify.Implicit {
			listener = tls.NewListener(listener, settings)
		} else {
			server.TLSConfig = settings
		}
	}
	var done sync.WaitGroup
	done.Go(func() { _ = server.Serve(listener) }) // ends with Close
	t.Cleanup(func() {
		_ = listener.Close() // the server may not have begun to listen
		_ = server.Close()   // nothing depends on it
		done.Wait()
	})
	return office
}

// certificate makes a certificate for this machine and trusts it.
func certificate(t *testing.T, roots *x509.CertPool) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// quiet hears what the mail server complains of.
type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

// taken returns the letters so far.
func (o *postOffice) taken() []letter {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]letter(nil), o.letters...)
}

// counter is one conversation.
type counter struct {
	office *postOffice
	conn   *smtp.Conn
	now    letter
}

func (c *counter) AuthMechanisms() []string { return []string{sasl.Plain} }

func (c *counter) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "forum" || password != "long and secret" {
			return errors.New("who are you")
		}
		c.office.mu.Lock()
		defer c.office.mu.Unlock()
		c.office.user = user
		return nil
	}), nil
}

func (c *counter) Mail(from string, _ *smtp.MailOptions) error {
	c.now.from = from
	return c.office.refuseMail
}

func (c *counter) Rcpt(to string, _ *smtp.RcptOptions) error {
	c.now.to += to
	return c.office.refuseRcpt
}

func (c *counter) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	_, private := c.conn.TLSConnectionState()
	c.office.mu.Lock()
	defer c.office.mu.Unlock()
	c.now.data = string(data)
	c.office.letters = append(c.office.letters, c.now)
	c.office.secret = private
	return nil
}

func (c *counter) Reset()        { c.now = letter{} }
func (c *counter) Logout() error { return nil }
