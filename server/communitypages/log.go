package communitypages

import (
	"bytes"
	"errors"
	"html/template"
	"net/http"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/server/page"
)

// logPage is how far the community's record is sealed, and what it keeps for
// itself to find out whether anything was changed.
type logPage struct {
	ours
	Log     consultations.LogView
	Entries []logLine
	CanTake bool // the whole record, for the community's own keeping
}

// logLine is one entry as it stands on the page.
type logLine struct {
	consultations.LogEntry
	Picture template.HTML
	Was     string   // what it is about, for the community alone
	Sealed  []string // who has signed for it, and when
}

var logTemplate = page.Must[logPage]("communities/log.html")

// mostEntries is how many of the newest entries the page shows.
const mostEntries = 30

// Log shows the newest entries and who has signed for them.
func (p *Pages) Log(r *page.Request) error {
	base, err := p.open(r, "log", "room.log")
	if err != nil {
		return err
	}
	log, err := p.Consultations.Log(r.Ctx(), r.Sitting, mostEntries)
	if err != nil {
		return err
	}
	data := logPage{ours: base, Log: log, CanTake: log.Checkpoint != "" && r.Sitting.Can(consultations.Give, "")}
	for _, e := range log.Entries {
		data.Entries = append(data.Entries, base.logLine(e))
	}
	return logTemplate.OK(r, data)
}

// logLine: recorded, sealed by this server, seen by a countersigning server are
// separate facts, each with its time. None says that what was recorded is true.
func (o ours) logLine(e consultations.LogEntry) logLine {
	out := logLine{LogEntry: e, Picture: o.Picto("paper")}
	if !e.At.IsZero() {
		out.Was = o.T("community.entry." + about(e.Kind)) // i18n: community.entry.*
		out.Sealed = append(out.Sealed, o.T("community.recorded_at", "time", o.Moment(e.At)))
	}
	if e.SealedAt.IsZero() {
		out.Sealed = append(out.Sealed, o.T("community.not_sealed"))
		return out
	}
	out.Picture = o.Picto("receipt")
	out.Sealed = append(out.Sealed, o.T("community.sealed_at", "time", o.Moment(e.SealedAt)))
	for _, s := range e.Seen {
		out.Sealed = append(out.Sealed, o.T("community.seen_at", "name", s.Witness, "time", o.Moment(s.At)))
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

// Bundle is all that the community keeps for itself. It is made before a byte of it
// leaves, so that a fault gives an error and no broken file. That it leaves is
// entered by the query itself.
func (p *Pages) Bundle(r *page.Request) error {
	var out bytes.Buffer
	err := p.Consultations.Bundle(r.Ctx(), r.Sitting, &out)
	if errors.Is(err, ledger.ErrNotSealed) {
		return consultations.ErrWrongTime
	}
	if err != nil {
		return err
	}
	r.Attach("record.zip")
	return r.Blob(http.StatusOK, "application/zip", out.Bytes())
}
