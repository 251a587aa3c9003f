package server

import (
	"context"
	"path/filepath"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server/adminpages"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/signin"
)

// adminPages gives the operator's pages what only the running server knows.
func (s *Server) adminPages(letters letters) *adminpages.Pages {
	a := &adminpages.Pages{
		Kit: s.kit, People: s.people, Logins: s.signin, Read: s.cfg.DB.Read, Health: s.health, Backup: s.cfg.Backup,
	}
	a.InviteConvener = s.inviteConvener
	if s.cfg.Mail.Works() {
		a.TestMail, a.SendInvite = letters.test, letters.invite
	}
	return a
}

func (s *Server) health(ctx context.Context) adminpages.Health {
	h := adminpages.Health{Version: s.cfg.Version, Engine: "SQLite", Started: s.started, Sockets: s.hub.Stats().Sockets, DiskFull: diskFull(filepath.Dir(s.cfg.DB.File))}
	if s.cfg.DB.File == "" {
		h.DiskFull = -1
	}
	if s.cfg.DB.Dialect == database.Postgres {
		h.Engine = "PostgreSQL"
	}
	if s.cfg.LastBackup != nil {
		h.LastBackup, h.BackupEvery = s.cfg.LastBackup()
	}
	h.ReadOnly = s.canWrite(ctx) != nil
	return h
}

// inviteConvener makes a link that makes an account which may create dialogues.
func (s *Server) inviteConvener(ctx context.Context, by people.Actor, email string) (string, signin.Link, error) {
	return s.signin.NewLink(ctx, signin.LinkForm{Purpose: signin.Convener, By: by.ID(), Email: email})
}
