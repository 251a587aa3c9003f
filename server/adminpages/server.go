package adminpages

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server/page"
)

type serverPage struct {
	page.Base
	Lines   []healthLine
	Counts  counts
	Health  Health
	Uptime  string
	Backup  bool // a backup can be made here
	Problem string
}

// figure is a number and what it counts.
type figure struct{ N, Of string }

// Figures are the numbers of the page.
func (s serverPage) Figures() []figure {
	n := s.Counts
	return []figure{
		{s.P.Number(int(n.Accounts)), s.T("admin.n_accounts", "n", n.Accounts)},
		{s.P.Number(int(n.Guests)), s.T("admin.n_guests", "n", n.Guests)},
		{s.P.Number(int(n.Dialogues)), s.T("admin.n_dialogues", "n", n.Dialogues)},
		{s.P.Number(int(n.Said)), s.T("admin.n_said", "n", n.Said)},
		{s.P.Number(int(n.Lines)), s.T("admin.n_lines", "n", n.Lines)},
	}
}

// healthLine is one sentence about the server's health.
type healthLine struct {
	Class string // "", is-warn or is-bad
	Icon  string
	Says  string
	More  string
	Path  string // where to do something about it
}

var serverTemplate = page.Must[serverPage]("admin/server.html")

// Server says in plain words how the server is doing.
func (p *Pages) Server(r *page.Request) error { return p.showServer(r, http.StatusOK, "") }

func (p *Pages) showServer(r *page.Request, status int, problem string) error {
	now := p.Kit.Now()
	n, err := p.count(r.Ctx(), now.Add(-time.Hour))
	if err != nil {
		return err
	}
	health := p.Health(r.Ctx())
	data := serverPage{
		Base: r.Base(r.P.T("admin.title")), Counts: n, Health: health, Uptime: r.P.Duration(now.Sub(health.Started)),
		Backup: p.Backup != nil, Problem: problem,
	}
	data.Lines = []healthLine{
		p.diskLine(r, health, n), p.backupLine(r, health), p.roomLine(r, health), p.socketLine(r, health, n), p.mailLine(r, health),
	}
	return serverTemplate.Show(r, status, data)
}

// good, warn and bad are sentences with their weight.
func good(says, more string) healthLine { return healthLine{Icon: "check", Says: says, More: more} }

func warn(says, more string) healthLine {
	return healthLine{Class: "is-warn", Icon: "warn", Says: says, More: more}
}

func bad(says, more, path string) healthLine {
	return healthLine{Class: "is-bad", Icon: "error", Says: says, More: more, Path: path}
}

// diskLine: what was acknowledged is on disk, because nothing is acknowledged
// before it is.
func (p *Pages) diskLine(r *page.Request, h Health, n counts) healthLine {
	if h.ReadOnly {
		return bad(r.P.T("admin.read_only"), r.P.T("admin.read_only_more"), "")
	}
	if n.LastHour == 0 {
		return good(r.P.T("admin.on_disk_none"), r.P.T("admin.on_disk_more"))
	}
	return good(r.P.T("admin.on_disk", "n", n.LastHour), r.P.T("admin.on_disk_more"))
}

func (p *Pages) backupLine(r *page.Request, h Health) healthLine {
	if h.LastBackup.IsZero() {
		more := r.P.T("admin.no_backup_more")
		if p.Backup == nil { // no button here makes one
			more += " " + r.P.T("admin.backup_command", "command", "forum backup --to DIR")
		}
		return warn(r.P.T("admin.no_backup"), more)
	}
	when := r.P.T("admin.backup", "time", r.P.DateTime(h.LastBackup, zone(r)), "ago", r.P.Ago(h.LastBackup, p.Kit.Now()))
	late := h.BackupEvery
	if late == 0 {
		late = 24 * time.Hour
	}
	if p.Kit.Now().Sub(h.LastBackup) > 2*late {
		return warn(when, r.P.T("admin.backup_late"))
	}
	if h.BackupEvery == 0 {
		return good(when, r.P.T("admin.backup_by_hand"))
	}
	return good(when, r.P.T("admin.backup_every", "time", r.P.Duration(h.BackupEvery)))
}

// Shares of the disk from which the operator is told and warned.
const (
	diskWarn = 0.8
	diskBad  = 0.95
)

func (p *Pages) roomLine(r *page.Request, h Health) healthLine {
	if h.DiskFull < 0 {
		return good(r.P.T("admin.disk_unknown"), r.P.T("admin.disk_unknown_more"))
	}
	says := r.P.T("admin.disk", "share", r.P.Percent(h.DiskFull))
	switch {
	case h.DiskFull >= diskBad:
		return bad(says, r.P.T("admin.disk_bad"), "")
	case h.DiskFull >= diskWarn:
		return warn(says, r.P.T("admin.disk_warn"))
	}
	return good(says, r.P.T("admin.disk_good"))
}

func (p *Pages) socketLine(r *page.Request, h Health, n counts) healthLine {
	return good(r.P.T("admin.sockets", "n", h.Sockets), r.P.T("admin.live_sessions", "n", n.Live))
}

func (p *Pages) mailLine(r *page.Request, h Health) healthLine {
	switch {
	case !p.Kit.Mail:
		return warn(r.P.T("admin.no_mail"), r.P.T("admin.no_mail_more"))
	case !h.MailFailing.IsZero():
		says := r.P.T("admin.mail_failing", "time", r.P.DateTime(h.MailFailing, zone(r)))
		return bad(says, r.P.T("admin.mail_waiting", "n", h.MailWaiting), "/admin/mail")
	}
	return good(r.P.T("admin.mail_good"), r.P.T("admin.mail_waiting", "n", h.MailWaiting))
}

// MakeBackup begins a backup now.
func (p *Pages) MakeBackup(r *page.Request) error {
	if p.Backup == nil {
		return people.ErrNotAllowed
	}
	if err := p.Backup(r.Ctx()); err != nil {
		p.Kit.Logger.ErrorContext(r.Ctx(), "backup failed", slog.Any("error", err))
		return p.showServer(r, http.StatusInternalServerError, r.P.T("admin.backup_failed"))
	}
	r.Flash("flash.admin_backed_up")
	return goTo(r, "/admin")
}
