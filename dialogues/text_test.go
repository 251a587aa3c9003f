package dialogues_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
	"github.com/vcm-forum/forum/server/testkit"
)

// findings are what each search finds in the same words; both engines must agree.
var findings = []struct {
	name, search string
	want         []int // of sentences
}{
	{"small letters find capitals", "peru", []int{0, 1}},
	{"without accents", "region", []int{0}},
	{"with accents where there are none", "pérü", []int{0, 1}},
	{"capitals with accents", "REGIÓN", []int{0}},
	{"part of a word", "ncert", []int{2}},
	{"all words in any order", "baseline high", []int{3}},
	{"a per cent sign is itself", "50%", []int{3}},
	{"an underscore is itself", "a_b", []int{4}},
	{"a backslash is itself", `c\d`, []int{4}},
	{"a quote is itself", `o'b`, []int{5}},
	{"letters of compatibility", "tel h", []int{6}},
	{"letters of compatibility as typed", "℡", []int{6}},
	{"German sharp s as typed", "straße", []int{7}},
	{"Cyrillic in any case", "ЛЕС", []int{8}},
	{"Vietnamese without marks", "rung", []int{9}},
	{"nothing", "", []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}},
	{"blanks alone", " \t ", []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}},
	{"words that nobody said", "zebra", nil},
	{"one of the words that nobody said", "peru zebra", nil},
}

var sentences = []string{
	"La REGIÓN amazónica del Perú", "In PERU as well", "INCERTIDUMBRE", "The baseline is too high: 50% more", `a_b and c\d`,
	"O'Brien", "℡ ℌ", "Straße", "лес и тайга", "Rừng ngập mặn",
}

func TestSearchFindsTheSameOnBothEngines(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		st := newForum(t, db).stage(dialogues.Public)
		at := map[record.ID]int{}
		for i, body := range sentences {
			id := st.must(st.s.AddContribution(t.Context(), as(st.by[dialogues.Rapporteur]), st.id, say(st.spare, body))).ID
			at[id] = i
		}
		for _, tt := range findings {
			t.Run(tt.name, func(t *testing.T) {
				said, total, err := st.s.Contributions(t.Context(), st.sees(dialogues.Outsider),
					dialogues.SaidFilter{Question: st.spare, Search: tt.search, Order: dialogues.Oldest})
				if err != nil {
					t.Fatal(err)
				}
				var got []int
				for _, c := range said {
					got = append(got, at[c.ID])
				}
				if diff := cmp.Diff(tt.want, got); diff != "" || int(total) != len(got) {
					t.Errorf("search %q, %d in all (-want +got):\n%s", tt.search, total, diff)
				}
			})
		}
	})
}

// Whatever stands in an address may be searched for; nothing of it is an error.
func TestAnythingMayBeSearchedFor(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		st := newForum(t, db).stage(dialogues.Public)
		seat := st.sees(dialogues.Outsider)
		for name, search := range map[string]string{
			"the NUL character": "a\x00b", "bytes that are no text": "\xff\xfe", "a very long word": strings.Repeat("x", 60000),
			"very many words": strings.Repeat("x ", 2000), "patterns": strings.Repeat("%_", 300), "quotes": `"'; --`,
		} {
			ctx, stop := context.WithTimeout(t.Context(), 10*time.Second) // a search is not worth more
			if _, _, err := st.s.Contributions(ctx, seat, dialogues.SaidFilter{Search: search}); err != nil {
				t.Errorf("search contributions for %s: %.200v", name, err)
			}
			if _, _, err := st.s.List(ctx, people.Actor{}, dialogues.ListFilter{Search: search}); err != nil {
				t.Errorf("search dialogues for %s: %.200v", name, err)
			}
			if _, _, err := st.people.List(ctx, people.Filter{Search: search}); err != nil {
				t.Errorf("search people for %s: %.200v", name, err)
			}
			stop()
		}
	})
}

// naughty are strings that broke other programs, and a few that PostgreSQL
// cannot keep.
func naughty(t *testing.T) []string {
	t.Helper()
	raw, err := os.ReadFile(testkit.SharedData(t, "bad-input", "blns.json"))
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	return append(list, "a\x00b", "\xff\xfe", "\xed\xa0\x80", strings.Repeat("\u0301", 50), "\u202e\u2066", "\ufeffx", "\x1b[2J\x07")
}

// clean is what a field should keep of a string: as typed, without blanks
// around, line ends as \n; nothing if it is no text.
func clean(s string) (string, bool) {
	if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return "", false
	}
	s = strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n"))
	return s, s != ""
}

// cleanLine is what a field of one line keeps of a string, and whether it suits one of a length.
func cleanLine(s string, longest int) (string, bool) {
	line, ok := clean(people.Legible(s))
	return line, ok && !strings.Contains(line, "\n") && utf8.RuneCountInString(line) <= longest
}

// Six people type at once, each in a dialogue of their own, so that the writer
// may put what they do into one commit.
func TestNaughtyStringsAreKeptAsTypedOrRefused(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		const typists = 6
		f, list := newForum(t, db), naughty(t)
		var wg sync.WaitGroup
		for i := range typists {
			st := f.stage(dialogues.Public)
			wg.Go(func() {
				for n := i; n < len(list); n += typists {
					checkDialogue(t, st, list[n])
				}
			})
		}
		wg.Wait()
	})
}

func checkDialogue(t *testing.T, st *stage, typed string) {
	t.Helper()
	lead := as(st.by[dialogues.Facilitator])
	want, ok := clean(typed)
	line, short := cleanLine(typed, dialogues.LongestTitle)
	receipt, err := st.s.AddContribution(t.Context(), lead, st.id, say(st.spare, typed))
	if checkKept(t, "a contribution", typed, ok && utf8.RuneCountInString(want) <= dialogues.LongestContribution, err) {
		whole, err := st.s.Contribution(t.Context(), st.sees(dialogues.Outsider), receipt.ID)
		sameText(t, "a contribution", typed, want, whole.Body, err)
	}
	question := dialogues.QuestionForm{Title: typed, Background: typed, Answer: dialogues.AnswerOpen}
	_, err = st.s.ChangeQuestion(t.Context(), lead, st.id, st.question, question)
	if checkKept(t, "a question", typed, short, err) {
		views, err := st.s.Questions(t.Context(), st.id)
		sameText(t, "a question", typed, line+want, views[0].Title+views[0].Background, err)
	}
	checkSession(t, st, typed, line, short)
	form := dialogueForm(typed, dialogues.Public)
	form.Objective, form.Background, form.Organisation, form.GroupName = typed, typed, typed, typed
	_, err = st.s.ChangeDialogue(t.Context(), lead, st.id, form)
	if _, short := cleanLine(typed, people.LongestName); checkKept(t, "a dialogue", typed, ok && short, err) {
		seat := st.sees(dialogues.Facilitator)
		sameText(t, "a dialogue", typed, line+want+want, seat.Dialogue.Title+seat.Dialogue.Objective+seat.Dialogue.Background, nil)
	}
}

func checkSession(t *testing.T, st *stage, typed, want string, short bool) {
	t.Helper()
	lead := as(st.by[dialogues.Facilitator])
	_, err := st.s.ChangeSession(t.Context(), lead, st.id, st.planned, sessionForm(typed))
	session := checkKept(t, "a session", typed, short, err)
	_, err = st.s.ChangeItem(t.Context(), lead, st.id, st.planned, st.plannedFst, dialogues.AgendaItemForm{Title: typed, Minutes: 5})
	item := checkKept(t, "an agenda item", typed, short, err)
	if session && item {
		hall := st.hall(st.planned)
		sameText(t, "a session", typed, want, hall.Title, nil)
		sameText(t, "an agenda item", typed, want, hall.Agenda[0].Title, nil)
	}
	summary, isText := clean(typed)
	_, err = st.s.WriteSummary(t.Context(), lead, st.id, st.over, st.hall(st.over).Version, typed)
	if checkKept(t, "a summary", typed, isText || strings.TrimSpace(typed) == "", err) {
		sameText(t, "a summary", typed, summary, st.hall(st.over).Summary, nil)
	}
}

// checkKept compares an action's answer with whether the string is acceptable,
// and tells whether there is something to read back.
func checkKept(t *testing.T, what, typed string, good bool, err error) bool {
	t.Helper()
	var invalid people.Invalid
	if good && err != nil || !good && !errors.As(err, &invalid) {
		t.Errorf("%s of %q: %v; acceptable: %v", what, typed, err, good)
	}
	return err == nil
}

func sameText(t *testing.T, what, typed, want, got string, err error) {
	t.Helper()
	if err != nil || got != want {
		t.Errorf("%s typed as %q was read back as %q, %v; want %q", what, typed, got, err, want)
	}
}

func TestNaughtyNamesAreKeptAsTypedOrRefused(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newForum(t, db)
		for _, typed := range naughty(t) {
			want, ok := cleanLine(typed, people.LongestName)
			in := people.Profile{Name: typed, Organisation: typed, StakeholderGroup: people.Research}
			id, err := f.people.Create(t.Context(), "", in, nil)
			if checkKept(t, "a name", typed, ok, err) {
				sameText(t, "a name", typed, want, f.actor(id).Person.Name, nil)
			}
			for field, in := range map[string]people.Profile{
				"language": {Name: "x", StakeholderGroup: people.Research, Language: typed},
				"e-mail":   {Name: "x", StakeholderGroup: people.Research, Email: typed},
				"country":  {Name: "x", StakeholderGroup: people.Research, Country: typed},
				"zone":     {Name: "x", StakeholderGroup: people.Research, TimeZone: typed},
			} {
				_, err := f.people.Create(t.Context(), "", in, nil)
				var invalid people.Invalid
				if err != nil && !errors.As(err, &invalid) && !errors.Is(err, people.ErrEmailTaken) {
					t.Errorf("%s %q: %v, want a field to mend", field, typed, err)
				}
				if err == nil && field == "language" && strings.TrimSpace(typed) != "" {
					t.Errorf("the language %q was taken", fmt.Sprintf("%.40s", typed))
				}
			}
		}
	})
}
