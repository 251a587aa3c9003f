package main_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/vcm-forum/forum/server/testkit"
)

const module = "github.com/vcm-forum/forum"

// arrows says which folders each folder may import. Arrows point one way:
// cmd → server → consultations → dialogues → people → record. Page packages
// never import each other. A folder that is not here may not exist.
func arrows() map[string][]string {
	domain := []string{"dialogues/..."}
	both := append([]string{"consultations/..."}, domain...)
	pages := append([]string{"server/page", "server/i18n", "server/signin", "server/live", "server/notify", "server/access"}, both...)
	return map[string][]string{
		"dialogues/record": {},
		"dialogues/sheet":  {},
		"dialogues/people": {"dialogues/record"},
		"dialogues":        {"dialogues/people", "dialogues/record"},
		"dialogues/gaps":   {"dialogues", "dialogues/people", "dialogues/record", "dialogues/sheet"},

		"consultations/evidence": {"consultations/vault"},
		"consultations/ledger":   {},
		"consultations/vault":    {},
		"consultations":          {"consultations/evidence", "consultations/ledger", "consultations/vault", "dialogues/..."},

		"migrations": {},
		"static":     {},
		"templates":  {},

		"server/testkit":               {},
		"server/database":              {"migrations"},
		"server/database/databasetest": {"server/database", "server/testkit"},
		"server/backup":                {"server/database", "consultations/evidence", "dialogues/record", "migrations"},
		"server/i18n":                  {},
		"server/live":                  {},
		"server/sealing":               {"consultations/ledger"},
		"server/notify":                {},
		"server/notify/notifytest":     {"server/notify"},
		"server/access":                {"consultations", "dialogues"},
		"server/signin":                domain,
		"server/page":                  append([]string{"server/i18n", "static", "templates", "consultations"}, domain...),
		"server/dialoguepages":         pages,
		"server/peoplepages":           pages,
		"server/communitypages":        pages,
		"server/consultationpages":     pages,
		"server/evidencepages":         pages,
		"server/adminpages":            append([]string{"server/backup"}, pages...),
		"server":                       {"consultations/...", "dialogues/...", "server/...", "static", "templates"},

		"cmd/forum":     {"consultations/...", "dialogues/...", "server/..."},
		"cmd/atlas":     {"dialogues/people"},
		"cmd/forumload": {},
		"cmd/verify":    {},
		"cmd/witness":   {},
	}
}

// inTests says what the tests of a folder may import beyond what its code may:
// the domain to fill a database as the program does, the files that a page needs.
func inTests() map[string][]string {
	domain := []string{"dialogues/..."}
	return map[string][]string{
		"migrations":           domain,
		"server/backup":        domain,
		"server/dialoguepages": {"static", "templates"},
		"server/peoplepages":   {"static", "templates"},
		"server/adminpages":    {"static", "templates"},
	}
}

// helpers are folders for tests, which any test may use and nothing else.
func helpers() []string {
	return []string{"server/testkit", "server/database/databasetest", "server/notify/notifytest"}
}

func TestArrowsPointOneWay(t *testing.T) {
	for _, breach := range breaches(t, os.DirFS(testkit.Root(t))) {
		t.Error(breach)
	}
}

// TestTheVerifierStaysSmallAndAlone: whoever does not believe the forum can read
// all of it in an hour.
func TestTheVerifierStaysSmallAndAlone(t *testing.T) {
	const most = 500
	folder, lines := path.Join(testkit.Root(t), "cmd/verify"), 0
	files, err := fs.Glob(os.DirFS(folder), "*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(err, "no files")
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		source, err := os.ReadFile(path.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		lines += strings.Count(string(source), "\n")
		file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range file.Imports {
			imported := strings.Trim(spec.Path.Value, `"`)
			first, _, _ := strings.Cut(imported, "/")
			if strings.Contains(first, ".") && !strings.HasPrefix(imported, "golang.org/x/mod/sumdb/") {
				t.Errorf("%s imports %s", name, imported)
			}
		}
	}
	if lines > most {
		t.Errorf("the verifier has %d lines, more than %d", lines, most)
	}
}

func TestABreachIsFound(t *testing.T) {
	source := func(imported string) *fstest.MapFile {
		return &fstest.MapFile{Data: fmt.Appendf(nil, "package p\n\nimport %q\n", module+"/"+imported)}
	}
	got := breaches(t, fstest.MapFS{
		"dialogues/a.go":                  source("server"),
		"dialogues/b.go":                  source("dialogues/record"),
		"dialogues/a_test.go":             source("server/database/databasetest"),
		"dialogues/b_test.go":             source("server/page"),
		"dialogues/c.go":                  source("server/testkit"),
		"dialogues/record/a.go":           source("dialogues"),
		"dialogues/people/a_test.go":      source("dialogues/people"),
		"server/peoplepages/a.go":         source("server/dialoguepages"),
		"server/a.go":                     source("server/testkit"),
		"server/b.go":                     source("server/live"),
		"server/c.go":                     source("cmd/forum"),
		"cmd/forum/a.go":                  source("server/backup"),
		"somewhere/a.go":                  {Data: []byte("package p")},
		"dialogues/record/testdata/a.go":  {Data: []byte("no Go at all")},
		".cache/a.go":                     {Data: []byte("no Go at all")},
		"server/database/databasetest.go": source("migrations"),
	})
	want := []string{
		"cmd/forum is not allowed to server/c.go",
		"dialogues is not allowed to dialogues/record/a.go",
		"server is not allowed to dialogues/a.go",
		"server/dialoguepages is not allowed to server/peoplepages/a.go",
		"server/page is not allowed to dialogues/b_test.go",
		"server/testkit is not allowed to dialogues/c.go",
		"server/testkit is not allowed to server/a.go",
		"somewhere has no arrows",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// breaches lists what goes against the arrows, sorted.
func breaches(t *testing.T, files fs.FS) []string {
	t.Helper()
	var found []string
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "bin"):
			return fs.SkipDir
		case !d.IsDir() && path.Ext(name) == ".go":
			found = append(found, breachesIn(t, files, name)...)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func breachesIn(t *testing.T, files fs.FS, name string) []string {
	t.Helper()
	folder := path.Dir(name)
	allowed, ok := arrows()[folder]
	if !ok {
		return []string{folder + " has no arrows"}
	}
	isTest := strings.HasSuffix(name, "_test.go")
	if isTest {
		allowed = slices.Concat([]string{folder}, helpers(), []string{"server/database"}, inTests()[folder], allowed)
	}
	mayHelp := isTest || slices.Contains(helpers(), folder)
	var found []string
	for _, other := range importsOf(t, files, name) {
		if !isAllowed(other, allowed) || (slices.Contains(helpers(), other) && !mayHelp) {
			found = append(found, other+" is not allowed to "+name)
		}
	}
	return found
}

// importsOf lists the folders of this module that a file imports.
func importsOf(t *testing.T, files fs.FS, name string) []string {
	t.Helper()
	source, err := fs.ReadFile(files, name)
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		if folder, ours := strings.CutPrefix(imported, module+"/"); ours {
			found = append(found, folder)
		}
	}
	return found
}

// isAllowed tells whether a folder is among the allowed ones; "x/..." stands
// for x and everything in it.
func isAllowed(folder string, allowed []string) bool {
	return slices.ContainsFunc(allowed, func(a string) bool {
		tree, whole := strings.CutSuffix(a, "/...")
		return folder == tree || whole && strings.HasPrefix(folder, tree+"/")
	})
}
