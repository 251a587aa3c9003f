package consultations

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// ReleaseForm says what is shown, to whom, for what, until when.
type ReleaseForm struct {
	Parts   []Part
	To      Audience
	Account record.ID
	Purpose string
	Until   time.Time
}

// Release shows parts of a consultation to an audience: the act of a holder whose
// mandate says so, and of nobody else.
func (s *Service) Release(ctx context.Context, by Call, community, consultation record.ID, in ReleaseForm) (record.Receipt, error) {
	v := people.Invalid{}
	in.Purpose = v.Text("purpose", in.Purpose, true, longestText)
	if len(in.Parts) == 0 || slices.ContainsFunc(in.Parts, func(p Part) bool { return !slices.Contains(Parts(), p) }) {
		v.Add("parts", "error.choose_one")
	}
	if !slices.Contains(Audiences(), in.To) {
		v.Add("to", "error.choose_one")
	}
	if err := v.Err(); err != nil {
		return record.Receipt{}, err
	}
	return s.act(ctx, by, community, Give, consultation, in, func(t *turn) (record.ID, error) {
		if _, err := t.consultation(consultation); err != nil {
			return "", err
		}
		if !in.Until.IsZero() && !in.Until.After(t.Now) {
			return "", people.Invalid{"until": {Key: "error.past"}}
		}
		m, err := t.giver(consultation)
		if err != nil {
			return "", err
		}
		id := newID()
		t.emit(&Released{
			ID: id, Consultation: consultation, Parts: in.Parts, To: in.To, Account: in.Account, Until: in.Until, Mandate: m.ID,
		}, Texts{"purpose": in.Purpose})
		return id, nil
	})
}

// giver is the mandate by which the caller lets others see something, or destroys it: a
// contested one does neither, and closes what is open all the same ([Service.Revoke]).
func (t *turn) giver(consultation record.ID) (Mandate, error) {
	m, ok := t.Community.HolderWith(t.Actor.ID(), ReleaseOf, consultation, t.Now)
	if !ok {
		return Mandate{}, &Blocked{Guard: GuardContest}
	}
	return m, nil
}

// Revoke takes a release back. The links of copies that it let leave are closed.
func (s *Service) Revoke(ctx context.Context, by Call, community, release record.ID) (record.Receipt, error) {
	return s.act(ctx, by, community, Know, "", []any{"revoke", release}, func(t *turn) (record.ID, error) {
		r, ok := find(t.Community.Releases, func(r Release) bool { return r.ID == release })
		if !ok {
			return "", ErrNotFound
		}
		if err := t.Check(Give, r.Consultation); err != nil {
			return "", err
		}
		if r.Revoked != 0 {
			return "", ErrWrongTime
		}
		t.emit(&ReleaseRevoked{ID: release}, nil)
		t.closed(r)
		return release, nil
	})
}

// closed tells, for the last time, those whose copies a release let leave.
func (t *turn) closed(r Release) {
	without := *t.Community
	without.Releases = slices.DeleteFunc(slices.Clone(without.Releases), func(o Release) bool { return o.ID == r.ID })
	for _, x := range t.Community.Consultations {
		t.noticeTo(x, func(e Export) bool {
			return t.Community.stillShown(x, e, t.Now)(PartStatus) && !without.stillShown(x, e, t.Now)(PartStatus)
		})
	}
}

// Erase destroys words of an entry, and the salts that could confirm them: every
// proof of the log still holds. What an entry did (its act) is never erased. With
// [EvidenceField] among the fields the entry's files go too, unless another speaks of them.
func (s *Service) Erase(ctx context.Context, by Call, community record.ID, entry int64, fields []string) (record.Receipt, error) {
	receipt, err := s.act(ctx, by, community, Give, "", []any{"erase", entry, fields}, func(t *turn) (record.ID, error) {
		m, err := t.giver("")
		if err != nil {
			return "", err
		}
		key, err := s.Vault.Unwrap(t.log.Key)
		if err != nil {
			return "", fmt.Errorf("open the key of a log: %w", err)
		}
		found, err := ledger.Read(t.DB, string(community), key, entry, 1)
		if err != nil || len(found) == 0 || found[0].Index != entry {
			return "", ErrNotFound
		}
		var slots []int
		var gone []string
		for _, f := range found[0].Fields {
			if !f.Erased && f.Name != "act" && slices.Contains(fields, f.Name) {
				slots, gone = append(slots, f.Slot), append(gone, f.Name)
			}
		}
		if e, err := eventOf(found[0]); err != nil || keepsTogether(e, gone) {
			return "", ErrRefused
		}
		files, err := t.filesToErase(entry, fields)
		if err != nil {
			return "", err
		}
		if len(slots) == 0 && !files.cited {
			return "", ErrNotFound
		}
		if err := ledger.Erase(t.DB, string(community), entry, slots...); err != nil {
			return "", fmt.Errorf("erase words: %w", err)
		}
		t.emit(&Redacted{Entry: entry, Fields: append(gone, files.field()...), Files: files.only, Mandate: m.ID}, nil)
		return community, nil
	})
	s.forget(community)
	if err == nil {
		err = s.removeErased(ctx, community)
	}
	return receipt, err
}

// keepsTogether: a decision keeps its conditions and who disagreed. Without them it
// would be another decision.
func keepsTogether(e Event, fields []string) bool {
	_, decision := e.Fact.(*Decided)
	return decision && (slices.Contains(fields, "conditions") || slices.Contains(fields, "dissent"))
}

// Cover enters an event that says nothing, once a day and community, so that the
// growth of a log does not tell when something happened.
func (s *Service) Cover(ctx context.Context) error {
	heads, err := ledger.Heads(s.Read.WithContext(ctx))
	if err != nil {
		return fmt.Errorf("list the logs: %w", err)
	}
	for _, h := range heads {
		id := record.ID(h.ID)
		_, err := s.Writer.Do(ctx, record.Action{Room: h.ID, Run: func(tx *record.Tx) error {
			c, head, err := s.load(tx.DB, id, false)
			if err != nil {
				return err
			}
			if !c.CoverTo.Before(tx.Now.Add(-24 * time.Hour)) {
				return nil
			}
			t := &turn{Tx: tx, Seat: Seat{Community: c, At: tx.Now}, s: s, log: head, claim: Claim{Base: c.Size}}
			t.emit(&Cover{}, nil)
			return t.finish("")
		}})
		if err != nil {
			return fmt.Errorf("cover a log: %w", err)
		}
	}
	return nil
}
