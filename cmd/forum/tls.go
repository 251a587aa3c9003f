package main

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

// httpsFlags say how the forum serves HTTPS itself; without them a proxy does,
// or nobody.
type httpsFlags struct {
	CertFile      string   `help:"Certificate (PEM) to serve HTTPS with, with --key-file; read again when it changes." env:"FORUM_CERT_FILE" type:"path" and:"certificate" xor:"https"`
	KeyFile       string   `help:"Key (PEM) of the certificate." env:"FORUM_KEY_FILE" type:"path" and:"certificate"`
	ACMEDomain    []string `name:"acme-domain" help:"Names to get certificates for from Let's Encrypt; listen on :443." env:"FORUM_ACME_DOMAIN" xor:"https"`
	ACMEDirectory string   `name:"acme-directory" help:"Another authority to get them from." default:"https://acme-v02.api.letsencrypt.org/directory" env:"FORUM_ACME_DIRECTORY"`
}

// configure prepares the web server; nil where it serves plain HTTP. What is
// wrong with the files is said now, not to the first visitor.
func (f httpsFlags) configure(data string, logger *slog.Logger) (func(*http.Server), error) {
	var config *tls.Config
	switch {
	case len(f.ACMEDomain) > 0:
		manager := &autocert.Manager{
			Prompt: autocert.AcceptTOS, HostPolicy: autocert.HostWhitelist(f.ACMEDomain...),
			Cache: autocert.DirCache(filepath.Join(data, "certificates")), Client: &acme.Client{DirectoryURL: f.ACMEDirectory},
		}
		config = manager.TLSConfig()
	case f.CertFile != "":
		files := &certificate{cert: f.CertFile, key: f.KeyFile, logger: logger}
		if err := files.load(); err != nil {
			return nil, err
		}
		config = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: files.get}
	default:
		return nil, nil //nolint:nilnil // nothing to configure is no error
	}
	return func(web *http.Server) { web.TLSConfig = config }, nil
}

// certificate is read from files, and again when they change, so that a renewed
// one needs no restart. While the new one cannot be read, the old one serves.
type certificate struct {
	cert, key string
	logger    *slog.Logger

	mu      sync.Mutex
	loaded  *tls.Certificate
	changed [2]time.Time // of the files that were read last, whether or not they were good
}

// load reads the files if they have changed. The caller holds c.mu, or is alone.
func (c *certificate) load() error {
	var changed [2]time.Time
	for i, name := range []string{c.cert, c.key} {
		info, err := os.Stat(name)
		if err != nil {
			return fmt.Errorf("load certificate: %w", err)
		}
		changed[i] = info.ModTime()
	}
	if changed == c.changed {
		return nil
	}
	c.changed = changed
	fresh, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return fmt.Errorf("load certificate: %w", err)
	}
	c.loaded = &fresh
	return nil
}

func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.load(); err != nil {
		c.logger.Warn("the old certificate goes on serving", slog.String("error", err.Error()))
	}
	return c.loaded, nil
}
