package consultations_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// More steps of the world, for what is tried against its rules.

// one is a world on SQLite alone, for what has nothing to do with the engine.
func one(t *testing.T) *world { t.Helper(); return newWorld(t, databasetest.SQLite(t)) }

// late is a call that a phone kept until it had a line: it had seen the log up to
// base, and says when it was made.
func (w *world) late(name string, base int64, asserted time.Time) consultations.Call {
	call := w.by(name)
	call.Claim = consultations.Claim{Late: true, Base: base, Asserted: asserted, Device: asserted.Add(aYear)}
	return call
}

// size is how many entries the community's log has, asked of the log itself.
func (w *world) size() int64 {
	w.Helper()
	head, err := ledger.HeadOf(w.db.Read.WithContext(w.ctx()), string(w.community))
	if err != nil {
		w.Fatalf("head of the log: %v", err)
	}
	return head.Size
}

// root is the root of the log's tree when it had this many entries.
func (w *world) root(size int64) string {
	w.Helper()
	root, err := ledger.RootAt(w.db.Read.WithContext(w.ctx()), string(w.community), size)
	if err != nil {
		w.Fatalf("root of the log: %v", err)
	}
	return root.String()
}

// appendsNothing checks that what is tried is refused and leaves no entry.
func (w *world) appendsNothing(what string, try func() error) {
	w.Helper()
	before := w.size()
	if err := try(); err == nil {
		w.Errorf("%s: was done", what)
	}
	if after := w.size(); after != before {
		w.Errorf("%s: %d entries were appended", what, after-before)
	}
}

// relayed enters a holder's word for a draft that somebody else heard.
func (w *world) relayed(enterer, holder string, draft record.ID) error {
	form := w.wordFor(draft)
	form.Mandate, form.Form, form.Evidence, form.Witnesses = w.mandates[holder], consultations.ByVoice, paper, []string{"Testigo Uno", "Testiga Dos"}
	_, err := w.Confirm(w.ctx(), w.by(enterer), w.community, w.consultation, form)
	return err
}

// withdrawLate is a withdrawal that was kept on a phone and is delivered now.
func (w *world) withdrawLate(call consultations.Call, aspects ...record.ID) error {
	_, err := w.Stop(w.ctx(), call, w.community, w.consultation, consultations.StopForm{Version: w.version(), Type: consultations.Withdraw, Aspects: aspects})
	return err
}

// release lets an audience see parts.
func (w *world) release(to consultations.Audience, parts ...consultations.Part) record.ID {
	w.Helper()
	return w.must(w.Release(w.ctx(), w.by("Hilda"), w.community, w.consultation, consultations.ReleaseForm{Parts: parts, To: to, Purpose: "Para saber"}))
}

// seated gives somebody a seat in a role.
func (w *world) seated(name string, role consultations.Role) {
	w.Helper()
	w.must(w.GiveSeat(w.ctx(), w.by("Hilda"), w.community, w.people[name].ID(), role, ""))
}

// sees is what somebody sees of a version.
func (w *world) sees(name string, version int) (consultations.View, bool) {
	w.Helper()
	return w.seat(name).See(w.record("Hilda"), version)
}

// shown is what an audience sees, as the bytes that every channel is made of.
func (w *world) shown(to consultations.Audience) string {
	w.Helper()
	c := w.seat("Hilda").Community
	v, ok := c.Audience(to, c.Consultation(w.consultation), w.clock).See(c.Consultation(w.consultation), w.version())
	if !ok {
		return ""
	}
	return asJSON(w, v)
}

func asJSON(w *world, v any) string {
	w.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		w.Fatalf("encode: %v", err)
	}
	return string(raw)
}

// export takes a copy as somebody with a seat.
func (w *world) export(name string, to consultations.Audience) consultations.Taken {
	w.Helper()
	taken, err := w.Export(w.ctx(), w.by(name), w.community, consultations.ExportForm{
		Consultation: w.consultation, Version: w.version(), Recipient: "Registro", For: to, Status: "https://forum.example/c/",
	})
	if err != nil {
		w.Fatalf("%s exports for %q: %v", name, to, err)
	}
	return taken
}

// at is how an aspect of the newest version stands at a time, by all the log says now.
func (w *world) at(aspect record.ID, t time.Time) consultations.Standing {
	w.Helper()
	c := w.seat("Hilda").Community
	return c.Standing(c.Consultation(w.consultation), w.version(), aspect, t)
}

// inForce is a consultation whose first aspect has a yes.
func (w *world) inForce(kind consultations.DecisionType) *world {
	w.Helper()
	w.ready().decided(kind, w.aspects[0])
	return w
}

// cooled is a community whose protocol lets a yes cool for ten days.
func (w *world) cooled() *world {
	w.Helper()
	w.founded()
	w.protocol(consultations.Rules{
		Confirmations: 2, Groups: []consultations.Body{consultations.Women}, DeliberateDays: 30, InternalSessions: 1, CoolingDays: 10, CoolOffDays: 90,
	})
	return w.proposed().told().deliberated()
}

// lacks checks that none of the words is in a text.
func (w *world) lacks(text string, words ...string) {
	w.Helper()
	for _, word := range words {
		if strings.Contains(text, word) {
			w.Errorf("%q leaks in %s", word, text)
		}
	}
}

// has checks that all of the words are in a text.
func (w *world) has(text string, words ...string) {
	w.Helper()
	for _, word := range words {
		if !strings.Contains(text, word) {
			w.Errorf("%q is missing in %s", word, text)
		}
	}
}

// verified checks that every log holds, with all words opened.
func (w *world) verified() {
	w.Helper()
	report, err := ledger.Verify(w.db.Read.WithContext(w.ctx()), ledger.Verifying{
		Open: func(h ledger.Head) (ledger.Sealer, error) { return w.Vault.Unwrap(h.Key) },
	})
	if err != nil || len(report.Findings) > 0 || report.Fields == 0 {
		w.Errorf("the logs do not hold: %v, %v, %d fields", report.Findings, err, report.Fields)
	}
}
