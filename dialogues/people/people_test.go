package people_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

func newService(t *testing.T, db *database.DB) *people.Service {
	t.Helper()
	w := record.NewWriter(record.WriterConfig{DB: db.Write, Now: database.Now})
	t.Cleanup(w.Stop)
	return &people.Service{Writer: w, Read: db.Read}
}

func profile(name, email string) people.Profile {
	return people.Profile{Name: name, Email: email, StakeholderGroup: people.Research, Country: "CO", Language: "es", TimeZone: "America/Bogota"}
}

func make1(t *testing.T, s *people.Service, in people.Profile, change func(*people.Person)) people.Actor {
	t.Helper()
	id, err := s.Create(t.Context(), "", in, change)
	if err != nil {
		t.Fatal(err)
	}
	return load(t, s, id)
}

func load(t *testing.T, s *people.Service, id record.ID) people.Actor {
	t.Helper()
	p, err := s.ByID(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return people.Actor{Person: p}
}

func administrator(p *people.Person) { p.Administrator = true }

// lineCount is how many lines the forum's room has.
func lineCount(t *testing.T, db *database.DB) int64 {
	t.Helper()
	head, err := record.HeadOf(t.Context(), db.Read, record.ForumRoom)
	if err != nil {
		t.Fatal(err)
	}
	return head.Seq
}

func TestAnAccountIsKeptAsTyped(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := newService(t, db)
		in := profile("  José Ñandú ", " Jose@Example.ORG ")
		in.Organisation = "Bosque Vivo"
		p := make1(t, s, in, nil).Person
		if p.Name != "José Ñandú" || p.Folded != "jose nandu" || p.Email != "jose@example.org" || p.Kind != people.Account || p.OrganisationID == "" {
			t.Errorf("created %+v", p)
		}
		found, err := s.ByEmail(t.Context(), "JOSE@example.org ")
		if err != nil || found.ID != p.ID {
			t.Errorf("ByEmail = %q, %v", found.ID, err)
		}
		if _, err := s.ByEmail(t.Context(), ""); !errors.Is(err, people.ErrNotFound) {
			t.Errorf("ByEmail of nothing = %v", err)
		}
		if lineCount(t, db) != 1 {
			t.Errorf("%d lines, want person.created", lineCount(t, db))
		}
	})
}

func TestAnAddressBelongsToOneAccount(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := newService(t, db)
		first := make1(t, s, profile("One", "one@example.org"), nil)
		make1(t, s, profile("Without", ""), nil)
		make1(t, s, profile("Without either", ""), nil)
		before := lineCount(t, db)
		if _, err := s.Create(t.Context(), "", profile("Two", "ONE@example.org"), nil); !errors.Is(err, people.ErrEmailTaken) {
			t.Errorf("Create = %v, want ErrEmailTaken", err)
		}
		two := make1(t, s, profile("Two", "two@example.org"), nil)
		if err := s.Update(t.Context(), two, profile("Two", "one@example.org")); !errors.Is(err, people.ErrEmailTaken) {
			t.Errorf("Update = %v, want ErrEmailTaken", err)
		}
		if err := s.Update(t.Context(), first, profile("Uno", "one@example.org")); err != nil {
			t.Errorf("keeping one's own address: %v", err)
		}
		if got := lineCount(t, db) - before; got != 2 {
			t.Errorf("%d lines, want two", got)
		}
	})
}

func TestProfilesAreChecked(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*people.Profile)
		field  string // "" for none
	}{
		{"a whole profile", func(*people.Profile) {}, ""},
		{"no name", func(p *people.Profile) { p.Name = " \t " }, "name"},
		{"a name of two lines", func(p *people.Profile) { p.Name = "a\nb" }, "name"},
		{"a name as long as may be", func(p *people.Profile) { p.Name = strings.Repeat("ñ", people.LongestName) }, ""},
		{"a name longer than may be", func(p *people.Profile) { p.Name = strings.Repeat("ñ", people.LongestName+1) }, "name"},
		{"a name with a NUL", func(p *people.Profile) { p.Name = "a\x00" }, "name"},
		{"a name that is no text", func(p *people.Profile) { p.Name = "a\xff" }, "name"},
		{"an address without a host", func(p *people.Profile) { p.Email = "ana" }, "email"},
		{"an address with a name before it", func(p *people.Profile) { p.Email = "Ana <ana@example.org>" }, "email"},
		{"two addresses", func(p *people.Profile) { p.Email = "a@example.org,b@example.org" }, "email"},
		{"an address with a header behind it", func(p *people.Profile) { p.Email = "a@example.org\r\nBcc: b@example.org" }, "email"},
		{"no group", func(p *people.Profile) { p.StakeholderGroup = "" }, "group"},
		{"a group nobody knows", func(p *people.Profile) { p.StakeholderGroup = "pirates" }, "group"},
		{"no country", func(p *people.Profile) { p.Country = "" }, ""},
		{"a country nobody knows", func(p *people.Profile) { p.Country = "ZZ" }, "country"},
		{"no time zone", func(p *people.Profile) { p.TimeZone = "" }, ""},
		{"a time zone nobody knows", func(p *people.Profile) { p.TimeZone = "Mars/Olympus" }, "time_zone"},
		{"a time zone that is a path", func(p *people.Profile) { p.TimeZone = "../../etc/passwd" }, "time_zone"},
		{"the zone of whatever machine runs the forum", func(p *people.Profile) { p.TimeZone = "Local" }, "time_zone"},
		{"a language that is none", func(p *people.Profile) { p.Language = strings.Repeat("x", 5000) }, "language"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := profile("Ana", "ana@example.org")
			tt.change(&in)
			invalid := in.Check()
			if _, noted := invalid[tt.field]; (tt.field == "") != (len(invalid) == 0) || (tt.field != "" && !noted) {
				t.Errorf("Check = %v, want a problem with %q", invalid, tt.field)
			}
		})
	}
}

func TestTheFirstProblemOfAFieldIsKept(t *testing.T) {
	v := people.Invalid{}
	if v.Err() != nil {
		t.Errorf("nothing wrong is the error %v", v.Err())
	}
	v.Add("name", "error.required")
	v.Add("name", "error.too_long", "max", 1)
	v.Add("email", "error.email")
	want := people.Invalid{"name": {Key: "error.required"}, "email": {Key: "error.email"}}
	if diff := cmp.Diff(want, v); diff != "" || v.Error() != "invalid: email, name" {
		t.Errorf("%q (-want +got):\n%s", v.Error(), diff)
	}
}

func TestSomebodyCanAlwaysRunTheServer(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := newService(t, db)
		one := make1(t, s, profile("One", ""), administrator)
		before := lineCount(t, db)
		for name, do := range map[string]func() error{
			"suspend": func() error { return s.Suspend(t.Context(), one, one.ID()) },
			"demote":  func() error { return s.SetRights(t.Context(), one, one.ID(), true, false) },
			"erase":   func() error { return s.Erase(t.Context(), one) },
		} {
			if err := do(); !errors.Is(err, people.ErrLastAdmin) {
				t.Errorf("%s the last administrator: %v", name, err)
			}
		}
		if lineCount(t, db) != before {
			t.Error("a refusal left a line")
		}
		two := make1(t, s, profile("Two", ""), administrator)
		var wg sync.WaitGroup
		for _, pair := range [][2]people.Actor{{one, two}, {two, one}} {
			wg.Go(func() { _ = s.Suspend(t.Context(), pair[0], pair[1].ID()) })
		}
		wg.Wait()
		if a, b := load(t, s, one.ID()).Person.CanAdminister(), load(t, s, two.ID()).Person.CanAdminister(); !a && !b {
			t.Error("two administrators suspended each other and nobody is left")
		}
	})
}

func TestAGuestIsNoAdministrator(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := newService(t, db)
		admin := make1(t, s, profile("Admin", ""), administrator)
		guest := make1(t, s, profile("Guest", ""), func(p *people.Person) { p.Kind = people.Guest })
		_ = s.SetRights(t.Context(), admin, guest.ID(), false, true) // refused, or without effect
		if err := s.Suspend(t.Context(), admin, admin.ID()); !errors.Is(err, people.ErrLastAdmin) {
			t.Errorf("the only administrator beside a guest was suspended: %v", err)
		}
	})
}

func TestOnlyAdministratorsAdminister(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := newService(t, db)
		admin := make1(t, s, profile("Admin", ""), administrator)
		other := make1(t, s, profile("Other", ""), administrator)
		plain := make1(t, s, profile("Plain", ""), nil)
		if err := s.Suspend(t.Context(), admin, other.ID()); err != nil {
			t.Fatal(err)
		}
		before := lineCount(t, db)
		for name, actor := range map[string]people.Actor{"nobody": {}, "a plain account": plain, "an administrator suspended a moment ago": other} {
			for _, err := range []error{
				s.Suspend(t.Context(), actor, plain.ID()), s.Restore(t.Context(), actor, plain.ID()),
				s.SetRights(t.Context(), actor, plain.ID(), true, true),
			} {
				if !errors.Is(err, people.ErrNotAllowed) {
					t.Errorf("%s: %v, want ErrNotAllowed", name, err)
				}
			}
		}
		if got := lineCount(t, db) - before; got != 0 {
			t.Errorf("%d lines of what was not allowed", got)
		}
		if err := s.Suspend(t.Context(), admin, record.NewID()); !errors.Is(err, people.ErrNotFound) {
			t.Errorf("suspend nobody: %v", err)
		}
		if err := s.Restore(t.Context(), admin, other.ID()); err != nil || !load(t, s, other.ID()).IsKnown() {
			t.Errorf("restore: %v", err)
		}
	})
}

func TestAnErasedPersonIsAnEmptyRow(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := newService(t, db)
		in := profile("Ana", "ana@example.org")
		in.Organisation = "Bosque Vivo"
		ana := make1(t, s, in, func(p *people.Person) { p.Passphrase, p.TOTPSecret = "secret", "secret" })
		if err := s.Erase(t.Context(), ana); err != nil {
			t.Fatal(err)
		}
		got := load(t, s, ana.ID()).Person
		want := people.Person{
			ID: ana.ID(), Kind: people.Account, StakeholderGroup: people.Research, Language: "es",
			CreatedAt: ana.Person.CreatedAt, ErasedAt: got.ErasedAt,
		}
		if diff := cmp.Diff(want, got); diff != "" || got.ErasedAt == nil || got.Active() {
			t.Errorf("erased (-want +got):\n%s", diff)
		}
		make1(t, s, in, nil) // the address is free again
		names, err := people.Names(t.Context(), db.Read, []record.ID{ana.ID(), "nobody"})
		if diff := cmp.Diff(map[record.ID]string{ana.ID(): ""}, names); err != nil || diff != "" {
			t.Errorf("Names, %v (-want +got):\n%s", err, diff)
		}
	})
}

func TestWhoIsSuspendedOrGoneChangesNothing(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := newService(t, db)
		admin := make1(t, s, profile("Admin", ""), administrator)
		suspended, erased := make1(t, s, profile("Suspended", ""), nil), make1(t, s, profile("Erased", ""), nil)
		if err := errors.Join(s.Suspend(t.Context(), admin, suspended.ID()), s.Erase(t.Context(), erased)); err != nil {
			t.Fatal(err)
		}
		for name, actor := range map[string]people.Actor{"suspended": suspended, "erased": erased} {
			before := load(t, s, actor.ID())
			err := s.Update(t.Context(), actor, profile("Back again", "back"+name+"@example.org"))
			if diff := cmp.Diff(before, load(t, s, actor.ID())); err == nil || diff != "" {
				t.Errorf("somebody %s changed their profile, %v:\n%s", name, err, diff)
			}
		}
	})
}

func TestOrganisationsAreFoundAgain(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := newService(t, db)
		organisation := func(name string) record.ID {
			in := profile("Somebody", "")
			in.Organisation = name
			return make1(t, s, in, nil).Person.OrganisationID
		}
		for _, tt := range []struct {
			name, a, b string
			same       bool
		}{
			{"capitals and blanks do not matter", "Bosque Vivo", " bosque  VIVO ", true},
			{"accents do not matter", "Fundación Selva", "fundacion selva", true},
			{"other letters matter", "Selva A", "Selva B", false},
			{"Thai vowels matter", "ดี", "ดู", false},
			{"Hindi vowels matter", "कि", "कु", false},
		} {
			t.Run(tt.name, func(t *testing.T) {
				if a, b := organisation(tt.a), organisation(tt.b); (a == b) != tt.same {
					t.Errorf("%q and %q are one organisation: %v", tt.a, tt.b, a == b)
				}
			})
		}
	})
}

func TestListOfPeople(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := newService(t, db)
		admin := make1(t, s, profile("Zoë", "admin@example.org"), administrator)
		for _, name := range []string{"Álvaro", "bea", "Ana_1"} {
			make1(t, s, profile(name, ""), nil)
		}
		gone := make1(t, s, profile("Gone", ""), nil)
		sleeping := make1(t, s, profile("Sleeping", "sleeping@example.org"), nil)
		if err := errors.Join(s.Erase(t.Context(), gone), s.Suspend(t.Context(), admin, sleeping.ID())); err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			name string
			in   people.Filter
			want []string
		}{
			{"all, by name, without who is gone", people.Filter{}, []string{"Álvaro", "Ana_1", "bea", "Sleeping", "Zoë"}},
			{"by name without accents", people.Filter{Search: "ALVARO"}, []string{"Álvaro"}},
			{"an underscore is itself", people.Filter{Search: "a_"}, []string{"Ana_1"}},
			{"by address", people.Filter{Search: "admin@"}, []string{"Zoë"}},
			{"suspended", people.Filter{Suspended: true}, []string{"Sleeping"}},
			{"another group", people.Filter{Group: people.IPLC}, nil},
			{"guests", people.Filter{Kind: people.Guest}, nil},
		} {
			t.Run(tt.name, func(t *testing.T) {
				found, total, err := s.List(t.Context(), tt.in)
				var names []string
				for _, p := range found {
					names = append(names, p.Name)
				}
				if diff := cmp.Diff(tt.want, names); err != nil || diff != "" || int(total) != len(names) {
					t.Errorf("%d in all, %v (-want +got):\n%s", total, err, diff)
				}
			})
		}
	})
}
