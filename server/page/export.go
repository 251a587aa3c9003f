package page

import (
	"encoding/csv"
	"io"
	"net/http"
	"strings"
)

// SendJSON sends data as a JSON file to be saved.
func SendJSON(r *Request, name string, data any) error {
	r.Attach(name)
	return r.JSON(http.StatusOK, data)
}

// Attach says under which name a browser saves the answer.
func (r *Request) Attach(name string) {
	r.Response().Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
}

// SendCSV writes a table (RFC 4180) in UTF-8 with a byte order mark, which
// spreadsheets need to see accents.
func SendCSV(r *Request, name string, rows [][]string) error {
	r.Attach(name)
	r.Response().Header().Set("Content-Type", "text/csv; charset=utf-8")
	r.Response().WriteHeader(http.StatusOK)
	return WriteCSV(r.Response(), rows)
}

// WriteCSV writes a table, its cells safe to open in a spreadsheet.
func WriteCSV(w io.Writer, rows [][]string) error {
	if _, err := w.Write([]byte("\ufeff")); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	for _, row := range rows {
		for i, cell := range row {
			row[i] = plainCell(cell)
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// plainCell keeps a spreadsheet from taking somebody's words for a formula: a
// cell that begins like one gets an apostrophe, which spreadsheets hide
// (OWASP, CSV Injection).
func plainCell(s string) string {
	if s != "" && strings.ContainsAny(s[:1], "=+-@\t\r") || strings.HasPrefix(s, "＝") || strings.HasPrefix(s, "＋") || strings.HasPrefix(s, "－") || strings.HasPrefix(s, "＠") {
		return "'" + s
	}
	return s
}
