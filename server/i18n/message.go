package i18n

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/feature/plural"
)

// A message is one entry of a catalog, ready to be filled in: a single text, or one text for each plural form that
// its language needs. A plural message is chosen by the argument "n".
type message struct {
	plural bool
	forms  [plural.Many + 1]*text // a single text stands under plural.Other
}

// pick gives the text for a plural form; what has no text of its own takes the general one.
func (m *message) pick(form plural.Form) *text {
	if chosen := m.forms[form]; chosen != nil {
		return chosen
	}
	return m.forms[plural.Other]
}

// A text is a template cut at its placeholders: "{n} of {all}" is n, " of ", all.
type text struct {
	segments []segment
}

// A segment is either words or the name of a placeholder.
type segment struct {
	words string
	name  string
}

// constant gives the whole text when nothing is to be filled in.
func (t *text) constant() (string, bool) {
	switch len(t.segments) {
	case 0:
		return "", true
	case 1:
		return t.segments[0].words, t.segments[0].name == ""
	}
	return "", false
}

// placeholders lists the names that the text needs, sorted, each once.
func (t *text) placeholders() []string {
	var names []string
	for _, s := range t.segments {
		if s.name != "" {
			names = append(names, s.name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// parse cuts a template at its placeholders. A placeholder is a name of a–z, 0–9 and _ in braces; a brace that does
// not belong to one is an error, because it is a slip of the pen far more often than meant.
func parse(template string) (*text, error) {
	if !utf8.ValidString(template) {
		return nil, fmt.Errorf("not valid UTF-8")
	}
	var parsed text
	for rest := template; rest != ""; {
		words, after, found := strings.Cut(rest, "{")
		if strings.Contains(words, "}") {
			return nil, fmt.Errorf("} without { in %q", template)
		}
		if words != "" {
			parsed.segments = append(parsed.segments, segment{words: words})
		}
		if !found {
			break
		}
		name, next, closed := strings.Cut(after, "}")
		if !closed || !isName(name) {
			return nil, fmt.Errorf("{ without a placeholder's name and } in %q", template)
		}
		parsed.segments = append(parsed.segments, segment{name: name})
		rest = next
	}
	return &parsed, nil
}

// isName says whether a placeholder may be called so: a small letter first, then small letters, digits and _.
func isName(name string) bool {
	for i, r := range name {
		small := r >= 'a' && r <= 'z'
		later := r == '_' || r >= '0' && r <= '9'
		if !small && (i == 0 || !later) {
			return false
		}
	}
	return name != ""
}

// typeset lets translators type what their keyboard has: a straight apostrophe between letters becomes ’, and in
// French the space before ; ! ? : » and after « becomes one that does not break, so that no line begins with "?". The
// same goes for % in Spanish and French.
func typeset(l Language, template string) string {
	template = curlApostrophes(template)
	switch l {
	case Spanish:
		return strings.ReplaceAll(template, " %", "\u202f%")
	case French:
		return strings.NewReplacer(
			" ;", "\u202f;", " !", "\u202f!", " ?", "\u202f?", " %", "\u202f%",
			" :", "\u00a0:", " »", "\u00a0»", "« ", "«\u00a0",
		).Replace(template)
	case English, Portuguese, Indonesian:
	}
	return template
}

// curlApostrophes replaces ' where a letter stands before it and a letter or a placeholder after it.
func curlApostrophes(template string) string {
	if !strings.Contains(template, "'") {
		return template
	}
	runes := []rune(template)
	for i := 1; i < len(runes)-1; i++ {
		after := runes[i+1]
		if runes[i] == '\'' && unicode.IsLetter(runes[i-1]) && (unicode.IsLetter(after) || after == '{') {
			runes[i] = '’'
		}
	}
	return string(runes)
}
