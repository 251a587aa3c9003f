package main

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// demoDays is how far back the demonstration's history goes.
const demoDays = 300

// demoClock is a clock that the seeder sets.
type demoClock struct {
	now  time.Time
	nano atomic.Int64
}

func (c *demoClock) set(t time.Time) { c.nano.Store(t.UnixMicro()) }

func (c *demoClock) read() time.Time {
	if n := c.nano.Load(); n != 0 {
		return time.UnixMicro(n).UTC()
	}
	return c.now
}

// seeder plays the demonstration's history in its order.
type seeder struct {
	ctx       context.Context //nolint:containedctx // lives as long as the seeding
	clock     *demoClock
	start     time.Time // the present of the demonstration
	writer    *record.Writer
	read      *gorm.DB
	people    *people.Service
	dialogues *dialogues.Service
	persons   map[string]people.Actor
	ids       map[string]record.ID // of questions, sessions, items, contributions
	events    []demoEvent
}

// demoEvent is one act at one moment.
type demoEvent struct {
	at time.Time
	do func() error
}

func (s *seeder) at(t time.Time, do func() error) {
	if latest := s.start.Add(-time.Second); t.After(latest) {
		t = latest // nothing of the demonstration lies in the future
	}
	s.events = append(s.events, demoEvent{t, do})
}

// play runs what was planned, in order of time.
func (s *seeder) play() error {
	slices.SortStableFunc(s.events, func(a, b demoEvent) int { return a.at.Compare(b.at) })
	for _, e := range s.events {
		s.clock.set(e.at)
		if err := e.do(); err != nil {
			return fmt.Errorf("at %s: %w", e.at.Format(time.RFC3339), err)
		}
	}
	s.events = nil
	return nil
}

func (s *seeder) makePeople() error {
	organisations, err := readDemo[demoOrganisations]("organisations.json")
	if err != nil {
		return err
	}
	names := map[string]string{}
	for _, o := range organisations.Organisations {
		names[o.ID] = o.Name
	}
	all, err := readDemo[demoPeople]("people.json")
	if err != nil {
		return err
	}
	s.clock.set(s.start.AddDate(0, 0, -demoDays))
	for i, p := range all.People {
		if err := s.makePerson(p, names[p.Organisation], func(person *people.Person) { person.Administrator, person.Convener = i == 0, true }); err != nil {
			return err
		}
	}
	for id, name := range names {
		s.ids["organisation "+id] = record.ID(name)
	}
	return nil
}

// makePerson makes an account. rights may be nil.
func (s *seeder) makePerson(p demoPerson, organisation string, rights func(*people.Person)) error {
	id, err := s.people.Create(s.ctx, "", people.Profile{
		Name: p.Name, StakeholderGroup: people.Group(p.Group), Country: p.Country, Language: p.Language, Organisation: organisation,
	}, rights)
	if err != nil {
		return fmt.Errorf("demonstration person %s: %w", p.ID, err)
	}
	person, err := s.people.ByID(s.ctx, id)
	s.persons[p.ID] = people.Actor{Person: person}
	return err
}

func (s *seeder) by(person string) dialogues.Call { return dialogues.Call{Actor: s.persons[person]} }

// makeDialogue plans a dialogue's whole history and plays it.
func (s *seeder) makeDialogue(d demoDialogue) error {
	lead := d.Members[slices.IndexFunc(d.Members, func(m struct{ Person, Role string }) bool { return m.Role == "facilitator" })].Person
	begin := s.start.AddDate(0, 0, -45)
	s.clock.set(begin)
	receipt, err := s.dialogues.CreateDialogue(s.ctx, s.by(lead), dialogues.DialogueForm{
		Kind: dialogues.Kind(d.Kind), Title: d.Title, Objective: d.Objective, Background: d.Background, Language: d.Language, Languages: d.Languages,
		Visibility: dialogues.Visibility(d.Visibility), Organisation: string(s.ids["organisation "+d.Organiser]), Countries: d.Countries,
		GroupName: d.GroupName, GroupMembers: d.GroupMembers, Invented: true,
	})
	if err != nil {
		return err
	}
	room := record.ID(receipt.Room)
	for _, q := range d.Questions {
		receipt, err := s.dialogues.AddQuestion(s.ctx, s.by(lead), room, dialogues.QuestionForm{
			Parent: s.ids[q.Parent], Title: q.Title, Background: q.Background, Answer: dialogues.Answer(q.Answer),
		})
		if err != nil {
			return err
		}
		s.ids[q.ID] = receipt.ID
	}
	for _, m := range d.Members {
		if _, err := s.dialogues.SetRole(s.ctx, s.by(lead), room, s.persons[m.Person].ID(), dialogues.Role(m.Role)); err != nil {
			return err
		}
	}
	if _, err := s.dialogues.SetState(s.ctx, s.by(lead), room, dialogues.Open); err != nil {
		return err
	}
	for _, session := range d.Sessions {
		if err := s.planSession(room, lead, session); err != nil {
			return err
		}
	}
	for _, c := range d.Contributions {
		s.planContribution(room, d, c)
	}
	return s.play()
}

func (s *seeder) planContribution(room record.ID, d demoDialogue, c demoContribution) {
	at, pace := s.when(c.When, "UTC"), 5*time.Hour
	session := record.ID("")
	if c.Session != "" {
		i := slices.IndexFunc(d.Sessions, func(x demoSession) bool { return x.ID == c.Session })
		at, pace = s.when(d.Sessions[i].Starts, d.Sessions[i].Zone).Add(time.Duration(c.Minute)*time.Minute), 25*time.Second
		session = s.ids[c.Session]
	}
	s.at(at, func() error {
		receipt, err := s.dialogues.AddContribution(s.ctx, s.by(c.Author), room, dialogues.ContributionForm{
			Question: s.ids[c.Question], Session: session, Kind: dialogues.ContributionKind(c.Kind), Language: c.Language,
			Attribution: dialogues.Attribution(c.Attribution), Body: c.Text,
		})
		s.ids[c.ID] = receipt.ID
		return err
	})
	for i, reply := range c.Replies {
		s.at(at.Add(time.Duration(i+1)*pace*2), func() error {
			_, err := s.dialogues.AddContribution(s.ctx, s.by(reply.Author), room, dialogues.ContributionForm{
				Parent: s.ids[c.ID], Language: reply.Language, Attribution: dialogues.Named, Body: reply.Text,
			})
			return err
		})
	}
	for i, person := range c.Supporters {
		s.at(at.Add(time.Duration(i+1)*pace), func() error {
			_, err := s.dialogues.Support(s.ctx, s.by(person), room, s.ids[c.ID], true)
			return err
		})
	}
}

// planSession plans a session and, unless it lies ahead, everything that happened in it.
func (s *seeder) planSession(room record.ID, lead string, d demoSession) error {
	starts := s.when(d.Starts, d.Zone)
	receipt, err := s.dialogues.PlanSession(s.ctx, s.by(lead), room, dialogues.SessionForm{
		Title: d.Title, StartsAt: starts, TimeZone: d.Zone, Minutes: int64(d.Minutes), Guests: true,
	})
	if err != nil {
		return err
	}
	session := receipt.ID
	s.ids[d.ID] = session
	for _, item := range d.Agenda {
		if err := s.addItem(room, session, lead, item); err != nil {
			return err
		}
	}
	if d.State == "planned" {
		return nil
	}
	s.at(starts.Add(-2*time.Minute), func() error { return last(s.dialogues.OpenSession(s.ctx, s.by(lead), room, session)) })
	for i, person := range d.Attendance {
		s.at(starts.Add(time.Duration(i-len(d.Attendance))*4*time.Second), func() error {
			return last(s.dialogues.AttendSession(s.ctx, s.by(person), room, session))
		})
	}
	end := s.planItems(room, session, lead, starts, d)
	s.planHands(room, session, lead, starts, d)
	if d.State == "finished" {
		s.planEnd(room, session, lead, end, d.Summary)
	}
	return nil
}

func last(_ record.Receipt, err error) error { return err }

func (s *seeder) addItem(room, session record.ID, lead string, item demoItem) error {
	_, err := s.dialogues.AddItem(s.ctx, s.by(lead), room, session, dialogues.AgendaItemForm{
		Parent: s.ids[item.Parent], Question: s.ids[item.Question], Title: item.Title, Minutes: int64(item.Minutes),
	})
	if err != nil {
		return err
	}
	hall, err := s.dialogues.Hall(s.ctx, room, session)
	for _, line := range hall.Agenda {
		if line.Title == item.Title {
			s.ids[item.ID] = line.ID
		}
	}
	return err
}

// planItems starts one item after the other, for as long as each really took,
// and returns when the last one ended.
func (s *seeder) planItems(room, session record.ID, lead string, starts time.Time, d demoSession) time.Time {
	at := starts
	for _, item := range d.Agenda {
		isParent := slices.ContainsFunc(d.Agenda, func(x demoItem) bool { return x.Parent == item.ID })
		took := cmp.Or(item.Actual, item.Minutes)
		if isParent || (d.State == "finished" && item.Actual == 0) || at.After(s.start) {
			continue
		}
		s.at(at, func() error { return last(s.dialogues.StartItem(s.ctx, s.by(lead), room, session, s.ids[item.ID])) })
		at = at.Add(time.Duration(took) * time.Minute)
	}
	return at
}

func (s *seeder) planHands(room, session record.ID, lead string, starts time.Time, d demoSession) {
	for _, h := range d.Hands {
		at := starts.Add(time.Duration(h.Minute) * time.Minute)
		s.at(at, func() error { return last(s.dialogues.RaiseHand(s.ctx, s.by(h.Person), room, session)) })
		if h.Spoke == 0 {
			continue
		}
		s.at(at.Add(10*time.Second), func() error {
			return s.onHand(room, session, h.Person, func(id record.ID) error { return last(s.dialogues.CallHand(s.ctx, s.by(lead), room, session, id)) })
		})
		s.at(at.Add(10*time.Second+time.Duration(h.Spoke)*time.Second), func() error {
			return s.onHand(room, session, h.Person, func(id record.ID) error { return last(s.dialogues.EndHand(s.ctx, s.by(lead), room, session, id)) })
		})
	}
}

// onHand finds the hand a person has up.
func (s *seeder) onHand(room, session record.ID, person string, do func(record.ID) error) error {
	hall, err := s.dialogues.Hall(s.ctx, room, session)
	if err != nil {
		return err
	}
	for _, h := range hall.Hands {
		if h.PersonID == s.persons[person].ID() {
			return do(h.ID)
		}
	}
	return nil // a following speaker was called already, which ended this turn
}

func (s *seeder) planEnd(room, session record.ID, lead string, end time.Time, summary string) {
	s.at(end, func() error { return last(s.dialogues.CloseSession(s.ctx, s.by(lead), room, session)) })
	s.at(end.Add(26*time.Hour), func() error {
		held, err := s.dialogues.Session(s.ctx, room, session)
		if err != nil {
			return err
		}
		if err := last(s.dialogues.WriteSummary(s.ctx, s.by(lead), room, session, held.Version, summary)); err != nil {
			return err
		}
		return last(s.dialogues.PublishMinutes(s.ctx, s.by(lead), room, session))
	})
}

// demoTime is "now-25m" or "-21d14:00" (that day, local time).
var demoTime = regexp.MustCompile(`^(?:now-(\d+)m|([+-]\d+)d(\d\d):(\d\d))$`)

func (s *seeder) when(text, zone string) time.Time {
	m := demoTime.FindStringSubmatch(text)
	if m == nil {
		return s.start
	}
	number := func(i int) int { n, _ := strconv.Atoi(m[i]); return n } // the pattern admits figures alone
	if m[1] != "" {
		return s.start.Add(-time.Duration(number(1)) * time.Minute)
	}
	place, err := time.LoadLocation(zone)
	if err != nil {
		place = time.UTC
	}
	day := s.start.In(place).AddDate(0, 0, number(2))
	return time.Date(day.Year(), day.Month(), day.Day(), number(3), number(4), 0, 0, place).UTC()
}
