package ledger

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
	"gorm.io/gorm"
)

// newestOrigin is the origin that a log has now, in a query of its row.
const newestOrigin = "COALESCE((SELECT o.origin FROM ledger_origins o WHERE o.log = ledger_logs.id ORDER BY o.first DESC LIMIT 1), origin)"

// takeLog reads a log's row; [ErrNoLog] when there is none.
func takeLog(db *gorm.DB, id string) (logRow, error) {
	row := logRow{ID: id}
	// Scanned by hand, because every append waits for it: gorm takes twice as long.
	err := db.Raw("SELECT "+newestOrigin+", size, frontier, key FROM ledger_logs WHERE id = ?", id).Row().Scan(&row.Origin, &row.Size, &row.Frontier, &row.Key)
	if errors.Is(err, sql.ErrNoRows) {
		return logRow{}, fmt.Errorf("%w: %s", ErrNoLog, id)
	}
	if err != nil {
		return logRow{}, fmt.Errorf("read log %s: %w", id, err)
	}
	return row, nil
}

func originsOf(db *gorm.DB, log string) (all origins, err error) {
	err = db.Raw(`SELECT id AS log, 0 AS first, origin, '' AS signed FROM ledger_logs WHERE id = ?
		UNION ALL SELECT log, first, origin, signed FROM ledger_origins WHERE log = ? ORDER BY first`, log, log).Scan(&all).Error
	if err != nil {
		return nil, fmt.Errorf("read the origins of log %s: %w", log, err)
	}
	return all, nil
}

// HeadOf returns size and root of a log, from its row alone; [ErrNoLog].
func HeadOf(db *gorm.DB, id string) (Head, error) {
	log, err := takeLog(db, id)
	if err != nil {
		return Head{}, err
	}
	return log.head()
}

// Heads returns the heads of all logs, in order of their ids.
func Heads(db *gorm.DB) ([]Head, error) {
	logs, err := takeLogs(db)
	if err != nil {
		return nil, err
	}
	heads := make([]Head, 0, len(logs))
	for _, log := range logs {
		head, err := log.head()
		if err != nil {
			return nil, err
		}
		heads = append(heads, head)
	}
	return heads, nil
}

func takeLogs(db *gorm.DB) (logs []logRow, err error) {
	err = db.Raw("SELECT id, " + newestOrigin + " AS origin, size, frontier, key FROM ledger_logs ORDER BY id").Scan(&logs).Error
	if err != nil {
		return nil, fmt.Errorf("read logs: %w", err)
	}
	return logs, nil
}

func (l logRow) head() (Head, error) {
	edge, err := readFrontier(l.Frontier, l.Size)
	if err != nil {
		return Head{}, fmt.Errorf("log %s: %w", l.ID, err)
	}
	return Head{ID: l.ID, Origin: l.Origin, Size: l.Size, Root: edge.root(), Key: l.Key}, nil
}

// Read returns at most limit entries of a log from index from on, in order, with
// their fields opened. A field that cannot be opened is an error that names it:
// it was altered, or the sealer has another key.
func Read(db *gorm.DB, id string, sealer Sealer, from int64, limit int) ([]Entry, error) {
	rows, fields, err := readRows(db, id, from, limit)
	if err != nil {
		return nil, err
	}
	entries := make([]Entry, 0, len(rows))
	for _, row := range rows {
		entry, err := row.entry()
		if err != nil {
			return nil, err
		}
		for ; len(fields) > 0 && fields[0].Idx == row.Idx; fields = fields[1:] {
			opened, err := fields[0].open(sealer)
			if err != nil {
				return nil, err
			}
			entry.Fields = append(entry.Fields, opened)
		}
		entries = append(entries, entry)
	}
	return entries, nil
}

// readRows returns entries and all fields of them, both in order.
func readRows(db *gorm.DB, id string, from int64, limit int) (rows []entryRow, fields []fieldRow, err error) {
	if err := db.Where("log = ? AND idx >= ?", id, from).Order("idx").Limit(limit).Find(&rows).Error; err != nil {
		return nil, nil, fmt.Errorf("read log %s from entry %d: %w", id, from, err)
	}
	if len(rows) == 0 {
		return nil, nil, nil
	}
	err = db.Where("log = ? AND idx BETWEEN ? AND ?", id, from, rows[len(rows)-1].Idx).Order("idx, slot").Find(&fields).Error
	if err != nil {
		return nil, nil, fmt.Errorf("read the fields of log %s from entry %d: %w", id, from, err)
	}
	return rows, fields, nil
}

func (r entryRow) entry() (Entry, error) {
	slots, err := splitHashes(r.Slots)
	if err != nil || len(slots) != Slots {
		return Entry{}, fmt.Errorf("entry %d of log %s has %d bytes of slots, not %d", r.Idx, r.Log, len(r.Slots), Slots*tlog.HashSize)
	}
	return Entry{Log: r.Log, Index: r.Idx, Slots: [Slots]tlog.Hash(slots)}, nil
}

func (r fieldRow) open(sealer Sealer) (Opened, error) {
	if r.Salt == nil && r.Sealed == nil {
		return Opened{Field: Field{Slot: r.Slot}, Erased: true}, nil
	}
	plain, err := sealer.Open(r.Sealed, place(r.Log, r.Idx, r.Slot)...)
	if err != nil {
		return Opened{}, fmt.Errorf("open slot %d of entry %d of log %s: %w", r.Slot, r.Idx, r.Log, err)
	}
	field, err := unpack(r.Slot, plain)
	if err != nil {
		return Opened{}, fmt.Errorf("open slot %d of entry %d of log %s: %w", r.Slot, r.Idx, r.Log, err)
	}
	return Opened{Field: field, Salt: r.Salt}, nil
}

// storedHashes reads the hashes of a log's tree where they stand; it is a
// tlog.HashReader.
func storedHashes(db *gorm.DB, id string) tlog.HashReader {
	return tlog.HashReaderFunc(func(stored []int64) ([]tlog.Hash, error) {
		entries := make([]int64, len(stored))
		for i, s := range stored {
			entries[i], _ = standing(s)
		}
		entries = slices.Compact(slices.Sorted(slices.Values(entries)))
		var rows []entryRow
		if err := db.Select("idx", "hashes").Where("log = ? AND idx IN ?", id, entries).Find(&rows).Error; err != nil {
			return nil, fmt.Errorf("read hashes of log %s: %w", id, err)
		}
		return pick(rows, stored)
	})
}

var errNoHash = errors.New("a hash of the tree is missing")

// pick takes the stored hashes out of the entries that keep them.
func pick(rows []entryRow, stored []int64) ([]tlog.Hash, error) {
	kept := make(map[int64][]byte, len(rows))
	for _, row := range rows {
		kept[row.Idx] = row.Hashes
	}
	hashes := make([]tlog.Hash, len(stored))
	for i, s := range stored {
		index, offset := standing(s)
		if len(kept[index]) < offset+tlog.HashSize {
			return nil, fmt.Errorf("%w: at byte %d of entry %d", errNoHash, offset, index)
		}
		hashes[i] = tlog.Hash(kept[index][offset : offset+tlog.HashSize])
	}
	return hashes, nil
}

// RootAt is the root of the tree of the first size entries of a log, computed
// from its stored hashes.
func RootAt(db *gorm.DB, id string, size int64) (tlog.Hash, error) {
	root, err := tlog.TreeHash(size, storedHashes(db, id))
	if err != nil {
		return tlog.Hash{}, fmt.Errorf("root of log %s at %d: %w", id, size, err)
	}
	return root, nil
}
