package main

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math/bits"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/tlog"
)

// field is a named text of an entry, with the salt that keeps it from being guessed.
type field struct {
	Slot  int64     `json:"slot"`
	Name  string    `json:"name"`
	Salt  tlog.Hash `json:"salt"` // 32 random bytes
	Value []byte    `json:"value"`
}

// commitment is what stands in the slot. Padding hides the length of the value.
func (f field) commitment(origin string, index int64) []byte {
	isSound := f.Slot >= 0 && f.Slot < 8 && f.Name != "" && strings.Map(visible, f.Name) == f.Name
	must(isSound, altered, "Entry %d has a field %q that no entry can hold.", index, f.Name)
	padded := append(binary.BigEndian.AppendUint64(nil, uint64(len(f.Value))), f.Value...)
	padded = append(padded, make([]byte, -len(padded)&255)...)
	mac := hmac.New(sha256.New, f.Salt[:])
	fmt.Fprintf(mac, "vcm-forum/field/v1\n%s\n%d\n%s\n%s", origin, index, f.Name, padded)
	return mac.Sum(nil)
}

func leafHash(slotRoot tlog.Hash) tlog.Hash {
	return tlog.RecordHash([]byte("vcm-forum/entry/v1\n" + slotRoot.String() + "\n"))
}

// shortCode is the first 80 bits of a leaf hash, to be read aloud: arXiv 0901.4016.
func shortCode(leaf tlog.Hash) (code string) {
	const consonants, vowels = "bdfghjklmnprstvz", "aiou"
	for i := 0; i < 10; i += 2 {
		n := binary.BigEndian.Uint16(leaf[i:])
		code += "-" + string([]byte{consonants[n>>12], vowels[n>>10&3], consonants[n>>6&15], vowels[n>>4&3], consonants[n&15]})
	}
	return code[1:]
}

// receiptForm is a field of an entry with its siblings among the eight slots, bottom up,
// and its origin if the log was restored since; the entry's proof; the checkpoint.
var receiptForm = regexp.MustCompile(`^vcm-forum/receipt/v1\nslot ([0-7])\n((?:[A-Za-z0-9+/]{43}=\n){3})(?:origin (\S+)\n)?` +
	`name (.+)\nsalt ([A-Za-z0-9+/]{43}=)\nvalue ([A-Za-z0-9+/]*=*)\n\n` +
	`c2sp\.org/tlog-proof@v1\nindex (0|[1-9]\d{0,13})\n((?:[A-Za-z0-9+/]{43}=\n)*)\n((?s).+)$`)

func decodeHashes(text string) (hashes tlog.RecordProof) {
	for line := range strings.Lines(text) {
		hashes = append(hashes, tlog.Hash(decode(line[:44])))
	}
	return hashes
}

func verifyReceipt(text, wordsFile string, p *policy, m memory) string {
	part := receiptForm.FindStringSubmatch(text)
	must(part != nil && !strings.HasPrefix(part[9], part[3]+"\n"), altered, "The receipt is not written as a receipt is.")
	f := field{int64(part[1][0] - '0'), part[4], tlog.Hash(decode(part[5])), decode(part[6])}
	index, c := try(strconv.ParseInt(part[7], 10, 64)), p.open(part[9])
	hash := tlog.RecordHash(f.commitment(cmp.Or(part[3], c.Origin), index))
	for level, sibling := range decodeHashes(part[2]) {
		pair, side := [2]tlog.Hash{hash, sibling}, f.Slot>>level&1
		hash = tlog.NodeHash(pair[side], pair[1-side])
	}
	err := tlog.CheckRecord(decodeHashes(part[8]), c.Size, c.Root, index, leafHash(hash))
	must(err == nil && utf8.Valid(f.Value), altered, "The checkpoint is signed, but entry %d of its log does not say what this receipt says.", index)
	bound := strings.ReplaceAll(string(f.Value), "\n", "\n    ")
	if wordsFile != "" {
		words := read(wordsFile, nil)
		must(words == string(f.Value) || words == string(f.Value)+"\n", altered, "The receipt binds other words than %s holds. It binds:\n    %s", wordsFile, bound)
	}
	m.meet(c)
	m.keep(c, nil)
	return fmt.Sprintf("These words are recorded, and unchanged since.\nEntry %d (the first is 0) of the log %s.\nShort code %s.\n"+
		"The log had %d entries when this receipt was made.\n%sField %q says:\n    %s", index, c.Origin, shortCode(leafHash(hash)), c.Size, c.seals, f.Name, bound)
}

// entry is a line of log.jsonl: eight commitments, and the fields that are open.
type entry struct {
	Index  int64        `json:"index"`
	Slots  [8]tlog.Hash `json:"slots"`
	Fields []field      `json:"fields,omitzero"`
}

// leafOf checks the line of an entry and returns the hash of its leaf.
func leafOf(line, origin string, index int64) tlog.Hash {
	var e entry
	isCanonical := json.Unmarshal([]byte(line), &e) == nil && string(try(json.Marshal(e)))+"\n" == line
	must(isCanonical, altered, "Entry %d is not written as entries are.", index)
	must(e.Index == index, altered, "Expected entry %d, found entry %d.", index, e.Index)
	for _, f := range e.Fields {
		found := tlog.Hash(f.commitment(origin, index))
		must(found == e.Slots[f.Slot], altered, "Field %q of entry %d is not what was recorded: expected the commitment %s, found %s.", f.Name, index, e.Slots[f.Slot], found)
	}
	var slots []tlog.Hash
	for _, commitment := range e.Slots {
		slots = append(slots, tlog.RecordHash(commitment[:]))
	}
	return leafHash(rootOf(slots))
}

// rootOf is the root of the tree over hashes of leaves (RFC 6962, section 2.1).
func rootOf(leaves []tlog.Hash) tlog.Hash {
	if len(leaves) < 2 { // of none it is the hash of nothing
		return slices.Concat(leaves, []tlog.Hash{sha256.Sum256(nil)})[0]
	}
	half := 1 << (bits.Len(uint(len(leaves)-1)) - 1) // the largest power of two below
	return tlog.NodeHash(rootOf(leaves[:half]), rootOf(leaves[half:]))
}

// readLog reads a bundle. If the log went on from a backup, the first entry after that
// holds, and no other a root: the checkpoint of what was restored, with the origin of
// the log until then, to which commitments are bound, and as Signed its last checkpoint.
func readLog(dir, origin string) (leaves []tlog.Hash, past []checkpoint) {
	var origins []string // of each entry
	lines := slices.Collect(strings.Lines(read(filepath.Join(dir, "log.jsonl"), nil)))
	for i, line := range lines {
		var e entry
		var act struct{ Fact checkpoint }
		if json.Unmarshal([]byte(line), &e) == nil && len(e.Fields) > 0 && json.Unmarshal(e.Fields[0].Value, &act) == nil && act.Fact.Root != (tlog.Hash{}) {
			must(act.Fact.Size == int64(i), altered, "Entry %d says that %d were restored before it.", i, act.Fact.Size)
			past, origins = append(past, act.Fact), append(origins, slices.Repeat([]string{act.Fact.Origin}, i-len(origins))...)
		}
	}
	origins = append(origins, slices.Repeat([]string{origin}, len(lines)-len(origins))...)
	for i, line := range lines {
		leaves = append(leaves, leafOf(line, origins[i], int64(i)))
	}
	return leaves, past
}

// restoredFrom tells what is lost, by what the log says itself and by what was seen.
func restoredFrom(c checkpoint, leaves []tlog.Hash, p *policy, m memory) (says string, isWhole bool) {
	known, signed, lost, least := append(m.meet(c), c), int64(1<<62), int64(0), "at least " // no signature is remembered
	if c.Signed != "" {
		last := p.open(c.Signed)
		known, signed, least = append(known, last), last.Size, ""
	}
	for _, k := range known {
		isPart := k.Origin == c.Origin && (k.Size > c.Size || rootOf(leaves[:k.Size]) == k.Root)
		must(isPart, forked, "The log was restored, but the first %d entries are not those of %s.", min(k.Size, c.Size), k.Origin)
		must(k.Size <= max(signed, c.Size), forked, "%s had %d entries, but the log says that it had %d when it was restored.", c.Origin, k.Size, signed)
		lost = max(lost, k.Size-c.Size)
	}
	return fmt.Sprintf("\nIt was restored from a backup with %d entries, and was the log %s before. Of what was signed then, %s%d entries are lost.",
		c.Size, c.Origin, least, lost), lost == 0 && least == ""
}

func verifyLog(dir string, p *policy, m memory) string {
	c := p.open(read(filepath.Join(dir, "checkpoint"), nil))
	known := m.meet(c)
	leaves, past := readLog(dir, c.Origin)
	size, root, sound := int64(len(leaves)), rootOf(leaves), int64(0)
	must(size == c.Size, altered, "Expected %d entries, found %d; the first to differ is entry %d.", c.Size, size, min(size, c.Size))
	for _, k := range known {
		must(k.Size <= size, forked, "The log has %d entries, but had %d when it was last seen.", size, k.Size)
		before := rootOf(leaves[:k.Size])
		must(before == k.Root || root != c.Root, forked, "The first %d entries are signed, but are not those seen before: expected the root %s, found %s.", k.Size, k.Root, before)
		if before == k.Root {
			sound = max(sound, k.Size)
		}
	}
	must(root == c.Root, altered, "Entry %d or a later one is not what was signed: expected the root %s, found %s.", sound, c.Root, root)
	files, says, isWhole := verifyEvidence(filepath.Join(dir, "evidence")), "", true
	for _, r := range past {
		text, ok := restoredFrom(r, leaves, p, m)
		says, isWhole = says+text, isWhole && ok
	}
	m.keep(c, known)
	says = fmt.Sprintf("All %d entries of the log %s are as they were signed, and the words in them as they were recorded.%s\n"+
		"%s%d files of evidence have the digests of their names.\n%d checkpoints seen before are part of this log.", size, c.Origin, says, c.seals, files, len(known))
	must(isWhole, restored, "The log cannot be called whole. What is there:\n%s", says)
	return says
}

// verifyEvidence holds each file against the digest that is its name.
func verifyEvidence(dir string) int {
	files, err := os.ReadDir(dir)
	must(err == nil || os.IsNotExist(err), unread, "The evidence cannot be read: %v", err)
	for _, f := range files {
		file, sum := try(os.Open(filepath.Join(dir, f.Name()))), sha256.New() //nolint:gosec // whoever calls names the folder
		try(io.Copy(sum, file))
		try(0, file.Close())
		must(f.Name() == fmt.Sprintf("%x", sum.Sum(nil)), altered, "The evidence %s is another file: its digest is %x.", f.Name(), sum.Sum(nil))
	}
	return len(files)
}

// compare tells whether two parties were told the same; entries join different sizes.
func compare(a, b checkpoint, bundle string) string {
	must(a.Origin == b.Origin, unread, "These are two logs, %s and %s, which cannot be compared.", a.Origin, b.Origin)
	must(a.Size != b.Size || a.Root == b.Root, forked, "The log %s showed two histories of %d entries, with the roots %s and %s.\n%s", a.Origin, a.Size, a.Root, b.Root, a.seals)
	if a.Size == b.Size {
		return fmt.Sprintf("Both were told the same: the log %s had %d entries, with the root %s.\n%s", a.Origin, a.Size, a.Root, a.seals)
	}
	if a.Size > b.Size {
		a, b = b, a
	}
	must(bundle != "", unread, "One was told of %d entries, one of %d. To compare them, give the bundle of the log: --log DIR", a.Size, b.Size)
	leaves, _ := readLog(bundle, a.Origin)
	must(int64(len(leaves)) >= b.Size, unread, "The bundle has %d entries, too few to compare with %d.", len(leaves), b.Size)
	must(rootOf(leaves[:b.Size]) == b.Root, altered, "The bundle is not the log of %d entries that was signed.", b.Size)
	must(rootOf(leaves[:a.Size]) == a.Root, forked, "The %d entries that one was told of are not the first of the %d that the other was.\n%s", a.Size, b.Size, a.seals)
	return fmt.Sprintf("Both were told the same: the log %s grew from %d entries to %d.\n%s", a.Origin, a.Size, b.Size, a.seals)
}

// memory is "" or a folder of checkpoints, as they were signed: two that contradict
// each other prove a fork. A receipt's stays until a log is shown to contain it.
type memory string

// meet returns what was seen of a log. Another root at one size is a fork.
func (m memory) meet(c checkpoint) (known []checkpoint) {
	files, err := os.ReadDir(string(m))
	must(err == nil || os.IsNotExist(err), unread, "The memory cannot be read: %v", err)
	for _, f := range files {
		if strings.HasPrefix(f.Name(), url.QueryEscape(c.Origin)+" ") {
			k := (*policy)(nil).open(read(filepath.Join(string(m), f.Name()), nil))
			k.file = filepath.Join(string(m), f.Name())
			must(k.Size != c.Size || k.Root == c.Root, forked, "The log showed two histories of %d entries. Keep this one, and %s: they prove it.", c.Size, k.file)
			known = append(known, k)
		}
	}
	return known
}

// keep writes a checkpoint whole or not at all, then removes those it goes beyond.
func (m memory) keep(c checkpoint, beyond []checkpoint) {
	if m == "" {
		return
	}
	try(0, os.MkdirAll(string(m), 0o700))
	file := try(os.CreateTemp(string(m), "new-"))
	try(file.WriteString(c.Signed))
	try(0, file.Sync())
	try(0, file.Close())
	try(0, os.Rename(file.Name(), filepath.Join(string(m), fmt.Sprintf("%s %d %x", url.QueryEscape(c.Origin), c.Size, c.Root[:]))))
	for _, k := range beyond {
		if k.Size < c.Size {
			try(0, os.Remove(k.file))
		}
	}
}
