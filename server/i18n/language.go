// Package i18n holds the words people read, in the five languages of the forum, and writes numbers, times, lists and
// the names of countries and languages the way each language does. It is not a translator of what people contribute:
// it knows only the catalogs in this folder, which are embedded and checked before the program starts.
package i18n

import (
	"slices"

	"golang.org/x/text/language"
)

// A Language is one the forum speaks, as the code that stands in addresses, cookies and the lang attribute.
type Language string

// The languages of the forum. Spanish is neutral Latin American, French international, Portuguese Brazilian with
// forms that Portugal reads without trouble, Indonesian formal but plain.
const (
	English    Language = "en"
	Spanish    Language = "es"
	French     Language = "fr"
	Portuguese Language = "pt"
	Indonesian Language = "id"
)

// Languages lists every language in the order in which a reader is offered them. The slice is the caller's own.
func Languages() []Language {
	return []Language{English, Spanish, French, Portuguese, Indonesian}
}

// Parse takes the exact code of a language, as in a cookie or a form, and says whether the forum speaks it.
func Parse(code string) (Language, bool) {
	l := Language(code)
	return l, slices.Contains(Languages(), l)
}

// Endonym is the name a language gives itself, as it stands in the language menu. An unknown language has its code.
func (l Language) Endonym() string {
	switch l {
	case English:
		return "English"
	case Spanish:
		return "Español"
	case French:
		return "Français"
	case Portuguese:
		return "Português"
	case Indonesian:
		return "Bahasa Indonesia"
	}
	return string(l)
}

// tag is the language as golang.org/x/text knows it; an unknown language is English.
func (l Language) tag() language.Tag {
	switch l {
	case Spanish:
		return language.Spanish
	case French:
		return language.French
	case Portuguese:
		return language.Portuguese
	case Indonesian:
		return language.Indonesian
	case English:
	}
	return language.English
}

// maxHeader is how much of an Accept-Language header is read, in bytes. Browsers send far less; a longer one is work
// that a hostile client wants done.
const maxHeader = 512

// Match picks, among the languages offered, the one that suits an Accept-Language header best: also a neighbour of
// what was asked for (a Quechua reader gets Spanish). Without a match, or with a broken header, it is the first one
// offered. Nothing offered means all languages.
func Match(acceptLanguage string, offered []Language) Language {
	choices := offered
	if len(choices) == 0 {
		choices = Languages()
	}
	wanted := readHeader(acceptLanguage)
	if len(wanted) == 0 {
		return choices[0]
	}
	if direct, ok := spokenAsAsked(wanted[0], choices); ok {
		return direct
	}
	tags := make([]language.Tag, len(choices))
	for i, choice := range choices {
		tags[i] = choice.tag()
	}
	_, index, confidence := language.NewMatcher(tags).Match(wanted...)
	if confidence == language.No {
		return choices[0]
	}
	return choices[index]
}

// readHeader lists what an Accept-Language header asks for, dearest first, without what it refuses (q=0). A header
// that is too long or broken asks for nothing.
func readHeader(acceptLanguage string) []language.Tag {
	if len(acceptLanguage) > maxHeader {
		return nil
	}
	wanted, weights, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil {
		return nil
	}
	for i, weight := range weights {
		if weight <= 0 {
			return wanted[:i] // sorted by weight
		}
	}
	return wanted
}

// spokenAsAsked answers the common case, a reader whose first wish is offered, without the cost of a matcher.
func spokenAsAsked(wish language.Tag, choices []Language) (Language, bool) {
	base, confidence := wish.Base()
	if confidence != language.Exact {
		return "", false
	}
	asked := Language(base.String())
	return asked, slices.Contains(choices, asked)
}
