package consultations_test

import (
	"errors"
	"testing"

	"github.com/vcm-forum/forum/consultations"
)

// A recipient with an address is told of each change, once, by a letter that keeps its
// number however often it is asked for; one without is not.
func TestRecipientsAreToldOfEachChangeOnce(t *testing.T) {
	each(t, func(w *world) {
		w.ready().decided(consultations.Consent, w.aspects[0])
		take := func(address string) {
			_, err := w.Export(w.ctx(), w.by("Hilda"), w.community, consultations.ExportForm{
				Consultation: w.consultation, Version: 1, Recipient: "registry", Address: address, Language: "fr",
			})
			if err != nil {
				w.Fatal(err)
			}
		}
		take("")
		take(" Registry@Example.ORG ")
		waits := func(n int) []consultations.Letter {
			w.Helper()
			out, err := w.Outbox(w.ctx())
			if err != nil || len(out) != n {
				w.Fatalf("%d letters wait, want %d (%v)", len(out), n, err)
			}
			return out
		}
		waits(0)
		if err := w.stop("Hilda", consultations.Suspend); err != nil {
			w.Fatal(err)
		}
		first := waits(1)[0]
		if first.To != "registry@example.org" || first.Language != "fr" || first.Number() != waits(1)[0].Number() {
			w.Errorf("%+v", first)
		}
		if status, err := w.ByLink(w.ctx(), first.Token); err != nil || !status.Changed {
			w.Errorf("its link says %+v, %v", status, err)
		}
		if err := w.stop("Hilda", consultations.Withdraw); err != nil {
			w.Fatal(err)
		}
		second := waits(1)[0] // one letter tells of both
		if err := w.StillUntold(w.ctx(), first); !errors.Is(err, consultations.ErrTold) || first.Number() == second.Number() {
			w.Errorf("the first letter goes still: %v", err)
		}
		if err := errors.Join(w.StillUntold(w.ctx(), second), w.Told(w.ctx(), second, false)); err != nil {
			w.Fatal(err)
		}
		waits(0)
		if err := w.StillUntold(w.ctx(), second); !errors.Is(err, consultations.ErrTold) {
			w.Errorf("it goes twice: %v", err)
		}
	})
}

func TestACopyTakesAnAddressOrNone(t *testing.T) {
	w := one(t).ready()
	_, err := w.Export(w.ctx(), w.by("Hilda"), w.community, consultations.ExportForm{
		Consultation: w.consultation, Version: 1, Recipient: "registry", Address: "a@b.example\r\nBcc: c@d.example",
	})
	w.invalid(err, "address")
}

// Looking at a link is entered, and not as often as somebody likes.
func TestALookByALinkIsEntered(t *testing.T) {
	w := one(t).ready()
	taken, err := w.Export(w.ctx(), w.by("Hilda"), w.community, consultations.ExportForm{Consultation: w.consultation, Version: 1, Recipient: "x"})
	if err != nil {
		t.Fatal(err)
	}
	looks := func() (n int) {
		reads, err := w.Reads(w.ctx(), w.seat("Hilda"), 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range reads {
			if r.What == "link" && r.Subject == taken.ID && r.Account == "" {
				n++
			}
		}
		return n
	}
	for range 3 {
		if _, err := w.ByLink(w.ctx(), taken.Token); err != nil {
			t.Fatal(err)
		}
	}
	if n := looks(); n != 1 {
		t.Errorf("%d looks are entered, want 1", n)
	}
	w.wait(day)
	if _, err := w.ByLink(w.ctx(), taken.Token); err != nil || looks() != 2 {
		t.Errorf("the next day's look is not entered (%v)", err)
	}
}
