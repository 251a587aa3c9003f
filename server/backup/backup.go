// Package backup writes the whole forum to a folder and makes a forum from such
// a folder, on either engine whichever it came from. A backup is one moment:
// everything that was acknowledged before it began is in it, and of each room's
// record it holds the beginning without holes.
//
// The folder holds one gzip file of JSON lines per table, the files of evidence as
// they lie on the disk, manifest.json, which says what they are and what their
// digests must be, and manifest.json.sha256, which guards the manifest itself
// (sha256sum -c reads it). It is not encrypted and holds all that the database
// holds: names, addresses, hashes of passphrases. Keep it like the database.
//
// It never holds the keys of consultations, which are all that keeps whoever has
// a backup from reading them: a key that lies beside the lock keeps nobody out.
//
// It is not a way to move one dialogue, and it knows no table by name except
// those of the record and people, which tell whether a forum is empty: what
// there is to copy it reads from the database's own catalog.
package backup

import (
	"errors"
	"time"

	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
)

// Format is the version of the folder's layout that this program writes, and the
// newest that it reads. The first one had no evidence.
const Format = 2

// Names of the files beside the tables'.
const (
	manifestFile = "manifest.json"
	sealFile     = "manifest.json.sha256"
	tableSuffix  = ".jsonl.gz"
	evidenceDir  = "evidence" // a folder; see [File]
)

// Restored is the line that every room gets when a backup takes the place of
// history: whoever followed the room must start afresh. Its facts hold the time
// of the backup ("ms", milliseconds since 1970).
const Restored record.Verb = "record.restored"

// Errors of backups. Each is wrapped with what exactly is the matter.
var (
	ErrBroken   = errors.New("the backup is damaged or incomplete")
	ErrFormat   = errors.New("the backup has a format that this program does not know")
	ErrNotEmpty = errors.New("the target is not empty")
	ErrTooNew   = errors.New("the target was made by a newer program than the backup; give an empty folder or database")
	ErrOccupied = errors.New("the folder of a backup must be new or empty")
	ErrOther    = errors.New("in the folder of evidence lies another file of this name")
)

// Source is the forum that a backup is of.
type Source struct {
	DB       *database.DB
	Evidence string // folder of the files of evidence; "" where there is none
	Program  string // this program's version
}

// Manifest says what a backup holds.
type Manifest struct {
	Format    int       `json:"format"`
	Program   string    `json:"program"`   // version of the program that wrote it
	Migration int64     `json:"migration"` // shape of the tables
	TakenAt   time.Time `json:"taken_at"`
	Engine    string    `json:"engine"` // where it came from; it may go to the other
	Tables    []Table   `json:"tables"`
	Evidence  []File    `json:"evidence,omitempty"`
	Rooms     []Room    `json:"rooms"`
}

// Table is one file of a backup. A row is a JSON array in the order of Columns.
type Table struct {
	Name    string   `json:"name"`
	File    string   `json:"file"`
	Rows    int64    `json:"rows"`
	SHA256  string   `json:"sha256"` // of the compressed file, hex
	Columns []Column `json:"columns"`
}

// Column is a column and what its values are, on any engine.
type Column struct {
	Name string `json:"name"`
	Kind Kind   `json:"kind"`
}

// File is a file of evidence, by its name below the folder of evidence. It is
// encrypted for its community, under a name that tells nothing.
type File struct {
	Name     string    `json:"name"`
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified"`
	SHA256   string    `json:"sha256"` // of the file as it lies there
}

// Room says up to which line a backup holds a room.
type Room struct {
	Room  string `json:"room"`
	Epoch int64  `json:"epoch"`
	Seq   int64  `json:"seq"`
}

// Rows is the number of rows of all tables.
func (m Manifest) Rows() int64 {
	var n int64
	for _, t := range m.Tables {
		n += t.Rows
	}
	return n
}

// RowsOf is the number of rows of one table; 0 where the backup has none of it.
func (m Manifest) RowsOf(table string) int64 {
	for _, t := range m.Tables {
		if t.Name == table {
			return t.Rows
		}
	}
	return 0
}
