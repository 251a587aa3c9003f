package signin_test

import (
	"testing"
	"time"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/signin"
)

// replaced tells whether a proof of somebody was replaced without the one before.
func (f *forum) replaced(person record.ID, after time.Time) bool {
	f.Helper()
	got, err := f.Replaced(f.Context(), after, person, record.NewID())
	f.must(err)
	return !got[person].IsZero()
}

// byMail is somebody whom a link by mail has signed in.
func (f *forum) byMail(p people.Person) people.Actor {
	f.Helper()
	used, err := f.Use(f.Context(), signin.UseForm{Token: f.link(signin.LinkForm{Purpose: signin.Email, Person: p.ID, Email: p.Email})})
	f.must(err)
	return f.who(used.Started.Token).Actor
}

// switchOn gives somebody who is signed in a code app.
func (f *forum) switchOn(me people.Actor, old string) {
	f.Helper()
	secret, _, err := signin.NewTOTP("VCM Forum", me.Person.Email)
	f.must(err)
	f.must(f.EnableTOTP(f.Context(), me, secret, f.code(secret, 0), old))
}

// clear has an administrator take somebody's second factor away.
func (f *forum) clear(p people.Person) {
	f.Helper()
	admin := f.account("Amina", "amina@forum.example", func(p *people.Person) { p.Administrator = true })
	f.must(f.ClearTOTP(f.Context(), people.Actor{Person: admin}, p.ID))
}

// What an account shows counts as its owner's, unless whoever set it had not shown
// what was there before.
func TestReplaced(t *testing.T) {
	without := func(p *people.Person) { p.Passphrase = "" }
	for name, c := range map[string]struct {
		change func(*people.Person) // of the account before
		do     func(f *forum, p people.Person)
		want   bool
	}{
		"with the old passphrase": {nil, func(f *forum, p people.Person) {
			f.must(f.SetPassphrase(f.Context(), f.who(f.signIn(p.Email).Token).Actor, passphrase, fresh))
		}, false},
		"by a link from an administrator": {nil, func(f *forum, p people.Person) {
			admin := f.account("Amina", "amina@forum.example", func(p *people.Person) { p.Administrator = true })
			f.must(f.use(signin.UseForm{Token: f.link(signin.LinkForm{Purpose: signin.Recovery, Person: p.ID, By: admin.ID}), Passphrase: fresh}))
		}, true},
		"by mail, of an address that nobody had proven": {nil, func(f *forum, p people.Person) { f.byMail(p) }, true},
		"by mail": {without, func(f *forum, p people.Person) {
			f.must(f.SetPassphrase(f.Context(), f.byMail(p), "", passphrase))
			f.must(f.SetPassphrase(f.Context(), f.byMail(p), "", fresh))
		}, true},
		"the first, after signing in": {without, func(f *forum, p people.Person) {
			f.must(f.SetPassphrase(f.Context(), f.byMail(p), "", fresh))
		}, false},
		"the first, on a phone that lay open": {without, func(f *forum, p people.Person) {
			me := f.byMail(p)
			f.later(signin.FreshProof)
			f.must(f.SetPassphrase(f.Context(), me, "", fresh))
		}, true},
		"a code app as the first, on a phone that lay open": {without, func(f *forum, p people.Person) {
			me := f.byMail(p)
			f.later(signin.FreshProof)
			f.switchOn(me, "")
		}, true},
		"a code app with the passphrase, taken away by its owner": {nil, func(f *forum, p people.Person) {
			me := f.who(f.signIn(p.Email).Token).Actor
			f.later(signin.FreshProof)
			f.switchOn(me, passphrase)
			f.must(f.DisableTOTP(f.Context(), me, passphrase))
		}, false},
		"nothing, by an administrator": {nil, func(f *forum, p people.Person) { f.clear(p) }, false},
		"a code app, by an administrator": {nil, func(f *forum, p people.Person) {
			me := f.who(f.signIn(p.Email).Token).Actor
			f.switchOn(me, passphrase)
			f.clear(p)
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(f *forum) {
				p := f.account("Rosa", "rosa@forum.example", c.change)
				began := f.now().Add(-time.Second)
				c.do(f, p)
				if got := f.replaced(p.ID, began); got != c.want {
					t.Errorf("replaced: %v, want %v", got, c.want)
				}
				if f.replaced(p.ID, f.now().Add(time.Second)) {
					t.Error("it is told of a time when it was not")
				}
			})
		})
	}
}
