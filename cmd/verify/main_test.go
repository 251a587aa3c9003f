package main

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const size = 300

func TestReceiptTellsWhatItProves(t *testing.T) {
	f := newForge(1, size)
	d := newDesk(t, f)
	text := f.receipt(123, 1, size)
	d.write("receipt", text)
	for _, says := range []string{
		"These words are recorded", "Entry 123 (the first is 0) of the log " + f.origin, "The log had 300 entries", `Field "words.pt" says:`,
		"    Nós, a comunidade, não consentimos (123).\n    Até a próxima assembleia. «sim » 🌳",
		"Signed by the log, with the key " + f.origin, "Seen by the witness ngo.example/w+", " on Wed, 12 Nov 2025 10:00:00 UTC.",
	} {
		d.expect(0, says, "receipt", "receipt", "--policy", "policy")
	}
	for _, scanned := range []string{text, text + "\n", strings.TrimRight(text, "\n")} {
		var out bytes.Buffer
		if code := run([]string{"receipt", "-", "--policy", filepath.Join(d.dir, "policy")}, strings.NewReader(scanned), &out); code != 0 {
			t.Errorf("a scanned receipt = %d: %s", code, &out)
		}
	}
}

func TestEveryReceiptOfSmallAndLargeLogsHolds(t *testing.T) {
	f := newForge(1, size)
	p := parsePolicy(f.policy())
	for n := 1; n <= size; n += 1 + n/3 {
		for i := 0; i < n; i += 1 + n/7 {
			text := f.receipt(i, i%2, n)
			if len(text) > 3600 {
				t.Errorf("a receipt of %d bytes", len(text))
			}
			if end := attempt(func() string { return verifyReceipt(text, "", p, "") }); end.code != 0 {
				t.Fatalf("receipt of entry %d of %d: %s", i, n, end.sentence)
			}
		}
	}
}

// TestOneChangedCharacterIsRefused replaces, removes and inserts at each place,
// and takes away, doubles and swaps lines.
func TestOneChangedCharacterIsRefused(t *testing.T) {
	f := newForge(1, size)
	p := parsePolicy(f.policy())
	text := f.receipt(123, 1, size)
	tried := 0
	refused := func(changed string) {
		if changed == text {
			return
		}
		tried++
		if end := attempt(func() string { return verifyReceipt(changed, "", p, "") }); end.code != altered {
			t.Errorf("with code %d and %q:\n%s", end.code, end.sentence, changed)
		}
	}
	for i := range text {
		refused(text[:i] + text[i+1:])
		for _, c := range []byte{text[i] ^ 1, text[i] ^ 0x20, text[i] + 1, 'A', '0', '=', ' ', '\n', '\r', 0} {
			refused(text[:i] + string(c) + text[i+1:])
		}
		for _, c := range "A=0 \n\t" {
			refused(text[:i] + string(c) + text[i:])
		}
	}
	refused(text + "\n")
	refused(text + " ")
	lines := strings.SplitAfter(text, "\n")
	for i := range lines[:len(lines)-1] {
		refused(strings.Join(slices.Concat(lines[:i], lines[i:i+1], lines[i:]), ""))
		if i < len(lines)-5 { // the order of signatures means nothing
			refused(strings.Join(slices.Concat(lines[:i], lines[i+1:i+2], lines[i:i+1], lines[i+2:]), ""))
		}
	}
	t.Logf("%d changes of %d bytes", tried, len(text))
}

func TestWordsMustBeThoseOfTheReceipt(t *testing.T) {
	f := newForge(1, size)
	d := newDesk(t, f)
	d.write("receipt", f.receipt(7, 1, size))
	words := f.entries[7].fields[1].value
	d.write("same", words)
	d.write("edited", words+"\n")
	d.write("other", strings.Replace(words, "não ", "", 1))
	args := func(file string) []string {
		return []string{"receipt", "receipt", "--policy", "policy", "--words", file}
	}
	d.expect(0, "", args("same")...)
	d.expect(0, "", args("edited")...)
	d.expect(3, "ALTERED. The receipt binds other words", args("other")...)
	d.expect(1, "no such file", args("absent")...)
}

func TestSignaturesMustBeThoseOfThePolicy(t *testing.T) {
	f, stranger := newForge(1, 20), newForge(1, 20)
	_, stranger.key, _ = ed25519.GenerateKey(nil)
	for name := range stranger.witnesses {
		_, stranger.witnesses[name], _ = ed25519.GenerateKey(nil)
	}
	other := host + strings.Repeat("0", 32)
	for name, c := range map[string]struct{ note, says string }{
		"a replaced key of the log":         {stranger.signed(f.body(20), f.origin), "do not hold"},
		"a replaced key beside witnesses":   {f.checkpoint(20) + strings.SplitAfter(stranger.checkpoint(20), "\n\n")[1], "by nobody whom the policy names"},
		"no signature of the log":           {f.signed(f.body(20), "federation.example/w", "ngo.example/w"), "asks for the log's signature"},
		"one witness of two":                {f.signed(f.body(20), f.origin, "ngo.example/w"), "and 2 witnesses"},
		"one witness twice":                 {f.signed(f.body(20), f.origin, "ngo.example/w", "ngo.example/w"), "stands twice"},
		"the key of another log":            {f.signed(f.body(20), other, "federation.example/w", "ngo.example/w"), "signed by another log"},
		"an origin that is not of the host": {f.signed("elsewhere"+f.body(20), "elsewhere"+f.origin), "do not hold"},
		"an origin with a longer id":        {f.signed(f.origin+"0"+f.body(20)[len(f.origin):], f.origin+"0"), "do not hold"},
		"a line more than the three":        {f.signed(f.body(20)+"extension\n", f.origin, "federation.example/w", "ngo.example/w"), "is not written as"},
		"a size beyond belief":              {f.signed(strings.Replace(f.body(20), "\n20\n", "\n9223372036854775807\n", 1), f.origin), "is not written as"},
		"a size with a nought before it":    {f.signed(strings.Replace(f.body(20), "\n20\n", "\n020\n", 1), f.origin), "is not written as"},
	} {
		d := newDesk(t, f)
		d.bundle(f.lines(), c.note)
		d.expect(3, c.says, "log", "bundle", "--policy", "policy")
		d.write("receipt", f.receiptUnder(3, 0, 20, c.note))
		d.expect(3, c.says, "receipt", "receipt", "--policy", "policy")
		if t.Failed() {
			t.Fatal(name)
		}
	}
}

func TestPolicyIsRefusedWhenItSaysLessThanItSeems(t *testing.T) {
	f := newForge(1, 3)
	log, witness := vkey(f.origin, 1, f.key), vkey("ngo.example/w", 4, f.witnesses["ngo.example/w"])
	for policy, says := range map[string]string{
		"":                                     "does not say its quorum",
		"log " + log:                           "does not say its quorum",
		"quorum -1":                            "could not be checked",
		"quorum 1\nquorum 0":                   "neither",
		"logs " + log:                          "neither",
		"log " + witness + "\nquorum 0":        "not an Ed25519 key of kind 1",
		"witness " + log + "\nquorum 0":        "not an Ed25519 key of kind 4",
		"log x" + log + "\nquorum 0":           "mistyped",
		"log prefix a.example AQ==\nquorum 0":  "neither",
		"log prefix a.example/ AQ==\nquorum 0": "not an Ed25519 key",
		"witness " + witness + "\nwitness " + vkey("twin.example", 4, f.witnesses["ngo.example/w"]) + "\nquorum 2": "stands twice",
		"witness " + witness + "\nlog " + vkey("ngo.example/l", 1, f.witnesses["ngo.example/w"]) + "\nquorum 1":    "stands twice",
	} {
		d := newDesk(t, f)
		d.write("policy", policy)
		d.bundle(f.lines(), f.checkpoint(3))
		d.expect(1, says, "log", "bundle", "--policy", "policy")
	}
	d := newDesk(t, f)
	d.write("policy", "log "+log+"\nquorum 0\n")
	d.bundle(f.lines(), f.signed(f.body(3), f.origin))
	d.expect(0, "All 3 entries", "--policy", "policy", "!log", "bundle")
}

func TestBundleThatIsWholeHolds(t *testing.T) {
	for _, n := range []int{0, 1, 2, 7, 8, size} {
		f := newForge(1, n)
		d := newDesk(t, f)
		d.bundle(f.lines(), f.checkpoint(n))
		d.expect(0, fmt.Sprintf("All %d entries", n), "log", "bundle", "--policy", "policy")
		d.expect(0, "1 files of evidence", "log", "bundle", "--policy", "policy", "--state", "state")
		for range 2 {
			d.expect(0, "1 checkpoints seen before", "log", "bundle", "--policy", "policy", "--state", "state")
		}
	}
}

func TestTamperedBundleIsNamed(t *testing.T) {
	f := newForge(1, size)
	swapped := func(line, a, b string) string { return strings.Replace(line, a, b, 1) }
	for name, c := range map[string]struct {
		tamper func(lines []string) []string
		says   string
	}{
		"words edited": {func(l []string) []string {
			l[100] = swapped(l[100], base([]byte(f.entries[100].fields[1].value)), base([]byte("yes")))
			return l
		}, `Field "words.pt" of entry 100 is not what was recorded: expected the commitment ` + base(f.entries[100].slots[3])},
		"words and commitment edited": {func(l []string) []string {
			field := f.entries[100].fields[1]
			field.value = "yes"
			l[100] = swapped(l[100], base([]byte(f.entries[100].fields[1].value)), base([]byte("yes")))
			l[100] = swapped(l[100], base(f.entries[100].slots[3]), base(commit(f.origin, 100, field)))
			return l
		}, "Entry 0 or a later one is not what was signed: expected the root "},
		"a time edited": {func(l []string) []string {
			act := f.entries[200].fields[0].value
			l[200] = swapped(l[200], base([]byte(act)), base([]byte(swapped(act, "200", "100"))))
			return l
		}, `Field "act" of entry 200`},
		"a commitment of a withheld field edited": {func(l []string) []string {
			l[99] = swapped(l[99], base(f.entries[99].slots[5]), base(f.entries[98].slots[5]))
			return l
		}, "Entry 0 or a later one"},
		"an entry deleted":    {func(l []string) []string { return slices.Delete(l, 42, 43) }, "Expected entry 42, found entry 43"},
		"two entries swapped": {func(l []string) []string { l[10], l[11] = l[11], l[10]; return l }, "Expected entry 10, found entry 11"},
		"two entries swapped, renumbered": {func(l []string) []string {
			l[10], l[11] = swapped(l[11], ":11", ":10"), swapped(l[10], ":10", ":11")
			return l
		}, `Field "act" of entry 10 is not what was recorded`},
		"an entry inserted": {func(l []string) []string { return slices.Insert(l, 50, l[50]) }, "Expected entry 51, found entry 50"},
		"an entry inserted, renumbered": {func(l []string) []string {
			l = slices.Insert(l, 50, l[50])
			for i := 51; i < len(l); i++ {
				l[i] = swapped(l[i], fmt.Sprint(":", i-1), fmt.Sprint(":", i))
			}
			return l
		}, `Field "act" of entry 51 is not what was recorded`},
		"the end cut off":                 {func(l []string) []string { return l[:290] }, "Expected 300 entries, found 290; the first to differ is entry 290"},
		"an entry added":                  {func(l []string) []string { return append(l, swapped(l[3], ":3", ":300")) }, "Expected 300 entries, found 301; the first to differ is entry 300"},
		"the last line broken off":        {func(l []string) []string { l[299] = l[299][:200]; return l }, "Entry 299 is not written as"},
		"a second value beside the first": {func(l []string) []string { l[1] = swapped(l[1], `"value":`, `"Value":"","value":`); return l }, "Entry 1 is not written as"},
		"a space":                         {func(l []string) []string { l[5] = " " + l[5]; return l }, "Entry 5 is not written as"},
		"a ninth slot":                    {func(l []string) []string { l[1] = swapped(l[1], `"slot":3`, `"slot":8`); return l }, `Entry 1 has a field "words.pt" that no`},
		"a slot before the first":         {func(l []string) []string { l[1] = swapped(l[1], `"slot":3`, `"slot":-1`); return l }, `Entry 1 has a field "words.pt" that no`},
		"a name with an end of line":      {func(l []string) []string { l[1] = swapped(l[1], `"act"`, `"act\n"`); return l }, `Entry 1 has a field "act\n" that no`},
		"a name without letters":          {func(l []string) []string { l[1] = swapped(l[1], `"act"`, `""`); return l }, `Entry 1 has a field "" that no`},
		"a slot too few":                  {func(l []string) []string { l[0] = swapped(l[0], `"`+base(f.entries[0].slots[0])+`",`, ""); return l }, "Entry 0 is not written as"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, f)
			d.bundle(c.tamper(f.lines()), f.checkpoint(size))
			d.expect(3, "ALTERED. "+c.says, "log", "bundle", "--policy", "policy")
			d.expect(3, "ALTERED. "+c.says, "log", "bundle", "--policy", "policy", "--state", "state")
			if _, err := os.Stat(filepath.Join(d.dir, "state")); err == nil {
				t.Error("something altered was remembered")
			}
		})
	}
}

func TestReplacedEvidenceIsNamed(t *testing.T) {
	f := newForge(1, 3)
	d := newDesk(t, f)
	d.bundle(f.lines(), f.checkpoint(3))
	files, _ := filepath.Glob(filepath.Join(d.dir, "bundle/evidence/*"))
	if err := os.WriteFile(files[0], []byte("A recording of the assembly"), 0o600); err != nil { // of the same size
		t.Fatal(err)
	}
	d.expect(3, "ALTERED. The evidence "+filepath.Base(files[0])+" is another file", "log", "bundle", "--policy", "policy")
}

// TestMemoryFindsForksThatOneBundleHides has the log's own key, and witnesses
// that sign everything: only what was seen before speaks against the forger.
func TestMemoryFindsForksThatOneBundleHides(t *testing.T) {
	f := newForge(1, size)
	rebuilt := newForge(1, size)
	rebuilt.say(20, "Consentimos.")
	for name, c := range map[string]struct {
		seen func(d desk)
		f    *forge
		n    int
		says string
	}{
		"the end cut off":            {nil, f, 250, "FORK. The log has 250 entries, but had 280 when it was last seen"},
		"rebuilt at the same size":   {nil, rebuilt, 280, "FORK. The log showed two histories of 280 entries"},
		"rebuilt and grown":          {nil, rebuilt, size, "FORK. The first 280 entries are signed, but are not those seen before: expected the root"},
		"shorter than a receipt":     {func(d desk) { d.receipt(f, 290) }, f, 285, "but had 290 when"},
		"other than a receipt":       {func(d desk) { d.receipt(rebuilt, 290) }, f, size, "The first 290 entries are signed, but are not"},
		"a receipt of another, kept": {func(d desk) { d.receipt(rebuilt, 290); d.receipt(f, 295) }, rebuilt, size, "The first 2"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, f)
			d.bundle(f.lines()[:280], f.checkpoint(280))
			d.expect(0, "", "log", "bundle", "--policy", "policy", "--state", "state")
			if c.seen != nil {
				c.seen(d)
			}
			d.bundle(c.f.lines()[:c.n], c.f.checkpoint(c.n))
			d.expect(4, c.says, "log", "bundle", "--policy", "policy", "--state", "state")
			d.expect(4, c.says, "log", "bundle", "--policy", "policy", "--state", "state")
			d.bundle(f.lines(), f.checkpoint(size))
			d.expect(0, "", "log", "bundle", "--policy", "policy")
		})
	}
}

func (d desk) receipt(f *forge, n int) {
	d.t.Helper()
	d.write("receipt", f.receipt(30, 1, n))
	d.expect(0, "", "receipt", "receipt", "--policy", "policy", "--state", "state")
}

func TestReceiptOfTwoHistoriesIsAFork(t *testing.T) {
	f, other := newForge(1, size), newForge(2, size)
	d := newDesk(t, f)
	d.receipt(f, size)
	d.write("receipt", other.receipt(30, 1, size))
	d.expect(4, "FORK. The log showed two histories of 300 entries", "receipt", "receipt", "--policy", "policy", "--state", "state")
}

func TestMemoryKeepsTheLargestAndNarrowsDownAnAlteration(t *testing.T) {
	f := newForge(1, size)
	d := newDesk(t, f)
	for _, n := range []int{100, 200, 250} {
		d.bundle(f.lines()[:n], f.checkpoint(n))
		d.receipt(f, n-1)
		d.expect(0, "", "log", "bundle", "--policy", "policy", "--state", "state")
		d.write("state/new-1", "left behind by a crash")
	}
	files, _ := filepath.Glob(filepath.Join(d.dir, "state/forum*"))
	if len(files) != 1 || !strings.Contains(files[0], " 250 ") {
		t.Errorf("remembered are %q", files)
	}
	lines := f.lines()
	lines[270] = strings.Replace(lines[270], base(f.entries[270].slots[1]), base(f.entries[0].slots[1]), 1)
	d.bundle(lines, f.checkpoint(size))
	d.expect(3, "ALTERED. Entry 250 or a later one", "log", "bundle", "--policy", "policy", "--state", "state")
}

func TestCompareTellsWhetherTwoWereToldTheSame(t *testing.T) {
	f, other := newForge(1, size), newForge(2, size)
	d := newDesk(t, f)
	d.bundle(f.lines(), f.checkpoint(size))
	d.write("200", f.checkpoint(200))
	d.write("300", f.checkpoint(300))
	d.write("receipt", f.receipt(5, 0, 200))
	_, proof, _ := strings.Cut(f.receipt(6, 0, 200), "\n\n")
	d.write("proof", proof)
	d.write("other200", other.checkpoint(200))
	d.write("other300", other.receipt(5, 0, 300))
	d.write("elsewhere", strings.Replace(f.checkpoint(200), "forum", "somewhere", 1))
	d.write("rubbish", "rubbish")
	d.expect(0, "Both were told the same: the log "+f.origin+" had 200 entries", "compare", "200", "receipt", "--policy", "policy")
	d.expect(0, "Signatures were not checked", "compare", "proof", "receipt")
	d.expect(1, "give the bundle", "compare", "300", "receipt")
	d.expect(0, "grew from 200 entries to 300", "compare", "300", "receipt", "--log", "bundle")
	d.expect(0, "grew from 200 entries to 300", "compare", "--log", "bundle", "!"+filepath.Join(d.dir, "proof"), "300")
	d.expect(4, "FORK. The log "+f.origin+" showed two histories of 200 entries", "compare", "200", "other200", "--policy", "policy")
	d.expect(4, "FORK. The 200 entries that one was told of are not the first of the 300", "compare", "300", "other200", "--log", "bundle")
	d.expect(3, "The bundle is not the log of 300 entries", "compare", "other300", "200", "--log", "bundle")
	d.expect(1, "These are two logs", "compare", "elsewhere", "200")
	d.expect(3, "not written as a checkpoint", "compare", "rubbish", "200")
	d.write("bundle/log.jsonl", strings.Join(f.lines()[:299], ""))
	d.expect(1, "too few", "compare", "300", "200", "--log", "bundle")
}

func TestWrongUseSaysHow(t *testing.T) {
	f := newForge(1, 3)
	d := newDesk(t, f)
	for _, args := range [][]string{{"!"}, {"log"}, {"log", "bundle"}, {"receipt", "x"}, {"log", "a", "b", "--policy", "policy"}, {"compare", "a", "--policy", "policy"}, {"log", "--nonsense"}} {
		d.expect(1, "", args...)
	}
	d.expect(1, "no such file", "log", "absent", "--policy", "policy")
	d.expect(1, "no such file", "receipt", "absent", "--policy", "policy")
	d.expect(1, "verify receipt FILE", "receipt")
}

// TestShortCode has the examples of the paper.
func TestShortCode(t *testing.T) {
	leaf := [32]byte{127, 0, 0, 1, 63, 84, 220, 193, 63, 118}
	if got := shortCode(leaf); got != "lusab-babad-gutih-tugad-gutuk" {
		t.Error(got)
	}
}

func TestWordsCannotMoveTheCursor(t *testing.T) {
	f := newForge(1, 1)
	f.say(0, "yes\x1b[1A\u202eno\u00a0; «sim »")
	d := newDesk(t, f)
	d.write("receipt", f.receipt(0, 1, 1))
	d.expect(0, "    yes\ufffd[1A\ufffdno\u00a0; «sim »\n", "receipt", "receipt", "--policy", "policy")
}
