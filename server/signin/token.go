package signin

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
)

// tokenBytes is the length of a token before it is written in base64url: more
// than can be guessed or than two people can ever draw alike.
const tokenBytes = 32

// NewToken draws a token: 43 characters that fit a cookie, an address and a QR
// code. Pages use it for the cookie that knows a phone again (see [UseForm]).
func NewToken() string {
	raw := make([]byte, tokenBytes)
	_, _ = rand.Read(raw) // never fails since Go 1.24
	return base64.RawURLEncoding.EncodeToString(raw)
}

// hashToken gives the form in which a token is kept and looked up. It is false
// for whatever was never a token, so that rubbish costs no query.
func hashToken(token string) (string, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) != tokenBytes || base64.RawURLEncoding.EncodeToString(raw) != token { // decoding skips line ends
		return "", false
	}
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:]), true
}

// freshToken draws a token together with its hash.
func freshToken() (token, hash string) {
	token = NewToken()
	hash, _ = hashToken(token)
	return token, hash
}
