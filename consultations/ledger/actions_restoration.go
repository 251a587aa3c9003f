package ledger

import (
	"fmt"
	"strings"

	"gorm.io/gorm"
)

// GoOn gives a log that was restored a new origin and returns what its next entry,
// which the caller appends in the same transaction, has to say. signed is what the
// signer remembers ([Memory.Signed]), "" where its memory is lost. It returns [ErrFork] when the two are different histories: then this is no backup of
// that log.
func GoOn(tx *gorm.DB, id, signed string) (Restoration, error) {
	head, err := HeadOf(tx, id)
	if err != nil {
		return Restoration{}, err
	}
	if signed != "" {
		if err := backedUp(tx, head, signed); err != nil {
			return Restoration{}, err
		}
	}
	host, _, _ := strings.Cut(head.Origin, "/l/")
	row := originRow{id, head.Size, NewOrigin(host), signed}
	if err := tx.Create(&row).Error; err != nil {
		return Restoration{}, fmt.Errorf("give log %s another origin: %w", id, err)
	}
	return Restoration{head.Origin, head.Size, head.Root, signed}, nil
}

// backedUp tells whether a log can be a backup of the one that was signed. Of a
// longer one only the checkpoints in the backup can tell; see [Verify].
func backedUp(tx *gorm.DB, head Head, signed string) error {
	last, err := Claimed(signed)
	if err != nil {
		return err
	}
	if last.Origin != head.Origin {
		return fmt.Errorf("%w: %s and %s", ErrFork, last.Origin, head.Origin)
	}
	if last.Size > head.Size {
		return nil
	}
	root, err := RootAt(tx, head.ID, last.Size)
	if err != nil {
		return err
	}
	if root != last.Root {
		return fmt.Errorf("%w: of %s, the first %d entries have the root %s, and %s was signed", ErrFork, head.Origin, last.Size, root, last.Root)
	}
	return nil
}
