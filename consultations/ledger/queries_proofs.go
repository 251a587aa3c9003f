package ledger

import (
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
	"gorm.io/gorm"
)

// ErrNotSealed says that no checkpoint of an entry satisfies the policy yet.
var ErrNotSealed = errors.New("this entry is not sealed yet")

// farBack is how many checkpoints are looked at for one with a quorum.
const farBack = 64

// Prove makes the proof of an entry under the newest checkpoint that satisfies
// the policy; [ErrNotSealed] where there is none.
func Prove(db *gorm.DB, log string, index int64, policy *Policy) (Proof, error) {
	var rows []checkpointRow
	if err := db.Where("log = ? AND size > ?", log, index).Order("size DESC").Limit(farBack).Find(&rows).Error; err != nil {
		return Proof{}, fmt.Errorf("read the checkpoints of log %s: %w", log, err)
	}
	for _, row := range rows {
		if _, err := policy.Open(row.Note); err != nil {
			continue // it may have too few witnesses yet
		}
		hashes, err := tlog.ProveRecord(row.Size, index, storedHashes(db, log))
		if err != nil {
			return Proof{}, fmt.Errorf("prove entry %d of log %s: %w", index, log, err)
		}
		return Proof{index, hashes, row.Note}, nil
	}
	return Proof{}, fmt.Errorf("entry %d of log %s: %w", index, log, ErrNotSealed)
}

// MakeReceipt makes the receipt of one field, as it can be checked by the
// policy; [ErrNotSealed], or [ErrErased] when its words are gone.
func MakeReceipt(db *gorm.DB, log string, sealer Sealer, index int64, slot int, policy *Policy) (Receipt, error) {
	entries, err := Read(db, log, sealer, index, 1)
	if err != nil {
		return Receipt{}, err
	}
	if len(entries) == 0 || entries[0].Index != index {
		return Receipt{}, fmt.Errorf("entry %d of log %s: %w", index, log, ErrErased)
	}
	field, err := entries[0].Field(slot)
	if err != nil {
		return Receipt{}, err
	}
	proof, err := Prove(db, log, index, policy)
	if err != nil {
		return Receipt{}, err
	}
	all, err := originsOf(db, log)
	if err != nil {
		return Receipt{}, err
	}
	r := Receipt{field.Field, all.at(index), field.Salt, SlotProof(entries[0].Slots, slot), proof}
	if sealed, err := Claimed(proof.Note); err == nil && sealed.Origin == r.Origin {
		r.Origin = ""
	}
	return r, nil
}

// ProveGrowth is the RFC 6962 consistency proof between two sizes of a log; it
// is empty from 0 and between equal sizes.
func ProveGrowth(db *gorm.DB, log string, old, size int64) (tlog.TreeProof, error) {
	if old == 0 || old == size {
		return nil, nil
	}
	proof, err := tlog.ProveTree(size, old, storedHashes(db, log))
	if err != nil {
		return nil, fmt.Errorf("prove how log %s grew from %d to %d: %w", log, old, size, err)
	}
	return proof, nil
}

// Compare tells whether a log as it stands continues a checkpoint that somebody
// remembers: a receipt's, a witness's, a neighbour's. [ErrFork] says that the log
// is shorter than that, or has another history; [ErrLost], that it was restored from
// a backup that had fewer entries.
func Compare(db *gorm.DB, log string, remembered Checkpoint) error {
	head, err := HeadOf(db, log)
	if err != nil {
		return err
	}
	all, err := originsOf(db, log)
	if err != nil {
		return err
	}
	now, last := head.Checkpoint(), head.Size
	for i, row := range all {
		if next, ok := all.next(i); ok && row.Origin == remembered.Origin {
			now.Origin, last = row.Origin, next.First
		}
	}
	switch {
	case remembered.Size > last && last < head.Size:
		return fmt.Errorf("%w: %d of %d entries", ErrLost, remembered.Size-last, remembered.Size)
	case remembered.Size > last || remembered.Origin != now.Origin:
		return Continues(remembered, now, nil)
	}
	proof, err := ProveGrowth(db, log, remembered.Size, head.Size)
	if err != nil {
		return err
	}
	return Continues(remembered, now, proof)
}
