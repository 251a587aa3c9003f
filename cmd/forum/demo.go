package main

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/signin"
)

// demoFiles is the demonstration: invented people who talk about the real
// problems of the market. See the note in each file.
//
//go:embed demo/*.json
var demoFiles embed.FS

type demoOrganisations struct {
	Organisations []struct{ ID, Name, Group, Country string }
}

type demoPerson struct{ ID, Name, Group, Country, Language, Organisation string }

type demoPeople struct{ People []demoPerson }

type demoDialogue struct {
	ID, Kind, Title, Objective, Background, Language, Visibility string
	Languages, Countries                                         []string
	GroupName                                                    string   `json:"group_name"`
	GroupMembers                                                 []string `json:"group_members"`
	Organiser                                                    string
	Members                                                      []struct{ Person, Role string }
	Questions                                                    []struct{ ID, Parent, Title, Background, Answer string }
	Contributions                                                []demoContribution
	Sessions                                                     []demoSession
}

type demoContribution struct {
	ID, Question, Author, Kind, Language, Text, Attribution, When, Session string
	Minute                                                                 int
	Replies                                                                []struct{ Author, Language, Text string }
	Supporters                                                             []string
}

type demoSession struct {
	ID, Title, State, Starts, Zone, Summary string
	Minutes                                 int
	Agenda                                  []demoItem
	Hands                                   []struct {
		Item, Person string
		Minute       int
		Spoke        int `json:"spoke_seconds"`
	}
	Attendance []string
}

type demoItem struct {
	ID, Parent, Title, Question string
	Minutes, Actual             int
}

func readDemo[T any](name string) (T, error) {
	var v T
	raw, err := demoFiles.ReadFile("demo/" + name)
	if err != nil {
		return v, fmt.Errorf("read demonstration: %w", err)
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		return v, fmt.Errorf("read demonstration %s: %w", name, err)
	}
	return v, nil
}

// seedDemo fills an empty forum. What happened "three weeks ago" goes through
// the same actions as everything else, with a clock that is set back: the
// demonstration has a record like any forum. All of it is one transaction, so
// that a forum has the whole of it or nothing, and waits for the disk once.
// Records of communities get the keys, host and words of the service they will be
// read by. It returns false when the forum already has people.
func seedDemo(ctx context.Context, db *database.DB, talks *consultations.Service) (seeded bool, err error) {
	// What the writer commits inside is committed with the whole; its own savepoints stay.
	whole := db.Write.WithContext(ctx).Session(&gorm.Session{DisableNestedTransaction: true})
	err = whole.Transaction(func(tx *gorm.DB) error {
		seeded, err = newSeeder(ctx, tx).seed(talks)
		return err
	})
	return seeded && err == nil, err
}

func newSeeder(ctx context.Context, tx *gorm.DB) *seeder {
	clock := &demoClock{now: database.Now()}
	writer := record.NewWriter(record.WriterConfig{DB: tx, Now: clock.read}) //nolint:contextcheck // its batches outlive whoever sent them
	return &seeder{
		ctx: ctx, clock: clock, start: clock.now, writer: writer, read: tx,
		people:    &people.Service{Writer: writer, Read: tx},
		dialogues: &dialogues.Service{Writer: writer, Read: tx, Now: clock.read},
		persons:   map[string]people.Actor{}, ids: map[string]record.ID{},
	}
}

func (s *seeder) seed(talks *consultations.Service) (bool, error) {
	defer s.writer.Stop()
	empty, err := s.isEmpty()
	if err != nil || !empty {
		return false, err
	}
	if err := s.makePeople(); err != nil {
		return false, err
	}
	if err := s.makeConsultations(talks); err != nil {
		return false, err
	}
	for _, file := range []string{"dialogue-1.json", "dialogue-2.json", "dialogue-3.json"} {
		d, err := readDemo[demoDialogue](file)
		if err != nil {
			return false, err
		}
		if err := s.makeDialogue(d); err != nil {
			return false, fmt.Errorf("demonstration dialogue %s: %w", d.ID, err)
		}
	}
	return true, nil
}

func (s *seeder) isEmpty() (bool, error) {
	_, n, err := s.people.List(s.ctx, people.Filter{})
	return n == 0, err
}

// demonstrate prints a link for each invented person.
func demonstrate(p *program, srv *server.Server, base string) error {
	_, persons, talks, logins := srv.Services()
	roles, err := demoRoles(p.ctx, talks)
	if err != nil {
		return err
	}
	rank := func(id record.ID) int { // who has no role in a dialogue comes after those who have
		if i := slices.Index(dialogues.Roles(), roles[id]); i >= 0 {
			return i
		}
		return len(dialogues.Roles())
	}
	for n := 1; ; n++ {
		page, _, err := persons.List(p.ctx, people.Filter{Kind: people.Account, Page: n})
		if err != nil || len(page) == 0 {
			return err
		}
		slices.SortStableFunc(page, func(a, b people.Person) int { return rank(a.ID) - rank(b.ID) })
		for _, person := range page {
			is, err := demoParts(p.ctx, srv.Consultations(), person)
			if err != nil {
				return err
			}
			if role := roles[person.ID]; role != "" {
				is = slices.Insert(is, 0, string(role))
			}
			token, _, err := logins.NewLink(p.ctx, signin.LinkForm{Purpose: signin.Demo, Person: person.ID})
			if err != nil {
				return fmt.Errorf("make a demonstration link: %w", err)
			}
			fmt.Fprintf(p.out, "demo: %s %s (%s) %s/l/%s\n", strings.Join(is, ", "), person.Name, strings.ReplaceAll(string(person.StakeholderGroup), "_", " "), base, token)
		}
	}
}

// demoRoles is the leading role each person has anywhere.
func demoRoles(ctx context.Context, talks *dialogues.Service) (map[record.ID]dialogues.Role, error) {
	roles := map[record.ID]dialogues.Role{}
	cards, _, err := talks.List(ctx, people.Actor{}, dialogues.ListFilter{Limit: 100})
	if err != nil {
		return nil, err
	}
	for _, card := range cards {
		members, err := talks.Members(ctx, card.ID)
		if err != nil {
			return nil, err
		}
		for _, m := range members {
			was, ok := roles[m.PersonID]
			if !ok || slices.Index(dialogues.Roles(), m.Role) < slices.Index(dialogues.Roles(), was) {
				roles[m.PersonID] = m.Role
			}
		}
	}
	return roles, nil
}

// demoParts are what a person is to the communities in whose records they take part.
func demoParts(ctx context.Context, talks *consultations.Service, person people.Person) ([]string, error) {
	seats, err := talks.Mine(ctx, people.Actor{Person: person})
	var out []string
	for _, seat := range seats {
		part := "consultation " + strings.ReplaceAll(string(seat.Roles("")[0]), "_", " ")
		if !slices.Contains(out, part) {
			out = append(out, part)
		}
	}
	return out, err
}
