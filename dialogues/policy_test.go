package dialogues_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// The policy once more, written by hand from its sentences and not from its
// code. Columns are roles: F facilitator, C co-facilitator, R rapporteur,
// I interpreter, P participant, O observer, A account without a seat,
// N nobody in particular. "." allowed, "x" refused, "-" hidden, "t" wrong time.
const matrix = `
                               FCRIPOAN

draft is being prepared and seen by those who prepare it, whatever its visibility
draft     public  see          ....----
draft     public  know         ....----
draft     public  join         xxxx----
draft     public  attend       tttt----
draft     public  contribute   tttt----
draft     public  revise       tttt----
draft     public  prepare      ..xx----
draft     public  staff        .xxx----
draft     public  changestate  .xxx----
draft     public  chair        ttxx----
draft     public  moderate     ttxx----
draft     public  minute       tttx----
draft     public  export       ....----

open public: everyone reads, whoever is known may take a seat, those with a voice speak
open      public  see          ........
open      public  know         ........
open      public  join         xxxxxx.x
open      public  attend       ......xx
open      public  contribute   .....xxx
open      public  revise       .....xxx
open      public  prepare      ..xxxxxx
open      public  staff        .xxxxxxx
open      public  changestate  .xxxxxxx
open      public  chair        ..xxxxxx
open      public  moderate     ..xxxxxx
open      public  minute       ...xxxxx
open      public  export       ........

closed public: nothing is added, words may be taken back, minutes are finished
closed    public  see          ........
closed    public  know         ........
closed    public  join         xxxxxxtx
closed    public  attend       ttttttxx
closed    public  contribute   tttttxxx
closed    public  revise       .....xxx
closed    public  prepare      ttxxxxxx
closed    public  staff        .xxxxxxx
closed    public  changestate  .xxxxxxx
closed    public  chair        ttxxxxxx
closed    public  moderate     ..xxxxxx
closed    public  minute       ...xxxxx
closed    public  export       ........

archived public: kept for reading; who reads it is still settled, and it may be taken out again
archived  public  see          ........
archived  public  know         ........
archived  public  join         xxxxxxtx
archived  public  attend       ttttttxx
archived  public  contribute   tttttxxx
archived  public  revise       tttttxxx
archived  public  prepare      ttxxxxxx
archived  public  staff        .xxxxxxx
archived  public  changestate  .xxxxxxx
archived  public  chair        ttxxxxxx
archived  public  moderate     ttxxxxxx
archived  public  minute       tttxxxxx
archived  public  export       ........
`

// byVisibility says how the other visibilities differ from "public" in states
// other than draft: who has no seat reads nothing of a listed dialogue and
// cannot sit down by themselves, and does not learn of one by invitation.
func byVisibility(v dialogues.Visibility, state dialogues.State, act dialogues.Act, seated bool, public string) string {
	switch {
	case v == dialogues.Public || state == dialogues.Draft || seated:
		return public
	case v == dialogues.Invitation:
		return "-"
	case act == dialogues.Know:
		return "."
	default:
		return "x"
	}
}

var answers = map[string]error{".": nil, "x": dialogues.ErrRefused, "-": dialogues.ErrHidden, "t": dialogues.ErrWrongTime}

func TestPolicyMatrix(t *testing.T) {
	columns := append(append([]dialogues.Role{}, dialogues.Roles()...), dialogues.Outsider, dialogues.Outsider)
	known := people.Actor{Person: people.Person{ID: "somebody", Kind: people.Account}}
	cells := 0
	for _, row := range matrixRows(t) {
		for _, v := range dialogues.Visibilities() {
			for i, role := range columns {
				actor := known
				if i == len(columns)-1 {
					actor = people.Actor{}
				}
				seat := dialogues.Seat{Actor: actor, Role: role, Dialogue: dialogues.Dialogue{ID: "d", State: row.state, Visibility: v}}
				want := byVisibility(v, row.state, row.act, role != dialogues.Outsider, row.cells[i])
				got := seat.Check(row.act)
				if !errors.Is(got, answers[want]) || seat.Can(row.act) != (want == ".") {
					t.Errorf("%s %s, column %d (%q), %s: Check = %v, want %q", row.state, v, i, role, row.act, got, want)
				}
				cells++
			}
		}
	}
	want := len(dialogues.States()) * len(dialogues.Visibilities()) * len(dialogues.Acts()) * len(columns)
	if cells != want {
		t.Errorf("the table has %d cells, want %d", cells, want)
	}
}

type matrixRow struct {
	state dialogues.State
	act   dialogues.Act
	cells []string
}

func matrixRows(t *testing.T) []matrixRow {
	t.Helper()
	var rows []matrixRow
	for line := range strings.Lines(matrix) {
		fields := strings.Fields(line)
		if len(fields) != 4 || fields[1] != "public" {
			continue
		}
		rows = append(rows, matrixRow{dialogues.State(fields[0]), dialogues.Act(fields[2]), strings.Split(fields[3], "")})
	}
	return rows
}

func TestNothingIsKnownOfADialogueThatIsNotThere(t *testing.T) {
	for _, act := range dialogues.Acts() {
		if err := (dialogues.Seat{Role: dialogues.Facilitator}).Check(act); !errors.Is(err, dialogues.ErrHidden) {
			t.Errorf("Check(%s) = %v, want ErrHidden", act, err)
		}
	}
	open := dialogues.Seat{Role: dialogues.Facilitator, Dialogue: dialogues.Dialogue{ID: "d", State: dialogues.Open, Visibility: dialogues.Public}}
	if open.Can("no such act") {
		t.Error("an act that nobody declared is allowed")
	}
}

func TestStepsBetweenStates(t *testing.T) {
	got := map[dialogues.State][]dialogues.State{}
	for _, s := range dialogues.States() {
		got[s] = s.Next()
	}
	want := map[dialogues.State][]dialogues.State{
		dialogues.Draft:    {dialogues.Open},
		dialogues.Open:     {dialogues.Closed},
		dialogues.Closed:   {dialogues.Open, dialogues.Archived},
		dialogues.Archived: {dialogues.Closed},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

// Who reads the words of a contribution: F facilitator, P participant who is
// not its author, W its author, O observer, A somebody without a seat.
func TestWhoReadsTheWords(t *testing.T) {
	for _, tt := range []struct {
		name       string
		state      dialogues.ContributionState
		visibility dialogues.Visibility
		want       string
	}{
		{"visible words of a public dialogue are read by all", dialogues.Visible, dialogues.Public, "FPWOA"},
		{"visible words of a listed dialogue are read by members", dialogues.Visible, dialogues.Listed, "FPWO"},
		{"moderated words are read by those who moderate and their author", dialogues.Moderated, dialogues.Public, "FW"},
		{"withdrawn words are read by nobody", dialogues.Withdrawn, dialogues.Public, ""},
		{"erased words are read by nobody", dialogues.Erased, dialogues.Public, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			for _, reader := range []struct {
				letter string
				id     record.ID
				role   dialogues.Role
			}{
				{"F", "f", dialogues.Facilitator},
				{"P", "p", dialogues.Participant},
				{"W", "w", dialogues.Participant},
				{"O", "o", dialogues.Observer},
				{"A", "a", dialogues.Outsider},
			} {
				seat := dialogues.Seat{
					Actor: people.Actor{Person: people.Person{ID: reader.id, Kind: people.Account}}, Role: reader.role,
					Dialogue: dialogues.Dialogue{ID: "d", State: dialogues.Open, Visibility: tt.visibility},
				}
				if seat.CanReadText(dialogues.Contribution{ID: "c", AuthorID: "w", State: tt.state}) {
					got += reader.letter
				}
			}
			if got != tt.want {
				t.Errorf("read by %q, want %q", got, tt.want)
			}
		})
	}
}

// An author whose account is not known any more, and words without an author,
// must not meet in the empty id.
func TestNobodyOwnsWordsWithoutAnAuthor(t *testing.T) {
	seat := dialogues.Seat{Role: dialogues.Participant, Dialogue: dialogues.Dialogue{ID: "d", State: dialogues.Open, Visibility: dialogues.Public}}
	for _, state := range []dialogues.ContributionState{dialogues.Visible, dialogues.Moderated} {
		c := dialogues.Contribution{ID: "c", State: state}
		if seat.CanRevise(c) {
			t.Errorf("nobody may revise %s words of nobody", state)
		}
		if state == dialogues.Moderated && seat.CanReadText(c) {
			t.Error("nobody reads moderated words of nobody")
		}
	}
}

func TestNamesAreShownByTheirOwnersChoice(t *testing.T) {
	for _, tt := range []struct {
		name string
		in   dialogues.Contribution
		want bool
	}{
		{"named", dialogues.Contribution{AuthorID: "a", Attribution: dialogues.Named}, true},
		{"group only", dialogues.Contribution{AuthorID: "a", Attribution: dialogues.GroupOnly}, false},
		{"named without an author", dialogues.Contribution{Attribution: dialogues.Named}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.in.ShowsAuthor(); got != tt.want {
				t.Errorf("ShowsAuthor() = %v", got)
			}
		})
	}
}
