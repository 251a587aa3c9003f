package consultations

import (
	"context"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// PublishForm is a statement that the community makes in a dialogue.
type PublishForm struct {
	Dialogue record.ID
	Question record.ID
	Language string
	Words    string
}

// Published says that the community made a statement in a dialogue. Texts: words.
type Published struct {
	ID           record.ID `json:"id"`
	Consultation record.ID `json:"consultation"`
	Dialogue     record.ID `json:"dialogue"`
	Mandate      record.ID `json:"mandate"`
}

func (*Published) kind() Kind { return "statement.published" }

func (*Published) apply(*Community, Event) {}

// Publish makes a statement in a dialogue: the only way in which anything of a
// consultation gets there, by the act of a holder who may release, in words that
// were written for it. It is said for the group, without a name. It is in the
// community's record before it is in the dialogue; sent again with the same key, it
// is said once.
func (s *Service) Publish(ctx context.Context, by Call, community, consultation record.ID, in PublishForm) (record.Receipt, error) {
	v := people.Invalid{}
	in.Words = v.Text("words", in.Words, true, dialogues.LongestContribution)
	if err := v.Err(); err != nil {
		return record.Receipt{}, err
	}
	seat, err := s.Dialogues.SeatOf(ctx, by.Actor, in.Dialogue)
	if err != nil {
		return record.Receipt{}, err
	}
	if err := seat.Check(dialogues.Contribute); err != nil {
		return record.Receipt{}, err
	}
	_, err = s.act(ctx, by, community, Give, consultation, in, func(t *turn) (record.ID, error) {
		x, err := t.consultation(consultation)
		if err != nil {
			return "", err
		}
		m, err := t.giver(x.ID)
		if err != nil {
			return "", err
		}
		id := newID()
		t.emit(&Published{ID: id, Consultation: x.ID, Dialogue: in.Dialogue, Mandate: m.ID}, Texts{"words": in.Words})
		return id, nil
	})
	if err != nil {
		return record.Receipt{}, err
	}
	return s.Dialogues.AddContribution(ctx, by.Call, in.Dialogue, dialogues.ContributionForm{
		Question: in.Question, Kind: dialogues.Experience, Language: in.Language, Attribution: dialogues.GroupOnly, Body: in.Words,
	})
}
