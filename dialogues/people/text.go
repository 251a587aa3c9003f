package people

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Problem is what is wrong with one field: a key of the catalog and the
// name-value pairs its sentence needs.
type Problem struct {
	Key  string
	Args []any
}

// Invalid says which fields of a form cannot be accepted and why. It is the
// error of every action that takes what people typed.
type Invalid map[string]Problem //nolint:errname // it is what forms show; "error" would be read as a fault of ours

// Error names the fields, never what was typed into them.
func (v Invalid) Error() string {
	return "invalid: " + strings.Join(slices.Sorted(maps.Keys(v)), ", ")
}

// Err is v as an error, nil when nothing is wrong.
func (v Invalid) Err() error {
	if len(v) == 0 {
		return nil
	}
	return v
}

// Add notes a problem unless the field has one already: people mend the first.
func (v Invalid) Add(field, key string, args ...any) {
	if _, ok := v[field]; !ok {
		v[field] = Problem{key, args}
	}
}

// Text checks a text of several lines: line ends become \n, blanks around it
// go, everything else stays as typed. Refused are bytes that are no UTF-8 and
// the NUL character, which PostgreSQL cannot keep.
func (v Invalid) Text(field, text string, required bool, longest int) string {
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		v.Add(field, "error.not_text")
		return ""
	}
	text = strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"))
	if required && text == "" {
		v.Add(field, "error.required")
	}
	if n := utf8.RuneCountInString(text); n > longest {
		v.Add(field, "error.too_long", "max", longest, "n", n-longest)
	}
	return text
}

// Fold brings text to the form in which it is searched and compared: lower
// case, without accents, blanks squeezed. Both databases search this form, so
// that both find the same. Letters that differ by their accent alone fall
// together (n and ñ), which is why what people see is never the folded form.
// Marks of scripts in which they are vowels and not accents (Thai, Hindi …) stay.
func Fold(s string) string {
	s = strings.ToLower(norm.NFKD.String(s))
	var b strings.Builder
	accented := false
	for _, r := range s {
		if unicode.Is(unicode.Mn, r) && accented {
			continue
		}
		if !unicode.Is(unicode.Mn, r) {
			accented = unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic)
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return strings.Join(strings.Fields(norm.NFKC.String(b.String())), " ")
}

// Bounds of a search: more words narrow nothing, and databases refuse longer patterns.
const (
	mostSearchWords   = 10
	longestSearchWord = 100
)

// SearchWords are the folded words of what somebody typed to search.
func SearchWords(s string) []string {
	words := strings.Fields(Fold(strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", " "), " ")))
	words = words[:min(len(words), mostSearchWords)]
	for i, word := range words {
		if r := []rune(word); len(r) > longestSearchWord {
			words[i] = string(r[:longestSearchWord])
		}
	}
	return words
}
