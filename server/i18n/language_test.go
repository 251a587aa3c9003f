package i18n_test

import (
	"strings"
	"testing"

	"github.com/vcm-forum/forum/server/i18n"
)

func TestMatch(t *testing.T) {
	all := i18n.Languages()
	tests := []struct {
		name    string
		header  string
		offered []i18n.Language
		want    i18n.Language
	}{
		{"the language asked for", "fr", all, i18n.French},
		{"a regional variety of it", "pt-PT,pt;q=0.9,en;q=0.5", all, i18n.Portuguese},
		{"the second choice where the first is not spoken", "de-AT, id;q=0.5", all, i18n.Indonesian},
		{"the weight counts, not the order", "en;q=0.1, es;q=0.9", all, i18n.Spanish},
		{"Quechua readers get Spanish", "qu", all, i18n.Spanish},
		{"an unknown language gets English", "ja", all, i18n.English},
		{"what is refused is not given", "fr;q=0, es;q=0.3", all, i18n.Spanish},
		{"only refusals get English", "fr;q=0", all, i18n.English},
		{"anything gets English", "*", all, i18n.English},
		{"no header gets English", "", all, i18n.English},
		{"a broken header gets English", ";;q=x,,--", all, i18n.English},
		{"an endless header gets English", "fr," + strings.Repeat("a-", 100_000), all, i18n.English},
		{"the first one offered is the default", "ja", []i18n.Language{"fr", "en"}, i18n.French},
		{"only what is offered is given", "es", []i18n.Language{"en", "fr"}, i18n.English},
		{"nothing offered means everything", "es", nil, i18n.Spanish},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := i18n.Match(test.header, test.offered); got != test.want {
				t.Errorf("Match(%.40q, %v) = %s, want %s", test.header, test.offered, got, test.want)
			}
		})
	}
}

func TestMatchLeavesTheOfferAlone(t *testing.T) {
	offered := []i18n.Language{"fr", "en", "id"}
	i18n.Match("en", offered)
	if offered[0] != "fr" || offered[1] != "en" || offered[2] != "id" {
		t.Errorf("Match changed its argument to %v", offered)
	}
}

func TestParse(t *testing.T) {
	for _, l := range i18n.Languages() {
		if got, ok := i18n.Parse(string(l)); !ok || got != l {
			t.Errorf("Parse(%q) = %q, %v", l, got, ok)
		}
	}
	for _, code := range []string{"", "EN", "pt-BR", "de", "en "} {
		if _, ok := i18n.Parse(code); ok {
			t.Errorf("Parse(%q) is accepted", code)
		}
	}
}

func TestEveryLanguageNamesItself(t *testing.T) {
	want := map[i18n.Language]string{
		"en": "English", "es": "Español", "fr": "Français", "pt": "Português", "id": "Bahasa Indonesia",
	}
	for _, l := range i18n.Languages() {
		if got := l.Endonym(); got != want[l] {
			t.Errorf("%s.Endonym() = %q, want %q", l, got, want[l])
		}
	}
}
