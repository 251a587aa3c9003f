package dialogues_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// supporters makes members with a voice.
func (st *stage) supporters(n int) []people.Actor {
	st.t.Helper()
	actors := make([]people.Actor, n)
	var wg sync.WaitGroup
	for i := range actors {
		p := people.Person{
			ID: record.NewID(), Kind: people.Account, Name: fmt.Sprint("Supporter ", i), StakeholderGroup: people.Research, CreatedAt: database.Now(),
		}
		if err := st.db.Write.WithContext(st.t.Context()).Create(&p).Error; err != nil {
			st.t.Fatal(err)
		}
		actors[i] = people.Actor{Person: p}
		wg.Go(func() {
			if _, err := st.s.JoinDialogue(st.t.Context(), as(actors[i]), st.id); err != nil {
				st.t.Errorf("JoinDialogue: %v", err)
			}
		})
	}
	wg.Wait()
	return actors
}

// counters compares what contributions say of themselves with the rows they count.
func (st *stage) counters() {
	st.t.Helper()
	var wrong []struct {
		ID                                 record.ID
		Supports, Given, Replies, Answered int64
	}
	err := st.db.Read.WithContext(st.t.Context()).Raw(`SELECT * FROM (SELECT c.id, c.supports, c.replies,
		(SELECT COUNT(*) FROM supports s WHERE s.contribution_id = c.id) AS given,
		(SELECT COUNT(*) FROM contributions r WHERE r.parent_id = c.id) AS answered FROM contributions c) x
		WHERE supports <> given OR replies <> answered`).Scan(&wrong).Error
	if err != nil || len(wrong) > 0 {
		st.t.Errorf("counters that are not true: %+v, %v", wrong, err)
	}
}

func TestCountersStayTrueUnderParallelChanges(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		st := newForum(t, db).stage(dialogues.Public)
		actors := st.supporters(10)
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() {
				by := as(actors[i%len(actors)])
				if _, err := st.s.Support(t.Context(), by, st.id, st.said, i%3 != 0); err != nil {
					t.Errorf("Support: %v", err)
				}
				form := say("", "me too")
				form.Parent = st.said
				if _, err := st.s.AddContribution(t.Context(), by, st.id, form); err != nil {
					t.Errorf("reply: %v", err)
				}
			})
		}
		wg.Wait()
		st.counters()
		whole, err := st.s.Contribution(t.Context(), st.sees(dialogues.Observer), st.said)
		if err != nil || whole.Contribution.Replies != 50 || len(whole.Replies) != 50 {
			t.Errorf("%d replies counted, %d read, %v; want 50", whole.Contribution.Replies, len(whole.Replies), err)
		}
	})
}

// Two hundred requests at once, each with a key of its own, half of them through
// a second node: one support.
func TestSupportTwiceCountsOnce(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newForum(t, db)
		st := f.stage(dialogues.Public)
		nodes := []*dialogues.Service{f.s}
		if db.Dialect == database.Postgres {
			nodes = append(nodes, newForum(t, db).s)
		}
		head := st.head(st.id)
		var wg sync.WaitGroup
		for i := range 200 {
			wg.Go(func() {
				call := dialogues.Call{Actor: st.by[dialogues.Rapporteur], Key: string(record.NewID())}
				if _, err := nodes[i%len(nodes)].Support(t.Context(), call, st.id, st.said, true); err != nil {
					t.Errorf("Support: %v", err)
				}
			})
		}
		wg.Wait()
		st.counters()
		if diff := cmp.Diff(verbs(dialogues.SupportGiven), st.verbs(st.id, head)); diff != "" || f.count("supports") != 1 {
			t.Errorf("%d supports, lines (-want +got):\n%s", f.count("supports"), diff)
		}
	})
}

func TestOnlyVisibleWordsAreAnsweredAndSupported(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		st := newForum(t, db).stage(dialogues.Public)
		lead := as(st.by[dialogues.Facilitator])
		form := say("", "reply")
		form.Parent = st.said
		reply := st.must(st.s.AddContribution(t.Context(), lead, st.id, form)).ID
		before := st.fingerprint()
		for _, parent := range []record.ID{st.hidden, reply} {
			form.Parent = parent
			if _, err := st.s.AddContribution(t.Context(), lead, st.id, form); !errors.Is(err, dialogues.ErrWrongTime) {
				t.Errorf("reply: %v, want ErrWrongTime", err)
			}
		}
		if _, err := st.s.Support(t.Context(), lead, st.id, st.hidden, true); !errors.Is(err, dialogues.ErrWrongTime) {
			t.Errorf("support: %v, want ErrWrongTime", err)
		}
		if _, err := st.s.ReviseContribution(t.Context(), as(st.by[dialogues.Participant]), st.id, st.said, 7, "too late"); !errors.Is(err, dialogues.ErrWrongTime) {
			t.Errorf("a version that is not the newest: %v, want ErrWrongTime", err)
		}
		if diff := cmp.Diff(before, st.fingerprint()); diff != "" {
			t.Errorf("refused, but changed:\n%s", diff)
		}
	})
}

func TestEarlierVersionsAreKept(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		st := newForum(t, db).stage(dialogues.Public)
		st.must(st.s.ReviseContribution(t.Context(), as(st.by[dialogues.Participant]), st.id, st.said, 1, "Second words."))
		whole, err := st.s.Contribution(t.Context(), st.sees(dialogues.Observer), st.said)
		if err != nil {
			t.Fatal(err)
		}
		var bodies []string
		for _, v := range whole.Versions {
			bodies = append(bodies, v.Body)
		}
		if diff := cmp.Diff([]string{"Registration takes two years.", "Second words."}, bodies); diff != "" || whole.Body != "Second words." || !whole.Edited {
			t.Errorf("body %q, edited %v, versions (-want +got):\n%s", whole.Body, whole.Edited, diff)
		}
		entries, err := record.After(t.Context(), db.Read, string(st.id), 0, 1000)
		if err != nil {
			t.Fatal(err)
		}
		own, err := st.s.OwnWords(t.Context(), st.by[dialogues.Participant].ID())
		if err != nil {
			t.Fatal(err)
		}
		last, text := entries[len(entries)-1], own[0].Versions[1]
		if last.Version != 2 || last.Digest != record.Digest(text.Salt, "Second words.") || last.Digest != text.Digest() {
			t.Errorf("the line has version %d and digest %s", last.Version, last.Digest)
		}
		if text.Salt == "" || text.Salt == own[0].Versions[0].Salt {
			t.Errorf("salts are %q and %q", own[0].Versions[0].Salt, text.Salt)
		}
	})
}

// The name of somebody who speaks for their group only must not be in anything
// that a query gives out.
func TestGroupOnlyHidesTheName(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		const canary = "Canary Xyloquent"
		st := newForum(t, db).stage(dialogues.Public)
		actor := st.account(canary)
		st.must(st.s.JoinDialogue(t.Context(), as(actor), st.id))
		form := say(st.question, "Officials ask for money.")
		form.Attribution, form.Session = dialogues.GroupOnly, st.live
		id := st.must(st.s.AddContribution(t.Context(), as(actor), st.id, form)).ID
		reply := say("", "And for favours.")
		reply.Parent, reply.Attribution = st.said, dialogues.GroupOnly
		st.must(st.s.AddContribution(t.Context(), as(actor), st.id, reply))
		for _, role := range append(dialogues.Roles(), dialogues.Outsider) {
			seat := st.sees(role)
			said, _, err1 := st.s.Contributions(t.Context(), seat, dialogues.SaidFilter{})
			whole, err2 := st.s.Contribution(t.Context(), seat, id)
			byID, err3 := dialogues.SaidByID(t.Context(), db.Read, seat, []record.ID{id, st.said})
			session, err4 := st.s.Session(t.Context(), st.id, st.live)
			minutes, err5 := st.s.Minutes(t.Context(), seat, session)
			overview, err6 := st.s.Overview(t.Context(), seat)
			if err := errors.Join(err1, err2, err3, err4, err5, err6); err != nil {
				t.Fatal(err)
			}
			for name, answer := range map[string]any{
				"Contributions": said, "Contribution": whole, "SaidByID": byID, "Minutes": minutes, "Overview": overview,
			} {
				if strings.Contains(fmt.Sprintf("%+v", answer), "Xyloquent") {
					t.Errorf("%s gives the name out to a %s", name, role)
				}
			}
		}
	})
}

// "Group only" is the stakeholder group alone: in a small dialogue a group and
// a country are a name.
func TestGroupOnlyHidesTheCountry(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		st := newForum(t, db).stage(dialogues.Public)
		form := say(st.question, "Officials ask for money.")
		form.Attribution = dialogues.GroupOnly
		st.must(st.s.AddContribution(t.Context(), as(st.by[dialogues.Participant]), st.id, form))
		said, _, err := st.s.Contributions(t.Context(), st.sees(dialogues.Observer), dialogues.SaidFilter{})
		if err != nil || said[0].Attribution != dialogues.GroupOnly || said[0].Country != "" {
			t.Errorf("an observer learns that a %s from %q said it, %v", said[0].StakeholderGroup, said[0].Country, err)
		}
	})
}

func TestHiddenWordsAreNotReadNorFound(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		st := newForum(t, db).stage(dialogues.Public)
		st.must(st.s.WithdrawContribution(t.Context(), as(st.by[dialogues.Participant]), st.id, st.said))
		for role, want := range map[dialogues.Role]string{
			dialogues.Facilitator: "Hidden words.", dialogues.Participant: "Hidden words.", dialogues.Observer: "", dialogues.Outsider: "",
		} {
			seat := st.sees(role)
			said, total, err := st.s.Contributions(t.Context(), seat, dialogues.SaidFilter{Order: dialogues.Oldest})
			if err != nil || total != 2 || said[0].Body != "" || said[1].Body != want {
				t.Errorf("%s reads %+v, %v; want a place without words, then %q", role, said, err, want)
			}
			for _, word := range []string{"registration", "hidden"} {
				if _, total, err := st.s.Contributions(t.Context(), seat, dialogues.SaidFilter{Search: word}); err != nil || total != 0 {
					t.Errorf("%s finds %d by %q, %v", role, total, word, err)
				}
			}
			for _, id := range []record.ID{st.said, st.hidden} {
				whole, err := st.s.Contribution(t.Context(), seat, id)
				if err != nil || (whole.Body == "") != (len(whole.Versions) == 0) {
					t.Errorf("%s reads %q with %d versions, %v", role, whole.Body, len(whole.Versions), err)
				}
			}
		}
	})
}
