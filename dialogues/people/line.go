package people

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Line checks one line of text and returns it as it can be seen: without
// invisible characters, trimmed, not empty if required, at most longest
// characters, no line break.
func (v Invalid) Line(field, text string, required bool, longest int) string {
	text = v.Text(field, Legible(text), required, longest)
	if strings.ContainsAny(text, "\n\r") {
		v.Add(field, "error.one_line")
	}
	return text
}

// The two joiners, which the scripts of India, Persian and families of emoji need.
const (
	nonJoiner = '\u200c'
	joiner    = '\u200d'
)

// mostMarks is how many marks stand on one letter; more cover the lines around them.
const mostMarks = 8

// Legible takes out of a line what nobody sees: signs that turn the direction of
// what follows or hide in a name so that it equals another's, in the NFC form.
// They are taken away and not refused, since they come along when text is
// copied, and nobody can mend what they cannot see. Bytes that are no text, NUL
// and line ends are left to whoever checks the line.
func Legible(s string) string {
	if !utf8.ValidString(s) {
		return s
	}
	in := []rune(norm.NFC.String(s))
	in = slices.DeleteFunc(in, isInvisible)
	next, out := following(in), make([]rune, 0, len(in))
	base, marks := ' ', 0 // the last letter or sign that is no mark, and the marks on it
	for i, r := range in {
		switch {
		case isBlank(r):
			r = ' '
		case isAttached(r) && !attaches(r, base, out, next[i]):
			continue
		}
		if isAttached(r) || unicode.IsMark(r) {
			marks++
		} else {
			base, marks = r, 0
		}
		if marks <= mostMarks {
			out = append(out, r)
		}
	}
	return norm.NFC.String(string(out))
}

// isInvisible: control and format characters, fillers and the like. Signs that
// are drawn around the figures after them are visible, and joiners are looked at
// where they stand.
func isInvisible(r rune) bool {
	switch r {
	case 0, '\t', '\n', '\r', nonJoiner, joiner:
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Other_Default_Ignorable_Code_Point) ||
		(unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r))
}

// isBlank: other signs for an empty place, one of which is a letter of Braille.
func isBlank(r rune) bool { return r == '\t' || r == '\u2028' || r == '\u2029' || r == '\u2800' }

func isJoiner(r rune) bool { return r == joiner || r == nonJoiner }

// isAttached: joiners and variation selectors change how their neighbours look.
func isAttached(r rune) bool { return isJoiner(r) || unicode.Is(unicode.Variation_Selector, r) }

// following tells for each place which sign comes next that is not attached; a
// blank where none does.
func following(in []rune) []rune {
	next, seen := make([]rune, len(in)), ' '
	for i, r := range slices.Backward(in) {
		next[i] = seen
		if !isAttached(r) {
			seen = r
		}
	}
	return next
}

// attaches tells whether such a character has anything to change where it stands:
// scripts that do not join have no use for it.
func attaches(r, base rune, before []rune, next rune) bool {
	if len(before) == 0 || standsAlone(base) || standsAlone(before[len(before)-1]) {
		return false
	}
	if isJoiner(r) {
		return !isJoiner(before[len(before)-1]) && !standsAlone(next)
	}
	return !isAttached(before[len(before)-1])
}

func standsAlone(r rune) bool {
	return isBlank(r) || unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Latin, unicode.Greek, unicode.Cyrillic)
}

// lookalikes are letters that are drawn like others, capitals before they are
// made small. It holds what keyboards of the region write, not all of Unicode's
// confusables (UTS 39): it keeps one guest from passing as the facilitator, and
// whoever goes further is seen by everybody in the room.
var lookalikes = strings.NewReplacer(
	"А", "a", "В", "b", "Е", "e", "Ѕ", "s", "І", "i", "Ј", "j", "К", "k", "М", "m", "Н", "h", "О", "o", "Р", "p", "С", "c", "Т", "t", "У", "y", "Х", "x",
	"а", "a", "в", "b", "е", "e", "ѕ", "s", "і", "i", "ј", "j", "к", "k", "м", "m", "н", "h", "о", "o", "р", "p", "с", "c", "т", "t", "у", "y", "х", "x", "һ", "h", "ӏ", "i", "п", "n", "ԁ", "d", "ԛ", "q", "ԝ", "w",
	"Α", "a", "Β", "b", "Ε", "e", "Ζ", "z", "Η", "h", "Ι", "i", "Κ", "k", "Μ", "m", "Ν", "n", "Ο", "o", "Ρ", "p", "Τ", "t", "Υ", "y", "Χ", "x",
	"α", "a", "β", "b", "γ", "y", "ε", "e", "η", "n", "ι", "i", "κ", "k", "ν", "v", "ο", "o", "ρ", "p", "τ", "t", "υ", "u", "χ", "x", "ω", "w",
	"ɑ", "a", "ɡ", "g", "ı", "i", "ł", "l", "Ł", "l", "ø", "o", "Ø", "o", "đ", "d", "Đ", "d", "ð", "d", "|", "i",
)

// sameStroke puts letters and figures together that differ by little in most faces.
var sameStroke = strings.NewReplacer("l", "i", "1", "i", "0", "o", "rn", "m", "vv", "w")

// Likeness is what two names share that a reader could take for one another:
// case, accents, blanks, signs and look-alike letters do not tell them apart.
func Likeness(name string) string {
	folded := Fold(lookalikes.Replace(norm.NFD.String(Legible(name))))
	return sameStroke.Replace(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) || (unicode.IsMark(r) && !isAttached(r)) {
			return r
		}
		return -1
	}, folded))
}
