// Package adminpages holds the pages of whoever runs the server: how it is
// doing, in plain words, who is here, what was done. It reads no dialogue: an
// administrator has no right to what people say by being one.
package adminpages

import (
	"context"
	"net/http"
	"time"

	"gorm.io/gorm"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server/i18n"
	"github.com/vcm-forum/forum/server/page"
	"github.com/vcm-forum/forum/server/signin"
)

// Health is what only the running program knows about itself.
type Health struct {
	Version string
	Engine  string // SQLite or PostgreSQL, with its version
	Started time.Time
	Sockets int // phones and screens connected now
	// LastBackup is when the newest backup was finished; zero for never.
	LastBackup time.Time
	// BackupEvery is how often backups run by themselves; 0 for never.
	BackupEvery time.Duration
	// Mail says since when letters are not accepted and how many wait; zero when
	// all is well or no mail is set up.
	MailFailing time.Time
	MailWaiting int
	// DiskFull is the used share of the disk with the data, 0 to 1; below 0
	// when it cannot be told.
	DiskFull float64
	// ReadOnly says that writing failed when it was last tried.
	ReadOnly bool
}

// Pages are the operator's pages. A nil func means that the server cannot do
// it, and the page says so.
type Pages struct {
	Kit    *page.Kit
	People *people.Service
	Logins *signin.Service
	Read   *gorm.DB
	Health func(ctx context.Context) Health
	// Backup begins a backup; it may go on after it returned.
	Backup func(ctx context.Context) error
	// TestMail sends a letter that says it is a test and waits for the mail
	// server's answer.
	TestMail func(ctx context.Context, to string, language i18n.Language) error
	// InviteConvener makes a link that makes an account which may create
	// dialogues, and returns its token. With an address it is for that address.
	InviteConvener func(ctx context.Context, by people.Actor, email string) (token string, link signin.Link, err error)
	// SendInvite mails such a link; nil without mail.
	SendInvite func(ctx context.Context, to string, language i18n.Language, link signin.Link, url string) error
}

// formed is a page around one form. Fields find their hints by their names.
type formed struct {
	page.Base
	Form page.Form
} //i18n:admin.invite_email.hint

// statusOf is 422 for a page that comes back with problems.
func statusOf(invalid people.Invalid) int {
	if len(invalid) > 0 {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

func goTo(r *page.Request, path string) error { return r.Redirect(http.StatusSeeOther, path) }

// crumbs lead from the operator's page to another.
func crumbs(r *page.Request, last string) []page.Crumb {
	return []page.Crumb{{Path: "/admin", Name: r.P.T("admin.title")}, {Name: last}}
}

// zone is the reader's time zone; UTC where they have not said one.
func zone(r *page.Request) *time.Location {
	z, err := time.LoadLocation(r.Actor.Person.TimeZone)
	if err != nil {
		return time.UTC
	}
	return z
}

// checkEmail notes in v what is wrong with an address, and returns its stored form.
func checkEmail(v people.Invalid, email string) string {
	profile := people.Profile{Name: "-", Email: email, StakeholderGroup: people.Research}
	if problem, bad := profile.Check()["email"]; bad {
		v.Add("email", problem.Key, problem.Args...)
	}
	if profile.Email == "" {
		v.Add("email", "error.required")
	}
	return profile.Email
}
