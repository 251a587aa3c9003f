package static_test

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/static"
)

// body is the content of a static file.
func body(t *testing.T, name string) string {
	t.Helper()
	all, err := static.Load()
	if err != nil {
		t.Fatal(err)
	}
	file, ok := all.At(all.Path(name))
	if !ok {
		t.Fatalf("there is no %s", name)
	}
	return string(file.Body)
}

var (
	symbol = regexp.MustCompile(`<symbol id="([a-z_]+)" viewBox="0 0 64 64">(.*)</symbol>`)
	paint  = regexp.MustCompile(`(?:fill|stroke)="([^"]*)"`)
	asked  = regexp.MustCompile(`\.Picto "([^"]*)"`)
)

// pictograms are the drawings of the sprite by their names.
func pictograms(t *testing.T) map[string]string {
	t.Helper()
	sprite, drawings := body(t, "img/pictograms.svg"), map[string]string{}
	for _, found := range symbol.FindAllStringSubmatch(sprite, -1) {
		drawings[found[1]] = found[2]
	}
	if all := strings.Count(sprite, "<symbol"); all == 0 || all != len(drawings) {
		t.Fatalf("%d symbols, of which %d have a name of their own, a grid of 64 and a line to themselves", all, len(drawings))
	}
	return drawings
}

// They are read in the dark, on paper and by who sees no colour: what is painted
// takes the colour of the text or the one accent, which becomes it on paper.
func TestPictogramsBringNoColourOfTheirOwn(t *testing.T) {
	allowed := []string{"none", "currentColor", "var(--people,currentColor)"}
	for name, drawing := range pictograms(t) {
		for _, found := range paint.FindAllStringSubmatch(drawing, -1) {
			if !slices.Contains(allowed, found[1]) {
				t.Errorf("%s is painted in %s", name, found[1])
			}
		}
	}
}

func TestEveryPictogramIsOnThePageOfLooks(t *testing.T) {
	page, err := os.ReadFile("../templates/forum/design.html")
	if err != nil {
		t.Fatal(err)
	}
	for name := range pictograms(t) {
		if !strings.Contains(string(page), `{{.Picto "`+name+`"}} <span`) {
			t.Errorf("%s is not shown", name)
		}
	}
}

// A name that the sprite lacks would draw nothing, and nobody would see that it did.
func TestEveryPictogramAskedForIsThere(t *testing.T) {
	drawings, templates := pictograms(t), os.DirFS("../templates")
	err := fs.WalkDir(templates, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(templates, path)
		for _, found := range asked.FindAllStringSubmatch(string(content), -1) {
			if drawings[found[1]] == "" {
				t.Errorf("%s asks for the pictogram %s", path, found[1])
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A phone in a village loads these pages too.
func TestTheStylesOfConsultationsAreSmall(t *testing.T) {
	if size := len(body(t, "css/consult.css")); size > 13_500 {
		t.Errorf("consult.css has %d bytes", size)
	}
}
