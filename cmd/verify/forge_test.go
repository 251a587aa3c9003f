package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

const host = "forum.example/l/"

// forge writes what a forum would hand out, by the page of formats and with
// nothing of the program under test. The same seed writes the same history.
type forge struct {
	origin    string
	key       ed25519.PrivateKey
	witnesses map[string]ed25519.PrivateKey
	random    *rand.ChaCha8
	past      []string // origins before, and from which entry on the next one
	since     []int
	entries   []forged
	hashes    []tlog.Hash
}

// forged is an entry with all that can be known of it.
type forged struct {
	slots  [8][]byte
	fields []forgedField
}

type forgedField struct {
	slot        int
	name, value string
	salt        []byte
}

func newForge(seed byte, size int) *forge {
	f := &forge{random: rand.NewChaCha8([32]byte{seed}), witnesses: map[string]ed25519.PrivateKey{}}
	keys := rand.NewChaCha8([32]byte{99}) // two histories of one log have its key
	_, f.key, _ = ed25519.GenerateKey(keys)
	f.origin = host + fmt.Sprintf("%032x", 0xabcdef)
	for _, name := range []string{"federation.example/w", "ngo.example/w", "auditor.example/w"} {
		_, f.witnesses[name], _ = ed25519.GenerateKey(keys)
	}
	for range size {
		f.append()
	}
	return f
}

func (f *forge) bytes() []byte {
	b := make([]byte, 32)
	_, _ = f.random.Read(b)
	return b
}

func (f *forge) append() {
	index := len(f.entries)
	var e forged
	e.fields = []forgedField{
		{0, "act", fmt.Sprintf(`{"kind":"statement","at":%d}`, index), f.bytes()},
		{3, "words.pt", fmt.Sprintf("Nós, a comunidade, não consentimos (%d).\nAté a próxima assembleia. «sim » 🌳", index), f.bytes()},
	}
	if index%50 == 49 {
		e.fields[1].value = strings.Repeat("long words ", 100)
	}
	for i := range e.slots {
		e.slots[i] = f.bytes()
	}
	for _, field := range e.fields {
		e.slots[field.slot] = commit(f.origin, index, field)
	}
	f.entries = append(f.entries, e)
	f.hash(index)
}

// restore is what a forum does with a backup of the first held entries: it goes on
// under another origin, and says so.
func (f *forge) restore(held int, signed string) {
	root, err := tlog.TreeHash(int64(held), f)
	if err != nil {
		panic(err)
	}
	act, err := json.Marshal(map[string]any{"kind": "log.restored", "fact": map[string]any{"origin": f.origin, "size": held, "root": root, "signed": signed}})
	if err != nil {
		panic(err)
	}
	f.past, f.since = append(f.past, f.origin), append(f.since, held)
	f.entries, f.hashes = f.entries[:held], nil
	for i := range f.entries {
		f.hash(i)
	}
	f.origin = host + fmt.Sprintf("%032x", 0xfedcba+held)
	f.append()
	e := &f.entries[held]
	e.fields = []forgedField{{0, "act", string(act), f.bytes()}}
	e.slots[0] = commit(f.origin, held, e.fields[0])
	f.hashes = nil
	for i := range f.entries {
		f.hash(i)
	}
}

// hash adds an entry to the tree.
func (f *forge) hash(index int) {
	stored, err := tlog.StoredHashes(int64(index), []byte("vcm-forum/entry/v1\n"+slotTree(f.entries[index])[14].String()+"\n"), f)
	if err != nil {
		panic(err)
	}
	f.hashes = append(f.hashes, stored...)
}

// say puts other words into an entry, as one can who has the key of the log.
func (f *forge) say(index int, words string) {
	e := &f.entries[index]
	e.fields[1].value = words
	e.slots[3] = commit(f.origin, index, e.fields[1])
	f.hashes = nil
	for i := range f.entries {
		f.hash(i)
	}
}

func (f *forge) ReadHashes(indexes []int64) (found []tlog.Hash, err error) {
	for _, i := range indexes {
		found = append(found, f.hashes[i])
	}
	return found, nil
}

func commit(origin string, index int, f forgedField) []byte {
	var length [8]byte
	binary.BigEndian.PutUint64(length[:], uint64(len(f.value)))
	padded := string(length[:]) + f.value
	for len(padded)%256 != 0 {
		padded += "\x00"
	}
	mac := hmac.New(sha256.New, f.salt)
	mac.Write([]byte(strings.Join([]string{"vcm-forum/field/v1", origin, fmt.Sprint(index), f.name, padded}, "\n")))
	return mac.Sum(nil)
}

// slotTree is the eight leaves, the four nodes above them, two, and the root.
func slotTree(e forged) (tree []tlog.Hash) {
	for _, slot := range e.slots {
		tree = append(tree, tlog.RecordHash(slot))
	}
	for i := 0; len(tree) < 15; i += 2 {
		tree = append(tree, tlog.NodeHash(tree[i], tree[i+1]))
	}
	return tree
}

func base(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

func keyID(name string, kind byte, key ed25519.PrivateKey) []byte {
	sum := sha256.Sum256(append([]byte(name+"\n"+string(kind)), key.Public().(ed25519.PublicKey)...))
	return sum[:4]
}

func vkey(name string, kind byte, key ed25519.PrivateKey) string {
	return fmt.Sprintf("%s+%x+%s", name, keyID(name, kind, key), base(append([]byte{kind}, key.Public().(ed25519.PublicKey)...)))
}

func (f *forge) body(size int) string {
	root, err := tlog.TreeHash(int64(size), f)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf("%s\n%d\n%s\n", f.origin, size, root)
}

func (f *forge) checkpoint(size int) string {
	return f.signed(f.body(size), f.origin, "federation.example/w", "ngo.example/w")
}

func (f *forge) signed(body string, signers ...string) string {
	note := body + "\n"
	for _, name := range signers {
		if key, isWitness := f.witnesses[name]; isWitness {
			note += cosigned(body, name, key)
			continue
		}
		note += "— " + name + " " + base(append(keyID(name, 1, f.key), ed25519.Sign(f.key, []byte(body))...)) + "\n"
	}
	return note
}

func cosigned(body, name string, key ed25519.PrivateKey) string {
	const at = 1762941600
	signature := binary.BigEndian.AppendUint64(keyID(name, 4, key), at)
	signature = append(signature, ed25519.Sign(key, fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", at, body))...)
	return "— " + name + " " + base(signature) + "\n"
}

func (f *forge) receipt(index, field, size int) string {
	return f.receiptUnder(index, field, size, f.checkpoint(size))
}

func (f *forge) receiptUnder(index, field, size int, checkpoint string) string {
	e := f.entries[index]
	tree, slot := slotTree(e), e.fields[field].slot
	siblings := []tlog.Hash{tree[slot^1], tree[8+(slot/2^1)], tree[12+(slot/4^1)]}
	path, err := tlog.ProveRecord(int64(size), int64(index), f)
	if err != nil {
		panic(err)
	}
	text := fmt.Sprintf("vcm-forum/receipt/v1\nslot %d\n", slot)
	for _, h := range siblings {
		text += h.String() + "\n"
	}
	for i, since := range f.since {
		if index < since {
			text += "origin " + f.past[i] + "\n"
			break
		}
	}
	text += fmt.Sprintf("name %s\nsalt %s\nvalue %s\n\n", e.fields[field].name, base(e.fields[field].salt), base([]byte(e.fields[field].value)))
	text += fmt.Sprintf("c2sp.org/tlog-proof@v1\nindex %d\n", index)
	for _, h := range path {
		text += h.String() + "\n"
	}
	return text + "\n" + checkpoint
}

// lines are those of log.jsonl. Of every third entry all fields were withheld.
func (f *forge) lines() (lines []string) {
	for i, e := range f.entries {
		type open struct {
			Slot  int    `json:"slot"`
			Name  string `json:"name"`
			Salt  string `json:"salt"`
			Value string `json:"value"`
		}
		var line struct {
			Index  int      `json:"index"`
			Slots  []string `json:"slots"`
			Fields []open   `json:"fields"`
		}
		line.Index, line.Fields = i, []open{}
		for _, slot := range e.slots {
			line.Slots = append(line.Slots, base(slot))
		}
		for _, field := range e.fields {
			if i%3 > 0 {
				line.Fields = append(line.Fields, open{field.slot, field.name, base(field.salt), base([]byte(field.value))})
			}
		}
		text, err := json.Marshal(line)
		if err != nil {
			panic(err)
		}
		lines = append(lines, string(text)+"\n")
	}
	return lines
}

func (f *forge) policy() string {
	text := fmt.Sprintf("# who counts\n\nlog prefix %s %s\n", host, base(append([]byte{1}, f.key.Public().(ed25519.PublicKey)...)))
	for _, name := range slices.Sorted(maps.Keys(f.witnesses)) {
		text += "witness " + vkey(name, 4, f.witnesses[name]) + " http://127.0.0.1:1/\n"
	}
	return text + "quorum 2\n"
}

// desk is a folder with files to check.
type desk struct {
	t   *testing.T
	dir string
}

func newDesk(t *testing.T, f *forge) desk {
	d := desk{t, t.TempDir()}
	d.write("policy", f.policy())
	return d
}

func (d desk) write(name, text string) {
	d.t.Helper()
	file := filepath.Join(d.dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

func (d desk) bundle(lines []string, checkpoint string) {
	d.t.Helper()
	d.write("bundle/log.jsonl", strings.Join(lines, ""))
	d.write("bundle/checkpoint", checkpoint)
	evidence := "a recording of the assembly"
	d.write(fmt.Sprintf("bundle/evidence/%x", sha256.Sum256([]byte(evidence))), evidence)
}

// expect runs the program; names of files are in the folder, and "!" stands
// before those that are not.
func (d desk) expect(code int, says string, args ...string) {
	d.t.Helper()
	for i, a := range args[1:] {
		if name, isOther := strings.CutPrefix(a, "!"); isOther {
			args[i+1] = name
		} else if !strings.HasPrefix(a, "-") {
			args[i+1] = filepath.Join(d.dir, a)
		}
	}
	var out bytes.Buffer
	if got := run(args, strings.NewReader(""), &out); got != code || !strings.Contains(out.String(), says) {
		d.t.Errorf("%q = %d:\n%s\nwant %d and %q", args, got, &out, code, says)
	}
}
