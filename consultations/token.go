package consultations

import (
	"crypto/rand"
	"encoding/base32"
	"strings"
)

// newToken is 128 random bits in letters and figures that are not mistaken for
// one another when they are typed from paper.
func newToken() string {
	raw := make([]byte, 16)
	_, _ = rand.Read(raw) // never fails
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw))
}
