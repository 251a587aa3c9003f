package gaps

import (
	"context"
	"encoding/json"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/dialogues/sheet"
)

// NDCsImported says that the registry was read and brought something new. The
// line stands in the forum's own room: these documents belong to everybody.
const NDCsImported record.Verb = "ndc.imported"

// Service acts on gaps and what they are about.
type Service struct {
	Writer *record.Writer
	Read   *gorm.DB
}

// Files are what an import reads.
type Files struct {
	Registry sheet.File
	Explorer sheet.File // without a name there is none: the figures stay as they are
}

// Outcome tells what an import did, in documents, and in Parties for Figures.
type Outcome struct {
	Added    int `json:"added"`
	Changed  int `json:"changed"`
	Left     int `json:"-"` // as they were
	Unlisted int `json:"unlisted"`
	Figures  int `json:"figures"` // Parties whose figures are new
}

// Import brings the documents to what the registry says now, whole or not at all.
// The same files again change nothing and leave no line on the record. It acts for
// the server: whoever sits at its command line may, and nobody else can ask for it.
func (s *Service) Import(ctx context.Context, in Files) (Outcome, error) {
	listed, figures, err := in.read()
	if err != nil {
		return Outcome{}, err
	}
	var out Outcome
	_, err = s.Writer.Do(ctx, record.Action{Room: record.ForumRoom, Run: func(tx *record.Tx) (err error) {
		if out, err = save(tx, listed, figures); err != nil || out == (Outcome{Left: out.Left}) {
			return err
		}
		facts, err := json.Marshal(out)
		tx.Append(record.Entry{Verb: NDCsImported, Data: string(facts), Digest: record.Digest(string(in.Registry.Raw), string(in.Explorer.Raw))})
		return err
	}})
	if err != nil {
		return Outcome{}, err // after a sender who left, out may still be written to
	}
	return out, nil
}

func (in Files) read() (listed []Document, figures []Party, err error) {
	if listed, err = readRegistry(in.Registry); err != nil || in.Explorer.Name == "" {
		return listed, nil, err
	}
	figures, err = readExplorer(in.Explorer)
	return listed, figures, err
}

// save writes what differs, Parties first: documents refer to them.
func save(tx *record.Tx, listed []Document, figures []Party) (Outcome, error) {
	changed, err := saveParties(tx, listed, figures)
	if err != nil {
		return Outcome{}, err
	}
	out, err := saveDocuments(tx, listed)
	out.Figures = changed
	return out, err
}

// saveParties makes sure of every Party and keeps the figures; it counts the Parties with
// new ones.
func saveParties(tx *record.Tx, listed []Document, figures []Party) (int, error) {
	var kept []Party
	if err := tx.DB.Find(&kept).Error; err != nil {
		return 0, fmt.Errorf("load Parties: %w", err)
	}
	save, changed := newParties(kept, listed, figures)
	return changed, upsert(tx, "code", save)
}

// saveDocuments saves what differs from the registry.
func saveDocuments(tx *record.Tx, listed []Document) (Outcome, error) {
	var kept []Document
	if err := tx.DB.Find(&kept).Error; err != nil {
		return Outcome{}, fmt.Errorf("load NDC documents: %w", err)
	}
	save, out := reconcile(kept, listed)
	return out, upsert(tx, "id", save)
}

// perStatement bounds the values of one statement on both engines.
const perStatement = 100

func upsert[T any](tx *record.Tx, key string, rows []T) error {
	if len(rows) == 0 {
		return nil
	}
	onConflict := clause.OnConflict{Columns: []clause.Column{{Name: key}}, UpdateAll: true}
	if err := tx.DB.Clauses(onConflict).CreateInBatches(rows, perStatement).Error; err != nil {
		return fmt.Errorf("save NDCs: %w", err)
	}
	return nil
}
