package ledger

import (
	"cmp"
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"gorm.io/gorm"
)

// Verifying says with what [Verify] may look.
type Verifying struct {
	// Open returns the sealer of a log, from its wrapped key; nil where the
	// vault's key is not at hand. Words are then not held against commitments.
	Open func(Head) (Sealer, error)
	// Policy checks the signatures of checkpoints; nil leaves them unchecked.
	Policy *Policy
	// Signer is the signer's memory, by which a log that was cut shows; nil
	// leaves it unchecked.
	Signer *Memory
}

// Verify computes everything that follows from the rows of every log and compares
// it with what is stored: words with their commitments, leaves, the hashes of the
// tree, frontier and size, checkpoints and their signatures, what the signer
// remembers. What it finds is in the report; the error says that it could not read.
//
// Whoever has the database, the vault's key, the signer's key and the signer's
// memory can make a whole other log, and Verify will not see it. Somebody who
// remembers a checkpoint will: [Compare].
//
// It may run beside a forum at work: it looks at the database as it was at one
// moment, and at the signer's memory as it was before.
func Verify(db *gorm.DB, with Verifying) (Report, error) {
	v, err := newVerification(with)
	if err != nil {
		return Report{}, err
	}
	err = db.Transaction(v.all, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	return v.Report, err
}

// VerifyIn is [Verify] inside a transaction of the caller's, of what is not
// committed yet.
func VerifyIn(tx *gorm.DB, with Verifying) (Report, error) {
	v, err := newVerification(with)
	if err == nil {
		err = v.all(tx)
	}
	return v.Report, err
}

func newVerification(with Verifying) (*verification, error) {
	v := &verification{Verifying: with, remembered: map[string]Checkpoint{}}
	if with.Policy == nil {
		v.skip("the signatures of checkpoints were not verified: no policy was given")
	}
	if with.Signer == nil {
		v.skip("what the signer remembers was not compared: its folder was not given")
		return v, nil
	}
	return v, v.recall()
}

// verification is one run of [Verify].
type verification struct {
	Verifying
	Report
	remembered map[string]Checkpoint // by the signer, of each origin
}

func (r *Report) skip(why string) { r.Unchecked = append(r.Unchecked, why) }

func (v *verification) recall() error {
	last, err := v.Signer.all()
	for _, c := range last {
		v.remembered[c.Origin] = c
	}
	return err
}

// all verifies every log, and finds those that only the signer remembers.
func (v *verification) all(db *gorm.DB) error {
	logs, err := takeLogs(db)
	if err != nil {
		return err
	}
	lost := maps.Clone(v.remembered)
	for _, log := range logs {
		all, err := originsOf(db, log.ID)
		if err != nil {
			return err
		}
		for _, row := range all {
			delete(lost, row.Origin)
		}
		if err := v.inspect(db, log, all); err != nil {
			return err
		}
	}
	v.Logs = int64(len(logs))
	for _, origin := range slices.Sorted(maps.Keys(lost)) {
		v.Findings = append(v.Findings, Finding{Fork, origin, "the log itself", fmt.Sprintf("%d entries that the signer has signed", lost[origin].Size), "no such log"})
	}
	return strays(db, &v.Report)
}

// atOnce is how many entries are read at a time.
const atOnce = 2000

// inspect verifies one log.
func (v *verification) inspect(db *gorm.DB, log logRow, all origins) error {
	i := &inspection{log: log, origins: all, report: &v.Report, closed: "the vault's key is not at hand"}
	if v.Open != nil {
		sealer, err := v.Open(Head{ID: log.ID, Origin: log.Origin, Size: log.Size, Key: log.Key})
		if err != nil {
			i.closed = "its key does not open"
			i.find(Altered, "its key", "a key that the vault has wrapped", err)
		} else {
			i.sealer = sealer
		}
	}
	if err := v.readMarks(db, i); err != nil {
		return err
	}
	i.reach()
	for {
		rows, fields, err := readRows(db, log.ID, i.next, atOnce)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			i.end()
			return nil
		}
		i.page(rows, fields)
	}
}

// page verifies entries that were read together with their fields.
func (i *inspection) page(rows []entryRow, fields []fieldRow) {
	for _, row := range rows {
		n := 0
		for n < len(fields) && fields[n].Idx == row.Idx {
			n++
		}
		i.entry(row, fields[:n])
		fields = fields[n:]
	}
}

// readMarks collects what was signed of a log: the checkpoints that are kept,
// whose signatures it verifies, and what the signer remembers.
func (v *verification) readMarks(db *gorm.DB, i *inspection) error {
	var rows []checkpointRow
	if err := db.Where("log = ?", i.log.ID).Order("size").Find(&rows).Error; err != nil {
		return fmt.Errorf("read the checkpoints of log %s: %w", i.log.ID, err)
	}
	for _, row := range rows {
		i.checkpoint(row, v.Policy)
	}
	for n := range i.origins {
		if err := v.recallOf(i, n); err != nil {
			return err
		}
	}
	if v.Signer != nil && len(rows) > 0 && v.remembered[i.log.Origin].Size == 0 {
		// It may have been signed since the memory was read.
		last, _, err := v.Signer.Last(i.log.Origin)
		if err != nil {
			return err
		}
		if last.Size == 0 && i.origins[len(i.origins)-1].First < rows[len(rows)-1].Size {
			i.find(Altered, "the signer's memory", "the checkpoints that are kept", "nothing of this log")
		}
	}
	slices.SortStableFunc(i.marks, func(a, b mark) int { return cmp.Compare(a.Size, b.Size) })
	return nil
}

// recallOf adds what the signer remembers of the n-th origin of a log. Of one that
// a restoration has ended, it compares that with what was said then, and says what
// is lost.
func (v *verification) recallOf(i *inspection, n int) error {
	last, found := v.remembered[i.origins[n].Origin]
	if next, ended := i.origins.next(n); ended {
		i.ended(n, next, last, v.Signer != nil, v.Policy)
		return nil
	}
	if found {
		i.marks = append(i.marks, mark{last, "as the signer remembers"})
	}
	return nil
}

// checkpoint reads one kept checkpoint.
func (i *inspection) checkpoint(row checkpointRow, policy *Policy) {
	record := fmt.Sprintf("checkpoint at %d", row.Size)
	c, err := Claimed(row.Note)
	origin := i.origins.at(row.Size - 1) // that of its newest entry
	if err != nil || c.Size != row.Size || c.Origin != origin {
		i.find(Altered, record, fmt.Sprintf("a checkpoint of %s", origin), fmt.Sprintf("%d entries of %q", c.Size, c.Origin))
		return
	}
	i.report.Checkpoints++
	if i.signed(record, row.Note, policy) {
		i.marks = append(i.marks, mark{c, "and kept in the database"})
	}
}

// signed holds a note against the policy, where there is one.
func (i *inspection) signed(record, note string, policy *Policy) bool {
	if policy == nil {
		return true
	}
	sealed, _, err := policy.look(note)
	if err != nil {
		i.find(Altered, record, "signatures that hold", err.Error())
		return false
	}
	if !sealed.ByLog {
		i.find(Altered, record, "a signature by a key of the policy", "none")
	}
	return sealed.ByLog
}

// strays finds rows that belong to no entry or log.
func strays(db *gorm.DB, report *Report) error {
	for what, query := range map[string]string{
		"fields":      "SELECT log, MIN(idx) AS at, COUNT(*) AS n FROM ledger_fields f WHERE NOT EXISTS (SELECT 1 FROM ledger_entries e WHERE e.log = f.log AND e.idx = f.idx) GROUP BY log",
		"entries":     "SELECT log, MIN(idx) AS at, COUNT(*) AS n FROM ledger_entries e WHERE NOT EXISTS (SELECT 1 FROM ledger_logs l WHERE l.id = e.log) GROUP BY log",
		"checkpoints": "SELECT log, MIN(size) AS at, COUNT(*) AS n FROM ledger_checkpoints c WHERE NOT EXISTS (SELECT 1 FROM ledger_logs l WHERE l.id = c.log) GROUP BY log",
	} {
		var found []struct {
			Log   string
			At, N int64
		}
		if err := db.Raw(query).Scan(&found).Error; err != nil {
			return fmt.Errorf("look for stray %s: %w", what, err)
		}
		for _, f := range found {
			report.Findings = append(report.Findings, Finding{Altered, f.Log, fmt.Sprintf("%s at %d", what, f.At), "to belong to something", fmt.Sprintf("%d that do not", f.N)})
		}
	}
	return nil
}
