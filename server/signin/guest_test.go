package signin_test

import (
	"testing"
	"time"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/signin"
)

func TestClaim(t *testing.T) {
	each(t, func(f *forum) {
		taken := f.account("Amina", "amina@forum.example", nil)
		guest := f.guest("Goat")
		second, err := f.Start(t.Context(), guest.Actor.ID(), firefox)
		f.must(err)
		claim := func(profile people.Profile, passphrase string) error {
			_, err := f.Claim(t.Context(), guest.Actor, profile, passphrase)
			return err
		}
		f.wantInvalid("no address", claim(f.profile("Gabriela", ""), passphrase), "email", "error.required")
		f.wantInvalid("a weak passphrase", claim(f.profile("Gabriela", "g@forum.example"), "password1234"), "passphrase", "error.passphrase_common")
		f.want("an address that has an account", claim(f.profile("Gabriela", taken.Email), passphrase), people.ErrEmailTaken)
		f.who(second.Token)

		profile := f.profile("Gabriela", "gabriela@forum.example")
		profile.Organisation = "Lake Watch"
		started, err := f.Claim(t.Context(), guest.Actor, profile, passphrase)
		f.must(err)
		got := f.who(started.Token)
		if p := got.Actor.Person; p.ID != guest.Actor.ID() || p.Kind != people.Account || p.Name != "Gabriela" || p.OrganisationID == "" {
			t.Errorf("person %+v, want the guest's row as Gabriela's account", p)
		}
		if !got.Login.ExpiresAt.Equal(f.now().Add(signin.AccountLife)) {
			t.Errorf("expires at %v, want half a year from now", got.Login.ExpiresAt)
		}
		f.wantNobody("the other phone", second.Token)
		f.wantEnded("claiming", second.Login.ID)
		f.want("twice", claim(profile, passphrase), signin.ErrNotThis)
		f.signIn("gabriela@forum.example")
		f.Mail = false
		other := f.guest("Sheep")
		_, err = f.Claim(t.Context(), other.Actor, f.profile("Sheep", "sheep@forum.example"), "")
		f.wantInvalid("no passphrase where no mail can be sent", err, "passphrase", "error.passphrase_short")
	})
}

func TestMergeNeedsTheGuestsPhone(t *testing.T) {
	each(t, func(f *forum) {
		p := f.account("Amina", "amina@forum.example", nil)
		me := f.who(f.signIn(p.Email).Token).Actor
		guest := f.guest("Goat")
		phone, err := f.Start(t.Context(), guest.Actor.ID(), firefox)
		f.must(err)
		other := f.signIn(f.account("Beto", "beto@forum.example", nil).Email)
		f.want("no phone", f.Merge(t.Context(), f.dialogues, "", me), signin.ErrNobody)
		f.want("another account's phone", f.Merge(t.Context(), f.dialogues, other.Token, me), signin.ErrNotThis)
		f.want("into a guest", f.Merge(t.Context(), f.dialogues, phone.Token, f.guest("Sheep").Actor), signin.ErrNotThis)
		f.must(f.Merge(t.Context(), f.dialogues, phone.Token, me))
		f.wantNobody("the guest", phone.Token)
		f.wantEnded("merging", guest.Login.ID, phone.Login.ID)
		if got := f.person(guest.Actor.ID()); got.MergedInto != p.ID || got.Name != "" {
			t.Errorf("guest %+v, want an empty row that points to Amina", got)
		}
		lines := f.lines(record.ForumRoom)
		if got := lines[len(lines)-1]; got != people.PersonMerged {
			t.Errorf("last line %s, want %s", got, people.PersonMerged)
		}
	})
}

func TestClaimingAtTheSameMomentHappensOnce(t *testing.T) {
	each(t, func(f *forum) {
		guest := f.guest("Goat")
		wins := race(t, 20, func(int) error {
			_, err := f.Claim(t.Context(), guest.Actor, f.profile("Gabriela", "gabriela@forum.example"), passphrase)
			return err
		}, signin.ErrNotThis)
		if wins != 1 {
			t.Errorf("%d of 20 claims succeeded, want 1", wins)
		}
		f.later(time.Minute)
		f.signIn("gabriela@forum.example")
	})
}
