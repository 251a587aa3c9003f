package dialogues_test

import (
	"testing"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// A thread may grow beyond the number of values that SQLite binds at once.
func TestAVeryLongThreadCanBeRead(t *testing.T) {
	st := newForum(t, databasetest.SQLite(t)).stage(dialogues.Public)
	const replies = 33_000
	err := st.db.Write.WithContext(t.Context()).Exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
		INSERT INTO contributions SELECT 'reply-' || i, dialogue_id, question_id, session_id, item_id, id, author_id, kind, language, country,
		stakeholder_group, attribution, state, version, 0, 0, created_at, changed_at FROM contributions, n WHERE id = ?`, replies, st.said).Error
	if err != nil {
		t.Fatal(err)
	}
	whole, err := st.s.Contribution(t.Context(), st.sees(dialogues.Observer), st.said)
	if err != nil || len(whole.Replies) != replies {
		t.Errorf("%d replies, %.100v; want %d", len(whole.Replies), err, replies)
	}
}
