package ledger_test

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"gorm.io/gorm"

	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// memory is what the signer of a scene remembers.
func (s *scene) memory() ledger.Memory { return ledger.ReadMemory(filepath.Join(s.dir, "memory")) }

// signed is what it remembers of the log.
func (s *scene) signed() string {
	s.t.Helper()
	note, err := s.memory().Signed(s.head().Origin)
	must(s.t, err)
	return note
}

func (s *scene) head() ledger.Head {
	s.t.Helper()
	head, err := ledger.HeadOf(s.db.Read.WithContext(s.t.Context()), village)
	must(s.t, err)
	return head
}

// goOn is what a restore does once a log stands as it stood in the backup.
func (s *scene) goOn(signed string, change func(*ledger.Restoration)) {
	s.t.Helper()
	must(s.t, s.db.Write.WithContext(s.t.Context()).Transaction(func(tx *gorm.DB) error {
		r, err := ledger.GoOn(tx, village, signed)
		if err != nil {
			return err
		}
		if change != nil {
			change(&r)
		}
		act, err := json.Marshal(map[string]any{"kind": "log.restored", "fact": r})
		must(s.t, err)
		_, err = ledger.Append(tx, village, s.sealer, []ledger.Field{{Name: ledger.Act, Value: act}})
		return err
	}))
}

// newRestored is a scene whose log stood at 14 entries of which 12 were signed, and
// was restored from a backup of the first held ones.
func newRestored(t *testing.T, db *database.DB, held int64) *scene {
	t.Helper()
	s := newScene(t, db)
	signed := s.signed()
	rewind(t, db, held)
	s.goOn(signed, nil)
	fill(t, db, village, s.sealer, 4)
	must(t, s.SealAll(t.Context()))
	return s
}

func said(r ledger.Report) string {
	all := append([]string{}, r.Restored...)
	for _, f := range r.Findings {
		all = append(all, f.String())
	}
	return strings.Join(all, "\n")
}

func TestARestoredLogSaysWhatIsLost(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := newScene(t, db)
		old, signed := s.origin, s.signed()
		kept, err := s.policy.Open(signedNote(t, db))
		must(t, err)
		rewind(t, db, 9)
		if got := s.verify(); got.Worst() != ledger.Fork {
			t.Fatalf("a backup that nobody speaks of: %s", said(got))
		}
		s.goOn(signed, nil)
		if got := s.verify(); got.Worst() != ledger.Lost || !strings.Contains(said(got), "lost: log village, 3 entries from 9 on, signed as "+old) {
			t.Errorf("before it is sealed: %s, %s", got.Worst(), said(got))
		}
		fill(t, db, village, s.sealer, 4)
		must(t, s.SealAll(t.Context())) // the signer and the witness take it as another log
		head := s.head()
		if head.Origin == old || head.Size != 14 {
			t.Errorf("it goes on as %+v", head)
		}
		got := s.verify()
		if got.Worst() != ledger.Lost || len(got.Findings) != 1 || !strings.Contains(said(got), "log village went on from a backup at entry 9; before that it was "+old) {
			t.Errorf("sealed: %s, %s", got.Worst(), said(got))
		}
		read := db.Read.WithContext(t.Context())
		if err := ledger.Compare(read, village, kept.Checkpoint); !errors.Is(err, ledger.ErrLost) || !strings.Contains(err.Error(), "3 of 12") {
			t.Errorf("who remembers 12 entries: %v", err)
		}
		older := ledger.Checkpoint{Origin: old, Size: 5}
		older.Root, err = ledger.RootAt(read, village, 5)
		must(t, err)
		if err := ledger.Compare(read, village, older); err != nil {
			t.Errorf("who remembers 5 entries: %v", err)
		}
		older.Root[0] ^= 1
		if err := ledger.Compare(read, village, older); !errors.Is(err, ledger.ErrFork) {
			t.Errorf("who remembers 5 others: %v", err)
		}
		if err := ledger.Compare(read, village, head.Checkpoint()); err != nil {
			t.Errorf("the new one: %v", err)
		}
	})
}

func signedNote(t *testing.T, db *database.DB) string {
	t.Helper()
	note, err := ledger.Note(db.Read.WithContext(t.Context()), village, 0)
	must(t, err)
	return note
}

// Where all that was signed is in the backup, nothing is missing, and it is said.
func TestARestoredLogSaysWhenNothingSignedIsMissing(t *testing.T) {
	for held, want := range map[int64]string{12: "of which nothing that was signed is missing", 13: "at entry 13;"} {
		s := newRestored(t, newDB(t), held)
		if got := s.verify(); got.Worst() != "" || !strings.Contains(said(got), want) {
			t.Errorf("with %d entries: %s, %s", held, got.Worst(), said(got))
		}
	}
}

// Nobody can pretend that nothing was signed, or less, or that it was another log.
func TestARestorationThatIsNotTrueIsFound(t *testing.T) {
	for what, row := range map[string]struct {
		do         func(s *scene)
		kind, said string
	}{
		"the signer remembers more than was said": {func(s *scene) {
			rewind(s.t, s.db, 5)
			s.goOn(signedNote(s.t, s.db), nil)
		}, ledger.Fork, "expected 5 entries"},
		"the signer is said to have forgotten": {func(s *scene) {
			rewind(s.t, s.db, 9)
			s.goOn("", nil)
		}, ledger.Lost, "3 entries from 9 on"},
		"its entry says another origin": {func(s *scene) {
			signed := s.signed()
			rewind(s.t, s.db, 9)
			s.goOn(signed, func(r *ledger.Restoration) { r.Origin = "forum.example/l/" + strings.Repeat("0", 32) })
		}, ledger.Altered, "entry 9: expected to say that forum.example/l/"},
		"its entry says another root": {func(s *scene) {
			signed := s.signed()
			rewind(s.t, s.db, 9)
			s.goOn(signed, func(r *ledger.Restoration) { r.Root[3] ^= 1 })
		}, ledger.Altered, "with 9 entries and the root"},
		"its entry is missing": {func(s *scene) {
			signed := s.signed()
			rewind(s.t, s.db, 9)
			must(s.t, s.db.Write.WithContext(s.t.Context()).Transaction(func(tx *gorm.DB) error {
				_, err := ledger.GoOn(tx, village, signed)
				return err
			}))
		}, ledger.Altered, "entry 9: expected to say that the log was restored here, found nothing"},
		"the origin is taken away": {func(s *scene) {
			signed := s.signed()
			rewind(s.t, s.db, 9)
			s.goOn(signed, nil)
			s.run("DELETE FROM ledger_origins")
		}, ledger.Altered, "its size: expected 12 entries"},
		"what was signed is altered": {func(s *scene) {
			signed := s.signed()
			rewind(s.t, s.db, 9)
			s.goOn(signed, nil)
			s.run("UPDATE ledger_origins SET signed = replace(signed, '\n12\n', '\n9\n')")
		}, ledger.Fork, "expected 9 entries"},
	} {
		t.Run(what, func(t *testing.T) {
			s := newScene(t, newDB(t))
			row.do(s)
			if got := s.verify(); got.Worst() != row.kind || !strings.Contains(said(got), row.said) {
				t.Errorf("%s, want %s and %q:\n%s", got.Worst(), row.kind, row.said, said(got))
			}
		})
	}
}

// Without the signer's folder the statement itself is held against the policy.
func TestWhatWasSignedBeforeARestoreIsHeldAgainstThePolicy(t *testing.T) {
	s := newRestored(t, newDB(t), 9)
	s.run("DELETE FROM ledger_checkpoints") // so that nothing else is signed
	stranger, err := ledger.AddKey(t.TempDir())
	must(t, err)
	for what, row := range map[string]struct{ rules, worst string }{
		"ours":      {"", ledger.Lost},
		"another's": {"log prefix forum.example/l/ " + stranger + "\nquorum 0\n", ledger.Altered},
	} {
		policy := s.policy
		if row.rules != "" {
			policy, err = ledger.ParsePolicy(row.rules)
			must(t, err)
		}
		got, err := ledger.Verify(s.db.Read.WithContext(t.Context()), ledger.Verifying{Policy: policy})
		must(t, err)
		if got.Worst() != row.worst {
			t.Errorf("%s: %s\n%s", what, got.Worst(), said(got))
		}
	}
}

func TestNobodyRemembersIsSaid(t *testing.T) {
	s := newScene(t, newDB(t))
	rewind(t, s.db, 9)
	s.goOn("", nil)
	got, err := ledger.Verify(s.db.Read.WithContext(t.Context()), ledger.Verifying{})
	must(t, err)
	if got.Worst() != ledger.Lost || !strings.Contains(said(got), "no signature of it is remembered") {
		t.Errorf("%s: %s", got.Worst(), said(got))
	}
}

func TestABackupOfAnotherHistoryDoesNotGoOn(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := newScene(t, db)
		signed := s.signed()
		s.reseal(6, 3, "reason", "other")
		s.rehash()
		for what, note := range map[string]string{"another history": signed, "no checkpoint": "nothing", "of another log": strings.Replace(signed, "/l/", "/l/0", 1)} {
			err := db.Write.WithContext(t.Context()).Transaction(func(tx *gorm.DB) error {
				_, err := ledger.GoOn(tx, village, note)
				return err
			})
			if want := map[bool]error{true: ledger.ErrFork, false: nil}[what == "another history"]; err == nil || want != nil && !errors.Is(err, want) {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}

// Receipts on paper hold as they are; new ones say under which origin the words were
// recorded, and any one changed character of that is refused too.
func TestReceiptsFromBeforeARestore(t *testing.T) {
	s := newScene(t, newDB(t))
	read := s.db.Read.WithContext(t.Context())
	paper, err := ledger.MakeReceipt(read, village, s.sealer, 4, 3, s.policy)
	must(t, err)
	signed := s.signed()
	rewind(t, s.db, 9)
	s.goOn(signed, nil)
	must(t, s.SealAll(t.Context()))
	if _, _, err := s.policy.CheckReceipt(paper.Text()); err != nil {
		t.Errorf("on paper: %v", err)
	}
	for _, index := range []int64{4, 8} { // 8 was never sealed under the old origin
		again, err := ledger.MakeReceipt(read, village, s.sealer, index, 3, s.policy)
		must(t, err)
		text := again.Text()
		if again.Origin != s.origin || !strings.Contains(text, "\norigin "+s.origin+"\n") {
			t.Errorf("printed again:\n%s", text)
		}
		got, sealed, err := s.policy.CheckReceipt(text)
		if err != nil || got.Text() != text || sealed.Origin != s.head().Origin {
			t.Errorf("printed again: %v", err)
		}
		for at := range text {
			if _, _, err := s.policy.CheckReceipt(text[:at] + string(rune(text[at]^1)) + text[at+1:]); err == nil {
				t.Fatalf("altered at %d and taken:\n%s", at, text)
			}
		}
	}
	restored, err := ledger.MakeReceipt(read, village, s.sealer, 9, 0, s.policy)
	must(t, err)
	if restored.Origin != "" {
		t.Errorf("an entry of the new origin says %s", restored.Origin)
	}
	restored.Origin = s.head().Origin
	if _, _, err := s.policy.CheckReceipt(restored.Text()); !errors.Is(err, ledger.ErrProof) {
		t.Errorf("its origin twice: %v", err)
	}
}

// It can happen again, from a backup that knows of the first time or not.
func TestALogIsRestoredTwice(t *testing.T) {
	s := newRestored(t, newDB(t), 9)
	second := s.head().Origin
	signed := s.signed()
	rewind(t, s.db, 12)
	s.goOn(signed, nil)
	fill(t, s.db, village, s.sealer, 1)
	must(t, s.SealAll(t.Context()))
	got := s.verify()
	if got.Worst() != ledger.Lost || len(got.Findings) != 2 || !strings.Contains(said(got), "2 entries from 12 on, signed as "+second) {
		t.Errorf("%s: %s", got.Worst(), said(got))
	}
}
