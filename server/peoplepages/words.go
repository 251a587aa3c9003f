package peoplepages

import (
	"slices"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

type wordsPage struct {
	page.Base
	page.Pager
	Only  string // "group": what was said for the group only
	Said  []ownLine
	Total int
}

// ownLine is one contribution in the list of one's own.
type ownLine struct {
	ID          record.ID
	Dialogue    string // title; "" for one the reader may not know of any more
	When        string
	Text        string // "" once withdrawn or erased
	State       dialogues.ContributionState
	Attribution dialogues.Attribution
	MayOpen     bool
	MayWithdraw bool
}

var wordsTemplate = page.Must[wordsPage]("people/words.html") //i18n:account.words_withdrawn account.words_moderated account.words_erased

// wordsPerPage is how many contributions a page shows.
const wordsPerPage = 50

// Words lists what the reader has said, the newest first, each to be looked at
// and withdrawn where that is still possible.
func (p *Pages) Words(r *page.Request) error {
	said, err := p.Dialogues.OwnWords(r.Ctx(), r.Actor.ID())
	if err != nil {
		return err
	}
	seats, err := p.ownSeats(r)
	if err != nil {
		return err
	}
	only := page.OneOf(r.QueryParam("only"), []string{"group"})
	if only != "" {
		said = slices.DeleteFunc(said, func(c dialogues.OwnSaid) bool { return c.Attribution != dialogues.GroupOnly || !c.OthersRead() })
	}
	slices.Reverse(said)
	title := r.P.T("account.words")
	at := min(page.Number(r.QueryParam("page")), max(1, (len(said)+wordsPerPage-1)/wordsPerPage))
	data := wordsPage{Base: r.Base(title, accountCrumbs(r, title)...), Pager: page.NewPager(r, at, len(said), wordsPerPage), Only: only, Total: len(said)}
	from := min(len(said), (at-1)*wordsPerPage)
	for _, c := range said[from:min(len(said), from+wordsPerPage)] {
		data.Said = append(data.Said, ownLineOf(r, c, seats[c.DialogueID]))
	}
	return wordsTemplate.OK(r, data)
}

func ownLineOf(r *page.Request, c dialogues.OwnSaid, seat dialogues.Seat) ownLine {
	line := ownLine{
		ID: c.ID, When: r.P.DateTime(c.CreatedAt, zone(r)), State: c.State, Attribution: c.Attribution,
		MayOpen: seat.Can(dialogues.See), MayWithdraw: seat.CanWithdraw(c.Contribution),
	}
	if c.OthersRead() {
		line.Text = c.Body()
	}
	if seat.Can(dialogues.Know) {
		line.Dialogue = seat.Dialogue.Title
	}
	return line
}

// ownSeats are the reader's seats in every dialogue of theirs.
func (p *Pages) ownSeats(r *page.Request) (map[record.ID]dialogues.Seat, error) {
	seats, err := p.Dialogues.SeatsOf(r.Ctx(), r.Actor)
	if err != nil {
		return nil, err
	}
	by := make(map[record.ID]dialogues.Seat, len(seats))
	for _, seat := range seats {
		by[seat.Dialogue.ID] = seat
	}
	return by, nil
}
