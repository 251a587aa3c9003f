package signin_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/signin"
)

func TestSignIn(t *testing.T) {
	each(t, func(f *forum) {
		p := f.account("Amina", "amina@forum.example", nil)
		started := f.signIn("  Amina@Forum.example ")
		got := f.who(started.Token)
		if got.Actor.ID() != p.ID || got.Actor.Login != started.Login.ID || !got.HasPassphrase || got.HasTOTP {
			t.Errorf("Who() = %+v, want Amina with a passphrase", got)
		}
		if got.Actor.Person.Passphrase != "" || got.Actor.Person.TOTPSecret != "" {
			t.Error("Who() hands out secrets")
		}
		if b, s := got.Login.Browser(), got.Login.System(); b != "Firefox" || s != "Android" {
			t.Errorf("device = %q on %q, want Firefox on Android", b, s)
		}
		var kept []string
		f.must(f.db.Read.Raw("SELECT token_hash FROM logins").Scan(&kept).Error)
		if len(kept) != 1 || len(kept[0]) != 64 || strings.Contains(kept[0], started.Token) {
			t.Errorf("kept %q, want one SHA-256 and never the token", kept)
		}
		if lines := f.lines(record.ForumRoom); len(lines) != 1 {
			t.Errorf("lines %v: signing in leaves none", lines)
		}
	})
}

// What is refused must take as much work whoever it is refused to: work is
// counted, since clocks on a busy machine tell nothing.
func TestSignInTellsNobodyWhichAccountsExist(t *testing.T) {
	each(t, func(f *forum) {
		f.account("Amina", "amina@forum.example", nil)
		f.account("No Passphrase", "none@forum.example", func(p *people.Person) { p.Passphrase = "" })
		f.account("Broken", "broken@forum.example", func(p *people.Person) { p.Passphrase = "$argon2id$v=19$m=0,t=0,p=0$$" })
		f.account("Suspended", "suspended@forum.example", func(p *people.Person) { at := f.now(); p.SuspendedAt = &at })
		for _, email := range []string{
			"amina@forum.example", "none@forum.example", "broken@forum.example", "suspended@forum.example",
			"unknown@forum.example", "", "%", "' OR 1=1 --",
		} {
			before := f.hashes.Load()
			_, err := f.SignIn(t.Context(), email, "not the passphrase", firefox)
			if err == nil || err.Error() != signin.ErrWrong.Error() {
				t.Errorf("SignIn(%q) = %v, want ErrWrong and nothing else", email, err)
			}
			if n := f.hashes.Load() - before; n != 1 {
				t.Errorf("SignIn(%q) computed %d hashes, want 1", email, n)
			}
		}
		_, err := f.SignIn(t.Context(), "suspended@forum.example", passphrase, firefox)
		f.want("suspended with the right passphrase", err, signin.ErrSuspended)
		for name, given := range map[string]string{"empty": "", "endless": strings.Repeat("x", 1<<20), "no text": "\xff\xfe goats on a hill"} {
			before := f.hashes.Load()
			_, err := f.SignIn(t.Context(), "amina@forum.example", given, firefox)
			f.want(name, err, signin.ErrWrong)
			if f.hashes.Load() != before {
				t.Errorf("%s: hashed what cannot be a passphrase", name)
			}
		}
	})
}

func TestGuestsAndImportedPeopleHaveNoPassphrase(t *testing.T) {
	each(t, func(f *forum) {
		f.account("Old Author", "author@forum.example", func(p *people.Person) { p.Kind = people.Imported })
		_, err := f.SignIn(t.Context(), "author@forum.example", passphrase, firefox)
		f.want("an imported author", err, signin.ErrWrong)
	})
}

func TestAttemptsOnOneAccountAreLimited(t *testing.T) {
	each(t, func(f *forum) {
		f.Limits = signin.NewLimiter(f.now, nil)
		f.account("Amina", "amina@forum.example", nil)
		attempt := func(email, given string) error {
			_, err := f.SignIn(t.Context(), email, given, firefox)
			return err
		}
		for range 9 {
			f.want("a wrong one", attempt("amina@forum.example", "not the passphrase"), signin.ErrWrong)
		}
		f.must(attempt("amina@forum.example", passphrase)) // and clears the count
		for range 10 {
			f.want("a wrong one", attempt("amina@forum.example", "not the passphrase"), signin.ErrWrong)
			f.want("an unknown address", attempt("unknown@forum.example", "not the passphrase"), signin.ErrWrong)
		}
		f.want("the right one, too late", attempt("amina@forum.example", passphrase), signin.ErrTooMany)
		f.want("an unknown address", attempt("unknown@forum.example", passphrase), signin.ErrTooMany)
		f.later(time.Minute)
		f.must(attempt("amina@forum.example", passphrase))
	})
}

func TestLoginsEndAtOnce(t *testing.T) {
	each(t, func(f *forum) {
		p := f.account("Amina", "amina@forum.example", nil)
		other := f.account("Beto", "beto@forum.example", nil)
		admin := people.Actor{Person: f.account("Admin", "admin@forum.example", func(p *people.Person) { p.Administrator = true })}
		phone, laptop, tablet := f.signIn(p.Email), f.signIn(p.Email), f.signIn(p.Email)
		beto := f.signIn(other.Email)
		me := f.who(laptop.Token).Actor

		f.must(f.End(t.Context(), me, beto.Login.ID))
		f.wantEnded("somebody else's login")
		f.who(beto.Token)

		f.must(f.End(t.Context(), me, phone.Login.ID))
		f.wantNobody("a login that was ended", phone.Token)
		f.wantEnded("End", phone.Login.ID)

		f.must(f.EndOthers(t.Context(), me))
		f.wantNobody("another device", tablet.Token)
		f.who(laptop.Token)
		f.wantEnded("EndOthers", tablet.Login.ID)

		f.must(f.People.Suspend(t.Context(), admin, p.ID))
		f.wantNobody("a suspended person", laptop.Token)
		f.must(f.EndAll(t.Context(), admin.ID(), p.ID))
		f.wantEnded("EndAll", laptop.Login.ID)
		f.must(f.People.Restore(t.Context(), admin, p.ID))
		f.wantNobody("restored, but signed out", laptop.Token)
		f.who(beto.Token)
	})
}

func TestWhoRefuses(t *testing.T) {
	each(t, func(f *forum) {
		token := f.signIn(f.account("Amina", "amina@forum.example", nil).Email).Token
		id := f.who(token).Actor.ID()
		for name, given := range map[string]string{
			"no token": "", "another token": signin.NewToken(), "a longer one": token + "A", "half of it": token[:20],
			"padding": token[:42] + "=", "a blank": " " + token[1:], "the last bits changed": token[:42] + string(token[42]^1),
			"SQL": "' OR '1'='1' --                              "[:43],
		} {
			f.wantNobody(name, given)
		}
		for _, change := range []string{"erased_at = ?", "suspended_at = ?"} {
			f.must(f.db.Write.Exec("UPDATE people SET "+change+" WHERE id = ?", f.now(), id).Error)
			f.wantNobody(change, token)
			f.must(f.db.Write.Exec("UPDATE people SET "+change+" WHERE id = ?", nil, id).Error)
		}
		f.must(f.db.Write.Exec("UPDATE people SET merged_into = id WHERE id = ?", id).Error)
		f.wantNobody("merged", token)
		f.must(f.db.Write.Exec("UPDATE people SET merged_into = NULL WHERE id = ?", id).Error)
		f.who(token)
	})
}

func TestLoginsLast(t *testing.T) {
	each(t, func(f *forum) {
		account := f.signIn(f.account("Amina", "amina@forum.example", nil).Email)
		guest := f.guest("Goat")
		f.later(signin.GuestLife - time.Second)
		ended, err := f.Ended(t.Context(), []record.ID{guest.Login.ID, account.Login.ID, record.NewID()})
		if f.must(err); len(ended) != 1 {
			t.Errorf("Ended() = %v, want the unknown login alone", ended)
		}
		f.later(time.Second)
		ended, err = f.Ended(t.Context(), []record.ID{guest.Login.ID, account.Login.ID})
		if diff := cmp.Diff([]record.ID{guest.Login.ID}, ended); err != nil || diff != "" {
			t.Errorf("Ended() = %v: %s", err, diff)
		}
		f.who(account.Token)
		f.later(signin.AccountLife - signin.GuestLife)
		f.wantNobody("an account after half a year", account.Token)
		f.must(f.Sweep(t.Context()))
		var n int64
		f.must(f.db.Read.Model(&signin.Login{}).Count(&n).Error)
		if n != 0 {
			t.Errorf("%d logins after the sweep, want 0", n)
		}
	})
}

func TestListShowsWhereOneIsSignedIn(t *testing.T) {
	each(t, func(f *forum) {
		p := f.account("Amina", "amina@forum.example", nil)
		first := f.signIn(p.Email)
		f.later(time.Hour)
		second := f.signIn(p.Email)
		f.later(10 * time.Minute)
		f.who(first.Token)
		f.Wait() // for "last seen", which is written beside the request
		logins, err := f.List(t.Context(), p.ID)
		f.must(err)
		if len(logins) != 2 || logins[0].ID != first.Login.ID || logins[1].ID != second.Login.ID {
			t.Fatalf("List() = %+v, want the first login on top", logins)
		}
		if !logins[0].SeenAt.Equal(f.now()) {
			t.Errorf("seen at %v, want %v", logins[0].SeenAt, f.now())
		}
		f.later(signin.AccountLife - time.Hour)
		if logins, err = f.List(t.Context(), p.ID); err != nil || len(logins) != 1 {
			t.Errorf("List() = %d, %v, want the login that has not expired", len(logins), err)
		}
	})
}

func TestPassphraseIsHashedAgainAtTodaysCost(t *testing.T) {
	each(t, func(f *forum) {
		old := signin.NewHasher(signin.HasherConfig{Cost: signin.Cost{Memory: 16, Time: 1, Threads: 1}})
		hashed, err := old.Hash(t.Context(), passphrase)
		f.must(err)
		p := f.account("Amina", "amina@forum.example", func(p *people.Person) { p.Passphrase = hashed })
		f.signIn(p.Email)
		now := f.person(p.ID).Passphrase
		if now == hashed || f.Hasher.Outdated(now) {
			t.Errorf("kept as %.30s…, want it at today's cost", now)
		}
		f.signIn(p.Email)
	})
}

func TestDeviceLabel(t *testing.T) {
	for _, tc := range []struct{ name, agent, want string }{
		{"Firefox on a phone", firefox, "Firefox/Android"},
		{"Chrome on a phone", "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36", "Chrome/Android"},
		{"Edge on Windows", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", "Edge/Windows"},
		{"Safari on an iPhone", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1", "Safari/iPhone"},
		{"Safari on a Mac", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15", "Safari/macOS"},
		{"Firefox on Linux", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox/Linux"},
		{"a feature phone", "Mozilla/5.0 (Mobile; Nokia; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5", "Firefox/KaiOS"},
		{"a system alone", "curl (Windows)", "/Windows"},
		{"nothing", "", ""},
		{"a text", "<script>alert(1)</script>", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := signin.DeviceLabel(tc.agent); got != tc.want {
				t.Errorf("DeviceLabel() = %q, want %q", got, tc.want)
			}
		})
	}
}

func TestErrHalfIsNobody(t *testing.T) {
	if !errors.Is(signin.ErrHalf, signin.ErrNobody) || errors.Is(signin.ErrNobody, signin.ErrHalf) {
		t.Error("a half login must count as nobody, and nobody not as a half login")
	}
}
