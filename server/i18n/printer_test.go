package i18n_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vcm-forum/forum/server/i18n"
)

// forEachLanguage runs one check in every language, with what is expected in each.
func forEachLanguage(t *testing.T, want map[i18n.Language]string, write func(*i18n.Printer) string) {
	t.Helper()
	catalogs := load(t)
	got := make(map[i18n.Language]string)
	for _, l := range i18n.Languages() {
		got[l] = plain(write(catalogs.Printer(l)))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
}

func TestTFillsInPlaceholders(t *testing.T) {
	read, err := i18n.Read(sameEverywhere(`{"a.b": "{who} said {n} of {all}, {who}"}`, nil))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		args []any
		want string
	}{
		{"in any order", []any{"all", 12345, "n", 3, "who", "Ana"}, "Ana said 3 of 12,345, Ana"},
		{"numbers of all kinds", []any{"all", uint8(7), "n", int64(-1000), "who", 2.5}, "2.5 said −1,000 of 7, 2.5"},
		{
			"errors and languages print themselves",
			[]any{"all", i18n.French, "n", errors.New("x"), "who", true},
			"true said x of fr, true",
		},
		{"values are not parsed again", []any{"all", "{n}", "n", "{who}", "who", "{all}"}, "{all} said {who} of {n}, {all}"},
		{"a missing value shows", []any{"all", 1, "n", 2}, "⟦who⟧ said 2 of 1, ⟦who⟧"},
		{"nil shows as missing", []any{"all", 1, "n", 2, "who", nil}, "⟦who⟧ said 2 of 1, ⟦who⟧"},
		{"a name without a value is passed over", []any{"all", 1, "n", 2, "who"}, "⟦who⟧ said 2 of 1, ⟦who⟧"},
		{"names that are no strings are passed over", []any{1, 2, nil, 3, "who", "Ana"}, "Ana said ⟦n⟧ of ⟦all⟧, Ana"},
		{"no arguments at all", nil, "⟦who⟧ said ⟦n⟧ of ⟦all⟧, ⟦who⟧"},
		{
			"a nil pointer that could print itself",
			[]any{"all", (*strings.Builder)(nil), "n", 1, "who", "A"},
			"A said 1 of <nil>, A",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := read.Printer("en").T("a.b", test.args...); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestSlipsAreShownAndCounted(t *testing.T) {
	catalogs := load(t)
	p := catalogs.Printer("fr")
	if got := p.T("no.such_key", "n", 1); got != "⟦no.such_key⟧" {
		t.Errorf("unknown key gives %q", got)
	}
	if got := p.T("ago.past"); !strings.Contains(got, "⟦time⟧") {
		t.Errorf("missing value gives %q", got)
	}
	if got := p.T("duration.day", "n", "three"); got != "three jours" {
		t.Errorf("a count that is no number gives %q", got)
	}
	if got := catalogs.Slips(); got != 3 {
		t.Errorf("%d slips, want 3", got)
	}
	if p.Has("no.such_key") || !p.Has("ago.past") {
		t.Error("Has does not know the keys")
	}
}

func TestAnUnknownLanguageIsPrintedInEnglish(t *testing.T) {
	if got := load(t).Printer("xx").Lang(); got != i18n.English {
		t.Errorf("language is %s", got)
	}
}

func TestApostrophesAndFrenchSpacesAreSet(t *testing.T) {
	read, err := i18n.Read(sameEverywhere(`{"a.b": "l'an 'x' d'{n} : « oui » ; non ? 5 %"}`, nil))
	if err != nil {
		t.Fatal(err)
	}
	const french = "l’an 'x' d’7\u00a0: «\u00a0oui\u00a0»\u202f; non\u202f? 5\u202f%"
	if got := read.Printer("fr").T("a.b", "n", 7); got != french {
		t.Errorf("fr: got %q, want %q", got, french)
	}
	const english = "l’an 'x' d’7 : « oui » ; non ? 5 %"
	if got := read.Printer("en").T("a.b", "n", 7); got != english {
		t.Errorf("en: got %q, want %q", got, english)
	}
}

func TestNumber(t *testing.T) {
	en, es, fr, pt := i18n.English, i18n.Spanish, i18n.French, i18n.Portuguese
	tests := []struct {
		n    int
		lang i18n.Language
		want string
	}{
		{0, en, "0"},
		{999, en, "999"},
		{1000, en, "1,000"},
		{-12345678, en, "−12,345,678"},
		{1000, es, "1000"},
		{10000, es, "10 000"},
		{1000, fr, "1 000"},
		{1234567, pt, "1.234.567"},
		{math.MaxInt64, pt, "9.223.372.036.854.775.807"},
		{math.MinInt64, en, "−9,223,372,036,854,775,808"},
	}
	catalogs := load(t)
	for _, test := range tests {
		if got := plain(catalogs.Printer(test.lang).Number(test.n)); got != test.want {
			t.Errorf("%s: Number(%d) = %q, want %q", test.lang, test.n, got, test.want)
		}
	}
}

func TestDecimals(t *testing.T) {
	read := oneEntry(t, "a.b", func(i18n.Language) any { return "{x}" })
	tests := map[float64]string{
		0: "0", 0.5: "0,5", 1.25: "1,25", 1.996: "2", -0.001: "0", -1234.5: "−1.234,5",
		1.05: "1,05", 1e300: "1e+300", math.Inf(1): "–", math.NaN(): "–",
	}
	for value, want := range tests {
		if got := read.Printer("pt").T("a.b", "x", value); got != want {
			t.Errorf("%v is written %q, want %q", value, got, want)
		}
	}
}

func TestPercent(t *testing.T) {
	tests := map[float64]string{
		0: "0 %", 0.001: "<1 %", 0.42: "42 %", 0.996: ">99 %", 1: "100 %", 1.2: "120 %", -0.1: "−10 %",
		math.Inf(-1): "–", math.NaN(): "–",
	}
	french := load(t).Printer("fr")
	for share, want := range tests {
		if got := plain(french.Percent(share)); got != want {
			t.Errorf("Percent(%v) = %q, want %q", share, got, want)
		}
	}
}

func TestList(t *testing.T) {
	forEachLanguage(t, map[i18n.Language]string{
		"en": "a, b and c", "es": "a, b y c", "fr": "a, b et c", "pt": "a, b e c", "id": "a, b, dan c",
	}, func(p *i18n.Printer) string { return p.List([]string{"a", "b", "c"}) })
	tests := []struct{ name, items, want string }{
		{"none", "", ""},
		{"one", "Perú", "Perú"},
		{"two", "Perú|Bolivia", "Perú y Bolivia"},
		{"y becomes e before the sound i", "Bolivia|Indonesia", "Bolivia e Indonesia"},
		{"also with an accent and an h", "madres|hijas", "madres e hijas"},
		{"in a longer list", "Perú|Bolivia|Íñigo", "Perú, Bolivia e Íñigo"},
		{"not before another sound", "agua|hielo", "agua y hielo"},
		{"nor before another vowel", "Perú|Honduras", "Perú y Honduras"},
	}
	spanish := load(t).Printer("es")
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var items []string
			if test.items != "" {
				items = strings.Split(test.items, "|")
			}
			if got := spanish.List(items); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
