package ledger_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"gorm.io/gorm"

	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// scene is a forum with two logs of which one is tampered with: sealed at 5 and
// at 12 entries of 14, words of entry 2 erased.
type scene struct {
	*circle
	t      *testing.T
	db     *database.DB
	sealer ledger.Sealer
	origin string
}

func newScene(t *testing.T, db *database.DB) *scene {
	t.Helper()
	s := &scene{newCircle(t, db, 1), t, db, newSealer(t), newLog(t, db, village)}
	newLog(t, db, "another")
	fill(t, db, "another", s.sealer, 3)
	for _, n := range []int{5, 7} {
		fill(t, db, village, s.sealer, n)
		must(t, s.SealAll(t.Context()))
	}
	fill(t, db, village, s.sealer, 2)
	must(t, ledger.Erase(db.Write.WithContext(t.Context()), village, 2, 3))
	dropTriggers(t, db)
	return s
}

// verify is what `forum verify` does.
func (s *scene) verify() ledger.Report {
	s.t.Helper()
	memory := ledger.ReadMemory(filepath.Join(s.dir, "memory"))
	report, err := ledger.Verify(s.db.Read.WithContext(s.t.Context()), ledger.Verifying{
		Open: func(ledger.Head) (ledger.Sealer, error) { return s.sealer, nil }, Policy: s.policy, Signer: &memory,
	})
	must(s.t, err)
	return report
}

func (s *scene) run(statement string, args ...any) {
	s.t.Helper()
	run(s.t, s.db, statement, args...)
}

// reseal puts other words, with a commitment that fits them, in the place of
// some: it is what an operator with the vault's key can do. It returns the leaf.
func (s *scene) reseal(index int64, slot int, name, value string) tlog.Hash {
	s.t.Helper()
	entry := s.bare(index)[0]
	salt := make([]byte, 32)
	entry.Slots[slot] = ledger.Commitment(salt, s.origin, index, name, []byte(value))
	sealed := s.sealer.Seal(packed(name, value), "field", village, fmt.Sprint(index), fmt.Sprint(slot))
	s.run("UPDATE ledger_fields SET salt = ?, sealed = ? WHERE log = ? AND idx = ? AND slot = ?", salt, sealed, village, index, slot)
	var slots []byte
	for _, h := range entry.Slots {
		slots = append(slots, h[:]...)
	}
	s.run("UPDATE ledger_entries SET slots = ? WHERE log = ? AND idx = ?", slots, village, index)
	return entry.Leaf()
}

// bare are the entries from an index on without their fields, which may not open.
func (s *scene) bare(from int64) []ledger.Entry {
	s.t.Helper()
	var rows []struct {
		Idx   int64
		Slots []byte
	}
	must(s.t, s.db.Read.WithContext(s.t.Context()).Raw("SELECT idx, slots FROM ledger_entries WHERE log = ? AND idx >= ? ORDER BY idx", village, from).Scan(&rows).Error)
	var entries []ledger.Entry
	for _, row := range rows {
		e := ledger.Entry{Log: village, Index: row.Idx}
		for i := range e.Slots {
			copy(e.Slots[i][:], row.Slots[i*32:])
		}
		entries = append(entries, e)
	}
	return entries
}

// packed is a sealed field's plain form.
func packed(name, value string) []byte { return append([]byte{byte(len(name))}, name+value...) }

// rehash computes every stored hash and the frontier of a log anew, so that it
// is whole in itself whatever stands in its slots.
func (s *scene) rehash() {
	s.t.Helper()
	entries := s.bare(0)
	var stored []tlog.Hash
	var kept [][]byte
	reader := tlog.HashReaderFunc(func(indexes []int64) (found []tlog.Hash, err error) {
		for _, i := range indexes {
			found = append(found, stored[i])
		}
		return found, nil
	})
	for n, e := range entries {
		hashes, err := tlog.StoredHashesForRecordHash(int64(n), e.Leaf(), reader)
		must(s.t, err)
		stored = append(stored, hashes...)
		var raw []byte
		for _, h := range hashes {
			raw = append(raw, h[:]...)
		}
		kept = append(kept, raw)
		s.run("UPDATE ledger_entries SET hashes = ? WHERE log = ? AND idx = ?", raw, village, e.Index)
	}
	s.run("UPDATE ledger_logs SET size = ?, frontier = ? WHERE id = ?", len(kept), edgeOf(kept), village)
}

// shift moves entries from an index on by a step of one, up or down, with their fields.
func (s *scene) shift(from int64, step int64) {
	s.t.Helper()
	for _, table := range []string{"ledger_fields", "ledger_entries"} { // by way of far away, for the primary key's sake
		s.run("UPDATE "+table+" SET idx = idx + 1000 WHERE log = ? AND idx >= ?", village, from)
		s.run("UPDATE "+table+" SET idx = idx - 1000 + ? WHERE log = ? AND idx >= ?", step, village, from)
	}
}

func TestALogThatIsWholeVerifies(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := newScene(t, db)
		got := s.verify()
		if got.Worst() != "" || len(got.Unchecked) > 0 {
			t.Errorf("found %v, did not check %v", got.Findings, got.Unchecked)
		}
		if got.Logs != 2 || got.Entries != 17 || got.Fields != 33 || got.Erased != 1 || got.Checkpoints != 3 {
			t.Errorf("looked at %+v", got)
		}
	})
}

func TestWhatCannotBeVerifiedIsSaid(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		newScene(t, db)
		got, err := ledger.Verify(db.Read.WithContext(t.Context()), ledger.Verifying{})
		must(t, err)
		said := strings.Join(got.Unchecked, "\n")
		for _, want := range []string{"no policy was given", "the signer", "log village: 27 fields of entries 0 to 13", "log another: 6 fields of entries 0 to 2"} {
			if !strings.Contains(said, want) {
				t.Errorf("said %q, want %q", said, want)
			}
		}
		if got.Worst() != "" {
			t.Errorf("found %v", got.Findings)
		}
	})
}

// tampering is what somebody with the database does, and what Verify says of it.
type tampering struct {
	what   string
	do     func(s *scene)
	kind   string
	record string // the finding that names it
}

func tamperings() []tampering {
	const kept = " WHERE log = 'village' AND idx = 6"
	return []tampering{
		{"sealed words are exchanged", func(s *scene) {
			s.run("UPDATE ledger_fields SET sealed = ?"+kept+" AND slot = 3", s.sealer.Seal(packed("reason", "other"), "field", village, "6", "3"))
		}, ledger.Altered, "entry 6, slot 3: expected words of the commitment"},
		{"the act is exchanged, and with it the time", func(s *scene) {
			s.run("UPDATE ledger_fields SET sealed = ?"+kept+" AND slot = 0", s.sealer.Seal(packed("act", `{"n":6,"at":"2001"}`), "field", village, "6", "0"))
		}, ledger.Altered, "entry 6, slot 0: expected words of the commitment"},
		{"a neighbour's sealed act is put in", func(s *scene) {
			s.run("UPDATE ledger_fields SET sealed = (SELECT sealed FROM ledger_fields f WHERE f.log = 'village' AND f.idx = 7 AND f.slot = 0)" + kept + " AND slot = 0")
		}, ledger.Altered, "entry 6, slot 0: expected sealed words that open here"},
		{"a bit of a salt is flipped", func(s *scene) { s.run("UPDATE ledger_fields SET salt = ?"+kept+" AND slot = 3", make([]byte, 32)) }, ledger.Altered, "entry 6, slot 3"},
		{"the act is erased", func(s *scene) { s.run("UPDATE ledger_fields SET salt = NULL, sealed = NULL" + kept + " AND slot = 0") }, ledger.Altered, "act of entry 6: expected to be there"},
		{"words and commitment are edited", func(s *scene) { s.reseal(6, 3, "reason", "other") }, ledger.Altered, "hash of entry 6 at level 0"},
		{"words are edited and the row's hash recomputed", func(s *scene) {
			leaf := s.reseal(6, 3, "reason", "other")
			s.run("UPDATE ledger_entries SET hashes = ?"+kept, leaf[:])
		}, ledger.Altered, "hash of entry 7 at level 1"},
		{"words are edited and every hash recomputed", func(s *scene) {
			s.reseal(6, 3, "reason", "other")
			s.rehash()
		}, ledger.Fork, "root of the first 12 entries"},
		{"a stored hash is altered", func(s *scene) { s.run("UPDATE ledger_entries SET hashes = ?"+kept, make([]byte, 32)) }, ledger.Altered, "hash of entry 6 at level 0"},
		{"an entry is deleted", func(s *scene) {
			s.run("DELETE FROM ledger_fields" + kept)
			s.run("DELETE FROM ledger_entries" + kept)
		}, ledger.Altered, "entry 6: expected to be there, found entry 7 next"},
		{"an entry's fields are left without it", func(s *scene) { s.run("DELETE FROM ledger_entries" + kept) }, ledger.Altered, "fields at 6"},
		{"an entry is deleted, the rest moved up and hashed", func(s *scene) {
			s.run("DELETE FROM ledger_fields" + kept)
			s.run("DELETE FROM ledger_entries" + kept)
			s.shift(7, -1)
			for i := int64(6); i < 13; i++ { // what is sealed and bound to an index is made anew
				s.reseal(i, 0, "act", fmt.Sprintf(`{"n":%d}`, i))
				s.reseal(i, 3, "reason", "other")
			}
			s.rehash()
		}, ledger.Fork, "root of the first 12 entries"},
		{"two entries change places", func(s *scene) {
			for _, table := range []string{"ledger_fields", "ledger_entries"} {
				s.run("UPDATE " + table + " SET idx = 1006" + kept)
				s.run("UPDATE " + table + " SET idx = 6 WHERE log = 'village' AND idx = 7")
				s.run("UPDATE " + table + " SET idx = 7 WHERE log = 'village' AND idx = 1006")
			}
		}, ledger.Altered, "entry 6, slot 0"},
		{"an entry is slipped into the past", func(s *scene) {
			s.shift(6, 1)
			s.run("INSERT INTO ledger_entries SELECT log, 6, slots, hashes FROM ledger_entries WHERE log = 'village' AND idx = 2")
		}, ledger.Altered, "act of entry 6"},
		{"the newest rows are deleted", func(s *scene) {
			s.run("DELETE FROM ledger_fields WHERE log = 'village' AND idx >= 11")
			s.run("DELETE FROM ledger_entries WHERE log = 'village' AND idx >= 11")
		}, ledger.Altered, "its size: expected 14 entries by its row, found 11"},
		{"the newest entries are cut off with all that speaks of them", func(s *scene) { rewind(s.t, s.db, 8) }, ledger.Fork, "its size: expected 12 entries, signed as the signer remembers, found 8"},
		{"the whole log is deleted", func(s *scene) {
			for _, table := range []string{"ledger_checkpoints", "ledger_fields", "ledger_entries"} {
				s.run("DELETE FROM " + table + " WHERE log = 'village'")
			}
			s.run("DELETE FROM ledger_logs WHERE id = 'village'")
		}, ledger.Fork, "the log itself: expected 12 entries"},
		{"the size is altered", func(s *scene) { s.run("UPDATE ledger_logs SET size = 13 WHERE id = 'village'") }, ledger.Altered, "its size: expected 13"},
		{"the frontier is altered", func(s *scene) { s.run("UPDATE ledger_logs SET frontier = ? WHERE id = 'village'", make([]byte, 96)) }, ledger.Altered, "its frontier"},
		{"a checkpoint is altered", func(s *scene) {
			s.run("UPDATE ledger_checkpoints SET note = replace(note, '12', '13') WHERE size = 12")
		}, ledger.Altered, "checkpoint at 12"},
		{"a checkpoint loses its signatures", func(s *scene) {
			s.run("UPDATE ledger_checkpoints SET note = replace(note, '— ', '— x') WHERE size = 12")
		}, ledger.Altered, "checkpoint at 12: expected a signature"},
	}
}

func TestEveryTamperingIsFoundAndNamed(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		fresh := func(t *testing.T) *database.DB { return databasetest.SQLite(t) }
		if db.Dialect == database.Postgres {
			fresh = func(t *testing.T) *database.DB { return databasetest.Postgres(t) }
		}
		for _, row := range tamperings() {
			t.Run(row.what, func(t *testing.T) {
				s := newScene(t, fresh(t))
				row.do(s)
				got := s.verify()
				var said []string
				for _, f := range got.Findings {
					said = append(said, f.String())
					if f.Log == "another" {
						t.Errorf("the other log: %s", f)
					}
				}
				if all := strings.Join(said, "\n"); got.Worst() != row.kind || !strings.Contains(all, row.record) {
					t.Errorf("%s, want %s and %q:\n%s", got.Worst(), row.kind, row.record, all)
				}
			})
		}
	})
}

// What the whole machine was made to forget, its signer too, is known to whoever
// has kept one checkpoint.
func TestARememberedCheckpointFindsWhatTheForumDoesNot(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := newScene(t, db)
		read := db.Read.WithContext(t.Context())
		signed, err := ledger.Note(read, village, 0)
		must(t, err)
		kept, err := s.policy.Open(signed)
		must(t, err)
		must(t, ledger.Compare(read, village, kept.Checkpoint))

		// Yesterday's backup of everything: database and signer know 5 entries.
		rewind(t, db, 5)
		before, err := ledger.Note(read, village, 0)
		must(t, err)
		forget(t, s.hand, before)
		if got := s.verify(); got.Worst() != "" {
			t.Errorf("the forum itself cannot know, but found %v", got.Findings)
		}
		if err := ledger.Compare(read, village, kept.Checkpoint); !errors.Is(err, ledger.ErrFork) {
			t.Errorf("rolled back: %v", err)
		}

		// The log written anew, with the real key and all witnesses asleep.
		fill(t, db, village, s.sealer, 9)
		for name := range s.witnesses {
			s.witnesses[name] = unreachable{}
		}
		if err := s.Seal(t.Context(), village); err == nil || errors.Is(err, ledger.ErrFork) {
			t.Fatalf("the signer has forgotten and signs: %v", err)
		}
		if got := s.verify(); got.Worst() != "" {
			t.Errorf("the forum itself cannot know, but found %v", got.Findings)
		}
		if err := ledger.Compare(read, village, kept.Checkpoint); !errors.Is(err, ledger.ErrFork) {
			t.Errorf("rebuilt: %v", err)
		}

		// The same with a key of their own: nobody's policy knows it.
		head, err := ledger.HeadOf(read, village)
		must(t, err)
		body := ledger.Ask(0, nil, head.Checkpoint().Text()+"\n")
		forged := head.Checkpoint().Text() + "\n" + newHand(t).AddCheckpoint(body).Body
		if _, err := s.policy.Open(forged); !errors.Is(err, ledger.ErrAltered) {
			t.Errorf("another key: %v", err)
		}
		must(t, db.Write.WithContext(t.Context()).Transaction(func(tx *gorm.DB) error {
			return tx.Exec("UPDATE ledger_checkpoints SET note = ? WHERE log = ? AND size = ?", forged, village, head.Size).Error
		}))
		if got := s.verify(); got.Worst() != ledger.Altered {
			t.Errorf("another key: %v", got.Findings)
		}
	})
}
