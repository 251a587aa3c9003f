// Package dialogues is the heart of the forum: dialogues broken into
// questions, what people contribute to them, and the live sessions in which
// they meet. It knows no web page and no socket; whoever shows what happened
// follows the record after the commit.
//
// One file per concept holds its meaning, its states and its pure rules;
// policy.go says who may do what; actions_*.go change things, queries_*.go read
// them, and only those two talk to the database.
package dialogues

import (
	"slices"
	"strings"
	"time"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// Kind says whose circumstances a dialogue is about.
type Kind string

// Kinds of dialogue.
const (
	Regional Kind = "regional" // a group of countries in similar circumstances
	National Kind = "national" // one country: a government's priorities, investors' constraints, mutual expectations
)

// Kinds lists the kinds of dialogue.
func Kinds() []Kind { return []Kind{Regional, National} }

// Visibility says who may know of a dialogue and read it.
type Visibility string

// Visibilities.
const (
	Public     Visibility = "public"     // everyone may read it
	Listed     Visibility = "listed"     // everyone may know of it, its members read it
	Invitation Visibility = "invitation" // only its members know of it
)

// Visibilities lists the visibilities, most open first.
func Visibilities() []Visibility { return []Visibility{Public, Listed, Invitation} }

// State is how far a dialogue has come.
type State string

// States of a dialogue, in order.
const (
	Draft    State = "draft"    // being prepared, seen by those who prepare it
	Open     State = "open"     // people contribute
	Closed   State = "closed"   // nothing is added; minutes and findings are finished
	Archived State = "archived" // kept for reading
)

// States lists the states in order.
func States() []State { return []State{Draft, Open, Closed, Archived} }

// CanBecome tells which steps there are: forward one by one, and back from
// closed to open, since a facilitator may have closed too early.
func (s State) CanBecome(next State) bool {
	switch s {
	case Draft:
		return next == Open
	case Open:
		return next == Closed
	case Closed:
		return next == Open || next == Archived
	case Archived:
		return next == Closed
	}
	return false
}

// Next lists the states that can follow.
func (s State) Next() []State {
	return slices.DeleteFunc(States(), func(next State) bool { return !s.CanBecome(next) })
}

// Dialogue is a conversation with a purpose among stakeholder groups: a large
// problem, broken into questions, discussed in writing and in live sessions.
// Its id is also its room in the record.
type Dialogue struct {
	ID             record.ID
	Kind           Kind
	Title          string
	Objective      string // what the organisers want to have reached in the end
	Background     string
	Folded         string
	Language       string // in which it is written
	Languages      string // in which people may contribute, space-separated
	Visibility     Visibility
	State          State
	OrganisationID record.ID // organiser
	Invented       bool      // demonstration material, marked as such wherever it is shown
	RehearsalOf    record.ID // the session that this is a rehearsal of; see rehearsal.go
	Version        int64
	CreatedAt      time.Time
	ChangedAt      time.Time
}

// TableName tells gorm where dialogues live.
func (Dialogue) TableName() string { return "dialogues" }

// Room is the dialogue's room in the record.
func (d Dialogue) Room() string { return string(d.ID) }

// LanguageList is Languages, split.
func (d Dialogue) LanguageList() []string { return strings.Fields(d.Languages) }

// Membership is a person's seat in a dialogue. It ends when the person leaves
// or is removed; what they said stays.
type Membership struct {
	DialogueID record.ID `gorm:"primaryKey"`
	PersonID   record.ID `gorm:"primaryKey"`
	Role       Role
	CreatedAt  time.Time
	EndedAt    *time.Time
}

// TableName tells gorm where memberships live.
func (Membership) TableName() string { return "memberships" }

type dialogueCountry struct {
	DialogueID record.ID
	Country    string
}

func (dialogueCountry) TableName() string { return "dialogue_countries" }

// CountryGroup is a group of countries made by hand for a dialogue, such as
// "carbon price that accepts offsets".
type CountryGroup struct {
	ID        record.ID
	Name      string
	CreatedBy record.ID
	CreatedAt time.Time
}

// TableName tells gorm where groups made by hand live.
func (CountryGroup) TableName() string { return "country_groups" }

type countryGroupMember struct {
	GroupID record.ID
	Country string
}

func (countryGroupMember) TableName() string { return "country_group_members" }

type dialogueCountryGroup struct {
	DialogueID record.ID
	GroupCode  string
}

func (dialogueCountryGroup) TableName() string { return "dialogue_country_groups" }

// Longest texts, in characters.
const (
	LongestTitle        = 200
	LongestText         = 4000
	LongestContribution = 4000
)

// OtherLanguage is the code of a language that the list lacks (BCP 47: undetermined).
const OtherLanguage = "und"

// Languages are those in which contributions may be written: the five of the
// pages, those of countries where forests are spoken of, and those of their
// Indigenous Peoples, as far as they have a name here. Codes are BCP 47.
func Languages() []string {
	return strings.Fields(`en es fr pt id
		ar zh ru sw vi th km lo ms hi qu ay gn
		ace agr am arn bbc bn bzd cab cak cbi cni cuk ffm fil gub guc gui gym ha jiv kek kgp ln mam mcb mg miq my myu nah
		ne nij om oto pbb quc qug qvi rw shp srm swc ta tca ti tpi txu tzh tzo wca xav yrl yua
		` + OtherLanguage)
}

// DialogueForm is a dialogue as a facilitator fills it in.
type DialogueForm struct {
	Kind         Kind
	Title        string
	Objective    string
	Background   string
	Language     string
	Languages    []string
	Visibility   Visibility
	Organisation string
	Countries    []string // alpha-2
	Groups       []string // codes of standing country groups
	GroupName    string   // a group of countries made by hand
	GroupMembers []string // its countries, alpha-2
	Invented     bool     // demonstration material; no page sets it
}

func (f *DialogueForm) check() people.Invalid {
	v := people.Invalid{}
	f.Title = v.Line("title", f.Title, true, LongestTitle)
	f.Objective = v.Text("objective", f.Objective, true, LongestText)
	f.Background = v.Text("background", f.Background, false, LongestText)
	f.Organisation = v.Line("organisation", f.Organisation, false, people.LongestName)
	f.GroupName = v.Line("group_name", f.GroupName, len(f.GroupMembers) > 0, people.LongestName)
	choose(v, "kind", f.Kind, Kinds())
	choose(v, "visibility", f.Visibility, Visibilities())
	choose(v, "language", f.Language, Languages())
	for _, l := range f.Languages {
		choose(v, "languages", l, Languages())
	}
	if !slices.Contains(f.Languages, f.Language) {
		f.Languages = append([]string{f.Language}, f.Languages...)
	}
	f.Countries = knownCountries(v, "countries", f.Countries)
	f.GroupMembers = knownCountries(v, "group_members", f.GroupMembers)
	for _, g := range f.Groups {
		if _, ok := people.GroupByCode(g); !ok {
			v.Add("groups", "error.choose_one")
		}
	}
	if f.Kind == National && len(f.Countries) != 1 {
		v.Add("countries", "error.national_one_country")
	}
	return v
}

func choose[T comparable](v people.Invalid, field string, got T, from []T) {
	if !slices.Contains(from, got) {
		v.Add(field, "error.choose_one")
	}
}

func knownCountries(v people.Invalid, field string, codes []string) []string {
	var known []string
	for _, code := range codes {
		country, ok := people.CountryByCode(code)
		if !ok {
			v.Add(field, "error.choose_one")
			continue
		}
		known = append(known, country.Code)
	}
	slices.Sort(known)
	return slices.Compact(known)
}
