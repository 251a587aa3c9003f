package testkit

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"
)

// The program tells what a community did: recorded, confirmed by, in force as of.
// Whether a consent is free, informed or valid is for others to judge, and nothing
// that people write can be promised to be anonymous. The words of such judgements
// are kept by language, with their inflected forms.
//
//go:embed judgements.json
var judgements []byte

// judging are the words of one language: terms of the field that may be written
// out, words that stand nowhere else, and what may be no label by itself, since a
// bare "consent given" hides conditions, dissent, the part and the date.
type judging struct{ Terms, Words, Labels []saying }

// saying is one of them, as it is told of and as it is looked for.
type saying struct{ written, plain string }

// UnmarshalText reads it.
func (s *saying) UnmarshalText(text []byte) error {
	*s = saying{string(text), plain(string(text))}
	return nil
}

// byLanguage reads the words once: thousands of texts are held against them.
var byLanguage = sync.OnceValues(func() (all map[string]judging, err error) {
	err = json.Unmarshal(judgements, &all)
	return all, err
})

// Judgements lists what a text of a consultation says and may not: a sentence of a
// catalog, a label, the text of an element of a page. Nil is what a test wants.
func Judgements(t testing.TB, language, text string) []string {
	t.Helper()
	all, err := byLanguage()
	if err != nil {
		t.Fatalf("read judgements.json: %v", err)
	}
	words, ok := all[language]
	if !ok {
		t.Fatalf("judgements.json has no language %q", language)
	}
	return words.in(plain(text))
}

func (j judging) in(text string) []string {
	var found []string
	label := strings.TrimFunc(text, func(r rune) bool { return !unicode.IsLetter(r) })
	if slices.ContainsFunc(j.Labels, func(l saying) bool { return l.plain == label }) {
		found = append(found, label)
	}
	for _, term := range j.Terms {
		text = strings.ReplaceAll(text, term.plain, "")
	}
	for _, word := range j.Words {
		if holds(text, word.plain) {
			found = append(found, word.written)
		}
	}
	return found
}

// straight writes apostrophes and hyphens of print as keyboards have them.
var straight = strings.NewReplacer("’", "'", "‑", "-")

// plain writes a text small, with straight apostrophes and one space between words.
func plain(text string) string {
	return strings.Join(strings.Fields(straight.Replace(strings.ToLower(text))), " ")
}

// holds tells whether a word stands in a text by itself. What a hyphen joins is
// one word: "toll-free" is not "free".
func holds(text, word string) bool {
	inWord := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' }
	for {
		before, after, found := strings.Cut(text, word)
		if !found {
			return false
		}
		ends := strings.TrimRightFunc(before, inWord) == before && strings.TrimLeftFunc(after, inWord) == after
		if ends {
			return true
		}
		text = "-" + after // what came before is cut off, but it was there
	}
}
