package consultations

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/dialogues/record"
)

// SealersNamed says with which keys the log's newest checkpoint was signed. While a key
// is changed both sign, so that this entry is sealed by the one that is known already:
// whoever knows only that one learns here which the other is.
type SealersNamed struct {
	Keys []string `json:"keys"` // as policies write them
}

func (*SealersNamed) kind() Kind { return "log.sealers_named" }

func (f *SealersNamed) apply(c *Community, _ Event) { c.Sealers = f.Keys }

// NameSealers enters into every log, once, which keys sign it.
func (s *Service) NameSealers(ctx context.Context) error {
	if s.Seals.Policy == nil {
		return nil
	}
	db := s.Read.WithContext(ctx)
	heads, err := ledger.Heads(db)
	if err != nil {
		return fmt.Errorf("list the logs: %w", err)
	}
	var problems []error
	for _, h := range heads {
		signed, err := ledger.Note(db, h.ID, 0)
		if err == nil && signed != "" {
			err = s.nameSealers(ctx, record.ID(h.ID), signed)
		}
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}

func (s *Service) nameSealers(ctx context.Context, id record.ID, signed string) error {
	keys, err := s.Seals.Policy.SignedBy(signed)
	if err != nil {
		return fmt.Errorf("read who signed a log: %w", err)
	}
	c, _, err := s.load(s.Read.WithContext(ctx), id, true)
	if err != nil || slices.Equal(c.Sealers, keys) {
		return err
	}
	_, err = s.Writer.Do(ctx, record.Action{Room: string(id), Run: func(tx *record.Tx) error {
		c, head, err := s.load(tx.DB, id, false)
		if err != nil || slices.Equal(c.Sealers, keys) {
			return err
		}
		t := &turn{Tx: tx, Seat: Seat{Community: c, At: tx.Now}, s: s, log: head, claim: Claim{Base: c.Size}}
		t.emit(&SealersNamed{Keys: keys}, nil)
		return t.finish("")
	}})
	if err != nil {
		return fmt.Errorf("name who signs a log: %w", err)
	}
	return nil
}
