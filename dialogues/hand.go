package dialogues

import (
	"time"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// HandState is what became of a raised hand.
type HandState string

// States of a hand.
const (
	Waiting  HandState = "waiting"
	Speaking HandState = "speaking"
	Done     HandState = "done"
	Lowered  HandState = "lowered"
)

// Hand is one wish to speak. Hands are taken in the order in which they went
// up, everyone sees that order, and nobody has two up at once.
type Hand struct {
	ID               record.ID
	SessionID        record.ID
	ItemID           record.ID
	PersonID         record.ID
	StakeholderGroup people.Group
	State            HandState
	RaisedAt         time.Time
	CalledAt         *time.Time
	EndedAt          *time.Time
}

// TableName tells gorm where hands live.
func (Hand) TableName() string { return "hands" }

// Spoke is how long the person spoke; up to now while they still do.
func (h Hand) Spoke(now time.Time) time.Duration {
	switch {
	case h.CalledAt == nil:
		return 0
	case h.EndedAt != nil:
		return h.EndedAt.Sub(*h.CalledAt)
	default:
		return now.Sub(*h.CalledAt)
	}
}
