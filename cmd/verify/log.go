package main

import (
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

// receiptForm is a field of an entry with its siblings among the eight slots,
// bottom up, then the proof of the entry in the log, then the checkpoint.
var receiptForm = regexp.MustCompile(`^vcm-forum/receipt/v1
slot ([0-7])
((?:[A-Za-z0-9+/]{43}=\n){3})name (.+)
salt ([A-Za-z0-9+/]{43}=)
value ([A-Za-z0-9+/]*=*)

c2sp\.org/tlog-proof@v1
index (0|[1-9]\d{0,13})
((?:[A-Za-z0-9+/]{43}=\n)*)
((?s).+)$`)

func decodeHashes(text string) (hashes tlog.RecordProof) {
	for line := range strings.Lines(text) {
		hashes = append(hashes, tlog.Hash(decode(line[:44])))
	}
	return hashes
}

func verifyReceipt(text, wordsFile string, p *policy, m memory) string {
	part := receiptForm.FindStringSubmatch(text)
	must(part != nil, altered, "The receipt is not written as a receipt is.")
	f := field{int64(part[1][0] - '0'), part[3], tlog.Hash(decode(part[4])), decode(part[5])}
	index, c := try(strconv.ParseInt(part[6], 10, 64)), p.open(part[8])
	hash := tlog.RecordHash(f.commitment(c.origin, index))
	for level, sibling := range decodeHashes(part[2]) {
		pair, side := [2]tlog.Hash{hash, sibling}, f.Slot>>level&1
		hash = tlog.NodeHash(pair[side], pair[1-side])
	}
	err := tlog.CheckRecord(decodeHashes(part[7]), c.size, c.root, index, leafHash(hash))
	must(err == nil && utf8.Valid(f.Value), altered, "The checkpoint is signed, but entry %d of its log does not say what this receipt says.", index)
	bound := strings.ReplaceAll(string(f.Value), "\n", "\n    ")
	if wordsFile != "" {
		words := read(wordsFile, nil)
		must(words == string(f.Value) || words == string(f.Value)+"\n", altered, "The receipt binds other words than %s holds. It binds:\n    %s", wordsFile, bound)
	}
	m.meet(c)
	m.keep(c, nil)
	return fmt.Sprintf("These words are recorded, and unchanged since.\nEntry %d (the first is 0) of the log %s.\nShort code %s.\n"+
		"The log had %d entries when this receipt was made.\n%sField %q says:\n    %s", index, c.origin, shortCode(leafHash(hash)), c.size, c.seals, f.Name, bound)
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
	switch len(leaves) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return leaves[0]
	}
	half := 1 << (bits.Len(uint(len(leaves)-1)) - 1) // the largest power of two below
	return tlog.NodeHash(rootOf(leaves[:half]), rootOf(leaves[half:]))
}

func readLeaves(dir, origin string) (leaves []tlog.Hash) {
	for line := range strings.Lines(read(filepath.Join(dir, "log.jsonl"), nil)) {
		leaves = append(leaves, leafOf(line, origin, int64(len(leaves))))
	}
	return leaves
}

func verifyLog(dir string, p *policy, m memory) string {
	c := p.open(read(filepath.Join(dir, "checkpoint"), nil))
	known := m.meet(c)
	leaves := readLeaves(dir, c.origin)
	size, root, sound := int64(len(leaves)), rootOf(leaves), int64(0)
	must(size == c.size, altered, "Expected %d entries, found %d; the first to differ is entry %d.", c.size, size, min(size, c.size))
	for _, k := range known {
		must(k.size <= size, forked, "The log has %d entries, but had %d when it was last seen.", size, k.size)
		before := rootOf(leaves[:k.size])
		must(before == k.root || root != c.root, forked, "The first %d entries are signed, but are not those seen before: expected the root %s, found %s.", k.size, k.root, before)
		if before == k.root {
			sound = max(sound, k.size)
		}
	}
	must(root == c.root, altered, "Entry %d or a later one is not what was signed: expected the root %s, found %s.", sound, c.root, root)
	files := verifyEvidence(filepath.Join(dir, "evidence"))
	m.keep(c, known)
	return fmt.Sprintf("All %d entries of the log %s are as they were signed, and the words in them as they were recorded.\n"+
		"%s%d files of evidence have the digests of their names.\n%d checkpoints seen before are part of this log.", size, c.origin, c.seals, files, len(known))
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
	must(a.origin == b.origin, unread, "These are two logs, %s and %s, which cannot be compared.", a.origin, b.origin)
	must(a.size != b.size || a.root == b.root, forked, "The log %s showed two histories of %d entries, with the roots %s and %s.\n%s", a.origin, a.size, a.root, b.root, a.seals)
	if a.size == b.size {
		return fmt.Sprintf("Both were told the same: the log %s had %d entries, with the root %s.\n%s", a.origin, a.size, a.root, a.seals)
	}
	if a.size > b.size {
		a, b = b, a
	}
	must(bundle != "", unread, "One was told of %d entries, one of %d. To compare them, give the bundle of the log: --log DIR", a.size, b.size)
	leaves := readLeaves(bundle, a.origin)
	must(int64(len(leaves)) >= b.size, unread, "The bundle has %d entries, too few to compare with %d.", len(leaves), b.size)
	must(rootOf(leaves[:b.size]) == b.root, altered, "The bundle is not the log of %d entries that was signed.", b.size)
	must(rootOf(leaves[:a.size]) == a.root, forked, "The %d entries that one was told of are not the first of the %d that the other was.\n%s", a.size, b.size, a.seals)
	return fmt.Sprintf("Both were told the same: the log %s grew from %d entries to %d.\n%s", a.origin, a.size, b.size, a.seals)
}

// memory is "" or a folder of checkpoints, as they were signed: two that contradict
// each other prove a fork. A receipt's stays until a log is shown to contain it.
type memory string

// meet returns what was seen of a log. Another root at one size is a fork.
func (m memory) meet(c checkpoint) (known []checkpoint) {
	files, err := os.ReadDir(string(m))
	must(err == nil || os.IsNotExist(err), unread, "The memory cannot be read: %v", err)
	for _, f := range files {
		if strings.HasPrefix(f.Name(), url.QueryEscape(c.origin)+" ") {
			k := (*policy)(nil).open(read(filepath.Join(string(m), f.Name()), nil))
			k.file = filepath.Join(string(m), f.Name())
			must(k.size != c.size || k.root == c.root, forked, "The log showed two histories of %d entries. Keep this one, and %s: they prove it.", c.size, k.file)
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
	try(file.WriteString(c.signed))
	try(0, file.Sync())
	try(0, file.Close())
	try(0, os.Rename(file.Name(), filepath.Join(string(m), fmt.Sprintf("%s %d %x", url.QueryEscape(c.origin), c.size, c.root[:]))))
	for _, k := range beyond {
		if k.size < c.size {
			try(0, os.Remove(k.file))
		}
	}
}
