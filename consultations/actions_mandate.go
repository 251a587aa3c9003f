package consultations

import (
	"context"
	"slices"
	"time"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// MandateForm writes down that an institution lets somebody speak for it.
type MandateForm struct {
	Name         string
	Account      record.ID // "" for a person without one
	Holder       record.ID // an earlier holder of the community; "" for somebody new
	Institution  record.ID
	Powers       []Power
	Consultation record.ID
	From         time.Time
	Until        time.Time
	Resolved     string // the institution's resolution in words
	Resolution   []Digest
}

// EnterMandate writes a mandate down. It has no power before the institution's
// people stand behind it ([Service.Vouch]), and its waiting time has passed. The
// first mandates of a community are founding ones: a witness from outside attests
// them too.
func (s *Service) EnterMandate(ctx context.Context, by Call, community record.ID, in MandateForm) (record.Receipt, error) {
	v := people.Invalid{}
	in.Name = v.Line("name", in.Name, true, longestName)
	in.Resolved = v.Text("resolution", in.Resolved, false, longestText)
	if len(in.Powers) == 0 || slices.ContainsFunc(in.Powers, func(p Power) bool { return !slices.Contains(Powers(), p) }) {
		v.Add("powers", "error.choose_one")
	}
	if len(in.Resolution) == 0 {
		v.Add("resolution", "consult.error.resolution")
	}
	if !in.Until.IsZero() && !in.Until.After(in.From) {
		v.Add("until", "consult.error.until")
	}
	if err := v.Err(); err != nil {
		return record.Receipt{}, err
	}
	return s.act(ctx, by, community, EnterMandate, "", in, func(t *turn) (record.ID, error) {
		return t.enterMandate(in)
	})
}

func (t *turn) enterMandate(in MandateForm) (record.ID, error) {
	c := t.Community
	if _, ok := c.Institution(in.Institution); !ok {
		return "", people.Invalid{"institution": {Key: "error.choose_one"}}
	}
	if in.Account != "" {
		if in.Account == t.Actor.ID() {
			return "", people.Invalid{"account": {Key: "consult.error.own_mandate"}} // nobody issues one to themselves
		}
		p, err := t.account(in.Account)
		if err != nil {
			return "", people.Invalid{"account": {Key: "consult.error.no_account"}}
		}
		if c.interested(p) {
			return "", people.Invalid{"account": {Key: "consult.error.interested"}}
		}
		if other, taken := find(c.Mandates, func(m Mandate) bool { return m.Account == in.Account }); taken && other.Holder != in.Holder {
			return "", people.Invalid{"account": {Key: "consult.error.other_holder"}} // one account, one person
		}
	}
	if in.Account == "" && in.Holder == "" && c.onPaper(in.Name, in.Institution) {
		return "", people.Invalid{"name": {Key: "consult.error.known_person"}} // one person is not two
	}
	holder := in.Holder
	switch known, ok := find(c.Mandates, func(m Mandate) bool { return m.Holder == holder }); {
	case !ok:
		holder = newID()
	case known.Account == t.Actor.ID():
		return "", people.Invalid{"account": {Key: "consult.error.own_mandate"}}
	case in.Account != "" && in.Account != known.Account:
		return "", people.Invalid{"account": {Key: "consult.error.other_holder"}} // another account is given by two custodians
	default:
		in.Account = known.Account
	}
	if in.From.IsZero() {
		in.From = t.Now
	}
	id, founding := newID(), !c.founded(t.Now)
	made := &MandateEntered{
		ID: id, Holder: holder, Account: in.Account, Institution: in.Institution, Powers: in.Powers, Consultation: in.Consultation,
		From: in.From, Until: in.Until, Resolution: in.Resolution, Founding: founding,
	}
	if !founding {
		made.Need = t.quorum(len(t.deciders("", Mandate.Holds, holder)))
	}
	t.emit(made, Texts{"name": in.Name, "resolution": in.Resolved})
	if in.Account == "" {
		return id, nil
	}
	return id, t.seat(in.Account)
}

// founded tells whether there are two who may speak for the community, and so stand
// behind a third. Where there are not, since mandates ended or since nobody was
// left to rule on them, it is founded anew, with a witness from outside. A mandate
// that was only contested counts for 30 days, so that no outsider's word is enough.
func (c *Community) founded(now time.Time) bool {
	var holders []record.ID
	for _, m := range c.Mandates {
		ruled := m.Standing != Disputed || now.Before(m.ContestedAt.Add(foundingWait))
		soon := m.Within(now) || (m.From.After(now) && m.From.Before(now.Add(foundingWait)))
		complete := m.Has(Decide) && m.Consultation == "" && !m.ReadyAt().IsZero() && soon && m.EndedAt.IsZero()
		if complete && ruled && m.Standing != Rejected && !slices.Contains(holders, m.Holder) {
			holders = append(holders, m.Holder)
		}
	}
	return len(holders) >= foundingNames
}

// spokenFor tells whether anybody was ever let speak for the community.
func (c *Community) spokenFor() bool {
	return slices.ContainsFunc(c.Mandates, func(m Mandate) bool { return !m.ReadyAt().IsZero() && m.Has(Decide) })
}

// onPaper tells whether somebody of that name has a mandate of the institution
// without an account of their own.
func (c *Community) onPaper(name string, institution record.ID) bool {
	return slices.ContainsFunc(c.Mandates, func(m Mandate) bool {
		return m.Account == "" && m.Institution == institution && people.Fold(m.Name.Body) == people.Fold(name)
	})
}

// Vouch is the word of one of the institution's people for a mandate. For a
// founding one whoever entered it writes down the names of two who stand behind
// it; for every later one holders confirm with their own accounts.
func (s *Service) Vouch(ctx context.Context, by Call, community, mandate record.ID, name string) (record.Receipt, error) {
	v := people.Invalid{}
	name = v.Line("name", name, false, longestName)
	if err := v.Err(); err != nil {
		return record.Receipt{}, err
	}
	return s.act(ctx, by, community, Know, "", []any{"vouch", mandate, name}, func(t *turn) (record.ID, error) {
		m, ok := t.Community.Mandate(mandate)
		if !ok {
			return "", ErrNotFound
		}
		if !m.EndedAt.IsZero() {
			return "", ErrWrongTime
		}
		if m.Founding {
			return mandate, t.vouchFounding(m, name)
		}
		if err := t.Check(Vouch, ""); err != nil {
			return "", err
		}
		own, _ := t.Community.HolderWith(t.Actor.ID(), Decide, "", t.Now)
		twice := slices.ContainsFunc(m.Confirmed, func(o Confirming) bool { return o.By == t.Actor.ID() })
		if twice || m.Account == t.Actor.ID() || own.Holder == m.Holder {
			return "", ErrWrongTime
		}
		t.emit(&MandateConfirmed{Mandate: mandate}, nil)
		return mandate, nil
	})
}

// vouchFounding: two different names, neither of them the holder's own.
func (t *turn) vouchFounding(m Mandate, name string) error {
	if err := t.Check(EnterMandate, ""); err != nil {
		return err
	}
	if name == "" {
		return people.Invalid{"name": {Key: "error.required"}}
	}
	same := func(other string) bool { return people.Fold(other) == people.Fold(name) }
	if same(m.Name.Body) || slices.ContainsFunc(m.Confirmed, func(o Confirming) bool { return same(o.Name.Body) }) {
		return people.Invalid{"name": {Key: "consult.error.another_person"}}
	}
	t.emit(&MandateConfirmed{Mandate: m.ID}, Texts{"name": name})
	return nil
}

// Attest is the word of a witness from outside for a founding mandate: somebody
// who neither entered it nor wants anything of the community.
func (s *Service) Attest(ctx context.Context, by Call, community, mandate record.ID) (record.Receipt, error) {
	return s.act(ctx, by, community, Attest, "", []any{"attest", mandate}, func(t *turn) (record.ID, error) {
		m, ok := t.Community.Mandate(mandate)
		if !ok {
			return "", ErrNotFound
		}
		if !m.Founding || !m.AttestedAt.IsZero() || len(m.Confirmed) < foundingNames {
			return "", ErrWrongTime
		}
		if t.Community.helped(t.Actor.ID()) || t.Is("", Proponent) || t.Inside() {
			return "", ErrRefused
		}
		t.emit(&MandateAttested{Mandate: mandate}, nil)
		return mandate, nil
	})
}

// Contest disputes a mandate. Until the institution has ruled, nobody confirms
// under it.
func (s *Service) Contest(ctx context.Context, by Call, community, mandate record.ID, reason string) (record.Receipt, error) {
	v := people.Invalid{}
	reason = v.Text("reason", reason, false, longestText)
	if err := v.Err(); err != nil {
		return record.Receipt{}, err
	}
	return s.act(ctx, by, community, Gainsay, "", []any{"contest", mandate, reason}, func(t *turn) (record.ID, error) {
		m, ok := t.Community.Mandate(mandate)
		if !ok {
			return "", ErrNotFound
		}
		if m.contests(t.Actor.ID()) || !m.EndedAt.IsZero() || m.Overruled(t.Actor.ID()) {
			return "", ErrWrongTime
		}
		t.emit(&MandateContested{Mandate: mandate}, Texts{"reason": reason})
		return mandate, nil
	})
}

// RuleOnMandate is the institution's word on a contested mandate: of as many other
// holders as a decision needs; never an operator's. Who contested it has no word in
// it, but may take the contest back where nobody else does.
func (s *Service) RuleOnMandate(ctx context.Context, by Call, community, mandate record.ID, upheld bool) (record.Receipt, error) {
	return s.act(ctx, by, community, Rule, "", []any{"rule", mandate, upheld}, func(t *turn) (record.ID, error) {
		m, ok := t.Community.Mandate(mandate)
		if !ok {
			return "", ErrNotFound
		}
		if m.Standing != Disputed {
			return "", ErrWrongTime
		}
		if takesBack := upheld && m.ContestedBy == t.Actor.ID() && len(m.AlsoContested) == 0; !takesBack {
			if done, err := t.carried(t.ruling(m, upheld)); !done {
				return mandate, err
			}
		}
		t.emit(&MandateRuled{Mandate: mandate, Upheld: upheld}, nil)
		return mandate, nil
	})
}

// ruling is the motion to rule on a contested mandate. Holders whose own is contested
// have a word in it only where too few others are left, so that nobody silences a
// community by contesting everyone. Where there is only one other holder, that one
// may say that it stands, and nobody alone that it does not.
func (t *turn) ruling(m Mandate, upheld bool) motion {
	but := []record.ID{m.Holder}
	for _, account := range append([]record.ID{m.ContestedBy}, m.AlsoContested...) {
		if by := t.Community.mandatesOf(account); len(by) > 0 {
			but = append(but, by[0].Holder)
		}
	}
	out := t.motion("rule on mandate", []any{m.ID, m.ContestedAt, upheld}, m.Holder, "")
	before := func(holder record.ID) bool { return t.heldBefore(holder, m.ContestedAt) } // nobody is brought in to rule on it
	all := keep(t.deciders("", Mandate.Holds, but...), before)
	out.voters, out.need = keep(t.deciders("", Mandate.Valid, but...), before), t.quorum(len(all))
	if len(out.voters) < out.need {
		out.voters = all
	}
	if upheld && len(all) == 1 {
		out.need = 1
	}
	return out
}

// heldBefore tells whether somebody had a mandate at a time.
func (t *turn) heldBefore(holder record.ID, at time.Time) bool {
	return slices.ContainsFunc(t.Community.Mandates, func(m Mandate) bool { return m.Holder == holder && !m.EnteredAt.After(at) })
}

func keep(in []record.ID, is func(record.ID) bool) []record.ID {
	return slices.DeleteFunc(in, func(id record.ID) bool { return !is(id) })
}

// EndMandate ends a mandate: the holder's own at once, another's by as many other
// holders as a decision needs. What was decided under it stays.
func (s *Service) EndMandate(ctx context.Context, by Call, community, mandate record.ID) (record.Receipt, error) {
	return s.act(ctx, by, community, Know, "", []any{"end", mandate}, func(t *turn) (record.ID, error) {
		m, ok := t.Community.Mandate(mandate)
		if !ok {
			return "", ErrNotFound
		}
		if !m.EndedAt.IsZero() {
			return "", ErrWrongTime
		}
		if m.Account != t.Actor.ID() {
			if err := t.Check(Rule, ""); err != nil {
				return "", err
			}
			if done, err := t.carried(t.motion("end mandate", mandate, m.Holder, "")); !done {
				return mandate, err
			}
		}
		t.emit(&MandateEnded{Mandate: mandate}, nil)
		return mandate, nil
	})
}

// hasSeat tells whether an account is something to the community beside a holder.
func (c *Community) hasSeat(account record.ID) bool {
	return slices.ContainsFunc(c.Seats, func(o Sitting) bool { return o.Account == account && o.Ended.IsZero() })
}

// MoveAccount gives a holder another account after the old one was lost. Custodians,
// holders who may confirm decisions and are not the holder, say so one after the
// other, two at the least and as many as a decision takes; the last one makes it so,
// and the old account sees nothing more: whoever has the lost phone is out at once.
func (s *Service) MoveAccount(ctx context.Context, by Call, community, mandate, account record.ID) (record.Receipt, error) {
	return s.act(ctx, by, community, Rule, "", []any{"move", mandate, account}, func(t *turn) (record.ID, error) {
		m, ok := t.Community.Mandate(mandate)
		if !ok {
			return "", ErrNotFound
		}
		p, err := t.account(account)
		if err != nil {
			return "", people.Invalid{"account": {Key: "consult.error.no_account"}}
		}
		taken := slices.ContainsFunc(t.Community.Mandates, func(o Mandate) bool { return o.Account == account })
		switch {
		case t.Community.interested(p):
			return "", people.Invalid{"account": {Key: "consult.error.interested"}}
		case taken:
			return "", people.Invalid{"account": {Key: "consult.error.other_holder"}}
		}
		done, err := t.carried(t.motion("move account", []record.ID{mandate, account}, m.Holder, ""))
		if err != nil {
			return "", err
		}
		t.emit(&AccountMoved{Holder: m.Holder, Account: account, Asked: !done, Carried: done}, nil)
		if !done {
			return mandate, nil
		}
		if m.Account != "" && !t.Community.hasSeat(m.Account) {
			if err := t.unseat(m.Account); err != nil {
				return "", err
			}
		}
		return mandate, t.seat(account)
	})
}
