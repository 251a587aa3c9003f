package signin_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/vcm-forum/forum/server/signin"
)

func TestLimiter(t *testing.T) {
	at := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	l := signin.NewLimiter(func() time.Time { return at }, map[signin.LimitKind]signin.Limit{
		signin.MailByAccount: {Burst: 2, Every: time.Minute},
	})
	allow := func(key string, want bool) {
		t.Helper()
		if got := l.Allow(signin.MailByAccount, key); got != want {
			t.Errorf("Allow(%q) = %v, want %v", key, got, want)
		}
	}
	allow("a", true)
	allow("a", true)
	allow("a", false)
	allow("b", true)
	if got := l.Wait(signin.MailByAccount, "a"); got < time.Minute || got > 62*time.Second {
		t.Errorf("Wait() = %v, want about a minute", got)
	}
	if !l.Blocked(signin.MailByAccount, "a") || l.Blocked(signin.MailByAccount, "b") || l.Blocked(signin.MailByAddress, "a") {
		t.Error("Blocked() mixes up keys or kinds")
	}
	at = at.Add(time.Minute)
	allow("a", true)
	allow("a", false)
	l.Forget(signin.MailByAccount, "a")
	l.Forget(signin.MailByAccount, "never seen")
	l.Forget(signin.SignInByAddress, "never seen")
	allow("a", true)
}

func TestLimiterKindsAllHaveALimit(t *testing.T) {
	for kind, limit := range signin.DefaultLimits() {
		if limit.Burst < 1 || limit.Every <= 0 {
			t.Errorf("%s: %+v", kind, limit)
		}
	}
	l := signin.NewLimiter(time.Now, nil)
	allowed := 0
	for range 1000 {
		if l.Allow("a kind nobody has thought of", "a") {
			allowed++
		}
	}
	if allowed > 20 {
		t.Errorf("%d of 1000 attempts of an unknown kind, want few", allowed)
	}
}

func TestLimiterRemembersTheKeysUsedLast(t *testing.T) {
	at := time.Now()
	l := signin.NewLimiter(func() time.Time { return at }, map[signin.LimitKind]signin.Limit{
		signin.LinkByAddress: {Burst: 1, Every: time.Hour},
	})
	l.SetMost(100)
	for i := range 10_000 {
		l.Allow(signin.LinkByAddress, strconv.Itoa(i))
		l.Allow(signin.LinkByAddress, "busy")
	}
	if n := l.Keys(signin.LinkByAddress); n != 100 {
		t.Errorf("%d keys remembered, want 100", n)
	}
	if l.Allow(signin.LinkByAddress, "busy") {
		t.Error("the key used all the time was forgotten")
	}
}

func TestNilLimiterAllowsAll(t *testing.T) {
	var l *signin.Limiter
	l.Forget(signin.LinkByAddress, "a")
	if !l.Allow(signin.LinkByAddress, "a") || l.Blocked(signin.LinkByAddress, "a") {
		t.Error("the nil limiter refuses")
	}
}

func TestClientKey(t *testing.T) {
	for _, tc := range []struct{ name, address, want string }{
		{"IPv4", "192.0.2.7", "192.0.2.7"},
		{"IPv4 with a port", "192.0.2.7:4711", "192.0.2.7"},
		{"IPv4 inside IPv6", "::ffff:192.0.2.7", "192.0.2.7"},
		{"IPv6 counts by network", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
		{"IPv6 with a port", "[2001:db8:1:2:ffff::]:80", "2001:db8:1:2::/64"},
		{"IPv6 with a zone", "fe80::1%eth0", "fe80::/64"},
		{"no address", "example.org", "unknown"},
		{"nothing", "", "unknown"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := signin.ClientKey(tc.address); got != tc.want {
				t.Errorf("ClientKey(%q) = %q, want %q", tc.address, got, tc.want)
			}
		})
	}
}
