package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/vcm-forum/forum/server"
	"github.com/vcm-forum/forum/server/backup"
	"github.com/vcm-forum/forum/server/notify"
)

// mailFlags say how mail goes out; without a host none does.
type mailFlags struct {
	Host         string `help:"Mail server; without it no mail is sent and links are printed or handed over." env:"FORUM_SMTP_HOST"`
	Port         int    `help:"Its port; 0 means the usual one of the mode." env:"FORUM_SMTP_PORT"`
	User         string `help:"User to sign in as." env:"FORUM_SMTP_USER"`
	PasswordFile string `help:"File with the password; FORUM_SMTP_PASSWORD may hold it instead. Never a flag: others can read those." env:"FORUM_SMTP_PASSWORD_FILE" type:"path"`
	From         string `help:"Sender, such as: VCM Forum <forum@example.org>." env:"FORUM_SMTP_FROM"`
	TLS          string `name:"tls" help:"How the conversation is kept private: starttls, tls, or none for a server on this machine." enum:"starttls,tls,none" default:"starttls" env:"FORUM_SMTP_TLS"`
}

func (f mailFlags) mailer(base string) (*notify.Mailer, error) {
	password := os.Getenv("FORUM_SMTP_PASSWORD")
	if f.PasswordFile != "" {
		raw, err := os.ReadFile(f.PasswordFile)
		if err != nil {
			return nil, fmt.Errorf("read the mail password: %w", err)
		}
		password = strings.TrimRight(string(raw), "\r\n")
	}
	return notify.New(notify.Config{
		Host: f.Host, Port: f.Port, User: f.User, Password: password, From: f.From, TLS: notify.TLS(f.TLS), BaseURL: base,
	})
}

// backupFlags say when backups are made by themselves.
type backupFlags struct {
	Dir   string        `help:"Folder for backups that are made by themselves; without it none are." env:"FORUM_BACKUP_DIR" type:"path"`
	Every time.Duration `help:"How often." default:"24h" env:"FORUM_BACKUP_EVERY"`
	Keep  int           `help:"How many of the newest to keep." default:"14" env:"FORUM_BACKUP_KEEP"`
}

// apply sets up scheduled backups and the operator's button; it returns what to
// run beside the server.
func (f backupFlags) apply(cfg *server.Config, of backup.Source) func(context.Context) {
	if f.Dir == "" {
		return func(context.Context) {}
	}
	cfg.Backup = func(ctx context.Context) error {
		_, err := backup.Write(ctx, of, filepath.Join(f.Dir, "by-hand-"+time.Now().UTC().Format("20060102T150405Z")))
		return err
	}
	cfg.LastBackup = func() (time.Time, time.Duration) { return newest(f.Dir), f.Every }
	return func(ctx context.Context) {
		backup.Schedule(ctx, of, backup.Plan{Dir: f.Dir, Every: f.Every, Keep: f.Keep, Logger: cfg.Logger})
	}
}

// newest is when the newest backup in a folder was finished; zero for none.
func newest(dir string) time.Time {
	manifests, err := filepath.Glob(filepath.Join(dir, "*", "manifest.json"))
	if err != nil {
		return time.Time{}
	}
	var latest time.Time
	for _, name := range manifests {
		if info, err := os.Stat(name); err == nil && info.ModTime().After(latest) {
			latest = info.ModTime()
		}
	}
	return latest
}

// serveMetrics answers on a listener of its own, on loopback alone.
func serveMetrics(p *program, addr string, handler http.Handler) error {
	host, _, err := net.SplitHostPort(addr)
	if ip := net.ParseIP(host); err != nil || (host != "localhost" && (ip == nil || !ip.IsLoopback())) {
		return errors.New("metrics must listen on a loopback address, such as 127.0.0.1:9090")
	}
	listener, err := (&net.ListenConfig{}).Listen(p.ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("listen for metrics: %w", err)
	}
	web := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-p.ctx.Done()
		_ = web.Close() // nothing of it must outlive the server
	}()
	go func() { _ = web.Serve(listener) }() // ends with Close
	fmt.Fprintf(p.out, "metrics on http://%s\n", listener.Addr())
	return nil
}

// errOpen says that people would send their passphrases in the open.
var errOpen = errors.New("this address can be reached from other machines by plain HTTP: give --base-url https://… (behind a proxy), " +
	"a certificate (--cert-file, --key-file or --acme-domain), or --lan for a hall without internet")

// checkOpen refuses to serve the network without HTTPS, unless it is a hall's own.
func (c *serveCommand) checkOpen(listener net.Listener, base string) error {
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok || address.IP.IsLoopback() || c.LAN || strings.HasPrefix(base, "https://") {
		return nil
	}
	return errOpen
}
