package consultations

import (
	"context"
	"slices"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// SetCondition says how a condition stands. Waiving one takes
// as many holders as a decision.
func (s *Service) SetCondition(ctx context.Context, by Call, community, consultation, condition record.ID, status ConditionStatus, finding string) (record.Receipt, error) {
	v := people.Invalid{}
	finding = v.Text("finding", finding, false, longestText)
	if !slices.Contains([]ConditionStatus{ConditionMet, ConditionBroken, ConditionWaived, ConditionOpen}, status) {
		v.Add("status", "error.choose_one")
	}
	if err := v.Err(); err != nil {
		return record.Receipt{}, err
	}
	return s.act(ctx, by, community, Verify, consultation, []any{condition, status, finding}, func(t *turn) (record.ID, error) {
		x, err := t.consultation(consultation)
		if err != nil {
			return "", err
		}
		if _, ok := find(x.Conditions, func(k Condition) bool { return k.ID == condition }); !ok {
			return "", ErrNotFound
		}
		if status == ConditionWaived {
			if done, err := t.carried(t.motion("waive", condition, "", x.ID)); !done {
				return condition, err
			}
		}
		t.emit(&ConditionSet{Consultation: x.ID, Condition: condition, Status: status}, Texts{"finding": finding})
		if status == ConditionBroken {
			t.notice(x)
		}
		return condition, nil
	})
}

// Dispute says that what stands is contested.
func (s *Service) Dispute(ctx context.Context, by Call, community, consultation record.ID, aspects []record.ID, institution record.ID, reason string) (record.Receipt, error) {
	v := people.Invalid{}
	reason = v.Text("reason", reason, false, longestText)
	if err := v.Err(); err != nil {
		return record.Receipt{}, err
	}
	return s.act(ctx, by, community, Know, consultation, []any{"dispute", aspects, institution, reason}, func(t *turn) (record.ID, error) {
		x, err := t.consultation(consultation)
		if err != nil {
			return "", err
		}
		if !t.Is(x.ID, Holder, Ombudsman) {
			return "", ErrRefused
		}
		id := newID()
		t.emit(&ContestOpened{ID: id, Consultation: x.ID, Aspects: aspects, Institution: institution}, Texts{"reason": reason})
		t.notice(x)
		return id, nil
	})
}

// RuleOnContest is a holder's word on which decision stands, or ("") that it is as it is. It ends the contest
// once as many holders of the institution whose protocol it is have said the same
// as a decision needs; nobody else can end it.
func (s *Service) RuleOnContest(ctx context.Context, by Call, community, consultation, contest, stands record.ID) (record.Receipt, error) {
	return s.act(ctx, by, community, Rule, consultation, []any{"rule", contest, stands}, func(t *turn) (record.ID, error) {
		x, err := t.consultation(consultation)
		if err != nil {
			return "", err
		}
		dispute, ok := find(x.Contests, func(o Contest) bool { return o.ID == contest })
		if _, decided := x.Decision(stands); !ok || (stands != "" && !decided) {
			return "", ErrNotFound
		}
		if dispute.Resolved != 0 {
			return "", ErrWrongTime
		}
		judges, need := t.judges(x)
		own, ok := find(t.Community.mandatesOf(t.Actor.ID()), func(m Mandate) bool { return slices.Contains(judges, m.Holder) })
		if !ok {
			return "", ErrRefused
		}
		same := []record.ID{own.Holder}
		for _, w := range dispute.Words {
			if w.Stands == stands && !slices.Contains(same, w.Holder) && slices.Contains(judges, w.Holder) {
				same = append(same, w.Holder)
			}
		}
		final := len(same) >= need
		t.emit(&ContestRuled{Consultation: x.ID, Contest: contest, Stands: stands, Holder: own.Holder, Final: final}, nil)
		if final {
			t.notice(x)
		}
		return contest, nil
	})
}

// judges are those who rule on a contest, and how many of them it takes: the holders of
// the institution whose protocol it is. Where it has fewer than two, all who may
// decide, so that a contest can end. Who is contested counts, and has no word.
func (t *turn) judges(x *Consultation) (judges []record.ID, need int) {
	all := t.deciders(x.ID, Mandate.Holds)
	own := slices.DeleteFunc(slices.Clone(all), func(holder record.ID) bool {
		return !slices.ContainsFunc(t.Community.Mandates, func(m Mandate) bool {
			return m.Holder == holder && m.Institution == t.Community.Protocol().Institution && m.Holds(Decide, x.ID, t.Now)
		})
	})
	if len(own) >= foundingNames {
		all = own
	}
	valid := t.deciders(x.ID, Mandate.Valid)
	return common(all, valid), t.quorum(len(all))
}

// Void says that a decision was entered in error: by as many holders as a decision
// needs, since it undoes what several said. One that protects cannot be voided by
// anybody, and only a new decision comes after a no or a withdrawal; but one that
// somebody else entered for a holder can, for it may never have been said: with the
// holder's own word, or where they have no account, if nothing was kept of it. What
// it ended rests then, and does not come back by itself.
func (s *Service) Void(ctx context.Context, by Call, community, consultation, decision record.ID, reason string) (record.Receipt, error) {
	v := people.Invalid{}
	reason = v.Text("reason", reason, true, longestText)
	if err := v.Err(); err != nil {
		return record.Receipt{}, err
	}
	return s.act(ctx, by, community, Confirm, consultation, []any{"void", decision, reason}, func(t *turn) (record.ID, error) {
		x, err := t.consultation(consultation)
		if err != nil {
			return "", err
		}
		d, ok := x.Decision(decision)
		if !ok {
			return "", ErrNotFound
		}
		motion := t.motion("void", decision, "", x.ID)
		if moveOf(d.Type).protects() {
			m := t.Community.mandate(d.Mandates[0])
			if d.Via == Self || (m.Account == "" && len(d.Evidence) > 0) {
				return "", ErrWrongTime
			}
			if m.Account != "" {
				motion.must = m.Holder
			}
		}
		if d.Voided != 0 {
			return "", ErrWrongTime
		}
		if done, err := t.carried(motion); !done {
			return decision, err
		}
		t.emit(&Voided{Consultation: x.ID, Decision: decision}, Texts{"reason": reason})
		t.notice(x)
		return decision, nil
	})
}
