package signin

import "time"

// For tests outside the package.
var (
	HashToken = hashToken
	StepOf    = stepOf
	Common    = commonPassphrases
)

// ParsePHC takes a stored passphrase apart and writes it again.
func ParsePHC(s string) (again string, cost Cost, err error) {
	h, err := parsePHC(s)
	return h.String(), h.Cost, err
}

// SetMost bounds how many keys of each kind a limiter remembers.
func (l *Limiter) SetMost(n int) { l.most = n }

// Keys is how many keys of a kind a limiter remembers.
func (l *Limiter) Keys(kind LimitKind) int { return l.kinds[kind].order.Len() }

// Step is the length of a TOTP step.
const Step = stepSeconds * time.Second
