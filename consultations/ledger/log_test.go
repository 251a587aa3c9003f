package ledger_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"
	"gorm.io/gorm"

	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

func TestWhatIsAppendedIsRead(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		sealer := newSealer(t)
		newLog(t, db, village)
		newLog(t, db, "another")
		fill(t, db, "another", sealer, 3)
		want := fill(t, db, village, sealer, 9)
		got, err := ledger.Read(db.Read.WithContext(t.Context()), village, sealer, 0, 100)
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("all (-written +read):\n%s", diff)
		}
		got, err = ledger.Read(db.Read.WithContext(t.Context()), village, sealer, 4, 2)
		must(t, err)
		if diff := cmp.Diff(want[4:6], got); diff != "" {
			t.Errorf("two from 4 (-written +read):\n%s", diff)
		}
		if got, err := ledger.Read(db.Read.WithContext(t.Context()), village, sealer, 9, 2); err != nil || len(got) > 0 {
			t.Errorf("past the end: %v, %v", got, err)
		}
	})
}

// The tree of the reference implementation, built from the leaves alone, is what
// head and stored hashes say at every size.
func TestTheTreeIsThatOfRFC6962(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		sealer := newSealer(t)
		newLog(t, db, village)
		var stored []tlog.Hash
		reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
			var found []tlog.Hash
			for _, i := range indexes {
				found = append(found, stored[i])
			}
			return found, nil
		})
		read := db.Read.WithContext(t.Context())
		for n := range int64(40) {
			want, err := tlog.TreeHash(n, reader)
			must(t, err)
			head, err := ledger.HeadOf(read, village)
			must(t, err)
			if head.Size != n || head.Root != want {
				t.Fatalf("head %d %s, want %d %s", head.Size, head.Root, n, want)
			}
			if root, err := ledger.RootAt(read, village, n); err != nil || root != want {
				t.Fatalf("RootAt(%d) = %s, %v, want %s", n, root, err, want)
			}
			leaf := fill(t, db, village, sealer, 1)[0].Leaf()
			hashes, err := tlog.StoredHashesForRecordHash(n, leaf, reader)
			must(t, err)
			stored = append(stored, hashes...)
		}
	})
}

func TestALeafIsWhatTheFormatSays(t *testing.T) {
	var slots [ledger.Slots]tlog.Hash
	stored := map[int64]tlog.Hash{}
	reader := tlog.HashReaderFunc(func(indexes []int64) (found []tlog.Hash, err error) {
		for _, i := range indexes {
			found = append(found, stored[i])
		}
		return found, nil
	})
	for i := range slots {
		slots[i] = tlog.RecordHash([]byte{byte(i)}) // any 32 bytes
		hashes, err := tlog.StoredHashes(int64(i), slots[i][:], reader)
		must(t, err)
		for k, h := range hashes {
			stored[tlog.StoredHashIndex(0, int64(i))+int64(k)] = h
		}
	}
	root, err := tlog.TreeHash(ledger.Slots, reader)
	must(t, err)
	if got := ledger.SlotRoot(slots); got != root {
		t.Errorf("SlotRoot = %s, want %s", got, root)
	}
	if got, want := ledger.LeafHash(root), tlog.RecordHash(fmt.Appendf(nil, "vcm-forum/entry/v1\n%s\n", root)); got != want {
		t.Errorf("LeafHash = %s, want %s", got, want)
	}
	for slot := range ledger.Slots {
		siblings := ledger.SlotProof(slots, slot)
		if err := tlog.CheckRecord(siblings[:], ledger.Slots, root, int64(slot), tlog.RecordHash(slots[slot][:])); err != nil {
			t.Errorf("slot %d: %v", slot, err)
		}
	}
}

// The values were computed with Python's hmac and hashlib.
func TestACommitmentIsWhatTheFormatSays(t *testing.T) {
	salt := bytes.Repeat([]byte{7}, 32)
	for value, want := range map[string]string{
		"yes":                    commitmentOfYes,
		strings.Repeat("a", 248): commitmentOfFullBlock,
		strings.Repeat("a", 249): commitmentOfTwoBlocks,
	} {
		if got := ledger.Commitment(salt, "forum.example/l/00", 12, "decision", []byte(value)).String(); got != want {
			t.Errorf("Commitment of %d bytes = %s, want %s", len(value), got, want)
		}
	}
}

func TestErasingTakesTheWordsAndKeepsTheTree(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		sealer := newSealer(t)
		newLog(t, db, village)
		written := fill(t, db, village, sealer, 3)
		before, err := ledger.HeadOf(db.Read.WithContext(t.Context()), village)
		must(t, err)
		must(t, ledger.Erase(db.Write.WithContext(t.Context()), village, 1, 3))
		must(t, ledger.Erase(db.Write.WithContext(t.Context()), village, 1, 3)) // again is no error
		after, err := ledger.HeadOf(db.Read.WithContext(t.Context()), village)
		must(t, err)
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("the head changed:\n%s", diff)
		}
		got, err := ledger.Read(db.Read.WithContext(t.Context()), village, sealer, 0, 10)
		must(t, err)
		want := written
		want[1].Fields[1] = ledger.Opened{Field: ledger.Field{Slot: 3}, Erased: true}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if _, err := got[1].Field(3); !errors.Is(err, ledger.ErrErased) {
			t.Errorf("Field(3): %v", err)
		}
	})
}

func TestWhatCannotBeErased(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		newLog(t, db, village)
		fill(t, db, village, newSealer(t), 1)
		tx := db.Write.WithContext(t.Context())
		for _, row := range []struct {
			what  string
			index int64
			slot  int
			want  error
		}{
			{"the act", 0, 0, ledger.ErrKeepAct},
			{"a slot that was never used", 0, 4, ledger.ErrErased},
			{"an entry that is not there", 1, 3, ledger.ErrErased},
		} {
			if err := ledger.Erase(tx, village, row.index, row.slot); !errors.Is(err, row.want) {
				t.Errorf("%s: %v, want %v", row.what, err, row.want)
			}
		}
	})
}

func TestFieldsAgainstTheRulesAreRefused(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		newLog(t, db, village)
		act := ledger.Field{Slot: 0, Name: ledger.Act, Value: []byte("{}")}
		for what, fields := range map[string][]ledger.Field{
			"no act":              {{Slot: 1, Name: "reason"}},
			"the act elsewhere":   {act, {Slot: 1, Name: ledger.Act}},
			"another in its slot": {{Slot: 0, Name: "reason"}},
			"a slot too many":     {act, {Slot: 8, Name: "reason"}},
			"a slot below":        {act, {Slot: -1, Name: "reason"}},
			"one slot twice":      {act, {Slot: 1, Name: "a"}, {Slot: 1, Name: "b"}},
			"a name with a line":  {act, {Slot: 1, Name: "a\nb"}},
			"no name":             {act, {Slot: 1}},
			"too long":            {act, {Slot: 1, Name: "a", Value: bytes.Repeat([]byte("a"), ledger.LongestValue+1)}},
			"no UTF-8":            {act, {Slot: 1, Name: "a", Value: []byte{0xff}}},
		} {
			if _, err := ledger.Append(db.Write.WithContext(t.Context()), village, newSealer(t), fields); !errors.Is(err, ledger.ErrFields) {
				t.Errorf("%s: %v", what, err)
			}
		}
		head, err := ledger.HeadOf(db.Read.WithContext(t.Context()), village)
		if err != nil || head.Size != 0 {
			t.Errorf("size %d, %v, want an empty log", head.Size, err)
		}
	})
}

func TestALogHasAProperOriginOfItsOwn(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		origin := newLog(t, db, village)
		tx := db.Write.WithContext(t.Context())
		for _, bad := range []string{"", "forum.example", "forum.example/l/12", "a b/l/" + strings.Repeat("0", 32), "a+b/l/" + strings.Repeat("0", 32), origin + "\n"} {
			if err := ledger.Create(tx, "new", bad, nil); !errors.Is(err, ledger.ErrOrigin) {
				t.Errorf("origin %q: %v", bad, err)
			}
		}
		if err := ledger.Create(tx, village, ledger.NewOrigin("forum.example"), nil); err == nil {
			t.Error("an id was taken twice")
		}
		if err := ledger.Create(tx, "new", origin, nil); err == nil {
			t.Error("an origin was taken twice")
		}
		if _, err := ledger.Append(tx, "absent", newSealer(t), acts(0)); !errors.Is(err, ledger.ErrNoLog) {
			t.Errorf("append to no log: %v", err)
		}
	})
}

func TestAnAppendThatWasOvertakenIsRefused(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		newLog(t, db, village)
		// Between what Append reads and what it writes, the head moves.
		overtake := overtaking{newSealer(t), func() {
			run(t, &database.DB{Write: db.Write}, "UPDATE ledger_logs SET size = 1 WHERE id = ?", village)
		}}
		_, err := ledger.Append(db.Write.WithContext(t.Context()), village, overtake, acts(0))
		if !errors.Is(err, ledger.ErrMoved) {
			t.Errorf("Append: %v, want ErrMoved", err)
		}
	})
}

// overtaking does something while fields are sealed.
type overtaking struct {
	ledger.Sealer
	then func()
}

func (o overtaking) Seal(plain []byte, context ...string) []byte {
	o.then()
	return o.Sealer.Seal(plain, context...)
}

func TestASealedFieldOfAnotherFormIsNotRead(t *testing.T) {
	db := newDB(t)
	sealer := newSealer(t)
	newLog(t, db, village)
	fill(t, db, village, sealer, 1)
	dropTriggers(t, db)
	for _, plain := range []string{"", "\x07reason", "\xff"} {
		run(t, db, "UPDATE ledger_fields SET sealed = ? WHERE slot = 3", sealer.Seal([]byte(plain), "field", village, "0", "3"))
		if _, err := ledger.Read(db.Read.WithContext(t.Context()), village, sealer, 0, 1); err == nil {
			t.Errorf("%q was read", plain)
		}
	}
}

func TestARowThatDoesNotBelongIsNotOpened(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		sealer := newSealer(t)
		newLog(t, db, village)
		fill(t, db, village, sealer, 2)
		if _, err := ledger.Read(db.Read.WithContext(t.Context()), village, newSealer(t), 0, 2); err == nil {
			t.Error("another key opened the fields")
		}
		dropTriggers(t, db)
		run(t, db, "UPDATE ledger_fields SET sealed = (SELECT sealed FROM ledger_fields f WHERE f.idx = 0 AND f.slot = 3) WHERE idx = 1 AND slot = 3")
		_, err := ledger.Read(db.Read.WithContext(t.Context()), village, sealer, 0, 2)
		if err == nil || !strings.Contains(err.Error(), "slot 3 of entry 1") {
			t.Errorf("a neighbour's words: %v", err)
		}
	})
}

func TestTheDatabaseRefusesChange(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		newLog(t, db, village)
		fill(t, db, village, newSealer(t), 2)
		statements := []string{
			"UPDATE ledger_entries SET hashes = slots WHERE idx = 0",
			"DELETE FROM ledger_entries",
			"UPDATE ledger_fields SET salt = slots FROM ledger_entries e WHERE e.idx = ledger_fields.idx",
			"UPDATE ledger_fields SET idx = 7 WHERE idx = 1",
			"DELETE FROM ledger_fields",
			"UPDATE ledger_logs SET size = 1",
			"UPDATE ledger_logs SET origin = 'other'",
			"DELETE FROM ledger_logs",
		}
		if db.Dialect == database.SQLite {
			statements = append(statements,
				"REPLACE INTO ledger_entries SELECT log, 0, slots, hashes FROM ledger_entries WHERE idx = 1",
				"REPLACE INTO ledger_fields SELECT log, idx, slot, salt, salt FROM ledger_fields",
				"REPLACE INTO ledger_logs SELECT id, origin, 0, frontier, key FROM ledger_logs")
		} else {
			statements = append(statements, "TRUNCATE ledger_fields", "TRUNCATE ledger_entries CASCADE", "TRUNCATE ledger_logs CASCADE")
		}
		for _, s := range statements {
			err := db.Write.WithContext(t.Context()).Transaction(func(tx *gorm.DB) error { return tx.Exec(s).Error })
			if err == nil || !strings.Contains(err.Error(), "the record is append-only") {
				t.Errorf("%s: %v", s, err)
			}
		}
	})
}
