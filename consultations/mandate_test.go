package consultations_test

import (
	"testing"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/record"
)

// mandates builds one mandate from what happened to it.
type mandates struct{ *story }

func newMandate(founding bool, r consultations.Rules, powers ...consultations.Power) mandates {
	s := &story{clock: time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)}
	s.add(&consultations.CommunityFounded{ID: "c"})
	s.add(&consultations.ProtocolAdopted{Rules: r})
	s.add(&consultations.MandateEntered{ID: "m", Holder: "h", Account: "a", Powers: powers, From: s.clock, Founding: founding})
	return mandates{s}
}

// happens lets a fact happen at a time after the beginning, by somebody.
func (m mandates) happens(after time.Duration, by record.ID, f consultations.Fact) {
	at := m.events[0].At.Add(after)
	m.events = append(m.events, consultations.Event{Index: int64(len(m.events)), At: at, Actor: by, Fact: f})
}

func (m mandates) is() consultations.Mandate {
	got, _ := consultations.Fold(m.events).Mandate("m")
	return got
}

// counts checks from when on the mandate lets its holder decide, and that a second
// before it does not.
func (m mandates) counts(t *testing.T, from time.Duration) {
	t.Helper()
	at := m.events[0].At.Add(from)
	if m.is().Valid(consultations.Decide, "", at.Add(-time.Second)) || !m.is().Valid(consultations.Decide, "", at) {
		t.Errorf("it does not count from %v on, but from %v", at, m.is().ReadyAt())
	}
}

// never checks that it gives no power at all, ever.
func (m mandates) never(t *testing.T, why string) {
	t.Helper()
	for _, p := range consultations.Powers() {
		if m.is().Valid(p, "", m.events[0].At.Add(10*aYear)) {
			t.Errorf("%s: it gives %s", why, p)
		}
	}
}

// TestAFoundingMandateCounts once two of the institution stand behind it, a witness
// has attested it, and thirty days have passed; protecting needs no days.
func TestAFoundingMandateCounts(t *testing.T) {
	m := newMandate(true, consultations.Rules{Confirmations: 5}, consultations.Powers()...)
	m.never(t, "nothing")
	m.happens(1*day, "f", &consultations.MandateConfirmed{Mandate: "m"})
	m.happens(2*day, "o", &consultations.MandateAttested{Mandate: "m"})
	m.never(t, "one name, and attested")
	one := newMandate(true, consultations.Rules{}, consultations.Powers()...)
	for range 2 {
		one.happens(1*day, "f", &consultations.MandateConfirmed{Mandate: "m"})
	}
	one.never(t, "two names, and no witness")
	m.happens(3*day, "f", &consultations.MandateConfirmed{Mandate: "m"})
	m.counts(t, 32*day)
	m.happens(4*day, "o", &consultations.MandateAttested{Mandate: "m"})
	m.counts(t, 32*day) // a second witness makes it neither earlier nor later
	if now := m.events[0].At.Add(3 * day); !m.is().Valid(consultations.Protect, "", now) || m.is().Valid(consultations.ReleaseOf, "", now) {
		t.Error("before the thirty days it must protect, and release nothing")
	}
}

// TestALaterMandateCounts once as many stand behind it as a decision takes, and 72
// hours, or what the protocol of its day asks for, have passed.
func TestALaterMandateCounts(t *testing.T) {
	for hours, wait := range map[int]time.Duration{0: 72 * time.Hour, 24: 72 * time.Hour, 200: 200 * time.Hour} {
		m := newMandate(false, consultations.Rules{Confirmations: 3, MandateHours: hours}, consultations.Powers()...)
		m.happens(1*day, "one", &consultations.MandateConfirmed{Mandate: "m"})
		m.happens(2*day, "two", &consultations.MandateConfirmed{Mandate: "m"})
		m.never(t, "two of three")
		m.happens(3*day, "", &consultations.ProtocolAdopted{Rules: consultations.Rules{Confirmations: 2}})
		m.never(t, "a later protocol asks for two")
		m.happens(5*day, "three", &consultations.MandateConfirmed{Mandate: "m"})
		m.counts(t, 5*day+wait)
		m.happens(6*day, "four", &consultations.MandateConfirmed{Mandate: "m"})
		m.counts(t, 5*day+wait)
	}
}

// TestAMandateBeginsAndEnds, and does not count before the one or after the other,
// whatever it protects.
func TestAMandateBeginsAndEnds(t *testing.T) {
	begins := newMandate(false, consultations.Rules{}, consultations.Powers()...)
	begins.events[2].Fact.(*consultations.MandateEntered).From = begins.clock.Add(60 * day)
	ends := newMandate(false, consultations.Rules{}, consultations.Powers()...)
	ends.events[2].Fact.(*consultations.MandateEntered).Until = ends.clock.Add(60 * day)
	ended := newMandate(false, consultations.Rules{}, consultations.Powers()...)
	for _, m := range []mandates{begins, ends, ended} {
		m.happens(0, "one", &consultations.MandateConfirmed{Mandate: "m"})
		m.happens(0, "two", &consultations.MandateConfirmed{Mandate: "m"})
	}
	ended.happens(50*day, "one", &consultations.MandateEnded{Mandate: "m"})
	begins.counts(t, begins.is().From.Sub(begins.events[0].At))
	for _, p := range consultations.Powers() {
		for n, want := range map[int]bool{10: true, 49: true, 61: false} {
			if got := ends.is().Valid(p, "", ends.events[0].At.Add(time.Duration(n)*day)); got != want {
				t.Errorf("%s on day %d of one until day 60: %v", p, n, got)
			}
		}
		for n, want := range map[int]bool{49: true, 50: false, 400: false} {
			if got := ended.is().Valid(p, "", ended.events[0].At.Add(time.Duration(n)*day)); got != want {
				t.Errorf("%s on day %d of one that was ended on day 50: %v", p, n, got)
			}
		}
		if begins.is().Valid(p, "", begins.events[0].At.Add(59*day)) {
			t.Errorf("%s before its first day", p)
		}
	}
}

// TestADisputedMandate gives nothing but protection, a rejected one nothing, and
// one that was upheld all it gave.
func TestADisputedMandate(t *testing.T) {
	for _, ruled := range []string{"not yet", "upheld", "rejected"} {
		m := newMandate(false, consultations.Rules{}, consultations.Powers()...)
		m.happens(0, "one", &consultations.MandateConfirmed{Mandate: "m"})
		m.happens(0, "two", &consultations.MandateConfirmed{Mandate: "m"})
		m.happens(10*day, "one", &consultations.MandateContested{Mandate: "m"})
		if ruled != "not yet" {
			m.happens(11*day, "two", &consultations.MandateRuled{Mandate: "m", Upheld: ruled == "upheld"})
		}
		for _, p := range consultations.Powers() {
			want := ruled == "upheld" || (ruled == "not yet" && p == consultations.Protect)
			if got := m.is().Valid(p, "", m.events[0].At.Add(20*day)); got != want {
				t.Errorf("ruled %s: %s is given: %v", ruled, p, got)
			}
		}
	}
}

// TestAMandateGivesWhatItSays: its powers, in its consultation.
func TestAMandateGivesWhatItSays(t *testing.T) {
	for _, power := range consultations.Powers() {
		m := newMandate(false, consultations.Rules{}, power)
		m.events[2].Fact.(*consultations.MandateEntered).Consultation = "x"
		m.happens(0, "one", &consultations.MandateConfirmed{Mandate: "m"})
		m.happens(0, "two", &consultations.MandateConfirmed{Mandate: "m"})
		for _, p := range consultations.Powers() {
			for _, x := range []record.ID{"x", "y", ""} {
				want := p == power && x == "x"
				if got := m.is().Valid(p, x, m.events[0].At.Add(aYear)); got != want {
					t.Errorf("one for %s in x gives %s in %q: %v", power, p, x, got)
				}
			}
		}
	}
}

// TestAMovedAccountWaits as a new holder does, and not to protect.
func TestAMovedAccountWaits(t *testing.T) {
	for _, founding := range []bool{false, true} {
		m := newMandate(founding, consultations.Rules{}, consultations.Powers()...)
		m.happens(0, "one", &consultations.MandateConfirmed{Mandate: "m"})
		m.happens(0, "two", &consultations.MandateConfirmed{Mandate: "m"})
		m.happens(0, "o", &consultations.MandateAttested{Mandate: "m"})
		m.happens(50*day, "one", &consultations.AccountMoved{Holder: "h", Account: "new"})
		m.happens(51*day, "one", &consultations.AccountMoved{Holder: "h", Account: "new"})
		if m.is().Account != "a" {
			t.Error("one custodian moved it alone")
		}
		m.happens(52*day, "two", &consultations.AccountMoved{Holder: "h", Account: "new"})
		if m.is().Account != "new" || !m.is().Valid(consultations.Protect, "", m.events[0].At.Add(52*day)) {
			t.Errorf("it belongs to %s", m.is().Account)
		}
		m.counts(t, 55*day)
	}
}

// TestAHolderWithoutAnAccount is nobody's account's.
func TestAHolderWithoutAnAccount(t *testing.T) {
	m := newMandate(false, consultations.Rules{AnyElder: true}, consultations.Powers()...)
	m.events[2].Fact.(*consultations.MandateEntered).Account = ""
	m.happens(0, "one", &consultations.MandateConfirmed{Mandate: "m"})
	m.happens(0, "two", &consultations.MandateConfirmed{Mandate: "m"})
	c := consultations.Fold(m.events)
	for _, p := range consultations.Powers() {
		if got, ok := c.HolderWith("", p, "", m.clock.Add(aYear)); ok {
			t.Errorf("nobody in particular has %s by %s", p, got.ID)
		}
	}
}

// TestAnyElderProtects, and does nothing else by it.
func TestAnyElderProtects(t *testing.T) {
	for _, elder := range []bool{false, true} {
		m := newMandate(false, consultations.Rules{AnyElder: elder}, consultations.Receipting)
		m.happens(0, "one", &consultations.MandateConfirmed{Mandate: "m"})
		m.happens(0, "two", &consultations.MandateConfirmed{Mandate: "m"})
		c := consultations.Fold(m.events)
		for _, p := range consultations.Powers() {
			want := p == consultations.Receipting || (elder && p == consultations.Protect)
			if _, got := c.HolderWith("a", p, "", m.clock.Add(aYear)); got != want {
				t.Errorf("any elder %v: %s is given: %v", elder, p, got)
			}
		}
	}
}
