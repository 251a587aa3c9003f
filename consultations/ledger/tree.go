package ledger

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math/bits"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// SlotRoot is the RFC 6962 tree hash over an entry's eight commitments, so that
// one of them is proved by three sibling hashes without the other seven.
func SlotRoot(slots [Slots]tlog.Hash) tlog.Hash {
	return slotLevels(slots)[3][0]
}

// slotLevels are all hashes of the little tree: 8 leaves, 4, 2, the root.
func slotLevels(slots [Slots]tlog.Hash) [4][]tlog.Hash {
	var levels [4][]tlog.Hash
	levels[0] = make([]tlog.Hash, Slots)
	for i, commitment := range slots {
		levels[0][i] = tlog.RecordHash(commitment[:])
	}
	for up := 1; up < len(levels); up++ {
		below := levels[up-1]
		for i := 0; i < len(below); i += 2 {
			levels[up] = append(levels[up], tlog.NodeHash(below[i], below[i+1]))
		}
	}
	return levels
}

// SlotProof returns the three sibling hashes that lead from the commitment in a
// slot to the slot root, bottom up.
func SlotProof(slots [Slots]tlog.Hash, slot int) [3]tlog.Hash {
	levels := slotLevels(slots)
	var proof [3]tlog.Hash
	for up := range proof {
		proof[up] = levels[up][slot>>up^1]
	}
	return proof
}

// LeafHash is the hash of an entry in the log's tree. A leaf holds the slot root
// and nothing else.
func LeafHash(slotRoot tlog.Hash) tlog.Hash {
	return tlog.RecordHash([]byte("vcm-forum/entry/v1\n" + base64.StdEncoding.EncodeToString(slotRoot[:]) + "\n"))
}

// frontier is the right edge of a tree: the roots of its complete subtrees,
// the largest first, one for each bit that is set in the tree's size. It is all
// that an append has to know of what came before.
type frontier []tlog.Hash

// errFrontier says that a log's row holds another number of hashes than its size asks for.
var errFrontier = errors.New("the frontier does not fit the size")

// readFrontier reads the column of a log with size entries.
func readFrontier(raw []byte, size int64) (frontier, error) {
	hashes, err := splitHashes(raw)
	if err != nil || size < 0 || len(hashes) != bits.OnesCount64(uint64(size)) {
		return nil, fmt.Errorf("%w: %d bytes for %d entries", errFrontier, len(raw), size)
	}
	return hashes, nil
}

// grow returns the frontier after one more leaf on a tree of size entries, and
// the hashes that the leaf completes, itself first.
func (f frontier) grow(size int64, leaf tlog.Hash) (after frontier, completes []tlog.Hash) {
	after, h := slices.Clone(f), leaf
	completes = []tlog.Hash{h}
	for ; size&1 == 1; size >>= 1 {
		h = tlog.NodeHash(after[len(after)-1], h)
		after = after[:len(after)-1]
		completes = append(completes, h)
	}
	return append(after, h), completes
}

// root is the root hash of the whole tree.
func (f frontier) root() tlog.Hash {
	if len(f) == 0 {
		empty, _ := tlog.TreeHash(0, nil) // reads nothing and cannot fail
		return empty
	}
	h := f[len(f)-1]
	for _, left := range slices.Backward(f[:len(f)-1]) {
		h = tlog.NodeHash(left, h)
	}
	return h
}

// standing tells where the stored hash with one of tlog's indexes is kept: in
// which entry, and from which byte of its hashes. An entry keeps the hashes that
// it completes, so level l, number n stands in entry ((n+1)<<l)-1.
func standing(storedHash int64) (index int64, offset int) {
	level, n := tlog.SplitStoredHashIndex(storedHash)
	return (n+1)<<level - 1, level * tlog.HashSize
}

func joinHashes(hashes []tlog.Hash) []byte {
	joined := make([]byte, 0, len(hashes)*tlog.HashSize)
	for _, h := range hashes {
		joined = append(joined, h[:]...)
	}
	return joined
}

func splitHashes(raw []byte) ([]tlog.Hash, error) {
	if len(raw)%tlog.HashSize != 0 {
		return nil, fmt.Errorf("%d bytes are no list of hashes", len(raw))
	}
	hashes := make([]tlog.Hash, 0, len(raw)/tlog.HashSize)
	for chunk := range slices.Chunk(raw, tlog.HashSize) {
		hashes = append(hashes, tlog.Hash(chunk))
	}
	return hashes, nil
}
