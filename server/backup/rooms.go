package backup

import (
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
)

// badRooms finds a room whose lines are not 1, 2, 3 … up to its head, and lines
// of a room without a head.
const badRooms = `SELECT coalesce(h.room, e.room) FROM record_heads h
	FULL JOIN (SELECT room, count(*) AS n, min(seq) AS low, max(seq) AS high FROM (%s) lines GROUP BY room) e ON e.room = h.room
	WHERE h.room IS NULL OR h.seq <> coalesce(e.high, 0) OR coalesce(e.n, 0) <> coalesce(e.high, 0) OR coalesce(e.low, 1) <> 1
	ORDER BY 1 LIMIT 1`

// lineTables are where a backup's lines are, each with which rooms' lines it
// holds. Forums that are older than rehearsals have the record alone.
func (m Manifest) lineTables() map[string]string {
	if !slices.ContainsFunc(m.Tables, func(t Table) bool { return t.Name == passingTable }) {
		return map[string]string{entriesTable: "TRUE"}
	}
	return map[string]string{entriesTable: "NOT passing", passingTable: "passing"}
}

// checkRooms holds what was loaded against itself and against the manifest.
func checkRooms(tx *gorm.DB, m Manifest) error {
	var bad []string
	var lines []string
	for table := range m.lineTables() {
		lines = append(lines, "SELECT room, seq FROM "+table)
	}
	if err := tx.Raw(fmt.Sprintf(badRooms, strings.Join(lines, " UNION ALL "))).Scan(&bad).Error; err != nil {
		return fmt.Errorf("check the record: %w", err)
	}
	if len(bad) > 0 {
		return fmt.Errorf("%w: the record of room %s has a hole", ErrBroken, bad[0])
	}
	var heads []record.Head
	if err := tx.Order("room").Find(&heads).Error; err != nil {
		return fmt.Errorf("check the record: %w", err)
	}
	promised := map[Room]bool{}
	for _, r := range m.Rooms {
		promised[r] = true
	}
	for _, h := range heads {
		if !promised[Room{h.Room, h.Epoch, h.Seq}] {
			return fmt.Errorf("%w: room %s ends with line %d of epoch %d, the manifest says otherwise", ErrBroken, h.Room, h.Seq, h.Epoch)
		}
	}
	if len(heads) != len(m.Rooms) {
		return fmt.Errorf("%w: %d rooms, the manifest names %d", ErrBroken, len(heads), len(m.Rooms))
	}
	return nil
}

// reopenRooms begins a new epoch in every room and says so in its record.
// Answers that are kept for retries move along: their lines stand where they stood.
func reopenRooms(tx *gorm.DB, m Manifest) error {
	now := database.Now()
	facts := fmt.Sprintf(`{"ms":%d}`, m.TakenAt.UnixMilli())
	type step struct {
		sql  string
		args []any
	}
	steps := []step{
		{
			`UPDATE record_heads SET epoch = CASE WHEN epoch >= ? THEN epoch + 1 ELSE ? END, seq = seq + 1, at = CASE WHEN at > ? THEN at ELSE ? END`,
			[]any{now.UnixMilli(), now.UnixMilli(), now, now},
		},
		{`UPDATE record_answers SET epoch = (SELECT h.epoch FROM record_heads h WHERE h.room = record_answers.room)
			WHERE room IN (SELECT room FROM record_heads)`, nil},
	}
	for table, rooms := range m.lineTables() {
		steps = append(steps, step{`INSERT INTO ` + table + ` (room, seq, at, actor, verb, subject, version, data, digest)
			SELECT room, seq, at, NULL, ?, NULL, 0, ?, '' FROM record_heads WHERE ` + rooms, []any{Restored, facts}})
	}
	for _, step := range steps {
		if err := tx.Exec(step.sql, step.args...).Error; err != nil {
			return fmt.Errorf("begin a new epoch: %w", err)
		}
	}
	return nil
}
