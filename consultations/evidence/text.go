package evidence

import (
	"bytes"
	"unicode/utf8"
)

// textType takes UTF-8 without control characters. What begins as markup, a program
// or a picture is not plain text, whatever else it may be.
func textType(s *source) (Type, error) {
	head, err := s.bytes(0, int(min(s.size, 512)))
	if err != nil {
		return "", err
	}
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	for _, other := range []string{"<", `{\rtf`, "%!", "#!", "GIF8"} {
		if bytes.HasPrefix(head, []byte(other)) {
			return "", ErrType
		}
	}
	for at := int64(0); at < s.size; {
		n, err := textAt(s, at)
		if err != nil {
			return "", err
		}
		at += n
	}
	return PlainText, nil
}

// textAt checks as much text as is at hand and returns how much it was: a
// character at the edge of the window waits for the next one.
func textAt(s *source, at int64) (int64, error) {
	b, err := s.bytes(at, int(min(s.size-at, windowSize)))
	if err != nil {
		return 0, err
	}
	isLast := at+int64(len(b)) == s.size
	for i := 0; i < len(b); {
		if !isLast && !utf8.FullRune(b[i:]) {
			return int64(i), nil
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 || isControl(r) {
			return 0, ErrType
		}
		i += n
	}
	return int64(len(b)), nil
}

func isControl(r rune) bool {
	return r < ' ' && r != '\n' && r != '\r' && r != '\t' && r != '\f' || r == 0x7f
}

// textCopy is all of a text: it carries nothing beside its words.
func textCopy(s *source) (*Copy, error) { return new(overlay).over(s), nil }
