package main

import (
	"fmt"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/record"
)

type demoConsultations struct {
	People       []demoPerson
	Communities  []demoCommunity
	LaterMandate string `json:"later_mandate"`
	Talks        []demoTalk
}

type demoCommunity struct {
	ID, Name, Identifies, Rule string
	Languages                  []string
	NotRecorded                string `json:"not_recorded"`
	Institutions               []struct{ ID, Kind, Name, About string }
	Mandates                   []struct {
		ID, Name, Institution, Resolved string
		Named                           []string // who stands behind it
	}
}

type demoTalk struct {
	ID, Community, Proponent, Title, Summary, Plan, Asked, Finding, Withdrawal string
	Aspects                                                                    []string
	Told                                                                       map[consultations.Topic]string
	ToldBack                                                                   map[consultations.Topic]string `json:"told_back"`
	Answers                                                                    []demoAnswer
}

type demoAnswer struct {
	ID, Statement       string
	Type                consultations.DecisionType
	Aspect              int
	Conditions, Dissent []string
}

// Where the demonstration's communities live, and what is spoken there: a language
// that has no code, told aloud, and Spanish, which is also written.
const (
	demoZone    = "America/Lima"
	demoTongue  = "x-invent"
	demoWritten = "es"
)

// Who of the demonstration is what to its communities. They are ids of people;
// those who speak for a community are named in its mandates.
const (
	demoHelper  = "lucia"   // facilitates and enrols
	demoWitness = "gonzalo" // attests from outside
	demoAuditor = "noemi"
	demoYouth   = "yesica"
)

// storyteller plans what happened to the demonstration's communities. Two talks of
// one community are planned one after the other and played in the order of time.
type storyteller struct {
	*seeder
	talks *consultations.Service
	now   time.Time // of the step that is planned next
}

func (s *seeder) makeConsultations(like *consultations.Service) error {
	words, err := readDemo[demoConsultations]("consultations.json")
	if err != nil {
		return err
	}
	s.clock.set(s.start.AddDate(0, 0, -demoDays))
	for _, p := range words.People {
		if err := s.makePerson(p, "", nil); err != nil {
			return err
		}
	}
	t := &storyteller{seeder: s, talks: &consultations.Service{
		Writer: s.writer, Read: s.read, Vault: like.Vault, Now: s.clock.read, Host: like.Host, Words: like.Words, Seals: like.Seals,
	}}
	t.tell(words)
	if err := s.play(); err != nil {
		return fmt.Errorf("demonstration of consultations: %w", err)
	}
	return nil
}

// on sets the day and hour of what comes next, as [seeder.when] reads them.
func (s *storyteller) on(day string) { s.now = s.when(day, demoZone) }

// pace is the time between two steps of one meeting.
const pace = 6 * time.Minute

// do plans a step and keeps the id of what it made under a name. Then the record
// is read, which makes the service remember it: the next step reads what is new.
func (s *storyteller) do(name string, step func() (record.Receipt, error)) {
	s.at(s.now, func() error {
		receipt, err := step()
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		s.ids[name] = receipt.ID
		_, err = s.stands(record.ID(receipt.Room))
		return err
	})
	s.now = s.now.Add(pace)
}

func (s *storyteller) as(person string) consultations.Call {
	return consultations.Call{Call: s.by(person)}
}

// stands is a community's record at this moment of the story.
func (s *storyteller) stands(community record.ID) (*consultations.Community, error) {
	seat, err := s.talks.SeatOf(s.ctx, s.persons[demoHelper], community)
	return seat.Community, err
}

// onPaper stands for evidence that stays with the community: a paper, a recording.
func onPaper(words string) consultations.Digest {
	return consultations.Digest(record.Digest("demonstration", words))
}

// found opens a community's record: its institutions, its rules, and its first
// mandates, which a witness from outside attests the day after.
func (s *storyteller) found(c demoCommunity, day int, rules consultations.Rules) {
	s.on(fmt.Sprintf("%+dd08:30", day))
	s.do(c.ID, func() (record.Receipt, error) { return s.talks.Found(s.ctx, s.as(demoHelper), c.form()) })
	for _, i := range c.Institutions {
		s.do(i.ID, func() (record.Receipt, error) {
			return s.talks.AddInstitution(s.ctx, s.as(demoHelper), s.ids[c.ID], consultations.InstitutionForm{Kind: consultations.Body(i.Kind), Name: i.Name, About: i.About})
		})
	}
	s.do("protocol", func() (record.Receipt, error) {
		return s.talks.AdoptProtocol(s.ctx, s.as(demoHelper), s.ids[c.ID], consultations.ProtocolForm{
			Institution: s.ids[c.Institutions[0].ID], Rules: rules, Rule: c.Rule, NotRecorded: c.NotRecorded, Documents: []consultations.Digest{onPaper(c.Rule)},
		})
	})
	s.seat(c.ID, demoHelper, demoWitness, consultations.Observer)
	for _, m := range c.Mandates {
		s.mandate(c.ID, demoHelper, m.ID, m.Institution, m.Name, m.Resolved)
		for _, name := range m.Named {
			s.do("vouch", func() (record.Receipt, error) {
				return s.talks.Vouch(s.ctx, s.as(demoHelper), s.ids[c.ID], s.ids["mandate "+m.ID], name)
			})
		}
	}
	s.on(fmt.Sprintf("%+dd09:00", day+1))
	for _, m := range c.Mandates {
		s.do("attest", func() (record.Receipt, error) {
			return s.talks.Attest(s.ctx, s.as(demoWitness), s.ids[c.ID], s.ids["mandate "+m.ID])
		})
	}
}

func (c demoCommunity) form() consultations.CommunityForm {
	return consultations.CommunityForm{Name: c.Name, Identifies: consultations.Identity(c.Identifies), Languages: c.Languages}
}

// mandate enters that a person may speak; who has no account here has none there.
func (s *storyteller) mandate(community, by, person, institution, name, resolved string) {
	s.do("mandate "+person, func() (record.Receipt, error) {
		return s.talks.EnterMandate(s.ctx, s.as(by), s.ids[community], consultations.MandateForm{
			Name: name, Account: s.account(person), Institution: s.ids[institution], Powers: consultations.Powers(),
			Resolved: resolved, Resolution: []consultations.Digest{onPaper(resolved)},
		})
	})
}

// account is somebody's, "" for who has none.
func (s *storyteller) account(person string) record.ID { return s.persons[person].Person.ID }

func (s *storyteller) seat(community, by, person string, role consultations.Role) {
	s.do("seat of "+person, func() (record.Receipt, error) {
		return s.talks.GiveSeat(s.ctx, s.as(by), s.ids[community], s.account(person), role, "")
	})
}

// seasons says at which times of the year nobody may come. They are placed around
// the present, so that on whatever day the demonstration begins nobody came then.
func (s *storyteller) seasons(c demoCommunity, by string) {
	s.do("seasons", func() (record.Receipt, error) {
		form := c.form()
		for _, days := range [][2]int{{20, 45}, {-24, -17}} { // planting; the days of mourning
			form.Blackouts = append(form.Blackouts, consultations.Span{From: s.start.AddDate(0, 0, days[0]), To: s.start.AddDate(0, 0, days[1]), Yearly: true})
		}
		return s.talks.Describe(s.ctx, s.as(by), s.ids[c.ID], form)
	})
}

// laterMandate makes one more holder by the community's own rules: others who
// speak for it confirm it, and it waits.
func (s *storyteller) laterMandate(day, community, resolved string, holders ...string) {
	s.on(day)
	s.mandate(community, holders[0], demoYouth, "asamblea", s.persons[demoYouth].Person.Name, resolved)
	for _, holder := range holders {
		s.do("vouch", func() (record.Receipt, error) {
			return s.talks.Vouch(s.ctx, s.as(holder), s.ids[community], s.ids["mandate "+demoYouth], "")
		})
	}
}
