package sheet_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/vcm-forum/forum/dialogues/sheet"
)

// values reads the columns a and b, of which b may not be "bad".
func values(f sheet.File) (rows [][2]string, err error) {
	err = f.Table([]string{"a", "b"}, func(line int, cell func(string) string) string {
		if cell("b") == "bad" {
			return fmt.Sprintf("b is bad, read in line %d", line)
		}
		rows = append(rows, [2]string{cell("a"), cell("b")})
		return ""
	})
	return rows, err
}

func TestTablesAreReadAsTheyAre(t *testing.T) {
	for _, tt := range []struct {
		name, raw string
		want      [][2]string
	}{
		{"columns stand in any order, with others", "b,x,a\n1,2,3\n", [][2]string{{"3", "1"}}},
		{"a byte order mark is no part of a name", "\ufeffa,b\n1,2\n", [][2]string{{"1", "2"}}},
		{"lines end as on Windows", "a,b\r\n1,\"x\r\ny\"\r\n", [][2]string{{"1", "x\ny"}}},
		{"notes are no rows", "# so it is, \"they say\na,b\n# and so\n1,# no note\n", [][2]string{{"1", "# no note"}}},
		{"a table may have no rows", "a,b\n", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := values(sheet.File{Name: "t.csv", Raw: []byte(tt.raw), Note: '#'})
			if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
				t.Error(err, diff)
			}
		})
	}
}

func TestEveryWrongLineIsTold(t *testing.T) {
	for _, tt := range []struct{ name, raw, want string }{
		{"several lines are wrong", "a,b\n1,bad\n1,2\n1\n\"x\ny\",bad\n", `t.csv, line 2: b is bad, read in line 2
t.csv, line 4: has 1 fields, want 2
t.csv, line 5: b is bad, read in line 5`},
		{"what follows a stray quote is not judged", "a,b\n1,bad\n1,x\"y\n1,bad\n", `t.csv, line 2: b is bad, read in line 2
t.csv, line 3: bare " in non-quoted-field`},
		{"a quote is left open", "a,b\n1,2\n3,\"4\n5,6\n", `t.csv, line 4: extraneous or missing " in quoted-field (in the row that begins in line 3)`},
		{"the header is broken", "a,\"b\n", `t.csv, line 1: extraneous or missing " in quoted-field`},
		{"there are only notes", "# nothing\n", "t.csv: is empty"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := values(sheet.File{Name: "t.csv", Raw: []byte(tt.raw), Note: '#'})
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestAFileOfAnotherKindIsToldOfBriefly(t *testing.T) {
	_, err := values(sheet.File{Name: "t.csv", Raw: []byte("a,b\n" + strings.Repeat("1,bad\n", 50_000))})
	refused, ok := errors.AsType[*sheet.Error](err)
	if !ok || len(refused.Problems) != 20 || refused.More != 49_980 {
		t.Fatalf("%.200v", err)
	}
	if want := "t.csv: as many as 49980 further lines are wrong"; !strings.HasSuffix(err.Error(), want) {
		t.Errorf("%.2000v does not end in %q", err, want)
	}
}

// Whatever is given is refused with the file's name, or every row of it is read,
// as text that both databases can keep.
func FuzzTable(f *testing.F) {
	f.Add([]byte("a,b\n1,\"2\n3\"\n"))
	f.Add([]byte("\ufeffb,a,a\r\n"))
	f.Add([]byte("# note\na,b\n#\n1,bad\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := values(sheet.File{Name: "t.csv", Raw: raw, Note: '#'})
		if err != nil {
			if !strings.HasPrefix(err.Error(), "t.csv") {
				t.Errorf("%v names no file", err)
			}
			return
		}
		plain := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(raw), "\ufeff")))
		plain.Comment = '#'
		rows, err := plain.ReadAll()
		if err != nil || len(rows) != len(got)+1 {
			t.Fatalf("%d rows, %v; want the header and %d", len(rows), err, len(got))
		}
		a, b := slices.Index(rows[0], "a"), slices.Index(rows[0], "b")
		for i, row := range rows[1:] {
			if got[i] != [2]string{row[a], row[b]} || !utf8.ValidString(row[a]) || strings.ContainsRune(row[a], 0) {
				t.Errorf("row %d is %q, read as %q", i, row, got[i])
			}
		}
	})
}
