package gaps_test

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/vcm-forum/forum/dialogues/gaps"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/dialogues/sheet"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/testkit"
)

// row is one row of the registry's table, in the order of columns.
type row [10]string

// The columns of the registry's table.
const (
	code = iota
	party
	title
	kind
	language
	version
	status
	submitted
	address
	fileName
)

// colombia is what Colombia submitted until its second NDC came.
func colombia() []row {
	return []row{
		{"COL", "Colombia", "Colombia First NDC (Archived)", "NDC", "Spanish", "1", "Archived", "2018-07-12", "https://example.org/CO%201.pdf", ""},
		{"COL", "Colombia", "Colombia First NDC (Archived)", "Translation", "English", "1", "Archived", "2018-07-12", "https://example.org/CO%201%20en.pdf", ""},
		{"COL", "Colombia", "Letter", "Addendum", "", "1", "Archived", "", "https://example.org/CO%20letter.pdf", ""},
		{"COL", "Colombia", "Colombia First NDC (Updated submission)", "NDC", "Spanish", "2", "Active", "2020-12-30", "https://example.org/CO%202.pdf", ""},
	}
}

func peru() row {
	return row{"PER", "Peru", "Peru NDC 3.0", "NDC", "Spanish", "", "Active", "2025-10-01", "https://example.org/Peru%CC%81.pdf", "Perú.pdf"}
}

// table writes rows as the registry's table.
func table(rows ...row) sheet.File {
	var raw bytes.Buffer
	w := csv.NewWriter(&raw)
	_ = w.Write([]string{"code", "party", "title", "fileType", "language", "version", "status", "submissionDate", "encodedAbsUrl", "originalFilename"})
	for _, r := range rows {
		_ = w.Write(r[:])
	}
	w.Flush()
	return sheet.File{Name: "ndcs.csv", Raw: raw.Bytes()}
}

// explorer is a sheet of figures: rows of country_code, market mechanisms, capacity building.
func explorer(rows string) sheet.File {
	return sheet.File{Name: "explorer.csv", Raw: []byte("# Issued 2022\n# Rights: CC BY 4.0\n# Citation: Pauw et al. (2022)\n" +
		"country_code,market_mechanisms_class,conditionality_of_capacity_building_class\n" + rows)}
}

// with changes one cell.
func (r row) with(column int, text string) row {
	r[column] = text
	return r
}

func service(t *testing.T, db *database.DB) *gaps.Service {
	t.Helper()
	w := record.NewWriter(record.WriterConfig{DB: db.Write, Now: database.Now})
	t.Cleanup(w.Stop)
	return &gaps.Service{Writer: w, Read: db.Read}
}

func imported(t *testing.T, s *gaps.Service, files gaps.Files) gaps.Outcome {
	t.Helper()
	out, err := s.Import(t.Context(), files)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func documentsOf(t *testing.T, s *gaps.Service, party string) []gaps.Document {
	t.Helper()
	found, err := s.DocumentsOf(t.Context(), party)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// lines are the lines of the forum's room.
func lines(t *testing.T, db *database.DB) []record.Entry {
	t.Helper()
	found, err := record.After(t.Context(), db.Read, record.ForumRoom, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// shared reads one of the real tables.
func shared(t *testing.T, name string) sheet.File {
	t.Helper()
	raw, err := os.ReadFile(testkit.SharedData(t, "ndc", name))
	if err != nil {
		t.Fatal(err)
	}
	return sheet.File{Name: filepath.Base(name), Raw: raw}
}

// reversed has the rows of a table in the opposite order.
func reversed(rows []row) []row {
	rows = slices.Clone(rows)
	slices.Reverse(rows)
	return rows
}
