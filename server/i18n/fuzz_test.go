package i18n_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/vcm-forum/forum/server/i18n"
)

// FuzzMessage holds the parser of templates to three things: it never panics, what it accepts comes out unchanged
// when put together again, and no brace is left in the words of an accepted text.
func FuzzMessage(f *testing.F) {
	for _, seed := range []string{"", "x", "{n}", "{n} of {all}", "{", "}", "{}", "{n", "{{n}}", "{N}", "a{b_2}c", "\xff{n}", "⟦{n}⟧"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, template string) {
		again, names, err := i18n.RoundTrip(template)
		if err != nil {
			return
		}
		if again != template || !utf8.ValidString(template) {
			t.Fatalf("%q came out as %q", template, again)
		}
		for _, name := range names {
			again = strings.ReplaceAll(again, "{"+name+"}", "")
		}
		if strings.ContainsAny(again, "{}") {
			t.Fatalf("a brace is left in %q", again)
		}
	})
}

// FuzzRead holds the reader of catalog files to never panicking, whatever lies in them.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a.b": "x"}`, `{"a.b": {"other": "{n}"}}`, `[`, `{"a.b": {"other": 1}}`, `{"a.b":`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		catalogs, err := i18n.Read(sameEverywhere(content, nil))
		if err == nil {
			catalogs.Printer("fr").T("a.b", "n", 1)
		}
	})
}
