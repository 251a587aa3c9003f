package i18n_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/vcm-forum/forum/server/i18n"
)

// load gives the real catalogs.
func load(t testing.TB) *i18n.Catalogs {
	t.Helper()
	catalogs, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	return catalogs
}

// sameEverywhere makes catalog files in which every language has the same content, with changes by file name.
func sameEverywhere(content string, changes map[string]string) fstest.MapFS {
	files := make(fstest.MapFS)
	all := make(map[string]string)
	for _, l := range i18n.Languages() {
		all[string(l)+"/common.json"] = content
	}
	maps.Copy(all, changes)
	for name, text := range all {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

// oneEntry makes catalogs with a single key whose value each language builds itself.
func oneEntry(t testing.TB, key string, value func(i18n.Language) any) *i18n.Catalogs {
	t.Helper()
	files := make(fstest.MapFS)
	for _, l := range i18n.Languages() {
		content, err := json.Marshal(map[string]any{key: value(l)})
		if err != nil {
			t.Fatal(err)
		}
		files[string(l)+"/common.json"] = &fstest.MapFile{Data: content}
	}
	catalogs, err := i18n.Read(files)
	if err != nil {
		t.Fatal(err)
	}
	return catalogs
}

// plain replaces spaces that do not break by ordinary ones, so that tables stay readable.
func plain(s string) string {
	return strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(s)
}
