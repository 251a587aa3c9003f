package ledger

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// largest bounds sizes of trees that are read from outside: beyond it sums in
// tlog may overflow.
const largest = 1 << 48

// ErrCheckpoint says that a text is no checkpoint, byte for byte.
var ErrCheckpoint = errors.New("this is no checkpoint")

// Checkpoint is what a log was at one size.
type Checkpoint struct {
	Origin string
	Size   int64 // entries
	Root   tlog.Hash
}

// Checkpoint is the newest of a log.
func (h Head) Checkpoint() Checkpoint { return Checkpoint{h.Origin, h.Size, h.Root} }

// Text is the checkpoint as it is signed: C2SP tlog-checkpoint, without
// extension lines. (tlog.FormatTree writes another header.)
func (c Checkpoint) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, c.Root)
}

// ParseCheckpoint reads what [Checkpoint.Text] writes, and nothing else.
func ParseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 {
		return Checkpoint{}, fmt.Errorf("%w: it has not three lines", ErrCheckpoint)
	}
	size, errSize := strconv.ParseInt(lines[1], 10, 64)
	root, errRoot := tlog.ParseHash(lines[2])
	c := Checkpoint{lines[0], size, root}
	if errSize != nil || errRoot != nil || size < 0 || size > largest || c.Text() != text {
		return Checkpoint{}, fmt.Errorf("%w: size or root has another form", ErrCheckpoint)
	}
	return c, CheckOrigin(c.Origin)
}

// Claimed reads the checkpoint of a signed note, and believes no signature.
func Claimed(note string) (Checkpoint, error) {
	text, _, found := strings.Cut(note, "\n\n")
	if !found {
		return Checkpoint{}, fmt.Errorf("%w: it has no place for signatures", ErrCheckpoint)
	}
	return ParseCheckpoint(text + "\n")
}

// Continues compares two checkpoints of a log in one step: whether all entries of
// the old tree stand at the beginning of the grown one, by the consistency proof
// between them ([ProveGrowth]); [ErrFork] if not.
func Continues(old, grown Checkpoint, proof tlog.TreeProof) error {
	switch {
	case old.Origin != grown.Origin || old.Size > grown.Size:
	case old.Size == grown.Size && old.Root == grown.Root && len(proof) == 0:
		return nil
	case old.Size == 0 && grown.Size > 0 && len(proof) == 0 && old.Root == (frontier{}).root():
		return nil
	case old.Size > 0 && tlog.CheckTree(proof, grown.Size, grown.Root, old.Size, old.Root) == nil:
		return nil
	}
	return fmt.Errorf("%w: of %s, %d entries with root %s and %d entries with root %s",
		ErrFork, old.Origin, old.Size, old.Root, grown.Size, grown.Root)
}

// ErrFork says that a log shows two histories, of which neither continues the other.
var ErrFork = errors.New("these are two different histories")
