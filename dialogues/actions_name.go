package dialogues

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// NameFree checks, inside an action of the caller's, that a guest's name cannot
// be taken for that of somebody who leads the dialogue: a guest is a name that
// anybody could have typed. Otherwise it is a people.Invalid about the field "name".
func NameFree(tx *record.Tx, dialogue record.ID, name string) error {
	var taken []string
	err := leaders(tx.DB).Where("m.dialogue_id = ?", dialogue).Pluck("p.name", &taken).Error
	return differs(name, taken, err)
}

// GuestMayBe checks the same of a new name for a guest who is here already, in
// every dialogue of theirs.
func (s *Service) GuestMayBe(ctx context.Context, guest record.ID, name string) error {
	db := s.Read.WithContext(ctx)
	var taken []string
	seats := db.Model(&Membership{}).Select("dialogue_id").Where("person_id = ? AND ended_at IS NULL", guest)
	err := leaders(db).Where("m.dialogue_id IN (?)", seats).Pluck("p.name", &taken).Error
	return differs(name, taken, err)
}

func leaders(db *gorm.DB) *gorm.DB {
	return db.Table("memberships m").Joins("JOIN people p ON p.id = m.person_id").
		Where("m.ended_at IS NULL AND m.role IN ?", []Role{Facilitator, CoFacilitator})
}

func differs(name string, taken []string, err error) error {
	if err != nil {
		return fmt.Errorf("load who leads: %w", err)
	}
	for _, other := range taken {
		if people.Likeness(name) == people.Likeness(other) {
			return people.Invalid{"name": {Key: "error.name_taken"}}
		}
	}
	return nil
}
