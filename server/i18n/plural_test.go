package i18n_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/vcm-forum/forum/server/i18n"
)

// categories makes catalogs whose only text is the name of the plural form that was chosen.
func categories(t *testing.T) *i18n.Catalogs {
	return oneEntry(t, "a.form", func(l i18n.Language) any {
		forms := make(map[string]string)
		for _, name := range i18n.PluralForms(l) {
			forms[name] = name
		}
		return forms
	})
}

func TestPluralForms(t *testing.T) {
	tests := []struct {
		lang i18n.Language
		n    int
		want string
	}{
		{"en", 0, "other"},
		{"en", 1, "one"},
		{"en", -1, "one"},
		{"en", 2, "other"},
		{"en", 1_000_000, "other"},
		{"es", 0, "other"},
		{"es", 1, "one"},
		{"es", 21, "other"},
		{"es", 1_000_000, "many"},
		{"es", 1_000_001, "other"},
		{"fr", 0, "one"},
		{"fr", 1, "one"},
		{"fr", 2, "other"},
		{"fr", 2_000_000, "many"},
		{"fr", 2_000_001, "other"},
		{"pt", 0, "one"},
		{"pt", 1, "one"},
		{"pt", 2, "other"},
		{"pt", 30_000_000, "many"},
		{"pt", 10_000_001, "other"},
		{"id", 0, "other"},
		{"id", 1, "other"},
		{"id", 1_000_000, "other"},
	}
	catalogs := categories(t)
	for _, test := range tests {
		if got := catalogs.Printer(test.lang).T("a.form", "n", test.n); got != test.want {
			t.Errorf("%s: form for %d is %s, want %s", test.lang, test.n, got, test.want)
		}
	}
}

func TestEveryCountHasAFormTheCatalogHas(t *testing.T) {
	catalogs := categories(t)
	check := func(t interface{ Errorf(string, ...any) }, n int64) {
		for _, l := range i18n.Languages() {
			if form := catalogs.Printer(l).T("a.form", "n", n); !slices.Contains(i18n.PluralForms(l), form) {
				t.Errorf("%s: the form for %d is %q", l, n, form)
			}
		}
	}
	for n := int64(0); n <= 2_000_000; n++ {
		if n > 2_000 && n%1_000 > 2 {
			n += 97
		}
		check(t, n)
	}
	rapid.Check(t, func(t *rapid.T) { check(t, rapid.Int64().Draw(t, "n")) })
}
