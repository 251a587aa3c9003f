package ledger

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/tlog"
)

// Receipt shows that one field of one entry has been recorded with these words:
// for paper, where its text is also the QR code, and for a computer that knows
// nothing but a policy. With one signature and two cosignatures in a log of
// 100,000 entries it has less than 2 kB.
type Receipt struct {
	Field
	Origin string       // of the log when it was recorded, "" where that is the checkpoint's; see [Restoration]
	Salt   []byte       // 32 bytes
	Slots  [3]tlog.Hash // from the slot to the slot root, see [SlotProof]
	Proof
}

const receiptHead = "vcm-forum/receipt/v1\n"

// Text is the receipt as it is handed over.
func (r Receipt) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%sslot %d\n", receiptHead, r.Slot)
	for _, h := range r.Slots {
		fmt.Fprintln(&b, h)
	}
	if r.Origin != "" {
		fmt.Fprintf(&b, "origin %s\n", r.Origin)
	}
	fmt.Fprintf(&b, "name %s\nsalt %s\nvalue %s\n\n", r.Name, base64.StdEncoding.EncodeToString(r.Salt), base64.StdEncoding.EncodeToString(r.Value))
	return b.String() + r.Proof.Text()
}

// ParseReceipt reads what [Receipt.Text] writes, and nothing else; [ErrProof].
// Whether it is true is asked of [Policy.CheckReceipt].
func ParseReceipt(text string) (r Receipt, err error) {
	head, proof, _ := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	if len(lines) == 9 && strings.HasPrefix(lines[5], "origin ") {
		r.Origin = strings.TrimPrefix(lines[5], "origin ")
		lines = slices.Delete(lines, 5, 6)
	}
	if len(lines) != 8 || r.Origin != "" && CheckOrigin(r.Origin) != nil {
		return Receipt{}, fmt.Errorf("%w: it has not the lines of a receipt", ErrProof)
	}
	if r.Proof, err = ParseProof(proof); err != nil {
		return Receipt{}, err
	}
	r.Slot, err = strconv.Atoi(strings.TrimPrefix(lines[1], "slot "))
	siblings, errHashes := parseHashes(lines[2:5])
	if err != nil || errHashes != nil || r.Slot < 0 || r.Slot >= Slots {
		return Receipt{}, fmt.Errorf("%w: it does not say its slot", ErrProof)
	}
	r.Slots = [3]tlog.Hash(siblings)
	r.Name = strings.TrimPrefix(lines[5], "name ")
	salt, errSalt := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[6], "salt "))
	value, errValue := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[7], "value "))
	r.Salt, r.Value = salt, value
	isField := errSalt == nil && errValue == nil && len(salt) == tlog.HashSize && utf8.Valid(value) && fieldName.MatchString(r.Name)
	if !isField || r.Text() != text {
		return Receipt{}, fmt.Errorf("%w: a line of it has another form", ErrProof)
	}
	return r, nil
}

// Leaf is the hash of the entry that the receipt speaks of, if it is true.
func (r Receipt) Leaf(origin string) tlog.Hash {
	if r.Origin != "" {
		origin = r.Origin
	}
	return LeafHash(slotRootFrom(Commitment(r.Salt, origin, r.Index, r.Name, r.Value), r.Slot, r.Slots))
}

// CheckReceipt reads a receipt and holds it against the policy, without network
// or database. What it returns was recorded, word for word; any one character
// that was changed is refused. It returns [ErrProof], [ErrCheckpoint] or [ErrAltered].
func (p *Policy) CheckReceipt(text string) (Receipt, Sealed, error) {
	r, err := ParseReceipt(text)
	if err != nil {
		return Receipt{}, Sealed{}, err
	}
	c, err := Claimed(r.Note)
	if err == nil && r.Origin == c.Origin {
		err = fmt.Errorf("%w: it names its origin twice", ErrProof)
	}
	if err != nil {
		return Receipt{}, Sealed{}, err
	}
	sealed, err := p.CheckProof(r.Proof, r.Leaf(c.Origin))
	if err != nil {
		return Receipt{}, Sealed{}, err
	}
	return r, sealed, nil
}

// slotRootFrom is the slot root that a commitment and its siblings lead to.
func slotRootFrom(commitment tlog.Hash, slot int, siblings [3]tlog.Hash) tlog.Hash {
	h := tlog.RecordHash(commitment[:])
	for up, sibling := range siblings {
		if slot>>up&1 == 0 {
			h = tlog.NodeHash(h, sibling)
		} else {
			h = tlog.NodeHash(sibling, h)
		}
	}
	return h
}
