package ledger

import (
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// checkpointRow is a signed note with all cosignatures so far.
type checkpointRow struct {
	Log  string
	Size int64
	Note string
	At   time.Time
}

func (checkpointRow) TableName() string { return "ledger_checkpoints" }

// keepCheckpoint keeps what the signer has signed. Another node may have come
// first, with the same note: Ed25519 signs the same text always alike.
func keepCheckpoint(tx *gorm.DB, row checkpointRow) error {
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
		return fmt.Errorf("keep the checkpoint of log %s at %d: %w", row.Log, row.Size, err)
	}
	return nil
}

// addCosignature adds a witness's line to a kept note, once, whatever another
// node adds at the same time.
func addCosignature(tx *gorm.DB, log string, size int64, line string) error {
	name, _, _ := strings.Cut(strings.TrimPrefix(line, "— "), " ")
	err := tx.Exec(`UPDATE ledger_checkpoints SET note = note || ? WHERE log = ? AND size = ? AND replace(note, ?, '') = note`,
		line, log, size, "\n— "+name+" ").Error
	if err != nil {
		return fmt.Errorf("keep a cosignature of log %s at %d: %w", log, size, err)
	}
	return nil
}
