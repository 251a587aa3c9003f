// Package server is everything that speaks HTTP and sockets. New wires all
// parts in one visible place; routes.go is the map of the site; guard.go stands
// before every handler; errors.go says what an error means to whoever asked.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/consultations/evidence"
	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/consultations/vault"
	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/adminpages"
	"github.com/vcm-forum/forum/server/communitypages"
	"github.com/vcm-forum/forum/server/consultationpages"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/dialoguepages"
	"github.com/vcm-forum/forum/server/evidencepages"
	"github.com/vcm-forum/forum/server/i18n"
	"github.com/vcm-forum/forum/server/live"
	"github.com/vcm-forum/forum/server/notify"
	"github.com/vcm-forum/forum/server/page"
	"github.com/vcm-forum/forum/server/peoplepages"
	"github.com/vcm-forum/forum/server/signin"
	"github.com/vcm-forum/forum/static"
)

// Config is how a server is set up. Only DB and BaseURL are required.
type Config struct {
	DB      *database.DB
	BaseURL string       // how people reach it: http://host:port or https://host
	Hosts   []string     // other names that people know it by; see hosts.go
	Trusted []*net.IPNet // proxies whose X-Forwarded-For is believed; nil believes nobody
	LAN     bool         // a hall without internet
	Demo    bool         // demonstration: /design is served
	// Languages are those that pages are offered in, the default first; zero means all.
	Languages []i18n.Language
	Logger    *slog.Logger     // nil discards
	Now       func() time.Time // zero means database.Now
	Version   string
	Limits    map[signin.LimitKind]signin.Limit // nil means signin.DefaultLimits
	Mail      *notify.Mailer                    // nil: no mail; links are printed or handed over
	// Vault holds the keys of consultations; without it there are none.
	Vault *vault.Vault
	Files *evidence.Store // where evidence of consultations is kept; nil takes none
	// Sealing has the logs of consultations signed; nil leaves them as recorded.
	Sealing *ledger.Sealing
	Seals   consultations.Seals // whose signatures count
	// Backup makes a backup now; nil where the operator has set none up.
	Backup func(ctx context.Context) error
	// LastBackup tells when the newest backup was finished and how often they run.
	LastBackup func() (time.Time, time.Duration)
}

// Server is the running forum.
type Server struct {
	cfg           Config
	echo          *echo.Echo
	kit           *page.Kit
	writer        *record.Writer
	dialogues     *dialogues.Service
	people        *people.Service
	consultations *consultations.Service // nil without a vault
	signin        *signin.Service
	limits        *signin.Limiter
	hub           *live.Hub
	tickets       usedTickets
	pages         *dialoguepages.Pages
	who           *peoplepages.Pages
	admin         *adminpages.Pages
	communities   *communitypages.Pages
	talks         *consultationpages.Pages
	files         *evidencepages.Pages
	started       time.Time
	ending        chan struct{} // closed when the server has begun to stop
	probe         probe

	strangeHost atomic.Bool // the log has said that there was one
}

// New wires the parts. The database must be migrated. It fails when a route has
// no row in the access matrix or a catalog lacks a key.
func New(cfg Config) (*Server, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = database.Now
	}
	if len(cfg.Languages) == 0 {
		cfg.Languages = i18n.Languages()
	}
	if cfg.Limits == nil {
		cfg.Limits = signin.DefaultLimits()
	}
	s := &Server{cfg: cfg, started: cfg.Now(), ending: make(chan struct{})}
	if err := s.loadKit(); err != nil {
		return nil, err
	}
	s.wire()
	s.echo = echo.New()
	if err := s.routes(); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Server) loadKit() error {
	catalogs, err := i18n.Load()
	if err != nil {
		return fmt.Errorf("load catalogs: %w", err)
	}
	files, err := static.Load()
	if err != nil {
		return err
	}
	s.kit = &page.Kit{
		Catalogs: catalogs, Languages: s.cfg.Languages, Files: files, Logger: s.cfg.Logger, BaseURL: s.cfg.BaseURL,
		Secure: isHTTPS(s.cfg.BaseURL), LAN: s.cfg.LAN, Demo: s.cfg.Demo, Mail: s.cfg.Mail.Works(), Now: s.cfg.Now, Consultations: s.cfg.Vault != nil,
	}
	return nil
}

// lanes is how many batches PostgreSQL commits at once; SQLite has one writer.
const lanes = 4

// wire builds what acts and what follows: the writer's bell wakes the hub,
// which reads the record through the stream.
func (s *Server) wire() {
	db := s.cfg.DB
	stream := &dialoguepages.Stream{}
	s.hub = live.New(live.Config{Source: stream, Logger: s.cfg.Logger, Now: s.cfg.Now})
	writer := record.WriterConfig{DB: db.Write, Lanes: 1, Now: s.cfg.Now, Bell: s.ring, Logger: s.cfg.Logger}
	if db.Dialect == database.Postgres {
		writer.Lanes, writer.Notify = lanes, db.Notify
	}
	s.writer = record.NewWriter(writer)
	s.dialogues = &dialogues.Service{Writer: s.writer, Read: db.Read, Now: s.cfg.Now}
	s.people = &people.Service{Writer: s.writer, Read: db.Read}
	if s.cfg.Vault != nil {
		s.consultations = &consultations.Service{
			Writer: s.writer, Read: db.Read, Vault: s.cfg.Vault, Dialogues: s.dialogues, Files: s.cfg.Files, Now: s.cfg.Now, Host: hostOf(s.cfg.BaseURL), Words: receiptWords{s.kit.Catalogs}.of, Seals: s.cfg.Seals,
		}
	}
	s.limits = signin.NewLimiter(s.cfg.Now, s.cfg.Limits)
	s.signin = &signin.Service{
		Writer: s.writer, Read: db.Read, People: s.people, Now: s.cfg.Now,
		Hasher: signin.NewHasher(signin.HasherConfig{}), Limits: s.limits, Mail: s.cfg.Mail.Works(), OnEnd: s.cutLogins, Logger: s.cfg.Logger,
	}
	s.pages = dialoguepages.New(&dialoguepages.Pages{
		Kit: s.kit, Dialogues: s.dialogues, People: s.people, Logins: guestLogins{s.signin},
		Guesses: guesses{s.limits},
	})
	s.who = &peoplepages.Pages{Kit: s.kit, Dialogues: s.dialogues, People: s.people, Logins: s.signin, Limits: s.limits, Consultations: s.consultations}
	letters := letters{s.cfg.Mail, s.kit.Catalogs, s.signin}
	s.who.Letters = letters
	s.admin = s.adminPages(letters)
	s.communities = &communitypages.Pages{Kit: s.kit, Consultations: s.consultations, People: s.people}
	s.talks = &consultationpages.Pages{Kit: s.kit, Consultations: s.consultations, People: s.people}
	s.files = &evidencepages.Pages{Kit: s.kit, Consultations: s.consultations}
	s.kit.Door = s
	stream.Pages = s.pages
}

// guestLogins remembers a guest's phone.
type guestLogins struct{ s *signin.Service }

func (g guestLogins) StartGuest(ctx context.Context, guest record.ID, device string) (string, error) {
	started, err := g.s.Start(ctx, guest, device)
	return started.Token, err
}

// guesses limits who tries session codes, by client address. Only wrong codes
// count: a whole hall behind one address may join at once.
type guesses struct{ limits *signin.Limiter }

func (g guesses) Blocked(address string) bool {
	return g.limits.Blocked(signin.JoinByAddress, signin.ClientKey(address))
}

func (g guesses) Wrong(address string) {
	g.limits.Allow(signin.JoinByAddress, signin.ClientKey(address))
}

// ring is told of every room that grew, by this node's writer or by another
// node; it believes the number no further than to look.
func (s *Server) ring(room string, seq int64) {
	if room == record.ForumRoom {
		s.pages.NamesChanged()
		return
	}
	if s.cfg.Sealing != nil && s.consultations.Knows(room) {
		s.cfg.Sealing.Wake(room)
	}
	s.hub.Ring(room, seq)
}

// cutLogins ends the sockets of logins that are over.
func (s *Server) cutLogins(ids []record.ID) {
	over := make(map[string]bool, len(ids))
	for _, id := range ids {
		over[string(id)] = true
	}
	go s.hub.Revoke(func(sub live.Subscriber) bool { return over[sub.Login] })
}

// Handler serves requests; for tests, and for [Server.Serve].
func (s *Server) Handler() http.Handler { return s.onlyOurHosts(headAsGet(s.wrap(s.echo))) }

// Run keeps the followers alive until ctx ends, and returns when they have ended.
func (s *Server) Run(ctx context.Context) error {
	var followers sync.WaitGroup
	defer followers.Wait()
	followers.Go(func() { s.sweep(ctx) })
	followers.Go(func() { s.watch(ctx) })
	if s.consultations != nil {
		followers.Go(func() { s.checkLogs(ctx) })
		followers.Go(func() { s.tellRecipients(ctx) })
	}
	if s.cfg.Sealing != nil {
		followers.Go(func() { s.cfg.Sealing.Run(ctx) })
	}
	if s.cfg.DB.Dialect == database.Postgres {
		followers.Go(func() { s.cfg.DB.Listen(ctx, s.cfg.Logger, s.ring) })
	}
	return s.hub.Run(ctx)
}

// sweep forgets, once an hour, what has run out.
func (s *Server) sweep(ctx context.Context) {
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		_, err := s.writer.Do(ctx, record.Action{Run: record.Sweep})
		if err := errors.Join(err, s.signin.Sweep(ctx), s.dialogues.EndOldRehearsals(ctx), s.tendLogs(ctx)); err != nil {
			s.cfg.Logger.ErrorContext(ctx, "sweeping failed", slog.String("error", err.Error()))
		}
	}
}

// checkLogs holds the logs of communities against what was sealed, at the start and
// once a day.
func (s *Server) checkLogs(ctx context.Context) {
	for tick := time.NewTicker(24 * time.Hour); ; {
		findings, err := s.consultations.CheckLogs(ctx)
		for _, f := range findings {
			s.cfg.Logger.ErrorContext(ctx, "a log is not what it was", slog.String("finding", f.String()))
		}
		if err != nil && ctx.Err() == nil {
			s.cfg.Logger.ErrorContext(ctx, "the logs could not be checked", slog.String("error", err.Error()))
		}
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
		}
	}
}

// tellRecipients mails, within a minute, those whose copy no longer says how things stand.
func (s *Server) tellRecipients(ctx context.Context) {
	for tick := time.NewTicker(time.Minute); ; {
		if err := s.TellRecipients(ctx); err != nil && ctx.Err() == nil {
			s.cfg.Logger.ErrorContext(ctx, "a recipient could not be told", slog.String("error", err.Error()))
		}
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
		}
	}
}

// TellRecipients sends what waits in the outbox of consultations, where mail is sent at all.
func (s *Server) TellRecipients(ctx context.Context) error {
	if s.consultations == nil || !s.cfg.Mail.Works() {
		return nil
	}
	return letters{s.cfg.Mail, s.kit.Catalogs, s.signin}.tellOnce(ctx, s.consultations)
}

// tendLogs enters, once a day, an event that says nothing into every community's log,
// names the keys that sign it when they have changed, and removes uploads that were
// abandoned.
func (s *Server) tendLogs(ctx context.Context) error {
	if s.consultations == nil {
		return nil
	}
	return errors.Join(s.consultations.Cover(ctx), s.consultations.NameSealers(ctx), s.consultations.SweepFiles(ctx))
}

// drainTime bounds a graceful stop.
const drainTime = 10 * time.Second

// Serve answers on the listener until ctx ends, then drains: requests that were
// accepted are answered, sockets are told to come back (1012), what waits to be
// written is written.
func (s *Server) Serve(ctx context.Context, listener net.Listener, configure func(*http.Server)) error {
	web := &http.Server{
		Handler: s.Handler(), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 60 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(s.cfg.Logger.Handler(), slog.LevelDebug),
	}
	if configure != nil {
		configure(web)
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	ran := make(chan error, 1)
	go func() { ran <- s.Run(background) }()
	served := make(chan error, 1)
	go func() {
		if web.TLSConfig != nil {
			served <- web.ServeTLS(listener, "", "")
			return
		}
		served <- web.Serve(listener)
	}()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	return errors.Join(s.drain(web), //nolint:contextcheck // that context is over: draining has its own
		s.endRun(stop, ran))
}

func (s *Server) drain(web *http.Server) error {
	close(s.ending)
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	s.hub.Drain(ctx)
	if err := web.Shutdown(ctx); err != nil {
		return fmt.Errorf("drain: %w", err)
	}
	return nil
}

func (s *Server) endRun(stop context.CancelFunc, ran <-chan error) error {
	s.who.Wait()
	s.signin.Wait()
	s.writer.Stop()
	stop()
	if err := <-ran; err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// Services gives the program's other commands the same services.
func (s *Server) Services() (*record.Writer, *people.Service, *dialogues.Service, *signin.Service) {
	return s.writer, s.people, s.dialogues, s.signin
}

// Archive is a dialogue as a ZIP file; see [dialoguepages.Pages.Archive].
func (s *Server) Archive(ctx context.Context, dialogue record.ID, language i18n.Language) ([]byte, error) {
	return s.pages.Archive(ctx, dialogue, language)
}

// Consultations gives the program's other commands the service of consultations;
// nil where there are none.
func (s *Server) Consultations() *consultations.Service { return s.consultations }
