package backup

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"

	"gorm.io/gorm"

	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
)

// unfinished marks the name of a folder that is being written. One that stays
// behind after a crash is no backup and may be deleted.
const unfinished = ".unfinished-"

// Write writes a backup of the whole forum to dir, which must be new or empty,
// while the forum goes on. The folder appears under its name when it is
// complete and on disk, never before.
func Write(ctx context.Context, from Source, dir string) (m Manifest, err error) {
	draft, err := newDraft(dir)
	if err != nil {
		return Manifest{}, err
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(draft) // what remains is no backup by its name
		}
	}()
	m = Manifest{Format: Format, Program: from.Program, Engine: from.DB.Dialect}
	if err := snapshot(ctx, from.DB, draft, &m); err != nil {
		return Manifest{}, err
	}
	// After the database: a file is on disk before the record speaks of it, so that
	// every one of which this backup speaks is there by now.
	if m.Evidence, err = copyEvidence(ctx, from.Evidence, filepath.Join(draft, evidenceDir), besides(dir)); err != nil {
		return Manifest{}, err
	}
	if err := seal(draft, m); err != nil {
		return Manifest{}, err
	}
	return m, publish(draft, dir)
}

// newDraft makes the folder in which a backup grows, beside its later place so
// that it can be renamed.
func newDraft(dir string) (string, error) {
	found, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("look at the folder of the backup: %w", err)
	}
	if len(found) > 0 {
		return "", fmt.Errorf("%w: %s", ErrOccupied, dir)
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find the folder of the backup: %w", err)
	}
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return "", fmt.Errorf("make the folder of the backup: %w", err)
	}
	draft, err := os.MkdirTemp(parent, "."+filepath.Base(dir)+unfinished)
	if err != nil {
		return "", fmt.Errorf("make the folder of the backup: %w", err)
	}
	return draft, nil
}

// snapshot writes every table as it stood at one moment. Readers block nobody:
// the forum goes on writing, and what it writes meanwhile is not seen here.
func snapshot(ctx context.Context, db *database.DB, draft string, m *Manifest) error {
	m.TakenAt = database.Now()
	return db.Read.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		shapes, err := catalog(tx)
		if err != nil {
			return err
		}
		if len(shapes) == 0 {
			return errors.New("there is nothing to back up: the database has no tables")
		}
		if err := tx.Raw("SELECT max(version_id) FROM " + ledger).Scan(&m.Migration).Error; err != nil {
			return fmt.Errorf("read the database's version: %w", err)
		}
		if err := m.readRooms(ctx, tx); err != nil {
			return err
		}
		for _, s := range shapes {
			table, err := writeTable(tx, draft, s)
			if err != nil {
				return fmt.Errorf("back up table %s: %w", s.name, err)
			}
			m.Tables = append(m.Tables, table)
		}
		return nil
	}, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}) // SQLite's reading transaction is one snapshot anyway
}

func (m *Manifest) readRooms(ctx context.Context, tx *gorm.DB) error {
	heads, err := record.Heads(ctx, tx)
	if err != nil {
		return err
	}
	m.Rooms = make([]Room, len(heads))
	for i, head := range heads {
		m.Rooms[i] = Room{head.Room, head.Epoch, head.Seq}
	}
	return nil
}

// writeTable streams a table into its file, in the order of its primary key:
// the same rows make the same file, and load again without scattering.
func writeTable(tx *gorm.DB, draft string, s shape) (Table, error) {
	t := Table{Name: s.name, File: s.name + tableSuffix, Columns: s.columns}
	file, err := newTableFile(filepath.Join(draft, t.File))
	if err != nil {
		return Table{}, err
	}
	t.Rows, err = copyTable(tx, s, json.NewEncoder(file))
	if err := errors.Join(err, file.finish()); err != nil {
		return Table{}, err
	}
	t.SHA256 = hex.EncodeToString(file.sum.Sum(nil))
	return t, nil
}

func copyTable(tx *gorm.DB, s shape, to *json.Encoder) (int64, error) {
	query := "SELECT " + quoted(columnNames(s.columns)...) + " FROM " + quoted(s.name)
	if len(s.key) > 0 {
		query += " ORDER BY " + quoted(s.key...)
	}
	rows, err := tx.Raw(query).Rows()
	if err != nil {
		return 0, err
	}
	defer func() { _ = rows.Close() }() // rows.Err has told what there is to tell
	to.SetEscapeHTML(false)
	return copyRows(rows, s.columns, to)
}

func copyRows(rows *sql.Rows, columns []Column, to *json.Encoder) (int64, error) {
	values, targets := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		targets[i] = &values[i]
	}
	var n int64
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return n, err
		}
		for i, c := range columns {
			var err error
			if values[i], err = c.Kind.outgoing(values[i]); err != nil {
				return n, fmt.Errorf("column %s: %w", c.Name, err)
			}
		}
		if err := to.Encode(values); err != nil {
			return n, err
		}
		n++
	}
	return n, rows.Err()
}

// tableFile compresses what is written to it and digests what reaches the disk.
type tableFile struct {
	file   *os.File
	sum    hash.Hash
	zip    *gzip.Writer
	buffer *bufio.Writer
}

func newTableFile(name string) (*tableFile, error) {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // in the folder made above
	if err != nil {
		return nil, fmt.Errorf("make a file of the backup: %w", err)
	}
	t := &tableFile{file: file, sum: sha256.New()}
	// The quickest level: the forum is being used meanwhile.
	t.zip, _ = gzip.NewWriterLevel(io.MultiWriter(file, t.sum), gzip.BestSpeed) // fails for an unknown level only
	t.buffer = bufio.NewWriterSize(t.zip, 64<<10)
	return t, nil
}

func (t *tableFile) Write(p []byte) (int, error) { return t.buffer.Write(p) }

// finish brings everything to the disk.
func (t *tableFile) finish() error {
	return errors.Join(t.buffer.Flush(), t.zip.Close(), t.file.Sync(), t.file.Close())
}

// seal writes the manifest and the digest that guards it.
func seal(draft string, m Manifest) error {
	raw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("write the manifest: %w", err)
	}
	raw = append(raw, '\n')
	if err := writeFile(filepath.Join(draft, manifestFile), raw); err != nil {
		return err
	}
	return writeFile(filepath.Join(draft, sealFile), sealOf(raw))
}

// sealOf is the line that `sha256sum manifest.json` prints.
func sealOf(manifest []byte) []byte {
	sum := sha256.Sum256(manifest)
	return []byte(hex.EncodeToString(sum[:]) + "  " + manifestFile + "\n")
}

func writeFile(name string, content []byte) error {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // in the folder made above
	if err != nil {
		return fmt.Errorf("make a file of the backup: %w", err)
	}
	_, err = file.Write(content)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("write a file of the backup: %w", err)
	}
	return nil
}

// publish gives a complete backup its name.
func publish(draft, dir string) error {
	if err := syncFolder(draft); err != nil {
		return err
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, os.ErrNotExist) { // an empty folder makes place; a full one stays
		return fmt.Errorf("name the backup: %w", err)
	}
	if err := os.Rename(draft, dir); err != nil {
		return fmt.Errorf("name the backup: %w", err)
	}
	return syncFolder(filepath.Dir(draft))
}

// syncFolder brings the names in a folder to the disk.
func syncFolder(dir string) error {
	folder, err := os.Open(dir) //nolint:gosec // the operator's own choice of folder
	if err != nil {
		return fmt.Errorf("look at the folder of the backup: %w", err)
	}
	if err := errors.Join(folder.Sync(), folder.Close()); err != nil {
		return fmt.Errorf("sync the folder of the backup: %w", err)
	}
	return nil
}
