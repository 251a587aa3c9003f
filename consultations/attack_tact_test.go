package consultations_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/vcm-forum/forum/consultations"
)

// TestAgainMailAfterRevocation: the release is taken back; the mail goes on to tell the proponent of each
// thing that happens.
func TestAgainMailAfterRevocation(t *testing.T) {
	w := one(t).ready()
	w.decided(consultations.Consent, w.aspects[0])
	r := w.release(consultations.ToProponent, consultations.PartStatus)
	if _, err := w.Export(w.ctx(), w.by("Pablo"), w.community, consultations.ExportForm{
		Consultation: w.consultation, Version: 1, Recipient: "Pablo", Address: "pablo@example.org", Language: "es", Status: "https://x/c/",
	}); err != nil {
		t.Fatal(err)
	}
	w.must(w.Revoke(w.ctx(), w.by("Hilda"), w.community, r))
	w.wait(day)
	letters := func() int {
		out, err := w.Outbox(w.ctx())
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range out {
			if err := w.Told(w.ctx(), l, false); err != nil {
				t.Fatal(err)
			}
		}
		return len(out)
	}
	t.Log("after the revocation:", letters())
	if err := w.stop("Hilda", consultations.Withdraw, w.aspects[0]); err != nil {
		t.Fatal(err)
	}
	if n := letters(); n > 0 {
		t.Errorf("the proponent, who is shown nothing any more, gets a mail the minute the yes is taken back (%d)", n)
	}
}

// TestAgainProponentProbesByProposing: a withheld no is told by whether a new proposal is taken.
func TestAgainProponentProbesByProposing(t *testing.T) {
	answer := func(no bool) string {
		w := one(t).ready()
		if no {
			w.decided(consultations.No, w.aspects...)
		}
		form := w.form("Another")
		form.Title = "Otra cosa"
		_, err := w.Propose(w.ctx(), w.by("Pablo"), w.community, form)
		return fmt.Sprint(err)
	}
	if before, after := answer(false), answer(true); before != after {
		t.Errorf("undecided: %s; after a no that was told to nobody: %s", before, after)
	}
}

// TestAgainProponentProbesByInviting: the same with the next version and an invitation.
func TestAgainProponentProbesByInviting(t *testing.T) {
	answer := func(no bool) string {
		w := one(t).ready()
		if no {
			w.decided(consultations.No, w.aspects...)
		}
		w.must(w.ChangeProposal(w.ctx(), w.by("Pablo"), w.community, w.consultation, w.form("Second")))
		_, err := w.Move(w.ctx(), w.by("Pablo"), w.community, w.consultation, 2, consultations.MoveInvite, "")
		return fmt.Sprint(err)
	}
	if before, after := answer(false), answer(true); before != after {
		t.Errorf("undecided: %s; after a no that was told to nobody: %s", before, after)
	}
}

// TestAgainFormerHolderContestsForEver: whose mandate was ended goes on to contest by
// "late" withdrawals, each of which a quorum has to rule on. They are heard once, and soon.
func TestAgainFormerHolderContestsForEver(t *testing.T) {
	for _, years := range []int{0, 1} {
		w := one(t).ready()
		w.decided(consultations.Consent, w.aspects[0])
		was := w.clock
		w.wait(time.Hour)
		for _, n := range []string{"Hilda", "Hana"} {
			w.must(w.EndMandate(w.ctx(), w.by(n), w.community, w.mandates["Horst"]))
		}
		w.wait(time.Duration(years)*aYear + 20*day)
		stop := func() error {
			_, err := w.Stop(w.ctx(), w.late("Horst", w.size(), was), w.community, w.consultation, consultations.StopForm{Type: consultations.Withdraw, Version: 1})
			return err
		}
		if err := stop(); (err == nil) != (years == 0) {
			t.Errorf("after %d years: %v", years, err)
		}
		if err := stop(); err == nil {
			t.Error("he is heard twice")
		}
		if n := len(w.record("Hilda").Contests); n != 1-years {
			t.Errorf("%d contests", n)
		}
	}
}
