package adminpages

import (
	"context"
	"fmt"
	"time"
)

// counts is how much there is of everything. They are numbers alone: nobody
// learns from them what is said or by whom.
type counts struct {
	Accounts  int64
	Guests    int64
	Dialogues int64
	Live      int64 // sessions that are live now
	Said      int64
	LastHour  int64 // contributions since an hour
	Lines     int64 // of the record
}

// count reads the numbers of the operator's page in one query.
func (p *Pages) count(ctx context.Context, hour time.Time) (counts, error) {
	var n counts
	err := p.Read.WithContext(ctx).Raw(`SELECT
		(SELECT COUNT(*) FROM people WHERE kind = 'account' AND erased_at IS NULL) AS accounts,
		(SELECT COUNT(*) FROM people WHERE kind = 'guest' AND erased_at IS NULL AND merged_into IS NULL) AS guests,
		(SELECT COUNT(*) FROM dialogues) AS dialogues,
		(SELECT COUNT(*) FROM sessions WHERE state = 'live') AS live,
		(SELECT COUNT(*) FROM contributions) AS said,
		(SELECT COUNT(*) FROM contributions WHERE created_at > ?) AS last_hour,
		(SELECT COALESCE(SUM(seq), 0) FROM record_heads) AS lines`, hour).Scan(&n).Error
	if err != nil {
		return counts{}, fmt.Errorf("count what there is: %w", err)
	}
	return n, nil
}
