package main_test

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	forum "github.com/vcm-forum/forum/cmd/forum"
	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
	"github.com/vcm-forum/forum/server/testkit"
)

// command runs the program and returns its exit code and what it printed.
func command(t *testing.T, args ...string) (int, string, string) {
	t.Helper()
	var out, err bytes.Buffer
	code := forum.Run(t.Context(), args, &out, &err)
	return code, out.String(), err.String()
}

// at are the flags that point the program to a database.
func at(db *database.DB) []string {
	if db.Dialect == database.Postgres {
		return []string{"--database", db.URL}
	}
	return []string{"--data", filepath.Dir(db.File)}
}

// dialogueLine is what an import prints on standard output, and nothing else.
var dialogueLine = regexp.MustCompile(`\Adialogue ([0-9a-f]{8}-[0-9a-f-]{27})\n\z`)

// said is a contribution with its author, as it lies in the database.
type said struct {
	Author, Body string
	At           time.Time
	State        dialogues.ContributionState
}

func saidIn(t *testing.T, db *database.DB, dialogue string) []said {
	t.Helper()
	var all []said
	err := db.Read.WithContext(t.Context()).Raw(`SELECT p.name AS author, t.body, c.created_at AS at, c.state
		FROM contributions c JOIN people p ON p.id = c.author_id JOIN contribution_texts t ON t.contribution_id = c.id
		WHERE c.dialogue_id = ?`, dialogue).Scan(&all).Error
	if err != nil {
		t.Fatal(err)
	}
	return sorted(all)
}

func sorted(all []said) []said {
	slices.SortFunc(all, func(a, b said) int { return strings.Compare(a.Author+a.Body, b.Author+b.Body) })
	return all
}

// expected reads an export without the program's parser.
func expected(t *testing.T, dir string) []said {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "comments.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var all []said
	for _, row := range rows[1:] {
		cell := func(name string) string { return row[slices.Index(rows[0], name)] }
		millis, err := strconv.ParseInt(cell("timestamp"), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		state := dialogues.Visible
		if cell("moderated") == "-1" {
			state = dialogues.Moderated
		}
		all = append(all, said{"Polis " + cell("author-id"), cell("comment-body"), time.UnixMilli(millis).UTC(), state})
	}
	return sorted(all)
}

func TestRealExportsBecomeDialogues(t *testing.T) {
	for _, tt := range []struct {
		name, title                          string
		comments, authors, out, severalLines int
	}{
		{"brexit-consensus", "Can there be consensus on Brexit?", 50, 11, 0, 0},
		{"scoop-hivemind.taxes", "Tax HiveMind Window", 148, 56, 57, 1},
		{"vtaiwan.uberx", "UberX 自用車載客 — vTaiwan.tw", 197, 105, 78, 7},
		{"london.youth.policing", "What is the best way to engage more young people in local scrutiny of policing?", 39, 16, 3, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := testkit.SharedData(t, "polis", tt.name)
			databasetest.Each(t, func(t *testing.T, db *database.DB) {
				code, out, stderr := command(t, append([]string{"import", "polis", dir}, at(db)...)...)
				m := dialogueLine.FindStringSubmatch(out)
				if code != 0 || m == nil {
					t.Fatalf("exit %d, printed %q, said %q", code, out, stderr)
				}
				got := saidIn(t, db, m[1])
				if diff := cmp.Diff(expected(t, dir), got); diff != "" {
					t.Errorf("contributions (-export, +dialogue)\n%s", diff)
				}
				authors, moderated, lines := map[string]bool{}, 0, 0
				for _, c := range got {
					authors[c.Author] = true
					moderated += map[bool]int{true: 1}[c.State == dialogues.Moderated]
					lines += map[bool]int{true: 1}[strings.Contains(c.Body, "\n")]
				}
				if len(got) != tt.comments || len(authors) != tt.authors || moderated != tt.out || lines != tt.severalLines {
					t.Errorf("%d contributions, %d authors, %d moderated, %d of several lines; want %+v", len(got), len(authors), moderated, lines, tt)
				}
				checkDialogue(t, db, record.ID(m[1]), tt.title)
			})
		})
	}
}

func checkDialogue(t *testing.T, db *database.DB, id record.ID, title string) {
	t.Helper()
	s := &dialogues.Service{Read: db.Read, Now: database.Now}
	seat, err := s.SeatOf(t.Context(), people.Actor{}, id)
	if err != nil || seat.Dialogue.Title != title || seat.Dialogue.State != dialogues.Open {
		t.Errorf("dialogue %q, %s, %v; want an open one %q", seat.Dialogue.Title, seat.Dialogue.State, err, title)
	}
}

func administrator(t *testing.T, db *database.DB, name, email string) record.ID {
	t.Helper()
	w := record.NewWriter(record.WriterConfig{DB: db.Write, Now: database.Now})
	t.Cleanup(w.Stop)
	profile := people.Profile{Name: name, Email: email, StakeholderGroup: people.Research}
	id, err := (&people.Service{Writer: w, Read: db.Read}).Create(t.Context(), "", profile, func(p *people.Person) { p.Administrator = email == "" })
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestWhoFacilitatesAnImport(t *testing.T) {
	dir := export(t, goodComments, goodSummary)
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		lead := func(flags ...string) string {
			t.Helper()
			code, out, stderr := command(t, slices.Concat([]string{"import", "polis", dir}, at(db), flags)...)
			m := dialogueLine.FindStringSubmatch(out)
			if code != 0 || m == nil {
				t.Fatalf("exit %d, printed %q, said %q", code, out, stderr)
			}
			var ids []string
			err := db.Read.WithContext(t.Context()).Raw("SELECT person_id FROM memberships WHERE dialogue_id = ? AND role = 'facilitator'", m[1]).Scan(&ids).Error
			if err != nil {
				t.Fatal(err)
			}
			return strings.Join(ids, " ")
		}
		if got := lead(); got != "" {
			t.Errorf("without an administrator %q facilitates, want nobody", got)
		}
		oldest := administrator(t, db, "First", "")
		administrator(t, db, "Second", "")
		named := administrator(t, db, "Named", "named@example.org")
		if got := lead(); got != string(oldest) {
			t.Errorf("%q facilitates, want the oldest administrator %q", got, oldest)
		}
		if got := lead("--facilitator", "Named@Example.org"); got != string(named) {
			t.Errorf("%q facilitates, want the named %q", got, named)
		}
		before := rowsOf(t, db, "dialogues")
		code, out, _ := command(t, slices.Concat([]string{"import", "polis", dir, "--facilitator", "nobody@example.org"}, at(db))...)
		if code != 1 || out != "" || rowsOf(t, db, "dialogues") != before {
			t.Errorf("exit %d, printed %q for an account that is not there", code, out)
		}
	})
}

func rowsOf(t *testing.T, db *database.DB, table string) (n int64) {
	t.Helper()
	if err := db.Read.WithContext(t.Context()).Raw("SELECT count(*) FROM " + table).Scan(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}
