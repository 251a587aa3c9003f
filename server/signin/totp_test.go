package signin_test

import (
	"errors"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/signin"
)

// code is what the person's app shows now, or some steps from now.
func (f *forum) code(secret string, steps int) string {
	f.Helper()
	code, err := totp.GenerateCode(secret, f.now().Add(time.Duration(steps)*signin.Step))
	f.must(err)
	return code
}

// wrongCode is a code that the app shows at none of the steps that count.
func (f *forum) wrongCode(secret string) string {
	f.Helper()
	right := map[string]bool{}
	for step := -2; step <= 2; step++ {
		right[f.code(secret, step)] = true
	}
	for _, code := range []string{"123456", "654321", "111111", "222222", "333333", "444444"} {
		if !right[code] {
			return code
		}
	}
	f.Fatal("six codes are right at once")
	return ""
}

// withTOTP makes an account with a second factor.
func (f *forum) withTOTP() (people.Person, string) {
	f.Helper()
	const email = "amina@forum.example"
	p := f.account("Amina", email, nil)
	secret, _, err := signin.NewTOTP("VCM Forum", email)
	f.must(err)
	started := f.signIn(email)
	f.must(f.EnableTOTP(f.Context(), f.who(started.Token).Actor, secret, f.code(secret, 0), passphrase))
	f.later(time.Minute) // the code that showed the secret is spent
	return f.person(p.ID), secret
}

func TestNewTOTP(t *testing.T) {
	secret, address, err := signin.NewTOTP("VCM: Forum", "amina@forum.example")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "otpauth" || u.Host != "totp" || u.Query().Get("secret") != secret || len(secret) != 32 {
		t.Errorf("NewTOTP() = %q, %q", secret, address)
	}
}

func TestSecondFactor(t *testing.T) {
	each(t, func(f *forum) {
		p, secret := f.withTOTP()
		half := f.signIn(p.Email)
		if half.Login.Stage != signin.Half {
			t.Fatalf("stage %q, want half", half.Login.Stage)
		}
		err := who(t.Context(), f.Service, half.Token)
		f.want("half", err, signin.ErrHalf)
		f.want("half", err, signin.ErrNobody)
		ended, err := f.Ended(t.Context(), []record.ID{half.Login.ID})
		if f.must(err); len(ended) != 1 {
			t.Error("a socket could be opened with a half login")
		}
		full, err := f.SecondFactor(t.Context(), half.Token, f.code(secret, 0)[:3]+" "+f.code(secret, 0)[3:])
		f.must(err)
		f.wantNobody("the token from before the second step", half.Token)
		if got := f.who(full.Token); got.Actor.ID() != p.ID || !got.HasTOTP || !got.Login.ExpiresAt.Equal(f.now().Add(signin.AccountLife)) {
			t.Errorf("Who() = %+v, want Amina for half a year", got)
		}
		_, err = f.SecondFactor(t.Context(), full.Token, f.code(secret, 1))
		f.want("a full login", err, signin.ErrNobody)
	})
}

func TestACodeCountsOnce(t *testing.T) {
	each(t, func(f *forum) {
		p, secret := f.withTOTP()
		try := func(steps int, want error) {
			t.Helper()
			_, err := f.SecondFactor(t.Context(), f.signIn(p.Email).Token, f.code(secret, steps))
			f.want("code", err, want)
		}
		try(-2, signin.ErrWrong)
		try(2, signin.ErrWrong)
		try(-1, nil)
		try(-1, signin.ErrWrong)
		try(1, nil)
		try(0, signin.ErrWrong) // older than the last that counted
		try(1, signin.ErrWrong)
		f.later(time.Minute)
		try(0, nil)

		f.later(time.Minute)
		var halves [30]string
		for i := range halves {
			halves[i] = f.signIn(p.Email).Token
		}
		code := f.code(secret, 0)
		wins := race(t, len(halves), func(i int) error {
			_, err := f.SecondFactor(t.Context(), halves[i], code)
			return err
		}, signin.ErrWrong)
		if wins != 1 {
			t.Errorf("one code opened %d logins, want 1", wins)
		}
	})
}

func TestAHalfLoginBearsFiveTries(t *testing.T) {
	each(t, func(f *forum) {
		p, secret := f.withTOTP()
		f.wantEnded("so far")
		half := f.signIn(p.Email)
		wrong := f.wrongCode(secret)
		for range signin.SecondFactorTries {
			_, err := f.SecondFactor(t.Context(), half.Token, wrong)
			f.want("a wrong code", err, signin.ErrWrong)
		}
		f.wantEnded("five wrong codes", half.Login.ID)
		_, err := f.SecondFactor(t.Context(), half.Token, f.code(secret, 0))
		f.want("the right code, too late", err, signin.ErrNobody)

		half = f.signIn(p.Email)
		race(t, 40, func(int) error {
			_, err := f.SecondFactor(t.Context(), half.Token, wrong)
			return err
		}, signin.ErrWrong, signin.ErrNobody)
		_, err = f.SecondFactor(t.Context(), half.Token, f.code(secret, 0))
		f.want("after forty at once", err, signin.ErrNobody)

		half = f.signIn(p.Email)
		f.later(signin.HalfLife)
		_, err = f.SecondFactor(t.Context(), half.Token, f.code(secret, 0))
		f.want("after ten minutes", err, signin.ErrNobody)
	})
}

// Two servers on one database count together.
func TestTwoNodesCountOneCodeAndFiveTries(t *testing.T) {
	each(t, func(f *forum) {
		p, secret := f.withTOTP()
		nodes := []*signin.Service{f.Service, f.node(), f.node(), f.node()}
		try := func(i int, token, code string) error {
			_, err := nodes[i%len(nodes)].SecondFactor(t.Context(), token, code)
			return err
		}
		for range 5 {
			f.later(time.Minute)
			code := f.code(secret, 0)
			var halves [16]string
			for i := range halves {
				halves[i] = f.signIn(p.Email).Token
			}
			if wins := race(t, len(halves), func(i int) error { return try(i, halves[i], code) }, signin.ErrWrong); wins != 1 {
				t.Errorf("one code opened %d logins, want 1", wins)
			}
		}
		f.later(time.Minute)
		for range 5 {
			token, wrong := f.signIn(p.Email).Token, f.wrongCode(secret)
			var tried atomic.Int64
			race(t, 24, func(i int) error {
				err := try(i, token, wrong)
				if errors.Is(err, signin.ErrWrong) {
					tried.Add(1)
				}
				return err
			}, signin.ErrWrong, signin.ErrNobody)
			if n := tried.Load(); n != signin.SecondFactorTries {
				t.Errorf("%d codes were tried on one half login, want %d", n, signin.SecondFactorTries)
			}
		}
	})
}

func TestCodesAreLimitedAcrossHalfLogins(t *testing.T) {
	each(t, func(f *forum) {
		p, secret := f.withTOTP()
		f.Limits = signin.NewLimiter(f.now, map[signin.LimitKind]signin.Limit{
			signin.SignInByAccount: {Burst: 1000, Every: time.Second}, signin.SecondByAccount: {Burst: 3, Every: time.Hour},
		})
		wrong := f.wrongCode(secret)
		for range 3 {
			_, err := f.SecondFactor(t.Context(), f.signIn(p.Email).Token, wrong)
			f.want("a wrong code", err, signin.ErrWrong)
		}
		_, err := f.SecondFactor(t.Context(), f.signIn(p.Email).Token, f.code(secret, 0))
		f.want("one too many", err, signin.ErrTooMany)
	})
}

func TestTurningTheSecondFactorOnAndOff(t *testing.T) {
	each(t, func(f *forum) {
		p := f.account("Amina", "amina@forum.example", nil)
		mine, other := f.signIn(p.Email), f.signIn(p.Email)
		me := f.who(mine.Token).Actor
		secret, _, err := signin.NewTOTP("VCM Forum", p.Email)
		f.must(err)
		f.wantInvalid("a wrong code", f.EnableTOTP(t.Context(), me, secret, f.wrongCode(secret), passphrase), "code", "error.code_wrong")
		f.wantInvalid("another's passphrase", f.EnableTOTP(t.Context(), me, secret, f.code(secret, 0), "not the passphrase"), "old", "error.passphrase_old")
		f.wantInvalid("no passphrase", f.EnableTOTP(t.Context(), me, secret, f.code(secret, 0), ""), "old", "error.passphrase_old")
		f.wantInvalid("another secret", f.EnableTOTP(t.Context(), me, "AAAA", "123456", passphrase), "code", "error.code_expired")
		f.must(f.EnableTOTP(t.Context(), me, secret, f.code(secret, 0), passphrase))
		f.wantEnded("turning it on", other.Login.ID)
		f.want("twice", f.EnableTOTP(t.Context(), me, secret, f.code(secret, 1), passphrase), signin.ErrNotThis)

		f.want("off with the code that turned it on", f.DisableTOTP(t.Context(), me, f.code(secret, 0)), signin.ErrWrong)
		f.want("off with a wrong passphrase", f.DisableTOTP(t.Context(), me, "not the passphrase"), signin.ErrWrong)
		f.must(f.DisableTOTP(t.Context(), me, passphrase))
		f.want("off twice", f.DisableTOTP(t.Context(), me, passphrase), signin.ErrWrong)
		f.later(time.Minute)
		f.must(f.EnableTOTP(t.Context(), me, secret, f.code(secret, 0), passphrase))
		f.must(f.DisableTOTP(t.Context(), me, f.code(secret, 1)))
		if got := f.signIn(p.Email).Login.Stage; got != signin.Full {
			t.Errorf("stage %q without a second factor, want full", got)
		}
		f.want("a guest", f.EnableTOTP(t.Context(), f.guest("Goat").Actor, secret, f.code(secret, 0), passphrase), signin.ErrNotThis)
	})
}

func TestAnAdministratorHelpsWhoeverLostThePhone(t *testing.T) {
	each(t, func(f *forum) {
		p, _ := f.withTOTP()
		f.account("Admin", "admin@forum.example", func(p *people.Person) { p.Administrator = true })
		admin := f.who(f.signIn("admin@forum.example").Token).Actor
		f.want("not an administrator", f.ClearTOTP(t.Context(), people.Actor{Person: p}, admin.ID()), people.ErrNotAllowed)
		f.want("for oneself", f.ClearTOTP(t.Context(), admin, admin.ID()), people.ErrNotAllowed)
		half := f.signIn(p.Email)
		f.must(f.ClearTOTP(t.Context(), admin, p.ID))
		f.wantNobody("what was open before", half.Token)
		f.who(f.signIn(p.Email).Token)
	})
}

func TestSetPassphrase(t *testing.T) {
	each(t, func(f *forum) {
		const fresh = "seven boats by the lake"
		p := f.account("Amina", "amina@forum.example", nil)
		mine, other := f.signIn(p.Email), f.signIn(p.Email)
		me := f.who(mine.Token).Actor
		waits := f.link(signin.LinkForm{Purpose: signin.Email, Person: p.ID, Email: p.Email})
		f.wantInvalid("wrong old one", f.SetPassphrase(t.Context(), me, "not the passphrase", fresh), "old", "error.passphrase_old")
		f.wantInvalid("no old one", f.SetPassphrase(t.Context(), me, "", fresh), "old", "error.passphrase_old")
		f.wantInvalid("too short", f.SetPassphrase(t.Context(), me, passphrase, "short"), "passphrase", "error.passphrase_short")
		f.wantInvalid("one's address", f.SetPassphrase(t.Context(), me, passphrase, p.Email), "passphrase", "error.passphrase_personal")
		f.must(f.SetPassphrase(t.Context(), me, passphrase, fresh))
		f.who(mine.Token)
		f.wantNobody("the other device", other.Token)
		f.wantEnded("a new passphrase", other.Login.ID)
		_, err := f.SignIn(t.Context(), p.Email, passphrase, firefox)
		f.want("the old one", err, signin.ErrWrong)
		_, err = f.SignIn(t.Context(), p.Email, fresh, firefox)
		f.must(err)
		f.want("a link by mail that waited", f.use(signin.UseForm{Token: waits}), signin.ErrLinkRevoked)
		lines := f.lines(record.ForumRoom)
		if got := lines[len(lines)-1]; got != signin.PassphraseChanged {
			t.Errorf("last line %s, want %s", got, signin.PassphraseChanged)
		}
		f.want("a guest", f.SetPassphrase(t.Context(), f.guest("Goat").Actor, "", fresh), signin.ErrNotThis)
	})
}

func TestWhoeverForgotThePassphraseSetsOneAfterALinkByMail(t *testing.T) {
	each(t, func(f *forum) {
		const fresh = "seven boats by the lake"
		p := f.account("Amina", "amina@forum.example", nil)
		byMail := func() people.Actor {
			used, err := f.Use(t.Context(), signin.UseForm{Token: f.link(signin.LinkForm{Purpose: signin.Email, Person: p.ID, Email: p.Email})})
			f.must(err)
			return f.who(used.Started.Token).Actor
		}
		f.must(f.SetPassphrase(t.Context(), byMail(), "", fresh))
		me := byMail()
		f.must(f.SetPassphrase(t.Context(), me, "", passphrase))
		f.later(signin.FreshProof)
		f.wantInvalid("ten minutes later", f.SetPassphrase(t.Context(), me, "", fresh), "old", "error.passphrase_old")
	})
}
