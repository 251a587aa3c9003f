package i18n

import "strings"

// List joins words as a sentence does: a, b and c. An empty list is "".
func (p *Printer) List(items []string) string {
	switch len(items) {
	case 0:
		return ""
	case 1:
		return items[0]
	}
	rest, last := items[:len(items)-1], items[len(items)-1]
	if len(rest) == 1 {
		key := "list.pair"
		if soundsLikeI(last) {
			key = "list.pair_before_i"
		}
		return p.T(key, "first", rest[0], "last", last)
	}
	key := "list.end"
	if soundsLikeI(last) {
		key = "list.end_before_i"
	}
	return p.T(key, "rest", strings.Join(rest, p.T("list.comma")), "last", last)
}

// soundsLikeI says whether a word begins with the sound before which Spanish "y" becomes "e": Bolivia e Indonesia,
// Perú e Honduras not. "Hielo" begins with another sound. Other languages have the same words in both entries.
func soundsLikeI(word string) bool {
	word = strings.ToLower(strings.TrimLeft(word, "«“\"'¿¡("))
	word = strings.TrimPrefix(word, "h")
	if strings.HasPrefix(word, "í") {
		return true
	}
	if !strings.HasPrefix(word, "i") {
		return false
	}
	return len(word) == 1 || !strings.ContainsRune("aeoáéóu", firstRune(word[1:]))
}

// firstRune is the first letter of a word that is not empty.
func firstRune(word string) rune {
	for _, r := range word {
		return r
	}
	return 0
}
