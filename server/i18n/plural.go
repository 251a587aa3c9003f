package i18n

import (
	"golang.org/x/text/feature/plural"
)

// million is where Spanish, French and Portuguese change the words around a number: "un millón de personas".
const million = 1_000_000

// formNames are the plural forms as CLDR and the catalogs spell them.
func formNames() map[string]plural.Form {
	return map[string]plural.Form{
		"zero": plural.Zero, "one": plural.One, "two": plural.Two,
		"few": plural.Few, "many": plural.Many, "other": plural.Other,
	}
}

// pluralForms are the forms that a language needs for whole numbers, as they stand in a catalog.
func (l Language) pluralForms() []string {
	switch l {
	case English:
		return []string{"one", "other"}
	case Indonesian:
		return []string{"other"}
	case Spanish, French, Portuguese:
	}
	return []string{"one", "many", "other"}
}

// pluralForm chooses the form for a count. The tables of golang.org/x/text are those of CLDR 32, which did not yet
// have "many" for whole millions in Spanish, French and Portuguese; CLDR 38 and later do, so it is added here.
func (l Language) pluralForm(count uint64) plural.Form {
	manyMillions := l == Spanish || l == French || l == Portuguese
	if manyMillions && count != 0 && count%million == 0 {
		return plural.Many
	}
	return plural.Cardinal.MatchPlural(l.tag(), smallLike(count), 0, 0, 0, 0)
}

// smallLike is a number that fits an int everywhere and behaves like the count in every plural rule, as x/text asks:
// the last seven digits, with a leading 1 where something was cut off.
func smallLike(count uint64) int {
	const limit = 10 * million
	if count < limit {
		return int(count)
	}
	return int(count%limit) + limit
}
