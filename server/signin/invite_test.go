package signin_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/signin"
)

func TestInvite(t *testing.T) {
	each(t, func(f *forum) {
		dialogue, lead := f.dialogue()
		invite := func(role dialogues.Role, email string) string {
			return f.link(signin.LinkForm{Purpose: signin.Invite, Dialogue: dialogue, Role: role, Email: email, By: lead.ID()})
		}
		f.want("nobody is signed in and no profile", f.use(signin.UseForm{Token: invite(dialogues.Participant, "")}), signin.ErrLinkNeeds)

		used, err := f.Use(t.Context(), f.profileForm(invite(dialogues.Rapporteur, ""), "New", "new@forum.example"))
		f.must(err)
		if got := f.role(dialogue, f.who(used.Started.Token).Actor.ID()); got != dialogues.Rapporteur {
			t.Errorf("a new account is %q, want the rapporteur", got)
		}

		old := f.account("Old", "old@forum.example", nil)
		me := f.who(f.signIn(old.Email).Token).Actor
		used, err = f.Use(t.Context(), signin.UseForm{Token: invite(dialogues.Participant, ""), Actor: me})
		f.must(err)
		if got := f.role(dialogue, old.ID); got != dialogues.Participant || used.Started.Token != "" {
			t.Errorf("an account is %q with login %q, want a participant on the same login", got, used.Started.Token)
		}
		f.must(f.use(signin.UseForm{Token: invite(dialogues.CoFacilitator, ""), Actor: me}))
		f.must(f.use(signin.UseForm{Token: invite(dialogues.Observer, ""), Actor: me}))
		if got := f.role(dialogue, old.ID); got != dialogues.CoFacilitator {
			t.Errorf("role %q: an invitation has taken a role away", got)
		}

		mailed := invite(dialogues.Observer, "mailed@forum.example")
		f.want("an invitation to another address", f.use(signin.UseForm{Token: mailed, Actor: me}), signin.ErrLinkOther)
		form := f.profileForm(mailed, "Mailed", "typed@forum.example")
		form.Passphrase = "" // the server sends mail
		used, err = f.Use(t.Context(), form)
		f.must(err)
		if got := f.person(used.Person).Email; got != "mailed@forum.example" {
			t.Errorf("address %q, want the one the mail went to", got)
		}
		f.want("an address that has an account", f.use(f.profileForm(invite(dialogues.Observer, ""), "Thief", old.Email)), people.ErrEmailTaken)
		if lines := f.lines(string(dialogue)); !slices.Contains(lines, people.PersonCreated) || !slices.Contains(lines, dialogues.MemberAdded) {
			t.Errorf("lines %v of the dialogue say nothing of who came", lines)
		}
	})
}

func TestInviteForOneAccount(t *testing.T) {
	each(t, func(f *forum) {
		dialogue, lead := f.dialogue()
		meant, other := f.account("Meant", "meant@forum.example", nil), f.account("Other", "other@forum.example", nil)
		token := f.link(signin.LinkForm{Purpose: signin.Invite, Dialogue: dialogue, Role: dialogues.Observer, Person: meant.ID, By: lead.ID()})
		f.want("a new account", f.use(f.profileForm(token, "New", "new@forum.example")), signin.ErrLinkNeeds)
		f.want("another account", f.use(signin.UseForm{Token: token, Actor: people.Actor{Person: other}}), signin.ErrLinkOther)
		f.must(f.use(signin.UseForm{Token: token, Actor: people.Actor{Person: meant}}))
	})
}

func TestAGuestAcceptsAnInvitationAsAnAccount(t *testing.T) {
	each(t, func(f *forum) {
		dialogue, lead := f.dialogue()
		guest := f.guest("Goat")
		second, err := f.Start(t.Context(), guest.Actor.ID(), firefox)
		f.must(err)
		token := f.link(signin.LinkForm{Purpose: signin.Invite, Dialogue: dialogue, Role: dialogues.Participant, By: lead.ID()})
		f.want("without a profile", f.use(signin.UseForm{Token: token, Actor: guest.Actor}), signin.ErrLinkNeeds)
		form := f.profileForm(token, "Gabriela", "gabriela@forum.example")
		form.Actor = guest.Actor
		used, err := f.Use(t.Context(), form)
		f.must(err)
		got := f.who(used.Started.Token).Actor
		if got.ID() != guest.Actor.ID() || got.Person.Kind != people.Account || got.Login != guest.Login.ID {
			t.Errorf("actor %+v, want the guest as an account on the same login", got)
		}
		f.wantEnded("the guest's other phone", second.Login.ID)
	})
}

// What somebody wrote while they could invite opens nothing once they cannot.
func TestInviteOfWhoeverLostTheRole(t *testing.T) {
	each(t, func(f *forum) {
		dialogue, lead := f.dialogue()
		second := f.account("Second", "second@forum.example", nil)
		call := dialogues.Call{Actor: lead}
		_, err := f.dialogues.SetRole(t.Context(), call, dialogue, second.ID, dialogues.Facilitator)
		f.must(err)
		token := f.link(signin.LinkForm{Purpose: signin.Invite, Dialogue: dialogue, Role: dialogues.Facilitator, By: second.ID})
		_, err = f.dialogues.SetRole(t.Context(), call, dialogue, second.ID, dialogues.Outsider)
		f.must(err)
		f.want("their own way back", f.use(signin.UseForm{Token: token, Actor: people.Actor{Person: second}}), dialogues.ErrHidden)
		if got := f.role(dialogue, second.ID); got != dialogues.Outsider {
			t.Errorf("role %q after a dead invitation", got)
		}
		f.want("in a new name", f.use(f.profileForm(token, "Third", "third@forum.example")), dialogues.ErrHidden)
		if _, err := f.Peek(t.Context(), token); err != nil {
			t.Errorf("a use that failed has used the link up: %v", err)
		}
	})
}

func TestRevokedInvitesOpenNothing(t *testing.T) {
	each(t, func(f *forum) {
		dialogue, lead := f.dialogue()
		elsewhere, otherLead := f.dialogue()
		form := signin.LinkForm{Purpose: signin.Invite, Dialogue: dialogue, Role: dialogues.Observer, By: lead.ID()}
		token, link, err := f.NewLink(t.Context(), form)
		f.must(err)
		kept := f.link(signin.LinkForm{Purpose: signin.Invite, Dialogue: elsewhere, Role: dialogues.Observer, By: otherLead.ID()})
		f.want("revoked by somebody else", f.RevokeLinks(t.Context(), otherLead, dialogue, link.ID), dialogues.ErrHidden)
		f.must(f.RevokeLinks(t.Context(), otherLead, elsewhere, link.ID)) // not in that dialogue: nothing happens
		f.must(f.StillHolds(t.Context(), link.ID))
		f.must(f.RevokeLinks(t.Context(), lead, dialogue))
		f.want("revoked", f.use(f.profileForm(token, "New", "new@forum.example")), signin.ErrLinkRevoked)
		_, err = f.Peek(t.Context(), kept)
		f.want("another dialogue's", err, nil)

		f.later(time.Minute)
		f.link(form)
		list, err := f.ListInvites(t.Context(), dialogue)
		f.must(err)
		if len(list) != 2 || list[0].RevokedAt != nil || list[1].RevokedAt == nil || list[0].TokenHash != "" {
			t.Errorf("ListInvites() = %+v, want the fresh one and then the revoked one", list)
		}
	})
}

// For whom an invitation is concerns nobody once it is used, revoked or over.
func TestWhomAnInvitationIsForIsForgotten(t *testing.T) {
	each(t, func(f *forum) {
		dialogue, lead := f.dialogue()
		form := signin.LinkForm{Purpose: signin.Invite, Dialogue: dialogue, Role: dialogues.Participant, By: lead.ID(), Note: "Rosa of the river"}
		notes := func() (all string) {
			list, err := f.ListInvites(t.Context(), dialogue)
			f.must(err)
			for _, l := range list {
				all += l.Note + ";"
			}
			return all
		}
		used, _ := f.link(form), f.link(form)
		_, revoked, err := f.NewLink(t.Context(), form)
		f.must(err)
		if got := notes(); got != "Rosa of the river;Rosa of the river;Rosa of the river;" {
			t.Errorf("notes are %q", got)
		}
		f.must(f.use(f.profileForm(used, "Rosa", "rosa@forum.example")))
		f.must(f.RevokeLinks(t.Context(), lead, dialogue, revoked.ID))
		if got := strings.Count(notes(), "Rosa"); got != 1 {
			t.Errorf("%d notes are left, want that of the one that waits", got)
		}
		f.later(7 * 24 * time.Hour)
		f.must(f.Sweep(t.Context()))
		if got := notes(); got != ";;;" {
			t.Errorf("notes are %q", got)
		}
		form.Purpose = signin.Demo
		_, _, err = f.NewLink(t.Context(), form)
		f.want("a note on another link", err, signin.ErrNotThis)
	})
}

// Who leaves takes their address out of every link.
func TestLinksForgetWhoLeaves(t *testing.T) {
	each(t, func(f *forum) {
		dialogue, lead := f.dialogue()
		p := f.account("Rosa", "rosa@forum.example", nil)
		invite := signin.LinkForm{Purpose: signin.Invite, Dialogue: dialogue, Role: dialogues.Participant, By: lead.ID(), Email: p.Email, Note: "Rosa of the river"}
		mail := f.link(signin.LinkForm{Purpose: signin.Email, Person: p.ID, Email: p.Email})
		waits := f.link(invite)
		f.must(f.ForgetLinks(t.Context(), people.Actor{Person: p}))
		for _, token := range []string{mail, waits} {
			link, err := f.Peek(t.Context(), token)
			f.want("a link of theirs", err, signin.ErrLinkRevoked)
			if link.Email != "" || link.Note != "" {
				t.Errorf("%s knows %q, %q", link.Purpose, link.Email, link.Note)
			}
		}
		other := f.link(signin.LinkForm{Purpose: signin.Email, Person: lead.ID(), Email: lead.Person.Email})
		f.must(f.ForgetLinks(t.Context(), people.Actor{Person: f.guest("Goat").Actor.Person}))
		_, err := f.Peek(t.Context(), other)
		f.want("somebody else's, when a guest without address leaves", err, nil)
	})
}

func TestReissue(t *testing.T) {
	each(t, func(f *forum) {
		dialogue, lead := f.dialogue()
		_, otherLead := f.dialogue()
		old, link, err := f.NewLink(t.Context(), signin.LinkForm{Purpose: signin.Invite, Dialogue: dialogue, Role: dialogues.Observer, By: lead.ID()})
		f.must(err)
		_, _, err = f.Reissue(t.Context(), otherLead, link.ID)
		f.want("by somebody else", err, dialogues.ErrHidden)
		_, _, err = f.Reissue(t.Context(), lead, record.NewID())
		f.want("no such link", err, signin.ErrLinkUnknown)
		f.later(6 * 24 * time.Hour)
		token, fresh, err := f.Reissue(t.Context(), lead, link.ID)
		f.must(err)
		f.want("the old one", f.use(f.profileForm(old, "New", "new@forum.example")), signin.ErrLinkRevoked)
		f.later(6 * 24 * time.Hour)
		f.must(f.use(f.profileForm(token, "New", "new@forum.example")))
		_, _, err = f.Reissue(t.Context(), lead, fresh.ID)
		f.want("one that was used", err, signin.ErrLinkUsed)
	})
}

func TestSheet(t *testing.T) {
	each(t, func(f *forum) {
		dialogue, lead := f.dialogue()
		session := f.session(dialogue, lead)
		token, link, err := f.NewLink(t.Context(), signin.LinkForm{
			Purpose: signin.Sheet, Dialogue: dialogue, Session: session, Role: dialogues.Participant, By: lead.ID(),
		})
		f.must(err)
		f.want("no name", f.use(signin.UseForm{Token: token}), signin.ErrLinkNeeds)
		profile := f.profile("Goat", "goat@forum.example")
		likeLead := f.profile(lead.Person.Name, "")
		f.wantInvalid("the facilitator's name", f.use(signin.UseForm{Token: token, Profile: &likeLead}), "name", "error.name_taken")
		form := signin.UseForm{Token: token, Profile: &profile, Device: firefox, Phone: signin.NewToken()}
		first, err := f.Use(t.Context(), form)
		f.must(err)
		guest := f.who(first.Started.Token).Actor
		if guest.Person.Kind != people.Guest || guest.Person.Email != "" || f.role(dialogue, guest.ID()) != dialogues.Participant || first.Phone != form.Phone {
			t.Errorf("used %+v by %+v, want a guest who participates", first, guest.Person)
		}

		again, err := f.Use(t.Context(), form) // a double tap, or a phone that forgot its login
		f.must(err)
		if again.Person != first.Person {
			t.Error("the same phone became somebody else")
		}
		f.wantNobody("the login before", first.Started.Token)
		f.wantEnded("the same phone again", first.Started.Login.ID)
		f.want("another phone", f.use(signin.UseForm{Token: token, Profile: &profile, Phone: signin.NewToken()}), signin.ErrLinkUsed)
		f.want("a phone without a cookie", f.use(signin.UseForm{Token: token, Profile: &profile}), signin.ErrLinkUsed)

		fresh, _, err := f.Reissue(t.Context(), lead, link.ID)
		f.must(err)
		f.wantEnded("a new sheet", again.Started.Login.ID)
		moved, err := f.Use(t.Context(), signin.UseForm{Token: fresh})
		f.must(err)
		if moved.Person != first.Person || moved.Phone == "" {
			t.Errorf("the new sheet opens %s with phone %q, want %s", moved.Person, moved.Phone, first.Person)
		}
		f.must(f.RevokeLinks(t.Context(), lead, dialogue))
		f.wantNobody("after its sheet was revoked", moved.Started.Token)
	})
}

func TestASheetEndsWithItsSession(t *testing.T) {
	each(t, func(f *forum) {
		dialogue, lead := f.dialogue()
		call := dialogues.Call{Actor: lead}
		profile := f.profile("Goat", "")
		sheet := func(session record.ID) string {
			return f.link(signin.LinkForm{Purpose: signin.Sheet, Dialogue: dialogue, Session: session, Role: dialogues.Observer, By: lead.ID()})
		}
		session := f.session(dialogue, lead)
		bound := signin.UseForm{Token: sheet(session), Profile: &profile, Phone: signin.NewToken()}
		f.must(f.use(bound))
		unused := sheet(session)
		_, err := f.dialogues.OpenSession(t.Context(), call, dialogue, session)
		f.must(err)
		f.must(f.use(bound))
		_, err = f.dialogues.CloseSession(t.Context(), call, dialogue, session)
		f.must(err)
		_, err = f.Peek(t.Context(), unused)
		f.want("opening a sheet of a session that is over", err, signin.ErrLinkExpired)
		f.want("a sheet of a session that is over", f.use(signin.UseForm{Token: unused, Profile: &profile}), signin.ErrLinkExpired)
		f.want("its own phone", f.use(bound), signin.ErrLinkExpired)

		forgotten := sheet(f.session(dialogue, lead))
		f.later(60*time.Minute + 90*time.Minute + 24*time.Hour)
		_, err = f.Peek(t.Context(), forgotten)
		f.want("a day after a session that nobody closed", err, nil)
		f.later(time.Second)
		f.want("a day after a session that nobody closed", f.use(signin.UseForm{Token: forgotten, Profile: &profile}), signin.ErrLinkExpired)
	})
}

// A sheet is paper: it must never open an account.
func TestASheetOpensNoAccount(t *testing.T) {
	each(t, func(f *forum) {
		dialogue, lead := f.dialogue()
		form := signin.LinkForm{
			Purpose: signin.Sheet, Dialogue: dialogue, Session: f.session(dialogue, lead), Role: dialogues.Participant, By: lead.ID(),
		}
		profile := f.profile("Goat", "")
		use := signin.UseForm{Token: f.link(form), Profile: &profile, Phone: signin.NewToken()}
		used, err := f.Use(t.Context(), use)
		f.must(err)
		guest := f.who(used.Started.Token).Actor
		started, err := f.Claim(t.Context(), guest, f.profile("Gabriela", "gabriela@forum.example"), passphrase)
		f.must(err)
		f.want("the sheet of a guest who has an account by now", f.use(use), signin.ErrLinkUsed)
		use.Actor = f.who(started.Token).Actor
		f.must(f.use(use)) // who is signed in anyway loses nothing

		account := f.account("Amina", "amina@forum.example", nil)
		mine := signin.UseForm{Token: f.link(form), Actor: people.Actor{Person: account}, Phone: signin.NewToken()}
		f.must(f.use(mine))
		if f.role(dialogue, account.ID) != dialogues.Participant {
			t.Error("an account that used a sheet has no seat")
		}
		mine.Actor = people.Actor{}
		f.want("the account's sheet after signing out", f.use(mine), signin.ErrLinkUsed)
	})
}
