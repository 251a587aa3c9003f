package main_test

import (
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	atlas "github.com/vcm-forum/forum/cmd/atlas"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server/testkit"
)

const (
	repository = "../.."
	sharedData = "../../../shared/data"
	worldFile  = "static/img/world.svg"
)

var generated = []string{"dialogues/people/places.tsv", "dialogues/people/country_groups.tsv", worldFile}

func TestCommittedFilesAreWhatTheDataGives(t *testing.T) {
	if _, err := os.Stat(filepath.Join(sharedData, "countries")); errors.Is(err, fs.ErrNotExist) {
		testkit.Skip(t, "shared data absent: the generated files are not compared with their sources")
	}
	root := emptyRepository(t)
	for range 2 { // the second run changes nothing
		if err := atlas.Run([]string{"--data", sharedData, "--root", root}, io.Discard); err != nil {
			t.Fatal(err)
		}
		for _, name := range generated {
			if !bytes.Equal(read(t, root, name), read(t, repository, name)) {
				t.Errorf("%s is out of date: run go run ./cmd/atlas --data DIR", name)
			}
		}
	}
}

func TestBadInputWritesNothing(t *testing.T) {
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"no data folder named", nil, "--data is missing"},
		{"an empty data folder", []string{"--data", t.TempDir()}, "country-codes.csv"},
		{"an unknown flag", []string{"--nonsense"}, "nonsense"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root := emptyRepository(t)
			err := atlas.Run(append(tt.args, "--root", root), io.Discard)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("run(%q) = %v, want an error with %q", tt.args, err, tt.want)
			}
			for _, name := range generated {
				if _, err := os.Stat(filepath.Join(root, name)); err == nil {
					t.Errorf("%s was written", name)
				}
			}
		})
	}
}

// A drawing is world.svg as a page sees it.
type drawing struct {
	ViewBox string `xml:"viewBox,attr"`
	Groups  []struct {
		ID    string `xml:"id,attr"`
		Paths []struct {
			ID string `xml:"id,attr"`
			D  string `xml:"d,attr"`
		} `xml:"path"`
	} `xml:"g"`
}

func TestWorldMapCanBeUsedByCode(t *testing.T) {
	var world drawing
	if err := xml.Unmarshal(read(t, repository, worldFile), &world); err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("0 0 %d %d", people.MapWidth, people.MapHeight); world.ViewBox != want {
		t.Errorf("viewBox = %q, want %q as package people says", world.ViewBox, want)
	}
	if len(world.Groups) != 1 || world.Groups[0].ID != "land" {
		t.Fatalf("groups = %d, want one with id land", len(world.Groups))
	}
	seen := map[string]bool{"AQ": true} // Antarctica is not drawn
	for _, p := range world.Groups[0].Paths {
		if _, ok := people.CountryByCode(p.ID); !ok && p.ID != "XK" {
			t.Errorf("path %q is no country", p.ID)
		}
		if seen[p.ID] || !strings.HasPrefix(p.D, "m") || !strings.HasSuffix(p.D, "z") {
			t.Errorf("path %q is drawn twice, not at all or not closed", p.ID)
		}
		seen[p.ID] = true
	}
	for _, code := range []string{"CO", "NA", "GF", "SJ", "FJ", "TW", "PS", "EH", "SO", "CY", "UA"} {
		if !seen[code] {
			t.Errorf("path %q is missing", code)
		}
	}
}

func TestWorldMapIsLightAndPlain(t *testing.T) {
	svg := read(t, repository, worldFile)
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(svg); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if len(svg) > 45_000 || packed.Len() > 20_000 {
		t.Errorf("world.svg weighs %d bytes, %d packed; want at most 45,000 and 20,000", len(svg), packed.Len())
	}
	for _, no := range []string{"style", "<script", "href", "onload"} {
		if bytes.Contains(svg, []byte(no)) {
			t.Errorf("world.svg contains %q", no)
		}
	}
}

func emptyRepository(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for _, name := range generated {
		if err := os.MkdirAll(filepath.Join(root, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func read(t *testing.T, root, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
