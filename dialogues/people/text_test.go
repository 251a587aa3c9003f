package people_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/vcm-forum/forum/dialogues/people"
)

func TestFold(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"capitals", "LAND", "land"},
		{"accents", "Región Perú Ñandú", "region peru nandu"},
		{"accents as marks of their own", "Regio\u0301n", "region"},
		{"blanks are squeezed", "  a \t\n b\u00a0c ", "a b c"},
		{"Turkish capital I", "İzmir", "izmir"},
		{"Vietnamese", "Rừng ngập mặn", "rung ngap man"},
		{"ligatures", "ﬁn", "fin"},
		{"full width", "ＬＡＮＤ", "land"},
		{"letters that have no small form of their own", "℡ ℌ", "tel h"},
		{"nothing", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := people.Fold(tt.in); got != tt.want {
				t.Errorf("Fold(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestText(t *testing.T) {
	for _, tt := range []struct {
		name, in, want, problem string
	}{
		{"stays as typed", " a  b\u200d\u0301 ", "a  b\u200d\u0301", ""},
		{"line ends become one kind", "a\r\nb\rc\nd", "a\nb\nc\nd", ""},
		{"nothing but blanks", " \r\n ", "", "error.required"},
		{"as long as may be", "ñññññññññ\U0001F600", "ñññññññññ\U0001F600", ""},
		{"too long by one", "ñññññññññññ", "ñññññññññññ", "error.too_long"},
		{"NUL", "a\x00", "", "error.not_text"},
		{"half a letter", "a\xc3", "", "error.not_text"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := people.Invalid{}
			if got := v.Text("f", tt.in, true, 10); got != tt.want || v["f"].Key != tt.problem {
				t.Errorf("Text(%q) = %q, %v; want %q, %q", tt.in, got, v, tt.want, tt.problem)
			}
		})
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"Perú", "℡", "ℌ", "İ", "ดี", "a\xff", "ﬀ", "\u0345"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := people.Fold(s)
		if twice := people.Fold(once); twice != once {
			t.Errorf("Fold(%q) = %q, folded again %q", s, once, twice)
		}
		if !utf8.ValidString(once) || once != strings.TrimSpace(once) {
			t.Errorf("Fold(%q) = %q", s, once)
		}
	})
}

func FuzzText(f *testing.F) {
	f.Add(" a\r\nb ", 3)
	f.Add("\x00", 1)
	f.Add("\xff", 0)
	f.Fuzz(func(t *testing.T, s string, longest int) {
		v := people.Invalid{}
		got := v.Text("f", s, true, longest)
		again := people.Invalid{}
		if twice := again.Text("f", got, true, longest); twice != got {
			t.Errorf("Text(%q) = %q, checked again %q", s, got, twice)
		}
		if !utf8.ValidString(got) || strings.ContainsAny(got, "\x00\r") || (len(v) == 0 && (got == "" || utf8.RuneCountInString(got) > longest)) {
			t.Errorf("Text(%q, %d) = %q, %v", s, longest, got, v)
		}
	})
}
