package page_test

import (
	"bytes"
	"encoding/csv"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vcm-forum/forum/server/page"
)

// written is a row as a file and as RFC 4180 reads it. Go's own reader must
// find as many cells, but it changes ends of lines within them.
func written(t *testing.T, row ...string) (raw string, cells []string) {
	t.Helper()
	var out bytes.Buffer
	if err := page.WriteCSV(&out, [][]string{row}); err != nil {
		t.Fatal(err)
	}
	raw, marked := strings.CutPrefix(out.String(), "\ufeff")
	read, err := csv.NewReader(strings.NewReader(raw)).ReadAll()
	if err != nil || !marked || len(read) != 1 || len(read[0]) != len(row) {
		t.Fatalf("%q reads as %q, %v, want one row of %d cells behind a byte order mark", out.String(), read, err, len(row))
	}
	quoted := regexp.MustCompile(`^"((?:[^"]|"")*)"(,|\r\n)`)
	for rest := raw; rest != ""; {
		m := quoted.FindStringSubmatch(rest)
		if m == nil {
			t.Fatalf("%q is no quoted cell", rest)
		}
		cells, rest = append(cells, strings.ReplaceAll(m[1], `""`, `"`)), rest[len(m[0]):]
	}
	return raw, cells
}

func TestCellsStayText(t *testing.T) {
	for _, tt := range []struct{ name, typed, want string }{
		{"nothing", "", ""},
		{"words", "plain; and simple, - really", "plain; and simple, - really"},
		{"a calculation", "=1+1", "'=1+1"},
		{"a plus", "+1", "'+1"},
		{"a minus", "-1", "'-1"},
		{"an at sign", "@SUM(A1)", "'@SUM(A1)"},
		{"a wide equals sign", "＝1", "'＝1"},
		{"a tab", "\tx", "'\tx"},
		{"blanks before the sign", "  =1", "'  =1"},
		{"behind a semicolon", "a;=cmd", "a;'=cmd"},
		{"behind a semicolon, blanks and quotes", `a; ""=cmd`, `a;' ""=cmd`},
		{"behind a tab", "\t=1", "'\t'=1"},
		{"on the second line", "one\n=1\n\n-2", "one\n'=1\n\n'-2"},
		{"behind a carriage return", "one\r@x", "one\r'@x"},
		{"what was made plain already", "'=1", "''=1"},
		{"two in a row", "=;=", "'=;'="},
		{"a sign within words", "CO2 = carbon; x-y", "CO2 = carbon; x-y"},
		{"quotes", `say "no"`, `say "no"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			raw, cells := written(t, tt.typed, "end")
			if diff := cmp.Diff([]string{tt.want, "end"}, cells); diff != "" {
				t.Errorf("%q is written as %q (-want +got):\n%s", tt.typed, raw, diff)
			}
		})
	}
}

// risky is a place in a file where a spreadsheet, whichever of these it splits
// at and whether it minds quotes or not, would see a formula begin.
var risky = regexp.MustCompile("(^|[;\t\r\n])[\" \u00a0\u3000]*[=+\\-@＝＋－＠]")

// unmarked takes the apostrophes away again.
func unmarked(cell string) string {
	if regexp.MustCompile("^'+[\t\r]").MatchString(cell) {
		cell = cell[1:]
	}
	return regexp.MustCompile("(^|[;\t\r\n])'([\"' \u00a0\u3000]*[=+\\-@＝＋－＠])").ReplaceAllString(cell, "$1$2")
}

// Whatever is typed: no formula anywhere, two cells stay two, and the words can
// be had back.
func FuzzCells(f *testing.F) {
	for _, seed := range []string{"", "=1", "a;=1", "\n-", `"";"=`, "'\t=", "\r\n＠", "x\ty", ";;'=;", "=\xff", " \n\u00a0="} {
		f.Add(seed, "b")
		f.Add("a", seed)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		raw, cells := written(t, a, b)
		if found := risky.FindString(raw); found != "" {
			t.Errorf("%q holds %q, where a formula may begin", raw, found)
		}
		for i, want := range []string{a, b} {
			if got := unmarked(cells[i]); got != want {
				t.Errorf("%q comes back as %q from %q", want, got, raw)
			}
		}
	})
}
