package consultations

import (
	"slices"
	"time"

	"github.com/vcm-forum/forum/dialogues/record"
)

// Digest is the SHA-256 of evidence in hexadecimal, 64 characters.
type Digest string

// Proposal is what somebody from outside wants of the community. It is never
// consented to as such: only an aspect of one of its versions is.
type Proposal struct {
	ID        record.ID
	Proponent record.ID // the account that answers for it
	Versions  []ProposalVersion
}

// ProposalVersion is one exact content of a proposal. A changed word or file
// makes the next one, and the next one inherits nothing.
type ProposalVersion struct {
	Number  int // 1, 2, 3 …
	Entry   int64
	At      time.Time
	By      record.ID
	Title   Text
	Summary Text
	Answers Text // what it answers to the reasons of an earlier no
	Aspects []Aspect
	Files   []Digest
	Content Digest // over all of it; see contentOf
}

// Aspect is a phase or part that is decided for itself: feasibility, flights over
// the land, planting, thirty years of crediting, the use of data.
type Aspect struct {
	ID    record.ID
	Title Text
}

// Version finds a version by its number.
func (p Proposal) Version(n int) (ProposalVersion, bool) {
	if n < 1 || n > len(p.Versions) {
		return ProposalVersion{}, false
	}
	return p.Versions[n-1], true
}

// Newest is the version that counts now.
func (p Proposal) Newest() ProposalVersion { return p.Versions[len(p.Versions)-1] }

// Has tells whether the version has an aspect.
func (v ProposalVersion) Has(aspect record.ID) bool {
	return slices.ContainsFunc(v.Aspects, func(a Aspect) bool { return a.ID == aspect })
}

// Proposal finds a proposal by its id.
func (c *Community) Proposal(id record.ID) (Proposal, bool) {
	return find(c.Proposals, func(p Proposal) bool { return p.ID == id })
}

// contentOf is the digest of everything a version consists of.
func contentOf(title, summary, answers string, aspects []string, files []Digest) Digest {
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = string(f)
	}
	return Digest(record.Digest("proposal", title, summary, answers, record.Digest(aspects...), record.Digest(names...)))
}

// Topic is something that must be told before anybody can decide.
type Topic string

// Topics: the seven of the UN Permanent Forum on Indigenous Issues
// (E/C.19/2005/3, para. 46), and what practice found missing.
const (
	Nature       Topic = "nature"  // nature, size, pace, reversibility, scope
	Purpose      Topic = "purpose" // reasons
	Duration     Topic = "duration"
	Locality     Topic = "locality"
	Impacts      Topic = "impacts" // preliminary assessment, fair sharing
	Personnel    Topic = "personnel"
	Procedures   Topic = "procedures"
	Risks        Topic = "risks_costs"
	Alternatives Topic = "alternatives" // not doing it among them
	Revenue      Topic = "revenue"      // expected revenue and cost
	Benefits     Topic = "benefits"
	Exit         Topic = "term_exit"
	Grievances   Topic = "grievance"
	Refusal      Topic = "right_to_refuse"
)

// Topics lists them in the order in which they are told.
func Topics() []Topic {
	return []Topic{
		Nature, Purpose, Duration, Locality, Impacts, Personnel, Procedures,
		Risks, Alternatives, Revenue, Benefits, Exit, Grievances, Refusal,
	}
}

// Medium is how something is told.
type Medium string

// Media.
const (
	Written   Medium = "text"
	Audio     Medium = "audio"
	Video     Medium = "video"
	Image     Medium = "image"
	Pictogram Medium = "pictogram"
	Oral      Medium = "oral" // told aloud before a witness
)

// Media lists them.
func Media() []Medium { return []Medium{Written, Audio, Video, Image, Pictogram, Oral} }

// Disclosure is one topic of one version, told in one language by one medium.
type Disclosure struct {
	ID         record.ID
	Version    int
	Topic      Topic
	Language   string
	Medium     Medium
	Body       Text
	Evidence   Digest // "" for what is only text or told aloud
	Empty      bool   // a recording of no length or without a sound
	Translator Text
	Witness    Text // who was there when it was told aloud
	By         record.ID
	At         time.Time
	Entry      int64
	Accepted   int64 // entry in which the community accepted language and translator; 0: not
	PlayedBack Text  // what the community told back of it in its own words
}

// tells whether the item says anything at all. A recording counts by its sound,
// a text by its words, what was told aloud by its witness.
func (d Disclosure) tells() bool {
	switch d.Medium {
	case Written, Pictogram:
		return d.Body.Body != "" || d.Evidence != ""
	case Oral:
		return d.Witness.Body != "" || d.Witness.Erased
	case Audio, Video, Image:
		return d.Evidence != "" && !d.Empty
	}
	return false
}

// accepted: told in a language and by a medium that the protocol accepts. A
// protocol that names no language takes the community's own.
func (c *Community) accepts(r Rules, d Disclosure) bool {
	languages, media := r.Languages, r.Media
	if len(languages) == 0 {
		languages = c.Languages
	}
	spoken := d.Medium == Audio || d.Medium == Video || d.Medium == Oral
	if c.OralOnly && !spoken {
		return false
	}
	return slices.Contains(languages, d.Language) && (len(media) == 0 || slices.Contains(media, d.Medium))
}

// Missing lists the topics that are not yet told in an accepted language and
// medium for a version: all of them until something is.
func (c *Community) Missing(x *Consultation, version int) []Topic {
	rules := c.rules(x, version)
	var out []Topic
	for _, topic := range Topics() {
		told := slices.ContainsFunc(x.Disclosures, func(d Disclosure) bool {
			return d.Version == version && d.Topic == topic && d.tells() && c.accepts(rules, d)
		})
		if !told {
			out = append(out, topic)
		}
	}
	return out
}
