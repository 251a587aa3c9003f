package gaps_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vcm-forum/forum/dialogues/gaps"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/dialogues/sheet"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// The registry grows, archives and drops; ids stay, and whoever imports the same
// again changes nothing.
func TestAnImportFollowsTheRegistry(t *testing.T) {
	second := row{"COL", "Colombia", "Colombia NDC 3.0", "NDC", "Spanish", "", "Active", "2025-12-19", "https://example.org/CO%203.pdf", ""}
	after := append(colombia(), second)
	after[3] = after[3].with(status, "Archived").with(title, "Colombia First NDC (Archived)")
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s, ids := service(t, db), map[string]record.ID{}
		for _, step := range []struct {
			name string
			rows []row
			want gaps.Outcome
			line string
		}{
			{"all is new", append(colombia(), peru()), gaps.Outcome{Added: 5}, `{"added":5,"changed":0,"unlisted":0,"figures":0}`},
			{"the same again", append(colombia(), peru()), gaps.Outcome{Left: 5}, ""},
			{"in another order", reversed(append(colombia(), peru())), gaps.Outcome{Left: 5}, ""},
			{"a second NDC came, of one Party alone", after, gaps.Outcome{Added: 1, Changed: 1, Left: 3}, `{"added":1,"changed":1,"unlisted":0,"figures":0}`},
			{"a letter is listed no longer", append(after[:2:2], after[3:]...), gaps.Outcome{Left: 4, Unlisted: 1}, `{"added":0,"changed":0,"unlisted":1,"figures":0}`},
			{"and stays so", append(after[:2:2], after[3:]...), gaps.Outcome{Left: 4}, ""},
			{"the letter is back", after, gaps.Outcome{Changed: 1, Left: 4}, `{"added":0,"changed":1,"unlisted":0,"figures":0}`},
		} {
			before := lines(t, db)
			file := table(step.rows...)
			if diff := cmp.Diff(step.want, imported(t, s, gaps.Files{Registry: file})); diff != "" {
				t.Errorf("%s: outcome\n%s", step.name, diff)
			}
			fresh := lines(t, db)[len(before):]
			switch {
			case step.line == "" && len(fresh) > 0, step.line != "" && len(fresh) != 1:
				t.Errorf("%s: wrote %+v", step.name, fresh)
			case step.line != "" && (fresh[0].Verb != gaps.NDCsImported || fresh[0].Data != step.line || fresh[0].Digest != record.Digest(string(file.Raw), "")):
				t.Errorf("%s: wrote %+v, want %s", step.name, fresh[0], step.line)
			}
			for _, d := range documentsOf(t, s, "CO") {
				if known := ids[d.Address]; known != "" && known != d.ID {
					t.Errorf("%s: %s has another id", step.name, d.Address)
				}
				ids[d.Address] = d.ID
			}
		}
	})
}

func TestFiguresCarryTheirSource(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := service(t, db)
		files := gaps.Files{Registry: table(append(colombia(), peru())...), Explorer: explorer("COL,4,3\nEU,1,0\n")}
		if out := imported(t, s, files); out != (gaps.Outcome{Added: 5, Figures: 2}) {
			t.Errorf("outcome %+v", out)
		}
		if out := imported(t, s, files); out != (gaps.Outcome{Left: 5}) || len(lines(t, db)) != 1 {
			t.Errorf("again: outcome %+v", out)
		}
		files.Explorer = explorer("COL,5,3\nEU,1,0\n")
		if out := imported(t, s, files); out != (gaps.Outcome{Left: 5, Figures: 1}) || len(lines(t, db)) != 2 {
			t.Errorf("with another class: outcome %+v", out)
		}
		if out := imported(t, s, gaps.Files{Registry: files.Registry}); out != (gaps.Outcome{Left: 5}) {
			t.Errorf("without the sheet: outcome %+v", out)
		}
		const from = "Pauw et al. (2022) CC BY 4.0"
		want := []gaps.PartyLine{
			{Party: gaps.Party{Code: "CO", MarketMechanisms: gaps.MarketsForTarget, CapacityBuilding: gaps.CapacityCondition, FiguresFrom: from}, Documents: 4, NewestOn: "2020-12-30"},
			{Party: gaps.Party{Code: "EU", MarketMechanisms: gaps.MarketsNotMentioned, FiguresFrom: from}},
			{Party: gaps.Party{Code: "PE"}, Documents: 1, NewestOn: "2025-10-01"},
		}
		got, err := s.Parties(t.Context())
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Error(err, diff)
		}
	})
}

// One bad line refuses the whole, and all bad lines are told.
func TestABrokenTableIsRefusedWhole(t *testing.T) {
	good := colombia()[0]
	long := strings.Repeat("x", 301)
	for _, tt := range []struct {
		name string
		rows []row
		want string
	}{
		{"a country nobody knows", []row{good.with(code, "XKX")}, `line 2: code is "XKX", want the three letters of a country, or EUU`},
		{"a country of two letters", []row{good.with(code, "CO")}, `line 2: code is "CO"`},
		{"no title", []row{good.with(title, " \u200b\t")}, "line 2: title is empty"},
		{"a title too long", []row{good.with(title, long)}, "line 2: title has 301 characters, want at most 300"},
		{"a kind nobody knows", []row{good.with(kind, "Letter")}, `line 2: fileType is "Letter", want NDC, Translation or Addendum`},
		{"a language nobody knows", []row{good.with(language, "Klingon")}, `line 2: language is "Klingon", want the English name of a language, or nothing`},
		{"a version too long", []row{good.with(version, long)}, "line 2: version has 301 characters, want at most 20"},
		{"a state nobody knows", []row{good.with(status, "")}, `line 2: status is "", want Active or Archived`},
		{"a day that never was", []row{good.with(submitted, "2023-02-29")}, `line 2: submissionDate is "2023-02-29", want a day such as 2021-10-12, or nothing`},
		{"a day the other way round", []row{good.with(submitted, "12.07.2018")}, `line 2: submissionDate is "12.07.2018"`},
		{"a day before the Convention", []row{good.with(submitted, "0018-07-12")}, `line 2: submissionDate is "0018-07-12"`},
		{"a script for an address", []row{good.with(address, "javascript:alert(1)")}, `line 2: encodedAbsUrl is "javascript:alert(1)", want an encoded address`},
		{"an address with a name and password", []row{good.with(address, "https://unfccc.int@evil.example/a.pdf")}, "line 2: encodedAbsUrl is"},
		{"an address that is not encoded", []row{good.with(address, "https://unfccc.int/Algérie.pdf")}, "line 2: encodedAbsUrl is"},
		{"an address with a blank", []row{good.with(address, "https://unfccc.int/a b.pdf")}, "line 2: encodedAbsUrl is"},
		{"an address without a place", []row{good.with(address, "https:///a.pdf")}, "line 2: encodedAbsUrl is"},
		{"an address without end", []row{good.with(address, "https://unfccc.int/"+strings.Repeat("a", 2000))}, "line 2: encodedAbsUrl is"},
		{"the same row twice", []row{good, peru(), good.with(submitted, "2018-07-13")}, "line 4: names the document of line 2 again"},
		{"several bad lines", []row{good.with(code, "XXX"), peru(), good.with(status, "Lost")}, "ndcs.csv, line 2: code is \"XXX\", want the three letters of a country, or EUU\nndcs.csv, line 4: status is \"Lost\""},
		{"no row at all", nil, "ndcs.csv: holds no document"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db := databasetest.SQLite(t)
			_, err := service(t, db).Import(t.Context(), gaps.Files{Registry: table(tt.rows...)})
			if _, refused := errors.AsType[*sheet.Error](err); !refused || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v; want %s", err, tt.want)
			}
			nothingIn(t, db)
		})
	}
}

func TestABrokenSheetOfFiguresRefusesTheRegistryToo(t *testing.T) {
	noCredit := explorer("COL,4,3\n")
	noCredit.Raw = []byte(strings.ReplaceAll(string(noCredit.Raw), "# Citation: ", "# By: "))
	for _, tt := range []struct {
		name string
		file sheet.File
		want string
	}{
		{"a class too high", explorer("COL,6,3\n"), `explorer.csv, line 5: market_mechanisms_class is "6", want 0 to 5`},
		{"a class below", explorer("COL,4,-1\n"), `explorer.csv, line 5: conditionality_of_capacity_building_class is "-1", want 0 to 3`},
		{"no class", explorer("COL,4,\n"), `conditionality_of_capacity_building_class is ""`},
		{"a country nobody knows", explorer("XXX,4,3\n"), `explorer.csv, line 5: country_code is "XXX", want`},
		{"a country twice", explorer("COL,4,3\nCOL,1,2\n"), "explorer.csv, line 6: country_code COL was in line 5 already"},
		{"nobody to name", noCredit, `explorer.csv: has no note "# Citation: …"`},
		{"an empty file", sheet.File{Name: "explorer.csv"}, `explorer.csv: has no note "# Citation: …"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db := databasetest.SQLite(t)
			_, err := service(t, db).Import(t.Context(), gaps.Files{Registry: table(colombia()...), Explorer: tt.file})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v; want %s", err, tt.want)
			}
			nothingIn(t, db)
		})
	}
}

func nothingIn(t *testing.T, db *database.DB) {
	t.Helper()
	for _, name := range []string{"ndc_parties", "ndc_documents", "record_entries", "record_heads"} {
		var n int64
		if err := db.Read.WithContext(t.Context()).Raw("SELECT COUNT(*) FROM " + name).Scan(&n).Error; err != nil || n != 0 {
			t.Errorf("%d rows in %s, %v", n, name, err)
		}
	}
}

// Two rows of one Party may name the same file, as Argentina's and France's do.
func TestAFileThatIsListedTwiceIsTwoDocuments(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		twice := []row{colombia()[3], colombia()[3].with(version, "3").with(kind, "Addendum")}
		s := service(t, db)
		if out := imported(t, s, gaps.Files{Registry: table(twice...)}); out.Added != 2 {
			t.Errorf("outcome %+v", out)
		}
		twice[1] = twice[1].with(status, "Archived")
		if out := imported(t, s, gaps.Files{Registry: table(reversed(twice)...)}); out != (gaps.Outcome{Changed: 1, Left: 1}) {
			t.Errorf("outcome %+v", out)
		}
	})
}

// Two who import at once, on two nodes, do it once.
func TestTwoImportsAtOnceAreOne(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		var outcomes [2]gaps.Outcome
		var errs [2]error
		var wg sync.WaitGroup
		for i := range outcomes {
			s := service(t, db)
			wg.Go(func() {
				outcomes[i], errs[i] = s.Import(t.Context(), gaps.Files{Registry: table(colombia()...), Explorer: explorer("COL,4,3\n")})
			})
		}
		wg.Wait()
		added, left := outcomes[0].Added+outcomes[1].Added, outcomes[0].Left+outcomes[1].Left
		if err := errors.Join(errs[:]...); err != nil || added != 4 || left != 4 || len(lines(t, db)) != 1 {
			t.Errorf("%+v, %d lines, %v", outcomes, len(lines(t, db)), err)
		}
	})
}
