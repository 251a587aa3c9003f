package ledger

import (
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
	"gorm.io/gorm"
)

// logRow, entryRow and fieldRow are the tables; see migrations/0010.
type logRow struct {
	ID       string
	Origin   string
	Size     int64
	Frontier []byte
	Key      []byte
}

func (logRow) TableName() string { return "ledger_logs" }

type entryRow struct {
	Log    string
	Idx    int64
	Slots  []byte
	Hashes []byte
}

func (entryRow) TableName() string { return "ledger_entries" }

type fieldRow struct {
	Log    string
	Idx    int64
	Slot   int
	Salt   []byte
	Sealed []byte
}

func (fieldRow) TableName() string { return "ledger_fields" }

// Create makes an empty log. wrappedKey is the log's data key as the vault
// wrapped it; the ledger keeps it and does not look inside. It returns
// [ErrOrigin], or gorm.ErrDuplicatedKey for an id or origin that is taken.
func Create(tx *gorm.DB, id, origin string, wrappedKey []byte) error {
	if err := CheckOrigin(origin); err != nil {
		return err
	}
	row := logRow{ID: id, Origin: origin, Frontier: []byte{}, Key: append([]byte{}, wrappedKey...)}
	if err := tx.Create(&row).Error; err != nil {
		return fmt.Errorf("create log %s: %w", id, err)
	}
	return nil
}

// Append adds an entry to a log inside the caller's transaction. Appends to one
// log must come one after another (the caller holds the room's lock); one that
// was overtaken all the same returns [ErrMoved] and must not be committed. It
// reads one row and writes the entry, its fields and the log's row, however
// long the log is. Fields against the rules are [ErrFields].
func Append(tx *gorm.DB, id string, sealer Sealer, fields []Field) (Entry, error) {
	if err := checkFields(fields); err != nil {
		return Entry{}, err
	}
	log, err := takeLog(tx, id)
	if err != nil {
		return Entry{}, err
	}
	edge, err := readFrontier(log.Frontier, log.Size)
	if err != nil {
		return Entry{}, fmt.Errorf("append to log %s: %w", id, err)
	}
	entry, rows := commit(log, sealer, fields)
	edge, completes := edge.grow(log.Size, entry.Leaf())
	if err := write(tx, entry, completes, rows); err != nil {
		return Entry{}, fmt.Errorf("append to log %s: %w", id, err)
	}
	return entry, moveHead(tx, log, edge)
}

// commit salts and seals the fields of a log's next entry.
func commit(log logRow, sealer Sealer, fields []Field) (Entry, []fieldRow) {
	random, salts := randomBytes(Slots*tlog.HashSize), randomBytes(len(fields)*tlog.HashSize)
	entry := Entry{Log: log.ID, Index: log.Size}
	for i := range entry.Slots { // what stands in an unused slot looks like a commitment
		entry.Slots[i] = tlog.Hash(random[i*tlog.HashSize:])
	}
	rows := make([]fieldRow, 0, len(fields))
	fields = slices.SortedFunc(slices.Values(fields), func(a, b Field) int { return a.Slot - b.Slot })
	for i, f := range fields {
		salt := salts[i*tlog.HashSize : (i+1)*tlog.HashSize]
		entry.Slots[f.Slot] = Commitment(salt, log.Origin, entry.Index, f.Name, f.Value)
		entry.Fields = append(entry.Fields, Opened{Field: f, Salt: salt})
		sealed := sealer.Seal(pack(f), place(log.ID, entry.Index, f.Slot)...)
		rows = append(rows, fieldRow{log.ID, entry.Index, f.Slot, salt, sealed})
	}
	return entry, rows
}

func write(tx *gorm.DB, entry Entry, completes []tlog.Hash, fields []fieldRow) error {
	row := entryRow{entry.Log, entry.Index, joinHashes(entry.Slots[:]), joinHashes(completes)}
	if err := tx.Create(&row).Error; err != nil {
		return fmt.Errorf("write entry %d: %w", entry.Index, err)
	}
	if err := tx.Create(&fields).Error; err != nil {
		return fmt.Errorf("write the fields of entry %d: %w", entry.Index, err)
	}
	return nil
}

// moveHead makes the log one entry longer, if it is as long as it was read.
func moveHead(tx *gorm.DB, log logRow, edge frontier) error {
	moved := tx.Exec("UPDATE ledger_logs SET size = ?, frontier = ? WHERE id = ? AND size = ?",
		log.Size+1, joinHashes(edge), log.ID, log.Size)
	if moved.Error != nil {
		return fmt.Errorf("move head of log %s: %w", log.ID, moved.Error)
	}
	if moved.RowsAffected != 1 {
		return fmt.Errorf("log %s: %w", log.ID, ErrMoved)
	}
	return nil
}

// Rekey keeps the same data key of a log in another wrapping, if it is still wrapped
// as it was read; else it does nothing.
func Rekey(db *gorm.DB, id string, was, is []byte) error {
	if err := db.Exec("UPDATE ledger_logs SET key = ? WHERE id = ? AND key = ?", is, id, was).Error; err != nil {
		return fmt.Errorf("wrap the key of log %s anew: %w", id, err)
	}
	return nil
}

// Erase destroys salt and sealed words of fields of one entry; no proof is
// touched by it. Erasing twice is no error; [ErrErased] says that a slot never
// held a field, [ErrKeepAct] that field 0 was among them.
func Erase(tx *gorm.DB, id string, index int64, slots ...int) error {
	if slices.Contains(slots, 0) {
		return ErrKeepAct
	}
	for _, slot := range slots {
		erased := tx.Exec("UPDATE ledger_fields SET salt = NULL, sealed = NULL WHERE log = ? AND idx = ? AND slot = ?", id, index, slot)
		if erased.Error != nil {
			return fmt.Errorf("erase slot %d of entry %d: %w", slot, index, erased.Error)
		}
		if erased.RowsAffected != 1 {
			return fmt.Errorf("erase slot %d of entry %d: %w", slot, index, ErrErased)
		}
	}
	return nil
}
