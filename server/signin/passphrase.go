package signin

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/crypto/argon2"
)

// Cost is what one look at a passphrase costs whoever tries, us included.
type Cost struct {
	Memory  uint32 // KiB
	Time    uint32 // passes
	Threads uint8
}

// DefaultCost is the first choice of the OWASP password storage cheat sheet
// for argon2id: 19 MiB, two passes, one thread; about 60 ms.
func DefaultCost() Cost { return Cost{Memory: 19 * 1024, Time: 2, Threads: 1} }

// Bounds within which a stored hash is believed: outside them it was not
// written by us, and computing it could eat the machine.
const (
	saltBytes   = 16
	keyBytes    = 32
	mostMemory  = 256 * 1024 // KiB
	mostTime    = 16
	mostThreads = 16
	shortestRaw = 8
	longestRaw  = 64
)

// errPHC says that a stored passphrase cannot be read.
var errPHC = errors.New("not an argon2id hash in PHC form")

// phc is a stored passphrase taken apart.
type phc struct {
	Cost
	salt, key []byte
}

// String writes the PHC string format: $argon2id$v=19$m=…,t=…,p=…$salt$key.
func (h phc) String() string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.Memory, h.Time, h.Threads, b64(h.salt), b64(h.key))
}

// parsePHC accepts exactly what String writes.
func parsePHC(s string) (phc, error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != "v="+strconv.Itoa(argon2.Version) {
		return phc{}, errPHC
	}
	cost, ok := parseCost(parts[3])
	if !ok {
		return phc{}, errPHC
	}
	h := phc{Cost: cost}
	var err error
	for i, into := range []*[]byte{&h.salt, &h.key} {
		*into, err = base64.RawStdEncoding.Strict().DecodeString(parts[4+i])
		if err != nil || len(*into) < shortestRaw || len(*into) > longestRaw {
			return phc{}, errPHC
		}
	}
	if h.String() != s { // leading zeros, line breaks
		return phc{}, errPHC
	}
	return h, nil
}

func parseCost(s string) (Cost, bool) {
	var numbers [3]uint64
	fields := strings.Split(s, ",")
	if len(fields) != len(numbers) {
		return Cost{}, false
	}
	for i, want := range []struct {
		name string
		most uint64
	}{{"m=", mostMemory}, {"t=", mostTime}, {"p=", mostThreads}} {
		digits, ok := strings.CutPrefix(fields[i], want.name)
		n, err := strconv.ParseUint(digits, 10, 32)
		if !ok || err != nil || n < 1 || n > want.most {
			return Cost{}, false
		}
		numbers[i] = n
	}
	if numbers[0] < 8*numbers[2] { // RFC 9106, 3.1
		return Cost{}, false
	}
	return Cost{uint32(numbers[0]), uint32(numbers[1]), uint8(numbers[2])}, true //nolint:gosec // bounded above
}

// Hasher turns passphrases into what is kept of them. It works on few at once
// and lets only so many wait, so that a flood of attempts takes neither the
// memory nor the processors away from everyone else.
type Hasher struct {
	cost    Cost
	slots   chan struct{}
	queue   atomic.Int64
	longest int64
	derive  func(given string, salt []byte, c Cost, length uint32) []byte
	// dummy is what is checked where there is nothing to check, so that an
	// unknown address takes as long as a known one.
	dummy func() phc
}

// HasherConfig sets up a Hasher. Zero fields mean the defaults.
type HasherConfig struct {
	Cost    Cost // of new hashes; DefaultCost
	AtOnce  int  // hashes computed at the same time, each with its own memory; 2
	Waiting int  // attempts that may wait for their turn; 64
	// Derive computes argon2id; tests count its calls through it.
	Derive func(given string, salt []byte, c Cost, length uint32) []byte
}

// NewHasher makes a Hasher.
func NewHasher(cfg HasherConfig) *Hasher {
	if cfg.Cost == (Cost{}) {
		cfg.Cost = DefaultCost()
	}
	if cfg.Derive == nil {
		cfg.Derive = Argon2id
	}
	if cfg.AtOnce < 1 {
		cfg.AtOnce = 2
	}
	if cfg.Waiting < 1 {
		cfg.Waiting = 64
	}
	h := &Hasher{cost: cfg.Cost, slots: make(chan struct{}, cfg.AtOnce), longest: int64(cfg.Waiting + cfg.AtOnce), derive: cfg.Derive}
	h.dummy = sync.OnceValue(func() phc { // its key fits no passphrase; its cost is that of a real one
		d := phc{Cost: cfg.Cost, salt: make([]byte, saltBytes), key: make([]byte, keyBytes)}
		_, _ = rand.Read(d.salt) // never fails since Go 1.24
		_, _ = rand.Read(d.key)
		return d
	})
	return h
}

// Argon2id derives a key from a passphrase.
func Argon2id(given string, salt []byte, c Cost, length uint32) []byte {
	return argon2.IDKey([]byte(given), salt, c.Time, c.Memory, c.Threads, length)
}

// Hash returns what is kept of a passphrase, in PHC form. The caller has
// checked it with [CheckNewPassphrase]. Errors: ErrBusy, ctx's.
func (h *Hasher) Hash(ctx context.Context, passphrase string) (string, error) {
	fresh := phc{Cost: h.cost, salt: make([]byte, saltBytes)}
	_, _ = rand.Read(fresh.salt) // never fails since Go 1.24
	var err error
	fresh.key, err = h.compute(ctx, passphrase, fresh.salt, fresh.Cost, keyBytes)
	return fresh.String(), err
}

// Check tells whether given is the passphrase kept as stored. Where nothing
// readable is stored it computes as much and says no. Errors: ErrBusy, ctx's.
func (h *Hasher) Check(ctx context.Context, stored, given string) (bool, error) {
	want, unreadable := parsePHC(stored)
	if unreadable != nil {
		want = h.dummy()
	}
	key, err := h.compute(ctx, given, want.salt, want.Cost, uint32(len(want.key))) //nolint:gosec // at most longestRaw
	if err != nil {
		return false, err
	}
	same := subtle.ConstantTimeCompare(key, want.key) == 1
	return same && unreadable == nil, nil
}

// Outdated tells whether a stored passphrase was hashed at another cost than
// today's, and should be hashed again the next time it is known.
func (h *Hasher) Outdated(stored string) bool {
	kept, err := parsePHC(stored)
	return err == nil && (kept.Cost != h.cost || len(kept.key) != keyBytes || len(kept.salt) != saltBytes)
}

// compute derives a key once a slot is free.
func (h *Hasher) compute(ctx context.Context, given string, salt []byte, c Cost, length uint32) ([]byte, error) {
	if h.queue.Add(1) > h.longest {
		h.queue.Add(-1)
		return nil, ErrBusy
	}
	defer h.queue.Add(-1)
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-h.slots }()
	return h.derive(normalPassphrase(given), salt, c, length), nil
}
