package people

import (
	"time"

	"github.com/vcm-forum/forum/dialogues/record"
)

// Organisation is a body that people speak for or that convenes a dialogue.
type Organisation struct {
	ID               record.ID
	Name             string
	Folded           string
	StakeholderGroup Group
	Country          string
	CreatedAt        time.Time
}

// TableName tells gorm where organisations live.
func (Organisation) TableName() string { return "organisations" }
