package i18n_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vcm-forum/forum/server/i18n"
)

var update = flag.Bool("update", false, "write the catalog files in their tidy form")

// TestCatalogFilesAreTidy wants one line for each key, sorted, with plural forms on the same line, so that two people
// who add keys seldom meet and a translator finds each text at the same line in all languages. With -update the files
// are put in order: go test ./server/i18n -run Tidy -update.
func TestCatalogFilesAreTidy(t *testing.T) {
	files, err := filepath.Glob("catalogs/*/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		neat := tidy(t, file, content)
		if *update {
			if err := os.WriteFile(file, neat, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if diff := cmp.Diff(string(neat), string(content)); diff != "" {
			t.Errorf("%s is not tidy (run with -update): want -, got +\n%s", file, diff)
		}
	}
}

// tidy writes a catalog file anew.
func tidy(t *testing.T, file string, content []byte) []byte {
	t.Helper()
	if err := i18n.CheckFile(content); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	var entries map[string]json.RawMessage
	if err := json.Unmarshal(content, &entries); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	var out bytes.Buffer
	out.WriteString("{")
	for i, key := range slices.Sorted(maps.Keys(entries)) {
		if i > 0 {
			out.WriteString(",")
		}
		out.WriteString("\n  " + quoted(t, key) + ": " + tidyValue(t, file, entries[key]))
	}
	out.WriteString("\n}\n")
	return out.Bytes()
}

// tidyValue writes a text, or plural forms on one line from zero to other.
func tidyValue(t *testing.T, file string, value json.RawMessage) string {
	t.Helper()
	var text string
	if json.Unmarshal(value, &text) == nil {
		return quoted(t, text)
	}
	var forms map[string]string
	if err := json.Unmarshal(value, &forms); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	line := ""
	for _, name := range []string{"zero", "one", "two", "few", "many", "other"} {
		if text, ok := forms[name]; ok {
			line += ", " + quoted(t, name) + ": " + quoted(t, text)
		}
	}
	return "{" + line[min(2, len(line)):] + "}"
}

// quoted writes a JSON string and leaves < > & as they are.
func quoted(t *testing.T, text string) string {
	t.Helper()
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		t.Fatal(err)
	}
	return string(bytes.TrimSpace(out.Bytes()))
}
