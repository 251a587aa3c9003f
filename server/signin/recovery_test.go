package signin_test

import (
	"slices"
	"testing"
	"time"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/signin"
)

const fresh = "seven boats in the bay"

// office is an administrator and somebody who has forgotten the passphrase.
func (f *forum) office() (admin people.Actor, rosa people.Person, form signin.LinkForm) {
	f.Helper()
	admin = people.Actor{Person: f.account("Amina", "amina@forum.example", func(p *people.Person) { p.Administrator = true })}
	rosa = f.account("Rosa", "rosa@forum.example", nil)
	return admin, rosa, signin.LinkForm{Purpose: signin.Recovery, Person: rosa.ID, By: admin.ID()}
}

func TestAForgottenPassphraseIsReplacedByALink(t *testing.T) {
	each(t, func(f *forum) {
		admin, rosa, form := f.office()
		elsewhere := f.signIn(rosa.Email)
		older := f.link(form)
		mail := f.link(signin.LinkForm{Purpose: signin.Email, Person: rosa.ID, Email: rosa.Email})
		token := f.link(form)
		f.want("of two links the older", f.use(signin.UseForm{Token: older, Passphrase: fresh}), signin.ErrLinkRevoked)
		f.wantInvalid("no passphrase", f.use(signin.UseForm{Token: token}), "passphrase", "error.passphrase_short")
		used, err := f.Use(t.Context(), signin.UseForm{Token: token, Passphrase: fresh, Device: firefox})
		f.must(err)
		if p := f.who(used.Started.Token); p.Actor.ID() != rosa.ID || used.Link.Purpose != signin.Recovery {
			t.Errorf("the link signed in %+v", p.Actor.Person)
		}
		f.wantNobody("the login before", elsewhere.Token)
		f.wantEnded("a new passphrase", elsewhere.Login.ID)
		f.want("twice", f.use(signin.UseForm{Token: token, Passphrase: passphrase}), signin.ErrLinkUsed)
		f.want("a link by mail from before", f.use(signin.UseForm{Token: mail}), signin.ErrLinkRevoked)
		_, err = f.SignIn(t.Context(), rosa.Email, passphrase, firefox)
		f.want("the old passphrase", err, signin.ErrWrong)
		_, err = f.SignIn(t.Context(), rosa.Email, fresh, firefox)
		f.must(err)
		links, err := f.Recoveries(t.Context(), rosa.ID)
		f.must(err)
		if len(links) != 2 || links[0].UsedAt == nil || links[1].UsedAt != nil || links[0].CreatedBy != admin.ID() {
			t.Errorf("the account sees %+v", links)
		}
		f.recoveryLines(admin.ID(), rosa.ID)
	})
}

// recoveryLines checks that the record says who made the links for whom.
func (f *forum) recoveryLines(admin, person record.ID) {
	f.Helper()
	entries, err := record.After(f.Context(), f.db.Read, record.ForumRoom, 0, 1000)
	f.must(err)
	offered := 0
	for _, e := range entries {
		if e.Verb == signin.RecoveryOffered && e.Actor == admin && e.Subject == person {
			offered++
		}
	}
	last := entries[len(entries)-1]
	if offered != 2 || last.Verb != signin.PassphraseChanged || last.Actor != person {
		f.Errorf("the record has %d offers and ends with %+v", offered, last)
	}
}

func TestWhoMayBeGivenANewPassphrase(t *testing.T) {
	each(t, func(f *forum) {
		admin, rosa, form := f.office()
		suspended := f.account("Luis", "luis@forum.example", nil)
		f.must(f.People.Suspend(t.Context(), admin, suspended.ID))
		for _, tt := range []struct {
			name string
			by   record.ID
			who  record.ID
			want error
		}{
			{"by somebody who runs nothing", rosa.ID, admin.ID(), people.ErrNotAllowed},
			{"for oneself", admin.ID(), admin.ID(), signin.ErrNotThis},
			{"for a guest", admin.ID(), f.guest("Goat").Actor.ID(), signin.ErrNotThis},
			{"for an account without address", admin.ID(), f.account("Nobody", "", nil).ID, signin.ErrNotThis},
			{"for somebody suspended", admin.ID(), suspended.ID, signin.ErrSuspended},
			{"for nobody", admin.ID(), record.NewID(), signin.ErrNobody},
		} {
			_, _, err := f.NewLink(t.Context(), signin.LinkForm{Purpose: signin.Recovery, Person: tt.who, By: tt.by})
			f.want(tt.name, err, tt.want)
		}
		form.Email = rosa.Email
		_, _, err := f.NewLink(t.Context(), form)
		f.want("one that goes by mail", err, signin.ErrNotThis)
	})
}

func TestALinkForANewPassphraseEnds(t *testing.T) {
	each(t, func(f *forum) {
		admin, rosa, form := f.office()
		token := f.link(form)
		f.wantInvalid("a weak one", f.use(signin.UseForm{Token: token, Passphrase: "short"}), "passphrase", "error.passphrase_short")
		_, err := f.Peek(t.Context(), token)
		f.want("after a weak one", err, nil)
		f.later(24 * time.Hour)
		f.want("a day later", f.use(signin.UseForm{Token: token, Passphrase: fresh}), signin.ErrLinkExpired)

		token = f.link(form)
		login := f.signIn(rosa.Email)
		f.must(f.SetPassphrase(t.Context(), f.who(login.Token).Actor, passphrase, "nine canoes upriver"))
		f.want("once its owner remembered", f.use(signin.UseForm{Token: token, Passphrase: fresh}), signin.ErrLinkRevoked)

		token = f.link(form)
		f.account("Second", "second@forum.example", func(p *people.Person) { p.Administrator = true })
		f.must(f.People.SetRights(t.Context(), admin, admin.ID(), false, false))
		f.want("once its maker runs nothing", f.use(signin.UseForm{Token: token, Passphrase: fresh}), signin.ErrLinkRevoked)
	})
}

// The link replaces the passphrase alone.
func TestANewPassphraseOwesTheSecondFactor(t *testing.T) {
	each(t, func(f *forum) {
		_, rosa, form := f.office()
		f.must(f.People.Change(t.Context(), rosa.ID, rosa.ID, func(p *people.Person) error {
			p.TOTPSecret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
			return nil
		}))
		used, err := f.Use(t.Context(), signin.UseForm{Token: f.link(form), Passphrase: fresh})
		f.must(err)
		f.want("before the second step", who(t.Context(), f.Service, used.Started.Token), signin.ErrHalf)
	})
}

func TestOfAHundredNewPassphrasesOneCounts(t *testing.T) {
	each(t, func(f *forum) {
		_, rosa, form := f.office()
		token := f.link(form)
		nodes := []*signin.Service{f.Service, f.node()}
		wins := race(t, 100, func(i int) error {
			_, err := nodes[i%2].Use(t.Context(), signin.UseForm{Token: token, Passphrase: fresh})
			return err
		}, signin.ErrLinkUsed, signin.ErrBusy)
		if wins != 1 || slices.Contains(f.lines(record.ForumRoom), signin.LinkCreated) {
			t.Errorf("%d passphrases were set, want 1", wins)
		}
		if _, err := f.SignIn(t.Context(), rosa.Email, fresh, firefox); err != nil {
			t.Errorf("sign in: %v", err)
		}
	})
}
