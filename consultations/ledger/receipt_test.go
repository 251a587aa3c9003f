package ledger_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

func TestAReceiptIsCheckedWithAPolicyAlone(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, sealer := newCircle(t, db, 2), newSealer(t)
		newLog(t, db, village)
		written := fill(t, db, village, sealer, 21)
		read := db.Read.WithContext(t.Context())
		if _, err := ledger.MakeReceipt(read, village, sealer, 3, 0, c.policy); !errors.Is(err, ledger.ErrNotSealed) {
			t.Errorf("before it is sealed: %v", err)
		}
		must(t, c.Seal(t.Context(), village))
		for _, e := range written {
			for _, f := range e.Fields {
				made, err := ledger.MakeReceipt(read, village, sealer, e.Index, f.Slot, c.policy)
				must(t, err)
				got, sealed, err := c.policy.CheckReceipt(made.Text())
				if err != nil || len(sealed.Seen) != 2 || sealed.Size != 21 {
					t.Fatalf("entry %d, slot %d: %+v, %v", e.Index, f.Slot, sealed, err)
				}
				if diff := cmp.Diff(made, got); diff != "" || got.Leaf(sealed.Origin) != e.Leaf() {
					t.Errorf("entry %d, slot %d, read again (-made +read):\n%s", e.Index, f.Slot, diff)
				}
			}
		}
		must(t, ledger.Erase(db.Write.WithContext(t.Context()), village, 2, 3))
		if _, err := ledger.MakeReceipt(read, village, sealer, 2, 3, c.policy); !errors.Is(err, ledger.ErrErased) {
			t.Errorf("of erased words: %v", err)
		}
		if _, err := ledger.MakeReceipt(read, village, sealer, 99, 3, c.policy); !errors.Is(err, ledger.ErrErased) {
			t.Errorf("of an entry that is not there: %v", err)
		}
	})
}

// Every place of a receipt in turn gets another byte, and once it loses or gains one.
func TestAnyOneCharacterChangedIsRefused(t *testing.T) {
	db := newDB(t)
	c, sealer := newCircle(t, db, 1), newSealer(t)
	newLog(t, db, village)
	fill(t, db, village, sealer, 9)
	must(t, c.Seal(t.Context(), village))
	made, err := ledger.MakeReceipt(db.Read.WithContext(t.Context()), village, sealer, 5, 3, c.policy)
	must(t, err)
	good := made.Text()
	if _, _, err := c.policy.CheckReceipt(good); err != nil {
		t.Fatal(err)
	}
	refused := func(text, what string, at int) {
		if _, _, err := c.policy.CheckReceipt(text); err == nil {
			t.Errorf("%s at %d was taken:\n%s", what, at, text)
		}
	}
	bytes := rapid.SampledFrom([]byte("\n\r\t +-/=0123456789AZaz\x00\x7f\xff"))
	for at := range len(good) {
		refused(good[:at]+good[at+1:], "one left out", at)
		refused(good[:at]+good[at:at+1]+good[at:], "one twice", at)
		refused(good[:at]+string(rune(good[at]^1))+good[at+1:], "a bit flipped", at)
	}
	rapid.Check(t, func(t *rapid.T) {
		at, b := rapid.IntRange(0, len(good)).Draw(t, "at"), bytes.Draw(t, "byte")
		inserted := good[:at] + string(b) + good[at:]
		if _, _, err := c.policy.CheckReceipt(inserted); err == nil && inserted != good {
			t.Fatalf("%q slipped in at %d was taken", b, at)
		}
		if at < len(good) && good[at] != b {
			if _, _, err := c.policy.CheckReceipt(good[:at] + string([]byte{b}) + good[at+1:]); err == nil {
				t.Fatalf("%q at %d was taken", b, at)
			}
		}
	})
}

func TestAReceiptOfOneLogIsNoneOfAnother(t *testing.T) {
	db := newDB(t)
	c, sealer := newCircle(t, db, 0), newSealer(t)
	for _, id := range []string{village, "another"} {
		newLog(t, db, id)
		fill(t, db, id, sealer, 4)
		must(t, c.Seal(t.Context(), id))
	}
	read := db.Read.WithContext(t.Context())
	mine, err := ledger.MakeReceipt(read, village, sealer, 1, 3, c.policy)
	must(t, err)
	theirs, err := ledger.MakeReceipt(read, "another", sealer, 1, 3, c.policy)
	must(t, err)
	mine.Proof = theirs.Proof
	if _, _, err := c.policy.CheckReceipt(mine.Text()); !errors.Is(err, ledger.ErrAltered) {
		t.Errorf("CheckReceipt: %v", err)
	}
}

func TestShortCodesAreProquints(t *testing.T) {
	var leaf tlog.Hash
	copy(leaf[:], []byte{127, 0, 0, 1, 63, 84, 220, 193, 0xff, 0xff}) // the first four pairs are the examples of the article
	if got, want := ledger.ShortCode(leaf), "lusab-babad-gutih-tugad-zuzuz"; got != want {
		t.Errorf("ShortCode = %s, want %s", got, want)
	}
}

// Whoever has no salt tries both answers against a commitment, and learns nothing.
func TestAYesIsNotGuessed(t *testing.T) {
	db := newDB(t)
	sealer := newSealer(t)
	origin := newLog(t, db, village)
	e, err := ledger.Append(db.Write.WithContext(t.Context()), village, sealer, []ledger.Field{
		{Slot: 0, Name: ledger.Act, Value: []byte("{}")}, {Slot: 1, Name: "decision", Value: []byte("yes")},
	})
	must(t, err)
	if got := ledger.Commitment(e.Fields[1].Salt, origin, 0, "decision", []byte("yes")); got != e.Slots[1] {
		t.Fatal("whoever has the salt cannot prove it")
	}
	zero, act := make([]byte, 32), e.Fields[0].Salt
	unused := e.Slots[7]
	for _, guess := range []string{"yes", "no"} {
		for what, salt := range map[string][]byte{"no salt": nil, "zeros": zero, "another's": act, "what stands beside it": unused[:], "itself": e.Slots[1][:]} {
			if ledger.Commitment(salt, origin, 0, "decision", []byte(guess)) == e.Slots[1] {
				t.Errorf("%q was found with %s", guess, what)
			}
		}
		if slices.Contains(e.Slots[:], tlog.RecordHash([]byte(guess))) {
			t.Errorf("a bare hash of %q stands in a slot", guess)
		}
	}
}

func TestTwoHistoriesAreToldApart(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		sealer := newSealer(t)
		newLog(t, db, village)
		read := db.Read.WithContext(t.Context())
		fill(t, db, village, sealer, 5)
		head, err := ledger.HeadOf(read, village)
		must(t, err)
		remembered := head.Checkpoint()
		other := remembered
		other.Root[0] ^= 1
		for range 4 {
			if err := ledger.Compare(read, village, remembered); err != nil {
				t.Errorf("its own past: %v", err)
			}
			if err := ledger.Compare(read, village, other); !errors.Is(err, ledger.ErrFork) || !strings.Contains(err.Error(), other.Root.String()) {
				t.Errorf("another past: %v", err)
			}
			fill(t, db, village, sealer, 3)
		}
		longer := remembered
		longer.Size = 1000
		if err := ledger.Compare(read, village, longer); !errors.Is(err, ledger.ErrFork) {
			t.Errorf("a longer one: %v", err)
		}
	})
}

// A log is written at random, sealed at random, and words of it erased at
// random: every proof that there ever was still holds.
func TestErasingKeepsEveryProof(t *testing.T) {
	db := newDB(t)
	sealer := newSealer(t)
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		log := fmt.Sprintf("log-%d", n)
		c := newCircle(t, db, 0)
		newLog(t, db, log)
		var leaves []tlog.Hash
		for range rapid.IntRange(1, 4).Draw(rt, "seals") {
			for range rapid.IntRange(1, 20).Draw(rt, "entries") {
				leaves = append(leaves, fill(t, db, log, sealer, 1)[0].Leaf())
			}
			must(t, c.Seal(t.Context(), log))
		}
		read := db.Read.WithContext(t.Context())
		kept := rapid.IntRange(0, len(leaves)-1).Draw(rt, "kept")
		receipt, err := ledger.MakeReceipt(read, log, sealer, int64(kept), 3, c.policy)
		must(t, err)
		for index := range leaves {
			if rapid.Bool().Draw(rt, "erase") {
				must(t, ledger.Erase(db.Write.WithContext(t.Context()), log, int64(index), 3))
			}
		}
		for index, leaf := range leaves {
			proof, err := ledger.Prove(read, log, int64(index), c.policy)
			must(t, err)
			again, err := ledger.ParseProof(proof.Text())
			must(t, err)
			if _, err := c.policy.CheckProof(again, leaf); err != nil {
				rt.Fatalf("entry %d of %d: %v", index, len(leaves), err)
			}
		}
		if _, _, err := c.policy.CheckReceipt(receipt.Text()); err != nil {
			rt.Fatalf("a receipt that somebody keeps: %v", err)
		}
	})
}
