package main_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
	"github.com/vcm-forum/forum/server/testkit"
)

func TestTheRegistryOfNDCsIsImportedTwiceWithTheSameResult(t *testing.T) {
	registry := testkit.SharedData(t, "ndc", "ndcs.csv")
	explorer := testkit.SharedData(t, "ndc", "ndc-content-klimalog-die-gdi.csv")
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		for _, run := range []struct {
			flags []string
			want  string
			lines int64
		}{
			{nil, "added 741, changed 0, left as they were 0, no longer listed 0\n", 1},
			{nil, "added 0, changed 0, left as they were 741, no longer listed 0\n", 1},
			{[]string{"--explorer", explorer}, "added 0, changed 0, left as they were 741, no longer listed 0\nnew figures for 170 Parties\n", 2},
			{[]string{"--explorer", explorer}, "added 0, changed 0, left as they were 741, no longer listed 0\nnew figures for 0 Parties\n", 2},
		} {
			code, out, stderr := command(t, slices.Concat([]string{"import", "ndc", registry}, run.flags, at(db))...)
			if code != 0 || out != run.want || stderr != "" {
				t.Errorf("exit %d, printed %q, said %q; want %q", code, out, stderr, run.want)
			}
			if n := rowsOf(t, db, "record_entries"); n != run.lines {
				t.Errorf("%d lines on the record, want %d", n, run.lines)
			}
		}
		if n := rowsOf(t, db, "(SELECT DISTINCT party FROM ndc_documents) x"); n != 196 {
			t.Errorf("documents of %d Parties, want 196", n)
		}
	})
}

func TestARegistryWithWrongLinesIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "table.csv")
	const table = "code,title,fileType,language,version,status,submissionDate,encodedAbsUrl\n" +
		"COL,First,NDC,Spanish,1,Active,2018-07-12,https://example.org/1.pdf\n" +
		"XXX,First,NDC,Spanish,1,Active,2018-07-12,https://example.org/1.pdf\n" +
		"PER,First,NDC,Spanish,1,Active,2018-07-12\n"
	if err := os.WriteFile(file, []byte(table), 0o600); err != nil {
		t.Fatal(err)
	}
	db := databasetest.SQLite(t)
	code, out, stderr := command(t, append([]string{"import", "ndc", file}, at(db)...)...)
	want := "forum: nothing was imported:\ntable.csv, line 3: code is \"XXX\", want the three letters of a country, or EUU\ntable.csv, line 4: has 7 fields, want 8\n"
	if code != 1 || out != "" || stderr != want {
		t.Errorf("exit %d, printed %q, said %q; want %q", code, out, stderr, want)
	}
	if n := rowsOf(t, db, "ndc_documents") + rowsOf(t, db, "record_entries"); n != 0 {
		t.Errorf("%d rows", n)
	}
	code, _, stderr = command(t, append([]string{"import", "ndc", file + ".gone"}, at(db)...)...)
	if code != 1 || !strings.Contains(stderr, "table.csv.gone") {
		t.Errorf("exit %d, said %q for a file that is not there", code, stderr)
	}
}
