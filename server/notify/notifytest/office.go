// Package notifytest is a mail server for tests, spoken to over real sockets.
package notifytest

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

// Office is a mail server in this process, spoken to over real sockets.
type Office struct {
	Port  int
	Roots *x509.CertPool
	// What it refuses.
	RefuseMail, RefuseRcpt error

	mu       sync.Mutex
	letters  []Letter
	sessions int
	secret   bool
	user     string
}

// Sessions is how many conversations there were, whatever came of them.
func (o *Office) Sessions() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.sessions
}

// Private tells whether the last mail came over TLS.
func (o *Office) Private() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.secret
}

// User is who authenticated; "" for nobody.
func (o *Office) User() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.user
}

// Letter is a mail as the server took it.
type Letter struct{ From, To, Data string }

// Open starts a post office. mode is how it wants to be spoken to; "deaf" is a
// server that has no TLS at all.
func Open(t *testing.T, mode notify.TLS) *Office {
	t.Helper()
	office := &Office{Roots: x509.NewCertPool()}
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
	office.Port = listener.Addr().(*net.TCPAddr).Port
	if mode != notify.Plain {
		settings := &tls.Config{Certificates: []tls.Certificate{certificate(t, office.Roots)}, MinVersion: tls.VersionTLS12}
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

// Taken returns the letters so far.
func (o *Office) Taken() []Letter {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]Letter(nil), o.letters...)
}

// counter is one conversation.
type counter struct {
	office *Office
	conn   *smtp.Conn
	now    Letter
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
	c.now.From = from
	return c.office.RefuseMail
}

func (c *counter) Rcpt(to string, _ *smtp.RcptOptions) error {
	c.now.To += to
	return c.office.RefuseRcpt
}

func (c *counter) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	_, private := c.conn.TLSConnectionState()
	c.office.mu.Lock()
	defer c.office.mu.Unlock()
	c.now.Data = string(data)
	c.office.letters = append(c.office.letters, c.now)
	c.office.secret = private
	return nil
}

func (c *counter) Reset()        { c.now = Letter{} }
func (c *counter) Logout() error { return nil }
