package ledger

import (
	"fmt"
	"time"

	"gorm.io/gorm"
)

// newestCheckpoint returns the newest kept checkpoint of a log; an empty row for none.
func newestCheckpoint(db *gorm.DB, log string) (checkpointRow, error) {
	var found []checkpointRow
	if err := db.Where("log = ?", log).Order("size DESC").Limit(1).Find(&found).Error; err != nil {
		return checkpointRow{}, fmt.Errorf("read the newest checkpoint of log %s: %w", log, err)
	}
	return append(found, checkpointRow{})[0], nil
}

// Note returns the newest signed checkpoint of a log that covers an entry (of
// any entry for index 0) as it is kept, with its cosignatures; "" for none.
func Note(db *gorm.DB, log string, index int64) (string, error) {
	row, err := newestCheckpoint(db, log)
	if err != nil || row.Size <= index {
		return "", err
	}
	return row.Note, nil
}

// State is how far an entry has come: recorded, as soon as it is committed;
// sealed by us, when the signer has signed a checkpoint that covers it; seen by
// witnesses. None of it says that what was recorded is true.
type State struct {
	SealedAt time.Time // zero while it is only recorded
	Seen     []Seen    // by whom first, and when
}

// Seals are the signed checkpoints of a log, the smallest first.
type Seals []seal

type seal struct {
	Sealed
	at time.Time
}

// SealsOf reads the checkpoints of a log that cover entries from index from on,
// with the cosignatures that hold by the policy.
func SealsOf(db *gorm.DB, log string, from int64, policy *Policy) (Seals, error) {
	var rows []checkpointRow
	if err := db.Where("log = ? AND size > ?", log, from).Order("size").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the checkpoints of log %s: %w", log, err)
	}
	seals := make(Seals, 0, len(rows))
	for _, row := range rows {
		sealed, _, err := policy.look(row.Note)
		if err != nil {
			return nil, fmt.Errorf("read the checkpoint of log %s at %d: %w", log, row.Size, err)
		}
		seals = append(seals, seal{sealed, row.At})
	}
	return seals, nil
}

// State tells how far the entry with an index has come.
func (s Seals) State(index int64) (state State) {
	for _, sealed := range s {
		if sealed.Size <= index || !sealed.ByLog {
			continue
		}
		if state.SealedAt.IsZero() {
			state.SealedAt = sealed.at
		}
		for _, seen := range sealed.Seen {
			state.see(seen)
		}
	}
	return state
}

// see notes the first time that each witness saw the entry.
func (s *State) see(seen Seen) {
	for _, known := range s.Seen {
		if known.Witness == seen.Witness {
			return
		}
	}
	s.Seen = append(s.Seen, seen)
}
