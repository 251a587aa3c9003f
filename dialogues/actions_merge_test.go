package dialogues_test

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// merging is a dialogue with a live session in which a guest and an account,
// both the same woman, have taken part.
type merging struct {
	*testing.T
	*dialogues.Service
	db                          *database.DB
	clock                       time.Time
	mu                          sync.Mutex
	dialogue, session, asked    record.ID
	lead, guest, account, other people.Actor
}

func eachMerging(t *testing.T, run func(m *merging)) {
	t.Helper()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		m := &merging{T: t, db: db, clock: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)}
		lanes := 1
		if db.Dialect == database.Postgres {
			lanes = 4
		}
		writer := record.NewWriter(record.WriterConfig{DB: db.Write, Lanes: lanes, Now: m.now})
		t.Cleanup(writer.Stop)
		m.Service = &dialogues.Service{Writer: writer, Read: db.Read, Now: m.now}
		m.prepare()
		run(m)
	})
}

// now moves on with every look, so that the order of things can be told.
func (m *merging) now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.clock = m.clock.Add(time.Second)
	return m.clock
}

func (m *merging) prepare() {
	m.lead = m.person(people.Account, "Lead")
	m.guest, m.account, m.other = m.person(people.Guest, "Goat"), m.person(people.Account, "Amina"), m.person(people.Guest, "Sheep")
	m.dialogue = m.newDialogue()
	m.asked = m.receipt(m.AddQuestion(m.Context(), m.as(m.lead), m.dialogue, dialogues.QuestionForm{Title: "Who gains?", Answer: dialogues.AnswerOpen})).ID
	m.session = m.receipt(m.PlanSession(m.Context(), m.as(m.lead), m.dialogue, dialogues.SessionForm{
		Title: "First", StartsAt: m.clock, TimeZone: "UTC", Minutes: 60, Guests: true,
	})).ID
	m.receipt(m.OpenSession(m.Context(), m.as(m.lead), m.dialogue, m.session))
	session, err := m.Session(m.Context(), m.dialogue, m.session)
	m.must(err)
	for _, p := range []people.Actor{m.guest, m.account, m.other} {
		_, receipt, err := m.JoinSession(m.Context(), m.as(p), session.Code, dialogues.JoinForm{})
		m.receipt(receipt, err)
	}
}

func (m *merging) newDialogue() record.ID {
	m.Helper()
	id := record.ID(m.receipt(m.CreateDialogue(m.Context(), m.as(m.lead), dialogues.DialogueForm{
		Kind: dialogues.Regional, Title: "Lakes", Objective: "Fair shares", Language: "en", Visibility: dialogues.Public,
	})).Room)
	m.receipt(m.SetState(m.Context(), m.as(m.lead), id, dialogues.Open))
	return id
}

func (m *merging) person(kind people.Kind, name string) people.Actor {
	m.Helper()
	var p people.Person
	_, err := m.Writer.Do(m.Context(), record.Action{Run: func(tx *record.Tx) (err error) {
		p, err = people.Insert(tx, kind, people.Profile{Name: name, StakeholderGroup: people.IPLC, Country: "KE", Language: "en"},
			func(p *people.Person) { p.Convener = kind == people.Account })
		return err
	}})
	m.must(err)
	return people.Actor{Person: p}
}

func (m *merging) as(p people.Actor) dialogues.Call { return dialogues.Call{Actor: p} }

func (m *merging) receipt(r record.Receipt, err error) record.Receipt {
	m.Helper()
	m.must(err)
	return r
}

func (m *merging) must(err error) {
	m.Helper()
	if err != nil {
		m.Fatal(err)
	}
}

// says adds a contribution of a person.
func (m *merging) says(p people.Actor, body string) record.ID {
	m.Helper()
	return m.receipt(m.AddContribution(m.Context(), m.as(p), m.dialogue, dialogues.ContributionForm{
		Question: m.asked, Session: m.session, Kind: dialogues.Experience, Language: "en", Attribution: dialogues.Named, Body: body,
	})).ID
}

func (m *merging) supports(id record.ID, all ...people.Actor) {
	m.Helper()
	for _, p := range all {
		m.receipt(m.Support(m.Context(), m.as(p), m.dialogue, id, true))
	}
}

func (m *merging) contribution(id record.ID) dialogues.Contribution {
	m.Helper()
	var c dialogues.Contribution
	m.must(m.db.Read.Where("id = ?", id).Take(&c).Error)
	return c
}

// count counts rows of a table that name a person.
func (m *merging) count(table, column string, id record.ID) (n int64) {
	m.Helper()
	m.must(m.db.Read.Table(table).Where(column+" = ?", id).Count(&n).Error)
	return n
}

func (m *merging) merge() {
	m.Helper()
	m.must(m.MergePerson(m.Context(), m.as(m.account), m.guest.ID(), m.account.ID()))
}

func TestMergeMovesEverything(t *testing.T) {
	eachMerging(t, func(m *merging) {
		said := m.says(m.guest, "The lake is lower each year.")
		before := m.contribution(said)
		m.receipt(m.RaiseHand(m.Context(), m.as(m.guest), m.dialogue, m.session))
		alone := m.says(m.other, "Boats lie dry.")
		m.supports(alone, m.guest)
		m.merge()
		after := m.contribution(said)
		if after.AuthorID != m.account.ID() || !after.ChangedAt.After(before.ChangedAt) || after.StakeholderGroup != before.StakeholderGroup {
			t.Errorf("what the guest said is now %+v, want it Amina's and changed", after)
		}
		if got := m.contribution(alone).Supports; got != 1 || m.count("supports", "person_id", m.account.ID()) != 1 {
			t.Errorf("%d supports, want the guest's one as Amina's", got)
		}
		if got := m.count("hands", "person_id", m.account.ID()); got != 1 {
			t.Errorf("%d hands of Amina's, want the guest's", got)
		}
		for table, column := range map[string]string{
			"contributions": "author_id", "supports": "person_id", "memberships": "person_id", "attendances": "person_id", "hands": "person_id",
		} {
			if n := m.count(table, column, m.guest.ID()); n != 0 {
				t.Errorf("%d rows of %s still name the guest", n, table)
			}
		}
		entries, err := record.After(t.Context(), m.db.Read, record.ForumRoom, 0, 10)
		m.must(err)
		facts, err := dialogues.FactsOf(entries[0])
		m.must(err)
		if len(entries) != 1 || entries[0].Verb != people.PersonMerged || entries[0].Subject != m.guest.ID() || facts.Person != m.account.ID() {
			t.Errorf("lines %+v, want one that says who became whom", entries)
		}
	})
}

func TestMergeMakesOneOfWhatBothHad(t *testing.T) {
	eachMerging(t, func(m *merging) {
		both := m.says(m.other, "Boats lie dry.")
		m.supports(both, m.guest, m.account, m.lead)
		changed := m.contribution(both).ChangedAt
		m.receipt(m.SetRole(t.Context(), m.as(m.lead), m.dialogue, m.account.ID(), dialogues.Rapporteur))
		m.merge()
		if got := m.contribution(both); got.Supports != 2 || !got.ChangedAt.After(changed) || m.count("supports", "contribution_id", both) != 2 {
			t.Errorf("%+v after merging, want two supports and a change", got)
		}
		seat, err := m.SeatOf(t.Context(), m.account, m.dialogue)
		m.must(err)
		if seat.Role != dialogues.Rapporteur {
			t.Errorf("role %q, want the stronger of the two", seat.Role)
		}
		hall, err := m.Hall(t.Context(), m.dialogue, m.session)
		m.must(err)
		if got := hall.Present[people.IPLC]; got != 3 { // the facilitator, Amina, the other guest
			t.Errorf("%d present, want 3", got)
		}
		var joined []time.Time
		m.must(m.db.Read.Raw("SELECT joined_at FROM attendances WHERE person_id = ?", m.account.ID()).Scan(&joined).Error)
		var lines []record.Entry
		m.must(m.db.Read.Where("verb = ?", dialogues.SessionJoined).Order("seq").Find(&lines).Error)
		if want := lines[1].At; len(joined) != 1 || !joined[0].Equal(want) { // the facilitator's is the first line
			t.Errorf("joined at %v, want the guest's arrival %v", joined, want)
		}
	})
}

func TestMergeLeavesOneHandUp(t *testing.T) {
	for _, tc := range []struct {
		name   string
		guests bool // the guest's hand went up first
		called bool // and the guest was given the floor
		spoke  bool // the hand that stays speaks
	}{
		{"the hand that went up first stays: the guest's", true, false, false},
		{"the hand that went up first stays: the account's", false, false, false},
		{"the hand that speaks stays", false, true, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			eachMerging(t, func(m *merging) {
				order := []people.Actor{m.account, m.guest}
				if tc.guests {
					slices.Reverse(order)
				}
				var first record.ID
				for _, p := range order {
					id := m.receipt(m.RaiseHand(m.Context(), m.as(p), m.dialogue, m.session)).ID
					if first == "" {
						first = id
					}
					if tc.called && p.ID() == m.guest.ID() {
						m.receipt(m.CallHand(m.Context(), m.as(m.lead), m.dialogue, m.session, id))
						first = id
					}
				}
				m.merge()
				hall, err := m.Hall(m.Context(), m.dialogue, m.session)
				m.must(err)
				if len(hall.Hands) != 1 || hall.Hands[0].ID != first || hall.Hands[0].PersonID != m.account.ID() ||
					(hall.Hands[0].State == dialogues.Speaking) != tc.spoke || hall.Hands[0].Name != "Amina" {
					m.Errorf("hands up %+v, want one of Amina's, %s", hall.Hands, first)
				}
				m.receipt(m.LowerHand(m.Context(), m.as(m.account), m.dialogue, m.session))
				m.receipt(m.RaiseHand(m.Context(), m.as(m.account), m.dialogue, m.session))
			})
		})
	}
}

func TestMergeOfSeatsThatEnded(t *testing.T) {
	eachMerging(t, func(m *merging) {
		m.receipt(m.SetRole(t.Context(), m.as(m.lead), m.dialogue, m.guest.ID(), dialogues.Outsider))
		second := m.newDialogue()
		m.receipt(m.SetRole(t.Context(), m.as(m.lead), second, m.guest.ID(), dialogues.Observer))
		m.merge()
		want := map[record.ID]dialogues.Role{m.dialogue: dialogues.Participant, second: dialogues.Observer}
		got := map[record.ID]dialogues.Role{}
		for id := range want {
			seat, err := m.SeatOf(t.Context(), m.account, id)
			m.must(err)
			got[id] = seat.Role
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("roles after merging (-want +got):\n%s", diff)
		}
	})
}

func TestMergeIsRefused(t *testing.T) {
	eachMerging(t, func(m *merging) {
		said := m.says(m.guest, "The lake is lower each year.")
		for name, tc := range map[string]struct{ by, guest, into people.Actor }{
			"by somebody else":           {m.lead, m.guest, m.account},
			"by the guest":               {m.guest, m.guest, m.account},
			"an account into an account": {m.account, m.lead, m.account},
			"a guest into a guest":       {m.other, m.guest, m.other},
			"into oneself":               {m.account, m.account, m.account},
			"by nobody":                  {people.Actor{}, m.guest, m.account},
		} {
			err := m.MergePerson(t.Context(), m.as(tc.by), tc.guest.ID(), tc.into.ID())
			if !errors.Is(err, dialogues.ErrRefused) {
				t.Errorf("%s: error %v, want ErrRefused", name, err)
			}
		}
		if got := m.contribution(said).AuthorID; got != m.guest.ID() {
			t.Errorf("a refused merge has moved words to %s", got)
		}
		m.merge()
		err := m.MergePerson(t.Context(), m.as(m.account), m.guest.ID(), m.account.ID())
		if !errors.Is(err, dialogues.ErrRefused) {
			t.Errorf("twice: error %v, want ErrRefused", err)
		}
		_, err = m.AddContribution(t.Context(), m.as(m.guest), m.dialogue, dialogues.ContributionForm{
			Question: m.asked, Kind: dialogues.Experience, Language: "en", Attribution: dialogues.Named, Body: "And again.",
		})
		if err == nil {
			t.Error("a guest who was merged can still speak")
		}
	})
}

// A guest who still speaks on the phone while the merge runs loses nothing:
// either the words come along or the phone is told that they were not taken.
func TestMergeWhileTheGuestSpeaks(t *testing.T) {
	eachMerging(t, func(m *merging) {
		var taken atomic.Int64
		var all sync.WaitGroup
		for i := range 40 {
			all.Go(func() {
				if i == 20 {
					if err := m.MergePerson(m.Context(), m.as(m.account), m.guest.ID(), m.account.ID()); err != nil {
						t.Errorf("merge: %v", err)
					}
					return
				}
				_, err := m.AddContribution(m.Context(), m.as(m.guest), m.dialogue, dialogues.ContributionForm{
					Question: m.asked, Kind: dialogues.Experience, Language: "en", Attribution: dialogues.Named, Body: "Word by word.",
				})
				switch {
				case err == nil:
					taken.Add(1)
				case !errors.Is(err, dialogues.ErrRefused):
					t.Errorf("contribution %d: %v", i, err)
				}
			})
		}
		all.Wait()
		if left, moved := m.count("contributions", "author_id", m.guest.ID()), m.count("contributions", "author_id", m.account.ID()); left != 0 || moved != taken.Load() {
			t.Errorf("%d contributions left with the guest, %d moved; want 0 and %d", left, moved, taken.Load())
		}
	})
}

func TestAdmit(t *testing.T) {
	eachMerging(t, func(m *merging) {
		admit := func(p people.Actor, role dialogues.Role) error {
			_, err := m.Writer.Do(t.Context(), record.Action{Room: string(m.dialogue), Run: func(tx *record.Tx) error {
				return dialogues.Admit(tx, m.dialogue, p.ID(), role)
			}})
			return err
		}
		fresh := m.person(people.Account, "Fresh")
		m.must(admit(fresh, dialogues.Observer))
		m.must(admit(fresh, dialogues.Interpreter))
		m.must(admit(fresh, dialogues.Participant))
		seat, err := m.SeatOf(t.Context(), fresh, m.dialogue)
		m.must(err)
		if seat.Role != dialogues.Interpreter {
			t.Errorf("role %q, want the strongest that was offered", seat.Role)
		}
		for name, err := range map[string]error{
			"a role that does not exist": admit(fresh, "king"),
			"nobody":                     admit(people.Actor{}, dialogues.Observer),
		} {
			if !errors.Is(err, dialogues.ErrRefused) {
				t.Errorf("%s: error %v, want ErrRefused", name, err)
			}
		}
	})
}
