// Package gaps keeps what countries still lack to carry out their climate plans.
// A gap is about a document: what a Party to the Paris Agreement has pledged. So
// far the package holds these documents, its ground.
package gaps

import (
	"cmp"
	"errors"
	"slices"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// ErrNotFound says that there is no such document, or none of that Party.
var ErrNotFound = errors.New("no such NDC document")

// EuropeanUnion is a Party beside its member states and no country: the one code
// of a Party that [people.Countries] does not list.
const EuropeanUnion = "EU"

// Party is who has joined the Paris Agreement, under the two letters that stand
// for a country in the whole forum. Names come from the reader's language.
//
// Its figures are what the NDC Explorer read in the NDC of its time: a
// judgement of others, never shown without FiguresFrom.
type Party struct {
	Code             string `gorm:"primaryKey"`
	MarketMechanisms MarketMechanisms
	CapacityBuilding CapacityBuilding
	FiguresFrom      string // whom to name for the figures, and their licence; "" without figures
}

// TableName tells gorm where Parties live.
func (Party) TableName() string { return "ndc_parties" }

// MarketMechanisms is the place of international market mechanisms in an NDC, by
// the NDC Explorer's classes.
type MarketMechanisms int64

// The classes of market mechanisms.
const (
	MarketsUnknown      MarketMechanisms = iota // no NDC, or not read
	MarketsNotMentioned                         // not a word
	MarketsMentioned                            // mentioned, direction unclear
	MarketsExcluded                             // explicitly excluded
	MarketsIntended                             // used, or meant to be used
	MarketsForTarget                            // used to meet part of the target
)

// CapacityBuilding tells whether carrying out an NDC depends on support with
// capacities, by the NDC Explorer's classes.
type CapacityBuilding int64

// The classes of capacity building.
const (
	CapacityUnknown      CapacityBuilding = iota // no NDC, or not read
	CapacityNotMentioned                         // not a word
	CapacityMentioned                            // mentioned
	CapacityCondition                            // a condition, at least of a part
)

// Document is one row of the UNFCCC's registry of NDCs: a file in one language.
// What the registry leaves open stays open here.
type Document struct {
	ID    record.ID
	Party string
	// Address is the file's, percent-encoded as the registry does: accents may be
	// written in two ways there, and only its own finds the file.
	Address string
	// Listing tells apart the few rows of one Party that name the same file: 1, 2 …
	// by version and title, so that the order of an export does not matter.
	Listing     int64
	Title       string
	Kind        Kind
	Language    string // BCP 47, or ""
	Version     string // in the registry's words: "1", "N/A", "" for most since 2024
	Status      Status
	SubmittedOn string // a day, 2021-10-12, of no time zone; "" for addenda

	// SupersededBy is the NDC that came in place of this one. It follows from what
	// else the Party has submitted and is found by queries, not kept.
	SupersededBy record.ID `gorm:"-"`
}

// TableName tells gorm where documents live.
func (Document) TableName() string { return "ndc_documents" }

// Kind is what a document is to its NDC.
type Kind string

// The kinds of documents.
const (
	NDC         Kind = "ndc"
	Translation Kind = "translation"
	Addendum    Kind = "addendum" // a letter, an annex, a map of the way
)

// Status is how the registry holds a document.
type Status string

// The states of documents. Several of a Party may be in force at once: one for
// 2030 beside the next for 2035.
const (
	InForce  Status = "in_force"
	Archived Status = "archived"
	Unlisted Status = "unlisted" // the registry names it no longer; what refers to it stays
)

// Superseded tells whether a document no longer holds. The registry decides that,
// not the day: an earlier NDC may run beside a later one.
func (d Document) Superseded() bool { return d.Status != InForce }

// PartyByAlpha3 finds a Party by the three letters that the registry or the NDC
// Explorer use; theirs for the European Union differ and are of no standard.
func PartyByAlpha3(code string) (string, bool) {
	if code == "EUU" || code == "EU" {
		return EuropeanUnion, true
	}
	country, ok := people.CountryByAlpha3(code)
	return country.Code, ok
}

// newestFirst orders the documents of one Party for reading, each with what
// came in its place.
func newestFirst(documents []Document) []Document {
	days := daysOf(documents)
	place := map[Kind]int{NDC: 0, Translation: 1, Addendum: 2}
	slices.SortFunc(documents, func(a, b Document) int {
		return cmp.Or(
			cmp.Compare(days[b.ID], days[a.ID]), cmp.Compare(place[a.Kind], place[b.Kind]),
			cmp.Compare(a.Title, b.Title), cmp.Compare(a.Language, b.Language), cmp.Compare(a.Address, b.Address), cmp.Compare(a.Listing, b.Listing))
	})
	for i, d := range documents {
		documents[i].SupersededBy = successor(d, documents, days)
	}
	return documents
}

// daysOf dates the documents of one Party. An addendum has no day of its own: it
// belongs to the NDC of its version.
func daysOf(documents []Document) map[record.ID]string {
	ofVersion, days := map[string]string{}, map[record.ID]string{}
	for _, d := range documents {
		if d.Kind == NDC {
			ofVersion[d.Version] = max(ofVersion[d.Version], d.SubmittedOn)
		}
	}
	for _, d := range documents {
		days[d.ID] = cmp.Or(d.SubmittedOn, ofVersion[d.Version])
	}
	return days
}

// successor is the first NDC after a document that no longer holds, in its language if
// there is one. A draft may be replaced on the day it came in, by what is in force.
func successor(d Document, documents []Document, days map[record.ID]string) record.ID {
	if !d.Superseded() || days[d.ID] == "" {
		return ""
	}
	var next Document
	for _, other := range documents {
		day := days[other.ID]
		after := day > days[d.ID] || (day == days[d.ID] && other.Status == InForce)
		if other.Kind != NDC || other.Status == Unlisted || !after {
			continue
		}
		sooner := cmp.Compare(day, days[next.ID])
		if next.ID == "" || sooner < 0 || (sooner == 0 && other.Language == d.Language && next.Language != d.Language) {
			next = other
		}
	}
	return next.ID
}

// newest is the NDC a Party is held to: the latest of those in force, or else the
// latest that no longer is, which is how Parties appear that have withdrawn.
func newest(ordered []Document) (Document, error) {
	for _, status := range []Status{InForce, Archived} {
		i := slices.IndexFunc(ordered, func(d Document) bool { return d.Kind == NDC && d.Status == status })
		if i >= 0 {
			return ordered[i], nil
		}
	}
	return Document{}, ErrNotFound
}
