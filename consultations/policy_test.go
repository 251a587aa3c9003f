package consultations_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// theTable says who may try what: written a second time, so that no line of the
// policy changes by itself. Holders are in every line that says "holder" as far as
// their mandate gives the power behind the slash.
const theTable = `
know          holder member facilitator observer proponent auditor grievance_body
see_all       holder member facilitator
see_internal  holder member
see_reads     holder member
see_mandates  holder member facilitator observer auditor grievance_body
see_proofs    holder member facilitator observer auditor grievance_body
define_self   holder facilitator
enter_mandate holder facilitator
vouch         holder/confirm_decision
attest        observer auditor grievance_body
dispute       holder member facilitator observer grievance_body
rule          holder/confirm_decision
propose       holder facilitator proponent
approach      facilitator proponent
plan          holder facilitator proponent
tell          facilitator proponent
hear          holder/receive
convene       holder facilitator
transcribe    holder facilitator
confirm       holder/confirm_decision
stop          holder/withdraw
relay         holder facilitator
raise_change  holder member facilitator observer proponent auditor grievance_body
verify        holder auditor
give          holder/release_data
hand_in       holder member facilitator observer proponent
invite        holder facilitator
`

// policyRows reads the table: act → roles, and the power that a holder needs.
func policyRows() (roles map[consultations.Act][]string, power map[consultations.Act]consultations.Power) {
	roles, power = map[consultations.Act][]string{}, map[consultations.Act]consultations.Power{}
	for line := range strings.SplitSeq(strings.TrimSpace(theTable), "\n") {
		words := strings.Fields(line)
		act := consultations.Act(words[0])
		for _, word := range words[1:] {
			role, needs, _ := strings.Cut(word, "/")
			roles[act] = append(roles[act], role)
			if needs != "" {
				power[act] = consultations.Power(needs)
			}
		}
	}
	return roles, power
}

// account is an actor of a story, who is signed in.
func account(id record.ID) people.Actor {
	return people.Actor{Person: people.Person{ID: id, Kind: people.Account}}
}

// held gives somebody a mandate that counts from a year ago on.
func (s *story) held(account record.ID, change func(*consultations.MandateEntered), powers ...consultations.Power) {
	f := &consultations.MandateEntered{
		ID: "m-" + account, Holder: "h-" + account, Account: account, Institution: assemblyOf, Powers: powers, From: s.clock.Add(-aYear),
	}
	change(f)
	s.add(f)
	for _, by := range []record.ID{"one", "two"} {
		s.events = append(s.events, consultations.Event{Index: int64(len(s.events)), At: s.clock, Actor: by, Fact: &consultations.MandateConfirmed{Mandate: f.ID}})
	}
}

func asEntered(*consultations.MandateEntered) {}

// staffed is a story in which every role is taken by an account of its name, and
// every power held by one of its own.
func staffed() *story {
	s := talking(consultations.Rules{})
	for _, role := range consultations.Roles() {
		s.add(&consultations.SeatGiven{Account: record.ID(role), Role: role})
	}
	s.held("holder", asEntered, consultations.Powers()...)
	for _, power := range consultations.Powers() {
		s.held("only "+record.ID(power), asEntered, power)
	}
	return s.wait(aYear)
}

func (s *story) seat(id record.ID) consultations.Seat {
	c, _ := s.fold()
	return consultations.Seat{Actor: account(id), Community: c, At: s.clock}
}

// TestWhoMayTryWhat compares the policy with the table, act by act and role by role.
func TestWhoMayTryWhat(t *testing.T) {
	s := staffed()
	roles, power := policyRows()
	if len(roles) != len(consultations.Acts()) {
		t.Errorf("the table has %d acts, the policy %d", len(roles), len(consultations.Acts()))
	}
	for _, act := range consultations.Acts() {
		for _, role := range append(consultations.Roles(), consultations.Holder) {
			want := slices.Contains(roles[act], string(role))
			if got := s.seat(record.ID(role)).Can(act, xID); got != want {
				t.Errorf("%s may %s: %v, want %v", role, act, got, want)
			}
		}
		for _, p := range consultations.Powers() {
			want := slices.Contains(roles[act], "holder") && (power[act] == "" || power[act] == p)
			if got := s.seat("only "+record.ID(p)).Can(act, xID); got != want {
				t.Errorf("a holder of %s may %s: %v, want %v", p, act, got, want)
			}
		}
		if err := s.seat("nobody").Check(act, xID); err != consultations.ErrHidden { //nolint:errorlint // exactly what pages answer as "not found"
			t.Errorf("nobody may %s: %v", act, err)
		}
	}
}

// TestWhoHasNoRole: a guest, a suspended account, a seat or mandate of another
// consultation, one that has ended, one that nobody stands behind.
func TestWhoHasNoRole(t *testing.T) {
	s := staffed()
	elsewhere := func(f *consultations.MandateEntered) { f.Consultation = "another" }
	s.held("elsewhere", elsewhere, consultations.Powers()...)
	s.held("rejected", asEntered, consultations.Powers()...)
	s.add(&consultations.MandateRuled{Mandate: "m-rejected"})
	s.held("over", func(f *consultations.MandateEntered) { f.Until = s.clock.Add(time.Hour) }, consultations.Powers()...)
	s.add(&consultations.MandateEntered{ID: "m-alone", Holder: "h-alone", Account: "alone", Powers: consultations.Powers(), From: s.clock})
	s.add(&consultations.SeatGiven{Account: "gone", Role: consultations.Member})
	s.add(&consultations.SeatTaken{Account: "gone", Role: consultations.Member})
	s.add(&consultations.SeatGiven{Account: "other", Role: consultations.Auditor, Consultation: "another"})
	s.wait(aYear)
	for _, id := range []record.ID{"elsewhere", "rejected", "over", "alone", "gone", "other"} {
		if roles := s.seat(id).Roles(xID); len(roles) != 0 {
			t.Errorf("%s is %v", id, roles)
		}
	}
	for _, id := range []record.ID{"elsewhere", "other"} {
		if seat := s.seat(id); !seat.Can(consultations.Know, "another") || !seat.Can(consultations.Know, "") {
			t.Errorf("%s is nothing to the consultation it is of", id)
		}
	}
	for what, change := range map[string]func(*people.Person){
		"a guest": func(p *people.Person) { p.Kind = people.Guest }, "imported": func(p *people.Person) { p.Kind = people.Imported },
		"suspended": func(p *people.Person) { p.SuspendedAt = &s.clock }, "erased": func(p *people.Person) { p.ErasedAt = &s.clock },
	} {
		seat := s.seat("holder")
		change(&seat.Actor.Person)
		if roles := seat.Roles(""); len(roles) != 0 {
			t.Errorf("%s is %v", what, roles)
		}
	}
}

// TestAProponentIsNothingElse, whatever else somebody let them be.
func TestAProponentIsNothingElse(t *testing.T) {
	s := staffed()
	for _, role := range []consultations.Role{consultations.Facilitator, consultations.Member, consultations.Auditor} {
		s.add(&consultations.SeatGiven{Account: "proponent", Role: role})
	}
	if roles := s.seat("proponent").Roles(xID); !slices.Equal(roles, []consultations.Role{consultations.Proponent}) {
		t.Errorf("the proponent is %v", roles)
	}
}

// TestWhoSaysWhatTheCommunityIs: its facilitator as long as nobody speaks for it.
func TestWhoSaysWhatTheCommunityIs(t *testing.T) {
	s := &story{clock: time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)}
	s.add(&consultations.CommunityFounded{ID: "c", Enroller: "fara"})
	owns := func(want bool, why string) {
		t.Helper()
		if got := s.seat("fara").Owns(); got != want {
			t.Errorf("%s: the facilitator says what the community is: %v", why, got)
		}
	}
	owns(true, "at the beginning")
	s.add(&consultations.MandateEntered{ID: "m", Holder: "h", Account: "hilda", Powers: consultations.Powers(), From: s.clock})
	owns(true, "nobody stands behind the mandate")
	until := s.clock.Add(30 * day)
	s.held("horst", func(f *consultations.MandateEntered) { f.Until = until }, consultations.Powers()...)
	owns(false, "somebody speaks for it")
	if !s.seat("horst").Owns() {
		t.Error("who speaks for it does not say what it is")
	}
	s.wait(31 * day)
	owns(true, "nobody does any more")
	s.held("hana", asEntered, consultations.Powers()...)
	owns(false, "somebody does again")
	s.add(&consultations.MandateRuled{Mandate: "m-hana"})
	owns(true, "and was rejected")
}
