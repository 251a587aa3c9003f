package page

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/i18n"
	"github.com/vcm-forum/forum/static"
)

// Kit is what all pages share and nobody changes while the server runs.
type Kit struct {
	Catalogs *i18n.Catalogs
	// Languages are those that pages are offered in; the first is for whoever
	// reads none of them.
	Languages []i18n.Language
	Files     *static.Files
	Logger    *slog.Logger
	BaseURL   string // how people reach this server, without a slash at the end
	Secure    bool   // served by HTTPS: cookies are marked so
	LAN       bool   // a hall without internet: plain HTTP, said so on every page
	Demo      bool
	Mail      bool // mail can be sent
	// Consultations says that communities' records are kept here.
	Consultations bool
	Door          Door // asks for proof
	Now           func() time.Time
}

// Speaks takes the code of a language and tells whether pages are offered in it.
func (k *Kit) Speaks(code string) (i18n.Language, bool) {
	l := i18n.Language(code)
	return l, slices.Contains(k.Languages, l)
}

// Request is one request with all that the guard has found out about it
// before a handler runs: who asks, in which language, from which seat.
type Request struct {
	echo.Context
	Kit      *Kit
	Actor    people.Actor
	Half     bool      // the login still owes its second factor
	Opened   time.Time // when the login was opened
	Keyed    bool      // the account has a passphrase or a second factor
	Proved   bool      // this very request has shown who sends it; see [Request.Fresh]
	Asleep   bool      // the login lay idle, and the request is one that is taken all the same: it is shown nothing
	P        *i18n.Printer
	Seat     dialogues.Seat     // of the dialogue that the address names; zero otherwise
	Session  dialogues.Session  // that the address names; zero otherwise
	Sitting  consultations.Seat // with the community that the address names; zero otherwise
	secret   string             // the cookie that forms are bound to
	standing bool               // a page is rendered that may be sent again: see [Standing]
}

// Ctx is the request's context.
func (r *Request) Ctx() context.Context { return r.Context.Request().Context() }

// Call is the request as an action sees it: who, and the key of the form.
func (r *Request) Call() dialogues.Call {
	key := r.Context.Request().Header.Get("Idempotency-Key")
	if key == "" && !r.isUpload() {
		key = r.FormValue("key")
	}
	if len(key) > longestKey || !utf8.ValidString(key) || strings.ContainsRune(key, 0) {
		key = record.Digest(key) // still the same for a retry, and fit to be stored
	}
	return dialogues.Call{Actor: r.Actor, Key: key}
}

// longestKey is how long an idempotency key is kept as it came, in bytes.
const longestKey = 100

// ID parses a parameter of the address; the empty id for anything that is none.
func (r *Request) ID(param string) record.ID {
	id, _ := record.ParseID(r.Param(param))
	return id
}

// FormID parses a form field that holds an id; empty for anything that is none.
func (r *Request) FormID(field string) record.ID {
	id, _ := record.ParseID(r.FormValue(field))
	return id
}

// WantsJSON tells whether the sender asked for JSON instead of a page.
func (r *Request) WantsJSON() bool {
	return strings.Contains(r.Context.Request().Header.Get("Accept"), "application/json")
}

// Words is the request's language with the addresses of pictures.
func (r *Request) Words() Words { return Words{r.P, r.Kit.Files} }

// Names of cookies. With HTTPS they carry the prefix that binds them to this
// host and to encrypted connections (RFC 6265bis, 4.1.3).
const (
	LoginCookie    = "forum_login"
	VisitCookie    = "forum_visit"
	LanguageCookie = "forum_language"
	NearCookie     = "forum_near" // when this login was last used near a community's record
	flashCookie    = "forum_flash"
)

func (k *Kit) cookieName(name string) string {
	if k.Secure {
		return "__Host-" + name
	}
	return name
}

// SetCookie sets a cookie that scripts cannot read; a negative life deletes it.
func (r *Request) SetCookie(name, value string, life time.Duration) {
	cookie := &http.Cookie{ //nolint:gosec // Secure follows the scheme: a hall without internet has no HTTPS
		Name: r.Kit.cookieName(name), Value: value, Path: "/", HttpOnly: true,
		Secure: r.Kit.Secure, SameSite: http.SameSiteLaxMode, MaxAge: int(life.Seconds()),
	}
	if life < 0 {
		cookie.MaxAge = -1
	}
	r.Context.SetCookie(cookie)
}

// ForgetHere asks the browser, at the end of a login, to forget what it keeps of
// this site for whoever takes the phone next: pages that "back" would show, and
// what was typed and not sent (Clear-Site-Data, W3C). Cookies are taken back one
// by one, since asking for them all would reach every site of the same domain
// and the language with it. Browsers obey over HTTPS alone; forum.js does it where
// there is none. What somebody chose to keep on this phone, and what waits there to
// be delivered, stays: the form says so, and nobody else can read it.
func (r *Request) ForgetHere() {
	what := `"cache", "storage"`
	if r.FormValue("keep") == "1" {
		what = `"cache"`
	}
	r.Context.Response().Header().Set("Clear-Site-Data", what)
}

// CookieValue reads a cookie; "" without it.
func (r *Request) CookieValue(name string) string {
	cookie, err := r.Context.Cookie(r.Kit.cookieName(name))
	if err != nil {
		return ""
	}
	return cookie.Value
}

// BindForms says which secret cookie the forms of this request are bound to:
// the login's, or for a visitor one of their own, set when the first form is shown.
func (r *Request) BindForms(login string) {
	r.secret = login
	if r.secret == "" {
		r.secret = r.CookieValue(VisitCookie)
	}
}

// CSRF makes a form token: a fresh salt and the digest of salt and secret, so
// that no two pages carry the same bytes (which compression could leak).
func (r *Request) CSRF() string {
	if r.standing {
		return mark(csrfMark)
	}
	if r.secret == "" {
		r.secret = rand.Text() + rand.Text()
		r.SetCookie(VisitCookie, r.secret, 12*time.Hour)
	}
	var salt [12]byte
	_, _ = rand.Read(salt[:]) // never fails since Go 1.24
	return r.token(salt[:])
}

func (r *Request) token(salt []byte) string {
	sum := sha256.Sum256(append(append([]byte("forum form "), salt...), r.secret...))
	return base64.RawURLEncoding.EncodeToString(append(slices.Clip(salt), sum[:]...))
}

// CheckCSRF tells whether the form, or the header X-CSRF-Token, carries a token
// that this browser was given.
func (r *Request) CheckCSRF() bool {
	given := r.Context.Request().Header.Get("X-CSRF-Token")
	switch {
	case given != "":
	case r.isUpload():
		given = r.QueryParam("csrf")
	default:
		given = r.FormValue("csrf")
	}
	raw, err := base64.RawURLEncoding.DecodeString(given)
	if err != nil || len(raw) != 12+sha256.Size || r.secret == "" {
		return false
	}
	return subtle.ConstantTimeCompare([]byte(given), []byte(r.token(raw[:12]))) == 1
}

// isUpload tells whether the form brings a file. Its fields are not looked at
// before whoever takes the file does: looking would put it, in clear, into a
// folder for temporary files. So its token stands in the address, which nobody
// logs and no other site is told.
func (r *Request) isUpload() bool {
	return strings.HasPrefix(kindOf(r.Context.Request()), "multipart/")
}

// BringsFile tells whether a request brings a file or a piece of one, which nobody
// but whoever keeps it reads.
func BringsFile(req *http.Request) bool {
	kind := kindOf(req)
	return strings.HasPrefix(kind, "multipart/") || strings.HasPrefix(kind, "application/octet-stream")
}

// kindOf is the type of what a request brings, as whoever parses it reads it.
func kindOf(req *http.Request) string {
	return strings.ToLower(strings.TrimSpace(req.Header.Get("Content-Type")))
}

// Flash leaves a sentence, by its key, for the next page. A script that asked
// for JSON tells the reader itself, at once.
func (r *Request) Flash(key string) {
	if !r.WantsJSON() {
		r.SetCookie(flashCookie, key, time.Minute)
	}
}

// HasFlash tells whether the next page has something to say once.
func (r *Request) HasFlash() bool { return r.CookieValue(flashCookie) != "" }

// takeFlash reads and clears what Flash left. Only keys of the catalog are shown.
func (r *Request) takeFlash() string {
	key := r.CookieValue(flashCookie)
	if key == "" {
		return ""
	}
	r.SetCookie(flashCookie, "", -1)
	if !strings.HasPrefix(key, "flash.") || !r.P.Has(key) {
		return ""
	}
	return key
}

// Secret is the cookie this browser's forms are bound to, "" before the first form.
func (r *Request) Secret() string { return r.secret }
