package consultations

import (
	"crypto/rand"
	"encoding/base32"
	"strings"

	"github.com/google/uuid"

	"github.com/vcm-forum/forum/dialogues/record"
)

// newID is an id that does not say when it was made, as those of dialogues do:
// some are shown to people who must not learn when a community acts.
func newID() record.ID { return record.ID(uuid.NewString()) }

// newToken is 128 random bits in letters and figures that are not mistaken for
// one another when they are typed from paper.
func newToken() string {
	raw := make([]byte, 16)
	_, _ = rand.Read(raw) // never fails
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw))
}
