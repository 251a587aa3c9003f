package consultations

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// Lengths of what people type, in characters.
const (
	longestName = 200
	longestText = 20_000
	mostInList  = 20
	longestLine = 1_000
	mostTongues = 20
	longestTag  = 35 // of a language, BCP 47
)

// CommunityForm describes a community.
type CommunityForm struct {
	Name       string
	Identifies Identity
	Languages  []string
	OralOnly   bool
	NoContact  bool
	Blackouts  []Span
}

// check says what cannot be accepted of a form, and returns it cleaned.
func (f CommunityForm) check() (CommunityForm, error) {
	v := people.Invalid{}
	f.Name = v.Line("name", f.Name, true, longestName)
	if !slices.Contains(Identities(), f.Identifies) {
		v.Add("identifies", "error.choose_one")
	}
	f.Languages = tags(v, "languages", f.Languages, true)
	for _, s := range f.Blackouts {
		if s.From.IsZero() || s.To.IsZero() || (!s.Yearly && !s.From.Before(s.To)) {
			v.Add("blackouts", "consult.error.span")
		}
	}
	return f, v.Err()
}

// tags checks language tags: letters, digits and hyphens, x-… among them.
func tags(v people.Invalid, field string, in []string, required bool) []string {
	var out []string
	for _, tag := range in {
		tag = strings.ToLower(strings.TrimSpace(tag))
		if tag == "" || slices.Contains(out, tag) {
			continue
		}
		if len(tag) > longestTag || strings.Trim(tag, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			v.Add(field, "consult.error.language")
		}
		out = append(out, tag)
	}
	if required && len(out) == 0 {
		v.Add(field, "error.required")
	}
	if len(out) > mostTongues {
		v.Add(field, "consult.error.too_many", "max", mostTongues)
	}
	return out
}

// Found opens a record for a community. Who does becomes its facilitator and
// enroller, and can never speak for it. A community that lives in isolation can
// be noted so that nobody approaches it; that is all one can do with it.
func (s *Service) Found(ctx context.Context, by Call, in CommunityForm) (record.Receipt, error) {
	in, err := in.check()
	if err != nil {
		return record.Receipt{}, err
	}
	id, origin := s.foundedBy(by), ledger.NewOrigin(s.Host)
	receipt, err := s.Writer.Do(ctx, record.Action{
		Room: string(id), Actor: record.ID(s.Vault.Mark("actor", string(by.Actor.ID()))), Key: by.Key, Asked: s.asked(DefineSelf, id, "", in),
		Run: func(tx *record.Tx) error {
			if !by.Actor.Person.CanConvene() {
				return ErrRefused
			}
			wrapped, _, err := s.Vault.NewKey()
			if err != nil {
				return fmt.Errorf("make a community's key: %w", err)
			}
			if err := ledger.Create(tx.DB, string(id), origin, wrapped); err != nil {
				return fmt.Errorf("open a log: %w", err)
			}
			c := &Community{ID: id}
			t := &turn{Tx: tx, Seat: Seat{Actor: by.Actor, Community: c, At: tx.Now}, s: s, log: ledger.Head{Key: wrapped}}
			t.emit(&CommunityFounded{
				ID: id, Identifies: in.Identifies, Languages: in.Languages, OralOnly: in.OralOnly, NoContact: in.NoContact, Enroller: by.Actor.ID(),
			}, Texts{"name": in.Name})
			if err := t.seat(by.Actor.ID()); err != nil {
				return err
			}
			return t.finish(id)
		},
	})
	receipt.ID = id
	return receipt, err
}

// foundedBy is the id of the community that a request founds: sent again it is the same.
func (s *Service) foundedBy(by Call) record.ID {
	if by.Key == "" {
		return newID()
	}
	return record.ID(uuid.NewHash(sha256.New(), uuid.Nil, []byte(s.request(by)), 8).String())
}

// Describe says what the community is, anew. Once it has holders it is their act.
func (s *Service) Describe(ctx context.Context, by Call, community record.ID, in CommunityForm) (record.Receipt, error) {
	in, err := in.check()
	if err != nil {
		return record.Receipt{}, err
	}
	return s.act(ctx, by, community, DefineSelf, "", in, func(t *turn) (record.ID, error) {
		if err := t.ownAct(); err != nil {
			return "", err
		}
		if t.Community.NoContact != in.NoContact && !t.first() {
			// It bars every talk, or opens what was barred: never one holder's word alone.
			if done, err := t.carried(t.motion("contact", in.NoContact, "", "")); !done {
				return community, err
			}
		} else if t.Community.NoContact && !in.NoContact {
			return "", ErrRefused // who lives in isolation has not been asked
		}
		t.emit(&CommunityChanged{
			Identifies: in.Identifies, Languages: in.Languages, OralOnly: in.OralOnly, NoContact: in.NoContact, Blackouts: in.Blackouts,
		}, Texts{"name": in.Name})
		return community, nil
	})
}

// first tells whether nobody was let speak for the community yet.
func (t *turn) first() bool { return !t.Community.spokenFor() }

// ownAct is [Seat.Owns] as an error.
func (t *turn) ownAct() error {
	if !t.Owns() {
		return ErrRefused
	}
	return nil
}

// InstitutionForm names an institution.
type InstitutionForm struct {
	Kind  Body
	Name  string
	About string
}

// AddInstitution names one of the community's institutions.
func (s *Service) AddInstitution(ctx context.Context, by Call, community record.ID, in InstitutionForm) (record.Receipt, error) {
	v := people.Invalid{}
	in.Name = v.Line("name", in.Name, true, longestName)
	in.About = v.Text("about", in.About, false, longestText)
	if !slices.Contains(Bodies(), in.Kind) {
		v.Add("kind", "error.choose_one")
	}
	if err := v.Err(); err != nil {
		return record.Receipt{}, err
	}
	return s.act(ctx, by, community, DefineSelf, "", in, func(t *turn) (record.ID, error) {
		if err := t.ownAct(); err != nil {
			return "", err
		}
		id := newID()
		t.emit(&InstitutionAdded{ID: id, Body: in.Kind}, Texts{"name": in.Name, "about": in.About})
		return id, nil
	})
}

// ProtocolForm is a version of the community's rules.
type ProtocolForm struct {
	Institution record.ID
	Rules       Rules
	Rule        string
	NotRecorded string
	Documents   []Digest
}

// Bounds of a protocol's figures. They keep out slips of the pen, not opinions.
const (
	mostConfirmations = 100
	mostDays          = 3650
)

// AdoptProtocol makes the next version. An open round keeps the one it began with.
// From the first mandates on it takes as many holders as a decision: each sends the
// same words, the last one makes it so.
func (s *Service) AdoptProtocol(ctx context.Context, by Call, community record.ID, in ProtocolForm) (record.Receipt, error) {
	v := people.Invalid{}
	in.Rule = v.Text("rule", in.Rule, true, longestText)
	in.NotRecorded = v.Text("not_recorded", in.NotRecorded, false, longestText)
	in.Rules.Languages = tags(v, "languages", in.Rules.Languages, false)
	for field, n := range map[string][2]int{
		"confirmations": {in.Rules.Confirmations, mostConfirmations}, "deliberate_days": {in.Rules.DeliberateDays, mostDays},
		"internal_sessions": {in.Rules.InternalSessions, mostConfirmations}, "cooling_days": {in.Rules.CoolingDays, mostDays},
		"mandate_hours": {in.Rules.MandateHours, mostDays * 24}, "cool_off_days": {in.Rules.CoolOffDays, mostDays}, "review_days": {in.Rules.ReviewDays, mostDays},
	} {
		if n[0] < 0 || n[0] > n[1] {
			v.Add(field, "consult.error.between", "min", 0, "max", n[1])
		}
	}
	if err := v.Err(); err != nil {
		return record.Receipt{}, err
	}
	return s.act(ctx, by, community, DefineSelf, "", in, func(t *turn) (record.ID, error) {
		if err := t.ownAct(); err != nil {
			return "", err
		}
		if _, ok := t.Community.Institution(in.Institution); !ok {
			return "", people.Invalid{"institution": {Key: "error.choose_one"}}
		}
		return community, t.adopt(in)
	})
}

// SecondProtocol is another holder's word for a version that one has moved.
func (s *Service) SecondProtocol(ctx context.Context, by Call, community record.ID, motion string) (record.Receipt, error) {
	return s.act(ctx, by, community, DefineSelf, "", []any{"second", motion}, func(t *turn) (record.ID, error) {
		moved, ok := find(t.Community.Moved, func(m MovedProtocol) bool { return m.Motion == motion })
		if !ok {
			return "", ErrNotFound
		}
		return community, t.adopt(moved.form())
	})
}

// adopt makes a version, or moves it where it takes more than one.
func (t *turn) adopt(in ProtocolForm) error {
	texts := Texts{"rule": in.Rule, "not-recorded": in.NotRecorded}
	if t.Community.spokenFor() {
		motion := MotionOf("protocol", in)
		_, known := find(t.Community.Moved, func(m MovedProtocol) bool { return m.Motion == motion })
		done, err := t.carried(t.motion("protocol", in, "", ""))
		if err == nil && !done && !known {
			t.emit(&ProtocolMoved{Motion: motion, Institution: in.Institution, Rules: in.Rules, Documents: in.Documents}, texts)
		}
		if !done {
			return err
		}
	}
	t.emit(&ProtocolAdopted{Institution: in.Institution, Rules: in.Rules, Documents: in.Documents}, texts)
	return nil
}

// RecordPrompt puts the community's own voice beside a step of the pages.
func (s *Service) RecordPrompt(ctx context.Context, by Call, community record.ID, p Prompt) (record.Receipt, error) {
	return s.act(ctx, by, community, DefineSelf, "", p, func(t *turn) (record.ID, error) {
		if !t.Inside() {
			return "", ErrRefused
		}
		if err := t.handedIn(p.Evidence); err != nil {
			return "", err
		}
		t.emit(&PromptRecorded{Prompt: p}, nil)
		return community, nil
	})
}

// GiveSeat lets an account take part in a role. From the first mandate on only
// the community lets observers, auditors and members in.
func (s *Service) GiveSeat(ctx context.Context, by Call, community, account record.ID, role Role, consultation record.ID) (record.Receipt, error) {
	in := []any{account, role, consultation}
	return s.act(ctx, by, community, Invite, "", in, func(t *turn) (record.ID, error) {
		if !slices.Contains(Roles(), role) {
			return "", people.Invalid{"role": {Key: "error.choose_one"}}
		}
		if _, err := t.account(account); err != nil {
			return "", err
		}
		if role != Proponent {
			if err := t.ownAct(); err != nil {
				return "", err
			}
		}
		if t.Community.sits(account, role, consultation) {
			return "", ErrWrongTime
		}
		if role == Member && !t.Is("", Holder) {
			return "", ErrRefused // who is of the community, the community says
		}
		if !t.Community.onOneSide(account, role) {
			return "", ErrRefused
		}
		t.emit(&SeatGiven{Account: account, Role: role, Consultation: consultation}, nil)
		return account, t.seat(account)
	})
}

// onOneSide: nobody sits on two. Who proposes is nothing else to the community; who
// speaks for it is of it.
func (c *Community) onOneSide(account record.ID, role Role) bool {
	others := slices.ContainsFunc(c.Seats, func(o Sitting) bool {
		return o.Account == account && o.Ended.IsZero() && (o.Role == Proponent) != (role == Proponent)
	})
	proposes := slices.ContainsFunc(c.Proposals, func(p Proposal) bool { return p.Proponent == account })
	speaks := len(c.mandatesOf(account)) > 0
	return !others && (role == Proponent || !proposes) && (role == Member || !speaks) && (role != Proponent || !c.helped(account))
}

// sits tells whether an account has this very seat.
func (c *Community) sits(account record.ID, role Role, consultation record.ID) bool {
	return slices.ContainsFunc(c.Seats, func(o Sitting) bool {
		return o.Account == account && o.Role == role && o.Consultation == consultation && o.Ended.IsZero()
	})
}

// TakeSeat ends an account's role at once, everywhere.
func (s *Service) TakeSeat(ctx context.Context, by Call, community, account record.ID, role Role) (record.Receipt, error) {
	return s.act(ctx, by, community, Invite, "", []any{"take", account, role}, func(t *turn) (record.ID, error) {
		if err := t.ownAct(); err != nil {
			return "", err
		}
		if !slices.ContainsFunc(t.Community.Seats, func(o Sitting) bool { return o.Account == account && o.Role == role && o.Ended.IsZero() }) {
			return "", ErrNotFound
		}
		t.emit(&SeatTaken{Account: account, Role: role}, nil)
		left := slices.ContainsFunc(t.Community.Seats, func(o Sitting) bool {
			return o.Account == account && o.Role != role && o.Ended.IsZero()
		})
		if left || len(t.Community.mandatesOf(account)) > 0 {
			return account, nil
		}
		return account, t.unseat(account)
	})
}
