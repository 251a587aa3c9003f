package main_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
	"github.com/vcm-forum/forum/server/i18n"
	"github.com/vcm-forum/forum/server/testkit"
)

// TestConsultJourney walks through a consultation as a community lives it, on
// small phones, in Spanish, with the program as it ships: it hears by a recording
// what is planned, takes its month, has its answer read back and confirmed, carries
// the receipt home on paper, and takes its yes back by radio. Its own phones run no
// script. Every page of the way is examined.
//
// A month does not pass while a test runs. The first part of the way is therefore
// walked in a program whose clock stands a month behind, the second, on the same
// data, in the one that ships.
func TestConsultJourney(t *testing.T) {
	t.Parallel() // most of a walk is waiting
	browser, axe := startBrowser(t), string(bytesOf(t, testkit.Axe(t)))
	forum, earlier, verify := buildForum(t), buildEarlier(t), buildProgram(t, "verify", t.TempDir())
	catalogs, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	walk := func(t *testing.T, databaseURL, scheme string) {
		server := newForum(t, earlier)
		server.addr = freeAddress(t)
		if databaseURL != "" {
			server.store = append(server.store, "--database", databaseURL)
		}
		v := &village{
			journey: &journey{t: t, browser: browser, axe: axe, server: server}, forum: forum, verify: verify,
			data: server.store[1], database: databaseURL, scheme: scheme, words: catalogs.Printer("es"), weights: map[string]int{},
		}
		v.walk() //nolint:contextcheck // each person holds the context of a tab
	}
	t.Run(database.SQLite, func(t *testing.T) { walk(t, "", "light") })
	t.Run(database.Postgres, func(t *testing.T) { walk(t, databasetest.PostgresURL(t), "dark") })
}

// village is the community of one walk.
type village struct {
	*journey
	forum, verify  string // paths of programs
	data, database string
	scheme         string // in which its pages are looked at
	words          *i18n.Printer
	weights        map[string]int // of styles, scripts and pictures, by address

	hilda  *person // speaks for the assembly
	hana   *person // speaks for the women
	fara   *person // helps, and writes down
	pablo  *person // proposes
	nobody *person // holds a copy and has no account

	community, consultation record.ID
	draft                   string // its address
	copied                  string // the link of the copy
	told                    string // what the proponent read before the yes was taken back
	receipt                 string
}

// What is said on the way. The elder has no account, and nothing that tells of her
// or of the two who heard her is for anybody outside.
const (
	elder      = "Tarsila Humedal"
	firstHeard = "Rosendo Vega Alta"
	alsoHeard  = "Inés Quebrada"
	ourAnswer  = "Plántenlo en los potreros viejos, y nada más que allí."
	condition  = "Junto al ojo de agua no se planta."
	otherVoice = "Cuatro familias no están de acuerdo."
	overRadio  = "Llegaron máquinas que nadie nos nombró. Ya no."
)

func (v *village) home() string { return "/communities/" + string(v.community) }
func (v *village) talk(rest string) string {
	return v.home() + "/consultations/" + string(v.consultation) + rest
}

// says is a text of the pages, as the catalog has it.
func (v *village) says(key string, args ...any) string { return v.words.T(key, args...) }

// inData is a folder of the program's data.
func (v *village) inData(name string) string { return filepath.Join(v.data, name) }

func (v *village) walk() {
	began := time.Now()
	v.settle()
	v.server.start()
	v.hilda, v.hana = v.newPerson("Hilda", phoneWidth, phoneHeight, false), v.newPerson("Hana", phoneWidth, phoneHeight, false)
	v.pablo, v.fara = v.newPerson("Pablo", phoneWidth, phoneHeight, false), v.newPerson("Fara", phoneWidth, phoneHeight, true)
	v.nobody = v.newPerson("the one with a copy", phoneWidth, phoneHeight, false)
	for _, step := range []struct {
		name string
		walk func()
	}{
		{"the proponent hands in a recording", v.tell},
		{"she opens her community’s home and hears it", v.hear},
		{"she says that they have received it", v.receive},
		{"a month passes", v.aMonthLater},
		{"the community has met among itself", v.meet},
		{"the answer is written down", v.writeDown},
		{"it is read back, and two confirm it", v.confirm},
		{"she opens the receipt and prints it", v.print},
		{"the code on the paper is read", v.readCode},
		{"anybody can check it without the forum", v.check},
		{"a copy leaves", v.takeCopy},
		{"an elder takes the yes back by radio", v.takeBack},
		{"every page says so", v.afterwards},
		{"nobody outside is told more than they may know", v.outside},
		{"the server stops in order", v.server.stop},
	} {
		from := time.Now()
		step.walk()
		v.t.Logf("%5.1fs %s", time.Since(from).Seconds(), step.name)
	}
	v.t.Logf("%5.1fs in all, %d pages", time.Since(began).Seconds(), v.pages)
}

// aMonthLater puts the program as it ships in the place of the one whose clock
// stands behind. Whoever was away for so long shows once more who they are, as these
// pages ask.
func (v *village) aMonthLater() {
	v.server.stop()
	v.server.program = v.forum
	v.server.start()
	for _, p := range []*person{v.hilda, v.fara, v.pablo} {
		p.refused(func() { p.open(v.home()) })
		if p == v.hilda {
			v.examine(p, "asked who she is")
		}
		v.again(p)
		p.at(v.home())
	}
	v.signIn(v.hana)
}
