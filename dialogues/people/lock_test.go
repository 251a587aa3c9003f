package people_test

import (
	"sync"
	"testing"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// Two nodes change one person at once: the first, in a dialogue's room, spends a
// code and takes its time; the second writes the whole row in the forum's room.
// Neither loses what the other has written.
func TestTwoNodesChangeOnePerson(t *testing.T) {
	db := databasetest.Postgres(t)
	one, two := newService(t, db), newService(t, db)
	p := make1(t, one, profile("Ana", ""), nil).Person
	begun, goOn := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		_, err := one.Writer.Do(t.Context(), record.Action{Room: string(record.NewID()), Run: func(tx *record.Tx) error {
			locked, err := people.Lock(tx, p.ID)
			if err != nil {
				return err
			}
			locked.TOTPStep = 7
			close(begun)
			<-goOn
			return tx.DB.Save(&locked).Error
		}})
		if err != nil {
			t.Errorf("the first: %v", err)
		}
	})
	<-begun
	second := make(chan struct{})
	wg.Go(func() {
		defer close(second)
		err := two.Change(t.Context(), p.ID, p.ID, func(p *people.Person) error {
			p.Language = "fr"
			return nil
		})
		if err != nil {
			t.Errorf("the second: %v", err)
		}
	})
	untilSomebodyWaits(t, db, second)
	close(goOn)
	wg.Wait()
	if got := load(t, one, p.ID).Person; got.TOTPStep != 7 || got.Language != "fr" {
		t.Errorf("the step is %d and the language %q, want 7 and fr", got.TOTPStep, got.Language)
	}
}

// untilSomebodyWaits asks the database until a statement waits for a lock, or
// until nobody is left who could.
func untilSomebodyWaits(t *testing.T, db *database.DB, left <-chan struct{}) {
	t.Helper()
	for n := 0; n == 0; {
		select {
		case <-left:
			return
		default:
		}
		err := db.Read.WithContext(t.Context()).Raw(`SELECT COUNT(*) FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&n).Error
		if err != nil {
			t.Fatal(err)
		}
	}
}

// Two dialogues name the same new body at once: it is made once.
func TestTwoRoomsNameOneOrganisation(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		nodes := []*people.Service{newService(t, db)}
		if db.Dialect == database.Postgres {
			nodes = append(nodes, newService(t, db))
		}
		ids := make([]record.ID, 20)
		var wg sync.WaitGroup
		for i := range ids {
			wg.Go(func() {
				_, err := nodes[i%len(nodes)].Writer.Do(t.Context(), record.Action{Room: string(record.NewID()), Run: func(tx *record.Tx) (err error) {
					ids[i], err = people.EnsureOrganisation(tx, people.Organisation{Name: "Páramo Vivo"})
					return err
				}})
				if err != nil {
					t.Errorf("EnsureOrganisation: %v", err)
				}
			})
		}
		wg.Wait()
		for _, id := range ids {
			if id != ids[0] || id == "" {
				t.Errorf("organisation is %q and %q", ids[0], id)
			}
		}
	})
}
