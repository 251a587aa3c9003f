package signin

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// NewLink makes a link and returns its token, which nobody can ask for again.
// Whoever invites or prints sheets must be allowed that in the dialogue
// (dialogues' errors otherwise); for the other purposes the caller has checked
// who asks. ErrNotThis for a form that its purpose does not allow.
func (s *Service) NewLink(ctx context.Context, in LinkForm) (string, Link, error) {
	if err := in.check(); err != nil {
		return "", Link{}, err
	}
	var link Link
	token, hash := freshToken()
	err := s.do(ctx, record.ForumRoom, in.By, func(tx *record.Tx) error {
		link = newLink(tx, in, hash)
		if err := s.mayMake(tx, link); err != nil {
			return err
		}
		return writeLink(tx, link)
	})
	if err != nil {
		return "", Link{}, err
	}
	return token, link, nil
}

func newLink(tx *record.Tx, in LinkForm, hash string) Link {
	return Link{
		ID: record.NewID(), TokenHash: hash, Purpose: in.Purpose, PersonID: in.Person, DialogueID: in.Dialogue,
		SessionID: in.Session, Role: in.Role, Email: in.Email, Note: in.Note, CreatedBy: in.By,
		CreatedAt: tx.Now, ExpiresAt: tx.Now.Add(in.Life),
	}
}

// mayMake checks, where the link is written, what it would open.
func (s *Service) mayMake(tx *record.Tx, l Link) error {
	switch l.Purpose {
	case Administrator:
		return onlyAdministratorLink(tx)
	case Convener:
		return mayAdminister(tx, l.CreatedBy)
	case Demo:
		_, err := personIn(tx, l.PersonID)
		return err
	case Email, Address:
		return mailable(tx, l)
	case Recovery:
		return recoverable(tx, l)
	case Invite:
		return dialogues.MayOffer(tx, l.DialogueID, l.CreatedBy, l.needs())
	case Sheet:
		if err := dialogues.MayOffer(tx, l.DialogueID, l.CreatedBy, l.needs()); err != nil {
			return err
		}
		if err := sessionOpen(tx.DB, tx.Now, l); err != nil {
			return err
		}
		return sheetFor(tx, l)
	}
	return ErrNotThis
}

// onlyAdministratorLink: every start without an administrator prints a link,
// and the newest alone holds.
func onlyAdministratorLink(tx *record.Tx) error {
	err := tx.DB.Exec("UPDATE links SET revoked_at = ? WHERE purpose = ? AND used_at IS NULL AND revoked_at IS NULL", tx.Now, Administrator).Error
	if err != nil {
		return fmt.Errorf("revoke earlier links: %w", err)
	}
	return noAdministrator(tx)
}

// mayAdminister: only an administrator's word makes somebody a convener, when
// the link is made and still when it is used.
func mayAdminister(tx *record.Tx, by record.ID) error {
	p, err := personIn(tx, by)
	if err != nil {
		return ErrLinkRevoked
	}
	if !p.CanAdminister() {
		return people.ErrNotAllowed
	}
	return nil
}

// mailable: a link that signs in goes to the account's own address and to no other.
func mailable(tx *record.Tx, l Link) error {
	p, err := personIn(tx, l.PersonID)
	if err != nil {
		return err
	}
	if p.Kind != people.Account || (l.Purpose == Email && p.Email != l.Email) {
		return ErrNotThis
	}
	return nil
}

// sheetFor: a sheet opens a guest's login, never an account's. Otherwise
// whoever prints sheets could sign in as anybody.
func sheetFor(tx *record.Tx, l Link) error {
	if l.PersonID == "" {
		return nil
	}
	p, err := personIn(tx, l.PersonID)
	if err != nil {
		return err
	}
	var seats int64
	err = tx.DB.Model(&dialogues.Membership{}).Where("dialogue_id = ? AND person_id = ? AND ended_at IS NULL", l.DialogueID, p.ID).Count(&seats).Error
	if err != nil {
		return fmt.Errorf("look for a seat: %w", err)
	}
	if p.Kind != people.Guest || seats == 0 {
		return ErrNotThis
	}
	return nil
}

// writeLink stores a link and, where it lets somebody else in, says so in the
// forum's own room.
func writeLink(tx *record.Tx, l Link) error {
	if err := tx.DB.Create(&l).Error; err != nil {
		return fmt.Errorf("write link: %w", err)
	}
	switch l.Purpose {
	case Administrator, Convener, Invite, Sheet:
		tx.Append(record.Entry{Verb: LinkCreated, Subject: l.ID, Data: l.facts()})
	case Recovery:
		tx.Append(record.Entry{Verb: RecoveryOffered, Subject: l.PersonID, Data: l.facts()})
	case Demo, Email, Address: // one's own business, or nobody's
	}
	return nil
}

// facts is what a line about a link carries beside its id.
func (l Link) facts() string {
	data, _ := json.Marshal(struct { // strings always encode
		Purpose  Purpose        `json:"purpose"`
		Dialogue record.ID      `json:"dialogue,omitempty"`
		Session  record.ID      `json:"session,omitempty"`
		Person   record.ID      `json:"person,omitempty"`
		Role     dialogues.Role `json:"role,omitempty"`
	}{l.Purpose, l.DialogueID, l.SessionID, l.PersonID, l.Role})
	return string(data)
}

// Peek says what a link would do, and changes nothing: it is what opening its
// address asks. A sheet that a phone is bound to is still a sheet; whether this
// is the phone, Use decides. Errors: ErrLinkUnknown, ErrLinkUsed,
// ErrLinkExpired, ErrLinkRevoked.
func (s *Service) Peek(ctx context.Context, token string) (Link, error) {
	hash, ok := hashToken(token)
	if !ok {
		return Link{}, ErrLinkUnknown
	}
	var link Link
	if err := s.Read.WithContext(ctx).Where("token_hash = ?", hash).Limit(1).Find(&link).Error; err != nil {
		return Link{}, fmt.Errorf("look up link: %w", err)
	}
	if err := link.Check(s.Now()); err != nil || link.Purpose != Sheet {
		return link, err
	}
	return link, sessionOpen(s.Read.WithContext(ctx), s.Now(), link)
}

// StillHolds tells whether a link could be used now: asked again right before
// a mail with it is sent.
func (s *Service) StillHolds(ctx context.Context, id record.ID) error {
	var link Link
	if err := s.Read.WithContext(ctx).Where("id = ?", id).Limit(1).Find(&link).Error; err != nil {
		return fmt.Errorf("look up link: %w", err)
	}
	return link.Check(s.Now())
}

// ListInvites returns a dialogue's invitations and sheets, the newest first:
// those that wait, and what became of the others. The caller has checked Staff.
func (s *Service) ListInvites(ctx context.Context, dialogue record.ID) ([]Link, error) {
	var links []Link
	err := s.Read.WithContext(ctx).Omit("token_hash", "phone_hash").Where("dialogue_id = ? AND purpose IN ?", dialogue, []Purpose{Invite, Sheet}).
		Order("created_at DESC, id DESC").Find(&links).Error
	if err != nil {
		return nil, fmt.Errorf("list invitations: %w", err)
	}
	return links, nil
}

// RevokeLinks takes back links of a dialogue, all of them when none is named,
// and signs out the phones that sheets among them had let in. by must be
// allowed to invite or to prepare, as the links' kind asks.
func (s *Service) RevokeLinks(ctx context.Context, by people.Actor, dialogue record.ID, ids ...record.ID) error {
	var gone []record.ID
	err := s.do(ctx, record.ForumRoom, by.ID(), func(tx *record.Tx) error {
		gone = nil
		query := tx.DB.Where("dialogue_id = ? AND revoked_at IS NULL AND (used_at IS NULL OR purpose = ?)", dialogue, Sheet)
		if len(ids) > 0 {
			query = query.Where("id IN ?", ids)
		}
		var links []Link
		if err := query.Order("id").Find(&links).Error; err != nil {
			return fmt.Errorf("find links to revoke: %w", err)
		}
		for _, l := range links {
			ended, err := revokeIn(tx, by.ID(), l)
			if err != nil {
				return err
			}
			gone = append(gone, ended...)
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.ended(gone)
	return nil
}

// revokeIn takes one link back and ends what it had opened.
func revokeIn(tx *record.Tx, by record.ID, l Link) ([]record.ID, error) {
	if err := dialogues.MayOffer(tx, l.DialogueID, by, l.needs()); err != nil {
		return nil, err
	}
	if err := tx.DB.Exec("UPDATE links SET revoked_at = ?, note = '' WHERE id = ?", tx.Now, l.ID).Error; err != nil {
		return nil, fmt.Errorf("revoke link: %w", err)
	}
	tx.Append(record.Entry{Verb: LinkRevoked, Subject: l.ID, Data: l.facts()})
	if l.Purpose != Sheet {
		return nil, nil
	}
	return endIn(tx, "link_id = ?", l.ID)
}

// Reissue replaces an invitation or a sheet by a fresh one for the same
// person: the paper was lost, the phone was changed. The old one dies at the
// same moment, with the login it had opened.
func (s *Service) Reissue(ctx context.Context, by people.Actor, id record.ID) (string, Link, error) {
	token, hash := freshToken()
	var link Link
	var gone []record.ID
	err := s.do(ctx, record.ForumRoom, by.ID(), func(tx *record.Tx) error {
		old, err := reissuable(tx, id)
		if err != nil {
			return err
		}
		if gone, err = revokeIn(tx, by.ID(), old); err != nil {
			return err
		}
		rules, _ := rulesOf(old.Purpose)
		link = newLink(tx, LinkForm{
			Purpose: old.Purpose, Person: old.PersonID, Dialogue: old.DialogueID, Session: old.SessionID,
			Role: old.Role, Email: old.Email, Note: old.Note, By: by.ID(), Life: rules.life,
		}, hash)
		if err := s.mayMake(tx, link); err != nil {
			return err
		}
		return writeLink(tx, link)
	})
	if err != nil {
		return "", Link{}, err
	}
	s.ended(gone)
	return token, link, nil
}

// reissuable loads a link that may be replaced: a sheet always, an invitation
// until somebody has accepted it.
func reissuable(tx *record.Tx, id record.ID) (Link, error) {
	var old Link
	if err := tx.DB.Where("id = ? AND purpose IN ?", id, []Purpose{Invite, Sheet}).Limit(1).Find(&old).Error; err != nil {
		return old, fmt.Errorf("load link: %w", err)
	}
	switch {
	case old.ID == "":
		return old, ErrLinkUnknown
	case old.RevokedAt != nil:
		return old, ErrLinkRevoked
	case old.Purpose == Invite && old.UsedAt != nil:
		return old, ErrLinkUsed
	}
	return old, nil
}

// ForgetLinks is for an actor who is leaving: links that know their address
// forget it, whoever made them, and those that wait are revoked.
func (s *Service) ForgetLinks(ctx context.Context, actor people.Actor) error {
	return s.do(ctx, "", actor.ID(), func(tx *record.Tx) error {
		err := tx.DB.Exec(`UPDATE links SET email = '', note = '', revoked_at = CASE WHEN used_at IS NULL AND revoked_at IS NULL THEN ? ELSE revoked_at END
			WHERE person_id = ? OR (email = ? AND email <> '')`, tx.Now, actor.ID(), actor.Person.Email).Error
		if err != nil {
			return fmt.Errorf("forget links: %w", err)
		}
		return nil
	})
}

// noAdministrator: the first start happens once.
func noAdministrator(tx *record.Tx) error {
	var n int64
	err := tx.DB.Model(&people.Person{}).Where("administrator = ? AND erased_at IS NULL", true).Count(&n).Error
	if err != nil {
		return fmt.Errorf("count administrators: %w", err)
	}
	if n > 0 {
		return ErrLinkUsed
	}
	return nil
}

// sessionOpen: a sheet is good until its session is over. One that nobody
// closed is over a day after its planned end.
func sessionOpen(db *gorm.DB, now time.Time, l Link) error {
	var session dialogues.Session
	err := db.Where("id = ? AND dialogue_id = ?", l.SessionID, l.DialogueID).Limit(1).Find(&session).Error
	if err != nil {
		return fmt.Errorf("load session: %w", err)
	}
	late := now.After(session.EndsAt().Add(sheetAfter))
	switch {
	case session.ID == "":
		return ErrLinkUnknown
	case session.State != dialogues.Planned && session.State != dialogues.Live, late:
		return ErrLinkExpired
	}
	return nil
}
