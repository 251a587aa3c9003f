package signin_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/signin"
)

// profileForm is a form that makes an account.
func (f *forum) profileForm(token, name, email string) signin.UseForm {
	profile := f.profile(name, email)
	return signin.UseForm{Token: token, Device: firefox, Profile: &profile, Passphrase: passphrase}
}

func TestFirstStart(t *testing.T) {
	each(t, func(f *forum) {
		old := f.link(signin.LinkForm{Purpose: signin.Administrator})
		token := f.link(signin.LinkForm{Purpose: signin.Administrator})
		f.want("the link of an earlier start", f.use(f.profileForm(old, "Admin", "admin@forum.example")), signin.ErrLinkRevoked)
		f.want("no profile", f.use(signin.UseForm{Token: token}), signin.ErrLinkNeeds)
		f.wantInvalid("no address", f.use(f.profileForm(token, "Admin", "")), "email", "error.required")
		weak := f.profileForm(token, "Admin", "admin@forum.example")
		weak.Passphrase = ""
		f.wantInvalid("no passphrase", f.use(weak), "passphrase", "error.passphrase_short")
		used, err := f.Use(t.Context(), f.profileForm(token, "Admin", "admin@forum.example"))
		f.must(err)
		if admin := f.who(used.Started.Token).Actor.Person; !admin.CanAdminister() || !admin.CanConvene() {
			t.Errorf("made %+v, want an administrator", admin)
		}
		f.signIn("admin@forum.example")
		f.want("twice", f.use(f.profileForm(token, "Thief", "thief@forum.example")), signin.ErrLinkUsed)
		_, _, err = f.NewLink(t.Context(), signin.LinkForm{Purpose: signin.Administrator})
		f.want("a link when there is an administrator", err, signin.ErrLinkUsed)
		lines := f.lines(record.ForumRoom)
		if got, want := fmt.Sprint(lines), fmt.Sprint([]record.Verb{signin.LinkCreated, signin.LinkCreated, people.PersonCreated}); got != want {
			t.Errorf("lines %s, want %s", got, want)
		}
	})
}

func TestDemoLinkIsReusable(t *testing.T) {
	each(t, func(f *forum) {
		p := f.account("Demo", "demo@forum.example", nil)
		token := f.link(signin.LinkForm{Purpose: signin.Demo, Person: p.ID})
		for range 3 {
			used, err := f.Use(t.Context(), signin.UseForm{Token: token})
			f.must(err)
			f.who(used.Started.Token)
		}
		f.later(7 * 24 * time.Hour)
		f.want("after a week", f.use(signin.UseForm{Token: token}), signin.ErrLinkExpired)
	})
}

func TestALinkOpensOnce(t *testing.T) {
	each(t, func(f *forum) {
		p := f.account("Amina", "amina@forum.example", nil)
		mover := f.account("Berta", "berta@forum.example", nil)
		dialogue, lead := f.dialogue()
		invite := signin.LinkForm{Purpose: signin.Invite, Dialogue: dialogue, Role: dialogues.Participant, By: lead.ID()}
		nodes := []*signin.Service{f.Service, f.node()}
		for name, tc := range map[string]struct {
			link signin.LinkForm
			form func(token string, i int) signin.UseForm
		}{
			"by mail": {
				signin.LinkForm{Purpose: signin.Email, Person: p.ID, Email: p.Email},
				func(token string, _ int) signin.UseForm { return signin.UseForm{Token: token} },
			},
			"a new address": {
				signin.LinkForm{Purpose: signin.Address, Person: mover.ID, Email: "new@forum.example"},
				func(token string, _ int) signin.UseForm {
					return signin.UseForm{Token: token, Actor: people.Actor{Person: mover}}
				},
			},
			"an invitation, by new people": {invite, func(token string, i int) signin.UseForm {
				return f.profileForm(token, fmt.Sprintf("Person %d", i), fmt.Sprintf("person%d@forum.example", i))
			}},
			"a sheet, by many phones": {
				signin.LinkForm{Purpose: signin.Sheet, Dialogue: dialogue, Session: f.session(dialogue, lead), Role: dialogues.Participant, By: lead.ID()},
				func(token string, i int) signin.UseForm {
					profile := f.profile(fmt.Sprintf("Guest %d", i), "")
					return signin.UseForm{Token: token, Profile: &profile}
				},
			},
		} {
			token := f.link(tc.link)
			for range 3 { // opening the address, as scanners of mail do, is not using
				_, err := f.Peek(t.Context(), token)
				f.must(err)
			}
			before := f.countPeople()
			wins := race(t, 100, func(i int) error {
				_, err := nodes[i%len(nodes)].Use(t.Context(), tc.form(token, i))
				return err
			}, signin.ErrLinkUsed, signin.ErrLinkRevoked)
			if wins != 1 {
				t.Errorf("%s: %d of 100 succeeded, want 1", name, wins)
			}
			if made := f.countPeople() - before; made > 1 {
				t.Errorf("%s: made %d people, want one at most", name, made)
			}
			f.want(name+", once more", f.use(tc.form(token, 1000)), signin.ErrLinkUsed)
		}
	})
}

func (f *forum) countPeople() (n int64) {
	f.Helper()
	f.must(f.db.Read.Model(&people.Person{}).Count(&n).Error)
	return n
}

func TestLinksRunOut(t *testing.T) {
	each(t, func(f *forum) {
		p := f.account("Amina", "amina@forum.example", nil)
		dialogue, lead := f.dialogue()
		forms := map[time.Duration]signin.LinkForm{
			10 * time.Minute:   {Purpose: signin.Email, Person: p.ID, Email: p.Email, Life: 48 * time.Hour},
			time.Hour:          {Purpose: signin.Address, Person: p.ID, Email: "new@forum.example"},
			24 * time.Hour:     {Purpose: signin.Administrator},
			7 * 24 * time.Hour: {Purpose: signin.Invite, Dialogue: dialogue, Role: dialogues.Observer, By: lead.ID(), Life: 365 * 24 * time.Hour},
		}
		for life, form := range forms {
			token, link, err := f.NewLink(t.Context(), form)
			f.must(err)
			if got := link.ExpiresAt.Sub(link.CreatedAt); got != life {
				t.Errorf("%s lasts %v, want %v", form.Purpose, got, life)
			}
			f.later(life - time.Microsecond)
			_, err = f.Peek(t.Context(), token)
			f.want("just before its end", err, nil)
			f.must(f.StillHolds(t.Context(), link.ID))
			f.later(time.Microsecond)
			_, err = f.Peek(t.Context(), token)
			f.want("at its end", err, signin.ErrLinkExpired)
			f.want("at its end", f.StillHolds(t.Context(), link.ID), signin.ErrLinkExpired)
			f.want("at its end", f.use(signin.UseForm{Token: token, Actor: people.Actor{Person: p}}), signin.ErrLinkExpired)
			f.clock.Add(-life.Microseconds())
		}
		_, err := f.Peek(t.Context(), signin.NewToken())
		f.want("a token nobody made", err, signin.ErrLinkUnknown)
		_, err = f.Peek(t.Context(), "' OR 1=1 --")
		f.want("rubbish", err, signin.ErrLinkUnknown)
	})
}

func TestLinkFormsThatAreRefused(t *testing.T) {
	each(t, func(f *forum) {
		p := f.account("Amina", "amina@forum.example", nil)
		guest := f.guest("Goat").Actor.ID()
		dialogue, lead := f.dialogue()
		session := f.session(dialogue, lead)
		elsewhere, otherLead := f.dialogue()
		for name, tc := range map[string]struct {
			form signin.LinkForm
			want error
		}{
			"no purpose":                         {signin.LinkForm{Person: p.ID}, signin.ErrNotThis},
			"mail to another address":            {signin.LinkForm{Purpose: signin.Email, Person: p.ID, Email: "thief@forum.example"}, signin.ErrNotThis},
			"mail for a guest":                   {signin.LinkForm{Purpose: signin.Email, Person: guest, Email: "goat@forum.example"}, signin.ErrNotThis},
			"mail for nobody":                    {signin.LinkForm{Purpose: signin.Email, Email: p.Email}, signin.ErrNotThis},
			"a demonstration of nobody":          {signin.LinkForm{Purpose: signin.Demo}, signin.ErrNotThis},
			"an administrator for a person":      {signin.LinkForm{Purpose: signin.Administrator, Person: p.ID}, signin.ErrNotThis},
			"an invitation by nobody":            {signin.LinkForm{Purpose: signin.Invite, Dialogue: dialogue, Role: dialogues.Participant}, signin.ErrNotThis},
			"an invitation to no role":           {signin.LinkForm{Purpose: signin.Invite, Dialogue: dialogue, Role: "king", By: lead.ID()}, signin.ErrNotThis},
			"an invitation by an outsider":       {signin.LinkForm{Purpose: signin.Invite, Dialogue: dialogue, Role: dialogues.Participant, By: p.ID}, dialogues.ErrHidden},
			"an invitation elsewhere":            {signin.LinkForm{Purpose: signin.Invite, Dialogue: dialogue, Role: dialogues.Participant, By: otherLead.ID()}, dialogues.ErrHidden},
			"a sheet with power":                 {signin.LinkForm{Purpose: signin.Sheet, Dialogue: dialogue, Session: session, Role: dialogues.Facilitator, By: lead.ID()}, signin.ErrNotThis},
			"a sheet for an account":             {signin.LinkForm{Purpose: signin.Sheet, Dialogue: dialogue, Session: session, Role: dialogues.Participant, By: lead.ID(), Person: p.ID}, signin.ErrNotThis},
			"a sheet for an account with a seat": {signin.LinkForm{Purpose: signin.Sheet, Dialogue: dialogue, Session: session, Role: dialogues.Participant, By: lead.ID(), Person: lead.ID()}, signin.ErrNotThis},
			"a sheet for a guest elsewhere":      {signin.LinkForm{Purpose: signin.Sheet, Dialogue: dialogue, Session: session, Role: dialogues.Participant, By: lead.ID(), Person: guest}, signin.ErrNotThis},
			"a sheet for another's session":      {signin.LinkForm{Purpose: signin.Sheet, Dialogue: elsewhere, Session: session, Role: dialogues.Participant, By: otherLead.ID()}, signin.ErrLinkUnknown},
			"a sheet by a guest of the hall":     {signin.LinkForm{Purpose: signin.Sheet, Dialogue: dialogue, Session: session, Role: dialogues.Participant, By: guest}, dialogues.ErrHidden},
		} {
			_, _, err := f.NewLink(t.Context(), tc.form)
			f.want(name, err, tc.want)
		}
	})
}

func TestLinkByMailProvesTheAddress(t *testing.T) {
	each(t, func(f *forum) {
		p := f.account("Squatter", "amina@forum.example", nil) // made by somebody who never read Amina's mail
		squatter := f.signIn(p.Email)
		mail := signin.LinkForm{Purpose: signin.Email, Person: p.ID, Email: p.Email}
		waits := f.link(mail)
		used, err := f.Use(t.Context(), signin.UseForm{Token: f.link(mail)})
		f.must(err)
		if !used.PassphraseGone {
			t.Error("the first proof of an address leaves the passphrase of whoever came before")
		}
		f.wantNobody("whoever came before", squatter.Token)
		f.wantEnded("the first proof", squatter.Login.ID)
		_, err = f.SignIn(t.Context(), p.Email, passphrase, firefox)
		f.want("their passphrase", err, signin.ErrWrong)
		f.want("a second link that waited", f.use(signin.UseForm{Token: waits}), signin.ErrLinkRevoked)

		f.must(f.SetPassphrase(t.Context(), f.who(used.Started.Token).Actor, "", "seven boats by the lake"))
		again, err := f.Use(t.Context(), signin.UseForm{Token: f.link(mail)})
		f.must(err)
		if again.PassphraseGone {
			t.Error("the second proof drops a passphrase of one's own")
		}
		f.who(used.Started.Token)
	})
}

func TestLinkByMailStillOwesTheSecondFactor(t *testing.T) {
	each(t, func(f *forum) {
		p, secret := f.withTOTP()
		used, err := f.Use(t.Context(), signin.UseForm{Token: f.link(signin.LinkForm{Purpose: signin.Email, Person: p.ID, Email: p.Email})})
		f.must(err)
		f.want("after the link alone", who(t.Context(), f.Service, used.Started.Token), signin.ErrHalf)
		full, err := f.SecondFactor(t.Context(), used.Started.Token, f.code(secret, 0))
		f.must(err)
		if got := f.who(full.Token).Login.Proof; got != signin.ByEmail {
			t.Errorf("proof %q, want %q", got, signin.ByEmail)
		}
	})
}

func TestLinkByMailAfterTheAddressOrThePersonChanged(t *testing.T) {
	each(t, func(f *forum) {
		p := f.account("Amina", "amina@forum.example", nil)
		mail := signin.LinkForm{Purpose: signin.Email, Person: p.ID, Email: p.Email}
		token := f.link(mail)
		f.must(f.db.Write.Exec("UPDATE people SET email = 'else@forum.example' WHERE id = ?", p.ID).Error)
		f.want("another address by now", f.use(signin.UseForm{Token: token}), signin.ErrLinkOther)
		f.must(f.db.Write.Exec("UPDATE people SET email = ?, suspended_at = ? WHERE id = ?", p.Email, f.now(), p.ID).Error)
		f.want("suspended by now", f.use(signin.UseForm{Token: token}), signin.ErrSuspended)
		_, _, err := f.NewLink(t.Context(), mail)
		f.want("a new link for who is suspended", err, signin.ErrSuspended)
	})
}

func TestNewAddress(t *testing.T) {
	each(t, func(f *forum) {
		p, other := f.account("Amina", "amina@forum.example", nil), f.account("Beto", "beto@forum.example", nil)
		mine, second := f.signIn(p.Email), f.signIn(p.Email)
		me := f.who(mine.Token).Actor
		ask := func(email string) string {
			return f.link(signin.LinkForm{Purpose: signin.Address, Person: p.ID, Email: email})
		}
		token := ask("New@Forum.example")
		f.want("whoever got the mail by mistake", f.use(signin.UseForm{Token: token}), signin.ErrLinkNeeds)
		f.want("somebody else", f.use(signin.UseForm{Token: token, Actor: people.Actor{Person: other}}), signin.ErrLinkOther)
		used, err := f.Use(t.Context(), signin.UseForm{Token: token, Actor: me})
		f.must(err)
		if used.Started.Token != "" || f.person(p.ID).Email != "new@forum.example" {
			t.Errorf("used %+v, address %q", used, f.person(p.ID).Email)
		}
		f.wantEnded("a new address", second.Login.ID)
		f.signIn("new@forum.example")
		f.want("an address that is taken", f.use(signin.UseForm{Token: ask(other.Email), Actor: me}), people.ErrEmailTaken)
	})
}
