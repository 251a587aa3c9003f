package consultations_test

import (
	"errors"
	"testing"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/record"
)

// Hard case 17: a proponent who would like to be on both sides of the table. Money
// does not exist here yet (see TestInvariant17ReceiptOfMoneyIsNoWord), nor does the
// report of a prohibited act: each attempt is refused and leaves nothing.

// TestHardCase17ProponentSelfDealing tries it as the proponent, as staff with a seat
// of the same side, and with a second account of which nobody knows whose it is.
func TestHardCase17ProponentSelfDealing(t *testing.T) {
	each(t, func(w *world) {
		w.ready()
		w.seatedFor("Ulla", consultations.Proponent) // staff
		w.wouldSpeak("Pablo")
		w.wouldSpeak("Ulla")
		w.wouldBeAnElder("Nadia")
		for _, name := range []string{"Pablo", "Ulla"} {
			w.appendsNothing(name+" writes down what was decided", func() error {
				_, err := w.Transcribe(w.ctx(), w.by(name), w.community, w.consultation, w.words(consultations.Consent, w.aspects[0]))
				w.refused(err, consultations.ErrRefused)
				return err
			})
			w.wouldSitIn(name)
		}
	})
}

// seatedFor gives somebody a seat for this consultation.
func (w *world) seatedFor(name string, role consultations.Role) {
	w.Helper()
	w.must(w.GiveSeat(w.ctx(), w.by("Hilda"), w.community, w.people[name].ID(), role, w.consultation))
}

// wouldSpeak tries to make somebody of the other side a holder, in their own hand
// and in that of each who may enter mandates.
func (w *world) wouldSpeak(name string) {
	w.Helper()
	form := w.mandateForm(name)
	for _, by := range []string{name, "Fara", "Hilda"} {
		w.appendsNothing(name+" as a holder, entered by "+by, func() error {
			_, err := w.EnterMandate(w.ctx(), w.by(by), w.community, form)
			if by == name {
				w.refused(err, consultations.ErrRefused)
			} else {
				w.invalid(err, "account")
			}
			return err
		})
	}
	w.appendsNothing("the account of a holder is made that of "+name, func() error {
		_, err := w.MoveAccount(w.ctx(), w.by("Hilda"), w.community, w.mandates["Horst"], w.people[name].ID())
		return err
	})
	for _, role := range []consultations.Role{consultations.Member, consultations.Facilitator, consultations.Observer} {
		w.appendsNothing(name+" as "+string(role), func() error {
			_, err := w.GiveSeat(w.ctx(), w.by("Hilda"), w.community, w.people[name].ID(), role, "")
			return err
		})
	}
}

// wouldBeAnElder: the account is new to all, and an enroller believes what they are
// told. By itself it is nothing; entered, it is nothing before the community's own
// people stand behind it, in none of which the proponent has a hand.
func (w *world) wouldBeAnElder(name string) {
	w.Helper()
	draft := w.draft(consultations.Consent, w.aspects[0])
	speaks := func(want error) {
		w.Helper()
		w.appendsNothing(name+" confirms", func() error { err := w.confirm(name, draft); w.refused(err, want); return err })
		w.appendsNothing(name+" withdraws", func() error { err := w.stop(name, consultations.Withdraw); w.refused(err, want); return err })
	}
	speaks(consultations.ErrHidden)
	id := w.must(w.EnterMandate(w.ctx(), w.by("Fara"), w.community, w.mandateForm(name)))
	for by, try := range map[string]func(consultations.Call) error{
		"vouches": func(c consultations.Call) error { _, err := w.Vouch(w.ctx(), c, w.community, id, ""); return err },
		"attests": func(c consultations.Call) error { _, err := w.Attest(w.ctx(), c, w.community, id); return err },
		"rules": func(c consultations.Call) error {
			_, err := w.RuleOnMandate(w.ctx(), c, w.community, id, true)
			return err
		},
		"contests": func(c consultations.Call) error {
			_, err := w.Contest(w.ctx(), c, w.community, w.mandates["Hana"], "")
			return err
		},
	} {
		for _, who := range []string{"Pablo", "Ulla", name} {
			w.appendsNothing(who+" "+by, func() error { return try(w.by(who)) })
		}
	}
	w.must(w.Vouch(w.ctx(), w.by("Hilda"), w.community, id, ""))
	w.appendsNothing("one holder stands behind it twice", func() error {
		_, err := w.Vouch(w.ctx(), w.by("Hilda"), w.community, id, "")
		return err
	})
	w.wait(31 * day)
	if m, _ := w.seat("Hilda").Community.Mandate(id); m.Valid(consultations.Decide, w.consultation, w.clock) {
		w.Errorf("%s speaks for the community by the word of one holder", name)
	}
	w.must(w.DropDraft(w.ctx(), w.by("Fara"), w.community, w.consultation, draft))
}

// wouldSitIn tries to be invited among the community, and to be there all the same.
func (w *world) wouldSitIn(name string) {
	w.Helper()
	form := consultations.SessionForm{Version: 1, Kind: consultations.InternalOnly, Held: w.clock, Notes: "entre nosotros", Invited: []record.ID{w.people[name].ID()}}
	for field, change := range map[string]func(*consultations.SessionForm){
		"invited":           func(*consultations.SessionForm) {},
		"proponent_present": func(f *consultations.SessionForm) { f.Invited, f.ProponentPresent = nil, true },
	} {
		changed := form
		change(&changed)
		w.appendsNothing(name+" sits in: "+field, func() error {
			_, err := w.WriteSession(w.ctx(), w.by("Hilda"), w.community, w.consultation, changed)
			w.invalid(err, field)
			return err
		})
	}
	w.appendsNothing(name+" writes that they met", func() error {
		_, err := w.WriteSession(w.ctx(), w.by(name), w.community, w.consultation, form)
		return err
	})
	form.Invited = nil
	w.must(w.WriteSession(w.ctx(), w.by("Hilda"), w.community, w.consultation, form))
	if v, _ := w.sees(name, 1); len(v.Sessions) > 0 {
		w.Errorf("%s sees %+v", name, v.Sessions)
	}
}

// TestHardCase17AskingWhenItMayNotBeAsked: in the days the community keeps free, and
// the same again after a no. A guest is told one sentence for all of it; who helps
// the community is told why.
func TestHardCase17AskingWhenItMayNotBeAsked(t *testing.T) {
	each(t, func(w *world) {
		w.founded().proposed()
		harvest := consultations.CommunityForm{
			Name: nameOf, Identifies: consultations.Indigenous, Languages: []string{tongue}, Blackouts: []consultations.Span{{From: w.clock, To: w.clock.Add(20 * day)}},
		}
		w.must(w.Describe(w.ctx(), w.by("Hilda"), w.community, harvest))
		w.turnedAway("in the harvest", 1, consultations.GuardBlackout)
		w.wait(21 * day)
		w.told().deliberated().decided(consultations.No, w.aspects...)
		for name, guard := range map[string]consultations.Guard{"Pablo": consultations.GuardNotNow, "Fara": consultations.GuardNewVersion} {
			w.appendsNothing(name+" puts the same as something new", func() error {
				_, err := w.Propose(w.ctx(), w.by(name), w.community, w.form("First"))
				w.blockedBy(err, guard)
				return err
			})
		}
		w.appendsNothing("the same as a next version", func() error {
			_, err := w.ChangeProposal(w.ctx(), w.by("Pablo"), w.community, w.consultation, w.form("First"))
			w.invalid(err, "summary")
			return err
		})
		w.wait(91 * day)
		w.move("Hilda", consultations.MoveReopen)
		w.appendsNothing("the version that was refused", func() error {
			_, err := w.Move(w.ctx(), w.by("Pablo"), w.community, w.consultation, 1, consultations.MoveInvite, "")
			return err
		})
		_, err := w.Move(w.ctx(), w.by("Fara"), w.community, w.consultation, 1, consultations.MoveInvite, "")
		w.blockedBy(err, consultations.GuardNewVersion)
	})
}

// turnedAway checks what a guest and a helper hear who invite at the wrong time.
func (w *world) turnedAway(when string, version int, why consultations.Guard) {
	w.Helper()
	for name, guard := range map[string]consultations.Guard{"Pablo": consultations.GuardNotNow, "Fara": why} {
		w.appendsNothing(name+" invites "+when, func() error {
			_, err := w.Move(w.ctx(), w.by(name), w.community, w.consultation, version, consultations.MoveInvite, "")
			w.blockedBy(err, guard)
			return err
		})
	}
}

// TestHardCase17AskingUntilTheyAreTired: one proponent puts proposal after proposal,
// and version after version. After a few the community is left in peace for a month,
// whoever writes it down for them; another proponent is not kept out by it, nor is
// the community from asking for more.
func TestHardCase17AskingUntilTheyAreTired(t *testing.T) {
	each(t, func(w *world) {
		w.founded().proposed()
		put := func(by, words string) error {
			form := w.form(words)
			form.Proponent = w.people[by].ID()
			if by != "Pablo" && by != "Nadia" {
				form.Proponent = w.people["Pablo"].ID()
			}
			_, err := w.Propose(w.ctx(), w.by(by), w.community, form)
			return err
		}
		again := func(words string) error {
			_, err := w.ChangeProposal(w.ctx(), w.by("Pablo"), w.community, w.consultation, w.form(words))
			return err
		}
		for _, words := range []string{"second", "third"} {
			if err := errors.Join(put("Pablo", words), again(words)); err != nil {
				w.Fatalf("the %s: %v", words, err)
			}
		}
		for what, try := range map[string]func() error{
			"another proposal": func() error { return put("Pablo", "sixth") }, "one by the facilitator": func() error { return put("Fara", "sixth") },
			"another version": func() error { return again("sixth") },
		} {
			w.appendsNothing(what, func() error { err := try(); w.blockedBy(err, consultations.GuardNotNow); return err })
		}
		w.seated("Nadia", consultations.Proponent)
		for by, why := range map[string]string{"Nadia": "another proponent is kept out by it", "Hilda": "the community cannot hear what it wants to"} {
			if err := put(by, "of "+by); err != nil {
				w.Errorf("%s: %v", why, err)
			}
		}
		w.wait(30 * day)
		if err := put("Pablo", "sixth"); err != nil {
			w.Errorf("the month after: %v", err)
		}
	})
}
