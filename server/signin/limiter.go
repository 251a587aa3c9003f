package signin

import (
	"container/list"
	"maps"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// LimitKind says what is counted.
type LimitKind string

// What is limited, and by whose key.
const (
	SignInByAddress  LimitKind = "sign_in.address" // attempts to sign in, by client address
	SignInByAccount  LimitKind = "sign_in.account" // attempts to sign in, by the address that was typed
	SecondByAccount  LimitKind = "second.account"  // codes and old passphrases tried, by person
	JoinByAddress    LimitKind = "join.address"    // session codes that do not exist, by client address
	MailByAddress    LimitKind = "mail.address"    // mails asked for, by client address
	MailByAccount    LimitKind = "mail.account"    // mails asked for, by the address they go to
	LinkByAddress    LimitKind = "link.address"    // links opened, by client address
	CreateByAddress  LimitKind = "create.address"  // accounts made, by client address
	PostByLogin      LimitKind = "post.login"      // contributions, supports, hands, by login
	PostByAddress    LimitKind = "post.address"    // the same by client address, for whoever has no login
	InviteByPerson   LimitKind = "invite.person"   // invitations made, by who invites
	largestLimitKeys           = 20_000            // keys remembered of each kind
	ipv6Prefix                 = 64                // what one customer has of IPv6
	fallbackBurst              = 10                // for a kind without a limit: deny by default, but not at once
	fallbackEvery              = 10 * time.Second
)

// Limit is a bucket: Burst at once, and one more each Every.
type Limit struct {
	Burst int
	Every time.Duration
}

// DefaultLimits are generous to halls, where hundreds of phones share one
// address, and strict to what guesses at one account.
func DefaultLimits() map[LimitKind]Limit {
	return map[LimitKind]Limit{
		SignInByAddress: {60, 5 * time.Second},
		SignInByAccount: {10, time.Minute},
		SecondByAccount: {10, 6 * time.Minute},
		JoinByAddress:   {60, 2 * time.Second},
		MailByAddress:   {20, 30 * time.Second},
		MailByAccount:   {3, 5 * time.Minute},
		LinkByAddress:   {120, time.Second},
		CreateByAddress: {60, 10 * time.Second},
		PostByLogin:     {100, 100 * time.Millisecond},
		PostByAddress:   {3000, 10 * time.Millisecond},
		InviteByPerson:  {60, 10 * time.Second},
	}
}

// Limiter counts attempts, in the memory of this node alone. What it remembers
// is bounded: of each kind the keys used last. The nil Limiter allows all.
type Limiter struct {
	now    func() time.Time
	limits map[LimitKind]Limit
	most   int
	mu     sync.Mutex
	kinds  map[LimitKind]*buckets
}

// buckets are the counts of one kind, the one used last in front.
type buckets struct {
	byKey map[string]*list.Element
	order *list.List
}

type bucket struct {
	key  string
	left *rate.Limiter
}

// NewLimiter counts by these limits; kinds they leave out keep the default.
func NewLimiter(now func() time.Time, limits map[LimitKind]Limit) *Limiter {
	all := DefaultLimits()
	maps.Copy(all, limits)
	return &Limiter{now: now, limits: all, most: largestLimitKeys, kinds: map[LimitKind]*buckets{}}
}

// Allow spends one attempt and tells whether there was one left.
func (l *Limiter) Allow(kind LimitKind, key string) bool {
	if l == nil {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.find(kind, key).AllowN(l.now(), 1)
}

// Wait says how long until Allow would say yes; 0 when it would now. It spends nothing.
func (l *Limiter) Wait(kind LimitKind, key string) time.Duration {
	if l == nil {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	bucket := l.find(kind, key)
	missing := 1 - bucket.TokensAt(l.now())
	if missing <= 0 {
		return 0
	}
	return time.Duration(missing/float64(bucket.Limit())*float64(time.Second)).Round(time.Second) + time.Second
}

// Blocked tells whether nothing is left, without spending: for pages that
// count only what went wrong.
func (l *Limiter) Blocked(kind LimitKind, key string) bool { return l.Wait(kind, key) > 0 }

// Forget clears a count, once who it protects has proven to be there.
func (l *Limiter) Forget(kind LimitKind, key string) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if b := l.kinds[kind]; b != nil {
		b.remove(b.byKey[key])
	}
}

func (l *Limiter) find(kind LimitKind, key string) *rate.Limiter {
	b := l.kinds[kind]
	if b == nil {
		b = &buckets{map[string]*list.Element{}, list.New()}
		l.kinds[kind] = b
	}
	if e := b.byKey[key]; e != nil {
		b.order.MoveToFront(e)
		return e.Value.(*bucket).left
	}
	if b.order.Len() >= l.most {
		b.remove(b.order.Back())
	}
	fresh := &bucket{key, newBucket(l.limits[kind])}
	b.byKey[key] = b.order.PushFront(fresh)
	return fresh.left
}

func newBucket(limit Limit) *rate.Limiter {
	if limit.Burst < 1 || limit.Every <= 0 {
		limit = Limit{fallbackBurst, fallbackEvery}
	}
	return rate.NewLimiter(rate.Every(limit.Every), limit.Burst)
}

func (b *buckets) remove(e *list.Element) {
	if e == nil {
		return
	}
	b.order.Remove(e)
	delete(b.byKey, e.Value.(*bucket).key)
}

// ClientKey brings a client's address to the key it is counted by: IPv4 as it
// is, IPv6 by the network one customer has.
func ClientKey(address string) string {
	if host, err := netip.ParseAddrPort(address); err == nil {
		address = host.Addr().String()
	}
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return "unknown"
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	network, err := ip.Prefix(ipv6Prefix)
	if err != nil {
		return "unknown"
	}
	return network.String()
}
