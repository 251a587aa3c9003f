package dialogues_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// freshBefore names the deeds that need a stage on which the ones before them
// have not been done.
var freshBefore = map[string]bool{
	"change the dialogue": true, "give a role": true, "move a question": true, "hand over the chair": true, "take a step back": true,
	"raise a hand": true, "take a hand off the list": true, "add an agenda item": true, "hide words": true,
}

// Every action leaves exactly its lines and its rows, and a retry of it nothing more.
func TestEveryDeedLeavesItsLinesAndRows(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		var st *stage
		var before map[string][]string
		for _, d := range deeds() {
			if freshBefore[d.name] {
				st = newForum(t, db).stage(dialogues.Public)
				before = st.fingerprint()
			}
			t.Run(d.name, func(t *testing.T) {
				head := st.head(st.id)
				call := dialogues.Call{Actor: st.by[d.by], Key: string(record.NewID())}
				receipt := st.must(d.do(t.Context(), st, call, st.id))
				if receipt.Seq != head+1 || receipt.Room != string(st.id) {
					t.Errorf("receipt %+v, want line %d", receipt, head+1)
				}
				if diff := cmp.Diff(d.verbs, st.verbs(st.id, head)); diff != "" {
					t.Errorf("lines (-want +got):\n%s", diff)
				}
				done := st.fingerprint()
				for table, rows := range before {
					want := len(rows) + int(d.rows[table])
					switch table {
					case "record_entries":
						want = len(rows) + len(d.verbs)
					case "record_answers":
						want = len(rows) + 1
					}
					if got := len(done[table]); got != want {
						t.Errorf("%s has %d rows, want %d", table, got, want)
					}
				}
				before = done
				again, err := d.do(t.Context(), st, call, st.id)
				if diff := cmp.Diff(receipt, again); err != nil || diff != "" {
					t.Errorf("a retry: %v, receipt (-first +retry):\n%s", err, diff)
				}
				if diff := cmp.Diff(done, st.fingerprint()); diff != "" {
					t.Errorf("a retry changed something:\n%s", diff)
				}
			})
		}
	})
}

// attempt is a deed by somebody, in a dialogue, that must be refused.
type attempt struct {
	name     string
	call     dialogues.Call
	dialogue record.ID
	want     []error // one of these
}

// refuse makes attempts, which must leave everything as it was before; it returns
// how it is now.
func refuse(t *testing.T, st *stage, before map[string][]string, d deed, tries ...attempt) map[string][]string {
	t.Helper()
	for _, try := range tries {
		receipt, err := d.do(t.Context(), st, try.call, try.dialogue)
		matches := false
		for _, want := range try.want {
			matches = matches || errors.Is(err, want)
		}
		if !matches || receipt != (record.Receipt{}) {
			t.Errorf("%s, %s: %+v, %v; want one of %v", d.name, try.name, receipt, err, try.want)
		}
		if diff := cmp.Diff(before, st.fingerprint()); diff != "" {
			t.Errorf("%s, %s: refused, but changed:\n%s", d.name, try.name, diff)
			before = st.fingerprint()
		}
	}
	return before
}

func TestRefusedDeedsLeaveNoTrace(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newForum(t, db)
		st, other := f.stage(dialogues.Public), f.stage(dialogues.Public)
		nobody := dialogues.Call{Key: "nobody's"}
		before := f.fingerprint()
		for _, d := range deeds() {
			tries := []attempt{
				{"by a role that may not", as(st.by[d.never]), st.id, []error{dialogues.ErrRefused}},
				{"by nobody in particular", nobody, st.id, []error{dialogues.ErrRefused}},
			}
			if !d.whole {
				tries = append(tries, attempt{"in another dialogue", as(other.by[d.by]), other.id, []error{dialogues.ErrNotFound}})
			}
			before = refuse(t, st, before, d, tries...)
		}
	})
}

func TestNothingIsDoneInAnArchivedDialogue(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newForum(t, db)
		st := f.stage(dialogues.Public)
		if err := db.Write.WithContext(t.Context()).Exec("UPDATE dialogues SET state = ?", dialogues.Archived).Error; err != nil {
			t.Fatal(err)
		}
		before := f.fingerprint()
		for _, d := range deeds() {
			if !d.always {
				before = refuse(t, st, before, d, attempt{"in an archived dialogue", as(st.by[d.by]), st.id, []error{dialogues.ErrWrongTime}})
			}
		}
	})
}

// The caller's copy of the person is from before the suspension, as it is when
// both happen at once.
func TestASuspendedPersonDoesNothing(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		for _, column := range []string{"suspended_at", "erased_at"} {
			f := newForum(t, db)
			st := f.stage(dialogues.Public)
			if err := db.Write.WithContext(t.Context()).Exec("UPDATE people SET "+column+" = ?", database.Now()).Error; err != nil {
				t.Fatal(err)
			}
			before := f.fingerprint()
			for _, d := range deeds() {
				before = refuse(t, st, before, d, attempt{column, as(st.by[d.by]), st.id, []error{dialogues.ErrRefused}})
			}
		}
	})
}

func TestADialogueByInvitationIsHiddenFromOutsiders(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newForum(t, db)
		st := f.stage(dialogues.Invitation)
		before := f.fingerprint()
		for _, d := range deeds() {
			before = refuse(t, st, before, d,
				attempt{"by an outsider", as(st.by[dialogues.Outsider]), st.id, []error{dialogues.ErrHidden}},
				attempt{"by nobody", dialogues.Call{}, st.id, []error{dialogues.ErrHidden}})
		}
	})
}

func TestADialogueThatIsNotThereLeavesNoTrace(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newForum(t, db)
		st := f.stage(dialogues.Public)
		d := deeds()[1]
		refuse(t, st, f.fingerprint(), d, attempt{"in no dialogue", as(st.by[d.by]), record.NewID(), []error{dialogues.ErrHidden}})
	})
}

// A key belongs to what was asked, and the dialogue is part of it.
func TestAKeyOfAnotherDialogueIsNotAnAnswer(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newForum(t, db)
		lead, guest := f.account("Lead"), f.account("Guest")
		var ids []record.ID
		for _, title := range []string{"One", "Two"} {
			id := f.must(f.s.CreateDialogue(t.Context(), as(lead), dialogueForm(title, dialogues.Public))).ID
			f.must(f.s.SetState(t.Context(), as(lead), id, dialogues.Open))
			ids = append(ids, id)
		}
		call := dialogues.Call{Actor: guest, Key: "the same"}
		f.must(f.s.JoinDialogue(t.Context(), call, ids[0]))
		receipt, err := f.s.JoinDialogue(t.Context(), call, ids[1])
		if err == nil && receipt.Room != string(ids[1]) {
			t.Errorf("joining the second dialogue was answered with the first one's receipt: %+v", receipt)
		}
		if err != nil && !errors.Is(err, record.ErrKeyReused) {
			t.Errorf("JoinDialogue: %v", err)
		}
	})
}

func TestOnlyConvenersCreateDialogues(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newForum(t, db)
		convener := f.account("Convener")
		plain := convener
		plain.Person.Convener = false
		suspended := f.account("Suspended")
		now := database.Now()
		if err := db.Write.WithContext(t.Context()).Exec("UPDATE people SET suspended_at = ? WHERE id = ?", now, suspended.ID()).Error; err != nil {
			t.Fatal(err)
		}
		before := f.fingerprint()
		for name, call := range map[string]dialogues.Call{
			"nobody": {}, "a plain account": as(plain), "an account suspended a moment ago": as(suspended),
		} {
			if _, err := f.s.CreateDialogue(t.Context(), call, dialogueForm("Mine", dialogues.Public)); !errors.Is(err, dialogues.ErrRefused) && !errors.Is(err, people.ErrNotAllowed) {
				t.Errorf("%s: CreateDialogue = %v, want a refusal", name, err)
			}
			if diff := cmp.Diff(before, f.fingerprint()); diff != "" {
				t.Errorf("%s: refused, but changed:\n%s", name, diff)
				before = f.fingerprint()
			}
		}
		call := dialogues.Call{Actor: convener, Key: "key"}
		made := f.must(f.s.CreateDialogue(t.Context(), call, dialogueForm("Mine", dialogues.Public)))
		if diff := cmp.Diff(verbs(dialogues.DialogueCreated, dialogues.MemberAdded), f.verbs(made.ID, 0)); diff != "" {
			t.Errorf("lines (-want +got):\n%s", diff)
		}
		after := f.fingerprint()
		if again := f.must(f.s.CreateDialogue(t.Context(), call, dialogueForm("Mine", dialogues.Public))); again != made {
			t.Errorf("a retry made %+v, want %+v", again, made)
		}
		if diff := cmp.Diff(after, f.fingerprint()); diff != "" {
			t.Errorf("a retry changed something:\n%s", diff)
		}
	})
}

func TestTheLastFacilitatorStays(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newForum(t, db)
		st := f.stage(dialogues.Public)
		lead, second := st.by[dialogues.Facilitator], st.by[dialogues.CoFacilitator]
		for _, role := range []dialogues.Role{dialogues.Outsider, dialogues.Observer} {
			if _, err := f.s.SetRole(t.Context(), as(lead), st.id, lead.ID(), role); !errors.Is(err, dialogues.ErrLastFacilitator) {
				t.Errorf("SetRole(%q) = %v, want ErrLastFacilitator", role, err)
			}
		}
		f.must(f.s.SetRole(t.Context(), as(lead), st.id, second.ID(), dialogues.Facilitator))
		f.must(f.s.SetRole(t.Context(), as(lead), st.id, lead.ID(), dialogues.Outsider))
		if _, err := f.s.SetRole(t.Context(), as(lead), st.id, lead.ID(), dialogues.Facilitator); !errors.Is(err, dialogues.ErrRefused) {
			t.Errorf("who left gave themselves a role: %v", err)
		}
	})
}

func TestADialogueIsNotClosedOverALiveSession(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newForum(t, db)
		st := f.stage(dialogues.Public)
		lead := as(st.by[dialogues.Facilitator])
		if _, err := f.s.SetState(t.Context(), lead, st.id, dialogues.Closed); !errors.Is(err, dialogues.ErrWrongTime) {
			t.Errorf("SetState = %v, want ErrWrongTime", err)
		}
		f.must(f.s.CloseSession(t.Context(), lead, st.id, st.live))
		for _, next := range []dialogues.State{dialogues.Closed, dialogues.Archived, dialogues.Closed, dialogues.Open} {
			head := st.head(st.id)
			f.must(f.s.SetState(t.Context(), lead, st.id, next))
			if diff := cmp.Diff(verbs(dialogues.DialogueState), st.verbs(st.id, head)); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		}
		if _, err := f.s.SetState(t.Context(), lead, st.id, dialogues.Draft); !errors.Is(err, dialogues.ErrWrongTime) {
			t.Errorf("back to draft: %v, want ErrWrongTime", err)
		}
		if seat := st.sees(dialogues.Facilitator); seat.Dialogue.ChangedAt.Before(seat.Dialogue.CreatedAt) || time.Since(seat.Dialogue.ChangedAt) > time.Hour {
			t.Errorf("changed at %s", seat.Dialogue.ChangedAt)
		}
	})
}
