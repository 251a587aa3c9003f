package record

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// HeadOf returns the newest line number of a room; the zero Head when nothing
// has happened there.
func HeadOf(ctx context.Context, db *gorm.DB, room string) (Head, error) {
	var head Head
	err := db.WithContext(ctx).Where("room = ?", room).Take(&head).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return Head{Room: room}, nil
	}
	if err != nil {
		return Head{}, fmt.Errorf("read head of %s: %w", room, err)
	}
	return head, nil
}

// After returns the lines of a room that follow line seq, oldest first, at most
// limit of them.
func After(ctx context.Context, db *gorm.DB, room string, seq int64, limit int) ([]Entry, error) {
	return read(room, seq, db.WithContext(ctx).Where("room = ? AND seq > ?", room, seq).Order("seq").Limit(limit))
}

// read runs a query for lines of a room: on the record first, and where it has
// none, among those of passing rooms. No room has lines in both.
func read(room string, seq int64, query *gorm.DB) ([]Entry, error) {
	query = query.Session(&gorm.Session{})
	for _, table := range []string{Entry{}.TableName(), passingEntries} {
		var entries []Entry
		if err := query.Table(table).Find(&entries).Error; err != nil {
			return nil, fmt.Errorf("read %s after line %d: %w", room, seq, err)
		}
		if len(entries) > 0 {
			return entries, nil
		}
	}
	return nil, nil
}

// Heads returns the head of every room.
func Heads(ctx context.Context, db *gorm.DB) ([]Head, error) {
	var heads []Head
	if err := db.WithContext(ctx).Order("room").Find(&heads).Error; err != nil {
		return nil, fmt.Errorf("read heads: %w", err)
	}
	return heads, nil
}

// AfterAbout returns the lines of a room that follow line seq and have one of
// the verbs, oldest first.
func AfterAbout(ctx context.Context, db *gorm.DB, room string, seq int64, verbs []Verb) ([]Entry, error) {
	return read(room, seq, db.WithContext(ctx).Where("room = ? AND seq > ? AND verb IN ?", room, seq, verbs).Order("seq"))
}

// Answered returns what was answered to an action under a key of the actor's;
// the zero Receipt for a key that has not been used.
func Answered(ctx context.Context, db *gorm.DB, actor ID, key string) (Receipt, error) {
	if key == "" {
		return Receipt{}, nil
	}
	var found []answer
	if err := db.WithContext(ctx).Where("key = ? AND actor = ?", key, string(actor)).Limit(1).Find(&found).Error; err != nil {
		return Receipt{}, fmt.Errorf("look up an answer: %w", err)
	}
	if len(found) == 0 {
		return Receipt{}, nil
	}
	return found[0].receipt(), nil
}

// ActedSince tells whether somebody has done anything in a room since a moment,
// that moment included.
func ActedSince(ctx context.Context, db *gorm.DB, room string, actor ID, since time.Time) (bool, error) {
	lines, err := read(room, 0, db.WithContext(ctx).Where("room = ? AND actor = ? AND at >= ?", room, actor, since).Limit(1))
	return len(lines) > 0, err
}
