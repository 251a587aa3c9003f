package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/acme/autocert"

	"github.com/vcm-forum/forum/server"
	"github.com/vcm-forum/forum/server/i18n"
	"github.com/vcm-forum/forum/server/signin"
)

// serveCommand is `forum serve`.
type serveCommand struct {
	shared
	Addr           string   `help:"Address to listen on; port 0 picks a free one and prints it." default:"127.0.0.1:8080" env:"FORUM_ADDR"`
	BaseURL        string   `help:"How people reach this server, https://forum.example.org; without it the address it listens on. Requests under other names are refused." env:"FORUM_BASE_URL"`
	TrustedProxies []string `help:"Networks (CIDR) of proxies whose X-Forwarded-For is believed." env:"FORUM_TRUSTED_PROXIES"`
	Languages      []string `help:"Languages that pages are offered in; the first is for whoever reads none of them." enum:"en,es,fr,pt,id" default:"en,es,fr,pt,id" env:"FORUM_LANGUAGES"`
	Demo           bool     `help:"Fill an empty forum with invented people and dialogues, and print links that sign in as them." env:"FORUM_DEMO"`
	LAN            bool     `name:"lan" help:"Serve a hall without internet: listen on the local network by plain HTTP and print that address." env:"FORUM_LAN"`
	CertFile       string   `help:"Certificate (PEM) to serve HTTPS with, with --key-file." env:"FORUM_CERT_FILE" type:"path"`
	KeyFile        string   `help:"Key (PEM) of the certificate." env:"FORUM_KEY_FILE" type:"path"`
	ACMEDomain     []string `name:"acme-domain" help:"Names to get certificates for from Let's Encrypt; listen on :443." env:"FORUM_ACME_DOMAIN"`
	MetricsAddr    string   `help:"Loopback address for figures in the format of Prometheus; without it none are served." env:"FORUM_METRICS_ADDR"`

	SMTP   mailFlags   `embed:"" prefix:"smtp-"`
	Backup backupFlags `embed:"" prefix:"backup-"`
}

// Run serves until the program is told to stop.
func (c *serveCommand) Run(p *program) error {
	db, err := c.open(p)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // the writer has stopped; what is left is reading
	if c.Demo {
		if _, err := seedDemo(p.ctx, db); err != nil {
			return err
		}
	}
	listener, err := c.listen(p.ctx)
	if err != nil {
		return err
	}
	trusted, err := server.Networks(c.TrustedProxies)
	if err != nil {
		return fmt.Errorf("trusted proxies: %w", err)
	}
	base := c.base(listener)
	if err := c.checkOpen(listener, base); err != nil {
		return err
	}
	mailer, err := c.SMTP.mailer(base)
	if err != nil {
		return err
	}
	cfg := server.Config{
		DB: db, BaseURL: base, Hosts: c.ACMEDomain, Trusted: trusted, LAN: c.LAN, Demo: c.Demo, Logger: c.logger(p.err), Version: version,
		Mail: mailer,
	}
	for _, code := range c.Languages {
		cfg.Languages = append(cfg.Languages, i18n.Language(code))
	}
	beside := c.Backup.apply(&cfg, db)
	srv, err := server.New(cfg)
	if err != nil {
		return err
	}
	if c.MetricsAddr != "" {
		if err := serveMetrics(p.ctx, c.MetricsAddr, srv.Metrics()); err != nil {
			return err
		}
	}
	go beside(p.ctx)
	if err := c.greet(p, srv, base); err != nil {
		return err
	}
	return srv.Serve(p.ctx, listener, c.tls())
}

func (c *serveCommand) listen(ctx context.Context) (net.Listener, error) {
	addr := c.Addr
	if c.LAN && strings.HasPrefix(addr, "127.0.0.1:") {
		addr = strings.TrimPrefix(addr, "127.0.0.1")
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return listener, nil
}

// base is the address people use: as given, or where the server listens.
func (c *serveCommand) base(listener net.Listener) string {
	if c.BaseURL != "" {
		return strings.TrimRight(c.BaseURL, "/")
	}
	scheme := "http"
	if c.CertFile != "" {
		scheme = "https"
	}
	if len(c.ACMEDomain) > 0 {
		return "https://" + c.ACMEDomain[0]
	}
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		return scheme + "://" + listener.Addr().String()
	}
	host := address.IP.String()
	if address.IP.IsUnspecified() {
		host = "127.0.0.1"
		if c.LAN {
			host = localAddress()
		}
	}
	return fmt.Sprintf("%s://%s", scheme, net.JoinHostPort(host, fmt.Sprint(address.Port)))
}

// localAddress is this machine's address in the local network; loopback when it has none.
func localAddress() string {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return "127.0.0.1"
	}
	for _, a := range addresses {
		if n, ok := a.(*net.IPNet); ok && n.IP.IsPrivate() && n.IP.To4() != nil {
			return n.IP.String()
		}
	}
	return "127.0.0.1"
}

func (c *serveCommand) tls() func(*http.Server) {
	if len(c.ACMEDomain) > 0 {
		manager := &autocert.Manager{
			Prompt: autocert.AcceptTOS, HostPolicy: autocert.HostWhitelist(c.ACMEDomain...), Cache: autocert.DirCache(filepath.Join(c.Data, "certificates")),
		}
		return func(web *http.Server) { web.TLSConfig = manager.TLSConfig() }
	}
	if c.CertFile == "" {
		return nil
	}
	return func(web *http.Server) { web.TLSConfig = certificates(c.CertFile, c.KeyFile) }
}

// greet prints where the forum is and how to get in: in a demonstration a link
// for each invented person, on an empty server one for the first administrator.
func (c *serveCommand) greet(p *program, srv *server.Server, base string) error {
	fmt.Fprintln(p.out, "listening on", base)
	if c.Demo {
		return demonstrate(p, srv, base)
	}
	_, persons, _, logins := srv.Services()
	has, err := persons.HasAdministrator(p.ctx)
	if err != nil || has {
		return err
	}
	token, _, err := logins.NewLink(p.ctx, signin.LinkForm{Purpose: signin.Administrator})
	if err != nil {
		return fmt.Errorf("make the first administrator's link: %w", err)
	}
	fmt.Fprintf(p.out, "first administrator (once, within a day): %s/l/%s\n", base, token)
	return nil
}
