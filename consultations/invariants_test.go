package consultations_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/vcm-forum/forum/consultations"
)

// The twenty invariants of the model of consultations, one family of tests each.
// What they say is quoted above each of them; invariants_yes_test.go has 07–12, invariants_seen_test.go the rest.

// TestInvariant01 "No decision before complete disclosure of that version in an
// accepted language and medium".
func TestInvariant01NoDecisionBeforeDisclosure(t *testing.T) {
	each(t, func(w *world) {
		w.founded().proposed()
		w.move("Fara", consultations.MoveInvite)
		w.must(w.WritePlan(w.ctx(), w.by("Hilda"), w.community, w.consultation, planned))
		w.agreePlan()
		receive := func() error {
			_, err := w.Move(w.ctx(), w.by("Hilda"), w.community, w.consultation, 1, consultations.MoveReceive, "")
			return err
		}
		w.refused(receive(), consultations.ErrWrongTime)
		topics := consultations.Topics()
		for _, topic := range topics[1:] {
			w.disclose(topic)
		}
		tell := func(language string, medium consultations.Medium, empty bool) {
			w.must(w.Disclose(w.ctx(), w.by("Pablo"), w.community, w.consultation, consultations.DisclosureForm{
				Version: 1, Topic: topics[0], Language: language, Medium: medium, Evidence: paper, Body: "texto", Empty: empty,
			}))
		}
		tell("es", consultations.Audio, false)     // not their language
		tell(tongue, consultations.Written, false) // a language that is not written
		tell(tongue, consultations.Audio, true)    // a recording without a sound
		w.blockedBy(receive(), consultations.GuardDisclosed)
		w.disclose(topics[0])
		if err := receive(); err != nil {
			w.Errorf("when all was told: %v", err)
		}
		w.deliberated()
		w.draft(consultations.Consent, w.aspects[0])

		w.must(w.ChangeProposal(w.ctx(), w.by("Pablo"), w.community, w.consultation, w.form("Second")))
		_, err := w.Transcribe(w.ctx(), w.by("Fara"), w.community, w.consultation, w.words(consultations.Consent, w.aspects[0]))
		w.refused(err, consultations.ErrWrongTime) // what was told of version 1 says nothing of version 2
		if missing := w.seat("Hilda").Community.Missing(w.record("Hilda"), 2); len(missing) != len(topics) {
			w.Errorf("version 2 lacks %d topics, want all", len(missing))
		}
	})
}

// TestInvariant01Property: whatever was told, the community can have received it
// exactly when each topic was told at least once in a way that counts.
func TestInvariant01Property(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := talking(consultations.Rules{Languages: []string{tongue, "es"}, Media: []consultations.Medium{consultations.Audio, consultations.Oral, consultations.Written}})
		counts := map[consultations.Topic]bool{}
		for range rapid.IntRange(0, 60).Draw(rt, "told") {
			d := &consultations.Disclosed{
				Consultation: xID, Version: rapid.SampledFrom([]int{1, 1, 1, 2}).Draw(rt, "version"), Topic: rapid.SampledFrom(consultations.Topics()).Draw(rt, "topic"),
				Language: rapid.SampledFrom([]string{tongue, "es", "en"}).Draw(rt, "language"), Medium: rapid.SampledFrom(consultations.Media()).Draw(rt, "medium"),
				Empty: rapid.Bool().Draw(rt, "empty"),
			}
			if rapid.Bool().Draw(rt, "file") {
				d.Evidence = paper
			}
			texts := consultations.Texts{"witness": "Rosa"}
			if rapid.Bool().Draw(rt, "words") {
				texts["body"] = "dicho"
			}
			s.claimed(d, consultations.Claim{Base: int64(len(s.events))}, texts)
			says := map[consultations.Medium]bool{
				consultations.Written: texts["body"] != "" || d.Evidence != "", consultations.Oral: true, consultations.Audio: d.Evidence != "" && !d.Empty,
			}
			counts[d.Topic] = counts[d.Topic] || (d.Version == 1 && d.Language != "en" && says[d.Medium])
		}
		c, x := s.fold()
		for _, topic := range consultations.Topics() {
			if missing := slices.Contains(c.Missing(x, 1), topic); missing == counts[topic] {
				rt.Fatalf("%s is missing: %v, told: %v", topic, missing, counts[topic])
			}
		}
	})
}

// TestInvariant02 "No decision before the community-set window ends; nobody but
// the community can shorten it, and not after it opened at a proponent's request".
func TestInvariant02TheWindowIsTheCommunitys(t *testing.T) {
	each(t, func(w *world) {
		w.founded().proposed().told()
		w.must(w.WriteSession(w.ctx(), w.by("Hilda"), w.community, w.consultation, consultations.SessionForm{Version: 1, Kind: consultations.InternalOnly, Held: w.clock}))
		yes := func() error {
			_, err := w.Transcribe(w.ctx(), w.by("Fara"), w.community, w.consultation, w.words(consultations.Consent, w.aspects[0]))
			return err
		}
		extend := func(name string, d time.Duration) error {
			_, err := w.ExtendWindow(w.ctx(), w.by(name), w.community, w.consultation, 1, w.clock.Add(d))
			return err
		}
		w.wait(29 * day)
		w.blockedBy(yes(), consultations.GuardWindow)
		for _, name := range []string{"Pablo", "Fara", "Obi"} {
			w.appendsNothing(name+" extends", func() error { return extend(name, 100*day) })
		}
		w.refused(extend("Admin", 100*day), consultations.ErrHidden)
		w.invalid(extend("Hilda", time.Hour), "until") // shorter, even by the community: its word was given to all of it
		if err := extend("Hilda", 60*day); err != nil {
			w.Fatalf("the community extends: %v", err)
		}
		w.wait(59 * day)
		w.blockedBy(yes(), consultations.GuardWindow)
		w.protocol(consultations.Rules{Confirmations: 2, DeliberateDays: 1}) // a later protocol does not reach an open round
		w.blockedBy(yes(), consultations.GuardWindow)
		w.wait(2 * day)
		if err := yes(); err != nil {
			w.Errorf("when it is over: %v", err)
		}
		w.disclose(consultations.Risks) // something new: they hear it first
		w.refused(yes(), consultations.ErrWrongTime)
		w.move("Hilda", consultations.MoveReceive)
		w.blockedBy(yes(), consultations.GuardWindow)
	})
}

// TestInvariant02Property: no events make a window end earlier than it did.
func TestInvariant02Property(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		days := rapid.IntRange(0, 400).Draw(rt, "days")
		s := talking(consultations.Rules{DeliberateDays: days})
		s.wait(time.Duration(rapid.IntRange(0, 800).Draw(rt, "later")) * day) // leap days, ends of years
		s.tell()
		opened := s.events[len(s.events)-1].At
		end := opened.AddDate(0, 0, days)
		for range rapid.IntRange(0, 5).Draw(rt, "extensions") {
			until := opened.Add(time.Duration(rapid.IntRange(-500, 900).Draw(rt, "until")) * day)
			s.add(&consultations.WindowExtended{Consultation: xID, Version: 1, Until: until})
			if until.After(end) {
				end = until
			}
		}
		c, x := s.fold()
		may := func(at time.Time) error {
			return c.May(consultations.MoveConsent, consultations.Case{Consultation: x, Version: 1, Aspect: firstAspect, Now: at})
		}
		var b *consultations.Blocked
		if err := may(end.Add(-time.Second)); end.After(opened) && (!errors.As(err, &b) || b.Guard != consultations.GuardWindow || !b.Until.Equal(end)) {
			rt.Fatalf("a second before the end: %v until %v, want until %v", err, b, end)
		}
		if err := may(end); err != nil {
			rt.Fatalf("at the end: %v", err)
		}
	})
}

// TestInvariant03 "Only a mandate holder named by the community's own institution
// confirms; proponent, facilitator, admin can never hold a mandate for the same consultation".
func TestInvariant03OnlyHoldersConfirm(t *testing.T) {
	each(t, func(w *world) {
		w.ready()
		w.seated("Aude", consultations.Auditor)
		w.seated("Mira", consultations.Member)
		for name, field := range map[string]string{"Pablo": "account", "Fara": "account", "Admin": "account", "Aude": "account", "Obi": "account"} {
			_, err := w.EnterMandate(w.ctx(), w.by("Hilda"), w.community, w.mandateForm(name))
			w.invalid(err, field)
		}
		_, err := w.EnterMandate(w.ctx(), w.by("Hilda"), w.community, w.mandateForm("Hilda"))
		w.invalid(err, "account") // nobody issues one to themselves
		for _, name := range []string{"Pablo", "Obi", "Aude", "Mira"} {
			_, err := w.EnterMandate(w.ctx(), w.by(name), w.community, w.mandateForm("Nadia"))
			w.refused(err, consultations.ErrRefused)
		}
		draft := w.draft(consultations.Consent, w.aspects[0])
		for _, name := range []string{"Pablo", "Fara", "Obi", "Aude", "Mira"} {
			w.appendsNothing(name+" confirms", func() error { return w.confirm(name, draft) })
		}
		for _, name := range []string{"Admin", "Nadia", "Ulla"} {
			w.refused(w.confirm(name, draft), consultations.ErrHidden)
		}
		w.stands(consultations.Pending)
	})
}

// mandateForm is a mandate of the assembly for somebody.
func (w *world) mandateForm(name string) consultations.MandateForm {
	return consultations.MandateForm{
		Name: name, Account: w.people[name].ID(), Institution: w.assembly, Powers: consultations.Powers(), Resolution: []consultations.Digest{paper},
	}
}

// TestInvariant04 "A transcript is not a decision; confirmation binds the digest
// of what was read or played back".
func TestInvariant04ATranscriptDecidesNothing(t *testing.T) {
	each(t, func(w *world) {
		w.ready()
		draft := w.draft(consultations.Consent, w.aspects[0])
		w.wait(aYear)
		w.stands(consultations.Pending)
		read := w.wordFor(draft)
		if err := w.confirm("Hilda", draft); err != nil {
			w.Fatal(err)
		}
		edited := w.words(consultations.Consent, w.aspects[0])
		edited.ID, edited.Statement = draft, "Otra cosa."
		_, err := w.Transcribe(w.ctx(), w.by("Fara"), w.community, w.consultation, edited)
		w.refused(err, consultations.ErrRefused) // a holder stands behind it: it is theirs
		w.must(w.Transcribe(w.ctx(), w.by("Hana"), w.community, w.consultation, edited))
		if n := len(w.record("Hilda").Draft(draft).Counted()); n != 0 {
			w.Errorf("%d words of before the edit still count", n)
		}
		_, err = w.Confirm(w.ctx(), w.by("Hana"), w.community, w.consultation, read)
		w.invalid(err, "digest")
		if err := w.confirm("Hana", draft); err != nil {
			w.Fatal(err)
		}
		w.stands(consultations.Pending)
		if err := w.confirm("Hilda", draft); err != nil {
			w.Fatal(err)
		}
		w.stands(consultations.InForce)
		if w.record("Hilda").Decisions[0].Statement.Body != "Otra cosa." {
			w.Error("the decision has other words than were confirmed")
		}
	})
}

// TestInvariant04Digest: what is read back differs in its digest by each of its parts.
func TestInvariant04TheDigestHoldsAllThatIsRead(t *testing.T) {
	w := one(t).ready()
	seen := map[consultations.Digest]string{}
	for what, change := range map[string]func(*consultations.DraftForm){
		"as it is":  func(*consultations.DraftForm) {},
		"aspects":   func(f *consultations.DraftForm) { f.Aspects = w.aspects[:2] },
		"type":      func(f *consultations.DraftForm) { f.Type = consultations.NotNow },
		"language":  func(f *consultations.DraftForm) { f.Language = "es" },
		"statement": func(f *consultations.DraftForm) { f.Statement += " Y más." },
		"conditions": func(f *consultations.DraftForm) {
			f.Type, f.Conditions = consultations.ConsentConditions, []string{"Nadie entra."}
		},
		"another": func(f *consultations.DraftForm) {
			f.Type, f.Conditions = consultations.ConsentConditions, []string{"Nadie", "entra."}
		},
		"dissent":  func(f *consultations.DraftForm) { f.Dissent = nil },
		"evidence": func(f *consultations.DraftForm) { f.Evidence = []consultations.Digest{paper} },
		"review":   func(f *consultations.DraftForm) { f.ReviewAt = w.clock.Add(aYear) },
		"end":      func(f *consultations.DraftForm) { f.ExpiresAt = w.clock.Add(aYear) },
	} {
		form := w.words(consultations.Consent, w.aspects[0])
		change(&form)
		draft := w.must(w.Transcribe(w.ctx(), w.by("Fara"), w.community, w.consultation, form))
		digest := w.record("Hilda").Draft(draft).Digest
		if other, twice := seen[digest]; twice {
			w.Errorf("%q and %q have the same digest", what, other)
		}
		seen[digest] = what
	}
}

// TestInvariant05 "Silence, attendance, receipt of money, expiry of a deadline
// never yield consent." Money has no events yet; when it has, one joins here.
func TestInvariant05SilenceIsNoConsent(t *testing.T) {
	each(t, func(w *world) {
		w.founded().proposed()
		steps := []func(){
			func() { w.move("Fara", consultations.MoveInvite) },
			func() {
				w.must(w.WritePlan(w.ctx(), w.by("Hilda"), w.community, w.consultation, planned))
				w.agreePlan()
			},
			func() {
				for _, topic := range consultations.Topics() {
					w.disclose(topic)
				}
			},
			func() { w.move("Hilda", consultations.MoveReceive) },
			func() {
				w.must(w.WriteSession(w.ctx(), w.by("Fara"), w.community, w.consultation, consultations.SessionForm{
					Version: 1, Kind: consultations.DecisionMeet, Held: w.clock, Counts: map[string]int{"all": 400}, ProponentPresent: true,
				}))
			},
			func() { w.deliberated() },
			func() { w.draft(consultations.Consent, w.aspects...) },
			func() { _ = w.confirm("Hilda", w.record("Hilda").Drafts[0].ID) },
		}
		for n, step := range steps {
			step()
			for _, aspect := range w.aspects {
				for _, later := range []time.Duration{0, 31 * day, 100 * aYear} {
					if s := w.at(aspect, w.clock.Add(later)); s.State == consultations.InForce || s.State == consultations.InForceIf || s.State == consultations.Cooling {
						w.Errorf("after step %d and %v without a word: %s", n, later, s.State)
					}
				}
			}
		}
	})
}

// TestInvariant06 "Consent is per aspect and version; a new version inherits
// nothing automatically".
func TestInvariant06ANewVersionInheritsNothing(t *testing.T) {
	each(t, func(w *world) {
		w.inForce(consultations.Consent)
		w.stands(consultations.InForce, consultations.Deliberating)
		w.must(w.ChangeProposal(w.ctx(), w.by("Pablo"), w.community, w.consultation, w.form("Second")))
		w.stands(consultations.Identified, consultations.Identified, consultations.Identified)
		c := w.seat("Hilda").Community
		if s := c.Standing(c.Consultation(w.consultation), 1, w.aspects[0], w.clock); s.State != consultations.InForce {
			w.Errorf("version 1 is %s because there is a version 2", s.State)
		}
		_, err := w.ChangeProposal(w.ctx(), w.by("Pablo"), w.community, w.consultation, w.form("Second"))
		w.invalid(err, "summary") // the same content is no new version
	})
}

// TestInvariant06Property: a yes to some aspects of one version says nothing of
// any other aspect or version.
func TestInvariant06Property(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := talking(consultations.Rules{}).tell()
		asked := rapid.SliceOfNDistinct(rapid.SampledFrom(aspectIDs()), 1, 3, rapid.ID).Draw(rt, "aspects")
		s.yes("d", asked...)
		s.add(&consultations.ProposalVersioned{Proposal: "p", Proponent: storyProponent, Aspects: aspectIDs()})
		s.add(&consultations.ConsultationMoved{ID: xID, Version: 2, Move: consultations.MoveIdentify})
		c, x := s.fold()
		for _, a := range aspectIDs() {
			if got := c.InForce(x, 1, a, s.clock); got != slices.Contains(asked, a) {
				rt.Fatalf("%s of version 1 is in force: %v, asked %v", a, got, asked)
			}
			if c.InForce(x, 2, a, s.clock) {
				rt.Fatalf("%s of version 2 is in force", a)
			}
		}
	})
}
