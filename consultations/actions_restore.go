package consultations

import (
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/vcm-forum/forum/consultations/evidence"
	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/consultations/vault"
	"github.com/vcm-forum/forum/dialogues/record"
)

// Records are those of all communities, for whoever runs the server: as they stand in
// a database, or as they came out of a backup, inside the transaction that restores
// them and before anybody can read them.
type Records struct {
	DB   *gorm.DB
	Keys *vault.Vault
	Logs []ledger.Head
}

// ErrKeys says that a vault is not the one that records were sealed with.
var ErrKeys = errors.New("these keys do not open the record of every community: they are another forum's, or older than the record")

// RecordsIn finds the records and tells whether the keys are theirs; [ErrKeys].
func RecordsIn(db *gorm.DB, keys *vault.Vault) (Records, error) {
	logs, err := ledger.Heads(db)
	if err != nil {
		return Records{}, fmt.Errorf("list the logs: %w", err)
	}
	for _, head := range logs {
		if _, err := keys.Unwrap(head.Key); err != nil {
			return Records{}, fmt.Errorf("%w (log %s)", ErrKeys, head.ID)
		}
	}
	return Records{db, keys, logs}, nil
}

// GoOn enters into every log that it was restored: from then on it has another
// origin, and says of the one before how far it was restored and how far it had been
// signed. signed is asked for the latter; see [ledger.GoOn].
func (r Records) GoOn(signed func(origin string) (string, error)) error {
	for _, head := range r.Logs {
		note, err := signed(head.Origin)
		if err != nil {
			return err
		}
		restored, err := ledger.GoOn(r.DB, head.ID, note)
		if err != nil {
			return fmt.Errorf("log %s: %w", head.ID, err)
		}
		if err := r.enter(head, restored); err != nil {
			return fmt.Errorf("enter into log %s that it was restored: %w", head.ID, err)
		}
	}
	return nil
}

func (r Records) enter(head ledger.Head, restored ledger.Restoration) error {
	room, err := record.HeadOf(r.DB.Statement.Context, r.DB, head.ID)
	if err != nil {
		return err
	}
	key, err := r.Keys.Unwrap(head.Key)
	if err != nil {
		return err
	}
	e := Event{Index: head.Size, At: room.At.UTC(), Claim: Claim{Base: head.Size}, Fact: &Restored{restored}}
	fields, err := fieldsOf(e)
	if err != nil {
		return err
	}
	_, err = ledger.Append(r.DB, head.ID, key, fields)
	return err
}

// Rewrap wraps the keys of all communities for the newest identity of the vault, one
// after the other, and returns how many there were to wrap. Stopped at any moment it
// can be asked again.
func (r Records) Rewrap() (n int, err error) {
	for _, head := range r.Logs {
		if r.Keys.IsNewest(head.Key) {
			continue
		}
		wrapped, err := r.Keys.Rewrap(head.Key)
		if err != nil {
			return n, fmt.Errorf("wrap the key of log %s: %w", head.ID, err)
		}
		if err := ledger.Rekey(r.DB, head.ID, head.Key, wrapped); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// Missing is a file of which a record speaks and that is not there, or is another.
type Missing struct {
	Community record.ID
	Digest    Digest
	Why       error
}

// Finding says it as [ledger.Verify] says what it finds.
func (m Missing) Finding() ledger.Finding {
	return ledger.Finding{
		Kind: ledger.Altered, Log: string(m.Community), Record: "evidence " + string(m.Digest), Expected: "the file that was handed in", Found: m.Why.Error(),
	}
}

// Missing reads every file of every community from end to end, and returns how many
// it read and those that it does not have.
func (r Records) Missing(files *evidence.Store) (looked int, missing []Missing, err error) {
	s := &Service{Vault: r.Keys, Files: files, Now: time.Now}
	for _, head := range r.Logs {
		events, _, err := s.read(r.DB, record.ID(head.ID), head, 0)
		if err != nil {
			return looked, missing, err
		}
		folder, err := s.folderOf(head)
		if err != nil {
			return looked, missing, err
		}
		for _, d := range Fold(events).digests() {
			looked++
			if err := folder.Verify(evidence.Digest(d)); err != nil {
				missing = append(missing, Missing{record.ID(head.ID), d, err})
			}
		}
	}
	return looked, missing, nil
}
