package dialogues

import (
	"fmt"
	"strconv"
	"time"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// AgendaItem is one step of a session, with the minutes it is given. Items may
// have sub-items one level deep, whose minutes must fit into theirs.
type AgendaItem struct {
	ID         record.ID
	SessionID  record.ID
	ParentID   record.ID
	QuestionID record.ID // what is said during the item goes to this question
	Position   int64
	Title      string
	Minutes    int64
	RemovedAt  *time.Time
}

// TableName tells gorm where agenda items live.
func (AgendaItem) TableName() string { return "agenda_items" }

// Stretch is a time during which an item was the current one.
type Stretch struct {
	ItemID    record.ID
	StartedAt time.Time
	EndedAt   *time.Time
}

// TableName tells gorm where stretches live.
func (Stretch) TableName() string { return "agenda_stretches" }

// AgendaItemForm is an agenda item as a facilitator fills it in.
type AgendaItemForm struct {
	Parent   record.ID
	Question record.ID
	Title    string
	Minutes  int64
}

func (f *AgendaItemForm) check() people.Invalid {
	v := people.Invalid{}
	f.Title = v.Line("title", f.Title, true, LongestTitle)
	if f.Minutes < 1 || f.Minutes > LongestSession {
		v.Add("minutes", "error.number_range", "min", 1, "max", LongestSession)
	}
	return v
}

// fits says whether an agenda's minutes fit: top-level items into the session,
// sub-items into their item. What does not is noted at the field "minutes",
// with how many minutes are free.
func fits(session Session, items []AgendaItem, changed AgendaItem) people.Invalid {
	v := people.Invalid{}
	room, used := session.Minutes, int64(0)
	for _, item := range items {
		if item.ID == changed.ParentID {
			room = item.Minutes
		}
	}
	var children int64
	for _, item := range items {
		if item.ParentID == changed.ParentID && item.ID != changed.ID {
			used += item.Minutes
		}
		if item.ParentID == changed.ID && changed.ID != "" {
			children += item.Minutes
		}
	}
	if used+changed.Minutes > room {
		v.Add("minutes", "error.agenda_full", "n", max(0, room-used))
	}
	if children > changed.Minutes {
		v.Add("minutes", "error.agenda_children", "n", children)
	}
	return v
}

// Entry is an agenda item in its place: Number "2.1", Depth 1 for sub-items.
type Entry struct {
	AgendaItem
	Number string
	Depth  int
}

// Outline puts items in reading order, each parent followed by its sub-items.
func Outline(items []AgendaItem) []Entry {
	var out []Entry
	top := 0
	for _, item := range items {
		if item.ParentID != "" {
			continue
		}
		top++
		out = append(out, Entry{item, strconv.Itoa(top), 0})
		sub := 0
		for _, child := range items {
			if child.ParentID == item.ID {
				sub++
				out = append(out, Entry{child, fmt.Sprintf("%d.%d", top, sub), 1})
			}
		}
	}
	return out
}

func minutes(n int64) time.Duration { return time.Duration(n) * time.Minute }
