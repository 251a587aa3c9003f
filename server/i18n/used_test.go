package i18n_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vcm-forum/forum/server/i18n"
)

// builtAtRunTime are the beginnings of keys that the program puts together from data (the kind of a contribution, an
// error's name), and of the words that are kept ready for every page. Keys that begin so may be without a literal
// use. Whoever builds other keys adds the beginning here, or names it where it is built, as in //i18n: report.status.*.
func builtAtRunTime() []string {
	return []string{
		"action.", "attribution.", "consult.audience.", "consult.condition.", "consult.decision.", "consult.form.", "consult.guard.",
		"consult.institution.", "consult.medium.", "consult.part.", "consult.people.", "consult.power.", "consult.role.",
		"consult.session.", "consult.state.", "consult.topic.", "consult.via.", "date.month.", "date.month_short.",
		"date.weekday.", "error.", "group.", "kind.", "language.", "role.", "state.",
	}
}

// use is what the sources say about keys.
type use struct {
	required map[string][]string // key to the files that ask for it: must be in the catalogs
	literals map[string]bool     // strings in Go that may be keys: count as use, are not required
	prefixes []string            // beginnings of keys built at run time
}

// scanSources reads templates and Go files (without tests) of the whole repository.
func scanSources(t *testing.T, root fs.FS) use {
	t.Helper()
	found := use{required: make(map[string][]string), literals: make(map[string]bool), prefixes: builtAtRunTime()}
	for _, folder := range []string{"templates", "server", "cmd", "dialogues", "consultations"} {
		err := fs.WalkDir(root, folder, func(path string, entry fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) && path == folder {
				return nil
			}
			if err != nil || entry.IsDir() {
				return err
			}
			return found.scanFile(root, path)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

// scanFile notes the keys of one file, if it is one that can have any.
func (u *use) scanFile(root fs.FS, path string) error {
	isGo := filepath.Ext(path) == ".go" && !strings.HasSuffix(path, "_test.go")
	isTemplate := slices.Contains([]string{".html", ".txt", ".tmpl"}, filepath.Ext(path)) && strings.HasPrefix(path, "templates/")
	if !isGo && !isTemplate {
		return nil
	}
	content, err := fs.ReadFile(root, path)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(content)) {
		if isTemplate {
			u.scanTemplateLine(path, line)
		} else {
			u.scanGoLine(path, line)
		}
	}
	return nil
}

var (
	callInTemplate = regexp.MustCompile(`\.T\s+"([^"]*)"`)
	prefixInPrintf = regexp.MustCompile(`\.T\s+\(printf\s+"([a-z0-9_.]+\.)%`)
	quotedInHTML   = regexp.MustCompile(`"([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+)"`)
	callInGo       = regexp.MustCompile(`\.T\(\s*("[^"]*")\s*[,)]`)
	literalInGo    = regexp.MustCompile(`"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+"`)
	markerInGo     = regexp.MustCompile(`// ?i18n:(.*)`)
)

// scanTemplateLine notes {{.T "key"}} and {{.T (printf "kind.%s" …)}}; other quoted words of the form of a key may
// be arguments of a shared template that calls T.
func (u *use) scanTemplateLine(path, line string) {
	for _, match := range callInTemplate.FindAllStringSubmatch(line, -1) {
		u.require(match[1], path)
	}
	for _, match := range prefixInPrintf.FindAllStringSubmatch(line, -1) {
		u.prefixes = append(u.prefixes, match[1])
	}
	for _, match := range quotedInHTML.FindAllStringSubmatch(line, -1) {
		u.literals[match[1]] = true
	}
}

// scanGoLine notes T("key", …), and what an //i18n: marker names: keys, beginnings (report.status.*), or, when
// nothing follows the marker, every string of its line.
func (u *use) scanGoLine(path, line string) {
	for _, match := range callInGo.FindAllStringSubmatch(line, -1) {
		if key, err := strconv.Unquote(match[1]); err == nil {
			u.require(key, path)
		}
	}
	literals := literalInGo.FindAllString(line, -1)
	for _, literal := range literals {
		u.literals[strings.Trim(literal, `"`)] = true
	}
	marker := markerInGo.FindStringSubmatch(line)
	if marker == nil {
		return
	}
	named := strings.Fields(marker[1])
	for _, key := range named {
		if prefix, ok := strings.CutSuffix(key, "*"); ok {
			u.prefixes = append(u.prefixes, prefix)
		} else {
			u.require(key, path)
		}
	}
	for _, literal := range literals {
		if len(named) == 0 {
			u.require(strings.Trim(literal, `"`), path)
		}
	}
}

func (u *use) require(key, path string) {
	if !slices.Contains(u.required[key], path) {
		u.required[key] = append(u.required[key], path)
	}
}

// keys are those of the English catalog, which by the check at loading are those of all.
func keys(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("catalogs/en/*.json")
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]bool)
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var entries map[string]json.RawMessage
		if err := json.Unmarshal(content, &entries); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for key := range entries {
			all[key] = !strings.HasPrefix(key, "_")
		}
	}
	return all
}

func TestEveryKeyAskedForExists(t *testing.T) {
	existing, found := keys(t), scanSources(t, os.DirFS("../.."))
	for _, key := range slices.Sorted(maps.Keys(found.required)) {
		if !existing[key] {
			t.Errorf("%s is asked for in %s but in no catalog", key, strings.Join(found.required[key], ", "))
		}
	}
}

func TestEveryKeyIsAskedFor(t *testing.T) {
	existing, found := keys(t), scanSources(t, os.DirFS("../.."))
	for _, key := range slices.Sorted(maps.Keys(existing)) {
		builtLikeThis := func(prefix string) bool { return strings.HasPrefix(key, prefix) }
		of := strings.TrimSuffix(key, ".hint") // page.Form.Field looks for a hint beside each label
		used := found.required[key] != nil || (of != key && (found.required[of] != nil || found.literals[of])) || found.literals[key] || slices.ContainsFunc(found.prefixes, builtLikeThis)
		if existing[key] && !used {
			t.Errorf("%s is in the catalogs but nobody asks for it", key)
		}
	}
}

func TestTheScannerFindsKeys(t *testing.T) {
	found := use{required: make(map[string][]string), literals: make(map[string]bool)}
	found.scanTemplateLine("a.html", `<p title="{{$.T "a.one"}}">{{.Base.T "a.two" "n" .N}}{{.T (printf "kind.%s" .K)}} {{template "x" "a.three"}}`)
	for _, line := range []string{
		`	return p.T("b.one", "n", 3) + p.T( "b.two")`,
		`const closed = "b.three" //i18n:`,
		`	//i18n: b.four b.status.*`,
		`	"name": "b.five",`,
		`	p.T(prefix + "b.six")`,
	} {
		found.scanGoLine("b.go", line)
	}
	want := []string{"a.one", "a.two", "b.four", "b.one", "b.three", "b.two"}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(found.required))); diff != "" {
		t.Errorf("required keys: want -, got +\n%s", diff)
	}
	if diff := cmp.Diff([]string{"kind.", "b.status."}, found.prefixes); diff != "" {
		t.Errorf("beginnings: want -, got +\n%s", diff)
	}
	if !found.literals["a.three"] || !found.literals["b.five"] {
		t.Errorf("literals are %v", found.literals)
	}
}

func TestTheOwnKeysOfThisPackageExist(t *testing.T) {
	p := load(t).Printer(i18n.English)
	for _, key := range []string{"list.pair", "list.pair_before_i", "list.end", "list.end_before_i", "list.comma"} {
		if !p.Has(key) {
			t.Errorf("%s is missing", key)
		}
	}
}
