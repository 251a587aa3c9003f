package i18n_test

import (
	"encoding/json"
	"os"
	"testing"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/vcm-forum/forum/server/i18n"
)

func TestNames(t *testing.T) {
	type names map[i18n.Language]string
	tests := []struct {
		name  string
		write func(*i18n.Printer) string
		want  names
	}{
		{
			"a country", func(p *i18n.Printer) string { return p.Country("BR") },
			names{"en": "Brazil", "es": "Brasil", "fr": "Brésil", "pt": "Brasil", "id": "Brasil"},
		},
		{
			"a country whose name changed", func(p *i18n.Printer) string { return p.Country("MK") },
			names{
				"en": "North Macedonia", "es": "Macedonia del Norte", "fr": "Macédoine du Nord",
				"pt": "Macedônia do Norte", "id": "Makedonia Utara",
			},
		},
		{
			"a country by its number", func(p *i18n.Printer) string { return p.Country("180") },
			names{
				"en": "Democratic Republic of the Congo", "es": "República Democrática del Congo",
				"fr": "République démocratique du Congo", "pt": "República Democrática do Congo",
				"id": "Republik Demokratik Kongo",
			},
		},
		{
			"a region", func(p *i18n.Printer) string { return p.Region("202") },
			names{
				"en": "Sub-Saharan Africa", "es": "África Subsahariana", "fr": "Afrique subsaharienne",
				"pt": "África Subsaariana", "id": "Afrika Sub-Sahara",
			},
		},
		{
			"a language", func(p *i18n.Printer) string { return p.LanguageName("es") },
			names{"en": "Spanish", "es": "español", "fr": "espagnol", "pt": "espanhol", "id": "Spanyol"},
		},
		{
			"a language of a people", func(p *i18n.Printer) string { return p.LanguageName("tca") },
			names{"en": "Ticuna", "es": "ticuna", "fr": "ticuna", "pt": "ticuna", "id": "Ticuna"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { forEachLanguage(t, test.want, test.write) })
	}
}

func TestUnknownCodesAreGivenBack(t *testing.T) {
	p := load(t).Printer("en")
	for _, code := range []string{"", "QX", "??", "Bolivia", "12345", "\x00"} {
		if got := p.Country(code); got != code {
			t.Errorf("Country(%q) = %q", code, got)
		}
		if got := p.Region(code); got != code {
			t.Errorf("Region(%q) = %q", code, got)
		}
	}
	for tag, want := range map[string]string{"": "", "x-tikuna-alto": "tikuna-alto", "qqq": "qqq", "??": "??", "pt-AO": "Portuguese"} {
		if got := p.LanguageName(tag); got != want {
			t.Errorf("LanguageName(%q) = %q, want %q", tag, got, want)
		}
	}
	if got := p.Region("076"); got != "Brazil" {
		t.Errorf("the number of a country as a region is %q", got)
	}
}

func TestOwnCountryNamesAreNeeded(t *testing.T) {
	content, err := os.ReadFile("names/countries.json")
	if err != nil {
		t.Fatal(err)
	}
	var own map[string]map[i18n.Language]string
	if err := json.Unmarshal(content, &own); err != nil {
		t.Fatal(err)
	}
	dictionaries := map[i18n.Language]*display.Dictionary{
		"en": display.English, "es": display.Spanish, "fr": display.French, "pt": display.Portuguese, "id": display.Indonesian,
	}
	for code, names := range own {
		region, err := language.ParseRegion(code)
		if err != nil || region.String() != code {
			t.Errorf("%s is not the code of a country: %v", code, err)
			continue
		}
		for l, name := range names {
			if dictionaries[l] == nil || dictionaries[l].Regions().Name(region) == name {
				t.Errorf("%s %s: %q is the same as in x/text, or the language is unknown", code, l, name)
			}
		}
	}
}

func TestOwnTablesNameEveryRegionInEveryLanguage(t *testing.T) {
	content, err := os.ReadFile("names/regions.json")
	if err != nil {
		t.Fatal(err)
	}
	var own map[string]map[i18n.Language]string
	if err := json.Unmarshal(content, &own); err != nil {
		t.Fatal(err)
	}
	for code, names := range own {
		for _, l := range i18n.Languages() {
			if names[l] == "" || len(names) != len(i18n.Languages()) {
				t.Errorf("region %s lacks a name in %s, or has one in a language the forum does not speak", code, l)
			}
		}
	}
}
