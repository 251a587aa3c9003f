package dialogues_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// counter is gorm's logger, which hears of every statement.
type counter struct {
	logger.Interface
	n *atomic.Int64
}

func (c counter) LogMode(logger.LogLevel) logger.Interface { return c }

func (c counter) Trace(context.Context, time.Time, func() (string, int64), error) { c.n.Add(1) }

// fill adds contributions with replies, texts and supports, without the writer.
func (st *stage) fill(n int) {
	st.t.Helper()
	var said []dialogues.Contribution
	var texts []dialogues.ContributionText
	for i := range n {
		c := dialogues.Contribution{
			ID: record.NewID(), DialogueID: st.id, QuestionID: st.question, SessionID: st.over, AuthorID: st.by[dialogues.Roles()[i%6]].ID(),
			Kind: dialogues.Risk, Language: "en", StakeholderGroup: people.Groups()[i%10], Attribution: dialogues.Attributions()[i%2],
			State: dialogues.Visible, Version: 1, CreatedAt: database.Now(), ChangedAt: database.Now(),
		}
		if i%3 == 2 {
			c.ParentID = said[i-1].ID
			if said[i-1].ParentID != "" {
				c.ParentID = said[i-1].ParentID
			}
		}
		said = append(said, c)
		texts = append(texts, dialogues.ContributionText{ContributionID: c.ID, Version: 1, Body: fmt.Sprint("words ", i), Folded: fmt.Sprint("words ", i), CreatedAt: c.CreatedAt})
	}
	db := st.db.Write.WithContext(st.t.Context())
	err := db.Transaction(func(tx *gorm.DB) error {
		return errors.Join(tx.CreateInBatches(said, 100).Error, tx.CreateInBatches(texts, 100).Error)
	})
	if err != nil {
		st.t.Fatal(err)
	}
}

// The number of queries of a page must not grow with what is on it.
func TestQueriesDoNotGrowWithTheRows(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newForum(t, db)
		st := f.stage(dialogues.Public)
		var n atomic.Int64
		counting := &dialogues.Service{Read: db.Read.Session(&gorm.Session{Logger: counter{logger.Discard, &n}}), Now: database.Now}
		seat, actor := st.sees(dialogues.Facilitator), st.by[dialogues.Facilitator]
		over := st.hall(st.over).Session
		pages := []struct {
			name string
			most int64
			read func() error
		}{
			{"contributions", 6, func() error {
				_, _, err := counting.Contributions(t.Context(), seat, dialogues.SaidFilter{Search: "words"})
				return err
			}},
			{"threads", 3, func() error {
				threads, _, err := counting.Threads(t.Context(), seat, dialogues.SaidFilter{Search: "words"})
				ids := make([]record.ID, len(threads))
				for i, thread := range threads {
					ids[i] = thread.ID
				}
				_, err2 := counting.Supported(t.Context(), actor.ID(), ids)
				return errors.Join(err, err2)
			}},
			{"overview", 12, func() error { _, err := counting.Overview(t.Context(), seat); return err }},
			{"list", 8, func() error { _, _, err := counting.List(t.Context(), actor, dialogues.ListFilter{}); return err }},
			{"minutes", 20, func() error { _, err := counting.Minutes(t.Context(), seat, over); return err }},
			{"members", 1, func() error { _, err := counting.Members(t.Context(), st.id); return err }},
			{"meetings", 3, func() error {
				_, err := counting.Meetings(t.Context(), actor, []dialogues.SessionState{dialogues.Planned, dialogues.Live}, time.Time{}, 50)
				return err
			}},
			{"all of one's own", 6, func() error {
				_, err1 := counting.OwnWords(t.Context(), actor.ID())
				_, err2 := counting.OwnDeeds(t.Context(), actor.ID())
				_, err3 := counting.SeatsOf(t.Context(), actor)
				return errors.Join(err1, err2, err3)
			}},
		}
		few := map[string]int64{}
		for _, rows := range []int{20, 480} {
			st.fill(rows)
			for i := range rows / 20 {
				form := dialogueForm(fmt.Sprint("Dialogue ", i), dialogues.Public)
				form.Organisation = fmt.Sprint("Organisation ", rows, i)
				st.must(f.s.CreateDialogue(t.Context(), as(actor), form))
			}
			for _, page := range pages {
				n.Store(0)
				if err := page.read(); err != nil {
					t.Fatalf("%s: %v", page.name, err)
				}
				got := n.Load()
				if before, again := few[page.name]; got > page.most || got == 0 || (again && got != before) {
					t.Errorf("%s takes %d queries with %d rows, %d with few; want at most %d", page.name, got, rows, before, page.most)
				}
				few[page.name] = got
			}
		}
	})
}

func TestListShowsWhatOneMayKnowOf(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newForum(t, db)
		stages := map[string]*stage{}
		for _, v := range dialogues.Visibilities() {
			stages[string(v)] = f.stage(v)
		}
		for _, state := range dialogues.States() {
			if err := db.Write.WithContext(t.Context()).Exec("UPDATE dialogues SET state = ?", state).Error; err != nil {
				t.Fatal(err)
			}
			for v, st := range stages {
				for _, role := range append(dialogues.Roles(), dialogues.Outsider) {
					seat := st.sees(role)
					cards, total, err := f.s.List(t.Context(), st.by[role], dialogues.ListFilter{State: state})
					if err != nil || int(total) != len(cards) {
						t.Fatalf("List: %d of %d, %v", len(cards), total, err)
					}
					listed := false
					for _, card := range cards {
						listed = listed || (card.ID == st.id && card.Role == role)
						if card.ID == st.id && (card.People > 0 && card.Contributions > 0) != seat.Can(dialogues.See) {
							t.Errorf("%s %s: a %q is told of %d people and %d contributions", state, v, role, card.People, card.Contributions)
						}
					}
					if listed != seat.Can(dialogues.Know) {
						t.Errorf("%s %s: listed for a %q: %v, may know: %v", state, v, role, listed, !listed)
					}
				}
			}
		}
	})
}

// The list begins where something happened last; what happens in a dialogue that
// the reader may not see moves it for its members alone.
func TestTheListBeginsWhereSomethingHappened(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newForum(t, db)
		quiet, listed, public := f.stage(dialogues.Public), f.stage(dialogues.Listed), f.stage(dialogues.Public)
		for _, st := range []*stage{public, listed, quiet} { // in the order of their last change
			f.must(f.s.ChangeDialogue(t.Context(), as(st.by[dialogues.Facilitator]), st.id, dialogueForm("Changed", st.sees(dialogues.Facilitator).Dialogue.Visibility)))
		}
		first := func(actor people.Actor) record.ID {
			cards, _, err := f.s.List(t.Context(), actor, dialogues.ListFilter{Order: dialogues.Active})
			f.must(record.Receipt{}, err)
			return cards[0].ID
		}
		for _, st := range []*stage{listed, public} {
			f.must(f.s.AddContribution(t.Context(), as(st.by[dialogues.Participant]), st.id, say(st.question, "Something new.")))
			want := st.id
			if st == listed {
				want = quiet.id
			}
			if got := first(people.Actor{}); got != want {
				t.Errorf("a visitor's list begins with %s, want %s", got, want)
			}
			if got := first(st.by[dialogues.Observer]); got != st.id {
				t.Errorf("a member's list begins with %s, want %s", got, st.id)
			}
		}
	})
}

// The map says where a session runs and where one is ahead.
func TestPlacesTellWhereSessionsAreNowAndAhead(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newForum(t, db)
		st := f.stage(dialogues.Public)
		places := func() []dialogues.Place {
			t.Helper()
			places, err := f.s.Places(t.Context(), st.by[dialogues.Outsider])
			if err != nil {
				t.Fatal(err)
			}
			return places
		}
		want := []dialogues.Place{{Country: "CO", N: 1, Live: 1, Next: 1}, {Country: "PE", N: 1, Live: 1, Next: 1}}
		if diff := cmp.Diff(want, places()); diff != "" {
			t.Errorf("while one runs and one is planned:\n%s", diff)
		}
		lead := as(st.by[dialogues.Facilitator])
		f.must(f.s.CloseSession(t.Context(), lead, st.id, st.live))
		f.must(f.s.CancelSession(t.Context(), lead, st.id, st.planned))
		want = []dialogues.Place{{Country: "CO", N: 1}, {Country: "PE", N: 1}}
		if diff := cmp.Diff(want, places()); diff != "" {
			t.Errorf("when all are over:\n%s", diff)
		}
	})
}
