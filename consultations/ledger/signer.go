package ledger

import (
	"crypto/ed25519"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Answers to add-checkpoint, as C2SP tlog-witness numbers them.
const (
	Signed       = 200 // the body is signature lines
	Malformed    = 400
	NotTheLogs   = 403 // the log has not signed it
	UnknownLog   = 404
	OtherSize    = 409 // the body is the size that was signed last
	NoExtension  = 422 // the tree does not extend the one that was signed last
	CannotSignIt = 500 // the memory cannot be read or written
)

// Answer is what a signer or a witness says to a request.
type Answer struct {
	Status int
	Body   string
}

// Signer signs checkpoints, as the log's own hand or as a witness. It never
// signs a tree that does not extend the largest it has signed of the same log,
// and remembers on disk before it answers. It runs as a process of its own: who
// takes over the web server has not taken over its memory.
type Signer struct {
	mu     sync.Mutex
	memory Memory
	allow  func(c Checkpoint, signed string) (status int)
	sign   func(c Checkpoint) (lines string)
}

// NewSigner opens the signer of a folder: it signs every log of this forum with
// every key of the folder, under the log's origin as name. It returns
// [ErrNoKeys] or [ErrOpen].
func NewSigner(dir string) (*Signer, error) {
	keys, err := ReadKeys(dir)
	if err != nil {
		return nil, err
	}
	memory, err := OpenMemory(filepath.Join(dir, "memory"))
	if err != nil {
		return nil, err
	}
	return &Signer{
		memory: memory,
		allow:  func(Checkpoint, string) int { return Signed },
		sign: func(c Checkpoint) (lines string) {
			for _, key := range keys {
				lines += newPrivateKey(c.Origin, kindLog, key).line(c.Text(), time.Time{})
			}
			return lines
		},
	}, nil
}

// Close lets another process sign from the folder.
func (s *Signer) Close() error { return s.memory.Close() }

// NewWitness opens a witness: it cosigns checkpoints that the logs of its policy
// have signed. name is its own, such as "ombuds.example/witness".
func NewWitness(memory Memory, name string, key ed25519.PrivateKey, logs *Policy, now func() time.Time) *Signer {
	own := newPrivateKey(name, kindWitness, key)
	return &Signer{
		memory: memory,
		allow:  logs.signedByLog,
		sign:   func(c Checkpoint) string { return own.line(c.Text(), now()) },
	}
}

// WitnessKey is how a policy writes the key of a witness.
func WitnessKey(name string, key ed25519.PrivateKey) string {
	return newPrivateKey(name, kindWitness, key).String()
}

// signedByLog tells a witness whether the log is known and has signed.
func (p *Policy) signedByLog(c Checkpoint, signed string) (status int) {
	known := false
	for _, k := range p.logs {
		known = known || k.name == c.Origin || strings.HasSuffix(k.name, "/l/") && strings.HasPrefix(c.Origin, k.name)
	}
	if !known {
		return UnknownLog
	}
	if sealed, _, err := p.look(signed); err != nil || !sealed.ByLog {
		return NotTheLogs
	}
	return Signed
}

// AddCheckpoint answers one request of add-checkpoint. Between what is
// remembered and what is answered no other request comes in.
func (s *Signer) AddCheckpoint(body string) Answer {
	r, err := parseRequest(body)
	if err != nil {
		return Answer{Malformed, err.Error() + "\n"}
	}
	if status := s.allow(r.Checkpoint, r.signed); status != Signed {
		return Answer{status, "the log is unknown here, or has not signed this\n"}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	last, _, err := s.memory.Last(r.Origin)
	switch {
	case err != nil:
		return Answer{CannotSignIt, err.Error() + "\n"}
	case r.old != last.Size:
		return Answer{OtherSize, fmt.Sprintf("%d\n", last.Size)}
	case Continues(last, r.Checkpoint, r.proof) != nil:
		return Answer{NoExtension, fmt.Sprintf("this does not extend the tree of %d entries with root %s\n", last.Size, last.Root)}
	}
	lines := s.sign(r.Checkpoint)
	if err := s.memory.remember(r.Origin, r.Text()+"\n"+lines); err != nil {
		return Answer{CannotSignIt, err.Error() + "\n"}
	}
	return Answer{Signed, lines}
}
