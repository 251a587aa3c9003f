package consultations

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// SeatOf reads an account's seat with a community. Who has none gets [ErrHidden],
// as for a community that does not exist, before anything of it was opened.
func (s *Service) SeatOf(ctx context.Context, actor people.Actor, community record.ID) (Seat, error) {
	db := s.Read.WithContext(ctx)
	if err := s.knows(db, actor, community); err != nil {
		return Seat{}, err
	}
	c, _, err := s.load(db, community, true)
	if err != nil {
		return Seat{}, err
	}
	seat := Seat{Actor: actor, Community: c, At: s.Now()}
	if !seat.Can(Know, "") {
		return Seat{}, ErrHidden // a mandate that has ended
	}
	return seat, nil
}

// Mine are the communities in which an account has a seat.
func (s *Service) Mine(ctx context.Context, actor people.Actor) ([]Seat, error) {
	var ids []record.ID
	db := s.Read.WithContext(ctx)
	if err := db.Table("consultation_seats").Where("who = ?", s.who(actor.ID())).Order("community").Pluck("community", &ids).Error; err != nil {
		return nil, fmt.Errorf("list seats: %w", err)
	}
	var out []Seat
	for _, id := range ids {
		c, _, err := s.load(db, id, true)
		if err != nil {
			return nil, err
		}
		if seat := (Seat{Actor: actor, Community: c, At: s.Now()}); seat.Can(Know, "") {
			out = append(out, seat)
		}
	}
	return out, nil
}

// Reading is entered before anything of a community's record is shown: who looks
// at what, in which role. When it cannot be written, nothing is shown.
func (s *Service) Reading(ctx context.Context, seat Seat, what string, subject record.ID) error {
	role := Outsider
	if roles := seat.Roles(""); len(roles) > 0 {
		role = roles[0]
	}
	call := Call{}
	call.Actor = seat.Actor
	_, err := s.Writer.Do(ctx, record.Action{
		Room: string(seat.Community.ID),
		Run: func(tx *record.Tx) error {
			t, err := s.begin(tx, call, seat.Community.ID, nil)
			if err != nil {
				return err
			}
			t.emit(&Read{What: what, Subject: subject, As: role}, nil)
			return t.finish("")
		},
	})
	return err
}

// ReadEntry is one reading, as the community sees it.
type ReadEntry struct {
	Index   int64
	At      time.Time
	Account record.ID
	As      Role
	What    string
	Subject record.ID
}

// Reads lists who has read the record, the newest first, at most limit of them.
func (s *Service) Reads(ctx context.Context, seat Seat, limit int) ([]ReadEntry, error) {
	if err := seat.Check(SeeReads, ""); err != nil {
		return nil, err
	}
	db := s.Read.WithContext(ctx)
	head, err := ledger.HeadOf(db, string(seat.Community.ID))
	if err != nil {
		return nil, fmt.Errorf("load the head of a log: %w", err)
	}
	key, err := s.Vault.Unwrap(head.Key)
	if err != nil {
		return nil, fmt.Errorf("open the key of a log: %w", err)
	}
	var out []ReadEntry
	for to := head.Size; to > 0 && len(out) < limit; to -= readAtOnce {
		from := max(0, to-readAtOnce)
		entries, err := ledger.Read(db, string(seat.Community.ID), key, from, int(to-from))
		if err != nil {
			return nil, fmt.Errorf("read the log: %w", err)
		}
		for i := len(entries) - 1; i >= 0 && len(out) < limit; i-- {
			e, err := eventOf(entries[i])
			if err != nil {
				return nil, err
			}
			if r, ok := e.Fact.(*Read); ok {
				out = append(out, ReadEntry{e.Index, e.At, e.Actor, r.As, r.What, r.Subject})
			}
		}
	}
	return out, nil
}

// ExportForm says who takes a copy.
type ExportForm struct {
	Consultation record.ID
	Version      int
	Recipient    string
	Address      string // e-mail, to be told when the copy no longer says how things stand; "" for none
	Language     string // of that mail
	// For is the audience that the recipient belongs to: the copy shows what was
	// released to it. Empty, it shows what the one who takes it sees.
	For Audience
	// Status is the address under which the copy's link is asked how it stands;
	// the token is put behind it.
	Status string
}

// Taken is a copy that may leave: its bytes, and the link under which anybody who
// holds it finds out how things stand now.
type Taken struct {
	ID     record.ID
	View   View
	Bytes  []byte
	SHA256 string // of Bytes, in hexadecimal
	Token  string
}

// Export makes a copy of what a seat sees of a consultation. It is registered,
// with its recipient and its digest, before the bytes leave.
func (s *Service) Export(ctx context.Context, by Call, community record.ID, in ExportForm) (Taken, error) {
	v := people.Invalid{}
	in.Recipient = v.Line("recipient", in.Recipient, true, longestName)
	if in.Address = people.NormalEmail(in.Address); in.Address != "" && !people.PlausibleEmail(in.Address) {
		v.Add("address", "error.email")
	}
	if err := v.Err(); err != nil {
		return Taken{}, err
	}
	var out Taken
	_, err := s.act(ctx, by, community, Know, in.Consultation, in, func(t *turn) (record.ID, error) {
		x, err := t.consultation(in.Consultation)
		if err != nil {
			return "", err
		}
		seat := t.Seat
		if in.For != "" && !t.Can(SeeAll, x.ID) {
			return "", ErrRefused // nobody looks through the eyes of others but who sees it all
		}
		if in.For != "" {
			seat = t.Community.Audience(in.For, x, t.Now)
		}
		view, ok := seat.See(x, in.Version)
		if !ok {
			return "", ErrHidden
		}
		out = Taken{ID: newID(), View: view, Token: newToken()}
		copied := struct {
			View
			StatusAt string `json:"status_at,omitempty"`
		}{view, in.Status + out.Token}
		if out.Bytes, err = json.MarshalIndent(copied, "", "  "); err != nil {
			return "", fmt.Errorf("encode a copy: %w", err)
		}
		sum := sha256.Sum256(out.Bytes)
		out.SHA256 = hex.EncodeToString(sum[:])
		texts := Texts{"recipient": in.Recipient}
		if in.Address != "" {
			texts["address"], texts["link"] = in.Address, out.Token
		}
		t.emit(&Exported{
			ID: out.ID, Consultation: x.ID, Version: in.Version, Account: t.Actor.ID(), For: in.For, Parts: seat.Parts(x), View: Digest(out.SHA256), AsOf: t.Community.Size, Language: in.Language,
		}, texts)
		link := map[string]any{"mark": s.Vault.Mark("link", out.Token), "community": community, "export": out.ID}
		if err := t.DB.Table("consultation_links").Create(link).Error; err != nil {
			return "", fmt.Errorf("keep a link: %w", err)
		}
		return out.ID, nil
	})
	if err == nil && out.ID == "" {
		err = ErrWrongTime // the same form was sent before: that copy has left
	}
	if err != nil {
		return Taken{}, err
	}
	return out, nil
}

// CopyStatus is how a copy stands, as anybody who holds it finds out by its link.
type CopyStatus struct {
	At      time.Time    `json:"as_of"`
	Made    time.Time    `json:"made"`
	View    Digest       `json:"view"`              // of the bytes that left
	Changed bool         `json:"changed"`           // something was recorded since: the copy does not say how things stand
	Aspects []AspectView `json:"aspects,omitempty"` // where the copy says how aspects stand: how they stand now
}

// ByLink says how a copy stands. Where the copy said how aspects stood, it says
// how they stand now, with conditions, dissent and what was in force from when to
// when; nothing else of the record. An unknown link is [ErrHidden].
func (s *Service) ByLink(ctx context.Context, token string) (CopyStatus, error) {
	db := s.Read.WithContext(ctx)
	var row struct{ Community, Export record.ID }
	if err := db.Table("consultation_links").Where("mark = ?", s.Vault.Mark("link", token)).Scan(&row).Error; err != nil {
		return CopyStatus{}, fmt.Errorf("look for a link: %w", err)
	}
	if row.Community == "" {
		return CopyStatus{}, ErrHidden
	}
	c, _, err := s.load(db, row.Community, true)
	if err != nil {
		return CopyStatus{}, err
	}
	e, ok := find(c.Exports, func(e Export) bool { return e.ID == row.Export })
	x := c.Consultation(e.Consultation)
	if !ok || x == nil {
		return CopyStatus{}, ErrHidden
	}
	if err := s.readByLink(ctx, c.ID, e.ID); err != nil {
		return CopyStatus{}, err
	}
	return c.copyStatus(x, e, s.Now()), nil
}

// copyStatus compares a copy with what stands now. Time alone can change it too:
// a review that has come due, an end that was reached. It shows no more than its
// recipient may still see: a release that was taken back closes the links of its
// copies, and they say only that the copy counts no more.
func (c *Community) copyStatus(x *Consultation, e Export, now time.Time) CopyStatus {
	out := CopyStatus{At: now, Made: e.At, View: e.View}
	p, _ := c.Proposal(x.Proposal)
	v, _ := p.Version(e.Version)
	out.Changed = len(p.Versions) > e.Version
	if !slices.Contains(e.Parts, PartStatus) {
		return out // it never said how anything stands, and its link does not tell either
	}
	shows := c.stillShown(x, e, now)
	if !shows(PartStatus) {
		out.Changed = true
		return out
	}
	seat := Seat{Community: c, At: now, guise: []Role{}}
	for n, a := range v.Aspects {
		then, today := c.Standing(x, e.Version, a.ID, e.At), c.Standing(x, e.Version, a.ID, now)
		out.Changed = out.Changed || then.State != today.State || then.Decision != today.Decision || today.Entry >= e.AsOf
		if seen, shown := seat.aspect(x, e.Version, a, sight{parts: shows}); shown {
			seen.Number, seen.Of = n+1, len(v.Aspects)
			out.Aspects = append(out.Aspects, seen)
		}
	}
	return out
}

// stillShown tells of each part of a copy whether its link shows it: what was released
// to its audience, and is still. Of a copy that somebody who sees everything took for
// themselves, and that anybody may hold by now, it shows how things stand, without
// words, as long as they may release that; of anybody else's, nothing.
func (c *Community) stillShown(x *Consultation, e Export, now time.Time) func(Part) bool {
	seat := c.seenBy(e.Account, now)
	if e.For != "" {
		seat = c.Audience(e.For, x, now)
	}
	current := seat.Parts(x)
	all := e.For == "" && seat.sees(x).all()
	if _, gives := c.HolderWith(e.Account, ReleaseOf, x.ID, now); all && !gives {
		return func(Part) bool { return false }
	}
	return func(part Part) bool {
		return slices.Contains(e.Parts, part) && slices.Contains(current, part) && (!all || part == PartStatus || part == PartProposal)
	}
}
