package signin_test

import (
	"context"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"pgregory.net/rapid"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server/signin"
)

func quick() *signin.Hasher {
	return signin.NewHasher(signin.HasherConfig{Cost: signin.Cost{Memory: 8, Time: 1, Threads: 1}})
}

// numbers is a text of n characters that repeats nothing.
func numbers(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		b.WriteString(strconv.Itoa(i) + " ")
	}
	return b.String()[:n-1] + "."
}

func TestHashAndCheck(t *testing.T) {
	h := quick()
	check := func(stored, given string) bool {
		t.Helper()
		ok, err := h.Check(t.Context(), stored, given)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	first, err := h.Hash(t.Context(), passphrase)
	if err != nil {
		t.Fatal(err)
	}
	second, err := h.Hash(t.Context(), passphrase)
	if err != nil || first == second {
		t.Fatalf("two hashes of one passphrase: %q, %q, %v; want different salts", first, second, err)
	}
	for _, tc := range []struct {
		name, stored, given string
		want                bool
	}{
		{"the passphrase fits", first, passphrase, true},
		{"the passphrase fits another salt", second, passphrase, true},
		{"a no-break space is a blank", first, strings.ReplaceAll(passphrase, " ", "\u00a0"), true},
		{"another passphrase does not fit", first, passphrase + "s", false},
		{"capitals count", first, strings.ToUpper(passphrase), false},
		{"nothing does not fit", first, "", false},
		{"nothing stored fits nothing", "", passphrase, false},
		{"nothing stored does not fit nothing", "", "", false},
		{"a damaged hash fits nothing", first[:len(first)-1], passphrase, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := check(tc.stored, tc.given); got != tc.want {
				t.Errorf("Check() = %v, want %v", got, tc.want)
			}
		})
	}
	composed, err := h.Hash(t.Context(), "contrase\u00f1a de Jos\u00e9")
	if err != nil || !check(composed, "contrasen\u0303a de Jose\u0301") {
		t.Errorf("letters typed with another keyboard do not fit (%v)", err)
	}
}

func TestDefaultCostIsWhatIsPromised(t *testing.T) {
	stored, err := signin.NewHasher(signin.HasherConfig{}).Hash(t.Context(), passphrase)
	if err != nil || !strings.HasPrefix(stored, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("stored as %q, %v", stored, err)
	}
}

// The hash must be the one everyone else computes, so that accounts can be moved.
func TestHashIsPlainArgon2id(t *testing.T) {
	stored, err := quick().Hash(t.Context(), passphrase)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(stored, "$")
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		t.Fatal(err)
	}
	want := base64.RawStdEncoding.EncodeToString(argon2.IDKey([]byte(passphrase), salt, 1, 8, 1, 32))
	if parts[5] != want {
		t.Errorf("key %s, want %s", parts[5], want)
	}
}

func TestOutdated(t *testing.T) {
	stored, err := quick().Hash(t.Context(), passphrase)
	if err != nil {
		t.Fatal(err)
	}
	if quick().Outdated(stored) || quick().Outdated("") {
		t.Error("today's cost, or nothing, is outdated")
	}
	if !signin.NewHasher(signin.HasherConfig{}).Outdated(stored) {
		t.Error("another cost is not outdated")
	}
}

// A flood of attempts may use the memory of two and make so many wait; the
// others are turned away.
func TestHasherBoundsWhatIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		now, most := 0, 0
		block := make(chan struct{})
		h := signin.NewHasher(signin.HasherConfig{AtOnce: 2, Waiting: 3, Derive: func(string, []byte, signin.Cost, uint32) []byte {
			mu.Lock()
			now++
			most = max(most, now)
			mu.Unlock()
			<-block
			mu.Lock()
			now--
			mu.Unlock()
			return make([]byte, 32)
		}})
		errs := make(chan error, 9)
		for range 8 {
			go func() {
				_, err := h.Check(t.Context(), "", passphrase)
				errs <- err
			}()
		}
		impatient, cancel := context.WithCancel(t.Context())
		synctest.Wait()
		cancel()
		_, err := h.Check(impatient, "", passphrase)
		errs <- err
		close(block)
		busy := 0
		for range 9 {
			if err := <-errs; errors.Is(err, signin.ErrBusy) {
				busy++
			}
		}
		if busy != 4 || most != 2 {
			t.Errorf("%d turned away, %d at once; want 4 and 2", busy, most)
		}
	})
}

func TestAWaitingAttemptEndsWithItsRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		block := make(chan struct{})
		h := signin.NewHasher(signin.HasherConfig{AtOnce: 1, Derive: func(string, []byte, signin.Cost, uint32) []byte {
			<-block
			return make([]byte, 32)
		}})
		go func() { _, _ = h.Check(t.Context(), "", passphrase) }()
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := h.Check(ctx, "", passphrase); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want the request's end", err)
		}
		close(block)
	})
}

func TestCheckNewPassphrase(t *testing.T) {
	const name, email = "Amina Wanjiku Odhiambo", "amina.odhiambo@mangroves.example"
	for _, tc := range []struct{ name, given, key string }{
		{"four words are good", "three goats on a hill", ""},
		{"another script is good", "ขอบคุณมากนะครับผม", ""},
		{"one's name beside enough else is good", "amina likes quiet mornings", ""},
		{"eleven characters are too few", "abcdefghij!", "error.passphrase_short"},
		{"accents do not make it longer", strings.Repeat("e\u0301", 11), "error.passphrase_short"},
		{"256 characters are not too many", numbers(256), ""},
		{"257 characters are too many", numbers(257), "error.passphrase_long"},
		{"a common one is refused", "correct horse battery staple", "error.passphrase_common"},
		{"a common one in capitals is refused", "CONTRASEÑA 123", "error.passphrase_common"},
		{"one letter over and over is refused", strings.Repeat("a", 20), "error.passphrase_common"},
		{"a piece over and over is refused", "abc12abc12abc12", "error.passphrase_common"},
		{"the address is refused", email, "error.passphrase_personal"},
		{"the name is refused", "amina wanjiku", "error.passphrase_personal"},
		{"the name with a year is refused", "AminaOdhiambo2026", "error.passphrase_personal"},
		{"a line break is no passphrase", "three goats\non a hill", "error.not_text"},
		{"broken text is no passphrase", "three goats \xff on a hill", "error.not_text"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v := people.Invalid{}
			signin.CheckNewPassphrase(v, "passphrase", tc.given, name, email)
			if got := v["passphrase"].Key; got != tc.key {
				t.Errorf("problem %q, want %q", got, tc.key)
			}
		})
	}
}

func TestCommonPassphrasesAreInTheFormTheyAreComparedIn(t *testing.T) {
	seen := map[string]bool{}
	for line := range strings.Lines(signin.Common) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		if line != strings.ReplaceAll(people.Fold(line), " ", "") || utf8.RuneCountInString(line) < signin.ShortestPassphrase || seen[line] {
			t.Errorf("line %q: want it folded, of %d characters and once", line, signin.ShortestPassphrase)
		}
		seen[line] = true
	}
	if len(seen) < 100 {
		t.Errorf("%d lines, want a list", len(seen))
	}
}

// Whatever is stored, reading it must not crash, must not accept a cost that
// could eat the machine, and must accept one spelling alone.
func FuzzPHC(f *testing.F) {
	stored, err := quick().Hash(context.Background(), passphrase)
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		stored, "", "$$$$$", "$argon2id$v=19$m=4294967295,t=2,p=1$" + strings.Repeat("A", 22) + "$" + strings.Repeat("A", 43),
		"$argon2i$v=19$m=8,t=1,p=1$" + strings.Repeat("A", 22) + "$" + strings.Repeat("A", 43),
		"$argon2id$v=19$m=08,t=1,p=1$" + strings.Repeat("A", 22) + "$" + strings.Repeat("A", 43),
		"$argon2id$v=19$m=8,t=1,p=2$" + strings.Repeat("A", 22) + "$" + strings.Repeat("A", 43),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		again, cost, err := signin.ParsePHC(s)
		if err != nil {
			return
		}
		if again != s {
			t.Errorf("%q is read as %q", s, again)
		}
		if cost.Memory < 8 || cost.Memory > 256*1024 || cost.Time < 1 || cost.Time > 16 || cost.Threads < 1 || cost.Threads > 16 {
			t.Errorf("%q is believed at a cost of %+v", s, cost)
		}
	})
}

func FuzzToken(f *testing.F) {
	f.Add(signin.NewToken())
	f.Add("")
	f.Add(strings.Repeat("A", 42) + "B")
	f.Add("00\n\n\n" + strings.Repeat("0", 38))
	f.Fuzz(func(t *testing.T, s string) {
		hash, ok := signin.HashToken(s)
		if !ok {
			return
		}
		raw, err := base64.RawURLEncoding.DecodeString(s)
		if err != nil || len(raw) != 32 || base64.RawURLEncoding.EncodeToString(raw) != s || len(hash) != 64 {
			t.Errorf("%q was taken for a token", s)
		}
	})
}

// Tokens share no beginning and are in no order of time (advisory: ids used as tokens).
func TestTokensCannotBeGuessed(t *testing.T) {
	const n = 10_000
	seen, begins, rising := map[string]bool{}, map[string]int{}, 0
	last := ""
	for range n {
		token := signin.NewToken()
		if _, ok := signin.HashToken(token); !ok || seen[token] {
			t.Fatalf("token %q is malformed or came twice", token)
		}
		seen[token] = true
		begins[token[:2]]++
		if token > last {
			rising++
		}
		last = token
	}
	for begin, times := range begins {
		if times > 30 { // 2.4 expected of 4,096
			t.Errorf("%d tokens begin with %q", times, begin)
		}
	}
	if rising < n/2-300 || rising > n/2+300 { // six standard deviations of 50
		t.Errorf("%d of %d tokens sort after the one before, want about half", rising, n)
	}
}

func TestPassphraseRoundTrip(t *testing.T) {
	h := quick()
	rapid.Check(t, func(t *rapid.T) {
		one := rapid.StringN(1, 60, 240).Draw(t, "passphrase")
		stored, err := h.Hash(context.Background(), one)
		if err != nil {
			t.Fatal(err)
		}
		if ok, err := h.Check(context.Background(), stored, one); !ok || err != nil {
			t.Fatalf("%q does not fit its own hash: %v", one, err)
		}
	})
}
