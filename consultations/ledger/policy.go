package ledger

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Errors of policies and of what is held against them.
var (
	ErrPolicy  = errors.New("this is no policy")
	ErrAltered = errors.New("this was altered")
)

// Policy says whose signatures count. It is a text of lines:
//
//	log <vkey>
//	log prefix <host>/l/ <base64 key>
//	witness <vkey> [url]
//	quorum <n>
//
// the key of one log; of every log of a host; a witness and where to ask it; how
// many of the witnesses must have seen a checkpoint. Empty lines and lines that begin with # count for nothing.
type Policy struct {
	logs      []publicKey // a name that ends in / stands for every origin below it
	Witnesses []PolicyWitness
	Quorum    int
}

// PolicyWitness is a witness of a policy.
type PolicyWitness struct {
	publicKey
	URL string // where its add-checkpoint is asked; empty for one that is not asked
}

// ParsePolicy reads a policy; [ErrPolicy] names the line that is none.
func ParsePolicy(text string) (*Policy, error) {
	p := &Policy{Quorum: -1}
	for line := range strings.SplitSeq(text, "\n") {
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		if err := p.add(words); err != nil {
			return nil, fmt.Errorf("line %q: %w", line, err)
		}
	}
	if p.Quorum < 0 || p.Quorum > len(p.Witnesses) {
		return nil, fmt.Errorf("%w: its quorum is not said or has more than its %d witnesses", ErrPolicy, len(p.Witnesses))
	}
	return p, nil
}

func (p *Policy) add(words []string) (err error) {
	var key publicKey
	switch n := len(words); {
	case words[0] == "quorum" && n == 2 && p.Quorum < 0:
		p.Quorum, err = strconv.Atoi(words[1])
		return err
	case words[0] == "log" && n == 2:
		key, err = parseKey(words[1], kindLog)
		p.logs = append(p.logs, key)
	case words[0] == "log" && n == 4 && words[1] == "prefix" && strings.HasSuffix(words[2], "/l/"):
		key, err = decodeKey(words[2], words[3], kindLog)
		p.logs = append(p.logs, key)
	case words[0] == "witness" && (n == 2 || n == 3):
		if key, err = parseKey(words[1], kindWitness); err == nil {
			return p.addWitness(key, strings.Join(words[2:], ""))
		}
	default:
		return ErrPolicy
	}
	return err
}

// addWitness adds a witness. A cosignature does not hold the name of its key,
// so one key under two names would count twice.
func (p *Policy) addWitness(key publicKey, url string) error {
	for _, w := range p.Witnesses {
		if w.name == key.name || w.key.Equal(key.key) {
			return fmt.Errorf("%w: the witness %s stands twice", ErrPolicy, key.name)
		}
	}
	p.Witnesses = append(p.Witnesses, PolicyWitness{key, url})
	return nil
}

// Verifier finds a key by the name and number of a signature line, for note.Open.
func (p *Policy) Verifier(name string, hash uint32) (note.Verifier, error) {
	for _, k := range p.logs {
		if strings.HasSuffix(k.name, "/l/") && strings.HasPrefix(name, k.name) && CheckOrigin(name) == nil {
			k.name = name
		}
		if k.name == name && k.KeyHash() == hash {
			return k, nil
		}
	}
	for _, w := range p.Witnesses {
		if w.name == name && w.KeyHash() == hash {
			return w.publicKey, nil
		}
	}
	return nil, &note.UnknownVerifierError{Name: name, KeyHash: hash}
}

// Sealed is a checkpoint with the signatures that hold under it.
type Sealed struct {
	Checkpoint
	ByLog bool
	Seen  []Seen
}

// Seen says that a witness saw a checkpoint, and none larger, at a time.
type Seen struct {
	Witness string
	At      time.Time // UTC, in seconds
}

// Open reads a signed checkpoint and refuses what is not exactly one: every line
// must be a valid signature of the policy's keys, the log's own among them, and
// a quorum of witnesses. It returns [ErrAltered] or [ErrCheckpoint].
func (p *Policy) Open(signed string) (Sealed, error) {
	sealed, spare, err := p.look(signed)
	if err != nil {
		return Sealed{}, err
	}
	switch {
	case spare:
		return Sealed{}, fmt.Errorf("%w: a line under the checkpoint is no signature of the policy's", ErrAltered)
	case !sealed.ByLog:
		return Sealed{}, fmt.Errorf("%w: the log has not signed it", ErrAltered)
	case len(sealed.Seen) < p.Quorum:
		return Sealed{}, fmt.Errorf("%w: %d witnesses have seen it, the policy asks for %d", ErrAltered, len(sealed.Seen), p.Quorum)
	}
	return sealed, nil
}

// look reads a signed checkpoint and the signatures that the policy knows. spare
// tells whether there is anything else in it.
func (p *Policy) look(signed string) (sealed Sealed, spare bool, err error) {
	c, err := Claimed(signed)
	if err != nil {
		return Sealed{}, false, err
	}
	n, err := note.Open([]byte(signed), p)
	if _, none := errors.AsType[*note.UnverifiedNoteError](err); none {
		return Sealed{Checkpoint: c}, true, nil
	}
	if err != nil {
		return Sealed{}, false, fmt.Errorf("%w: %w", ErrAltered, err)
	}
	sealed.Checkpoint = c
	var canonical strings.Builder
	fmt.Fprintf(&canonical, "%s\n", n.Text)
	for _, s := range n.Sigs {
		raw, _ := base64.StdEncoding.DecodeString(s.Base64) // note.Open has read it
		fmt.Fprintf(&canonical, "— %s %s\n", s.Name, base64.StdEncoding.EncodeToString(raw))
		sealed.count(s.Name, raw)
	}
	return sealed, canonical.String() != signed, nil
}

// SignedBy returns the keys, as policies write them, with which a log has signed a
// checkpoint: those of the policy alone.
func (p *Policy) SignedBy(signed string) (keys []string, err error) {
	n, err := note.Open([]byte(signed), p)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAltered, err)
	}
	for _, s := range n.Sigs {
		verifier, err := p.Verifier(s.Name, s.Hash)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrAltered, err)
		}
		if k, ok := verifier.(publicKey); ok && k.kind == kindLog {
			keys = append(keys, base64.StdEncoding.EncodeToString(k.encoded()))
		}
	}
	return keys, nil
}

// count notes a valid signature: 4 bytes of the key's number, of a witness 8 of
// the time, and 64 of Ed25519.
func (s *Sealed) count(name string, raw []byte) {
	if len(raw) < 4+8+64 {
		s.ByLog = s.ByLog || name == s.Origin
		return
	}
	for _, seen := range s.Seen {
		if seen.Witness == name {
			return
		}
	}
	at := time.Unix(int64(binary.BigEndian.Uint64(raw[4:])), 0).UTC() //nolint:gosec // a time that a witness signed
	s.Seen = append(s.Seen, Seen{name, at})
}
