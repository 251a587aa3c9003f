package consultations_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/record"
)

// Invariants 13–20: who sees what, what leaves, what remains.

// partWords are words of the world that show exactly when a part is released.
// Attendance shows with the session that it is about.
func partWords() map[consultations.Part]string {
	return map[consultations.Part]string{
		consultations.PartStatus: string(consultations.InForceIf), consultations.PartStatement: "Así lo decidimos.", consultations.PartName: nameOf,
		consultations.PartProposal: "Bosque", consultations.PartDisclosure: "Tomás", consultations.PartSessions: `"information"`,
		consultations.PartAttendance: "Nombrada Uno", consultations.PartInstitution: "Casa de mujeres",
	}
}

// rich is a consultation in which every part has words of its own.
func (w *world) rich() *world {
	w.Helper()
	w.inForce(consultations.ConsentConditions)
	w.must(w.WriteSession(w.ctx(), w.by("Hilda"), w.community, w.consultation, consultations.SessionForm{
		Version: 1, Kind: consultations.Information, Held: w.clock, Names: "Nombrada Uno", Notes: "Nota secreta", Place: "Lugar secreto", Counts: map[string]int{"mujeres": 17},
	}))
	return w
}

// TestInvariant13 "One projection function decides visibility; every sink consumes
// only the projected view." Tested is what all sinks are made of: each part shows
// exactly where it was released. Feeds, mail, search and tiles do not exist here;
// where pages make one of a View, they say so in their own tests.
func TestInvariant13EachPartShowsWhereItWasReleased(t *testing.T) {
	w := one(t).rich()
	w.seated("Aude", consultations.Auditor)
	needs := map[consultations.Part][]consultations.Part{ // what a part is part of
		consultations.PartStatement: {consultations.PartStatus}, consultations.PartInstitution: {consultations.PartStatus},
		consultations.PartAttendance: {consultations.PartSessions}, consultations.PartName: {consultations.PartProposal},
	}
	for part, words := range partWords() {
		given := append([]consultations.Part{part}, needs[part]...)
		id := w.release(consultations.ToAuditor, given...)
		text := w.shown(consultations.ToAuditor)
		w.has(text, words)
		for other, otherWords := range partWords() {
			if !slices.Contains(given, other) {
				w.lacks(text, otherWords)
			}
		}
		v, _ := w.sees("Aude", 1)
		if v.Window != nil || len(v.Drafts)+len(v.Changes)+len(v.Asked)+len(v.Decisions)+len(v.Contests)+len(v.Missing) > 0 || v.Plan != "" {
			w.Errorf("with %v an auditor sees what is never released: %+v", given, v)
		}
		w.lacks(text+w.shown(consultations.ToPublic)+w.shown(consultations.ToObserver), "secret")
		w.must(w.Revoke(w.ctx(), w.by("Hilda"), w.community, id))
		if w.shown(consultations.ToAuditor) != "" {
			w.Errorf("%s still shows after it was revoked", part)
		}
	}
}

// TestInvariant13 a release ends at its time, and one for an account is for it alone.
func TestInvariant13AReleaseHasAnEnd(t *testing.T) {
	w := one(t).rich()
	w.seated("Aude", consultations.Auditor)
	w.seated("Nadia", consultations.Auditor)
	w.must(w.Release(w.ctx(), w.by("Hilda"), w.community, w.consultation, consultations.ReleaseForm{
		Parts: []consultations.Part{consultations.PartStatus}, To: consultations.ToAuditor, Account: w.people["Aude"].ID(), Until: w.clock.Add(day), Purpose: "x",
	}))
	for _, step := range []struct {
		name string
		sees bool
	}{{"Aude", true}, {"Nadia", false}} {
		if _, ok := w.sees(step.name, 1); ok != step.sees {
			w.Errorf("%s sees: %v", step.name, ok)
		}
	}
	w.wait(day)
	if _, ok := w.sees("Aude", 1); ok {
		w.Error("a release that has ended still shows")
	}
	_, err := w.Release(w.ctx(), w.by("Hilda"), w.community, w.consultation, consultations.ReleaseForm{
		Parts: []consultations.Part{consultations.PartStatus}, To: consultations.ToPublic, Until: w.clock, Purpose: "x",
	})
	w.invalid(err, "until")
	for _, name := range []string{"Fara", "Pablo", "Obi", "Aude"} {
		_, err := w.Release(w.ctx(), w.by(name), w.community, w.consultation, consultations.ReleaseForm{Parts: consultations.Parts(), To: consultations.ToPublic, Purpose: "x"})
		w.refused(err, consultations.ErrRefused)
	}
}

// TestInvariant14 "A withheld field is absent, not masked": whatever the community
// does among itself, those from outside see the same bytes, and a record that is
// hidden answers like one that does not exist.
func TestInvariant14OutsidersSeeTheSameBytes(t *testing.T) {
	each(t, func(w *world) {
		w.founded().proposed().told()
		w.release(consultations.ToPublic, consultations.PartProposal)
		w.seated("Aude", consultations.Auditor)
		own := w.export("Pablo", "")
		look := func() string {
			text := ""
			for _, seat := range w.outsiders() {
				v, _ := seat.See(w.record("Hilda"), 1)
				v.At = time.Time{}
				text += asJSON(w, v) + "\n"
			}
			status, err := w.ByLink(w.ctx(), own.Token)
			if err != nil {
				w.Fatal(err)
			}
			status.At = time.Time{}
			return text + asJSON(w, status)
		}
		before := look()
		silent := func(what string, step func()) {
			w.Helper()
			step()
			after := look()
			w.sameBytes(what, before, after)
			before = after
		}
		silent("an internal session", func() {
			w.must(w.WriteSession(w.ctx(), w.by("Hilda"), w.community, w.consultation, consultations.SessionForm{
				Version: 1, Kind: consultations.InternalOnly, Held: w.clock, Names: "Nombrada", Notes: "Secreto", Counts: map[string]int{"all": 40},
			}))
		})
		silent("more time", func() {
			w.must(w.ExtendWindow(w.ctx(), w.by("Hilda"), w.community, w.consultation, 1, w.clock.Add(35*day)))
		})
		silent("time that passes", func() { w.wait(40 * day) })
		var draft record.ID
		silent("a draft", func() { draft = w.draft(consultations.Consent, w.aspects[0]) })
		silent("a confirmation", func() { _ = w.confirm("Hilda", draft) })
		silent("a yes", func() { _ = w.confirm("Hana", draft) })
		silent("a no", func() { w.decided(consultations.No, w.aspects[1]) })
		silent("a reading", func() {
			if err := w.Reading(w.ctx(), w.seat("Hana"), "page", ""); err != nil {
				w.Fatal(err)
			}
		})
		silent("a contest", func() {
			w.must(w.Dispute(w.ctx(), w.by("Hana"), w.community, w.consultation, nil, w.women, "Secreto"))
		})
		silent("a contested mandate", func() { w.must(w.Contest(w.ctx(), w.by("Obi"), w.community, w.mandates["Horst"], "Secreto")) })
		silent("a withdrawal", func() { _ = w.stop("Horst", consultations.Withdraw, w.aspects[0]) })
		silent("a cover", func() {
			if err := w.Cover(w.ctx()); err != nil {
				w.Fatal(err)
			}
		})
	})
}

// outsiders are the seats through which those look who are not of the community.
func (w *world) outsiders() []consultations.Seat {
	w.Helper()
	c := w.seat("Hilda").Community
	var out []consultations.Seat
	for _, to := range consultations.Audiences() {
		out = append(out, c.Audience(to, c.Consultation(w.consultation), w.clock))
	}
	for _, name := range []string{"Pablo", "Aude", "Obi"} {
		out = append(out, w.seat(name))
	}
	return out
}

// sameBytes says where two texts part.
func (w *world) sameBytes(what, before, after string) {
	w.Helper()
	for i := range min(len(before), len(after)) {
		if before[i] != after[i] {
			w.Errorf("%s shows outside: …%.90s… became …%.90s…", what, before[max(0, i-30):], after[max(0, i-30):])
			return
		}
	}
	if len(before) != len(after) {
		w.Errorf("%s shows outside: %d bytes became %d", what, len(before), len(after))
	}
}

// TestInvariant14 one who may not know of a record is answered as if there were none.
func TestInvariant14HiddenIsLikeAbsent(t *testing.T) {
	each(t, func(w *world) {
		w.ready()
		real, none := w.community, record.NewID()
		for _, name := range []string{"Nadia", "Admin"} {
			for _, id := range []record.ID{real, none} {
				_, err := w.SeatOf(w.ctx(), w.people[name], id)
				w.refused(err, consultations.ErrHidden)
				_, err = w.Stop(w.ctx(), w.by(name), id, w.consultation, consultations.StopForm{Version: 1, Type: consultations.Withdraw})
				w.refused(err, consultations.ErrHidden)
				if seats, err := w.Mine(w.ctx(), w.people[name]); err != nil || len(seats) != 0 {
					w.Errorf("%s finds %d records: %v", name, len(seats), err)
				}
			}
		}
		if _, err := w.ByLink(w.ctx(), "unknown"); !errors.Is(err, consultations.ErrHidden) {
			w.Errorf("an unknown link: %v", err)
		}
	})
}

// TestInvariant15 "Evidence bytes are content-addressed": what the record knows of
// them is their digest. Stripping and custody are the files' own tests.
func TestInvariant15EvidenceIsItsDigest(t *testing.T) {
	w := one(t).ready()
	other := consultations.Digest(strings.Repeat("ab", 32))
	form := w.words(consultations.Consent, w.aspects[0])
	form.Evidence = []consultations.Digest{paper}
	w.must(w.Transcribe(w.ctx(), w.by("Fara"), w.community, w.consultation, form))
	proposal := w.form("First")
	proposal.Files = []consultations.Digest{other}
	w.must(w.ChangeProposal(w.ctx(), w.by("Pablo"), w.community, w.consultation, proposal)) // other bytes are another version
	p, _ := w.seat("Hilda").Community.Proposal(w.record("Hilda").Proposal)
	if p.Versions[0].Content == p.Versions[1].Content || len(p.Versions[0].Files) != 0 {
		w.Errorf("version 1 has the content %s, version 2 %s", p.Versions[0].Content, p.Versions[1].Content)
	}
}

// TestInvariant16 "Names of attendees are off by default; roll published only by release".
func TestInvariant16NamesStayWithin(t *testing.T) {
	w := one(t).rich()
	w.seated("Aude", consultations.Auditor)
	for _, to := range consultations.Audiences() {
		w.release(to, consultations.PartSessions, consultations.PartStatus, consultations.PartProposal)
		w.has(w.shown(to), "17")
		w.lacks(w.shown(to), "Nombrada")
	}
	if v, _ := w.sees("Fara", 1); strings.Contains(asJSON(w, v), "Nombrada") {
		w.Error("the facilitator sees who was there")
	}
	w.release(consultations.ToAuditor, consultations.PartAttendance)
	w.has(w.shown(consultations.ToAuditor), "Nombrada Uno")
	w.lacks(w.shown(consultations.ToPublic)+w.shown(consultations.ToProponent), "Nombrada")
}

// TestInvariant17 "nothing is disbursed until the receiving institution confirms":
// whoever may confirm that money came can say nothing else. Sums, rows and their
// balance do not exist yet, nor do claims of a payer: they join here when they do.
func TestInvariant17ReceiptOfMoneyIsNoWord(t *testing.T) {
	w := one(t).inForce(consultations.Consent)
	form := w.mandateForm("Mira")
	form.Powers = []consultations.Power{consultations.Receipting}
	id := w.must(w.EnterMandate(w.ctx(), w.by("Hilda"), w.community, form))
	for _, name := range []string{"Hilda", "Horst"} {
		w.must(w.Vouch(w.ctx(), w.by(name), w.community, id, ""))
	}
	w.wait(4 * day)
	draft := w.draft(consultations.Consent, w.aspects[1])
	w.refused(w.confirm("Mira", draft), consultations.ErrRefused)
	w.refused(w.stop("Mira", consultations.Suspend), consultations.ErrRefused)
	_, err := w.Release(w.ctx(), w.by("Mira"), w.community, w.consultation, consultations.ReleaseForm{Parts: consultations.Parts(), To: consultations.ToPublic, Purpose: "x"})
	w.refused(err, consultations.ErrRefused)
}

// TestInvariant18 "Every export is registered; withdrawal notifies every
// registered recipient and flips the public status address." Mail and printed
// copies are the pages' tests.
func TestInvariant18CopiesAreKnown(t *testing.T) {
	each(t, func(w *world) {
		w.inForce(consultations.Consent)
		w.release(consultations.ToAuditor, consultations.PartStatus)
		given := w.clock
		var tokens []string
		for _, to := range []consultations.Audience{consultations.ToAuditor, "", consultations.ToAuditor} {
			copied := w.export("Hilda", to)
			sum := sha256.Sum256(copied.Bytes)
			exports := w.seat("Hilda").Community.Exports
			e := exports[len(exports)-1]
			if e.ID != copied.ID || e.Recipient.Body != "Registro" || string(e.View) != hex.EncodeToString(sum[:]) || !bytes.Contains(copied.Bytes, []byte(copied.Token)) {
				w.Errorf("registered is %+v", e)
			}
			tokens = append(tokens, copied.Token)
		}
		w.wait(10 * day)
		if err := w.stop("Horst", consultations.Withdraw, w.aspects[0]); err != nil {
			w.Fatal(err)
		}
		for _, e := range w.seat("Hilda").Community.Exports {
			if len(e.Noticed) != 1 || e.Noticed[0] != w.record("Hilda").Decisions[1].Entry {
				w.Errorf("of the withdrawal, who has copy %s was told %v", e.ID, e.Noticed)
			}
		}
		for _, token := range tokens {
			status, err := w.ByLink(w.ctx(), token)
			if err != nil || !status.Changed || status.Aspects[0].State != consultations.Withdrawn {
				w.Fatalf("the link says %+v, %v", status, err)
			}
			history := status.Aspects[0].History
			if was := history[len(history)-2]; was.State != consultations.InForce || !was.From.Equal(given) || !was.To.Equal(w.clock) {
				w.Errorf("the link says that it was %+v", was)
			}
		}
	})
}

// TestInvariant19 "Asserted, device, received are kept separately; no rule uses
// device time alone." See also backdating_test.go.
func TestInvariant19ThreeTimesAreKept(t *testing.T) {
	each(t, func(w *world) {
		w.inForce(consultations.Consent)
		base, asserted := w.size(), w.clock.Add(time.Hour)
		w.wait(5 * time.Hour)
		if err := w.withdrawLate(w.late("Horst", base, asserted), w.aspects[0]); err != nil {
			w.Fatal(err)
		}
		d := w.record("Hilda").Decisions[1]
		if !d.At.Equal(w.clock) || !d.Claim.Asserted.Equal(asserted) || !d.Claim.Device.Equal(asserted.Add(aYear)) {
			w.Errorf("kept are %v, %v and %v", d.At, d.Claim.Asserted, d.Claim.Device)
		}
		if s := w.at(w.aspects[0], w.clock); s.State != consultations.Withdrawn || !s.Since.Equal(asserted) {
			w.Errorf("%s since %v", s.State, s.Since)
		}
	})
}

// TestInvariant20 "The log keeps commitments only": words of an entry can be
// destroyed, in the database and in what is remembered of it, and the log still
// holds. The bundle that a community takes home, and that it verifies elsewhere,
// is tested in server; to delete a whole record does not exist yet.
func TestInvariant20WordsGoAndProofsStay(t *testing.T) {
	each(t, func(w *world) {
		w.rich()
		session := w.record("Hilda").Sessions[1]
		size := w.size()
		root := w.root(size)
		for _, name := range []string{"Fara", "Pablo"} {
			_, err := w.Erase(w.ctx(), w.by(name), w.community, session.Entry, []string{"notes"})
			w.refused(err, consultations.ErrRefused)
		}
		w.must(w.Erase(w.ctx(), w.by("Hilda"), w.community, session.Entry, []string{"notes", "act"}))
		if s := w.record("Hilda").Sessions[1]; s.Notes.Body != "" || !s.Notes.Erased || s.Place.Body != "Lugar secreto" || s.Kind != consultations.Information {
			w.Errorf("after its notes were erased the session is %+v", s)
		}
		_, err := w.Erase(w.ctx(), w.by("Hilda"), w.community, session.Entry, []string{"notes"})
		w.refused(err, consultations.ErrNotFound)
		if w.root(size) != root {
			w.Error("the log has another root")
		}
		w.verified()
	})
}
