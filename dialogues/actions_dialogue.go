package dialogues

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// CreateDialogue starts a dialogue as a draft and seats its maker as facilitator.
func (s *Service) CreateDialogue(ctx context.Context, by Call, in DialogueForm) (record.Receipt, error) {
	if !by.Actor.Person.CanConvene() {
		return record.Receipt{}, ErrRefused
	}
	if err := in.check().Err(); err != nil {
		return record.Receipt{}, err
	}
	id := record.NewID()
	return s.Writer.Do(ctx, record.Action{
		Room: string(id), Actor: by.Actor.ID(), Key: by.Key, Asked: digestOf(Prepare, in),
		Run: func(tx *record.Tx) error {
			if err := people.StillHolds(tx, by.Actor, people.Person.CanConvene); err != nil {
				return err
			}
			t := &turn{tx, Seat{Actor: by.Actor, Role: Facilitator}}
			t.Dialogue = Dialogue{ID: id, State: Draft, CreatedAt: tx.Now}
			if err := t.writeDialogue(in); err != nil {
				return err
			}
			t.noteText(DialogueCreated, id, Facts{}, 1, in.Title+"\n"+in.Objective+"\n"+in.Background)
			return t.seat(by.Actor.ID(), Facilitator)
		},
	})
}

// ChangeDialogue rewrites what a dialogue says about itself.
func (s *Service) ChangeDialogue(ctx context.Context, by Call, dialogue record.ID, in DialogueForm) (record.Receipt, error) {
	if err := in.check().Err(); err != nil {
		return record.Receipt{}, err
	}
	return s.act(ctx, by, dialogue, Prepare, in, func(t *turn) error {
		if err := t.writeDialogue(in); err != nil {
			return err
		}
		t.noteText(DialogueChanged, dialogue, Facts{}, t.Dialogue.Version, in.Title+"\n"+in.Objective+"\n"+in.Background)
		return nil
	})
}

// writeDialogue copies a checked form into the row and its countries.
func (t *turn) writeDialogue(in DialogueForm) error {
	organisation := record.ID("")
	if in.Organisation != "" {
		var err error
		organisation, err = people.EnsureOrganisation(t.Tx, people.Organisation{
			Name: in.Organisation, StakeholderGroup: t.Actor.Person.StakeholderGroup, Country: t.Actor.Person.Country,
		})
		if err != nil {
			return err
		}
	}
	d := &t.Dialogue
	d.Kind, d.Title, d.Objective, d.Background = in.Kind, in.Title, in.Objective, in.Background
	d.Folded = people.Fold(in.Title + " " + in.Objective)
	d.Language, d.Languages, d.Visibility = in.Language, strings.Join(in.Languages, " "), in.Visibility
	d.OrganisationID, d.ChangedAt = organisation, t.Now
	d.Invented = d.Invented || in.Invented
	d.Version++
	if err := t.DB.Clauses(clause.OnConflict{UpdateAll: true}).Create(d).Error; err != nil {
		return fmt.Errorf("write dialogue: %w", err)
	}
	return t.writeCountries(in)
}

func (t *turn) writeCountries(in DialogueForm) error {
	id := t.Dialogue.ID
	if err := t.forgetHandMadeGroups(); err != nil {
		return err
	}
	for _, old := range []any{&dialogueCountry{}, &dialogueCountryGroup{}} {
		if err := t.DB.Where("dialogue_id = ?", id).Delete(old).Error; err != nil {
			return fmt.Errorf("clear countries: %w", err)
		}
	}
	for _, code := range in.Countries {
		if err := create(t, &dialogueCountry{id, code}); err != nil {
			return err
		}
	}
	for _, code := range in.Groups {
		if err := create(t, &dialogueCountryGroup{id, strings.ToUpper(code)}); err != nil {
			return err
		}
	}
	if in.GroupName == "" {
		return nil
	}
	group := CountryGroup{ID: record.NewID(), Name: in.GroupName, CreatedBy: t.Actor.ID(), CreatedAt: t.Now}
	if err := create(t, &group); err != nil {
		return err
	}
	for _, code := range in.GroupMembers {
		if err := create(t, &countryGroupMember{group.ID, code}); err != nil {
			return err
		}
	}
	return create(t, &dialogueCountryGroup{id, string(group.ID)})
}

// forgetHandMadeGroups removes the groups made by hand for this dialogue, which
// its form writes anew.
func (t *turn) forgetHandMadeGroups() error {
	for _, statement := range []string{
		"DELETE FROM country_group_members WHERE group_id IN (SELECT group_code FROM dialogue_country_groups WHERE dialogue_id = ?)",
		"DELETE FROM country_groups WHERE id IN (SELECT group_code FROM dialogue_country_groups WHERE dialogue_id = ?)",
	} {
		if err := t.DB.Exec(statement, t.Dialogue.ID).Error; err != nil {
			return fmt.Errorf("clear country groups: %w", err)
		}
	}
	return nil
}

// SetState opens, closes, reopens or archives a dialogue.
func (s *Service) SetState(ctx context.Context, by Call, dialogue record.ID, next State) (record.Receipt, error) {
	return s.act(ctx, by, dialogue, ChangeState, next, func(t *turn) error {
		if t.Dialogue.State == next {
			return nil
		}
		if !t.Dialogue.State.CanBecome(next) {
			return ErrWrongTime
		}
		if err := t.noLiveSession(next); err != nil {
			return err
		}
		err := t.DB.Model(&Dialogue{}).Where("id = ?", dialogue).Updates(map[string]any{"state": next, "changed_at": t.Now}).Error
		if err != nil {
			return fmt.Errorf("set state: %w", err)
		}
		t.note(DialogueState, dialogue, Facts{State: string(next)})
		return nil
	})
}

// noLiveSession: a dialogue is not closed over the heads of people in a session.
func (t *turn) noLiveSession(next State) error {
	if next == Open {
		return nil
	}
	var n int64
	err := t.DB.Model(&Session{}).Where("dialogue_id = ? AND state = ?", t.Dialogue.ID, Live).Count(&n).Error
	if err != nil {
		return fmt.Errorf("count live sessions: %w", err)
	}
	if n > 0 {
		return ErrWrongTime
	}
	return nil
}

// JoinDialogue seats whoever asks as a participant of a public dialogue.
func (s *Service) JoinDialogue(ctx context.Context, by Call, dialogue record.ID) (record.Receipt, error) {
	return s.act(ctx, by, dialogue, Join, "join", func(t *turn) error {
		if err := t.notRemoved(); err != nil {
			return err
		}
		return t.seat(by.Actor.ID(), Participant)
	})
}

// notRemoved: whoever was shown out comes back by a facilitator's word, not by
// a code or a button.
func (t *turn) notRemoved() error {
	var n int64
	err := t.DB.Model(&Membership{}).Where("dialogue_id = ? AND person_id = ? AND ended_at IS NOT NULL", t.Dialogue.ID, t.Actor.ID()).Count(&n).Error
	if err != nil {
		return fmt.Errorf("look for an ended membership: %w", err)
	}
	if n > 0 {
		return ErrRefused
	}
	return nil
}

// SetRole gives a person a role, or ends their membership with Outsider. The
// last facilitator cannot go: somebody must answer for the dialogue.
func (s *Service) SetRole(ctx context.Context, by Call, dialogue, person record.ID, role Role) (record.Receipt, error) {
	v := people.Invalid{}
	if role != Outsider {
		choose(v, "role", role, Roles())
	}
	if err := v.Err(); err != nil {
		return record.Receipt{}, err
	}
	in := []string{string(person), string(role)}
	return s.act(ctx, by, dialogue, Staff, in, func(t *turn) error {
		if role != Facilitator {
			if err := t.anotherFacilitator(person); err != nil {
				return err
			}
		}
		if role == Outsider {
			return t.unseat(person)
		}
		if err := t.mayBeSeated(person, role); err != nil {
			return err
		}
		return t.seat(person, role)
	})
}

// mayBeSeated: only somebody who exists and may act gets a role, and only an
// account one with duties: a guest is a name that anybody could have typed.
func (t *turn) mayBeSeated(person record.ID, role Role) error {
	var p people.Person
	if err := load(t, &p, "id = ?", person); err != nil {
		return err
	}
	if !p.Active() {
		return ErrNotFound
	}
	if p.Kind == people.Guest && role != Participant && role != Observer {
		return ErrRefused
	}
	return nil
}

// ErrLastFacilitator says that a dialogue would be left without a facilitator.
var ErrLastFacilitator = fmt.Errorf("%w: the last facilitator stays", ErrWrongTime)

func (t *turn) anotherFacilitator(than record.ID) error {
	var current, others int64
	query := func() *gorm.DB {
		return t.DB.Model(&Membership{}).Where("dialogue_id = ? AND role = ? AND ended_at IS NULL", t.Dialogue.ID, Facilitator)
	}
	if err := query().Where("person_id = ?", than).Count(&current).Error; err != nil {
		return fmt.Errorf("count facilitators: %w", err)
	}
	if err := query().Where("person_id <> ?", than).Count(&others).Error; err != nil {
		return fmt.Errorf("count facilitators: %w", err)
	}
	if current > 0 && others == 0 {
		return ErrLastFacilitator
	}
	return nil
}

// seat gives a person a role in the turn's dialogue.
func (t *turn) seat(person record.ID, role Role) error {
	var was Membership
	err := t.DB.Where("dialogue_id = ? AND person_id = ?", t.Dialogue.ID, person).Limit(1).Find(&was).Error
	if err != nil {
		return fmt.Errorf("load membership: %w", err)
	}
	seated := was.PersonID != "" && was.EndedAt == nil
	if seated && was.Role == role {
		return nil
	}
	m := Membership{DialogueID: t.Dialogue.ID, PersonID: person, Role: role, CreatedAt: t.Now}
	if err := t.DB.Clauses(clause.OnConflict{UpdateAll: true}).Create(&m).Error; err != nil {
		return fmt.Errorf("write membership: %w", err)
	}
	verb := MemberAdded
	if seated {
		verb = MemberChanged
	}
	t.note(verb, person, Facts{State: string(role)})
	return nil
}

func (t *turn) unseat(person record.ID) error {
	result := t.DB.Model(&Membership{}).
		Where("dialogue_id = ? AND person_id = ? AND ended_at IS NULL", t.Dialogue.ID, person).
		Update("ended_at", t.Now)
	if result.Error != nil {
		return fmt.Errorf("end membership: %w", result.Error)
	}
	if result.RowsAffected == 0 {
		return ErrNotFound
	}
	t.note(MemberRemoved, person, Facts{})
	return nil
}
