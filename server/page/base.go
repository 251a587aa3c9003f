package page

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
)

// Base is what every page's struct embeds: the words, and about the reader what
// the layout shows.
type Base struct {
	Words
	Title  string  // of the page, already in the reader's language
	Plain  string  // the same where it names nobody; see [Base.Tab]
	Narrow bool    // one column of text: forms, notices
	Bare   bool    // no header and footer: live pages have their own
	Crumbs []Crumb // where the reader is; the last one is the page
	// Consults marks a page about communities: it has their stylesheet, and the way
	// to leave it at once. Every address under /communities is one.
	Consults bool
	// AllStyles loads the stylesheets of live pages and of consultations on a page that is neither.
	AllStyles bool
	HandsIn   bool  // the page takes a file: it loads the script for that
	Live      *Live // set on pages that follow a room
	Every     int   // without JavaScript the page reloads itself after this many seconds; 0 never
	// Again is where the page can be loaded again, for one that answers a form
	// and whose own address nobody can go to.
	Again string
	r     *Request
	flash string
}

// Crumb is one step of the way to a page.
type Crumb struct{ Path, Name string }

// Live says which room a page follows and from which line on.
type Live struct {
	Room    string
	Session string
	View    string // participant, console, hall, dialogue
	Epoch   int64
	After   int64
}

// Base starts a page with its title.
func (r *Request) Base(title string, crumbs ...Crumb) Base {
	return Base{Words: r.Words(), Title: title, Crumbs: crumbs, Consults: r.isUnder("/communities"), r: r, flash: r.takeFlash()}
}

// Tab is the title as the browser keeps it: in its history, among bookmarks, on the
// account's other devices, long after somebody left in a hurry. Of a page about
// communities it names no community, proposal or person.
func (b Base) Tab() string {
	if b.Consults {
		return cmp.Or(b.Plain, b.T("nav.communities"))
	}
	return b.Title
}

// CSRF is the token for the page's forms.
func (b Base) CSRF() string { return b.r.CSRF() }

// Key is a fresh idempotency key: each form that is shown may act once.
func (b Base) Key() string {
	if b.r.standing {
		return mark(keyMark)
	}
	return uuid.NewString()
}

// Reader is who looks at the page.
func (b Base) Reader() people.Person { return b.r.Actor.Person }

// SignedIn tells whether the reader is a person.
func (b Base) SignedIn() bool { return b.r.Actor.IsKnown() }

// IsGuest tells whether the reader is here without an account.
func (b Base) IsGuest() bool { return b.SignedIn() && b.Reader().Kind == people.Guest }

// Path is the address of the page, to come back to.
func (b Base) Path() string { return cmp.Or(b.Again, b.r.Context.Request().URL.RequestURI()) }

// Flash is what the last action left to say, "" for nothing.
func (b Base) Flash() string {
	if b.flash == "" {
		return ""
	}
	return b.T(b.flash)
}

// Notice is something that every page says, with fewer words for a phone.
type Notice struct{ Text, Short string }

// Notices are what every page says about this server: that it is a
// demonstration, or a hall's own network without encryption.
func (b Base) Notices() []Notice {
	var out []Notice
	if b.r.Kit.Demo {
		out = append(out, Notice{b.T("forum.demo"), b.T("forum.demo_short")})
	}
	if b.r.Kit.LAN {
		out = append(out, Notice{Text: b.T("forum.lan")})
	}
	return out
}

// Rehearsal is what every page of a rehearsal says about it; nil elsewhere.
type Rehearsal struct {
	End    string // where to end it, "" for those who may not
	Beyond string // where those go who are still in it when it ends
}

// Rehearsal tells whether the page belongs to a rehearsal.
func (b Base) Rehearsal() *Rehearsal {
	d := b.r.Seat.Dialogue
	if !d.IsRehearsal() {
		return nil
	}
	notice := &Rehearsal{Beyond: "/join"}
	if b.r.Seat.Can(dialogues.Chair) {
		notice.End, notice.Beyond = "/dialogues/"+string(d.ID)+"/rehearsal/end", "/sessions/"+string(d.RehearsalOf)+"/agenda"
	}
	return notice
}

// IsAltered tells whether the record of the community that the page is about is not
// what was sealed, which each of its pages says first.
func (b Base) IsAltered() bool {
	c := b.r.Sitting.Community
	return c != nil && c.Altered
}

// Keyed tells whether the reader's account has a passphrase or a second factor to
// show who they are by.
func (b Base) Keyed() bool { return b.r.Keyed }

// IsDemo tells whether this is a demonstration.
func (b Base) IsDemo() bool { return b.r.Kit.Demo }

// HasCommunities tells whether the menu leads to the communities in whose record
// the reader takes part. It says so to everyone with an account, so that it says
// nothing about anyone.
func (b Base) HasCommunities() bool {
	return b.r.Kit.Consultations && b.SignedIn() && !b.IsGuest()
}

// HasMail tells whether mail can be sent.
func (b Base) HasMail() bool { return b.r.Kit.Mail }

// URL makes an address of this server absolute.
func (b Base) URL(path string) string { return b.r.Kit.BaseURL + path }

// IsUnder marks the part of the site the page is in.
func (b Base) IsUnder(prefix string) bool { return b.r.isUnder(prefix) }

func (r *Request) isUnder(prefix string) bool {
	return strings.HasPrefix(r.Context.Request().URL.Path, prefix)
}

// LanguageChoice is one language of the switch.
type LanguageChoice struct {
	Code, Name string
	Current    bool
}

// LanguageChoices lists the languages of the pages under their own names.
func (b Base) LanguageChoices() []LanguageChoice {
	var out []LanguageChoice
	for _, l := range b.r.Kit.Languages {
		out = append(out, LanguageChoice{string(l), l.Endonym(), l == b.P.Lang()})
	}
	return out
}

// ZoneOptions are time zones by place, each with its distance from UTC today.
// The chosen one is among them even where we do not offer it ourselves.
func (b Base) ZoneOptions(chosen string) []Option {
	names := people.TimeZones()
	if chosen != "" && !slices.Contains(names, chosen) {
		names = append(names, chosen)
	}
	var out []Option
	for _, name := range names {
		out = append(out, Option{Value: name, Label: b.zoneLabel(name)})
	}
	return ByName(out)
}

// zoneLabel is "Lima (UTC−5)". What is no zone comes from a form and stays what it is.
func (b Base) zoneLabel(name string) string {
	zone, err := time.LoadLocation(name)
	if err != nil || name == "UTC" {
		return name
	}
	return b.Zone(name) + " (" + b.P.Offset(b.r.Kit.Now(), zone) + ")"
}
