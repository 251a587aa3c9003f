package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	forum "github.com/vcm-forum/forum/cmd/forum"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

const (
	header       = "timestamp,datetime,comment-id,author-id,agrees,disagrees,moderated,comment-body\n"
	goodRow      = "1524885985717,Fri Apr 27 20:26:25 PDT 2018,147,316,1,0,-1,\"One, two\nthree \"\"four\"\"\"\n"
	otherRow     = "1524885715633,x,146,0,1,0,1,Five\n"
	goodComments = header + goodRow + otherRow
	goodSummary  = "topic,Taxes\nurl,https://example.org/1\nviews,336\nconversation-description,\"Long\n\nand wide\"\n"
)

// export writes an export into a folder of its own.
func export(t *testing.T, comments, summary string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{"comments.csv": comments, "summary.csv": summary} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A broken export is refused whole, with the file, the line and the reason.
func TestBrokenExportsAreRefused(t *testing.T) {
	db := databasetest.SQLite(t)
	for _, tt := range []struct{ name, comments, summary, want string }{
		{"a column is missing", strings.ReplaceAll(goodComments, "author-id", "writer"), goodSummary, `comments.csv, line 1: has no column "author-id"`},
		{"a column is there twice", strings.Replace(goodComments, "agrees,disagrees", "agrees,agrees", 1), goodSummary, `comments.csv, line 1: has the column "agrees" twice`},
		{"the body's column is missing", "timestamp,comment-id,author-id,moderated\n", goodSummary, `comments.csv, line 1: has no column "comment-body"`},
		{"a row has a field too few", goodComments + "1524885715633,x,145,0,1,1,Six\n", goodSummary, "comments.csv, line 5: has 7 fields, want 8"},
		{"a row has a field too many", goodComments + "1524885715633,x,145,0,1,0,1,Six,7\n", goodSummary, "comments.csv, line 5: has 9 fields, want 8"},
		{"a time is no number", header + strings.Replace(otherRow, "1524885715633", "yesterday", 1), goodSummary, `comments.csv, line 2: timestamp is "yesterday", want a whole number`},
		{"a time is in seconds", header + strings.Replace(otherRow, "1524885715633", "1524885715", 1), goodSummary, "comments.csv, line 2: timestamp is 1524885715, want 946684800000 to 4102444800000"},
		{"a comment has no number", header + strings.Replace(otherRow, "146", "", 1), goodSummary, `comments.csv, line 2: comment-id is "", want a whole number`},
		{"an author's number is negative", header + strings.Replace(otherRow, ",0,1,0,", ",-4,1,0,", 1), goodSummary, "comments.csv, line 2: author-id is -4, want 0 to"},
		{"moderated is a word", header + strings.Replace(otherRow, ",1,Five", ",true,Five", 1), goodSummary, `comments.csv, line 2: moderated is "true", want a whole number`},
		{"moderated is two", header + strings.Replace(otherRow, ",1,Five", ",2,Five", 1), goodSummary, "comments.csv, line 2: moderated is 2, want -1 to 1"},
		{"a number is there twice", goodComments + otherRow, goodSummary, "comments.csv, line 5: comment-id 146 was in line 4 already"},
		{"a body is empty", header + strings.Replace(otherRow, "Five", "", 1), goodSummary, "comments.csv, line 2: comment-body is empty"},
		{"a body is blank", header + strings.Replace(otherRow, "Five", "\" \n\t\"", 1), goodSummary, "comments.csv, line 2: comment-body is empty"},
		{"a byte is no UTF-8", header + goodRow + strings.Replace(otherRow, "Five", "F\xfcnf", 1), goodSummary, "comments.csv, line 4: is not UTF-8"},
		{"a NUL character is there", header + strings.Replace(otherRow, "Five", "Fi\x00ve", 1), goodSummary, "comments.csv, line 2: holds a NUL character"},
		{"a quote is left open", header + otherRow + strings.Replace(goodRow, "\"\"\"\n", "\n", 1), goodSummary, "(in the row that begins in line 3)"},
		{"a quote stands in the middle", header + strings.Replace(otherRow, "Five", "Fi\"ve", 1), goodSummary, `comments.csv, line 2: bare " in non-quoted-field`},
		{"the file is cut off within a word", strings.TrimSuffix(goodComments, "ve\n"), goodSummary, "comments.csv, line 4: does not end with a line break"},
		{"the file is empty", "", goodSummary, "comments.csv: is empty"},
		{"there is no comment", header, goodSummary, "comments.csv: holds no comment"},
		{"the file is something else", "PK\x03\x04\n", goodSummary, `comments.csv, line 1: has no column "timestamp"`},
		{"the summary has no topic", goodComments, "url,https://example.org\n", `summary.csv: has no row "topic"`},
		{"the topic is blank", goodComments, "topic, \n", `summary.csv: has no row "topic"`},
		{"the summary says a thing twice", goodComments, goodSummary + "topic,Other\n", `summary.csv, line 7: "topic" is there a second time`},
		{"a row of the summary has three fields", goodComments, goodSummary + "a,b,c\n", "summary.csv, line 7: has 3 fields, want 2"},
		{"the summary is no UTF-8", goodComments, "topic,\xff\n", "summary.csv, line 1: is not UTF-8"},
		{"the summary is cut off", goodComments, "topic,Taxes\nurl,htt", "summary.csv, line 2: does not end with a line break"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, out, stderr := command(t, append([]string{"import", "polis", export(t, tt.comments, tt.summary)}, at(db)...)...)
			if code != 1 || out != "" || !strings.Contains(stderr, tt.want) {
				t.Errorf("exit %d, printed %q, said %q; want %q", code, out, stderr, tt.want)
			}
		})
	}
	for _, table := range []string{"dialogues", "people", "contributions", "record_entries", "record_heads"} {
		if n := rowsOf(t, db, table); n != 0 {
			t.Errorf("%d rows in %s", n, table)
		}
	}
}

func TestAFileThatIsMissingIsNamed(t *testing.T) {
	dir, data := t.TempDir(), filepath.Join(t.TempDir(), "data")
	code, _, stderr := command(t, "import", "polis", dir, "--data", data)
	if code != 1 || !strings.Contains(stderr, "comments.csv") {
		t.Errorf("exit %d, said %q", code, stderr)
	}
	if _, err := os.Stat(filepath.Join(data, database.FileName)); err == nil {
		t.Error("a database was made")
	}
}

func TestExportsAreReadAsTheyAre(t *testing.T) {
	four := forum.PolisComment{ID: 147, Author: 316, At: time.UnixMilli(1524885985717).UTC(), Out: true, Body: "One, two\nthree \"four\""}
	five := forum.PolisComment{ID: 146, At: time.UnixMilli(1524885715633).UTC(), Body: "Five"}
	long := strings.Repeat("word ", 4000) + "end"
	for _, tt := range []struct {
		name, comments, summary string
		want                    []forum.PolisComment
	}{
		{"the oldest comes first", goodComments, goodSummary, []forum.PolisComment{five, four}},
		{"a byte order mark is no part of a name", "\ufeff" + goodComments, "\ufeff" + goodSummary, []forum.PolisComment{five, four}},
		{"lines may end as on Windows", strings.ReplaceAll(goodComments, "\n", "\r\n"), strings.ReplaceAll(goodSummary, "\n", "\r\n"), []forum.PolisComment{five, four}},
		{"columns may stand in any order, with others", "moderated,x,comment-body,author-id,timestamp,comment-id\n1,,Five,0,1524885715633,146\n", goodSummary, []forum.PolisComment{five}},
		{"what was not moderated is not out", header + strings.Replace(otherRow, ",1,Five", ",0,Five", 1), goodSummary, []forum.PolisComment{five}},
		{"at the same time the smaller number comes first", header + "1524885715633,,9,0,,,1,Nine\n" + "1524885715633,,8,0,,,1,Eight\n", goodSummary, []forum.PolisComment{
			{ID: 8, At: five.At, Body: "Eight"}, {ID: 9, At: five.At, Body: "Nine"},
		}},
		{"a long text is kept whole", header + strings.Replace(otherRow, "Five", long, 1), goodSummary, []forum.PolisComment{{ID: 146, At: five.At, Body: long}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			facts, got, err := forum.ParsePolis([]byte(tt.comments), []byte(tt.summary))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if want := [3]string{"Taxes", "Long\n\nand wide", "https://example.org/1"}; facts != want {
				t.Errorf("facts %q, want %q", facts, want)
			}
		})
	}
}

// Whatever is given, it is refused with a reason or read as text that both
// databases can keep, in order, each number once.
func FuzzParsePolis(f *testing.F) {
	f.Add([]byte(goodComments), []byte(goodSummary))
	f.Add([]byte("\ufeff"+header), []byte("topic,\n"))
	f.Add([]byte(header+"1524885715633,x,146,0,1,0,1,\"Fi\n"), []byte("topic,a\n"))
	f.Fuzz(func(t *testing.T, comments, summary []byte) {
		facts, all, err := forum.ParsePolis(comments, summary)
		if err != nil {
			if !strings.Contains(err.Error(), ".csv") {
				t.Errorf("%v names no file", err)
			}
			return
		}
		if facts[0] == "" || len(all) == 0 {
			t.Errorf("topic %q, %d comments", facts[0], len(all))
		}
		seen := map[int64]bool{}
		for i, c := range all {
			if seen[c.ID] || (i > 0 && c.At.Before(all[i-1].At)) || !utf8.ValidString(c.Body) || strings.ContainsRune(c.Body, 0) || strings.TrimSpace(c.Body) == "" {
				t.Errorf("comment %d: %+v", i, c)
			}
			seen[c.ID] = true
		}
	})
}
