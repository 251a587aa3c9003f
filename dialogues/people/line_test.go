package people_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/vcm-forum/forum/dialogues/people"
)

func TestALineIsWhatCanBeSeen(t *testing.T) {
	for _, tt := range []struct{ name, in, want, problem string }{
		{"letters with accents of their own", "Jose\u0301 N\u0303andu\u0301", "José Ñandú", ""},
		{"a turn to the left", "Ana \u202eazoR\u202c", "Ana azoR", ""},
		{"isolates and marks", "\u2066Ana\u2069\u200e\u200f", "Ana", ""},
		{"blanks of no width", "A\u200bn\u2060a\ufeff", "Ana", ""},
		{"soft hyphens and other controls", "A\u00adn\u0007a\u0085", "Ana", ""},
		{"tags", "Ana\U000e0041\U000e007f", "Ana", ""},
		{"fillers", "Ana\u3164\u115f\u034f", "Ana", ""},
		{"joiners where nothing joins", "A\u200dn\u200ca\ufe0f", "Ana", ""},
		{"joiners that a script needs", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", ""},
		{"joiners after a mark that a script needs", "\u0d28\u0d4d\u200d\u0d28", "\u0d28\u0d4d\u200d\u0d28", ""},
		{"a joiner at the end", "\u0645\u06cc\u200c\u200d", "\u0645\u06cc", ""},
		{"a family", "\U0001f468\u200d\U0001f469 \u2764\ufe0f", "\U0001f468\u200d\U0001f469 \u2764\ufe0f", ""},
		{"a tower of marks", "Q" + strings.Repeat("\u0336", 40) + "na", "Q" + strings.Repeat("\u0336", 8) + "na", ""},
		{"a tab is a blank", "Ana\tRoza", "Ana Roza", ""},
		{"two lines", "Ana\nRoza", "Ana\nRoza", "error.one_line"},
		{"Unicode's own line end is a blank", "Ana\u2028Roza", "Ana Roza", ""},
		{"nothing that can be seen", "\u200b\u2800\u200e\u3164", "", "error.required"},
		{"NUL", "Ana\x00", "", "error.not_text"},
		{"half a letter", "Ana\xc3", "", "error.not_text"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := people.Invalid{}
			if got := v.Line("name", tt.in, true, 40); got != tt.want || v["name"].Key != tt.problem {
				t.Errorf("Line(%+q) = %+q, %v; want %+q, %q", tt.in, got, v, tt.want, tt.problem)
			}
		})
	}
}

func TestNamesThatLookAlike(t *testing.T) {
	for _, tt := range []struct {
		name, one, other string
		alike            bool
	}{
		{"case and accents", "José Ñandú", "JOSE NANDU", true},
		{"blanks and signs", "Ana  Roza.", "ana-roza", true},
		{"Cyrillic letters", "Ana Roza", "Аnа Rоzа", true},
		{"Greek capitals", "ANA ROZA", "ΑΝΑ RΟΖΑ", true},
		{"mathematical letters", "Ana Roza", "𝐀𝐧𝐚 𝓡𝓸𝔃𝓪", true},
		{"full width", "Ana Roza", "Ａｎａ　Ｒｏｚａ", true},
		{"figures", "Lila Ocho", "1i1a 0cho", true},
		{"two letters for one", "Emma", "Ernma", true},
		{"invisible ones", "Ana", "A\u200bn\u200da", true},
		{"a letter more", "Ana Roza", "Ana Rozas", false},
		{"with an organisation", "Ana Roza", "Ana Roza (Páramo Vivo)", false},
		{"vowels that are marks", "दिन", "दीन", false},
		{"another order", "Ana Roza", "Roza Ana", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := people.Likeness(tt.one) == people.Likeness(tt.other); got != tt.alike {
				t.Errorf("%q is %q, %q is %q", tt.one, people.Likeness(tt.one), tt.other, people.Likeness(tt.other))
			}
		})
	}
}

func FuzzLine(f *testing.F) {
	for _, s := range []string{"Jose\u0301", "\u202eAna", "a\u200d\u200cb", "\u0645\u200c\u200d\u062e", "\u1100\u115f\u1161", "\u2764\ufe0f\u200d", "\u0600\u0661", "a\x00", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v := people.Invalid{}
		got := v.Line("f", s, true, 1<<20)
		if twice := (people.Invalid{}).Line("f", got, true, 1<<20); twice != got {
			t.Errorf("Line(%+q) = %+q, checked again %+q", s, got, twice)
		}
		if !utf8.ValidString(got) || !norm.NFC.IsNormalString(got) || strings.TrimSpace(got) != got {
			t.Errorf("Line(%+q) = %+q", s, got)
		}
		if strings.ContainsAny(got, "\x00\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff") {
			t.Errorf("Line(%+q) = %+q holds what nobody sees", s, got)
		}
		if len(v) == 0 && strings.IndexFunc(got, unicode.IsControl) >= 0 {
			t.Errorf("Line(%+q) = %+q holds a control character", s, got)
		}
		if people.Likeness(got) != people.Likeness(s) && utf8.ValidString(s) && !strings.ContainsRune(s, 0) {
			t.Errorf("Likeness(%+q) = %q, of the line %q", s, people.Likeness(s), people.Likeness(got))
		}
	})
}
