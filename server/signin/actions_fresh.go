package signin

import (
	"context"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// Proves asks whoever is signed in to show once more who they are, before a step
// that a phone left lying open must not take: by their passphrase, or by a code
// of their second factor, which is then spent. Attempts are counted with those of
// the second factor. Errors: ErrWrong; ErrTooMany; ErrNotThis for a guest and for
// an account that has neither.
func (s *Service) Proves(ctx context.Context, actor people.Actor, proof string) error {
	if !s.Limits.Allow(SecondByAccount, string(actor.ID())) {
		return ErrTooMany
	}
	p, err := s.People.ByID(ctx, actor.ID())
	if err != nil {
		return err
	}
	if p.Kind != people.Account || (p.Passphrase == "" && p.TOTPSecret == "") {
		return ErrNotThis
	}
	if len(normalCode(proof)) == codeDigits && p.TOTPSecret != "" {
		err = s.provesByCode(ctx, p.ID, proof)
	} else {
		_, err = s.knows(ctx, p.ID, proof)
	}
	if err == nil {
		s.Limits.Forget(SecondByAccount, string(p.ID))
	}
	return err
}

// provesByCode spends a code of the person's app.
func (s *Service) provesByCode(ctx context.Context, person record.ID, code string) error {
	right := false
	err := s.do(ctx, "", person, func(tx *record.Tx) error {
		p, err := personIn(tx, person)
		if err != nil {
			return err
		}
		right, err = spendCode(tx, p, code)
		return err
	})
	if err != nil {
		return err
	}
	if !right {
		return ErrWrong
	}
	return nil
}
