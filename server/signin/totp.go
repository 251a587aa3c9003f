package signin

import (
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
)

// A second factor is a code that a phone app computes anew every half minute
// from a secret it shares with us (TOTP, RFC 6238).
const (
	stepSeconds = 30
	codeDigits  = 6
	secretBytes = 20 // RFC 4226, 4: 160 bits
)

// NewTOTP draws a secret for an account at this forum. The address goes into
// the QR code that the app scans. Nothing is stored until [Service.EnableTOTP].
func NewTOTP(issuer, account string) (secret, address string, err error) {
	plain := strings.NewReplacer(":", " ") // a colon parts the two in the address
	key, err := totp.Generate(totp.GenerateOpts{
		Issuer: plain.Replace(issuer), AccountName: plain.Replace(account), SecretSize: secretBytes,
		Period: stepSeconds, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1,
	})
	if err != nil {
		return "", "", fmt.Errorf("draw a second factor: %w", err)
	}
	return key.Secret(), key.URL(), nil
}

// soundSecret tells whether a secret that came back from a form is one of ours.
func soundSecret(secret string) bool {
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	return err == nil && len(raw) == secretBytes
}

// normalCode takes away the blanks people put between the figures.
func normalCode(code string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\u00a0' || r == '\u202f' {
			return -1
		}
		return r
	}, code)
}

// stepOf finds the half minute whose code was given: the present one, the one
// before or the one after, since clocks differ. Steps up to last are spent. All
// three are always computed.
func stepOf(secret, code string, now time.Time, last int64) (step int64, ok bool) {
	code = normalCode(code)
	present := now.Unix() / stepSeconds
	for candidate := present - 1; candidate <= present+1; candidate++ {
		want, err := hotp.GenerateCodeCustom(secret, uint64(max(0, candidate)),
			hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		same := err == nil && len(code) == codeDigits && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1
		if same && candidate > last && !ok {
			step, ok = candidate, true
		}
	}
	return step, ok
}
