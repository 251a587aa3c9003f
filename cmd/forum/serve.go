package main

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"

	"github.com/vcm-forum/forum/server"
	"github.com/vcm-forum/forum/server/backup"
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
	Demo           bool     `help:"Fill an empty forum with invented people, dialogues and consultations, and print links that sign in as them." env:"FORUM_DEMO"`
	LAN            bool     `name:"lan" help:"Serve a hall without internet: listen on the local network by plain HTTP and print that address." env:"FORUM_LAN"`
	MetricsAddr    string   `help:"Loopback address for figures in the format of Prometheus; without it none are served." env:"FORUM_METRICS_ADDR"`

	HTTPS  httpsFlags   `embed:""`
	SMTP   mailFlags    `embed:"" prefix:"smtp-"`
	Backup backupFlags  `embed:"" prefix:"backup-"`
	Seal   consultFlags `embed:""`
}

// Run serves until the program is told to stop.
func (c *serveCommand) Run(p *program) error {
	db, err := c.open(p)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // the writer has stopped; what is left is reading
	listener, err := c.listen(p.ctx)
	if err != nil {
		return err
	}
	trusted, err := server.Networks(c.TrustedProxies)
	if err != nil {
		return fmt.Errorf("trusted proxies: %w", err)
	}
	addresses := c.addresses(listener)
	base := addresses[0]
	if err := c.checkOpen(listener, base); err != nil {
		return err
	}
	https, err := c.HTTPS.configure(c.Data, c.logger(p.err))
	if err != nil {
		return err
	}
	mailer, err := c.SMTP.mailer(base)
	if err != nil {
		return err
	}
	cfg := server.Config{
		DB: db, BaseURL: base, Hosts: c.HTTPS.ACMEDomain, Trusted: trusted, LAN: c.LAN, Demo: c.Demo, Logger: c.logger(p.err), Version: version,
		Mail: mailer,
	}
	for _, code := range c.Languages {
		cfg.Languages = append(cfg.Languages, i18n.Language(code))
	}
	beside := c.Backup.apply(&cfg, backup.Source{DB: db, Evidence: c.Seal.evidenceOf(c.Data), Program: version})
	endSigner, err := c.Seal.apply(p, &cfg, db, c.Data)
	if err != nil {
		return err
	}
	defer endSigner()
	srv, err := server.New(cfg)
	if err != nil {
		return err
	}
	if c.Demo {
		if _, err := seedDemo(p.ctx, db, srv.Consultations()); err != nil {
			return err
		}
	}
	if c.MetricsAddr != "" {
		if err := serveMetrics(p, c.MetricsAddr, srv.Metrics()); err != nil {
			return err
		}
	}
	defer together(p.ctx, beside)()
	if err := c.greet(p, srv, addresses); err != nil {
		return err
	}
	return srv.Serve(p.ctx, listener, https)
}

// together runs something beside the server. The function it returns ends that
// and waits for it: the database is not closed under a backup.
func together(ctx context.Context, beside func(context.Context)) (end func()) {
	ctx, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { beside(ctx) })
	return func() { stop(); running.Wait() }
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

// addresses are how people reach the forum, the one to give away first: as
// told, or where it listens, which in a hall is every address of the machine.
func (c *serveCommand) addresses(listener net.Listener) []string {
	if c.BaseURL != "" {
		return []string{strings.TrimRight(c.BaseURL, "/")}
	}
	scheme, hosts := "http", []string{"127.0.0.1"}
	if c.HTTPS.CertFile != "" || len(c.HTTPS.ACMEDomain) > 0 {
		scheme = "https"
	}
	address, listens := listener.Addr().(*net.TCPAddr)
	switch {
	case len(c.HTTPS.ACMEDomain) > 0:
		return prefixed(scheme+"://", c.HTTPS.ACMEDomain)
	case !listens:
		return []string{scheme + "://" + listener.Addr().String()}
	case !address.IP.IsUnspecified():
		hosts = []string{address.IP.String()}
	case c.LAN:
		hosts = append(hallAddresses(), hosts...)
	}
	port := strconv.Itoa(address.Port)
	for i, host := range hosts {
		hosts[i] = net.JoinHostPort(host, port)
	}
	return prefixed(scheme+"://", hosts)
}

func prefixed(prefix string, list []string) []string {
	out := make([]string, len(list))
	for i, item := range list {
		out[i] = prefix + item
	}
	return out
}

// greet prints where the forum is and how to get in: in a demonstration a link
// for each invented person, on an empty server one for the first administrator.
func (c *serveCommand) greet(p *program, srv *server.Server, addresses []string) error {
	base := addresses[0]
	fmt.Fprintln(p.out, "listening on", base)
	for _, other := range addresses[1:] {
		fmt.Fprintln(p.out, "also at", other)
	}
	if c.LAN {
		fmt.Fprint(p.out, terminalQR(base))
	}
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
