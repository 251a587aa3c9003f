package ledger

import (
	"fmt"
	"slices"
)

// Kinds of what [Verify] finds.
const (
	Altered = "altered" // the log is not whole in itself
	Fork    = "fork"    // it is, but it is not the log that was signed
	Lost    = "lost"    // it says itself that it was restored from a backup, and had been longer
)

// Finding is one thing that is not as it must be: where, what was expected
// there and what was found. It holds numbers and hashes, never words.
type Finding struct {
	Kind     string
	Log      string
	Record   string
	Expected string
	Found    string
}

func (f Finding) String() string {
	return fmt.Sprintf("%s: log %s, %s: expected %s, found %s", f.Kind, f.Log, f.Record, f.Expected, f.Found)
}

// Report is what [Verify] looked at and what it found.
type Report struct {
	Logs, Entries, Checkpoints int64
	Fields                     int64 // opened, and equal to their commitments
	Erased                     int64 // of which nothing but the commitment is left
	Findings                   []Finding
	// Restored says, a sentence each, which logs went on from a backup.
	Restored []string
	// Unchecked says, a sentence each, what could not be verified and why.
	Unchecked []string
}

// Worst is the kind that counts: [Fork] before [Altered] before [Lost], "" when all is well.
func (r Report) Worst() string {
	for _, kind := range []string{Fork, Altered, Lost} {
		if slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Kind == kind }) {
			return kind
		}
	}
	return ""
}

// mostFindings bounds what is reported of one log: one change of a hash shows in
// every hash above it.
const mostFindings = 20

// inspection is the verification of one log.
type inspection struct {
	log      logRow
	origins  origins
	sealer   Sealer
	report   *Report
	findings int
	damaged  bool   // something of it is not whole in itself
	closed   string // why fields were not opened, "" if they were
	unopened int64
	edge     frontier
	next     int64 // index of the entry that must come
	broken   bool  // an entry is missing: what lies above it cannot be computed
	marks    []mark
}

// mark is what the root of the log must be at a size, and who says so.
type mark struct {
	Checkpoint
	by string
}

func (i *inspection) find(kind, record string, expected, found any) {
	i.damaged = i.damaged || kind == Altered
	if i.findings++; i.findings > mostFindings {
		return
	}
	i.report.Findings = append(i.report.Findings, Finding{kind, i.log.ID, record, fmt.Sprint(expected), fmt.Sprint(found)})
}

// entry holds one row of a log and its fields against everything that follows
// from them, and against the tree so far.
func (i *inspection) entry(row entryRow, fields []fieldRow) {
	if row.Idx != i.next {
		i.find(Altered, fmt.Sprintf("entry %d", i.next), "to be there", fmt.Sprintf("entry %d next", row.Idx))
		i.broken = true
	}
	i.next = row.Idx + 1
	i.report.Entries++
	entry, err := row.entry()
	if err != nil {
		i.find(Altered, fmt.Sprintf("entry %d", row.Idx), "eight slots of 32 bytes", fmt.Sprintf("%d bytes", len(row.Slots)))
		i.broken = true
		return
	}
	i.fields(entry, fields)
	i.hashes(row, entry)
}

// hashes computes what the entry completes in the tree and compares it with what
// is stored; then with what was signed at this size.
func (i *inspection) hashes(row entryRow, entry Entry) {
	if i.broken {
		if leaf := entry.Leaf(); len(row.Hashes) < len(leaf) || string(row.Hashes[:len(leaf)]) != string(leaf[:]) {
			i.find(Altered, fmt.Sprintf("leaf hash of entry %d", row.Idx), leaf, short(row.Hashes, 0))
		}
		return
	}
	edge, completes := i.edge.grow(row.Idx, entry.Leaf())
	i.edge = edge
	if len(row.Hashes) != len(joinHashes(completes)) {
		i.find(Altered, fmt.Sprintf("hashes of entry %d", row.Idx), fmt.Sprintf("%d of them", len(completes)), fmt.Sprintf("%d bytes", len(row.Hashes)))
	}
	for level, h := range completes {
		if found := short(row.Hashes, level); found != h.String() {
			i.find(Altered, fmt.Sprintf("hash of entry %d at level %d", row.Idx, level), h, found)
		}
	}
	i.reach()
}

// short is a stored hash in base64.
func short(raw []byte, level int) string {
	if len(raw) < (level+1)*32 {
		return "nothing"
	}
	hashes, _ := splitHashes(raw[level*32 : (level+1)*32]) // has the length of one
	return hashes[0].String()
}

// reach compares the tree as it is by now with what was signed at its size.
func (i *inspection) reach() {
	for len(i.marks) > 0 && i.marks[0].Size <= i.next {
		m := i.marks[0]
		i.marks = i.marks[1:]
		if m.Size == i.next && i.edge.root() != m.Root {
			i.find(i.kind(), fmt.Sprintf("root of the first %d entries", m.Size), fmt.Sprintf("%s, signed %s", m.Root, m.by), i.edge.root())
		}
	}
}

// kind is what a difference from what was signed means: that another history was
// made, or, where the log itself is broken, more of the same.
func (i *inspection) kind() string {
	if i.damaged {
		return Altered
	}
	return Fork
}

// fields holds the fields of an entry against its commitments.
func (i *inspection) fields(entry Entry, rows []fieldRow) {
	if len(rows) == 0 || rows[0].Slot != 0 || rows[0].Sealed == nil {
		i.find(Altered, fmt.Sprintf("act of entry %d", entry.Index), "to be there", "nothing")
	}
	for _, row := range rows {
		switch {
		case row.Salt == nil && row.Sealed == nil:
			i.report.Erased++
		case i.sealer == nil:
			i.unopened++
		default:
			i.field(entry, row)
		}
	}
}

func (i *inspection) field(entry Entry, row fieldRow) {
	record := fmt.Sprintf("entry %d, slot %d", row.Idx, row.Slot)
	opened, err := row.open(i.sealer)
	if err != nil {
		i.find(Altered, record, "sealed words that open here", "others: "+err.Error())
		return
	}
	commitment := Commitment(opened.Salt, i.origins.at(entry.Index), entry.Index, opened.Name, opened.Value)
	if commitment != entry.Slots[row.Slot] {
		i.find(Altered, record, fmt.Sprintf("words of the commitment %s", entry.Slots[row.Slot]), fmt.Sprintf("words of %s", commitment))
		return
	}
	if err := checkField(opened.Field); err != nil {
		i.find(Altered, record, "a field", err.Error())
		return
	}
	i.report.Fields++
	if row.Slot == 0 {
		i.restoration(entry.Index, opened.Value)
	}
}

// restoration holds the act of an entry from which on the log has another origin
// against what is known of that.
func (i *inspection) restoration(index int64, act []byte) {
	n := slices.IndexFunc(i.origins, func(o originRow) bool { return o.First == index && index > 0 })
	if n < 0 {
		return
	}
	want := Restoration{i.origins[n-1].Origin, index, i.edge.root(), i.origins[n].Signed}
	if got, err := restorationOf(act); err != nil || !i.broken && got != want {
		i.find(Altered, fmt.Sprintf("entry %d", index), fmt.Sprintf("to say that %s was restored here, with the root %s", want.Origin, want.Root),
			fmt.Sprintf("%q with %d entries and the root %s", got.Origin, got.Size, got.Root))
	}
}

// ended says of an origin what was restored of it and what was not. What the signer
// remembers, if it was asked, must be what was said of it then.
func (i *inspection) ended(n int, next originRow, remembered Checkpoint, asked bool, policy *Policy) {
	from := i.origins[n].Origin
	record := "what was signed last of " + from
	last, err := Claimed(next.Signed)
	switch {
	case next.Signed == "" && remembered.Size == 0:
		i.find(Lost, record, "to be known", "that no signature of it is remembered: the log was restored from a backup without the signer's memory")
		return
	case next.Signed == "":
		last = remembered
	case err != nil || last.Origin != from:
		i.find(Altered, record, "a checkpoint", next.Signed)
		return
	case asked && last != remembered:
		i.find(Fork, record, fmt.Sprintf("%d entries with the root %s, as was said when it was restored", last.Size, last.Root),
			fmt.Sprintf("%d with %s, as the signer remembers", remembered.Size, remembered.Root))
		return
	case !i.signed(record, next.Signed, policy):
		return
	}
	said := fmt.Sprintf("log %s went on from a backup at entry %d; before that it was %s", i.log.ID, next.First, from)
	if last.Size <= next.First {
		i.marks = append(i.marks, mark{last, "last before it was restored"})
		i.report.Restored = append(i.report.Restored, said+", of which nothing that was signed is missing")
		return
	}
	i.report.Restored = append(i.report.Restored, said)
	i.find(Lost, fmt.Sprintf("%d entries from %d on, signed as %s", last.Size-next.First, next.First, from), "to be there", "a log that was restored from an older backup")
}

// end holds what was read against the log's own row, and says what is missing
// of what was signed.
func (i *inspection) end() {
	if i.log.Size != i.next {
		i.find(Altered, "its size", fmt.Sprintf("%d entries by its row", i.log.Size), fmt.Sprintf("%d", i.next))
	}
	edge, err := readFrontier(i.log.Frontier, i.log.Size)
	if err != nil {
		i.find(Altered, "its frontier", "a hash for each bit of its size", err.Error())
	} else if !i.broken && i.log.Size == i.next && edge.root() != i.edge.root() {
		i.find(Altered, "its frontier", "the root "+i.edge.root().String(), edge.root())
	}
	if last := i.origins[len(i.origins)-1]; last.First >= i.next && last.First > 0 {
		i.find(Altered, fmt.Sprintf("entry %d", last.First), "to say that the log was restored here", "nothing")
	}
	for _, m := range i.marks {
		i.find(i.kind(), "its size", fmt.Sprintf("%d entries, signed %s", m.Size, m.by), i.next)
	}
	if i.findings > mostFindings {
		i.report.Unchecked = append(i.report.Unchecked, fmt.Sprintf("log %s: %d more findings are not printed", i.log.ID, i.findings-mostFindings))
	}
	if i.unopened > 0 {
		i.report.Unchecked = append(i.report.Unchecked, fmt.Sprintf("log %s: %d fields of entries 0 to %d were not held against their commitments: %s",
			i.log.ID, i.unopened, i.next-1, i.closed))
	}
}
