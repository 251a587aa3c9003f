package consultations

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"github.com/vcm-forum/forum/consultations/evidence"
	"github.com/vcm-forum/forum/dialogues/record"
)

// Handed is a file that was handed in. The record speaks of it once its bytes are
// on disk.
type Handed struct {
	Digest Digest
	Type   evidence.Type
	Size   int64 // in bytes
	Silent bool  // a recording of no length, or without a sound
	By     record.ID
	At     time.Time
	Entry  int64
}

// FileHanded says that a file was handed in.
type FileHanded struct {
	Digest Digest        `json:"digest"`
	Type   evidence.Type `json:"type"`
	Size   int64         `json:"size"`
	Silent bool          `json:"silent,omitempty"`
}

func (*FileHanded) kind() Kind { return "file.handed_in" }

func (f *FileHanded) apply(c *Community, e Event) {
	c.erased = slices.DeleteFunc(c.erased, func(d Digest) bool { return d == f.Digest })
	if !c.has(f.Digest, e.Actor) {
		c.Files = append(c.Files, Handed{f.Digest, f.Type, f.Size, f.Silent, e.Actor, e.At, e.Index})
	}
}

// has tells whether an account has handed a file in. Who hands in what another has
// handed in before is told nothing of that: it is theirs as if it were new.
func (c *Community) has(d Digest, account record.ID) bool {
	return slices.ContainsFunc(c.Files, func(h Handed) bool { return h.Digest == d && h.By == account })
}

// guest tells whether an account is neither of the community nor one that helps it
// write down what it says.
func (c *Community) guest(account record.ID) bool {
	member := slices.ContainsFunc(c.Seats, func(t Sitting) bool { return t.Account == account && t.Role == Member && t.Ended.IsZero() })
	return !member && !c.helped(account) && len(c.mandatesOf(account)) == 0
}

// given is how much guests have handed in that nobody else has, in bytes.
func (c *Community) given() (n int64) {
	for _, d := range c.digests() {
		ours := slices.ContainsFunc(c.Files, func(h Handed) bool { return h.Digest == d && !c.guest(h.By) })
		if h, ok := c.File(d); ok && !ours {
			n += h.Size
		}
	}
	return n
}

// digests are those of all files that were handed in, each once.
func (c *Community) digests() (out []Digest) {
	for _, h := range c.Files {
		if !slices.Contains(out, h.Digest) {
			out = append(out, h.Digest)
		}
	}
	return out
}

// File finds a file that was handed in.
func (c *Community) File(d Digest) (Handed, bool) {
	return find(c.Files, func(h Handed) bool { return h.Digest == d })
}

// Reads tells whether a seat may read a file, and whether the original: those of
// the community read every one, whoever handed one in reads that one; everyone else
// a copy without place and author of those that stand in what they see.
func (s Seat) Reads(d Digest) (original, ok bool) {
	_, known := s.Community.File(d)
	switch {
	case !known:
		return false, false
	case s.Inside(), s.Community.has(d, s.Actor.ID()):
		return true, true
	}
	return false, slices.ContainsFunc(s.Community.Consultations, func(x *Consultation) bool {
		p, _ := s.Community.Proposal(x.Proposal)
		return slices.ContainsFunc(p.Versions, func(v ProposalVersion) bool {
			seen, shown := s.See(x, v.Number)
			return shown && slices.Contains(seen.files(), d)
		})
	})
}

// files are all that a view speaks of.
func (v View) files() []Digest {
	var out []Digest
	if v.Proposal != nil {
		out = append(out, v.Proposal.Files...)
	}
	for _, d := range v.Disclosures {
		out = append(out, d.Evidence)
	}
	for _, m := range v.Sessions {
		out = append(out, m.Evidence...)
	}
	for _, d := range v.Drafts {
		out = append(out, d.Evidence...)
	}
	return out
}

// EvidenceField is how an erasure names the files that an entry speaks of.
const EvidenceField = "evidence"

// erasure is what goes when an entry's evidence is erased.
type erasure struct {
	cited bool     // whether the entry speaks of files at all
	only  []Digest // those of which nothing else in the record speaks
}

func (x erasure) field() []string {
	if x.cited {
		return []string{EvidenceField}
	}
	return nil
}

// erasureOf: that a file was handed in does not keep it, only what speaks of it does,
// until its evidence is erased too.
func (c *Community) erasureOf(events []Event, entry int64) (x erasure) {
	let := map[int64]bool{entry: true} // entries whose evidence is erased
	for _, e := range events {
		if r, ok := e.Fact.(*Redacted); ok && slices.Contains(r.Fields, EvidenceField) {
			let[r.Entry] = true
		}
	}
	for _, d := range c.digests() {
		cited, kept := false, false
		for _, e := range events {
			_, handed := e.Fact.(*FileHanded)
			cited = cited || e.Index == entry && e.cites(d)
			kept = kept || !handed && !let[e.Index] && e.cites(d)
		}
		x.cited = x.cited || cited
		if cited && !kept {
			x.only = append(x.only, d)
		}
	}
	return x
}

// cites tells whether an event speaks of a file, whatever its kind.
func (e Event) cites(d Digest) bool {
	raw, err := json.Marshal(e.Fact)
	return err != nil || bytes.Contains(raw, []byte(`"`+string(d)+`"`)) // one that cannot be read keeps everything
}

// loseFiles: what was erased was never handed in, until somebody hands it in again.
func (c *Community) loseFiles(gone []Digest) {
	c.Files = slices.DeleteFunc(c.Files, func(h Handed) bool { return slices.Contains(gone, h.Digest) })
	c.erased = append(c.erased, gone...)
}
