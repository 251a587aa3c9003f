// Command verify checks what a community holds in its hands, without network. It shares
// no line with the forum: it was written from the page of formats alone, so that one
// program finds the mistakes of the other. USE.md says how to use it, and what it chose.
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const usage = "verify receipt FILE --policy P [--words FILE] [--state DIR]\nverify log DIR --policy P [--state DIR]\nverify compare A B [--policy P] [--log DIR]"

const unread, altered, forked, restored = 1, 3, 4, 5

// finding is how a check ended; with code 0 all is well.
type finding struct {
	code     int
	sentence string
}

// must is a rule. The program is a list of them; the first that does not hold ends it.
func must(holds bool, code int, sentence string, a ...any) {
	if !holds {
		panic(finding{code, fmt.Sprintf(sentence, a...)})
	}
}

// try ends the check when something cannot be read or written.
func try[T any](value T, err error) T {
	must(err == nil, unread, "This could not be checked: %v", err)
	return value
}

// attempt carries a check to its end or to its first finding.
func attempt(check func() string) (end finding) {
	defer func() {
		if r := recover(); r != nil {
			end = r.(finding) // any other panic is a mistake of this program, and goes on
		}
	}()
	return finding{sentence: check()}
}

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout)) }

func run(args []string, in io.Reader, out io.Writer) int {
	end := attempt(func() string { return command(args, in) })
	label := map[int]string{altered: "ALTERED. ", forked: "FORK. ", restored: "RESTORED. "}[end.code]
	for line := range strings.SplitSeq(label+end.sentence, "\n") {
		fmt.Fprintln(out, strings.Map(visible, line))
	}
	return end.code
}

// visible keeps what people wrote from moving the cursor or turning the text.
func visible(r rune) rune {
	if unicode.IsGraphic(r) {
		return r
	}
	return unicode.ReplacementChar
}

// command reads the command line, where flags stand before or after names.
func command(args []string, in io.Reader) string {
	flags := flag.NewFlagSet("verify", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	policyFile, wordsFile := flags.String("policy", "", ""), flags.String("words", "", "")
	state, bundle := flags.String("state", "", ""), flags.String("log", "", "")
	var names []string
	for len(args) > 0 {
		must(flags.Parse(args) == nil, unread, usage)
		if args = flags.Args(); len(args) > 0 {
			names, args = append(names, args[0]), args[1:]
		}
	}
	var p *policy // none believes every signature
	if *policyFile != "" {
		p = parsePolicy(read(*policyFile, in))
	}
	switch n := len(names); {
	case n == 3 && names[0] == "compare":
		return compare(p.open(lastNote.FindString(read(names[1], in))), p.open(lastNote.FindString(read(names[2], in))), *bundle)
	case n == 2 && names[0] == "receipt" && p != nil:
		return verifyReceipt(read(names[1], in), *wordsFile, p, memory(*state))
	case n == 2 && names[0] == "log" && p != nil:
		return verifyLog(names[1], p, memory(*state))
	}
	panic(finding{unread, usage})
}

func read(name string, in io.Reader) string {
	if name != "-" || in == nil {
		return string(try(os.ReadFile(name))) //nolint:gosec // whoever calls names the file
	}
	return strings.TrimRight(string(try(io.ReadAll(in))), "\n") + "\n"
}

const ofLog, ofWitness = 1, 4 // a log signs its checkpoint, a witness cosigns it with the time (C2SP)

// key is a public key and the name it signs with. A log's key whose name ends in
// "/" is that of all logs whose origins are this name and 32 hexadecimal digits.
type key struct {
	name   string
	kind   byte
	public ed25519.PublicKey
}

func (k key) Name() string   { return k.name }
func (k key) String() string { return fmt.Sprintf("%s+%08x", k.name, k.KeyHash()) }

func (k key) KeyHash() uint32 {
	sum := sha256.Sum256(slices.Concat([]byte(k.name), []byte{'\n', k.kind}, k.public))
	return binary.BigEndian.Uint32(sum[:])
}

func (k key) Verify(text, signature []byte) bool {
	if k.kind == ofWitness && len(signature) > 8 {
		text, signature = fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(signature), text), signature[8:]
	}
	return ed25519.Verify(k.public, text, signature)
}

// policy says whose signatures count, and how many witnesses there must be.
type policy struct {
	keys   []key
	quorum int
}

func parsePolicy(text string) *policy {
	p := &policy{quorum: -1}
	for line := range strings.SplitSeq(text, "\n") {
		words := strings.Fields(line)
		switch n := len(words); {
		case n == 0 || words[0][0] == '#':
		case words[0] == "quorum" && n == 2 && p.quorum < 0:
			p.quorum = int(try(strconv.ParseUint(words[1], 10, 16))) //nolint:gosec // of 16 bits
		case words[0] == "log" && n == 2:
			p.addVkey(words[1], ofLog)
		case words[0] == "log" && n == 4 && words[1] == "prefix" && strings.HasSuffix(words[2], "/"):
			p.add(words[2], words[3], ofLog)
		case words[0] == "witness" && (n == 2 || n == 3):
			p.addVkey(words[1], ofWitness)
		default:
			must(false, unread, "In the policy, %q is neither a log, a witness nor the one quorum.", line)
		}
	}
	must(p.quorum >= 0, unread, "The policy does not say its quorum.")
	return p
}

func (p *policy) add(name, encoded string, kind byte) key {
	raw, err := base64.StdEncoding.Strict().DecodeString(encoded)
	must(err == nil && len(raw) == 1+ed25519.PublicKeySize && raw[0] == kind, unread, "In the policy, %q is not an Ed25519 key of kind %d.", encoded, kind)
	k := key{name, kind, raw[1:]}
	for _, o := range p.keys {
		must(!o.public.Equal(k.public) || o.kind == ofLog && k.kind == ofLog, unread, "In the policy, the key of a witness stands twice, as %s and as %s.", o.name, k.name)
	}
	p.keys = append(p.keys, k)
	return k
}

func (p *policy) addVkey(vkey string, kind byte) {
	parts := append(strings.SplitN(vkey, "+", 3), "", "")
	must(p.add(parts[0], parts[2], kind).String() == parts[0]+"+"+parts[1], unread, "In the policy, %q was mistyped: its hash is not that of its key.", vkey)
}

// Verifier finds the key that signs with a name, for note.Open.
func (p *policy) Verifier(name string, hash uint32) (note.Verifier, error) {
	for _, k := range p.keys {
		id, isUnder := strings.CutPrefix(name, k.name)
		if isUnder && k.kind == ofLog && strings.HasSuffix(k.name, "/") && len(id) == 32 && strings.Trim(id, "0123456789abcdef") == "" {
			k.name = name
		}
		if k.name == name && k.KeyHash() == hash {
			return k, nil
		}
	}
	return nil, &note.UnknownVerifierError{Name: name, KeyHash: hash}
}

// checkpoint is what a log was at one size, as it was signed; seals says by whom.
type checkpoint struct {
	Origin, Signed, seals, file string
	Size                        int64
	Root                        tlog.Hash
}

// checkpointForm is strict, so that each checkpoint has one way to be written;
// 14 digits stay far from where sums in tlog overflow.
var checkpointForm = regexp.MustCompile(`^(\S+)\n(0|[1-9]\d{0,13})\n([A-Za-z0-9+/]{43}=)\n\n((?:— \S+ [A-Za-z0-9+/]+=*\n)+)$`)

// lastNote is the checkpoint at the end of a proof or a receipt, or alone.
var lastNote = regexp.MustCompile(`(?:.+\n){3}\n(?:— .+\n)+$`)

// open reads a checkpoint with signatures of the policy alone: the log's, and a quorum.
func (p *policy) open(signed string) checkpoint {
	part := checkpointForm.FindStringSubmatch(signed)
	must(part != nil, altered, "The checkpoint is not written as a checkpoint is.")
	c := checkpoint{Origin: part[1], Size: try(strconv.ParseInt(part[2], 10, 64)), Root: tlog.Hash(decode(part[3])), Signed: signed}
	if p == nil {
		c.seals = "Signatures were not checked."
		return c
	}
	n, err := note.Open([]byte(signed), p)
	must(err == nil, altered, "The signatures under the checkpoint do not hold: %v.", err)
	must(len(n.Sigs) == strings.Count(part[4], "\n"), altered, "A signature stands twice, or is by nobody whom the policy names.")
	isSigned, witnesses := false, map[string]bool{}
	for _, s := range n.Sigs {
		k, raw := try(p.Verifier(s.Name, s.Hash)).(key), decode(s.Base64)
		if k.kind == ofLog {
			must(k.name == c.Origin, altered, "The checkpoint of %s is signed by another log, %s.", c.Origin, k.name)
			isSigned = true
			c.seals += fmt.Sprintf("Signed by the log, with the key %v.\n", k)
		} else {
			witnesses[k.name] = true
			c.seals += fmt.Sprintf("Seen by the witness %v on %s.\n", k, time.Unix(int64(binary.BigEndian.Uint64(raw[4:])), 0).UTC().Format(time.RFC1123)) //nolint:gosec // whatever was signed
		}
	}
	must(isSigned && len(witnesses) >= p.quorum, altered, "The policy asks for the log's signature and %d witnesses. Found:\n%s", p.quorum, c.seals)
	return c
}

// decode reads base64 that is written in the one canonical way.
func decode(text string) []byte {
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	must(err == nil, altered, "%q is not base64 as it was written.", text)
	return raw
}
