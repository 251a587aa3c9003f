package ledger

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// ErrProof says that a text is no proof or receipt, byte for byte.
var ErrProof = errors.New("this is no proof")

// Proof shows that an entry is in a log, to whoever has nothing but a policy:
// C2SP tlog-proof@v1, without an extra line.
type Proof struct {
	Index  int64
	Hashes tlog.RecordProof // from the leaf's sibling to the root's child
	Note   string           // a signed checkpoint that covers the entry
}

const proofHead = "c2sp.org/tlog-proof@v1\n"

// Text is the proof as it is handed over.
func (p Proof) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%sindex %d\n", proofHead, p.Index)
	for _, h := range p.Hashes {
		fmt.Fprintln(&b, h)
	}
	return b.String() + "\n" + p.Note
}

// ParseProof reads what [Proof.Text] writes, and nothing else; [ErrProof].
func ParseProof(text string) (p Proof, err error) {
	head, signed, _ := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	if len(lines) < 2 || len(lines) > 2+longestProof {
		return Proof{}, fmt.Errorf("%w: it has %d lines before the checkpoint", ErrProof, len(lines))
	}
	p.Note = signed
	if p.Index, err = strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64); err != nil || p.Index < 0 {
		return Proof{}, fmt.Errorf("%w: it has no index", ErrProof)
	}
	if p.Hashes, err = parseHashes(lines[2:]); err != nil || p.Text() != text {
		return Proof{}, fmt.Errorf("%w: a line of it has another form", ErrProof)
	}
	return p, nil
}

// parseHashes reads lines of base64. It is lenient about their last bits:
// whoever calls writes them again and compares.
func parseHashes(lines []string) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, 0, len(lines))
	for _, line := range lines {
		h, err := tlog.ParseHash(line)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrProof, err)
		}
		hashes = append(hashes, h)
	}
	return hashes, nil
}

// CheckProof holds a proof for an entry with this leaf hash against the policy;
// [ErrAltered] or [ErrCheckpoint].
func (p *Policy) CheckProof(proof Proof, leaf tlog.Hash) (Sealed, error) {
	sealed, err := p.Open(proof.Note)
	if err != nil {
		return Sealed{}, err
	}
	if err := tlog.CheckRecord(proof.Hashes, sealed.Size, sealed.Root, proof.Index, leaf); err != nil {
		return Sealed{}, fmt.Errorf("%w: entry %d of %s is not the one that was sealed", ErrAltered, proof.Index, sealed.Origin)
	}
	return sealed, nil
}
