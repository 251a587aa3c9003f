package consultations_test

import (
	"strings"
	"testing"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/dialogues/record"
)

// Hard cases 6–9, 11, 13–16 and 18: what is asked, what was kept, what goes.

// TestHardCase06 enough people have confirmed, and the body that must be heard is
// missing. A protocol that asks for less does not reach the open round.
func TestHardCase06TheBodyThatMustBeHeard(t *testing.T) {
	each(t, func(w *world) {
		w.ready()
		draft := w.draft(consultations.Consent, w.aspects[0])
		for _, name := range []string{"Hilda", "Horst"} {
			if err := w.confirm(name, draft); err != nil {
				w.Fatal(err)
			}
		}
		w.stands(consultations.Pending)
		w.protocol(consultations.Rules{Confirmations: 2})
		w.appendsNothing("again", func() error { return w.confirm("Horst", draft) })
		w.stands(consultations.Pending)
		if err := w.confirm("Hana", draft); err != nil {
			w.Fatal(err)
		}
		w.stands(consultations.InForce)
	})
}

// TestHardCase07 the gap in what was told is asked of the domain itself, so that
// no page, command or import can go round it.
func TestHardCase07TheGapInWhatWasTold(t *testing.T) {
	s := talking(consultations.Rules{})
	for _, topic := range consultations.Topics() {
		d := &consultations.Disclosed{Consultation: xID, Version: 1, Topic: topic, Language: tongue, Medium: consultations.Audio, Evidence: paper}
		switch topic { //nolint:exhaustive // three have a gap
		case consultations.Nature:
			d.Language = "es"
		case consultations.Exit:
			d.Empty = true
		case consultations.Risks:
			d.Evidence, d.Medium = "", consultations.Written // no words, no file
		}
		s.add(d)
	}
	s.add(&consultations.ConsultationMoved{ID: xID, Version: 1, Move: consultations.MoveReceive}) // written past every guard
	s.wait(aYear)
	c, x := s.fold()
	if missing := c.Missing(x, 1); len(missing) != 3 {
		t.Errorf("missing are %v", missing)
	}
	for _, m := range []consultations.Move{consultations.MoveConsent, consultations.MoveIf} {
		err := c.May(m, consultations.Case{Consultation: x, Version: 1, Aspect: firstAspect, Now: s.clock})
		if b, ok := err.(*consultations.Blocked); !ok || b.Guard != consultations.GuardDisclosed || b.N != 3 { //nolint:errorlint // made by May itself
			t.Errorf("%s: %v", m, err)
		}
	}
	if err := c.May(consultations.MoveRefuse, consultations.Case{Consultation: x, Version: 1, Aspect: firstAspect, Now: s.clock}); err != nil {
		t.Errorf("a no needs nothing to have been told: %v", err)
	}
}

// TestHardCase08 clocks: the server's jumps, the phone's is a year ahead, and a
// new version comes on day 29.
func TestHardCase08Clocks(t *testing.T) {
	each(t, func(w *world) {
		w.founded().proposed().told()
		w.must(w.WriteSession(w.ctx(), w.by("Hilda"), w.community, w.consultation, consultations.SessionForm{Version: 1, Kind: consultations.InternalOnly, Held: w.clock}))
		opened := w.clock
		yes := func(call consultations.Call, version int) error {
			form := w.words(consultations.Consent, w.aspects[0])
			form.Version = version
			_, err := w.Transcribe(w.ctx(), call, w.community, w.consultation, form)
			return err
		}
		w.wait(29 * day)
		ahead := w.late("Fara", w.size(), w.clock.Add(aYear))
		w.blockedBy(yes(ahead, 1), consultations.GuardWindow)
		w.must(w.ChangeProposal(w.ctx(), w.by("Pablo"), w.community, w.consultation, w.form("Second")))
		w.wait(2 * day)
		w.refused(yes(w.by("Fara"), 2), consultations.ErrWrongTime) // version 2 was not even told
		if err := yes(w.by("Fara"), 1); err != nil {
			w.Errorf("the window of version 1 has ended: %v", err)
		}
		w.clock = opened.Add(-10 * day) // the server's clock jumps back
		w.must(w.ExtendWindow(w.ctx(), w.by("Hilda"), w.community, w.consultation, 1, opened.Add(60*day)))
		if c := w.seat("Hilda").Community; c.Latest.Before(opened.Add(31 * day)) {
			w.Errorf("the record went back to %v", c.Latest)
		}
		w.blockedBy(yes(w.by("Fara"), 1), consultations.GuardWindow)
	})
}

// TestHardCase09 a changed attachment is another version, to which nothing is
// carried over; what version 1 said is still shown as it was.
func TestHardCase09BaitAndSwitch(t *testing.T) {
	each(t, func(w *world) {
		w.inForce(consultations.Consent)
		before, _ := w.sees("Pablo", 1)
		form := w.form("First")
		form.Files = []consultations.Digest{paper}
		w.must(w.ChangeProposal(w.ctx(), w.by("Pablo"), w.community, w.consultation, form))
		w.stands(consultations.Identified, consultations.Identified, consultations.Identified)
		after, _ := w.sees("Pablo", 1)
		after.Proposal.Of = before.Proposal.Of
		w.sameBytes("version 1, once there is another,", asJSON(w, before.Proposal), asJSON(w, after.Proposal))
		second, _ := w.sees("Pablo", 2)
		if second.Proposal.Content == before.Proposal.Content {
			w.Error("another file, and the same content")
		}
	})
}

// TestHardCase11 a conditional yes never looks like a plain one, and a broken
// condition suspends what rests on it and nothing else. Titles, subjects and alt
// texts are for the pages' tests.
func TestHardCase11ABrokenConditionSuspends(t *testing.T) {
	each(t, func(w *world) {
		w.inForce(consultations.ConsentConditions)
		w.decided(consultations.Consent, w.aspects[1])
		w.seated("Aude", consultations.Auditor)
		w.wait(day)
		condition := w.record("Hilda").Conditions[0].ID
		set := func(name string, status consultations.ConditionStatus) error {
			_, err := w.SetCondition(w.ctx(), w.by(name), w.community, w.consultation, condition, status, "Hay un camino nuevo.")
			return err
		}
		for _, name := range []string{"Pablo", "Fara", "Obi"} {
			w.refused(set(name, consultations.ConditionMet), consultations.ErrRefused)
		}
		w.refused(set("Aude", consultations.ConditionWaived), consultations.ErrRefused)
		if err := set("Aude", consultations.ConditionBroken); err != nil {
			w.Fatal(err)
		}
		w.stands(consultations.Suspended, consultations.InForce, consultations.Deliberating)
		v, _ := w.sees("Hilda", 1)
		if c := v.Aspects[0].Conditions; len(c) != 1 || c[0].Status != consultations.ConditionBroken {
			w.Errorf("the conditions are shown as %+v", c)
		}
		if err := set("Aude", consultations.ConditionMet); err != nil {
			w.Fatal(err)
		}
		w.stands(consultations.Suspended) // only the community's word ends it
	})
}

// TestHardCase13 what was released is withheld again: it is gone from what is
// shown, the register says who has it, and proofs hold. There is no index, no
// cache and no thumbnail of a record; browsers' copies are the pages' tests.
func TestHardCase13WithheldAfterwards(t *testing.T) {
	each(t, func(w *world) {
		w.rich()
		id := w.release(consultations.ToPublic, consultations.PartStatus, consultations.PartStatement, consultations.PartSessions)
		w.export("Hilda", consultations.ToPublic)
		w.has(w.shown(consultations.ToPublic), "Así lo decidimos.", "17")
		for _, name := range []string{"Pablo", "Fara"} {
			_, err := w.Revoke(w.ctx(), w.by(name), w.community, id)
			w.refused(err, consultations.ErrRefused)
		}
		w.must(w.Revoke(w.ctx(), w.by("Hana"), w.community, id))
		if text := w.shown(consultations.ToPublic); text != "" {
			w.Errorf("withheld, and shown: %s", text)
		}
		e := w.seat("Hilda").Community.Exports
		if len(e) != 1 || len(e[0].Parts) != 3 || e[0].Recipient.Body != "Registro" {
			w.Errorf("the register says %+v", e)
		}
		w.verified()
	})
}

// TestHardCase14 salt and words of a field are destroyed: the log holds, and
// nobody finds the words by trying them.
func TestHardCase14RedactionKeepsProofs(t *testing.T) {
	each(t, func(w *world) {
		w.inForce(consultations.Consent)
		decision := w.record("Hilda").Decisions[0]
		w.must(w.Erase(w.ctx(), w.by("Hilda"), w.community, decision.Entry, []string{"statement"}))
		db := w.db.Read.WithContext(w.ctx())
		head, err := ledger.HeadOf(db, string(w.community))
		if err != nil {
			w.Fatal(err)
		}
		key, err := w.Vault.Unwrap(head.Key)
		if err != nil {
			w.Fatal(err)
		}
		entries, err := ledger.Read(db, string(w.community), key, decision.Entry, 1)
		if err != nil {
			w.Fatal(err)
		}
		erased := 0
		for _, f := range entries[0].Fields {
			if !f.Erased {
				continue
			}
			erased++
			if f.Salt != nil || f.Value != nil || f.Name != "" {
				w.Errorf("of the erased field is left %+v", f)
			}
			for _, guess := range []string{"Así lo decidimos.", "sí", "no", "yes", ""} {
				for _, salt := range [][]byte{nil, make([]byte, 32), []byte(head.Origin)} {
					if ledger.Commitment(salt, head.Origin, decision.Entry, "statement", []byte(guess)) == entries[0].Slots[f.Slot] {
						w.Errorf("%q can be confirmed", guess)
					}
				}
			}
		}
		if erased != 1 {
			w.Errorf("%d fields are erased, want 1", erased)
		}
		w.stands(consultations.InForce) // what was done is not erased with its words
		w.verified()
	})
}

// TestHardCase15 a row that was altered behind the program's back is not shown as
// if nothing were. What names the first bad entry, and what catches a rolled back
// log, is tested in consultations/ledger and cmd/verify; two histories are hard case 16.
func TestHardCase15TamperedRow(t *testing.T) {
	each(t, func(w *world) {
		w.inForce(consultations.Consent)
		entry := w.record("Hilda").Decisions[0].Entry
		db := w.db.Write.WithContext(w.ctx())
		for _, sql := range []string{
			"UPDATE ledger_fields SET sealed = (SELECT sealed FROM ledger_fields WHERE log = ? AND idx = ? - 1 AND slot = 0) WHERE slot = 0",
			"DELETE FROM ledger_entries WHERE log = ? AND idx >= ?",
			"DELETE FROM ledger_fields WHERE log = ? AND idx = ?",
			"UPDATE ledger_logs SET size = 3 WHERE id = ? AND size > ?",
		} {
			if err := db.Exec(sql, w.community, entry).Error; err == nil {
				w.Errorf("the database let this happen: %s", sql)
			}
		}
		w.verified()
	})
}

// TestHardCase18 a person without account, reading or keyboard: word and thumb on
// paper, two who were there, entered by the facilitator, sent twice. Size, paper,
// sound and a dead battery are for the pages' tests.
func TestHardCase18WithoutAnAccount(t *testing.T) {
	each(t, func(w *world) {
		w.founded()
		form := w.mandateForm("Mira")
		form.Account, form.Name, form.Institution = "", "Abuela Ñusta", w.women
		elder := w.must(w.EnterMandate(w.ctx(), w.by("Fara"), w.community, form))
		for _, name := range []string{"Hilda", "Hana"} {
			w.must(w.Vouch(w.ctx(), w.by(name), w.community, elder, ""))
		}
		w.proposed().told().deliberated()
		text := w.words(consultations.Consent, w.aspects[0])
		text.Language, text.Statement = "x-ñandé", "قررنا معا"
		_, err := w.Transcribe(w.ctx(), w.by("Fara"), w.community, w.consultation, text)
		w.invalid(err, "language") // letters of BCP 47 only
		text.Language = "x-nande-arab"
		draft := w.must(w.Transcribe(w.ctx(), w.by("Fara"), w.community, w.consultation, text))
		word := w.wordFor(draft)
		word.Mandate, word.Form, word.Evidence, word.Witnesses = elder, consultations.ByThumb, paper, []string{"Rosa", "Inés"}
		for field, change := range map[string]func(*consultations.ConfirmForm){
			"witnesses": func(f *consultations.ConfirmForm) { f.Witnesses = []string{"Rosa", "rosa ", "Abuela Ñusta", "Fara"} }, // one person, herself, and who enters it
			"file":      func(f *consultations.ConfirmForm) { f.Evidence = "" },
			"form":      func(f *consultations.ConfirmForm) { f.Form = consultations.ByAccount },
			"digest":    func(f *consultations.ConfirmForm) { f.Digest = paper },
		} {
			changed := word
			change(&changed)
			w.appendsNothing(field, func() error {
				_, err := w.Confirm(w.ctx(), w.by("Fara"), w.community, w.consultation, changed)
				w.invalid(err, field)
				return err
			})
		}
		w.enteredOnce(word)
		if err := w.confirm("Hilda", draft); err != nil {
			w.Fatal(err)
		}
		w.stands(consultations.InForce)
		v, _ := w.sees("Hilda", 1)
		if v.Aspects[0].Statement != text.Statement || v.Aspects[0].Language != text.Language {
			w.Errorf("it came back as %q in %s", v.Aspects[0].Statement, v.Aspects[0].Language)
		}
	})
}

// enteredOnce sends the same word twice with one key, and once more without.
func (w *world) enteredOnce(word consultations.ConfirmForm) {
	w.Helper()
	call, before := w.by("Fara"), w.size()
	call.Key = strings.Repeat("k", 22)
	var first record.Receipt
	for n := range 2 {
		receipt, err := w.Confirm(w.ctx(), call, w.community, w.consultation, word)
		if err != nil {
			w.Fatal(err)
		}
		if n > 0 && receipt != first {
			w.Errorf("the second answer is %+v, the first was %+v", receipt, first)
		}
		first = receipt
		w.wait(time.Second)
	}
	_, err := w.Confirm(w.ctx(), w.by("Fara"), w.community, w.consultation, word)
	w.invalid(err, "digest")
	if n := w.size() - before; n != 1 {
		w.Errorf("%d entries, want 1", n)
	}
}
