package server

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"sync"
	"time"
)

// A page that wants to follow a room asks for a ticket with an ordinary POST,
// under the same guard as every form, and opens the socket with it. A ticket is
// good once, for half a minute, for the browser that asked.
//
// It is not kept anywhere: it says itself what it is for, signed with the secret
// of that browser's cookie, which every node can check and no script can read.
// Who holds the cookie could sign tickets without asking, but gains nothing: the
// seat is checked anew when the socket opens. So nobody fills our memory by
// asking, and any node takes any node's ticket.
const ticketLife = 30 * time.Second

// ticket says which room its holder may follow, and through which view.
type ticket struct{ room, view string }

// Before the room and the view a ticket has its digest, its end in milliseconds
// and a salt, so that no two are alike.
const (
	endsAt   = sha256.Size
	saltAt   = endsAt + 8
	ticketAt = saltAt + 12
)

// ticketText is how a ticket travels; Strict, so that it can be written in one way only.
var ticketText = base64.RawURLEncoding.Strict()

// sign writes a ticket for the browser with this secret.
func (t ticket) sign(secret string, now time.Time) string {
	raw := make([]byte, ticketAt, ticketAt+len(t.view)+1+len(t.room))
	binary.BigEndian.PutUint64(raw[endsAt:], uint64(now.Add(ticketLife).UnixMilli()))
	_, _ = rand.Read(raw[saltAt:]) // never fails since Go 1.24
	raw = append(raw, t.view+" "+t.room...)
	copy(raw, ticketDigest(secret, raw[endsAt:]))
	return ticketText.EncodeToString(raw)
}

func ticketDigest(secret string, said []byte) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("forum ticket "))
	mac.Write(said)
	return mac.Sum(nil)
}

// readTicket reads a ticket that this browser was given and that has not run
// out. The digest is its name.
func readTicket(text, secret string, now time.Time) (t ticket, digest [sha256.Size]byte, ok bool) {
	raw, err := ticketText.DecodeString(text)
	if err != nil || len(raw) < ticketAt || secret == "" {
		return t, digest, false
	}
	copy(digest[:], raw)
	if !hmac.Equal(digest[:], ticketDigest(secret, raw[endsAt:])) {
		return t, digest, false
	}
	t.view, t.room, _ = strings.Cut(string(raw[ticketAt:]), " ")
	ends := time.UnixMilli(int64(binary.BigEndian.Uint64(raw[endsAt:]))) //nolint:gosec // as sign wrote it
	return t, digest, now.Before(ends)
}

// mostUsed bounds each of the two sets of used tickets. A flood that exceeds it
// makes us forget the oldest early, which lets their own browsers use them again.
const mostUsed = 50_000

// usedTickets are those that have opened a socket on this node, for as long as
// they could open another: those of this half minute and of the one before.
type usedTickets struct {
	mu         sync.Mutex
	turned     time.Time
	young, old map[[sha256.Size]byte]struct{}
}

// redeem reads a ticket and uses it up.
func (u *usedTickets) redeem(text, secret string, now time.Time) (ticket, bool) {
	t, digest, ok := readTicket(text, secret, now)
	if !ok {
		return ticket{}, false
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	_, young := u.young[digest]
	_, old := u.old[digest]
	if young || old {
		return ticket{}, false
	}
	if u.young == nil || len(u.young) >= mostUsed || now.Sub(u.turned) >= ticketLife {
		u.young, u.old, u.turned = map[[sha256.Size]byte]struct{}{}, u.young, now
	}
	u.young[digest] = struct{}{}
	return t, true
}
