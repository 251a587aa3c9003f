package dialogues_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

func TestErasedWordsAreGoneAndTheSequenceIsWhole(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newForum(t, db)
		st, other := f.stage(dialogues.Public), f.stage(dialogues.Public)
		author := as(st.by[dialogues.Participant])
		st.must(st.s.ReviseContribution(t.Context(), author, st.id, st.said, 1, "Second words."))
		withdrawn := st.must(st.s.AddContribution(t.Context(), author, st.id, say(st.question, "Taken back."))).ID
		st.must(st.s.WithdrawContribution(t.Context(), author, st.id, withdrawn))
		head, kept := st.head(st.id), strings.Join(other.content("contribution_texts"), "\n")
		if err := st.s.EraseWords(t.Context(), author, st.id); err != nil {
			t.Fatal(err)
		}
		var left []string
		err := db.Read.WithContext(t.Context()).Raw(`SELECT body || folded || salt FROM contribution_texts t JOIN contributions c ON c.id = t.contribution_id
			WHERE c.author_id = ?`, author.Actor.ID()).Scan(&left).Error
		if err != nil || strings.Join(left, "") != "" || len(left) != 4 {
			t.Errorf("texts after erasing: %q, %v; want four empty ones", left, err)
		}
		erased := verbs(dialogues.ContributionErased, dialogues.ContributionErased, dialogues.ContributionErased)
		if diff := cmp.Diff(erased, st.verbs(st.id, head)[:3]); diff != "" {
			t.Errorf("lines (-want +got):\n%s", diff)
		}
		if got := strings.Join(other.content("contribution_texts"), "\n"); !strings.Contains(got, "Registration takes two years.") || got == kept {
			t.Error("words of the other dialogue are gone, or nothing is")
		}
		said, total, err := st.s.Contributions(t.Context(), st.sees(dialogues.Facilitator), dialogues.SaidFilter{})
		if err != nil || total != 3 || len(said) != 3 {
			t.Errorf("%d places of %d, %v; want three empty ones", len(said), total, err)
		}
		for _, c := range said {
			if c.State != dialogues.Erased || c.Body != "" {
				t.Errorf("read %q in state %s", c.Body, c.State)
			}
		}
		if st.sees(dialogues.Participant).Role != dialogues.Outsider {
			t.Error("who took their words along still has a seat")
		}
		once := st.head(st.id)
		if err := st.s.EraseWords(t.Context(), author, st.id); err != nil || st.head(st.id) != once {
			t.Errorf("erasing twice: %v, %d more lines", err, st.head(st.id)-once)
		}
	})
}

// leave erases somebody as the page does.
func (st *stage) leave(who people.Actor) {
	st.t.Helper()
	if err := st.s.EraseWords(st.t.Context(), as(who), st.id); err != nil {
		st.t.Fatal(err)
	}
	if err := st.people.Erase(st.t.Context(), who); err != nil {
		st.t.Fatal(err)
	}
}

// forGroup says something for the group only, twice worded, with a key.
func (st *stage) forGroup(who people.Actor, body string, parent record.ID) record.ID {
	st.t.Helper()
	form := say(st.question, body)
	form.Attribution, form.Parent = dialogues.GroupOnly, parent
	id := st.must(st.s.AddContribution(st.t.Context(), dialogues.Call{Actor: who, Key: string(record.NewID())}, st.id, form)).ID
	st.must(st.s.ReviseContribution(st.t.Context(), dialogues.Call{Actor: who, Key: string(record.NewID())}, st.id, id, 1, body+" Still."))
	return id
}

// leader is everything of the dialogue that a facilitator reads, line by line.
func (st *stage) leader() map[string]bool {
	st.t.Helper()
	seat, ctx := st.sees(dialogues.Facilitator), st.t.Context()
	lines := map[string]bool{}
	said, _, err := st.s.Contributions(ctx, seat, dialogues.SaidFilter{Limit: -1})
	if err != nil {
		st.t.Fatal(err)
	}
	for _, c := range said {
		whole, err := st.s.Contribution(ctx, seat, c.ID)
		if err != nil {
			st.t.Fatal(err)
		}
		for _, reply := range whole.Replies {
			lines[fmt.Sprintf("%+v", reply)] = true
		}
		whole.Replies, c.Replies = nil, nil
		lines[fmt.Sprintf("%+v", whole)], lines[fmt.Sprintf("%+v", c)] = true, true
	}
	entries, err := record.After(ctx, st.db.Read, string(st.id), 0, 10_000)
	if err != nil {
		st.t.Fatal(err)
	}
	for _, e := range entries {
		lines[fmt.Sprintf("%+v", e)] = true
	}
	return lines
}

// Two people of one group speak for it, one of them leaves. Whoever holds what
// can be read before against what can be read after, and the record with it,
// finds no difference in anything that either said for the group.
func TestNobodyCanTellWhichGroupOnlyWordsWereWhose(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		st := newForum(t, db).stage(dialogues.Public)
		leaves, stays := st.by[dialogues.Participant], st.by[dialogues.Interpreter]
		hidden := st.forGroup(leaves, "Canary hidden.", "")
		st.must(st.s.Moderate(t.Context(), as(st.by[dialogues.Facilitator]), st.id, hidden, true))
		canaries := []record.ID{hidden}
		for _, who := range []people.Actor{leaves, stays, leaves} {
			id := st.forGroup(who, "Canary aloud.", "")
			canaries = append(canaries, id, st.forGroup(who, "Canary reply.", id), st.forGroup(leaves, "Canary answer.", st.said))
		}
		before := st.leader()
		st.leave(leaves)
		after := st.leader()
		changed := 0
		for _, line := range append(slices.Collect(maps.Keys(before)), slices.Collect(maps.Keys(after))...) {
			if before[line] && after[line] {
				continue
			}
			changed++
			for _, id := range canaries {
				if strings.Contains(strings.ReplaceAll(line, "ParentID:"+string(id), ""), string(id)) || strings.Contains(line, "Canary") {
					t.Errorf("leaving changed %s", line)
				}
			}
		}
		if changed == 0 {
			t.Error("leaving changed nothing that is read")
		}
		st.unlinked(leaves.ID(), canaries)
	})
}

// unlinked looks through the whole database: no row may name both a person and
// one of the contributions, the record and the kept answers included.
func (st *stage) unlinked(person record.ID, said []record.ID) {
	st.t.Helper()
	for table, rows := range st.fingerprint() {
		for _, row := range rows {
			if !strings.Contains(row, string(person)) {
				continue
			}
			for _, id := range said {
				if strings.Contains(row, string(id)) {
					st.t.Errorf("table %s still says whose it was: %s", table, row)
				}
			}
		}
	}
}

func TestGroupOnlyWordsStayWhenTheirAuthorLeaves(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		st := newForum(t, db).stage(dialogues.Public)
		leaves := st.by[dialogues.Participant]
		kept := st.forGroup(leaves, "Officials ask for money.", "")
		taken := st.forGroup(leaves, "Taken back.", "")
		st.must(st.s.WithdrawContribution(t.Context(), as(leaves), st.id, taken))
		head := st.head(st.id)
		st.leave(leaves)
		if diff := cmp.Diff(verbs(dialogues.ContributionErased, dialogues.ContributionErased, dialogues.MemberRemoved), st.verbs(st.id, head)); diff != "" {
			t.Errorf("lines (-want +got):\n%s", diff)
		}
		whole, err := st.s.Contribution(t.Context(), st.sees(dialogues.Observer), kept)
		if err != nil || whole.Body != "Officials ask for money. Still." || len(whole.Versions) != 2 || whole.StakeholderGroup != people.CivilSociety {
			t.Errorf("what stays is %q of %s in %d versions, %v", whole.Body, whole.StakeholderGroup, len(whole.Versions), err)
		}
		left, err := st.s.OwnWords(t.Context(), people.FormerID)
		if err != nil || len(left) != 2 || left[1].Body() != "" || left[1].Versions[1].Salt != "" || left[0].Country != "" {
			t.Errorf("the placeholder has %+v, %v", left, err)
		}
		second := st.by[dialogues.Rapporteur]
		st.forGroup(second, "Me too.", "")
		st.leave(second)
		if p := st.actor(people.FormerID).Person; p.Name != "" || p.Active() || st.count("people WHERE kind = 'imported'") != 1 {
			t.Errorf("the placeholder is %+v, or there are several", p)
		}
	})
}

// Words that a facilitator has hidden are still their author's to take back.
func TestHiddenWordsCanBeWithdrawn(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		st := newForum(t, db).stage(dialogues.Public)
		if _, err := st.s.WithdrawContribution(t.Context(), as(st.by[dialogues.Facilitator]), st.id, st.hidden); err == nil {
			t.Error("a facilitator withdrew somebody else's words")
		}
		st.must(st.s.WithdrawContribution(t.Context(), as(st.by[dialogues.Participant]), st.id, st.hidden))
		whole, err := st.s.Contribution(t.Context(), st.sees(dialogues.Facilitator), st.hidden)
		if err != nil || whole.State != dialogues.Withdrawn || whole.Body != "" {
			t.Errorf("a facilitator reads %q in state %s, %v", whole.Body, whole.State, err)
		}
	})
}

// Texts from before salts are checked by the digest of the words alone.
func TestTextsWithoutSaltKeepTheirDigest(t *testing.T) {
	old := dialogues.ContributionText{Body: "Registration takes two years."}
	if old.Digest() != record.Digest(old.Body) {
		t.Errorf("digest is %s", old.Digest())
	}
}
