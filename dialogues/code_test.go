package dialogues_test

import (
	"strings"
	"testing"

	"github.com/vcm-forum/forum/dialogues"
)

func TestCodesAreReadHoweverTheyAreTyped(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"as shown", "ABC234", "ABC234"},
		{"small letters", "abc234", "ABC234"},
		{"with blanks and dashes", " ab-c 2 34\n", "ABC234"},
		{"signs and accents fall away", "ÁB.C<2>34", "BC234"},
		{"nothing", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := dialogues.NormalCode(tt.in); got != tt.want {
				t.Errorf("NormalCode(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func FuzzNormalCode(f *testing.F) {
	f.Add("abc-234")
	f.Add("ıſ\x00\xff")
	f.Fuzz(func(t *testing.T, s string) {
		code := dialogues.NormalCode(s)
		if strings.Trim(code, "ABCDEFGHJKMNPQRSTUVWXYZ23456789") != "" || dialogues.NormalCode(code) != code {
			t.Errorf("NormalCode(%q) = %q", s, code)
		}
	})
}
