package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	forum "github.com/vcm-forum/forum/cmd/forum"
	"github.com/vcm-forum/forum/server/testkit"
)

func TestConfigurationPageIsCurrent(t *testing.T) {
	want, err := forum.Configuration()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(testkit.Root(t), "CONFIGURATION.md"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("run: go generate ./cmd/forum (-declared, +in the file)\n%s", diff)
	}
}

func TestConfigurationPageNamesEverything(t *testing.T) {
	page, err := forum.Configuration()
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{
		"## forum serve", "## forum import polis", "## forum backup", "## forum restore", "## forum version",
		"`DIR`: Folder of the export.", "| `--data` | `FORUM_DATA` | `./data` |", "| `--to` |  | required |",
	} {
		if !strings.Contains(string(page), word) {
			t.Errorf("the page has no %q", word)
		}
	}
	if strings.Contains(string(page), "forum configuration") {
		t.Error("the page names the command that makes it")
	}
	if strings.Contains(string(page), testkit.Root(t)) {
		t.Error("the page names a folder of this machine")
	}
}
