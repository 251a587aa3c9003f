package ledger

import (
	"encoding/binary"

	"golang.org/x/mod/sumdb/tlog"
)

// ShortCode is the first 80 bits of an entry's leaf hash in five words to read
// aloud in any language: proquints (https://arxiv.org/html/0901.4016), each of
// 16 bits as consonant, vowel, consonant, vowel, consonant, joined by "-".
func ShortCode(leaf tlog.Hash) string {
	const consonants, vowels = "bdfghjklmnprstvz", "aiou"
	code := make([]byte, 0, 5*6)
	for word := range 5 {
		bits := binary.BigEndian.Uint16(leaf[2*word:])
		code = append(code, consonants[bits>>12], vowels[bits>>10&3], consonants[bits>>6&15], vowels[bits>>4&3], consonants[bits&15], '-')
	}
	return string(code[:len(code)-1])
}
