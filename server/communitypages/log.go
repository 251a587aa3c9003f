package communitypages

import (
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/server/page"
)

// logPage is how far the community's record is sealed, and what it keeps for
// itself to find out whether anything was changed.
type logPage struct {
	ours
	page.Pager
	Log     consultations.LogView
	Narrow  narrow
	Entries []logLine
	Entry   string // that is looked for
	CanTake bool   // the whole record, for the community's own keeping
}

// logLine is one entry as it stands on the page.
type logLine struct {
	consultations.LogEntry
	Picture template.HTML
	Was     string   // what it is about, for the community alone
	State   string   // whether it is sealed, and by whom besides
	Sealed  []string // who has signed for it, and when; for the community alone
}

var logTemplate = page.Must[logPage]("communities/log.html")

const (
	entriesPerPage = 12
	mostEntries    = 3000 // how far back the page goes
)

// Log shows entries, the newest first, and who has signed for them. Whoever holds a
// receipt looks for its entry, to compare the short code.
func (p *Pages) Log(r *page.Request) error {
	base, err := p.open(r, "log", "room.log")
	if err != nil {
		return err
	}
	log, err := p.Consultations.Log(r.Ctx(), r.Sitting, entriesNeeded(r))
	if err != nil {
		return err
	}
	found, total := entriesOf(r, log)
	at := min(page.Number(r.QueryParam("page")), max(1, (total+entriesPerPage-1)/entriesPerPage))
	from := min(len(found), (at-1)*entriesPerPage)
	data := logPage{
		ours: base, Log: log, Pager: page.NewPager(r, at, total, entriesPerPage), Narrow: base.narrowLog(r, total), Entry: r.QueryParam("entry"),
		CanTake: log.Checkpoint != "" && r.Sitting.Can(consultations.Give, ""),
	}
	for _, e := range found[from:min(len(found), from+entriesPerPage)] {
		data.Entries = append(data.Entries, base.logLine(e))
	}
	return logTemplate.OK(r, data)
}

// narrowLog: what entries are about, the community alone sees.
func (o ours) narrowLog(r *page.Request, total int) narrow {
	n := narrowed(r, o.Root()+"/log", "")
	n.Count = o.T("community.entries_count", "n", total)
	if o.Us() {
		n = n.By(r, "about", o.T("community.entry_about"), true, page.Options(o.Words, "community.entry.", []string{"recorded", "read", "cover"}))
	}
	return n
}

// entriesNeeded is how many of the newest entries a page is made of.
func entriesNeeded(r *page.Request) int {
	if r.QueryParam("entry") != "" || r.QueryParam("about") != "" {
		return mostEntries
	}
	return min(mostEntries, page.Number(r.QueryParam("page"))*entriesPerPage)
}

// entriesOf are the entries that the address asks for, and how many there are in all.
func entriesOf(r *page.Request, log consultations.LogView) (found []consultations.LogEntry, total int) {
	entry, what := r.QueryParam("entry"), r.QueryParam("about")
	if entry == "" && what == "" {
		return log.Entries, int(min(log.Size, mostEntries))
	}
	for _, e := range log.Entries {
		fits := what == "" || (e.Kind != "" && about(e.Kind) == what)
		if fits && (entry == "" || strconv.FormatInt(e.Index, 10) == entry) {
			found = append(found, e)
		}
	}
	return found, len(found)
}

// logLine: recorded, sealed by this server, seen by a countersigning server are
// separate facts, each with its time. None says that what was recorded is true. When
// something was sealed is within moments of when it was entered: from outside the
// community nobody sees either.
func (o ours) logLine(e consultations.LogEntry) logLine {
	out := logLine{LogEntry: e, Picture: o.Picto("paper"), State: o.T("community.not_sealed")}
	ours := !e.At.IsZero()
	says := func(key string, at time.Time, name string) {
		if ours {
			out.Sealed = append(out.Sealed, o.T(key, "time", o.Moment(at), "name", name)) // i18n: community.recorded_at community.sealed_at community.seen_at
		}
	}
	if ours {
		out.Was = o.T("community.entry." + about(e.Kind)) // i18n: community.entry.*
		says("community.recorded_at", e.At, "")
	}
	if e.SealedAt.IsZero() {
		return out
	}
	out.Picture, out.State = o.Picto("receipt"), o.T("community.sealed")
	says("community.sealed_at", e.SealedAt, "")
	if len(e.Seen) > 0 {
		out.State = o.T("community.sealed_seen", "n", len(e.Seen))
	}
	for _, s := range e.Seen {
		says("community.seen_at", s.At, s.Witness)
	}
	return out
}

// about is what an entry is about, as far as a list says it.
func about(kind consultations.Kind) string {
	switch kind {
	case "record.read":
		return "read"
	case "cover":
		return "cover"
	}
	return "recorded"
}

// Checkpoint is the newest signed checkpoint, as verifiers read it.
func (p *Pages) Checkpoint(r *page.Request) error {
	if err := p.Consultations.Reading(r.Ctx(), r.Sitting, "log", ""); err != nil {
		return err
	}
	log, err := p.Consultations.Log(r.Ctx(), r.Sitting, 1)
	if err != nil {
		return err
	}
	if log.Checkpoint == "" {
		return consultations.ErrNotFound
	}
	r.Attach("checkpoint.txt")
	return r.Blob(http.StatusOK, "text/plain; charset=utf-8", []byte(log.Checkpoint))
}

// Bundle is all that the community keeps for itself, sent as it is made: recordings can
// be larger than memory. A fault after the first bytes ends the connection, so that
// nobody takes half of it for the whole. That it leaves is entered by the query itself.
func (p *Pages) Bundle(r *page.Request) error {
	r.Attach("record.zip")
	r.Response().Header().Set("Content-Type", "application/zip")
	err := p.Consultations.Bundle(r.Ctx(), r.Sitting, r.Response())
	if err == nil {
		return nil
	}
	if r.Response().Committed {
		p.Kit.Logger.ErrorContext(r.Ctx(), "a record could not be sent whole", slog.String("error", err.Error()))
		panic(http.ErrAbortHandler)
	}
	r.Response().Header().Del("Content-Disposition")
	if errors.Is(err, ledger.ErrNotSealed) {
		return consultations.ErrWrongTime
	}
	return err
}
