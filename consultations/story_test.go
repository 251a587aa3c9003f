package consultations_test

import (
	"fmt"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/record"
)

// story is a log without a database: events in the order in which they arrived,
// for what must follow from the events alone.
type story struct {
	events []consultations.Event
	clock  time.Time
	rules  consultations.Rules
}

// Names in a story.
const (
	xID            = record.ID("x")
	assemblyOf     = record.ID("assembly")
	womenOf        = record.ID("women")
	firstAspect    = record.ID("a1")
	secondAspect   = record.ID("a2")
	thirdAspect    = record.ID("a3")
	storyProponent = record.ID("pablo")
)

func aspectIDs() []record.ID { return []record.ID{firstAspect, secondAspect, thirdAspect} }

// add lets a fact happen now, by somebody who knows all there is.
func (s *story) add(f consultations.Fact) int64 {
	return s.claimed(f, consultations.Claim{Base: int64(len(s.events))}, nil)
}

// claimed lets a fact arrive now with what its sender claims.
func (s *story) claimed(f consultations.Fact, claim consultations.Claim, texts consultations.Texts) int64 {
	index := int64(len(s.events))
	s.events = append(s.events, consultations.Event{Index: index, At: s.clock, Claim: claim, Fact: f, Texts: texts})
	s.clock = s.clock.Add(time.Minute)
	return index
}

// fold is what stands, and the consultation in it.
func (s *story) fold() (*consultations.Community, *consultations.Consultation) {
	c := consultations.Fold(s.events)
	return c, c.Consultation(xID)
}

// state is how an aspect stands at a time.
func (s *story) state(aspect record.ID, at time.Time) consultations.Standing {
	c, x := s.fold()
	return c.Standing(x, 1, aspect, at)
}

// talking is a story up to the first telling: a community with two institutions,
// three aspects and a plan.
func talking(r consultations.Rules) *story {
	s := &story{clock: time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC), rules: r}
	s.add(&consultations.CommunityFounded{ID: "c", Languages: []string{tongue}, Enroller: "fara"})
	s.add(&consultations.InstitutionAdded{ID: assemblyOf, Body: consultations.Assembly})
	s.add(&consultations.InstitutionAdded{ID: womenOf, Body: consultations.Women})
	s.add(&consultations.ProtocolAdopted{Institution: assemblyOf, Rules: r})
	for _, m := range [][2]record.ID{{"hilda", assemblyOf}, {"horst", assemblyOf}, {"hana", womenOf}} {
		s.add(&consultations.MandateEntered{ID: "m-" + m[0], Holder: m[0], Account: m[0], Institution: m[1], Powers: consultations.Powers(), From: s.clock})
	}
	s.add(&consultations.ProposalVersioned{Proposal: "p", Proponent: storyProponent, Aspects: aspectIDs()})
	s.add(&consultations.ConsultationMoved{ID: xID, Proposal: "p", Version: 1, Move: consultations.MoveIdentify})
	s.add(&consultations.ConsultationMoved{ID: xID, Version: 1, Move: consultations.MoveInvite})
	plan := s.add(&consultations.PlanWritten{Consultation: xID})
	for _, side := range []consultations.Side{consultations.SideCommunity, consultations.SideProponent} {
		s.add(&consultations.PlanAccepted{Consultation: xID, Version: 1, Side: side, Plan: plan})
	}
	return s
}

// tell tells every topic, and the community receives it.
func (s *story) tell() *story {
	for i, topic := range consultations.Topics() {
		s.add(&consultations.Disclosed{
			ID: record.ID(fmt.Sprint("d", i)), Consultation: xID, Version: 1, Topic: topic, Language: tongue, Medium: consultations.Audio, Evidence: paper,
		})
	}
	s.add(&consultations.ConsultationMoved{ID: xID, Version: 1, Move: consultations.MoveReceive})
	return s
}

// decisionOf is a decision of the aspects by holders of the assembly, its sender
// knowing what claim says.
func decisionOf(id record.ID, kind consultations.DecisionType, base int64, aspects ...record.ID) *consultations.Decided {
	return &consultations.Decided{
		ID: id, Consultation: xID, Version: 1, Aspects: aspects, Type: kind, Base: base, Mandates: []record.ID{"m-hilda", "m-horst"},
	}
}

// yes lets a yes be given now to the aspects, in force at once.
func (s *story) yes(id record.ID, aspects ...record.ID) {
	d := decisionOf(id, consultations.Consent, int64(len(s.events)), aspects...)
	d.Effective = s.clock
	s.add(d)
}

// wait lets time go by.
func (s *story) wait(d time.Duration) *story { s.clock = s.clock.Add(d); return s }
