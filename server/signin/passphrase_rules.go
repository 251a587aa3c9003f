package signin

import (
	_ "embed"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/vcm-forum/forum/dialogues/people"
)

// Lengths of passphrases in characters. Length is what makes one hard to
// guess; no digits or signs are asked for, because nobody remembers them.
const (
	ShortestPassphrase = 12
	LongestPassphrase  = 256
	longestBytes       = 4 * LongestPassphrase // of UTF-8; more is not looked at
)

// commonPassphrases are those that are tried first, one a line, folded and
// without blanks. Lines that begin with # are remarks.
//
//go:embed common.txt
var commonPassphrases string

// normalPassphrase makes what two keyboards send for the same letters equal:
// composed characters, and every kind of blank as an ordinary one (the
// OpaqueString profile of RFC 8265).
func normalPassphrase(s string) string {
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Zs, r) {
			return ' '
		}
		return r
	}, s))
}

// readable tells whether what was typed can be a passphrase at all; whatever
// cannot is wrong without being hashed, for every account alike.
func readable(passphrase string) bool {
	return passphrase != "" && len(passphrase) <= longestBytes && utf8.ValidString(passphrase)
}

// CheckNewPassphrase notes in v, under field, why a passphrase cannot be taken
// for a person with this name and address.
func CheckNewPassphrase(v people.Invalid, field, passphrase, name, email string) {
	if !utf8.ValidString(passphrase) || strings.ContainsFunc(passphrase, unicode.IsControl) {
		v.Add(field, "error.not_text")
		return
	}
	n := utf8.RuneCountInString(normalPassphrase(passphrase))
	switch {
	case n < ShortestPassphrase:
		v.Add(field, "error.passphrase_short", "min", ShortestPassphrase)
	case n > LongestPassphrase:
		v.Add(field, "error.passphrase_long", "max", LongestPassphrase)
	case isPersonal(passphrase, name, email):
		v.Add(field, "error.passphrase_personal")
	case isCommon(passphrase):
		v.Add(field, "error.passphrase_common")
	}
}

// squeeze is the form in which passphrases are compared with lists.
func squeeze(s string) string { return strings.ReplaceAll(people.Fold(s), " ", "") }

// isCommon: on the list, made of very few different characters, or a short
// piece over and over.
func isCommon(passphrase string) bool {
	s := squeeze(passphrase)
	if strings.Contains(commonPassphrases, "\n"+s+"\n") {
		return true
	}
	different := map[rune]bool{}
	for _, r := range s {
		different[r] = true
	}
	return len(different) < 5 || repeats(s)
}

// repeats tells whether s is a piece of at most a third of its length again
// and again, the last time perhaps cut off.
func repeats(s string) bool {
	for n := 1; n <= len(s)/3; n++ {
		if strings.HasPrefix(strings.Repeat(s[:n], len(s)/n+1), s) {
			return true
		}
	}
	return false
}

// isPersonal: hardly anything is left once the person's own name and address
// are taken out.
func isPersonal(passphrase, name, email string) bool {
	rest := squeeze(passphrase)
	mailbox, domain, _ := strings.Cut(email, "@")
	parts := append([]string{email, mailbox, domain, name}, strings.Fields(name)...)
	slices.SortFunc(parts, func(a, b string) int { return len(b) - len(a) })
	for _, part := range parts {
		if part = squeeze(part); len(part) >= 3 {
			rest = strings.ReplaceAll(rest, part, "")
		}
	}
	return len(rest) < 6 && len(rest) < len(squeeze(passphrase))
}
