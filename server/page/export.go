package page

import (
	"bytes"
	"io"
	"net/http"
	"regexp"
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

// WriteCSV writes a table, its cells safe to open in a spreadsheet. Every cell
// is quoted, as OWASP advises, and lines end as RFC 4180 says.
func WriteCSV(w io.Writer, rows [][]string) error {
	var out bytes.Buffer
	out.WriteString("\ufeff")
	for _, row := range rows {
		for i, cell := range row {
			if i > 0 {
				out.WriteByte(',')
			}
			out.WriteString(`"` + strings.ReplaceAll(plainCell(cell), `"`, `""`) + `"`)
		}
		out.WriteString("\r\n")
	}
	_, err := w.Write(out.Bytes())
	return err
}

// formula is where a spreadsheet could begin to read somebody's words as a
// formula: at the start of a cell, and behind what some take for the start of
// another one. Where the decimal point is a comma, as in French, Spanish,
// Portuguese and Indonesian, Excel splits at semicolons and then minds our
// quotes no more. Blanks and quotes before the sign do not help.
var formula = regexp.MustCompile("(^|[;\t\r\n])([\"' \u00a0\u3000]*[=+\\-@＝＋－＠])")

// strayed is a cell that begins with what an import may drop.
var strayed = regexp.MustCompile("^'*[\t\r]")

// plainCell sets an apostrophe before whatever a spreadsheet could take for a
// formula (OWASP, CSV Injection). Taking away one there gives back the words.
func plainCell(s string) string {
	s = formula.ReplaceAllString(s, "$1'$2")
	if strayed.MatchString(s) {
		return "'" + s
	}
	return s
}
