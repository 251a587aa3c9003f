package signin_test

import (
	"testing"
	"time"

	"github.com/vcm-forum/forum/server/signin"
)

func TestProves(t *testing.T) {
	each(t, func(f *forum) {
		ctx := t.Context()
		p := f.account("Hilda", "hilda@forum.example", nil)
		me := f.who(f.signIn(p.Email).Token).Actor
		f.must(f.Proves(ctx, me, passphrase))
		f.want("a wrong passphrase", f.Proves(ctx, me, "not the passphrase"), signin.ErrWrong)
		f.want("nothing", f.Proves(ctx, me, ""), signin.ErrWrong)
		f.want("six figures without a second factor", f.Proves(ctx, me, "123456"), signin.ErrWrong)
		f.want("a guest", f.Proves(ctx, f.guest("Goat").Actor, passphrase), signin.ErrNotThis)
	})
}

func TestProvesByACodeOnce(t *testing.T) {
	each(t, func(f *forum) {
		ctx := t.Context()
		p, secret := f.withTOTP()
		half := f.signIn(p.Email)
		full, err := f.SecondFactor(ctx, half.Token, f.code(secret, 0))
		f.must(err)
		me := f.who(full.Token).Actor
		f.want("the code that signed in", f.Proves(ctx, me, f.code(secret, 0)), signin.ErrWrong)
		f.later(time.Minute)
		f.want("a wrong code", f.Proves(ctx, me, f.wrongCode(secret)), signin.ErrWrong)
		f.must(f.Proves(ctx, me, f.code(secret, 0)))
		f.want("the same code again", f.Proves(ctx, me, f.code(secret, 0)), signin.ErrWrong)
		f.must(f.Proves(ctx, me, passphrase))
	})
}

// Whoever holds an open phone may not guess on.
func TestProvesIsLimited(t *testing.T) {
	each(t, func(f *forum) {
		f.Limits = signin.NewLimiter(f.now, nil)
		p := f.account("Hilda", "hilda@forum.example", nil)
		me := f.who(f.signIn(p.Email).Token).Actor
		for range signin.DefaultLimits()[signin.SecondByAccount].Burst {
			f.want("a guess", f.Proves(t.Context(), me, "not the passphrase"), signin.ErrWrong)
		}
		f.want("the right one after too many", f.Proves(t.Context(), me, passphrase), signin.ErrTooMany)
	})
}
