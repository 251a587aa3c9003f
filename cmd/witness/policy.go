package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// policy says which logs a witness follows: single ones by their keys, or all
// logs of a host by one key that signs with the origin of each. Lines for
// verifiers, witnesses and quorum, may stand in the same file.
type policy struct {
	logs     []note.Verifier // each with the origin of its log as its name
	prefixes []prefixRule
}

type prefixRule struct {
	prefix string
	key    ed25519.PublicKey
}

func readPolicy(name string) (*policy, error) {
	text, err := os.ReadFile(name) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, fmt.Errorf("read the policy: %w", err)
	}
	return parsePolicy(string(text))
}

func parsePolicy(text string) (*policy, error) {
	p := &policy{}
	for n, line := range strings.Split(text, "\n") {
		if err := p.add(strings.Fields(line)); err != nil {
			return nil, fmt.Errorf("read the policy, line %d: %w", n+1, err)
		}
	}
	if len(p.logs)+len(p.prefixes) == 0 {
		return nil, errors.New("the policy names no log")
	}
	return p, nil
}

func (p *policy) add(words []string) error {
	switch {
	case len(words) == 0, words[0][0] == '#', words[0] == "witness", words[0] == "quorum":
		return nil
	case words[0] == "log" && len(words) == 2:
		v, err := note.NewVerifier(words[1])
		p.logs = append(p.logs, v)
		return err
	case words[0] == "log" && len(words) == 4 && words[1] == "prefix" && strings.HasSuffix(words[2], "/"):
		const ed25519Note = 1 // the kind of key that signs notes
		raw, err := base64.StdEncoding.Strict().DecodeString(words[3])
		if err != nil || len(raw) != 1+ed25519.PublicKeySize || raw[0] != ed25519Note {
			return errors.New("this is not an Ed25519 key of a log")
		}
		p.prefixes = append(p.prefixes, prefixRule{words[2], raw[1:]})
		return nil
	}
	return errors.New("this is neither a log, a witness nor a quorum")
}

var logID = regexp.MustCompile(`^[0-9a-f]{32}$`)

// keysOf lists the keys that may sign for a log; none if it is not followed.
func (p *policy) keysOf(origin string) []note.Verifier {
	found := map[uint32]note.Verifier{} // the same key may stand in two rules
	for _, v := range p.logs {
		if v.Name() == origin {
			found[v.KeyHash()] = v
		}
	}
	for _, r := range p.prefixes {
		id, isUnder := strings.CutPrefix(origin, r.prefix)
		if !isUnder || !logID.MatchString(id) {
			continue
		}
		if v, err := verifierFor(origin, r.key); err == nil {
			found[v.KeyHash()] = v
		}
	}
	var keys []note.Verifier
	for _, v := range found {
		keys = append(keys, v)
	}
	return keys
}

func verifierFor(origin string, key ed25519.PublicKey) (note.Verifier, error) {
	vkey, err := note.NewEd25519VerifierKey(origin, key)
	if err != nil {
		return nil, err
	}
	return note.NewVerifier(vkey)
}
